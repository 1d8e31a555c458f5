import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.direction import Arc
from geo.errors import TagError
from geo.osm_tags import KINDS, STATUSES, TAG_RULES, apply_attributes, classify, device_attributes

CAMERA = {"man_made": "surveillance", "surveillance:type": "camera"}

_keys = st.sampled_from(
    [key for rule in TAG_RULES for key in rule.keys]
    + ["man_made", "disused:man_made", "was:man_made", "highway", "end_date", "name", "camera:tilt"]
    + ["disused:camera:type", "planned:highway", "surveillance:ALPR", "note"]
)
_values = st.sampled_from(
    [
        "surveillance",
        "mast;surveillance",
        "speed_camera",
        "camera",
        "ALPR",
        "camera; anpr",
        "guard",
        "90",
        "90-270; NNE",
        "0-360",
        "15°",
        " 90",
        "-15",
        "4 m",
        "12'",
        "4,5",
        "2024",
        "2024-05-12",
        "dome;fixed",
        "wall",
        " wall ",
        "Ville de Rennes",
        "",
        " ",
        "yes",
    ]
)
any_tags = st.dictionaries(_keys | st.text(max_size=12), _values | st.text(max_size=20))
device_tags = any_tags.map(lambda tags: tags | {"man_made": "surveillance"})

changes = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["unknown", "camera", "alpr", "acoustic", "guard", None]),
        "camera_type": st.sampled_from(["dome", "fixed", None]),
        "directions": st.lists(
            st.builds(Arc, st.floats(0, 360), st.floats(0, 360)).map(Arc.as_dict), max_size=3
        ),
        "height_m": st.floats(0.01, 1000) | st.integers(1, 1000) | st.none(),
        "tilt_down_deg": st.floats(0, 90) | st.none(),
        "operator": st.sampled_from(["Ville de Rennes", None]),
        "first_seen": st.sampled_from(["2019", "2019-03", "2019-03-04", None]),
        "last_seen": st.sampled_from(["2031-05", "2031-05-06", None]),
        "status": st.sampled_from(["active", "disused", "planned"]),
    },
)


@given(any_tags)
def test_any_tags_are_read_without_error_and_never_altered(tags):
    before = dict(tags)
    attributes = device_attributes(tags)
    assert tags == before
    assert (attributes is None) == (classify(tags) is None)
    if attributes is not None:
        assert attributes.kind == classify(tags)
        assert attributes.kind in KINDS
        assert attributes.status in STATUSES
        json.dumps(attributes.as_dict())


@given(device_tags)
def test_tags_without_a_change_come_back_byte_for_byte(tags):
    assert apply_attributes(tags, {}) == tags


@given(device_tags)
def test_saying_what_the_tags_already_say_changes_nothing(tags):
    attributes = device_attributes(tags)
    assert apply_attributes(tags, attributes.as_dict()) == tags


@given(device_tags, changes)
def test_a_change_touches_only_the_keys_of_what_changed(tags, some):
    try:
        changed = apply_attributes(tags, some)
    except TagError:
        assert "speed_camera" in tags.get("highway", "")
        return
    touchable = {key for rule in TAG_RULES if rule.attribute in some for key in rule.keys}
    if "status" in some:
        touchable |= {"man_made", "disused:man_made", "planned:man_made", "highway", "end_date"}
        touchable |= {"disused:highway", "planned:highway"}
    untouched = {key: value for key, value in tags.items() if key not in touchable}
    assert {key: value for key, value in changed.items() if key not in touchable} == untouched


@given(changes)
def test_a_written_change_is_read_back(some):
    tags = apply_attributes(CAMERA, some)
    read = device_attributes(tags)
    if some.get("directions"):
        assert [arc.as_dict() for arc in read.directions] == some["directions"]
    if some.get("height_m"):
        assert read.height_m == pytest.approx(some["height_m"], abs=0.006)
    for name in ("camera_type", "operator"):
        if name in some:
            assert getattr(read, name) == some[name]
    if some.get("last_seen"):
        assert read.last_seen == "2031-05"
    assert read.status == some.get("status", "active")
    assert apply_attributes(tags, read.as_dict()) == tags


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"amenity": "bicycle_parking", "surveillance": "yes"},
        {"amenity": "parking", "surveillance:type": "camera", "surveillance": "public"},
        {"amenity": "parking", "surveillance:ALPR": "yes"},
        {"man_made": "surveillance_tower"},
        {"man_made": "Surveillance"},
        {"highway": "speed_display"},
        {"type": "enforcement", "enforcement": "maxspeed"},
        {"old:man_made": "surveillance"},
    ],
)
def test_a_trap_is_not_a_device(tags):
    assert classify(tags) is None
    assert device_attributes(tags) is None
    with pytest.raises(TagError):
        apply_attributes(tags, {"kind": "camera"})


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "unknown"),
        ("", "unknown"),
        ("camera", "camera"),
        ("Camera", "camera"),
        ("ALPR", "alpr"),
        ("ANPR", "alpr"),
        ("anpr", "alpr"),
        ("gunshot_detector", "acoustic"),
        ("guard", "guard"),
        ("webcam", "other"),
        ("camera;ALPR", "camera"),
        ("ALPR; camera", "alpr"),
        ("webcam;guard", "guard"),
    ],
)
def test_the_kind_is_the_first_known_value_and_never_guessed(value, kind):
    tags = {"man_made": "surveillance", "camera:type": "dome"}
    if value is not None:
        tags["surveillance:type"] = value
    assert classify(tags) == kind


