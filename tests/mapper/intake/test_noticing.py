"""Flags and notices without an account: what they hide, what they never change, who is told."""

import datetime
import random
import uuid

import pytest
import time_machine
from django.test import Client

from mapper.intake import receipts
from mapper.moderation.models import Decision, Notice
from mapper.moderation.notices import MOST_HIDINGS, decide_notice
from mapper.photos import storage
from mapper.photos.models import Photo
from mapper.sightings.models import Device
from tests.factories import CityFactory, jpeg, make_device
from tests.people import browser_of
from tests.published import accept_sighting, publish_photo

pytestmark = pytest.mark.django_db
SECRET = "I live on the third floor"


def published():
    device = make_device()
    photo = publish_photo(accept_sighting(device.claims.get()), f"{uuid.uuid4().hex}.jpg")
    photo.public_name = storage.write(storage.media(), jpeg(), suffix=storage.PICTURE)
    photo.public_thumbnail_name = storage.write(storage.media(), jpeg(), suffix=storage.PICTURE)
    photo.save()
    return photo


def flag(client, photo, **said):
    return client.post("/notice/", {"photo": photo.id, "reason": "person"} | said)


@pytest.fixture
def photo():
    CityFactory()
    return published()


def test_a_flag_hides_a_photo_at_once_everywhere_and_the_point_stays(client, photo):
    device = photo.sighting.claim.device
    name = photo.public_name
    addresses = (
        f"/devices/{device.id}/",
        f"/devices/{device.id}.json",
        "/api/v1/sightings/",
        f"/api/v1/sightings/{photo.sighting_id}/",
    )
    assert all(name in client.get(address).text for address in addresses)
    counts = client.get("/data/devices.csv")
    before = b"".join(counts)
    assert flag(client, photo).status_code == 201
    assert not [address for address in addresses if name in client.get(address).text]
    assert client.get(f"/photos/{name}").status_code == 404
    assert client.get(f"/photos/thumbnails/{photo.public_thumbnail_name}").status_code == 404
    assert Device.objects.public().filter(id=device.id).exists()
    assert b"".join(client.get("/data/devices.csv")) == before


def test_a_photo_that_a_moderator_kept_is_not_hidden_again(client, photo, alice):
    flag(client, photo)
    decide_notice(notice=Notice.objects.get(), actor=alice, outcome="kept")
    assert Photo.objects.public().filter(id=photo.id).exists()
    flag(client, photo)
    assert Photo.objects.public().filter(id=photo.id).exists()
    assert Notice.objects.waiting().count() == 1


@pytest.mark.parametrize("reason", ["wrong_place", "gone", "not_a_device", "private_home"])
def test_other_reasons_hide_nothing(client, photo, reason):
    flag(client, photo, reason=reason)
    assert Photo.objects.public().count() == 1
    assert Notice.objects.get().has_hidden is False


def test_500_flags_from_500_places_hide_ten_photos_of_a_city_an_hour(photo):
    seeded = random.Random(1)
    photos = [photo, *(published() for _ in range(19))]
    figures = list(Device.objects.counted().order_by("id").values_list("id", "verification"))
    with time_machine.travel("2026-11-24T10:55:00Z", tick=False) as clock:
        for number in range(500):
            visitor = Client(REMOTE_ADDR=f"2001:db8:{number:x}::1")
            answer = flag(visitor, seeded.choice(photos[:15]))
            assert answer.status_code in (201, 404)  # 404: hidden already
            if number == 250:
                # The hour on the clock begins anew, the sixty minutes don't.
                clock.shift(datetime.timedelta(minutes=10))
        assert Photo.objects.filter(flag="hidden").count() == MOST_HIDINGS == 10
        clock.shift(datetime.timedelta(minutes=61))
        flag(Client(REMOTE_ADDR="2001:db8:ffff::1"), photos[19])
    assert Photo.objects.filter(flag="hidden").count() == 11
    still = list(Device.objects.counted().order_by("id").values_list("id", "verification"))
    assert still == figures


