"""Each act says whether it can be taken back; what can be is, what can not be is final."""

import datetime
import uuid

import pytest
import time_machine
from django.utils import timezone

from mapper.errors import BadInput, Conflict
from mapper.moderation import actions, flood
from mapper.moderation.models import FINAL, UNDOABLE, Act, Decision, Notice
from mapper.moderation.notices import decide_notice
from mapper.moderation.undoing import undo
from mapper.photos.models import Photo
from mapper.trust.actions import publish_due
from mapper.trust.models import Batch, Brake, Party, Passage
from tests.factories import CityFactory, make_device
from tests.mapper.intake.test_noticing import published
from tests.mapper.trust.conftest import in_hours, on_map, report
from tests.people import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_memory(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)


@pytest.fixture
def city():
    return CityFactory()


def in_minutes(minutes):
    return timezone.now() + datetime.timedelta(minutes=minutes)


def test_every_act_is_undoable_or_final():
    unused = {Act.REFUSE_PHOTO}
    assert set(UNDOABLE) | set(FINAL) | unused == set(Act)
    assert not set(UNDOABLE) & set(FINAL)


def test_an_act_that_is_final_says_so(alice):
    decision = actions.erase_device(device=make_device(), actor=alice, reason="law")
    assert not decision.can_be_undone
    with pytest.raises(BadInput, match="can't be undone"):
        undo(decision=decision, actor=alice)


def test_a_hidden_photo_is_public_again_within_ten_minutes_and_its_flag_is_answered(
    city, alice, client
):
    photo = published()
    client.post("/notice/", {"photo": photo.id, "reason": "person"})
    decision = decide_notice(notice=Notice.objects.get(), actor=alice, outcome="hidden")
    assert not Photo.objects.public().exists()
    undo(decision=decision, actor=alice)
    again = Photo.objects.public().get()
    assert client.get(f"/photos/{again.public_name}").status_code == 200
    assert client.get(f"/photos/{photo.public_name}").status_code == 404
    assert Notice.objects.get().outcome == "kept"
    client.post("/notice/", {"photo": photo.id, "reason": "person"})
    assert Photo.objects.public().exists()


def test_later_a_hidden_photo_is_gone(city, alice):
    decision = actions.hide_photo(photo=published(), actor=alice)
    with (
        time_machine.travel(in_minutes(11)),
        pytest.raises(Conflict, match="not there"),
    ):
        undo(decision=decision, actor=alice)


def test_a_photo_that_was_kept_by_a_slip_is_hidden_again(city, alice, client):
    photo = published()
    client.post("/notice/", {"photo": photo.id, "reason": "person", "words": "my window"})
    decision = decide_notice(notice=Notice.objects.get(), actor=alice, outcome="kept")
    assert Photo.objects.public().exists()
    undo(decision=decision, actor=alice)
    assert not Photo.objects.public().exists()
    assert Notice.objects.waiting().get().words == "my window"
    decide_notice(notice=Notice.objects.get(), actor=alice, outcome="kept")
    assert Photo.objects.public().exists()


def test_a_batch_that_was_taken_off_appears_again(city, alice):
    shown = on_map()
    decision = flood.undo_batch(batch=Batch.objects.get(), actor=alice)
    assert publish_due(now=in_hours(9)) == 0
    undo(decision=decision, actor=alice)
    assert publish_due(now=in_hours(9)) == len(shown)


def test_a_flood_that_was_taken_off_appears_again(city, alice, settings):
    settings.BRAKE_REPORTS_PER_HOUR = 3
    for step in range(8):
        report(step)
    brake = Brake.objects.get()
    decision = flood.undo_flood(brake=brake, actor=alice)
    assert not Passage.objects.filter(due_at__isnull=False).exists()
    browser = browser_of(alice)
    answer = browser.post("/moderation/decisions/", {"decision": str(decision.id)})
    assert answer["Location"] == "/moderation/trust/"
    assert Passage.objects.filter(due_at__isnull=False).count() == 3


def test_later_nobody_knows_which_reports_a_batch_was(city, alice):
    on_map()
    decision = flood.undo_batch(batch=Batch.objects.get(), actor=alice)
    with time_machine.travel(in_minutes(11)), pytest.raises(Conflict, match="ten minutes"):
        undo(decision=decision, actor=alice)
    assert not Decision.objects.filter(act=Act.UNDO).exists()


def test_a_brake_that_was_released_by_a_slip_is_on_again_with_what_it_held(city, alice, settings):
    settings.BRAKE_REPORTS_PER_HOUR = 3
    for step in range(8):
        report(step)
    held = set(Passage.objects.filter(obstacle="flood").values_list("pk", flat=True))
    brake = Brake.objects.get()
    decision = flood.release_brake(brake=brake, actor=alice, with_reports=True)
    undo(decision=decision, actor=alice)
    assert Brake.objects.on().get() == brake
    again = Passage.objects.filter(obstacle="flood", sighting__is_slow=True, flood=brake)
    assert set(again.values_list("pk", flat=True)) == held
    with pytest.raises(Conflict):
        undo(decision=decision, actor=alice)


def test_a_party_s_opening_and_closing_are_taken_back(city, alice):
    party, opening = flood.open_party(
        city=city, actor=alice, opens_at=timezone.now(), hours=3, most=9
    )
    closing = flood.close_party(party=party, actor=alice)
    assert not Party.objects.open(in_minutes(1)).exists()
    undo(decision=closing, actor=alice)
    assert Party.objects.get().closes_at == party.opens_at + datetime.timedelta(hours=3)
    undo(decision=opening, actor=alice)
    assert not Party.objects.open(in_minutes(1)).exists()


def test_what_is_over_is_not_brought_back(alice):
    for act, kind in (
        ("close_party", "party"),
        ("open_party", "party"),
        ("release_brake", "brake"),
    ):
        gone = Decision.objects.create(
            act=act, target_kind=kind, target=uuid.uuid4(), actor=alice, role="moderator",
            made_on=timezone.now().date(),
        )  # fmt: skip
        with pytest.raises(Conflict):
            undo(decision=gone, actor=alice)
