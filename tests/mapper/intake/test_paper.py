"""Paper notes: rows become reports of their own, once, and nothing joins them."""

import datetime
import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.geodesy import distance_m
from geo.grid_reference import parse_grid_reference
from geo.position import LonLat
from geo.tiles import tile_at
from geo.walk_sheets import sheet_code
from mapper.intake.phone import key_of_phone_id
from mapper.intake.receipts import find
from mapper.sightings.models import Receipt, Sighting
from mapper.sightings.sheet_numbers import digits_of
from mapper.trust.models import Passage
from mapper.trust.parties import open_party
from tests.factories import LAT, LON, CityFactory, ExcludedAreaFactory, box, make_device, point

pytestmark = pytest.mark.django_db

SHEET = tile_at(LonLat(LON, LAT), 16)
CODE = sheet_code(SHEET)
NEW = {"ref": "C4.7", "what": "camera/dome", "direction": "NE", "mount": "pole", "note": "high up"}


def post(*rows, browser=None, prefix="/en", **fields):
    """Post rows as the form does."""
    data = {"sheet": CODE, "seen_on": "2026-05"} | fields
    for number, row in enumerate(rows):
        data[f"id-{number}"] = row.get("id", str(uuid.uuid4()))
        for name in ("ref", "what", "direction", "mount", "note"):
            data[f"{name}-{number}"] = row.get(name, "")
    return (browser or Client()).post(f"{prefix}/walk/notes/", data)


def number_of(device):
    return digits_of(device)[:3]


def typed_again(answer):
    """Return what stands in the form's places."""
    return [ref for ref in re.findall(r'name="ref-\d+" value="([^"]*)"', answer.text) if ref]


def test_a_row_becomes_an_ordinary_report():
    answer = post(NEW)
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies
    sighting = Sighting.objects.get()
    said = (sighting.kind, sighting.camera_type, sighting.direction, sighting.mount, sighting.note)
    assert said == ("camera", "dome", "45", "pole", "high up")
    assert (sighting.seen_on, sighting.seen_how, sighting.presence) == (
        "2026-05", "on_site", "there",
    )  # fmt: skip
    assert sighting.photos.count() == 0
    at = LonLat(sighting.location.x, sighting.location.y)
    assert distance_m(at, parse_grid_reference(SHEET, "C4.7")) < 0.2


@pytest.mark.parametrize(
    ("what", "presence", "note"),
    [
        ("there", "there", ""),
        ("gone", "gone", ""),
        ("missing", "gone", "Looked for and not found. behind a tree"),
    ],
)
def test_a_number_confirms_a_known_device(what, presence, note):
    device = make_device()
    row = {"ref": number_of(device), "what": what, "note": "behind a tree" if note else ""}
    assert post(row).status_code == 201
    sighting = Sighting.objects.get()
    assert sighting.confirms_device_id == device.id
    assert (sighting.presence, sighting.note) == (presence, note)


def test_a_number_with_a_kind_says_what_a_known_device_is():
    device = make_device(attributes={"kind": "unknown"})
    assert post({"ref": number_of(device), "what": "alpr/"}).status_code == 201
    sighting = Sighting.objects.get()
    assert (sighting.confirms_device_id, sighting.kind) == (device.id, "alpr")


