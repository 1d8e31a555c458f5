"""What an extract holds as we hold it is left unread, and nothing is missed by that."""

import datetime

import osmium
import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import osm_rules
from geo.position import LonLat
from mapper.errors import CommandFailure
from mapper.osm import reading_opl, reading_osmium
from mapper.osm.known import Known, known_now
from mapper.osm.models import Element
from mapper.osm.objects import NodeLine, OsmObject, RefusedObject
from mapper.osm.reading import read_file
from tests.mapper.osm.conftest import FIXTURES, element

CAMERA = {"man_made": "surveillance", "surveillance:type": "camera"}
database = pytest.mark.django_db


def camera(key, version=1, lon=2.0, **tags):
    return (key, version, lon, 48.0, CAMERA | tags)


def many(count, **tags):
    return [camera(key, lon=2 + key / 1000, **tags) for key in range(1, count + 1)]


def unread_of(path):
    """Return what a reading of a file leaves unread now, and what it yields."""
    known = known_now()
    found = list(read_file(path, known=known, is_quiet=True).objects)
    return sorted(known.unread), found


@database
def test_the_same_version_is_left_unread_and_counted(load, write_pbf, rows):
    load(write_pbf(many(20)))
    before = rows()
    path = write_pbf([*many(19), camera(20, 2, height="4"), camera(21)])
    unread, found = unread_of(path)
    assert (len(unread), [item.osm_id for item in found]) == (19, ["20", "21"])
    assert "1 added, 1 changed, 0 removed, 19 unchanged" in load(path)
    after = rows()
    for table, kept in before.items():
        assert len(set(kept) - set(after[table])) <= 1, table


@database
def test_what_was_read_by_other_rules_is_read_anew(load, write_pbf, monkeypatch):
    path = write_pbf(many(5))
    load(path)
    Element.objects.filter(osm_id=1).update(rules=osm_rules.revision() - 1)
    Element.objects.filter(osm_id=2).update(rules=0)
    assert len(unread_of(path)[0]) == 3
    assert "5 unchanged" in load(path)
    assert set(Element.objects.values_list("rules", flat=True)) == {osm_rules.revision()}
    monkeypatch.setattr(osm_rules, "revision", lambda: 7)
    assert unread_of(path)[0] == []
    assert "5 unchanged" in load(path)
    assert set(Element.objects.values_list("rules", flat=True)) == {7}
    assert len(unread_of(path)[0]) == 5


@database
def test_newer_rules_change_what_the_same_version_says(load, write_pbf, monkeypatch):
    path = write_pbf([camera(1, **{"camera:mount": "pole"})])
    load(path)
    claim = element("node/1").claim
    claim.attributes = claim.attributes | {"mount": "as an older table read it"}
    claim.save()
    load(path)
    assert element("node/1").claim.attributes["mount"] == "as an older table read it"
    monkeypatch.setattr(osm_rules, "revision", lambda: 7)
    assert "1 changed" in load(path)
    assert element("node/1").claim.attributes["mount"] == "pole"
    assert element("node/1").claim.device.mount == "pole"


@database
def test_an_end_date_is_judged_each_time(load, write_pbf, monkeypatch):
    path = write_pbf([camera(1, end_date="2026-06-30"), camera(2)])
    monkeypatch.setattr("mapper.osm.staging.today", lambda: datetime.date(2026, 6, 1))
    load(path)
    assert element("node/1").claim.device.status == "active"
    monkeypatch.setattr("mapper.osm.staging.today", lambda: datetime.date(2026, 7, 1))
    assert unread_of(path)[0] == [b"n2 v1"]
    load(path)
    assert element("node/1").claim.device.status == "removed"


@database
def test_what_an_exporter_rounded_is_read_again_from_an_extract(load, town, tmp_path):
    load(FIXTURES / "devices.geojson")
    assert element("node/1").rules == 0
    path = tmp_path / "town.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for item in osmium.FileProcessor(str(town)):
            writer.add(item)
    assert unread_of(path)[0] == []
    load(path)
    assert element("node/1").rules == osm_rules.revision()
    load(FIXTURES / "devices.geojson")
    assert element("node/1").rules == osm_rules.revision()


