"""osm_load: what comes in, what stays, what is removed, and what is refused."""

import gzip
import json
import uuid

import pytest
from django.core.management import call_command

from mapper.errors import CommandFailure
from mapper.osm.models import Element
from mapper.sightings.actions import attach_claim, detach_claim, merge_devices
from mapper.sightings.models import Attachment, Claim, Device
from tests.evidence import make_city, make_claim, make_device
from tests.mapper.osm.conftest import FIXTURES, element

pytestmark = pytest.mark.django_db

CAMERA = {"man_made": "surveillance", "surveillance:type": "camera"}


def refused(capsys, *arguments, code=2):
    with pytest.raises(CommandFailure) as failure:
        call_command("osm_load", *map(str, arguments))
    assert failure.value.returncode == code
    assert "\n" not in str(failure.value)
    return str(failure.value) + capsys.readouterr().err


def test_nodes_ways_relations_and_speed_cameras_become_devices(load, town):
    said = load(town)
    assert "6 added" in said
    kinds = {e.claim.device.kind for e in Element.objects.select_related("claim__device")}
    assert kinds == {"camera", "alpr", "speed_camera", "unknown"}
    device = element("node/1").claim.device
    assert (device.camera_type, device.surveillance, device.verification) == (
        "dome",
        "public",
        "osm_only",
    )
    assert device.directions == [{"from": 315.0, "to": 315.0}]
    assert device.last_seen == "2024-05-12"
    assert device.version == 1
    assert (device.location.x, device.location.y) == (-1.7, 48.1)


def test_surveillance_on_a_bicycle_park_is_no_device(load, town):
    load(town)
    assert not Element.objects.filter(osm_type="node", osm_id=4).exists()


def test_a_way_and_a_relation_stand_on_their_own_surface(load, town):
    load(town)
    way = element("way/1").location
    assert -1.696 < way.x < -1.695
    assert 48.100 < way.y < 48.101
    park = element("relation/1").location
    in_hole = -1.695 < park.x < -1.693 and 48.105 < park.y < 48.107
    assert -1.696 < park.x < -1.692
    assert not in_hole


def test_raw_tags_are_kept_byte_for_byte(load, town):
    load(town)
    assert element("node/1").tags == {
        "man_made": "surveillance",
        "surveillance": "public",
        "surveillance:type": "camera",
        "camera:type": "dome",
        "camera:direction": "NW",
        "operator": "Ville d'Exemple  ",
        "check_date": "2024-05-12",
        "note:fr": "guillemets « » & é ñ 🎥",
    }


def test_users_of_osm_are_stored_nowhere(load, town, rows):
    load(town)
    load(FIXTURES / "answer.json")
    load(FIXTURES / "devices.geojson")
    assert "Somebody" not in str(rows())


def test_loading_twice_changes_no_row(load, town, rows):
    load(town)
    before = rows()
    assert "0 added, 0 changed, 0 removed, 6 unchanged" in load(town)
    assert rows() == before


@pytest.mark.parametrize("suffix", [".osm.pbf", ".osm.gz", ".osm"])
def test_every_format_of_osm_gives_the_same(load, town, tmp_path, suffix):
    import osmium

    path = tmp_path / f"town{suffix}"
    if suffix == ".osm":
        path.write_bytes(town.read_bytes())
    else:
        writer = osmium.SimpleWriter(str(path))
        for item in osmium.FileProcessor(str(town)):
            writer.add(item)
        writer.close()
    assert "6 added" in load(path)
    assert element("node/1").tags["note:fr"].endswith("🎥")
    assert element("relation/1").location is not None


def test_json_of_overpass_and_geojson_name_the_same_objects(load, town):
    load(town)
    assert "1 added, 0 changed, 0 removed, 3 unchanged" in load(FIXTURES / "answer.json")
    assert "0 changed, 0 removed, 2 unchanged, 1 older" in load(FIXTURES / "devices.geojson")


