"""osm_push as an operator meets it."""

import io

import pytest
from django.core.management import call_command

from mapper.errors import CommandFailure
from mapper.upstream.api import OutcomeUnknown
from mapper.upstream.jobs import send_approved
from mapper.upstream.models import Proposal, Stop
from tests.fake_osm.server import serving
from tests.mapper.upstream.conftest import (
    UPLOAD,
    approve_all,
    approve_mount,
    make_account,
    osm_device,
    run,
    seen,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def osm(world, settings):
    with serving(world) as server:
        settings.OSM_API_URL = settings.OSM_WEB_URL = server.url
        yield server


def push(**options):
    out, err = io.StringIO(), io.StringIO()
    call_command("osm_push", stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_it_sends_what_was_approved_and_says_so(world, alice, account, osm):
    approve_all(seen(osm_device(world, 7), alice, mount="pole"), alice)

    out, err = push()

    assert out.splitlines() == [
        "1 sent, 1 read back, 0 said there already, 0 for a moderator, 0 still waiting",
        f"{osm.url}/changeset/1",
    ]
    assert err == ""
    assert world.current("node/7")["tags"]["camera:mount"] == "pole"
    assert all("contrechamp/" in agent for _, _, agent in osm.asked)


def test_the_job_does_the_same(world, alice, account, osm):
    approve_all(seen(osm_device(world, 7), alice, mount="pole"), alice)
    send_approved(0)

    assert world.current("node/7")["tags"]["camera:mount"] == "pole"


@pytest.mark.parametrize("way", ["", "project"])
def test_what_another_way_left_unknown_is_looked_up(world, alice, osm, settings, way):
    settings.OSM_PUSH = "own"
    own = make_account(alice)
    proposal = approve_mount(world, alice)
    with pytest.raises(OutcomeUnknown):
        run(world, own, {UPLOAD: "lost_after", UPLOAD + 1: "lost_before"})
    settings.OSM_PUSH = way
    send_approved(0)

    proposal.refresh_from_db()
    assert proposal.state == "seen"
    assert len(world.by_us()) == 1


def test_what_another_way_left_unread_is_read_back(world, alice, osm, settings):
    settings.OSM_PUSH = "own"
    proposal = approve_mount(world, alice)
    run(world, make_account(alice))
    Proposal.objects.update(state="sent")
    settings.OSM_PUSH = "project"
    send_approved(0)
    proposal.refresh_from_db()
    assert proposal.state == "seen"


def test_whoever_sends_reads_back_what_a_lost_account_sent(world, alice, account, osm):
    proposal = approve_mount(world, alice)
    run(world, account)
    Proposal.objects.update(state="sent")
    account.delete()
    make_account()
    push()
    proposal.refresh_from_db()
    assert proposal.state == "seen"


def test_it_is_off_by_default(account, settings, osm):
    settings.OSM_PUSH = ""
    with pytest.raises(CommandFailure, match="OSM_PUSH") as failure:
        push()
    assert failure.value.returncode == 2
    send_approved(0)
    assert osm.asked == []


def test_without_an_account_it_says_where_to_connect_one(db):
    with pytest.raises(CommandFailure, match="/moderation/osm/account/"):
        push()


def test_a_server_that_does_not_answer_is_exit_code_3(world, alice, account, osm):
    approve_all(seen(osm_device(world, 7), alice, mount="pole"), alice)
    osm.status, osm.body = 502, b"Bad Gateway"
    with pytest.raises(CommandFailure) as failure:
        push()
    assert failure.value.returncode == 3


def test_what_stands_in_the_way_is_said(world, alice, account, osm):
    push(stop=True)
    approve_all(seen(osm_device(world, 7), alice, mount="pole"), alice)
    with pytest.raises(CommandFailure, match="A moderator stopped it") as failure:
        push()
    assert failure.value.returncode == 1
    assert world.by_us() == []
    out, _ = push(status=True)
    assert "1 waiting" in out
    assert "A moderator stopped it." in out
    Stop.objects.all().delete()
    assert "1 sent" in push()[0]
