"""Three-way merge: field by field, only true conflicts, every other tag byte for byte."""

import json

import pytest
from hypothesis import assume, given

from geo.errors import TagError
from geo.osm_merge import merge_all, merge_change, merge_position
from geo.osm_tags import apply_attributes, device_attributes
from geo.position import LonLat
from tests.geo.test_osm_tags import any_tags, changes

BASE = {
    "man_made": "surveillance",
    "surveillance:type": "camera",
    "camera:type": "dome",
    "camera:mount": "traffic_signal",
    "direction": "NNE ; 90",
    "note": " as it\tis ",
}
HERE, NEAR, FAR = LonLat(2.35, 48.85), LonLat(2.3501, 48.85), LonLat(2.36, 48.85)


def test_what_only_we_changed_is_taken_and_nothing_else_touched():
    theirs = BASE | {"operator": "Ville", "direction": "10"}
    merged = merge_change(BASE, theirs, {"camera_type": "fixed"})
    assert merged.tags == theirs | {"camera:type": "fixed"}
    assert merged.taken == ("camera_type",)
    assert merged.is_settled


def test_what_both_changed_is_a_conflict_and_is_picked():
    theirs = BASE | {"camera:type": "panning"}
    merged = merge_change(BASE, theirs, {"camera_type": "fixed", "mount": "wall"})
    (conflict,) = merged.conflicts
    assert (conflict.field, conflict.base, conflict.ours, conflict.theirs) == (
        "camera_type", "dome", "fixed", "panning",
    )  # fmt: skip
    assert merged.tags == theirs | {"camera:mount": "wall"}
    for pick, written in (("ours", "fixed"), ("theirs", "panning")):
        picked = merge_change(BASE, theirs, {"camera_type": "fixed"}, picks={"camera_type": pick})
        assert picked.is_settled
        assert picked.tags == theirs | {"camera:type": written}


def test_the_same_change_by_both_is_none_however_it_is_written():
    theirs = BASE | {"camera:mount": "mast", "camera:type": "static"}
    merged = merge_change(BASE, theirs, {"mount": "pole", "camera_type": "fixed"})
    assert merged.is_empty
    assert merged.tags == theirs


def test_another_spelling_by_them_is_no_change_of_theirs():
    theirs = BASE | {"camera:mount": "traffic_signals"}
    merged = merge_change(BASE, theirs, {"mount": "wall"})
    assert merged.is_settled
    assert merged.tags["camera:mount"] == "wall"


def test_directions_in_two_keys_are_one_field():
    turned = {"directions": [{"from": 180, "to": 180}]}
    elsewhere = {key: value for key, value in BASE.items() if key != "direction"}
    elsewhere["camera:direction"] = "NNE;90"
    # They wrote the same into another key: ours goes where theirs is.
    assert merge_change(BASE, elsewhere, turned).tags == elsewhere | {"camera:direction": "S"}
    theirs = BASE | {"camera:direction": "45"}
    assert merge_change(BASE, theirs, turned).conflicts[0].field == "directions"


def test_a_lifecycle_of_theirs_against_ours():
    gone = {key: value for key, value in BASE.items() if key != "man_made"}
    disused = gone | {"disused:man_made": "surveillance"}
    assert merge_change(BASE, disused, {"status": "disused"}).is_empty
    assert merge_change(BASE, disused, {"mount": "wall"}).tags == disused | {"camera:mount": "wall"}
    planned = gone | {"planned:man_made": "surveillance"}
    assert merge_change(BASE, planned, {"status": "disused"}).conflicts[0].field == "status"
    with pytest.raises(TagError, match="no device"):
        merge_change(BASE, gone, {"mount": "wall"})


def device(tags):
    return tags | {"man_made": "surveillance"}


@given(any_tags.map(device), any_tags.map(device))
def test_to_change_nothing_gives_theirs_byte_for_byte(base, theirs):
    assert merge_change(base, theirs, {}).tags == theirs
    assert merge_all((base, HERE), (theirs, NEAR), {}).is_empty


@given(any_tags.map(device), any_tags.map(device), changes)
def test_whatever_happens_only_our_fields_change(base, theirs, said):
    try:
        merged = merge_change(base, theirs, said)
        expected = apply_attributes(theirs, {field: said[field] for field in merged.taken})
    except TagError:
        assume(False)
    assert merged.tags == expected
    for conflict in merged.conflicts:
        assert len({json.dumps(v, sort_keys=True) for v in (conflict.base, conflict.ours,
                                                             conflict.theirs)}) == 3  # fmt: skip
        # Taking theirs leaves it as it is, taking ours says it.
        pick = {conflict.field: "theirs"}
        again = merge_change(base, theirs, said, picks=pick)
        assert conflict.field not in again.taken
        assert conflict.field not in [other.field for other in again.conflicts]


@given(any_tags.map(device), changes)
def test_where_nobody_else_changed_anything_it_is_our_change(base, said):
    try:
        ours = apply_attributes(base, said)
    except TagError:
        assume(False)
    merged = merge_change(base, base, said)
    assert merged.is_settled
    assert device_attributes(merged.tags) == device_attributes(ours)


def test_places():
    assert merge_position(HERE, HERE, FAR) == (FAR, None)
    assert merge_position(HERE, FAR, HERE) == (FAR, None)
    assert merge_position(HERE, FAR, FAR) == (FAR, None)
    place, conflict = merge_position(HERE, NEAR, FAR)
    assert place == NEAR
    assert (conflict.base, conflict.ours, conflict.theirs) == (HERE, FAR, NEAR)
    assert merge_position(HERE, NEAR, FAR, pick="ours") == (FAR, None)
    assert merge_position(HERE, NEAR, FAR, pick="theirs") == (NEAR, None)
    merged = merge_all((BASE, HERE), (BASE, HERE), {}, FAR)
    assert (merged.position, merged.taken) == (FAR, ("position",))
    merged = merge_all((BASE, HERE), (BASE, NEAR), {"mount": "wall"}, FAR)
    assert [conflict.field for conflict in merged.conflicts] == ["position"]
    assert merged.taken == ("mount",)
