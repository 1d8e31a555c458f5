"""A proof of work counts once; a report without one is taken all the same, and waits."""

import base64
import datetime
import json
import re
import threading
import uuid

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from mapper.intake import proof_of_work, receipts
from mapper.intake.jobs import purge
from mapper.intake.models import SpentProof
from mapper.intake.proof_of_work import LIFE_S, new_challenge, spend
from mapper.intake.sealing import info_of_report
from mapper.sightings.models import Sighting
from mapper.trust.models import Obstacle, Passage
from tests import pictures
from tests.factories import CityFactory, box
from tests.proofs import ADDRESS, closed, opened, proof, solved
from tests.sealed import envelope_of

pytestmark = pytest.mark.django_db

HERE = {"lat": "48.11", "lon": "-1.68", "kind": "camera"}
ONCE_LOOKED_AT = "It appears on the map once a moderator has looked at it."


# --- challenges ----------------------------------------------------------------------------------


def test_a_challenge_is_made_for_anybody_and_tells_nothing_of_who_asks():
    answer = Client().get(ADDRESS)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert not answer.cookies
    assert set(answer.json()) == {"parameters", "signature"}
    assert set(answer.json()["parameters"]) == {
        "algorithm", "cost", "expiresAt", "keyLength", "keyPrefix", "keySignature", "nonce", "salt",
    }  # fmt: skip
    assert answer.json() != Client().get(ADDRESS).json()
    assert not SpentProof.objects.exists()


def test_a_challenge_takes_no_more_tries_than_the_setting_says(settings):
    settings.PROOF_TRIES = 5
    counters = {opened(proof())["solution"]["counter"] for _ in range(60)}
    assert counters == {0, 1, 2, 3, 4}


# --- tokens --------------------------------------------------------------------------------------


def test_a_token_counts_once():
    token = proof()
    assert spend(token)
    assert not spend(token)
    # Written in another way it is still the same one.
    said = opened(token)
    said["solution"]["time"] = 12
    assert not spend(closed(said))
    assert not spend("\n" + token)
    assert SpentProof.objects.count() == 1


def test_what_is_kept_of_a_token_can_not_be_told_from_noise():
    token = proof()
    spend(token)
    spent = SpentProof.objects.get()
    assert re.fullmatch("[0-9a-f]{64}", spent.key)
    said = opened(token)
    assert spent.key not in json.dumps(said)
    assert spent.key != said["challenge"]["signature"]
    # No finer than the hour in which it is over.
    assert spent.hour == (int(timezone.now().timestamp()) + LIFE_S) // 3600


def test_the_table_is_unlogged():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'intake_spentproof'")
        assert cursor.fetchone() == ("u",)


def test_a_token_is_late_after_its_hour_and_then_forgotten():
    start = datetime.datetime(2026, 5, 12, 12, 59, 50, tzinfo=datetime.UTC)
    with time_machine.travel(start, tick=False) as clock:
        early, late = proof(), proof()
        clock.shift(LIFE_S)
        assert spend(early)
        clock.shift(1)
        assert not spend(late)
        purge(timestamp=0)
        assert SpentProof.objects.count() == 1
        assert not spend(early)
        clock.shift(LIFE_S + 9)
        purge(timestamp=0)
        assert not SpentProof.objects.exists()
        assert not spend(early)


def test_a_token_is_remembered_for_as_long_as_it_would_count():
    """Whenever within an hour it was made, used and forgotten."""
    for made_s in (0, 1, 1800, 3599):
        start = datetime.datetime(2026, 5, 12, 12, tzinfo=datetime.UTC)
        with time_machine.travel(start + datetime.timedelta(seconds=made_s), tick=False) as clock:
            token = proof()
            assert spend(token)
            for _ in range(LIFE_S // 60):
                clock.shift(60)
                proof_of_work.purge_spent()
                assert not spend(token)


def altered(change):
    """Return a token with something changed in it."""
    said = opened(proof())
    change(said["challenge"]["parameters"], said["challenge"], said["solution"])
    return closed(said)


HOSTILE = {
    "nothing": lambda: "",
    "no base64": lambda: "%%%",
    "no ASCII": lambda: "é" * 8,
    "no JSON": lambda: base64.b64encode(b"{").decode(),
    "a list": lambda: closed([]),
    "a number": lambda: closed(7),
    "half of it": lambda: closed({"challenge": opened(proof())["challenge"]}),
    "texts for objects": lambda: closed({"challenge": "x", "solution": "y"}),
    "lists for objects": lambda: closed({"challenge": {"parameters": []}, "solution": []}),
    "nested": lambda: base64.b64encode(b"[" * 1_400).decode(),
    "huge": lambda: "A" * 10_000_000,
    "a little too long": lambda: "!" * 2_000 + proof(),
    "another end": lambda: altered(lambda p, c, s: p.update(expiresAt=9e12)),
    "no end": lambda: altered(lambda p, c, s: p.pop("expiresAt")),
    "an endless end": lambda: altered(lambda p, c, s: p.update(expiresAt=float("inf"))),
    "no number for an end": lambda: altered(lambda p, c, s: p.update(expiresAt="x")),
    "another cost": lambda: altered(lambda p, c, s: p.update(cost=1)),
    "a cost that would never end": lambda: altered(lambda p, c, s: p.update(cost=10**15)),
    "no key to compare": lambda: altered(lambda p, c, s: p.pop("keySignature")),
    "another salt": lambda: altered(lambda p, c, s: p.update(salt="00" * 16)),
    "another signature": lambda: altered(lambda p, c, s: c.update(signature="0" * 64)),
    "no signature": lambda: altered(lambda p, c, s: c.pop("signature")),
    "a signature that is none": lambda: altered(lambda p, c, s: c.update(signature=[1])),
    "a capital signature": lambda: altered(
        lambda p, c, s: c.update(signature="A" + c["signature"].upper())
    ),
    "half a character": lambda: altered(lambda p, c, s: c.update(signature="\ud800")),
    "another solution": lambda: altered(lambda p, c, s: s.update(derivedKey="00" * 32)),
    "the prefix for a solution": lambda: altered(
        lambda p, c, s: s.update(derivedKey=p["keyPrefix"])
    ),
    "no solution": lambda: altered(lambda p, c, s: s.pop("derivedKey")),
    "a solution that is none": lambda: altered(lambda p, c, s: s.update(derivedKey={"a": 1})),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_proof_is_none_and_leaves_nothing(make):
    assert not spend(make())
    assert not SpentProof.objects.exists()


def test_a_challenge_of_another_server_is_none(settings):
    token = proof()
    settings.SECRET_KEY = "another " * 8
    assert not spend(token)


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda b: base64.b64encode(b).decode()))
def test_no_text_is_a_proof_or_a_fault(text):
    with transaction.atomic():
        assert not spend(text)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner),
    max_leaves=8,
)


