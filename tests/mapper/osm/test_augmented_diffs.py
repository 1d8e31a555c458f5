"""Augmented diffs of Overpass: what each object became, and what can't be believed."""

import gzip

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from mapper.errors import BadInput, CommandFailure
from mapper.osm.models import Element
from mapper.osm.objects import OsmObject, RefusedObject
from mapper.osm.reading import read_file
from tests.mapper.osm.conftest import FIXTURES, element

pytestmark = pytest.mark.django_db
DIFF = FIXTURES / "changes.adiff"


def written(tmp_path, *actions, name="some.adiff", head="<osm>", tail="</osm>"):
    path = tmp_path / name
    path.write_text(head + "".join(actions) + tail, encoding="utf-8")
    return path


def found(path, known=None):
    return list(read_file(path, known=known or {}, is_quiet=True).objects)


def test_it_updates_removes_and_adds(load, town):
    load(town)
    assert "3 added, 1 changed, 2 removed" in load(DIFF)
    changed = element("node/1")
    assert (changed.version, changed.claim.device.camera_type) == (4, "panning")
    assert changed.location.y == 48.1000001
    lost = element("node/2")
    assert (lost.tags, lost.claim.device.status) == ({"highway": "street_lamp"}, "removed")
    deleted = element("node/3")
    assert not deleted.is_visible
    assert (deleted.tags["maxspeed"], deleted.claim.seen_to) == ("50", "2025-03")
    assert element("node/21").tags["note"] == 'une "caméra" 🎥'
    assert not Element.objects.filter(osm_type="node", osm_id=22).exists()


def test_ways_and_relations_stand_where_the_diff_draws_them(load):
    load(DIFF)
    assert element("way/30").location.coords == (-1.699, 48.1)
    assert 48.1 < element("relation/31").location.y < 48.11


def test_twice_changes_no_row_and_nobody_is_named(load, town, rows):
    load(town)
    load(DIFF)
    before = rows()
    load(DIFF)
    assert rows() == before
    assert "Somebody" not in str(before)


@pytest.mark.parametrize("name", ["a.adiff.gz", "a.xml", "a.osm", "a.osc", "a.osc.gz"])
def test_it_is_told_by_how_it_begins(load, town, tmp_path, name):
    load(town)
    body = DIFF.read_bytes()
    (tmp_path / name).write_bytes(gzip.compress(body) if name.endswith(".gz") else body)
    assert "3 added, 1 changed, 2 removed" in load(tmp_path / name)


def test_the_moment_is_in_its_head():
    assert f"{read_file(DIFF, known={}).data_at:%Y-%m-%d %H:%M}" == "2025-03-10 12:00"


def test_a_deletion_without_a_new_is_one(tmp_path):
    old = '<old><node id="3" version="2" lat="1" lon="1"><tag k="a" v="b"/></node></old>'
    path = written(tmp_path, f'<action type="delete">{old}</action>')
    assert found(path) == []
    (gone,) = found(path, {"node": {3}})
    assert (gone.is_visible, gone.tags, gone.version) == (False, {}, 2)


def test_what_only_left_the_question_is_not_gone(load, town, tmp_path, capsys):
    load(town)
    new = '<new><node id="1" version="9" visible="true"/></new>'
    path = written(tmp_path, f'<action type="delete">{new}</action>')
    with pytest.raises(CommandFailure):
        call_command("osm_load", str(path))
    assert element("node/1").claim.device.status == "active"


@pytest.mark.parametrize(
    "body",
    [
        "<osm><action type='create'><node id='1'",
        "<osm><action type='create'></osm>",
        "<!DOCTYPE x [<!ENTITY a 'b'>]><osm></osm>",
        "<html><body/></html>",
        "<osm><node id='1' lat='1' lon='1'/></osm>",
        "<osm>" + "<old>" * 50,
        "<osm><remark> runtime error: Query timed out</remark></osm>",
        '<?xml version="1.0" encoding="none-such"?><osm/>',
        "",
        "\0",
    ],
)
def test_what_is_damaged_or_partial_is_refused_whole(tmp_path, body):
    path = tmp_path / "bad.adiff"
    path.write_text(body, encoding="utf-8")
    with pytest.raises(BadInput, match=r"bad\.adiff"):
        found(path)


words = st.sampled_from(
    ["osm", "action", "old", "new", "node", "way", "relation", "member", "nd", "tag", "center"]
)
pairs = st.dictionaries(
    st.sampled_from(["id", "lat", "lon", "version", "timestamp", "visible", "type", "ref", "k"]),
    st.sampled_from(["1", "-1", "48.1", "nan", "x", "", "node", "delete", "false", "9" * 30]),
    max_size=5,
)
trees = st.recursive(
    st.tuples(words, pairs, st.just([])),
    lambda inner: st.tuples(words, pairs, st.lists(inner, max_size=4)),
    max_leaves=15,
)


def as_xml(tree):
    name, said, inner = tree
    attributes = "".join(f' {key}="{value}"' for key, value in said.items())
    return f"<{name}{attributes}>{''.join(map(as_xml, inner))}</{name}>"


@settings(max_examples=150, deadline=None)
@given(st.lists(trees, max_size=4), st.sampled_from(["create", "modify", "delete", "x"]))
def test_any_tree_is_read_or_refused_in_words(tmp_path_factory, items, action):
    path = tmp_path_factory.mktemp("any") / "any.adiff"
    inner = "".join(map(as_xml, items))
    path.write_text(f"<osm><action type='{action}'>{inner}</action></osm>", encoding="utf-8")
    try:
        told = found(path, {"node": {1}, "way": {1}})
    except BadInput as refused:
        assert str(path) in str(refused)  # noqa: PT017 - a refusal is fine, a traceback is not
    else:
        assert all(isinstance(item, OsmObject | RefusedObject) for item in told)
