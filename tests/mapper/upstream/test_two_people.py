"""What a moderator approves who is new here goes up once another one has looked at it."""

import datetime

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from mapper.accounts.models import Role, User
from mapper.errors import Conflict
from mapper.moderation.models import Act, Decision
from mapper.upstream import actions
from mapper.upstream.models import Proposal, PushBatch
from tests.factories import UserFactory
from tests.mapper.upstream.conftest import (
    approve_all,
    approve_mount,
    make_account,
    osm_device,
    run,
    seen,
)
from tests.people import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _thirty_days(settings):
    settings.OSM_TWO_PEOPLE_DAYS = 30


@pytest.fixture
def bruno(db):
    return joined(UserFactory(username="bruno"), days=400)


def joined(user, *, days):
    user.date_joined = timezone.now() - datetime.timedelta(days=days)
    user.save()
    return user


def page_of(proposal):
    return f"/en/moderation/osm/devices/{proposal.device_id}/"


def test_what_a_newcomer_approves_waits_for_another(world, alice, bruno, account):
    proposal = approve_mount(world, joined(alice, days=29))
    assert run(world, account)[0].sent == 0
    assert not PushBatch.objects.exists()

    actions.second(proposal=proposal, actor=bruno)
    assert run(world, account)[0].sent == 1


def test_whoever_is_here_for_long_needs_nobody(world, alice, account):
    proposal = approve_mount(world, joined(alice, days=31))
    assert not proposal.waits_for_second
    assert run(world, account)[0].sent == 1


def test_the_rule_can_be_switched_off(world, alice, account, settings):
    settings.OSM_TWO_PEOPLE_DAYS = 0
    approve_mount(world, joined(alice, days=0))
    assert run(world, account)[0].sent == 1


def test_time_alone_agrees_with_nothing(world, alice, account):
    approve_mount(world, joined(alice, days=29))
    joined(alice, days=60)
    assert run(world, account)[0].sent == 0


@pytest.mark.parametrize("gone", [{"is_active": False}, {"role": Role.EDITOR}])
def test_whoever_works_here_no_more_needs_somebody(world, alice, bruno, account, gone):
    proposal = approve_mount(world, joined(alice, days=400))
    User.objects.filter(pk=alice.pk).update(**gone)
    assert run(world, account)[0].sent == 0
    actions.second(proposal=proposal, actor=bruno)
    assert run(world, account)[0].sent == 1


def test_a_second_who_was_thrown_out_is_none(world, alice, bruno, account):
    proposal = approve_mount(world, alice)
    actions.second(proposal=proposal, actor=bruno)
    User.objects.filter(pk=bruno.pk).update(is_active=False)
    assert run(world, account)[0].sent == 0
    carol = UserFactory(username="carol")
    actions.second(proposal=Proposal.objects.get(), actor=carol)
    assert run(world, account)[0].sent == 1