def test_good_rows_are_taken_and_bad_ones_come_back_with_all_that_was_typed():
    bad = {"ref": "Z9", "what": "camera/dome", "direction": "NNE", "note": "at the <corner>"}
    answer = post(NEW, bad, {}, NEW | {"ref": "D5"})
    assert answer.status_code == 400
    assert Sighting.objects.count() == 2
    assert "One row to mend" in answer.text
    assert "2 rows were taken" in answer.text
    assert "&#x27;Z9&#x27; is not on the sheet" in answer.text
    assert typed_again(answer) == ["Z9"]
    assert 'value="at the &lt;corner&gt;"' in answer.text
    assert 'value="NNE"' in answer.text


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"what": "camera/dome"}, "Write its number on the sheet, or its place"),
        ({"ref": "C4"}, "Say what it is"),
        ({"ref": "C4", "what": "gone"}, "of which one?"),
        ({"ref": "12", "what": "gone"}, "No device of this sheet has the number 12"),
        ({"ref": "99999", "what": "gone"}, "No device of this sheet has the number 99999"),
        ({"ref": "C4", "what": "tank/"}, "is no answer to"),
        ({"ref": "C4", "what": "camera/flying"}, "is no answer to"),
        ({"ref": "C4", "what": "camera/", "direction": "up"}, "direction “up” is not understood"),
        ({"ref": "C4", "what": "camera/", "mount": "cloud"}, "is no answer to"),
        ({"note": "only a note"}, "Write its number on the sheet, or its place"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(row, says):
    answer = post(row)
    assert answer.status_code == 400
    assert says in answer.text
    assert Sighting.objects.count() == 0


def test_a_number_that_two_begin_with_by_now_is_asked_for_again(monkeypatch):
    first, second = make_device(), make_device(location=point(LON + 1e-4, LAT))
    digits = {first.id: "417200000000", second.id: "417800000000"}
    monkeypatch.setattr(
        "mapper.sightings.sheet_numbers.digits_of", lambda device: digits[device.id]
    )
    answer = post({"ref": "417", "what": "gone"})
    assert answer.status_code == 400
    assert "write one digit more" in answer.text
    assert post({"ref": "4178", "what": "gone"}).status_code == 201
    assert Sighting.objects.get().confirms_device_id == second.id


def test_a_known_device_without_a_word_of_it_is_asked_for():
    device = make_device()
    answer = post({"ref": number_of(device)})
    assert "Say whether it is still there" in answer.text
    assert Sighting.objects.count() == 0


@pytest.mark.parametrize("seen_on", ["2099-01", "May", "1900"])
def test_a_wrong_month_takes_nothing_and_loses_nothing(seen_on):
    answer = post(NEW, seen_on=seen_on)
    assert answer.status_code == 400
    assert Sighting.objects.count() == 0
    assert typed_again(answer) == ["C4.7"]
    assert 'href="#seen_on"' in answer.text


def test_an_empty_form_and_too_many_rows_are_refused():
    assert "No row is filled in" in post({}, {}).text
    answer = post(*[NEW] * 21)
    assert answer.status_code == 400
    assert "At most 20 rows" in answer.text
    assert Sighting.objects.count() == 0


def test_nothing_is_taken_where_nothing_is_mapped():
    at = parse_grid_reference(SHEET, "C4.7")
    ExcludedAreaFactory(area=_around(at))
    answer = post(NEW, NEW | {"ref": "K9"})
    assert "Nothing is taken at this place" in answer.text
    assert Sighting.objects.count() == 1


def _around(at):
    return box(at.lon - 1e-4, at.lat - 1e-4, at.lon + 1e-4, at.lat + 1e-4)


# --- once -----------------------------------------------------------------------------------------


def test_sending_again_changes_nothing_and_gives_the_same_codes():
    row = NEW | {"id": str(uuid.uuid4())}
    first, second = post(row), post(row)
    assert (first.status_code, second.status_code) == (201, 201)
    assert Sighting.objects.count() == 1
    codes = [re.findall(r"</strong>: ((?:\S+ ){11}\S+)</li>", one.text) for one in (first, second)]
    assert codes[0] == codes[1]
    assert len(codes[0]) == 1


def test_an_id_that_tells_a_time_is_not_kept():
    told = uuid.uuid1()
    assert post(NEW | {"id": str(told)}).status_code == 201
    assert Sighting.objects.get().phone_key != key_of_phone_id(told, "sighting")


def test_a_taken_row_with_other_words_is_not_taken_again():
    row = NEW | {"id": str(uuid.uuid4())}
    post(row)
    answer = post(row | {"note": "lower down"})
    assert answer.status_code == 400
    assert "was taken before, with other words" in answer.text
    assert Sighting.objects.get().note == "high up"


def test_each_row_has_a_code_of_its_own_that_follows_it():
    answer = post(NEW, NEW | {"ref": "D5"})
    codes = re.findall(r"</strong>: ((?:\S+ ){11}\S+)</li>", answer.text)
    assert len(set(codes)) == 2
    found = {find(code).sighting_id for code in codes}
    assert found == set(Sighting.objects.values_list("id", flat=True))
    followed = Client().post("/en/receipts/", {"code": codes[0]})
    assert followed.status_code == 200


# --- no trace -------------------------------------------------------------------------------------


def test_hours_of_arrival_do_not_join_the_rows_of_one_post():
    post(*[NEW | {"ref": f"{column}{row}"} for column in "ABCDEFGHJK" for row in "05"])
    arrived = sorted(Sighting.objects.values_list("arrived_at", flat=True))
    assert len(arrived) == 20
    assert timezone.now() - arrived[0] < datetime.timedelta(hours=24, minutes=1)
    assert arrived[-1] <= timezone.now()
    # Scattered over a day: all twenty within an hour of each other is a chance of 1 in 10**25.
    assert arrived[-1] - arrived[0] > datetime.timedelta(hours=1)


def test_the_order_of_the_rows_on_paper_is_not_that_of_their_arrival():
    refs = [f"{column}{row}" for column in "ABCDEFGHJK" for row in "05"]
    post(*[NEW | {"ref": ref, "note": ref} for ref in refs])
    by_arrival = list(Sighting.objects.order_by("arrived_at").values_list("note", flat=True))
    assert sorted(by_arrival) == sorted(refs)
    assert by_arrival != refs


def test_no_column_holds_the_same_for_the_rows_of_one_post_alone():
    """What two rows of one post share, rows of two posts share too."""
    post(NEW, NEW | {"ref": "D5"})
    post(NEW | {"ref": "E6"})
    rows = list(Sighting.objects.values("phone_key", "body_key", "arrived_at"))
    for name in ("phone_key", "body_key", "arrived_at"):
        assert len({row[name] for row in rows}) == 3
    assert len(set(Receipt.objects.values_list("code_key", flat=True))) == 3


# --- limits and parties ---------------------------------------------------------------------------


def test_without_a_party_notes_wait_in_the_slow_queue():
    post(NEW)
    assert Sighting.objects.get().is_slow
    assert Passage.objects.get().obstacle == "paper"


def test_in_an_open_party_they_are_no_flood_and_may_appear():
    city = CityFactory()
    party = open_party(city=city, opens_at=timezone.now(), hours=4, most=3)
    assert post(NEW, NEW | {"ref": "D5"}, party=party.word).status_code == 201
    assert set(Passage.objects.values_list("party", "obstacle")) == {(party.id, "")}
    assert not Sighting.objects.filter(is_slow=True).exists()
    party.refresh_from_db()
    assert party.taken == 2
    # Beyond its cap they are taken, and wait.
    post(NEW | {"ref": "E6"}, NEW | {"ref": "F7"}, party=party.word)
    assert Sighting.objects.filter(is_slow=True).count() == 1


def test_a_word_that_no_party_has_only_makes_them_wait():
    assert post(NEW, party="banana").status_code == 201
    assert Sighting.objects.get().is_slow


def test_a_damaged_word_is_refused_with_a_reason():
    answer = post(NEW, party='"><script>')
    assert answer.status_code == 400
    assert "copy the whole link again" in answer.text


def test_each_row_counts_one_and_far_too_many_lose_nothing(settings):
    settings.SHARED_REPORTS_PER_HOUR = 1
    settings.HARD_LIMIT_FACTOR = 3
    assert post(NEW, NEW | {"ref": "D5"}, NEW | {"ref": "E6"}).status_code == 201
    answer = post(NEW | {"ref": "F7"})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert typed_again(answer) == ["F7"]
    assert Sighting.objects.count() == 3


def test_a_page_of_another_site_can_send_nothing():
    browser = Client(headers={"Origin": "https://evil.example"})
    assert post(NEW, browser=browser).status_code == 403
    assert Sighting.objects.count() == 0
    assert Client(enforce_csrf_checks=True).get("/walk/notes/").status_code == 200
    assert post(NEW, browser=Client(enforce_csrf_checks=True)).status_code == 201


@pytest.mark.parametrize("choice", ["1", ""])
def test_prudent_is_a_choice_of_the_form(choice):
    post(NEW, prudent=choice)
    assert (Passage.objects.get().held_until is not None) is (choice == "1")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(
        st.sampled_from(["ref", "what", "direction", "mount", "note", "id"]),
        st.one_of(st.text(max_size=80), st.sampled_from(["\0", "9" * 600, "٣٣٣", "C4", "417"])),
    )
)
def test_no_row_makes_a_fault(row):
    assert post(row).status_code in (201, 400, 429)