def test_geojson_reads_flat_tags_tags_apart_and_type_apart(load):
    assert "3 added" in load(FIXTURES / "devices.geojson")
    assert element("node/1").tags["operator"] == "Ville d'Exemple  "
    assert element("node/1").version == 3
    assert "empty_column" not in element("node/1").tags
    assert element("way/1").tags["building"] == "yes"
    assert element("way/1").version == 4
    assert element("node/2").claim.device.directions == [{"from": 90.0, "to": 270.0}]


def test_a_bare_list_of_elements_is_read(load, tmp_path):
    path = tmp_path / "list.json"
    path.write_text(json.dumps([{"type": "node", "id": 5, "lat": 48, "lon": 2, "tags": CAMERA}]))
    assert "1 added" in load(path)


def test_a_change_file_updates_removes_and_adds(load, town):
    load(town)
    devices = {name: element(name).claim.device_id for name in ("node/1", "node/2", "node/3")}
    said = load(FIXTURES / "changes.osc")
    assert "1 added, 1 changed, 2 removed" in said
    changed = element("node/1")
    assert changed.claim.device_id == devices["node/1"]
    assert (changed.version, changed.claim.device.camera_type) == (4, "panning")
    assert changed.claim.device.directions == []
    assert changed.claim.device.version == 2
    lost = element("node/2")
    assert lost.is_visible
    assert lost.tags == {"highway": "street_lamp"}
    assert (lost.claim.presence, lost.claim.device.status) == ("gone", "removed")
    deleted = element("node/3")
    assert not deleted.is_visible
    assert deleted.tags["maxspeed"] == "50"
    assert (deleted.claim.device.state, deleted.claim.device.status) == ("present", "removed")
    assert deleted.claim.device_id == devices["node/3"]
    assert deleted.claim.seen_to == "2025-03"


def test_a_change_file_twice_changes_no_row(load, town, rows):
    load(town)
    load(FIXTURES / "changes.osc")
    before = rows()
    load(FIXTURES / "changes.osc")
    assert rows() == before


def test_an_older_version_never_overwrites_a_newer_one(load, town, rows):
    load(town)
    load(FIXTURES / "changes.osc")
    before = rows()
    assert "3 older than ours" in load(town)
    assert rows() == before


def test_an_object_that_comes_back_is_there_again(load, write_pbf):
    load(write_pbf([(1, 1, 2.0, 48.0, CAMERA)]))
    load(write_pbf([(1, 2, 2.0, 48.0, {"highway": "street_lamp"})]))
    assert element("node/1").claim.device.status == "removed"
    load(write_pbf([(1, 3, 2.0, 48.0, CAMERA)]))
    assert element("node/1").claim.device.status == "active"


def test_an_element_keeps_its_device_after_a_merge(load, town, rows):
    load(town)
    survivor = make_device(lon=-1.7, lat=48.1)
    other = element("node/1").claim.device
    merge_devices(survivor=survivor, other=other, decision=uuid.uuid4())
    before = rows()
    load(town)
    assert rows() == before
    load(FIXTURES / "changes.osc")
    assert element("node/1").claim.device_id == survivor.id
    survivor.refresh_from_db()
    assert (survivor.verification, survivor.camera_type) == ("verified", "panning")
    assert set(survivor.sources) == {"osm", "walker"}
    other.refresh_from_db()
    assert other.state == "merged"


def test_a_claim_taken_off_all_devices_is_not_put_back(load, town):
    load(town)
    claim = element("node/1").claim
    detach_claim(claim=claim, decision=uuid.uuid4())
    load(FIXTURES / "changes.osc")
    assert element("node/1").claim.device_id is None
    assert Device.objects.get(id=claim.attachments.get(follows=None).device_id).state == "withdrawn"


