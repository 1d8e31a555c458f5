"""The Overpass client and osm_pull, against a local server with every way to fail."""

import gzip

import pytest
from django.core.management import call_command

from geo.bbox import BBox
from mapper.errors import BadInput, CommandFailure
from mapper.osm.models import Element, Pull
from mapper.osm.overpass import OverpassClient, OverpassFailure, read_answer, seconds_to_slot
from mapper.osm.pull import objects_of, query_of
from tests.evidence import make_city
from tests.fake_osm.overpass import Reply, running
from tests.mapper.osm.asking import BOX, GOOD, answer, client, failure, node
from tests.mapper.osm.conftest import element

# --- the client -----------------------------------------------------------------------------------


def test_a_mirror_is_asked_where_the_first_has_no_whole_answer(overpass):
    with running() as mirror:
        overpass.replies = [Reply(answer([], remark="runtime error: out of memory"))]
        mirror.replies = [Reply(GOOD)]
        made, _ = client(overpass, mirrors=(mirror.url,))
        assert made.ask("query").result.nodes
        mirror.replies = [Reply(b"{")]
        said, _ = failure(overpass, mirrors=(mirror.url,))
        assert "partial" in said
        assert "cut off" in said


def test_a_mirror_that_is_not_safe_is_refused_before_anything_is_asked(overpass):
    with pytest.raises(BadInput, match="https"):
        client(overpass, mirrors=("http://example.org/api/interpreter",))


def test_a_good_answer_is_parsed_and_we_say_who_we_are(overpass):
    made, naps = client(overpass)
    found = made.ask("some query")
    assert [item.name for item in objects_of(found.result)] == [
        "node/1",
        "node/4",
        "way/1",
        "way/9",
        "relation/1",
    ]
    assert overpass.queries == ["some query"]
    assert overpass.agents == ["contrechamp/test (+http://localhost)"]
    assert naps == []


def test_a_content_type_with_a_charset_is_good(overpass):
    overpass.replies = [Reply(GOOD, kind="application/json; charset=utf-8")]
    assert client(overpass)[0].ask("q").data_at.year == 2026


def test_a_packed_answer_is_good(overpass):
    overpass.replies = [Reply(gzip.compress(GOOD), headers={"Content-Encoding": "gzip"})]
    assert client(overpass)[0].ask("q").data_at.year == 2026


@pytest.mark.parametrize("status", [429, 504])
def test_a_busy_server_is_asked_again_after_a_pause(overpass, status):
    overpass.replies = [Reply(b"busy", status, "text/html"), Reply(GOOD)]
    made, naps = client(overpass)
    assert made.ask("q").data_at.year == 2026
    assert naps == [5.0]


def test_a_server_that_stays_busy_is_left_alone_after_three_times(overpass):
    overpass.replies = [Reply(b"busy", 429, "text/html")]
    said, naps = failure(overpass)
    assert "busy" in said
    assert len(overpass.queries) == 3
    assert sum(naps) <= 60


def test_a_server_says_when_to_come_back_and_is_not_asked_sooner(overpass):
    overpass.replies = [Reply(b"", 429, headers={"Retry-After": "40"}), Reply(GOOD)]
    made, naps = client(overpass)
    made.ask("q")
    assert naps == [40.0]
    overpass.replies = [Reply(b"", 429, headers={"Retry-After": "9000"}), Reply(GOOD)]
    said, naps = failure(overpass)
    assert "9000 s" in said
    assert naps == []


def test_a_busy_server_that_answers_200_in_html_is_known(overpass):
    page = b"<p><strong>Error</strong>: runtime error: rate_limited. Please check</p>"
    overpass.replies = [Reply(page, 200, "text/html"), Reply(GOOD)]
    made, naps = client(overpass)
    made.ask("q")
    assert naps == [5.0]


def test_a_slot_is_waited_for(overpass):
    status = b"Rate limit: 2\nSlot available after: 2026-11-20T08:00:00Z, in 12 seconds.\n"
    overpass.status = Reply(status, kind="text/plain")
    made, naps = client(overpass)
    made.ask("q")
    assert naps == [12]


