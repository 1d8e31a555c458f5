"""Servers of Overpass: each way in which one fails, and when it is left alone."""

import pytest
import time_machine

from mapper.operations import doctor_osm
from mapper.osm.breaker import Breaker
from mapper.osm.models import OverpassServer
from mapper.osm.overpass import OverpassFailure
from tests.fake_osm.overpass import MODES, Reply, running
from tests.mapper.osm.asking import GOOD, answer, client, failure, node


@pytest.mark.parametrize("mode", sorted(MODES))
def test_every_mode_of_a_server_is_an_answer_or_a_reason(overpass, mode):
    made, _naps = client(
        overpass, url=overpass.url.replace("/api/", f"/{mode}/api/"), max_bytes=100_000
    )
    if MODES[mode].is_good:
        assert made.ask("query").data_at.year == 2026
        return
    with pytest.raises(OverpassFailure) as raised:
        made.ask("query")
    assert "\n" not in str(raised.value)


@pytest.mark.django_db
def test_a_server_that_fails_again_and_again_is_left_alone_longer_each_time(overpass):
    overpass.replies = [Reply(b"", 500, "text/html")]
    for _ in range(3):
        failure(overpass, breaker=Breaker())
    asked = len(overpass.queries)
    said, _ = failure(overpass, breaker=Breaker())
    assert "left alone until 2026-11-20 10:05" in said
    assert len(overpass.queries) == asked
    with time_machine.travel("2026-11-20T10:06:00Z"):
        failure(overpass, breaker=Breaker())
        assert len(overpass.queries) == asked + 1
    with time_machine.travel("2026-11-20T10:15:00Z"):
        assert "left alone until 2026-11-20 10:16" in failure(overpass, breaker=Breaker())[0]
    with time_machine.travel("2026-11-20T10:17:00Z"):
        overpass.replies = [Reply(GOOD)]
        client(overpass, breaker=Breaker())[0].ask("query")
    assert not OverpassServer.objects.exists()


@pytest.mark.django_db
def test_when_a_server_says_when_to_come_back_the_next_run_knows(overpass):
    overpass.replies = [Reply(b"", 429, headers={"Retry-After": "9000"})]
    failure(overpass, breaker=Breaker())
    assert "12:30" in failure(overpass, breaker=Breaker())[0]
    assert len(overpass.queries) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "reply", [Reply(b"", 400, "text/html"), Reply(answer([], remark="runtime error: too large"))]
)
def test_what_the_question_is_to_blame_for_lets_no_server_rest(overpass, reply):
    overpass.replies = [reply]
    for _ in range(4):
        failure(overpass, breaker=Breaker())
    assert len(overpass.queries) == 4
    assert not OverpassServer.objects.exists()


@pytest.mark.django_db
def test_the_doctor_says_who_rests(overpass, settings):
    assert list(doctor_osm.examine()) == []
    overpass.replies = [Reply(b"", 503)]
    for _ in range(3):
        failure(overpass, breaker=Breaker())
    (finding,) = doctor_osm.examine()
    assert "127.0.0.1 (Overpass) failed 3 times in a row" in finding.what
    settings.OVERPASS_URLS = ["https://another.example/api/interpreter"]
    assert list(doctor_osm.examine()) == []


def test_data_of_tomorrow_is_not_believed(overpass):
    # Else every answer until then would be older than the last.
    overpass.replies = [Reply(answer([node(1)], at="2126-11-20T08:00:00Z"))]
    assert "to come" in failure(overpass)[0]


@pytest.mark.django_db
def test_a_mirror_is_asked_while_the_first_rests(overpass):
    with running() as mirror:
        overpass.replies, mirror.replies = [Reply(b"", 500)], [Reply(GOOD)]
        for _ in range(5):
            made, _naps = client(overpass, mirrors=(mirror.url,), breaker=Breaker())
            assert made.ask("query").result.nodes
        assert len(overpass.queries) == 3