def test_bulk_projection_equals_one_at_a_time(load, town):
    load(town)
    for device in Device.objects.all():
        fields = {f.attname: getattr(device, f.attname) for f in Device._meta.concrete_fields}
        capabilities = set(device.capabilities.values_list("name", "claim"))
        again = attach_claim(claim=device.claims.get(), device=device, decision=None)
        again.refresh_from_db()
        for name, value in fields.items():
            if name != "version":
                assert getattr(again, name) == value, name
        assert set(again.capabilities.values_list("name", "claim")) == capabilities


def test_each_new_claim_has_one_attachment(load, town):
    load(town)
    assert Attachment.objects.count() == Claim.objects.count() == 6
    assert Attachment.objects.filter(follows__isnull=True, decision__isnull=False).count() == 6


def test_devices_are_placed_in_their_city_by_the_load(load, town):
    city = make_city(code="35001", name="Exemple", west=-1.71, south=48.09, side=0.03)
    load(town)
    assert Device.objects.filter(city=city).count() == 6


def test_a_known_device_gets_osm_beside_a_walker_without_losing_the_spot(load, write_pbf):
    device = make_device(lon=2.0, lat=48.0)
    load(write_pbf([(1, 1, 2.0, 48.0, CAMERA)]))
    claim = element("node/1").claim
    attach_claim(claim=claim, device=device, decision=uuid.uuid4())
    load(write_pbf([(1, 2, 2.1, 48.0, CAMERA | {"camera:mount": "pole"})]))
    device.refresh_from_db()
    assert device.mount == "pole"
    assert device.location.x == 2.0
    assert device.verified_by is not None


# --- what is not in the file ----------------------------------------------------------------------


def many(count, skip=0):
    return [(key, 1, 2 + key / 1000, 48.0, CAMERA) for key in range(1 + skip, count + 1)]


def test_absence_alone_removes_nothing(load, write_pbf):
    load(write_pbf(many(20)))
    load(write_pbf(many(5)))
    assert Device.objects.filter(status="active").count() == 20


def test_absence_in_a_complete_region_removes_below_a_tenth(load, write_pbf):
    load(write_pbf(many(30)))
    said = load(write_pbf(many(30, skip=2)), complete_for="1.9,47.9,3,48.1")
    assert "2 removed" in said
    gone = element("node/1")
    assert not gone.is_visible
    assert (gone.claim.presence, gone.claim.device.status) == ("gone", "removed")
    assert "0 removed" in load(write_pbf(many(30, skip=2)), complete_for="1.9,47.9,3,48.1")


def test_a_tenth_or_more_can_not_vanish(load, write_pbf, rows, capsys):
    load(write_pbf(many(30)))
    before = rows()
    path = write_pbf(many(30, skip=3))
    assert "3 of the 30" in refused(capsys, path, "--complete-for=1.9,47.9,3,48.1")
    assert rows() == before


def test_what_stands_outside_the_region_is_not_missed(load, write_pbf):
    load(write_pbf([*many(20), (99, 1, 10.0, 48.0, CAMERA)]))
    load(write_pbf(many(20)), complete_for="1.9,47.9,3,48.1")
    assert element("node/99").claim.presence == "there"