def test_whoever_sends_too_many_only_queues(client, photo, settings):
    settings.SHARED_NOTICES_PER_HOUR = 1
    client.post("/notice/", {"reason": "other", "words": "x"})
    assert flag(client, photo).status_code == 201
    assert Photo.objects.public().count() == 1


def test_the_receipt_tells_what_became_of_it_and_nothing_of_the_words_stays(client, photo, alice):
    answer = flag(client, photo, words=SECRET)
    assert not answer.cookies
    code = answer.context["code"]
    waiting = client.post("/en/receipts/", {"code": code})
    assert SECRET in waiting.text
    assert "waiting for a moderator" in waiting.text.lower()
    flag_again = client.post(
        "/notice/", {"device": photo.sighting.claim.device_id, "reason": "gone"}
    )
    assert flag_again.status_code == 201
    browser = browser_of(alice)
    desk = browser.get("/en/moderation/notices/")
    assert SECRET in desk.text
    notice = Notice.objects.get(reason="person")
    seen = browser.get(f"/moderation/notices/{notice.id}/photo/")
    assert seen["Cache-Control"] == "no-store"
    browser.post(f"/moderation/notices/{notice.id}/", {"outcome": "hidden"})
    gone = client.post("/en/receipts/", {"code": code})
    assert "taken off" in gone.text
    assert SECRET not in gone.text
    notice.refresh_from_db()
    assert (notice.words, notice.arrived_at, notice.city) == ("", None, None)
    decision = Decision.objects.get()
    assert (decision.act, decision.target) == ("hide_photo", photo.id)
    photo.refresh_from_db()
    assert (photo.state, photo.public_name) == ("kept_back", "")


def test_a_private_home_goes_on_request(client, alice):
    CityFactory()
    device = make_device()
    client.post("/notice/", {"device": device.id, "reason": "private_home"})
    assert client.get(f"/devices/{device.id}/").status_code == 200
    decide_notice(notice=Notice.objects.get(), actor=alice, outcome="erased", reason="private_home")
    assert client.get(f"/devices/{device.id}/").status_code == 410


def test_one_decision_answers_all_notices_about_the_same_thing(client, photo, alice):
    for number in range(3):
        flag(Client(REMOTE_ADDR=f"192.0.2.{number}"), photo, reason="not_a_device")
    decide_notice(notice=Notice.objects.first(), actor=alice, outcome="kept")
    assert set(Notice.objects.values_list("outcome", flat=True)) == {"kept"}


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"reason": "x", "page": "/"},
        {"reason": "other"},
        {"reason": "reply", "page": "/"},
        {"reason": "person"},
        {"reason": "other", "words": "x" * 2001},
        {"reason": "other", "words": "x", "page": "x" * 301},
    ],
)
def test_what_cannot_be_taken_comes_back_with_what_was_typed(client, said):
    answer = client.post("/en/notice/", said)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert said.get("words", "") in answer.text
    assert not Notice.objects.exists()


@pytest.mark.parametrize("name", ["photo", "device"])
@pytest.mark.parametrize("value", ["x", "c0ffee00-1111-4222-8333-444455556666", "\0"])
def test_what_is_not_public_cannot_be_named(client, name, value):
    assert client.post("/notice/", {name: value, "reason": "person"}).status_code == 404
    assert client.get("/notice/", {name: value}).status_code == 404


def test_no_page_of_another_site_sends_a_notice(client):
    said = {"reason": "other", "words": "x"}
    foreign = client.post("/notice/", said, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert (
        client.post("/notice/", said, headers={"Origin": "https://evil.example"}).status_code == 403
    )
    assert not Notice.objects.exists()


def test_an_idle_receipt_of_a_decided_notice_goes(client, alice):
    with time_machine.travel("2024-01-31T12:00:00Z"):
        client.post("/notice/", {"reason": "other", "words": "x"})
        client.post("/notice/", {"reason": "other", "words": "y"})
        decide_notice(notice=Notice.objects.first(), actor=alice, outcome="settled")
    with time_machine.travel("2026-01-31T12:00:00Z"):
        assert receipts.purge_idle() == 0
    with time_machine.travel("2026-02-01T12:00:00Z"):
        assert receipts.purge_idle() == 1
    assert Notice.objects.get().outcome == ""