@database
def test_a_version_that_is_not_told_is_never_the_same(load, write_pbf):
    path = write_pbf([camera(1, 0)])
    load(path)
    assert unread_of(path)[0] == []


@database
def test_unread_objects_are_not_missing_from_a_complete_region(load, write_pbf, rows):
    load(write_pbf(many(30)))
    path = write_pbf(many(30)[2:])
    assert len(unread_of(path)[0]) == 28
    assert "2 removed" in load(path, complete_for="1.9,47.9,3,48.1")
    before = rows()
    assert "0 removed, 28 unchanged" in load(path, complete_for="1.9,47.9,3,48.1")
    assert rows() == before


@database
def test_most_of_a_region_can_not_vanish_beside_unread_objects(load, write_pbf, rows):
    load(write_pbf(many(30)))
    before = rows()
    with pytest.raises(CommandFailure, match="3 of the 30"):
        call_command("osm_load", str(write_pbf(many(30)[3:])), complete_for="1.9,47.9,3,48.1")
    assert rows() == before


@database
def test_what_was_removed_by_absence_comes_back_at_the_same_version(load, write_pbf):
    load(write_pbf(many(30)))
    load(write_pbf(many(30)[1:]), complete_for="1.9,47.9,3,48.1")
    assert element("node/1").claim.device.status == "removed"
    assert "1 changed" in load(write_pbf(many(30)))
    assert element("node/1").claim.device.status == "active"


@database
def test_a_known_node_that_lost_its_tags_is_found_beside_unread_ones(load, write_pbf):
    load(write_pbf(many(5)))
    said = load(write_pbf([*many(5)[1:], (1, 2, 2.0, 48.0, {"highway": "street_lamp"})]))
    assert "1 removed, 4 unchanged" in said


@database
def test_a_way_is_read_though_its_version_is_the_same(load, tmp_path):
    def extract(name, lat):
        with osmium.SimpleWriter(str(tmp_path / name)) as writer:
            for key in (1, 2):
                writer.add_node(osmium.osm.mutable.Node(id=key, version=1, location=(key, lat)))
            tags = CAMERA
            writer.add_way(
                osmium.osm.mutable.Way(
                    id=1, version=1, nodes=[1, 2], tags=tags, timestamp="2024-05-12T10:00:00Z"
                )
            )
        return tmp_path / name

    load(extract("a.osm.pbf", 48.0))
    assert "1 changed" in load(extract("b.osm.pbf", 49.0))
    assert element("way/1").location.coords == (1.5, 49.0)


@database
def test_a_file_with_many_versions_is_read_whole(load, write_pbf, tmp_path):
    load(write_pbf([camera(1)]))
    path = tmp_path / "history.osh.pbf"
    header = osmium.io.Header()
    header.has_multiple_object_versions = True
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for version, tags in ((1, CAMERA), (2, {"highway": "street_lamp"})):
            writer.add_node(
                osmium.osm.mutable.Node(id=1, version=version, location=(2, 48), tags=tags)
            )
    assert "1 removed" in load(path)


@database
@pytest.mark.parametrize("program", ["/nonexistent/osmium", "/bin/false"])
def test_without_osmium_tool_all_is_read_by_pyosmium(load, write_pbf, monkeypatch, program):
    load(write_pbf(many(5)))
    path = write_pbf([*many(5), camera(6)])
    monkeypatch.setattr(reading_opl, "_PROGRAM", program)
    assert "1 added, 0 changed, 0 removed, 5 unchanged" in load(path)