@given(parameters=_json, signature=_json, solution=_json)
def test_nothing_of_the_right_shape_is_a_proof_or_a_fault(parameters, signature, solution):
    said = {"challenge": {"parameters": parameters, "signature": signature}, "solution": solution}
    assert not spend(closed(said))


def all_at_once(count, act):
    """Let so many threads do the same at the same moment, each on a connection of its own."""
    start = threading.Barrier(count)

    def alone():
        try:
            start.wait()
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=alone) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_of_many_that_spend_a_token_at_once_one_does():
    token = proof()
    results = []

    def try_it():
        with transaction.atomic():
            results.append(spend(token))
            # The others must wait for the end of this, and not only for the statement.
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.05)")

    all_at_once(6, try_it)
    assert sorted(results) == [False] * 5 + [True]


# --- doors ---------------------------------------------------------------------------------------


def by_form(token=None, **fields):
    said = HERE | fields | ({} if token is None else {"proof_of_work": token})
    return Client(enforce_csrf_checks=True).post("/en/report/", said)


def by_api(token=None, phone_id=None, **fields):
    headers = {} if token is None else {"Proof-Of-Work": token}
    path = f"/api/v1/sightings/{phone_id or uuid.uuid4()}"
    body = json.dumps(HERE | fields)
    return Client().put(path, body, content_type="application/json", headers=headers)


def sealed(token=None, phone_id=None, **fields):
    headers = {} if token is None else {"Proof-Of-Work": token}
    phone_id = phone_id or uuid.uuid4()
    # The same each time: a report that comes again is known by what it says.
    head = HERE | {"receipt_hash": receipts.hash_of((phone_id.hex,)), "language": "en"} | fields
    envelope = envelope_of(head, info=info_of_report(phone_id))
    kind = "application/octet-stream"
    path = f"/api/v1/sealed/sightings/{phone_id}"
    return Client().put(path, envelope, content_type=kind, headers=headers)


DOORS = pytest.mark.parametrize("door", [by_form, by_api, sealed])
AGAIN = pytest.mark.parametrize("door", [by_api, sealed])


def last():
    """Return whether the report is slow, and what stands in its way."""
    passage = Passage.objects.select_related("sighting").latest("sighting__arrived_at")
    return passage.sighting.is_slow, passage.obstacle


@DOORS
def test_a_report_with_a_proof_may_appear_by_itself(door):
    assert door(proof()).status_code == 201
    assert last() == (False, "")
    assert Passage.objects.get().due_at is not None
    assert SpentProof.objects.count() == 1


@DOORS
def test_a_report_without_a_proof_is_taken_and_waits_for_a_moderator(door):
    assert door().status_code == 201
    assert last() == (True, Obstacle.UNPROVEN)
    assert Passage.objects.get().due_at is None
    assert Sighting.objects.get().receipt


@DOORS
@pytest.mark.parametrize(
    "name", [name for name, make in HOSTILE.items() if name not in ("huge", "no ASCII")]
)
def test_a_false_proof_is_as_good_as_none(door, name):
    token = HOSTILE[name]()
    assert door(token).status_code == 201
    assert last() == (True, Obstacle.UNPROVEN)


@DOORS
def test_a_proof_that_was_used_is_as_good_as_none(door):
    token = proof()
    by_api(token)
    assert door(token).status_code == 201
    assert last() == (True, Obstacle.UNPROVEN)