def test_nobody_agrees_with_what_nothing_would_send(world, alice, bruno, settings):
    settings.OSM_PUSH = "own"
    make_account(alice)
    proposal = approve_mount(world, alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    click = {"act": "second", "version": "0", "proposal": str(proposal.id)}
    assert browser_of(bruno).post(page_of(proposal), click).status_code == 409


def test_a_click_is_for_what_was_on_the_page(world, alice, bruno, account):
    first = approve_mount(world, alice)
    his, page = browser_of(bruno), page_of(first)
    click = {"act": "second", "version": "0", "proposal": str(first.id)}
    actions.withdraw(proposal=first)
    second = approve_all(first.device, alice)
    for act in ("second", "withdraw"):
        assert his.post(page, click | {"act": act}).status_code == 412
    second.refresh_from_db()
    assert (second.state, second.seconder) == ("approved", None)


def test_whoever_agrees_sees_what_stands_there_by_then(world, alice, bruno, account):
    device = seen(None, alice, moved=True, mount="pole")
    proposal = approve_all(device, alice)
    osm_device(world, 8)
    actions.second(proposal=proposal, actor=bruno)
    assert run(world, account)[0].sent == 1


def test_what_is_mapped_while_it_waits_is_not_made_twice(world, alice, account, settings):
    settings.OSM_TWO_PEOPLE_DAYS = 0
    proposal = approve_all(seen(None, alice, moved=True, mount="pole"), alice)
    # Our mirror knows it before anything is sent; the moderator did not.
    osm_device(world, 8)
    assert run(world, account)[0].sent == 0
    proposal.refresh_from_db()
    assert (proposal.state, proposal.trouble) == ("conflict", "neighbour")


def test_a_deletion_says_on_whose_word_it_rests(world, alice, bruno, account):
    device = seen(osm_device(world, 7), alice, mount="pole")
    seen(device, alice, presence="gone")
    device.refresh_from_db()
    approve_all(device, alice, is_mount_gone=True, was_on_spot=True)
    said = browser_of(bruno).get(f"/en/moderation/osm/devices/{device.id}/").content.decode()
    assert "alice says to have been on the spot" in said


def test_nobody_is_their_own_second(world, alice, account):
    proposal = approve_mount(world, alice)
    with pytest.raises(Conflict, match="somebody else"):
        actions.second(proposal=proposal, actor=alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.update(seconder=alice)


def test_only_what_waits_is_agreed_with(world, alice, bruno, account):
    proposal = approve_mount(world, alice)
    actions.second(proposal=proposal, actor=bruno)
    with pytest.raises(Conflict):
        actions.second(proposal=proposal, actor=bruno)
    run(world, account)
    Proposal.objects.update(seconder=None)
    with pytest.raises(Conflict):
        actions.second(proposal=proposal, actor=bruno)


def test_a_decided_conflict_is_a_new_word(world, alice, bruno, account):
    proposal = approve_mount(world, alice)
    actions.second(proposal=proposal, actor=bruno)
    world.edit("node/7", tags={"camera:mount": "building"})
    run(world, account)
    actions.settle_conflict(proposal=proposal, actor=alice, ours={"mount"}, version=2)
    assert run(world, account)[0].sent == 0
    actions.second(proposal=proposal, actor=bruno)
    assert run(world, account)[0].sent == 1


def test_taking_back_waits_for_nobody(world, alice, bruno, account):
    actions.second(proposal=approve_mount(world, alice), actor=bruno)
    run(world, account)
    actions.take_back_batch(batch=PushBatch.objects.get(), actor=alice)
    assert run(world, account)[0].sent == 1
    assert "camera:mount" not in world.current("node/7")["tags"]


def test_the_page_shows_what_would_be_sent_and_takes_the_click(world, alice, bruno, account):
    device = seen(osm_device(world, 7), alice, mount="pole")
    form = {"act": "give_back", "version": "1", "field": ["mount"]}
    mine, his = browser_of(alice), browser_of(bruno)
    page = f"/en/moderation/osm/devices/{device.id}/"
    mine.post(page, form)

    said = mine.get(page).content.decode()
    assert "Another moderator must agree" in said
    assert 'value="second"' not in said
    said = his.get(page).content.decode()
    assert 'value="second"' in said
    for word in ("Mount", "pole"):
        assert word in said
    assert "Another moderator must agree" in his.get("/en/moderation/osm/").content.decode()
    click = {"act": "second", "version": "0", "proposal": str(Proposal.objects.get().id)}
    assert mine.post(page, click).status_code == 409
    assert his.post(page, click).status_code == 302
    decision = Decision.objects.get(act=Act.SECOND)
    assert (decision.actor, decision.device, decision.can_be_undone) == (bruno, device.id, False)
    assert "Another moderator must agree" not in his.get(page).content.decode()


def test_the_command_counts_what_waits_for_another(world, alice, account, capsys):
    approve_mount(world, alice)
    call_command("osm_push", "--status")
    assert "1 waiting (1 for a second moderator, 0 without an account)" in capsys.readouterr().out
