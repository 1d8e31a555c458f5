"""Each refusal of OSM has its reaction, and what its people write to us stops everything."""

import datetime

import pytest
from django.utils import timezone

from mapper.accounts.models import Role, User
from mapper.errors import Unavailable
from mapper.upstream.accounts import in_use
from mapper.upstream.api import EditRefused, OutcomeUnknown
from mapper.upstream.gate import Stopped, answer
from mapper.upstream.models import Account, Proposal, PushBatch, Stop
from tests.factories import LAT, UserFactory
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


def test_an_unknown_token_needs_a_login(world, alice, account):
    proposal = approve_mount(world, alice)
    world.tokens.clear()
    with pytest.raises(EditRefused):
        run(world, account)
    assert Account.objects.get().is_lost
    proposal.refresh_from_db()
    assert (proposal.state, proposal.batch) == ("approved", None)


def test_a_blocked_account_sends_nothing_until_answered(world, alice, account):
    approve_mount(world, alice)
    world.user.blocks = world.user.active_blocks = 1
    with pytest.raises(Stopped):
        run(world, account)
    answer(stop=Stop.objects.get(), actor=alice)
    # Marked as answered while it is in force: it still stops.
    with pytest.raises(Stopped):
        run(world, account)
    world.user.active_blocks = 0
    answer(stop=Stop.objects.get(), actor=alice)
    assert run(world, account)[0].sent == 1


def test_unread_messages_stop_until_answered(world, alice, account):
    approve_mount(world, alice)
    world.user.messages = world.user.unread = 1
    with pytest.raises(Stopped):
        run(world, account)
    assert world.by_us() == []
    answer(stop=Stop.objects.get(kind="message"), actor=alice)
    assert run(world, account)[0].sent == 1


def test_a_comment_stops_everything_until_answered(world, alice, account):
    approve_mount(world, alice)
    run(world, account)
    other = seen(osm_device(world, 8, lat=LAT + 0.001), alice, lat=LAT + 0.001, mount="pole")
    approve_all(other, alice)
    world.comment(1)
    uploads = len(world.by_us())
    for _ in range(2):
        with pytest.raises(Stopped):
            run(world, account)
    assert len(world.by_us()) == uploads
    stop = Stop.objects.get(kind="comment")
    assert stop.url.endswith("/changeset/1")
    # Our own answer is no new comment.
    world.comment(1, "Thank you, corrected.", user=world.user)
    answer(stop=stop, actor=alice)
    assert run(world, account)[0].sent == 1
    world.comment(1)
    with pytest.raises(Stopped):
        run(world, account)


def test_without_the_contributor_terms_nothing_goes_up(world, alice, account):
    approve_mount(world, alice)
    world.user.has_agreed = False
    with pytest.raises(Stopped):
        run(world, account)
    world.user.has_agreed = True
    assert run(world, account)[0].sent == 1
    assert PushBatch.objects.get().has_agreed_terms


def test_a_limit_pauses_and_ends_by_itself(world, alice, account, time_machine):
    approve_mount(world, alice)
    world.user.is_limited = True
    with pytest.raises(EditRefused):
        run(world, account)
    world.user.is_limited = False
    with pytest.raises(Stopped):
        run(world, account)
    time_machine.move_to(timezone.now() + datetime.timedelta(seconds=3700))
    assert run(world, account)[0].sent == 1


def test_an_offline_server_is_left_alone(world, alice, account):
    approve_mount(world, alice)
    world.is_online = False
    with pytest.raises(Unavailable):
        run(world, account)
    assert not world.changesets


@pytest.mark.parametrize("name", ["OSM_PUSH", "OSM_WIKI_PAGE", "OSM_HASHTAG", "OSM_CLIENT_ID"])
def test_nothing_goes_up_without_the_settings(world, alice, account, settings, name):
    approve_mount(world, alice)
    setattr(settings, name, "")
    with pytest.raises(Stopped, match=name):
        run(world, account)


def test_the_day_has_a_cap(world, alice, account, settings):
    settings.OSM_DAILY_CAP = 1
    approve_mount(world, alice)
    other = seen(osm_device(world, 8, lat=LAT + 0.001), alice, lat=LAT + 0.001, mount="pole")
    approve_all(other, alice)

    report, _ = run(world, account)
    assert (report.sent, report.left) == (1, 1)
    assert run(world, account)[0].sent == 0


@pytest.mark.parametrize(
    "fault",
    ["lost_before", "lost_after", "late", "hang_after", "500_before", "502_after", "504_after",
     "garbled_after", "html_after", "503", "closed"],
)  # fmt: skip
def test_a_lost_answer_makes_no_duplicate(world, alice, account, fault):
    approve_all(seen(None, alice, moved=True), alice)
    for faults in ({UPLOAD: fault}, {}, {}):
        try:
            run(world, account, faults)
        except (OutcomeUnknown, EditRefused, Stopped):
            continue
    (proposal,) = Proposal.objects.all()
    assert proposal.state == "seen"
    assert len(world.by_us()) == 1


def test_a_wrong_request_stops_for_good(world, alice, account):
    approve_mount(world, alice)
    with pytest.raises(EditRefused):
        run(world, account, {UPLOAD: "400"})
    with pytest.raises(Stopped):
        run(world, account)
    assert Stop.objects.get().kind == "fault"


def test_a_moderator_s_own_account_sends_only_what_they_approved(world, alice, settings):
    settings.OSM_PUSH = "own"
    own = make_account(alice)
    approve_mount(world, alice)
    bob = UserFactory(username="bob")
    assert run(world, make_account(bob))[0].sent == 0
    assert run(world, own)[0].sent == 1


@pytest.mark.parametrize("gone", [{"is_active": False}, {"role": Role.EDITOR}])
def test_whoever_works_here_no_more_sends_nothing_in_their_name(world, alice, settings, gone):
    settings.OSM_PUSH = "own"
    own = make_account(alice)
    assert in_use() == [own]
    User.objects.filter(pk=alice.pk).update(**gone)
    assert in_use() == []