def test_a_slot_too_far_off_is_not_waited_for(overpass):
    status = b"Slot available after: 2026-11-20T08:00:00Z, in 1200 seconds.\n"
    overpass.status = Reply(status, kind="text/plain")
    said, _ = failure(overpass)
    assert "1200 seconds" in said
    assert overpass.queries == []


def test_a_missing_status_page_is_no_obstacle(overpass):
    overpass.status = Reply(b"", 404)
    assert client(overpass)[0].ask("q").data_at.year == 2026


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2 slots available now.", 0),
        ("1 slot available now.\nSlot available after: x, in 9 seconds.", 0),
        ("0 slots available now.\nSlot available after: x, in 9 seconds.", 9),
        ("Slot available after: x, in 30 seconds.\nSlot available after: x, in 4 seconds.", 4),
        ("Slot available after: x, in -3 seconds.", 0),
        ("Rate limit: 0", 0),
        ("", 0),
    ],
)
def test_the_status_text_says_how_long_to_wait(text, seconds):
    assert seconds_to_slot(text) == seconds


REMARKS = [
    'runtime error: Query timed out in "query" at line 4 after 2 seconds.',
    "runtime remark: Timeout is 10 and maxsize is 20.",
    "something else",
]


@pytest.mark.parametrize("remark", REMARKS)
def test_an_answer_with_a_remark_is_partial(overpass, remark):
    overpass.replies = [Reply(answer([node(1)], remark=remark))]
    said, _ = failure(overpass)
    assert "partial" in said
    assert remark[:40] in said


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(GOOD[:-40]), "cut off"),
        (Reply(b""), "cut off"),
        (Reply(b"\xff\xfe{}"), "cut off"),
        (Reply(b"[" * 100_000), "cut off"),
        (Reply(b'{"version": 0.6}'), "no list"),
        (Reply(b"[]"), "no list"),
        (Reply(b'{"elements": []}'), "when its data"),
        (Reply(b'{"elements": [], "osm3s": {"timestamp_osm_base": "soon"}}'), "when its data"),
        (Reply(answer([{"type": "node", "id": 1, "timestamp": "x"}])), "odd elements"),
        (Reply(answer(["node"])), "odd elements"),
        (Reply(b"<html>", 200, "text/html"), "refuses"),
        (Reply(b"", 500), "HTTP 500"),
        (Reply(b"", 503), "HTTP 503"),
        (Reply(b"", 302, headers={"Location": "http://127.0.0.1:1/"}), "redirects"),
        (Reply(GOOD, drop_at=100), "reached"),
    ],
)
def test_an_answer_that_is_not_whole_is_refused(overpass, reply, words):
    overpass.replies = [reply]
    assert words in failure(overpass)[0]


def test_a_refused_query_says_why(overpass):
    page = b'<p><strong style="color:#FF0000">Error</strong>: line 2: parse error: x </p>'
    overpass.replies = [Reply(page, 400, "text/html; charset=utf-8")]
    assert "line 2: parse error" in failure(overpass)[0]


def test_an_answer_beyond_the_cap_is_not_read_on(overpass):
    overpass.replies = [Reply(GOOD)]
    assert "smaller region" in failure(overpass, max_bytes=1000)[0]


def test_a_bomb_is_stopped_at_the_cap(overpass):
    bomb = gzip.compress(b" " * 50_000_000)
    overpass.replies = [Reply(bomb, headers={"Content-Encoding": "gzip"})]
    assert "smaller region" in failure(overpass, max_bytes=1_000_000)[0]


def test_a_server_that_hangs_is_given_up(overpass):
    overpass.replies = [Reply(GOOD, pause_s=5)]
    assert "in time" in failure(overpass, timeout_s=0.2)[0]


