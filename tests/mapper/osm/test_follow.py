"""osm_follow: each change file once and in order, with its number; none left out."""

import datetime
import gzip

import osmium
import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from mapper.errors import BadInput, CommandFailure, Conflict
from mapper.operations import doctor_osm
from mapper.osm import jobs
from mapper.osm.models import Element, Following
from mapper.osm.replication import Replication, ReplicationFailure, read_state
from mapper.sightings.models import Device
from tests.mapper.osm.conftest import element
from tests.mapper.osm.replication_server import camera, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(tmp_path, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setattr(Replication.__init__, "__kwdefaults__", {"sleep": lambda seconds: None})
    folder = tmp_path / "replication"
    folder.mkdir()
    with serving(folder) as made:
        yield made


@pytest.fixture
def follow(published, capsys):
    def run(**options):
        call_command("osm_follow", url=published.url, once=True, **options)
        return capsys.readouterr().out

    return run


def sequence():
    return Following.objects.get().sequence


def refusal(follow, **options):
    with pytest.raises(CommandFailure) as raised:
        follow(**options)
    assert "\n" not in str(raised.value)
    return raised.value


def test_it_begins_at_the_newest_and_takes_what_comes_after(published, follow):
    published.publish(camera(1, 1, act="create"))
    assert "Begins after number 1000" in follow()
    assert not Element.objects.exists()
    published.publish(camera(2, 1, act="create"))
    published.publish(camera(2, 2, lon=-1.66) + camera(3, 1, act="create"))
    said = follow()
    assert "2 change files; 2 added" in said
    assert "now at number 1002, of 2026-05-12 16:42" in said
    assert element("node/2").version == 2
    assert element("node/2").claim.location.x == -1.66
    assert "0 change files" in follow()


def test_an_object_that_lost_its_tag_moved_or_was_deleted_is_found_by_its_id(published, follow):
    follow(sequence=999)
    published.publish("".join(camera(number, 1, act="create") for number in (1, 2, 3)))
    published.publish(camera(1, 2, tags={"amenity": "bench"}))
    published.publish(camera(2, 2, lon=0.5, lat=45))
    published.publish(camera(3, 2, act="delete"))
    # All of it in one transaction: what came and went in it was never there for us.
    assert "1 added" in follow()
    assert element("node/2").claim.device.location.x == 0.5
    assert Device.objects.count() == 1


def test_found_by_its_id_over_several_runs_and_within_one_file(published, follow):
    follow(sequence=999)
    published.publish(camera(1, 1, act="create"))
    follow()
    published.publish(camera(1, 2, tags={}))
    published.publish(camera(2, 1, act="create") + camera(2, 2, tags={"amenity": "bench"}))
    assert "0 added, 0 changed, 1 removed" in follow()
    assert not Element.objects.there().exists()
    assert element("node/1").claim.device.status == "removed"


def test_nobody_who_edited_is_kept(published, follow):
    follow(sequence=999)
    published.publish(camera(1, 1, act="create"))
    follow()
    assert "NOBODY" not in str(list(Element.objects.values()))


def test_a_name_of_a_person_that_was_removed_upstream_is_nowhere_any_more(published, follow):
    person = "Jeanne Example"
    named = {"man_made": "surveillance", "operator": person, "name": person}
    follow(sequence=999)
    published.publish(camera(1, 1, act="create", tags=named))
    follow()
    device = element("node/1").claim.device
    page = f"/devices/{device.id}/"
    assert person in Client().get(page).text
    published.publish(camera(1, 2))
    follow()
    assert person not in Client().get(page).text
    held = [element("node/1").tags, element("node/1").claim.attributes]
    assert person not in str([*held, *Device.objects.values()])


def test_new_devices_are_taken_in_the_region_alone_and_known_ones_followed_out_of_it(
    published, follow
):
    here = {"region": "-2,48,-1,49"}
    follow(sequence=999, **here)
    published.publish(camera(1, 1, act="create") + camera(2, 1, lon=2.3, act="create"))
    published.publish(camera(1, 2, lon=2.3))
    follow(**here)
    assert Element.objects.get().osm_id == 1
    assert element("node/1").claim.location.x == 2.3


def test_a_number_that_is_missing_stops_it_and_nothing_after_is_applied(published, follow):
    follow(sequence=999)
    for number in (1, 2, 3):
        published.publish(camera(number, 1, act="create"))
    lost = published.path(1001, "osc.gz")
    body = lost.read_bytes()
    lost.unlink()
    failure = refusal(follow)
    assert failure.returncode == 3
    assert "lacks number 1001" in str(failure)
    # What came before it is in, with its number.
    assert sequence() == 1000
    assert Element.objects.get().osm_id == 1
    assert "lacks number 1001" in Following.objects.get().fault
    lost.write_bytes(body)
    assert "2 added" in follow()
    assert Following.objects.get().fault == ""


@pytest.mark.parametrize("damage", ["cut", "noise", "html", "empty"])
def test_a_damaged_file_changes_nothing_and_is_asked_for_again(published, follow, damage):
    follow(sequence=999)
    published.publish(camera(1, 1, act="create"))
    file = published.path(1000, "osc.gz")
    whole = file.read_bytes()
    broken = {
        "cut": whole[: len(whole) // 2],
        "noise": b"\x1f\x8b" + bytes(range(200)),
        "html": b"<html>Service unavailable</html>",
        "empty": b"",
    }
    file.write_bytes(broken[damage])
    assert refusal(follow).returncode == 3
    assert sequence() == 999
    assert not Element.objects.exists()
    file.write_bytes(whole)
    assert "1 added" in follow()


def test_a_change_file_cut_at_the_end_of_an_element_is_no_whole_one(published, follow):
    follow(sequence=999)
    published.publish("")
    body = gzip.compress(f'<osmChange version="0.6">{camera(1, 1, act="create")}'.encode())
    published.path(1000, "osc.gz").write_bytes(body)
    assert refusal(follow).returncode == 3
    assert sequence() == 999
    assert not Element.objects.exists()


def test_a_server_that_goes_back_is_waited_for(published, follow):
    follow(sequence=999)
    published.publish(camera(1, 1, act="create"))
    published.publish(camera(1, 2, lon=-1.6))
    follow()
    (published.folder / "state.txt").write_text(published.state(1000))
    assert "0 change files" in follow()
    assert sequence() == 1001


def test_what_was_applied_and_is_applied_again_changes_nothing(published, follow, rows):
    follow(sequence=999)
    published.publish(camera(1, 1, act="create"))
    published.publish(camera(1, 2, lon=-1.6) + camera(2, 1, act="create"))
    follow()
    before = rows()
    assert "0 added, 0 changed, 0 removed" in follow(sequence=999)
    assert rows() == before


def test_a_busy_server_is_asked_again_and_another_refusal_said(published, follow):
    published.trouble["/state.txt"] = [503, 429]
    assert "Begins" in follow()
    published.trouble["/state.txt"] = [503] * 3
    assert "HTTP 503" in str(refusal(follow))
    published.trouble["/state.txt"] = [403]
    assert "HTTP 403" in str(refusal(follow))
    (published.folder / "state.txt").unlink()
    assert "check the address" in str(refusal(follow))


def test_a_state_file_of_another_number_is_not_believed(published, follow):
    published.path(999, "state.txt").write_text(published.state(17))
    assert "is the state of 17" in str(refusal(follow, sequence=999))


@pytest.mark.parametrize(
    "text",
    ["", "sequenceNumber=1", "sequenceNumber=x\ntimestamp=2026-05-12T10:00:00Z", "<html>",
     "sequenceNumber=5\ntimestamp=yesterday", "sequenceNumber=-1\ntimestamp=2026-05-12T10:00:00Z",
     "sequenceNumber=9999999999\ntimestamp=2026-05-12T10\\:00\\:00Z",
     "sequenceNumber=5\ntimestamp=2026-05-12T10:00:00"],
)  # fmt: skip
def test_what_is_no_state_file_is_refused(text):
    with pytest.raises(ReplicationFailure, match="no state file"):
        read_state(text, "state.txt")


@pytest.mark.parametrize("name", ["osmcamera_lastState.txt", "panopticity_sample.state.txt"])
def test_state_files_as_others_kept_them_are_read(shared_data, name):
    text = (shared_data / "osm_api" / "state" / name).read_text()
    assert read_state(text, name).timestamp.year in (2012, 2025)


def test_it_begins_at_a_moment(published, follow):
    for _ in range(30):
        published.publish("")
    said = follow(since="2026-05-12T16:45:00Z")
    # Number 1005 is of 16:45: what it says is applied again, never left out.
    assert "Begins after number 1004" in said
    assert "older" not in said
    assert "first" in str(refusal(follow, since="2020-01-01"))


@pytest.mark.parametrize(
    "options",
    [{"url": ""}, {"url": "ftp://x"}, {"url": "http://example.org"}, {"since": "soon"},
     {"region": "1,2"}],
)  # fmt: skip
def test_wrong_words_are_refused_in_one_line(published, options):
    with pytest.raises(CommandFailure) as raised:
        call_command("osm_follow", **({"url": published.url, "once": True} | options))
    assert raised.value.returncode == 2


def test_two_runs_at_once_apply_nothing_twice(published, follow, monkeypatch):
    follow(sequence=999)
    published.publish(camera(1, 1, act="create"))
    download = Replication.download

    def overtaken(self, number, folder, **options):
        Following.objects.update(sequence=number)
        return download(self, number, folder, **options)

    monkeypatch.setattr(Replication, "download", overtaken)
    assert "Another run" in str(refusal(follow))
    assert not Element.objects.exists()


def test_the_worker_follows_where_a_server_is_named(published, settings):
    jobs.follow(0)
    assert published.asked == []
    settings.OSM_REPLICATION_URL = published.url
    jobs.follow(0)
    published.publish(camera(1, 1, act="create"))
    jobs.follow(0)
    assert Element.objects.count() == 1
    published.trouble["/state.txt"] = [500] * 3
    jobs.follow(0)
    assert "HTTP 500" in Following.objects.get().fault


def test_the_worker_leaves_it_to_a_command_that_follows_at_the_same_time(
    published, settings, monkeypatch
):
    settings.OSM_REPLICATION_URL = published.url
    jobs.follow(0)
    published.publish(camera(1, 1, act="create"))
    monkeypatch.setattr(jobs, "catch_up", raising(Conflict("Another run")))
    jobs.follow(0)
    assert Following.objects.get().fault == ""


def test_a_file_that_its_server_calls_encoded_is_taken_as_it_lies_there(published, follow):
    follow()
    published.publish(camera(1, 1, act="create"))
    published.encoded.append("gzip")
    assert "1 added" in follow()


def test_a_server_that_says_when_to_come_back_is_not_asked_sooner(published, follow):
    follow()
    published.publish("")
    published.trouble["/state.txt"] = [429]
    published.retry_after.append("9000")
    asked = len(published.asked)
    assert "asked 1 times" in str(refusal(follow))
    assert len(published.asked) == asked + 1


def raising(error):
    def fail(**options):
        raise error

    return fail


def test_how_far_behind_it_is_is_shown(published, follow, settings, client):
    settings.OSM_REPLICATION_URL = published.url
    assert "osm_lag_s" not in client.get("/healthz").json()
    assert "not followed yet" in next(doctor_osm.examine()).what
    follow()
    at = Following.objects.get().data_at
    with time_machine.travel(at + datetime.timedelta(hours=3), tick=False):
        assert client.get("/healthz").json()["osm_lag_s"] == 10_800
        assert at.strftime("%Y-%m-%d %H:%M") in client.get("/en/data/").text
        assert list(doctor_osm.examine()) == []
    with time_machine.travel(at + datetime.timedelta(days=3), tick=False):
        assert "only" in next(doctor_osm.examine()).what


def test_an_address_that_is_not_safe_is_refused():
    for url in ("http://planet.openstreetmap.org/replication/hour", "file:///etc", "x"):
        with pytest.raises(BadInput, match="https"):
            Replication(url, user_agent="test")


def an_extract(path, sequence, url="https://download.example.org/france-updates"):
    header = osmium.io.Header()
    header.set("osmosis_replication_base_url", url)
    header.set("osmosis_replication_sequence_number", str(sequence))
    header.set("osmosis_replication_timestamp", "2026-05-11T20:00:00Z")
    with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
        tags = {"man_made": "surveillance"}
        writer.add_node(osmium.osm.mutable.Node(id=1, version=1, location=(2, 48), tags=tags))
    return path


def test_an_extract_says_where_to_go_on(tmp_path, load):
    path = tmp_path / "france.osm.pbf"
    said = load(an_extract(path, 4000))
    assert "osm_follow --url https://download.example.org/france-updates/ (at number 4000" in said
    assert sequence() == 4000
    assert "osm_lag_s" not in Client().get("/healthz").json()
    load(an_extract(path, 3999))
    assert sequence() == 4000
    load(an_extract(path, 4001))
    assert sequence() == 4001


@pytest.mark.parametrize(
    "url",
    ["", "http://example.org", "file:///etc/passwd", "https://x\x1b[2J", f"https://{'x' * 300}"],
)
def test_an_extract_of_nowhere_is_followed_nowhere(tmp_path, load, url):
    assert "osm_follow" not in load(an_extract(tmp_path / "some.osm.pbf", 1, url))
    assert not Following.objects.exists()