@database
def test_tags_that_are_not_utf8_are_refused_alone(write_pbf, capsys):
    path = write_pbf([camera(1), camera(2, note="XXXXXXXX"), camera(3)], name="odd.osm")
    with pytest.raises(CommandFailure):
        call_command("osm_load", str(_broken(path)))
    assert "node/2: its tags are not UTF-8" in capsys.readouterr().err
    assert Element.objects.count() == 2


def _broken(path):
    """Return an uncompressed extract of a text file, with a byte that no UTF-8 has."""
    made = path.with_suffix(".broken.osm.pbf")
    file = osmium.io.File(str(made), "pbf,pbf_compression=none")
    with osmium.SimpleWriter(file) as writer:
        for item in osmium.FileProcessor(str(path)):
            writer.add(item)
    made.write_bytes(made.read_bytes().replace(b"XXXXXXXX", b"XXXX\xffXXX"))
    return made


def test_a_line_with_odd_numbers_is_refused_in_words():
    line = "n-5 v1 dV t2024-05-12T10:00:00Z Tman_made=surveillance x2.0 y48.0\n"
    assert reading_opl._node(line.encode(), {}) is None
    found, _ = reading_opl._any_object(line)
    assert isinstance(found, RefusedObject)
    far = "n5 v1 dV t Tman_made=surveillance x999.0 y48.0\n"
    assert reading_opl._node(far.encode(), {}) is None
    assert reading_opl._any_object(far)[0].position is None
    deleted = "n5 v1 dD t Tman_made=surveillance x y\n"
    assert reading_opl._node(deleted.encode(), {}) is None
    assert not reading_opl._any_object(deleted)[0].is_visible


texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(texts, texts, max_size=5), st.integers(1, 2**40), st.integers(0, 10**9 - 1))
def test_any_tags_are_read_from_lines_as_from_objects(tmp_path_factory, tags, key, version):
    path = tmp_path_factory.mktemp("any") / "any.osm.pbf"
    said = tags | CAMERA
    with osmium.SimpleWriter(str(path)) as writer:
        writer.add_node(
            osmium.osm.mutable.Node(
                id=key,
                version=version,
                location=(-1.2345678, 48.0000001),
                tags=said,
                timestamp="2024-05-12T10:00:00Z",
            )
        )
        writer.add_way(osmium.osm.mutable.Way(id=key, version=version, nodes=[key], tags=said))
        writer.add_relation(
            osmium.osm.mutable.Relation(
                id=key, version=version, tags=said, members=[("n", key, "a,b @%")]
            )
        )
    slow = list(reading_osmium.objects(path, known={}, is_quiet=True))
    quick = list(reading_osmium.objects(path, known=Known(lambda: (set(), {})), is_quiet=True))
    assert [as_object(item) for item in quick] == slow


def test_the_end_of_unicode_is_not_taken_for_its_middle(write_pbf):
    notes = ["\U00010000", "\U0001f3a5", "\U00100000", "\U0010f3a5"]
    path = write_pbf([camera(key, note=note) for key, note in enumerate(notes, start=1)])
    found = read_file(path, known=Known(lambda: (set(), {})), is_quiet=True).objects
    assert [item.tags["note"] for item in found] == notes


def as_object(found):
    if not isinstance(found, NodeLine):
        return found
    return OsmObject(
        osm_type="node",
        osm_id=int(found.osm_id),
        version=int(found.version),
        timestamp=datetime.datetime.fromisoformat(found.stamp) if found.stamp else None,
        tags=found.tags.tags,
        position=LonLat(found.lon, found.lat),
    )


@pytest.mark.parametrize(
    "name", ["valhalla_bench_munchen", "quackosm_monaco", "valhalla_bench_monaco"]
)
def test_real_extracts_are_read_from_lines_as_from_objects(shared_data, name):
    path = shared_data / "osm_extracts" / f"{name}.osm.pbf"
    slow = list(reading_osmium.objects(path, known={}, is_quiet=True))
    quick = list(reading_osmium.objects(path, known=Known(lambda: (set(), {})), is_quiet=True))
    assert slow
    assert [as_object(item) for item in quick] == slow