def test_a_server_that_drips_is_given_up(overpass, monkeypatch):
    monkeypatch.setattr("mapper.osm.overpass._CONNECT_S", 0.2)
    overpass.replies = [Reply(GOOD, pause_s=0.02)]
    assert "slowly" in failure(overpass, timeout_s=0.3)[0]


def test_a_closed_port_is_an_outage():
    made = OverpassClient("http://127.0.0.1:9/api/interpreter", "x", is_quiet=True)
    with pytest.raises(OverpassFailure, match="reached"):
        made.ask("q")


@pytest.mark.parametrize(
    "url", ["http://overpass.example/api/interpreter", "ftp://localhost/x", "", "https://"]
)
def test_only_https_leaves_the_machine(url):
    with pytest.raises(BadInput):
        OverpassClient(url, "x")


def test_duplicates_and_unknown_types_do_no_harm():
    found = read_answer(answer([node(1), node(1, version=2), {"type": "area", "id": 3}]))
    assert [item.version for item in objects_of(found.result)] == [1]


def test_a_node_without_a_place_has_none():
    found = read_answer(answer([node(1, lat=None)]))
    assert [item.position for item in objects_of(found.result)] == [None]


# --- the query ------------------------------------------------------------------------------------


def test_the_query_is_in_overpass_order_and_asks_for_what_is_known():
    text = query_of(BBox(1, 2, 3, 4), {"node": [7, 8], "way": []}, timeout_s=25)
    assert "[out:json][timeout:25]" in text
    assert "(2.0000000,1.0000000,4.0000000,3.0000000)" in text
    assert "node(id:7,8);" in text
    assert "way(id" not in text


def test_a_box_across_the_antimeridian_is_asked_in_two_parts():
    assert query_of(BBox(170, -20, -170, -10), {}, timeout_s=25).count("speed_camera") == 4


# --- osm_pull -------------------------------------------------------------------------------------


def pull(*arguments):
    call_command("osm_pull", *arguments)


def outage(*arguments):
    with pytest.raises(CommandFailure) as raised:
        pull(*arguments)
    assert raised.value.returncode == 3
    return str(raised.value)


@pytest.mark.django_db
def test_a_pull_takes_devices_and_no_others(overpass, capsys):
    pull(f"--bbox={BOX}")
    assert "4 added" in capsys.readouterr().out
    assert element("node/1").claim.device.camera_type == "dome"
    assert element("way/9").location.x == -1.69
    assert not Element.objects.filter(osm_type="node", osm_id=4).exists()
    assert Pull.objects.get().data_at.year == 2026


@pytest.mark.django_db
def test_a_city_is_pulled_by_its_box(overpass):
    make_city(code="35001", name="Exemple", west=-1.75, south=48.05, side=0.1)
    pull("--city=exemple-35001")
    assert Pull.objects.get().region == "exemple-35001"
    assert "(48.0500000,-1.7500000,48.1500000,-1.6500000)" in overpass.queries[0]


@pytest.mark.django_db
def test_pulling_twice_changes_no_row(overpass, rows):
    pull(f"--bbox={BOX}")
    before = rows()
    pull(f"--bbox={BOX}")
    assert rows() == before
    assert "node(id:1)" in overpass.queries[1]


@pytest.mark.django_db
def test_absence_never_removes(overpass):
    overpass.replies = [Reply(answer([node(key) for key in range(1, 21)]))]
    pull(f"--bbox={BOX}")
    overpass.replies = [Reply(answer([node(key) for key in range(1, 20)]))]
    pull(f"--bbox={BOX}")
    assert element("node/20").claim.device.status == "active"


@pytest.mark.django_db
def test_a_known_object_that_lost_its_tags_is_removed(overpass):
    overpass.replies = [Reply(answer([node(1), *(node(key) for key in range(2, 30))]))]
    pull(f"--bbox={BOX}")
    lost = node(1, version=2, tags={"highway": "street_lamp"})
    overpass.replies = [Reply(answer([lost, *(node(key) for key in range(2, 30))]))]
    pull(f"--bbox={BOX}")
    assert element("node/1").claim.device.status == "removed"