def test_a_plate_reader_is_capable_of_reading_plates():
    for value in ("ALPR", "anpr", "camera;ALPR"):
        tags = {"man_made": "surveillance", "surveillance:type": value}
        assert device_attributes(tags).capabilities == ("plate_reading",)
    assert device_attributes(CAMERA).capabilities == ()
    assert device_attributes(CAMERA | {"surveillance:ALPR": "yes"}).as_dict()["capabilities"] == [
        "plate_reading"
    ]


def test_a_speed_camera_is_a_kind_of_its_own():
    tags = {"highway": "speed_camera", "direction": "180", "maxspeed": "50"}
    assert device_attributes(tags).kind == "speed_camera"
    assert classify(tags | CAMERA) == "speed_camera"
    with pytest.raises(TagError, match="highway=speed_camera"):
        apply_attributes(tags, {"kind": "camera"})
    with pytest.raises(TagError, match="highway=speed_camera"):
        apply_attributes(CAMERA, {"kind": "speed_camera"})


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        ({"man_made": "surveillance"}, "active"),
        ({"man_made": "mast; surveillance"}, "active"),
        ({"disused:man_made": "surveillance"}, "disused"),
        ({"abandoned:man_made": "surveillance"}, "disused"),
        ({"removed:man_made": "surveillance"}, "removed"),
        ({"razed:man_made": "surveillance"}, "removed"),
        ({"was:man_made": "surveillance"}, "removed"),
        ({"proposed:man_made": "surveillance"}, "planned"),
        ({"construction:man_made": "surveillance"}, "planned"),
        ({"disused:highway": "speed_camera"}, "disused"),
        ({"man_made": "surveillance", "disused:man_made": "surveillance"}, "active"),
        ({"man_made": "surveillance", "end_date": "2020"}, "removed"),
        ({"man_made": "surveillance", "end_date": "soon"}, "active"),
    ],
)
def test_the_status_comes_from_lifecycle_prefix_and_end_date(tags, status):
    assert device_attributes(tags).status == status


def test_an_end_date_counts_once_it_is_over():
    tags = CAMERA | {"end_date": "2024"}
    assert device_attributes(tags, today=date(2024, 12, 31)).status == "active"
    assert device_attributes(tags, today=date(2025, 1, 1)).status == "removed"


def test_prefixed_details_of_a_disused_device_are_read():
    tags = {"disused:man_made": "surveillance", "disused:surveillance:type": "camera"}
    assert device_attributes(tags).kind == "camera"
    assert apply_attributes(tags, {"status": "active"}) == CAMERA
    assert apply_attributes(CAMERA, {"status": "disused"}) == {
        "disused:man_made": "surveillance",
        "surveillance:type": "camera",
    }


def test_a_status_leaves_the_mast_standing():
    tags = {"man_made": "mast;surveillance"}
    assert apply_attributes(tags, {"status": "disused"}) == {
        "man_made": "mast",
        "disused:man_made": "surveillance",
    }


def test_a_removed_device_is_not_written_but_deleted():
    with pytest.raises(TagError, match="deletion"):
        apply_attributes(CAMERA, {"status": "removed"})


@pytest.mark.parametrize("key", ["camera:direction", "direction"])
def test_a_direction_goes_back_to_the_key_it_came_from(key):
    tags = CAMERA | {key: "NNE; 90-180"}
    read = device_attributes(tags)
    assert read.direction_key == key
    assert read.directions == (Arc(22.5, 22.5), Arc(90, 180))
    assert apply_attributes(tags, {"directions": [{"from": 0, "to": 360}]}) == CAMERA | {
        key: "0-360"
    }


def test_a_new_direction_goes_to_camera_direction():
    wanted = {"directions": [{"from": 45, "to": 45}]}
    assert apply_attributes(CAMERA, wanted) == CAMERA | {"camera:direction": "NE"}
    legacy = CAMERA | {"surveillance:direction": "90"}
    assert device_attributes(legacy).directions == (Arc(90, 90),)
    assert apply_attributes(legacy, wanted) == legacy | {"camera:direction": "NE"}


def test_no_direction_is_no_tag_and_not_north():
    assert apply_attributes(CAMERA, {"directions": []}) == CAMERA
    assert apply_attributes(CAMERA | {"direction": "0"}, {"directions": None}) == CAMERA


