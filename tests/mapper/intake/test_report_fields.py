"""What a walker says is read field by field, and every error is named."""

import datetime
import json
import uuid

import pytest
import time_machine
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from geo.position import LonLat
from mapper.intake.report import FIELDS, LABELS, ReportErrors, ReportInput, parse_report
from tests.conftest import REPOSITORY

GOLDEN = json.loads((REPOSITORY / "fixtures/cases/reports.json").read_text("utf-8"))
DEVICE = uuid.uuid4()


def test_nothing_said_is_the_contracts_silence():
    assert parse_report({}) == ReportInput(
        kind="unknown", presence="there", photo_use="moderators", has_osm_consent=False
    )


def test_every_field_is_read():
    with time_machine.travel("2026-11-23"):
        report = parse_report(
            {
                "lat": "48.8566",
                "lon": "2.3522",
                "kind": "camera",
                "seen_on": "2026-05-12",
                "direction": "so",
                "camera_type": "dome",
                "mount": "pole",
                "operator_type": "public",
                "operator": " Mairie ",
                "note": "x",
                "device": str(DEVICE),
                "presence": "gone",
                "seen_how": "on_site",
                "photo_use": "public",
                "consent_osm": "on",
                "terms": "2026-11",
            }
        )
    assert report == ReportInput(
        position=LonLat(2.3522, 48.8566),
        kind="camera",
        seen_on="2026-05-12",
        direction="225",
        camera_type="dome",
        mount="pole",
        operator_type="public",
        operator="Mairie",
        note="x",
        device=DEVICE,
        presence="gone",
        seen_how="on_site",
        photo_use="public",
        has_osm_consent=True,
        terms="2026-11",
    )


def test_a_phone_may_send_numbers():
    report = parse_report({"lat": 48, "lon": -0.00001, "direction": 45.0, "consent_osm": True})
    assert report.position == LonLat(-0.00001, 48.0)
    assert (report.direction, report.has_osm_consent) == ("45", True)


@pytest.mark.parametrize(
    ("said", "field", "part"),
    [
        ({"lat": "48"}, "place", "missing"),
        ({"lon": "2"}, "place", "missing"),
        ({"lat": "95.2", "lon": "2"}, "place", "95.2"),
        ({"lat": "2.35", "lon": "248"}, "place", "248"),
        ({"lat": "48,85", "lon": "2,35"}, "place", "48,85"),
        ({"lat": "0", "lon": "0.0"}, "place", "no place"),
        ({"lat": "nan", "lon": "2"}, "place", "nan"),
        ({"lat": float("nan"), "lon": 2}, "place", "nan"),
        ({"lat": [1], "lon": 2}, "place", "not a text"),
        ({"kind": "camcorder"}, "kind", "camcorder"),
        ({"direction": "left"}, "direction", "left"),
        ({"direction": "400"}, "direction", "400"),
        ({"seen_on": "12/05/2026"}, "seen_on", "12/05/2026"),
        ({"seen_on": "2026-02-31"}, "seen_on", "2026-02-31"),
        ({"seen_on": "2999-01-01"}, "seen_on", "future"),
        ({"seen_on": "1850-01-01"}, "seen_on", "1850"),
        ({"camera_type": "round"}, "camera_type", "round"),
        ({"mount": "tree"}, "mount", "tree"),
        ({"operator_type": "alien"}, "operator_type", "alien"),
        ({"operator": "x" * 256}, "operator", "256"),
        ({"note": "x" * 2001}, "note", "2001"),
        ({"note": "a\0b"}, "note", "not a text"),
        ({"device": "17"}, "device", "17"),
        ({"presence": "maybe"}, "presence", "maybe"),
        ({"seen_how": "dream"}, "seen_how", "dream"),
        ({"photo_use": "all"}, "photo_use", "all"),
        ({"consent_osm": "perhaps"}, "consent_osm", "perhaps"),
        ({"terms": "<b>"}, "terms", "terms"),
        ({"kind": {"a": 1}}, "kind", "not a text"),
    ],
)
def test_what_cannot_be_taken_is_named_with_its_value(said, field, part):
    with pytest.raises(ReportErrors) as caught:
        parse_report(said)
    assert list(caught.value.fields) == [field]
    assert part in caught.value.fields[field]


def test_all_errors_come_at_once():
    with pytest.raises(ReportErrors) as caught:
        parse_report({"kind": "x", "lat": "x", "lon": "x", "seen_on": "x"})
    assert set(caught.value.fields) == {"kind", "place", "seen_on"}


def test_tomorrow_may_be_today_elsewhere():
    with time_machine.travel("2026-11-23T23:59:00Z"):
        tomorrow = (datetime.date(2026, 11, 24)).isoformat()
        assert parse_report({"seen_on": tomorrow}).seen_on == tomorrow


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@trials(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=6))
def test_any_fields_give_a_report_or_errors(said):
    try:
        is_taken, errors = bool(parse_report(said)), {}
    except ReportErrors as refusal:
        is_taken, errors = False, refusal.fields
    assert is_taken != bool(errors)


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: str(case["refused"]))
def test_a_phone_refuses_before_it_seals_what_we_would_refuse(case):
    """The place alone is asked for by `mapper.intake.placing`, and only where no photo has one."""
    says_no_place = not {"lat", "lon", "device"} & case["fields"].keys()
    with time_machine.travel(GOLDEN["now"], tick=False):
        try:
            parse_report(case["fields"])
            refused = []
        except ReportErrors as errors:
            refused = sorted(errors.fields)
    assert refused + ["place"] * says_no_place == case["refused"]


@pytest.mark.parametrize("name", FIELDS)
def test_an_error_speaks_of_a_field_by_its_label_never_by_its_code_name(name):
    for wrong in ("\0", "x" * 3000, ["a list"]):
        with pytest.raises(ReportErrors) as refused:
            parse_report({"lat": "48.1", "lon": "-1.6"} | {name: wrong})
        message = str(refused.value).replace("x" * 40, "").replace(str(LABELS[name]), "")
        assert not {"operator", "kind", "_"} & set(message.replace("”", " ").split()), message
        assert "_" not in message.partition("the known ones are")[0]