@DOORS
def test_a_late_proof_is_as_good_as_none(door):
    token = proof()
    with time_machine.travel(timezone.now() + datetime.timedelta(seconds=LIFE_S + 1)):
        assert door(token).status_code == 201
    assert last() == (True, Obstacle.UNPROVEN)


@DOORS
def test_an_instance_may_ask_for_no_proof(door, settings):
    settings.REQUIRE_PROOF = False
    assert door().status_code == 201
    assert last() == (False, "")


@DOORS
def test_in_an_open_cartopartie_no_proof_is_asked_for(door, alice):
    from mapper.moderation.flood import open_party

    city = CityFactory(boundary=box(-2, 48, -1, 49))
    party, _act = open_party(city=city, actor=alice, opens_at=timezone.now(), hours=2, most=1)
    assert door(party=party.word).status_code == 201
    assert last() == (False, "")
    # Its cap is reached.
    assert door(party=party.word).status_code == 201
    assert last() == (True, Obstacle.UNPROVEN)


@AGAIN
@pytest.mark.parametrize("again", [None, "the same", "another"])
def test_a_report_that_comes_again_is_not_harmed_by_its_spent_proof(door, again):
    """Our first answer was lost."""
    token, phone_id = proof(), uuid.uuid4()
    assert door(token, phone_id).status_code == 201
    token = {None: None, "the same": token, "another": proof()}[again]
    assert door(token, phone_id).status_code == 200
    assert last() == (False, "")
    # Nor is another one wasted on it.
    assert SpentProof.objects.count() == 1


@AGAIN
def test_a_proof_that_comes_too_late_for_a_report_changes_nothing(door):
    phone_id = uuid.uuid4()
    assert door(None, phone_id).status_code == 201
    assert door(proof(), phone_id).status_code == 200
    assert last() == (True, Obstacle.UNPROVEN)


@DOORS
def test_what_is_refused_spends_no_proof(door):
    token = proof()
    assert door(token, kind="x").status_code == 400
    assert door(token, lat="0", lon="0").status_code == 400
    assert not SpentProof.objects.exists()
    assert door(token).status_code == 201
    assert last() == (False, "")


def test_fifty_replays_of_one_proof_give_one_report_that_appears():
    token = proof()
    assert [by_api(token).status_code for _ in range(50)] == [201] * 50
    assert Sighting.objects.filter(is_slow=False).count() == 1
    assert Passage.objects.filter(obstacle=Obstacle.UNPROVEN).count() == 49


@pytest.mark.django_db(transaction=True)
def test_of_two_reports_that_bring_one_proof_at_once_one_has_it():
    token = proof()
    statuses = []
    all_at_once(2, lambda: statuses.append(by_api(token).status_code))
    assert statuses == [201, 201]
    assert sorted(Sighting.objects.values_list("is_slow", flat=True)) == [False, True]


def test_photos_of_a_report_that_was_taken_need_no_proof():
    phone_id = uuid.uuid4()
    code_hash = by_api(proof(), phone_id).json()["receipt_hash"]
    answer = Client().put(
        f"/api/v1/photos/{uuid.uuid4()}?sighting={phone_id}",
        pictures.phone_photo(),
        content_type="image/jpeg",
        headers={"Receipt-Hash": code_hash},
    )
    assert answer.status_code == 201
    assert last() == (False, "")
    assert SpentProof.objects.count() == 1


def test_over_the_limit_a_proof_helps_nobody(settings):
    settings.SHARED_REPORTS_PER_HOUR = 1
    assert by_form(proof()).status_code == by_form(proof()).status_code == 201
    assert last() == (True, Obstacle.SLOW)


def test_the_walker_is_told_what_is_true(settings):
    settings.SHARED_REPORTS_PER_HOUR = 2
    assert ONCE_LOOKED_AT in by_form().text
    assert "It appears on the map by itself" in by_form(proof()).text
    page = by_form(proof()).text
    assert "Many reports came from your network" in page
    code = re.search(r'name="code" value="([^"]+)"', by_form().text)[1]
    assert ONCE_LOOKED_AT in Client().post("/en/receipts/", {"code": code}).text


def test_changing_a_report_does_not_make_up_for_its_proof():
    code = re.search(r'name="code" value="([^"]+)"', by_form().text)[1]
    said = {"code": code, "action": "amend", "direction": "90"}
    assert Client().post("/en/receipts/", said).status_code == 200
    assert last() == (True, Obstacle.UNPROVEN)


def test_a_folder_of_photos_asks_for_no_proof(tmp_path):
    folder = tmp_path / "walk"
    folder.mkdir()
    (folder / "one.jpg").write_bytes(pictures.phone_photo(lon=-1.68, lat=48.11))
    call_command("import_photos", str(folder))
    assert last() == (False, Obstacle.IMPORTED)


def test_a_token_may_travel_in_a_header(settings):
    """A proxy refuses one line of more than 8 kB, and a text that is not ASCII."""
    settings.PROOF_TRIES = 100
    token = solved(new_challenge())
    assert len(token) < 1_000
    assert token.isascii()