def test_directions_that_differ_are_a_conflict_and_camera_direction_is_believed():
    tags = CAMERA | {"direction": "90", "camera:direction": "180"}
    read = device_attributes(tags)
    assert (read.directions, read.direction_problem) == ((Arc(180, 180),), "conflict")
    assert device_attributes(tags | {"direction": "S"}).direction_problem is None


def test_an_unreadable_direction_is_told_and_kept():
    tags = CAMERA | {"camera:direction": "15°", "direction": "90"}
    read = device_attributes(tags)
    assert (read.directions, read.direction_problem) == ((), "unreadable")
    assert "direction_key" not in read.as_dict()
    assert apply_attributes(tags, read.as_dict()) == tags


@pytest.mark.parametrize(
    ("text", "height_m"),
    [
        ("4", 4),
        ("4.5", 4.5),
        ("4 m", 4),
        ("4m", 4),
        ("12 ft", 3.66),
        ("10'", 3.05),
        ("5'6\"", 1.68),
        ("", None),
        ("4,5", None),
        ("~4", None),
        ("3-4", None),
        ("0", None),
        ("-3", None),
        ("99999", None),
        ("high", None),
        ("4 km", None),
        ("1e3", None),
    ],
)
def test_a_height_is_read_with_its_unit(text, height_m):
    assert device_attributes(CAMERA | {"height": text}).height_m == height_m


@pytest.mark.parametrize(
    ("text", "tilt_deg"),
    [("15", 15), ("-15", 15), ("0", 0), ("90", 90), ("360", None), ("x", None)],
)
def test_the_angle_is_a_tilt_and_never_a_field_of_view(text, tilt_deg):
    read = device_attributes(CAMERA | {"camera:angle": text, "camera:tilt": "-20"})
    assert read.tilt_down_deg == tilt_deg
    assert read.directions == ()


def test_a_tilt_of_zero_is_said():
    assert device_attributes(CAMERA | {"camera:angle": "0"}).as_dict()["tilt_down_deg"] == 0


def test_the_last_sight_is_the_latest_valid_date():
    tags = CAMERA | {"check_date": "2022-05-03", "survey:date": "2023-01", "start_date": "2010"}
    assert device_attributes(tags).last_seen == "2023-01"
    assert device_attributes(tags).first_seen == "2010"
    assert device_attributes(tags | {"survey:date": "last May"}).last_seen == "2022-05-03"
    assert device_attributes(CAMERA | {"check_date": "last May"}).last_seen is None


def test_a_walk_is_never_written_finer_than_a_month():
    assert apply_attributes(CAMERA, {"last_seen": "2024-05-12"})["check_date"] == "2024-05"


def test_the_month_of_a_known_day_does_not_blur_it():
    tags = CAMERA | {"check_date": "2024-05-12"}
    assert apply_attributes(tags, {"last_seen": "2024-05"}) == tags


def test_a_brand_is_a_manufacturer_and_stays_a_brand():
    tags = CAMERA | {"brand": "Axis"}
    assert device_attributes(tags).manufacturer == "Axis"
    assert apply_attributes(tags, {"manufacturer": "Hikvision"}) == CAMERA | {"brand": "Hikvision"}


def test_known_spellings_are_read_in_one_way_and_others_kept_as_they_are():
    tags = CAMERA | {"camera:type": "dome;fixed", "camera:mount": "wall/ceiling"}
    read = device_attributes(tags | {"surveillance": "privat"})
    assert (read.camera_type, read.mount, read.surveillance) == (
        "dome;fixed",
        "wall;ceiling",
        "privat",
    )


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "drone"},
        {"kind": "sensor"},
        {"kind": "other"},
        {"kind": 3},
        {"colour": "red"},
        {"capabilities": ["face_recognition"]},
        {"capabilities": "zoom"},
        {"status": "gone"},
        {"directions": "90"},
        {"directions": [{"from": 400, "to": 1}]},
        {"directions": [90]},
        {"height_m": -3},
        {"height_m": float("nan")},
        {"height_m": "4"},
        {"height_m": 5000},
        {"tilt_down_deg": 91},
        {"tilt_down_deg": True},
        {"first_seen": "May"},
        {"last_seen": 2024},
        {"operator": "x" * 256},
        {"operator": "a\x00b"},
        {"operator": " "},
        {"operator": 5},
    ],
    ids=repr,
)
def test_what_tags_cannot_say_is_refused(change):
    with pytest.raises(TagError):
        apply_attributes(CAMERA, change)


def test_real_tags_come_back_whole(shared_data):
    elements = json.loads(
        (shared_data / "osm_devices/switzerland_overpass.json").read_text("utf-8")
    )
    kinds = set()
    for element in elements:
        attributes = device_attributes(element["tags"])
        kinds.add(attributes.kind)
        assert apply_attributes(element["tags"], attributes.as_dict()) == element["tags"]
    assert kinds == {"unknown", "camera", "alpr", "guard", "other"}