def test_a_bad_box_is_refused(capsys, town):
    assert "four numbers" in refused(capsys, town, "--complete-for=1,2,3")
    assert "south" in refused(capsys, town, "--complete-for=1,3,2,2")


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("some.txt", b"hello"),
        ("bad.osm.pbf", b"hello"),
        ("bad.osm", b"<osm><node"),
        ("bad.osm", b"<!DOCTYPE x [<!ENTITY a 'b'>]><osm><node id='1'/></osm>"),
        (
            "bad.osm",
            b'<osm version="0.6"><node id="1" version="1" lat="999" lon="1">'
            b'<tag k="man_made" v="surveillance"/></node></osm>',
        ),
        ("bad.osc", b"\x00\xff"),
        ("bad.osm.gz", b"no gzip"),
        ("bad.json", b"{"),
        ("bad.json", b'{"elements": [{"type": "node"'),
        ("bad.json", b'{"answer": 42}'),
        ("bad.json", b""),
        ("bad.geojson.gz", gzip.compress(b'{"features": [', mtime=0)[:-6]),
        ("remark.json", b'{"elements": [], "remark": "runtime error: timed out"}'),
    ],
)
def test_an_unreadable_file_is_one_line_and_exit_2(capsys, tmp_path, rows, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    assert name in refused(capsys, path)
    assert rows()["osm_element"] == []


def test_a_missing_file_and_a_folder_are_refused(capsys, tmp_path):
    assert "no such file" in refused(capsys, tmp_path / "none.osm")
    assert "not a file" in refused(capsys, tmp_path)


def test_odd_objects_are_named_and_the_others_taken(capsys, tmp_path):
    path = tmp_path / "odd.json"
    good = {"type": "node", "id": 1, "lat": 48, "lon": 2, "tags": CAMERA}
    odd = [
        good | {"id": -5},
        good | {"id": 6, "tags": CAMERA | {"height": 4}},
        good | {"id": 7, "tags": CAMERA | {"note": "x" * 256}},
        good | {"id": 8, "tags": CAMERA | {"note": "a\u0000b"}},
        good | {"id": 9, "lat": None},
        good | {"id": 10, "timestamp": "yesterday"},
        good | {"id": 11, "version": 1.5},
        "node",
    ]
    path.write_text(json.dumps({"elements": [good, *odd]}))
    said = refused(capsys, path, code=1)
    assert "8 objects were refused" in said
    for name in ("node/-5", "node/6", "node/7", "node/8", "node/9", "node/10", "element 9"):
        assert name in said
    assert Element.objects.count() == 1


def test_a_file_of_odd_objects_only_is_refused_whole(capsys, tmp_path):
    path = tmp_path / "odd.json"
    path.write_text(json.dumps({"elements": [{"id": 1, "tags": CAMERA}]}))
    assert "No object" in refused(capsys, path)


def test_a_load_that_breaks_off_leaves_everything_as_it_was(load, town, rows, monkeypatch):
    load(town)
    before = rows()

    def broken(**_):
        raise KeyboardInterrupt

    monkeypatch.setattr("mapper.osm.actions.project_devices", broken)
    with pytest.raises(KeyboardInterrupt):
        load(FIXTURES / "changes.osc")
    assert rows() == before


# --- real files, where they are -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("osm_extracts/valhalla_bench_munchen.osm.pbf", 211),
        ("osm_devices/switzerland_overpass.json", 2144),
    ],
)
def test_real_data_loads_whole_and_twice_the_same(load, rows, shared_data, name, count):
    assert f"{count} added" in load(shared_data / name)
    before = rows()
    assert f"{count} unchanged" in load(shared_data / name)
    assert rows() == before


def test_two_extracts_of_monaco_agree(load, shared_data):
    load(shared_data / "osm_extracts" / "quackosm_monaco.osm.pbf")
    load(shared_data / "osm_extracts" / "valhalla_bench_monaco.osm.pbf")
    assert Element.objects.count() == Device.objects.count()


def test_every_tag_of_a_real_answer_comes_back(load, shared_data):
    path = shared_data / "osm_devices" / "switzerland_overpass.json"
    load(path)
    with path.open(encoding="utf-8") as file:
        expected = {item["id"]: item["tags"] for item in json.load(file)}
    assert dict(Element.objects.values_list("osm_id", "tags")) == expected


def test_loading_needs_few_statements(write_pbf, django_assert_max_num_queries):
    path = write_pbf(many(500))
    with django_assert_max_num_queries(47):
        call_command("osm_load", str(path))


def test_the_claim_of_a_walker_is_not_touched(load, town):
    claim = make_claim()
    attach_claim(claim=claim, device=None, decision=uuid.uuid4())
    load(town)
    again = Claim.objects.get(id=claim.id)
    assert again.attributes == claim.attributes