@pytest.mark.django_db
def test_far_fewer_devices_than_known_are_a_partial_answer(overpass, rows):
    overpass.replies = [Reply(answer([node(key) for key in range(1, 21)]))]
    pull(f"--bbox={BOX}")
    before = rows()
    overpass.replies = [Reply(answer([node(key, 2) for key in range(1, 18)]))]
    assert "17 devices where 20 are known" in outage(f"--bbox={BOX}")
    assert rows() == before
    pull(f"--bbox={BOX}", "--accept-drop")
    assert rows() != before


@pytest.mark.django_db
def test_older_data_than_last_time_is_refused(overpass, rows):
    overpass.replies = [Reply(answer([node(1)]))]
    pull(f"--bbox={BOX}")
    before = rows()
    overpass.replies = [Reply(answer([node(1, 2)], at="2026-11-19T11:00:00Z"))]
    assert "older than the last" in outage(f"--bbox={BOX}")
    assert rows() == before
    assert Pull.objects.get().data_at.day == 20


@pytest.mark.django_db
def test_stale_data_is_refused_unless_it_is_accepted(overpass, rows):
    call_command("osm_pull", f"--bbox={BOX}", "--accept-stale")
    before = rows()
    overpass.replies = [Reply(answer([node(1, 9)], at="2026-11-19T09:00:00Z"))]
    assert "more than a day old" in outage(f"--bbox={BOX}")
    assert rows() == before
    Pull.objects.all().delete()
    call_command("osm_pull", f"--bbox={BOX}", "--accept-stale", "--accept-drop")
    assert element("node/1").version == 9


@pytest.mark.django_db
@pytest.mark.parametrize(
    "reply", [Reply(b"{"), Reply(b"", 500), Reply(answer([node(1)], remark="runtime error"))]
)
def test_an_outage_is_exit_3_and_changes_nothing(overpass, rows, reply):
    overpass.replies = [reply]
    outage(f"--bbox={BOX}")
    assert rows()["osm_element"] == []
    assert not Pull.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("arguments", [["--city=nowhere"], ["--bbox=1,2,3"], ["--bbox=1,2,1,3"]])
def test_a_bad_region_is_exit_2(overpass, arguments):
    with pytest.raises(CommandFailure) as raised:
        pull(*arguments)
    assert raised.value.returncode == 2
    assert overpass.queries == []


@pytest.mark.django_db
def test_we_name_the_project_its_address_and_a_contact(overpass, settings):
    settings.SITE_URL, settings.OUTBOUND_CONTACT = "https://map.example", "map@example.org"
    pull(f"--bbox={BOX}")
    assert overpass.agents[0].startswith("contrechamp/")
    assert overpass.agents[0].endswith("(+https://map.example; map@example.org)")


# --- recorded answers, where they are -------------------------------------------------------------


def test_recorded_remarks_are_refused(shared_data):
    found = sorted((shared_data / "overpass" / "overpy" / "tests" / "json").glob("remark-*.json"))
    assert found
    for path in found:
        with pytest.raises(OverpassFailure):
            read_answer(path.read_bytes())


def test_recorded_answers_are_read_or_refused_in_words(shared_data):
    folder = shared_data / "overpass"
    bodies = [path.read_bytes() for path in folder.rglob("*.json")]
    bodies.append(gzip.decompress((folder / "overpass-response-3.json.gz").read_bytes()))
    for body in bodies:
        try:
            list(objects_of(read_answer(body).result))
        except OverpassFailure as refused:
            assert str(refused)  # noqa: PT017 - both outcomes are fine, a traceback is not


def test_recorded_pages_of_errors_say_why(overpass, shared_data):
    folder = shared_data / "overpass" / "overpy" / "tests" / "response"
    for path in folder.glob("*.html"):
        overpass.replies = [Reply(path.read_bytes(), 400, "text/html; charset=utf-8")]
        assert "parse error" in failure(overpass)[0] or "refuses" in failure(overpass)[0]
