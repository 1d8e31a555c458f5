"""The serving role may add attachments and decisions, and never change or remove one."""

import uuid

import pytest
from django.db import ProgrammingError, connection, transaction

from mapper.moderation.models import Act, Decision, Target
from mapper.sightings.models import Attachment
from tests.factories import ClaimFactory, make_device

pytestmark = pytest.mark.django_db


@pytest.fixture
def serving_role(db):
    """Serve as the application does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'contrechamp'")
        if cursor.fetchone() is None:
            pytest.skip("this cluster has no serving role")
        cursor.execute("SET ROLE contrechamp")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def decide(actor):
    return Decision.objects.create(
        act=Act.MERGE,
        target_kind=Target.DEVICE,
        target=uuid.uuid4(),
        actor=actor,
        role=actor.role,
        made_on="2026-05-12",
    )


@pytest.fixture
def rows(alice):
    make_device()
    decide(alice)


@pytest.mark.parametrize("table", ["sightings_attachment", "moderation_decision"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET decision_or_reason = decision_or_reason",
        "UPDATE {table} SET id = gen_random_uuid()",
        "DELETE FROM {table}",
        "TRUNCATE {table} CASCADE",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
    ],
)
def test_what_was_added_stays(rows, serving_role, table, statement):
    column = "decision" if table == "sightings_attachment" else "reason"
    sql = statement.format(table=table).replace("decision_or_reason", column)
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert Attachment.objects.exists()
    assert Decision.objects.exists()


def test_the_serving_role_adds_and_reads(alice, serving_role):
    device = make_device()
    from mapper.sightings.actions import attach_claim, detach_claim

    attach_claim(claim=ClaimFactory(), device=device, decision=uuid.uuid4())
    detach_claim(claim=device.claims.first(), decision=uuid.uuid4())
    decide(alice)
    assert Attachment.objects.count() == 3


def test_the_serving_role_is_nobody_else(serving_role):
    # SET ROLE itself is checked against the session's own role, which in tests is the owner's.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False, False, False)


def test_the_serving_role_decides_and_undoes(alice, bobs_report, serving_role):
    from mapper.moderation import actions as decisions

    accepted = decisions.accept_report(
        sighting=bobs_report, actor=alice, position=None, device=None, corrections={}, gates={}
    )
    survivor = make_device()
    stood_on = type(survivor).objects.get(id=accepted.device)
    merged = decisions.merge(survivor=survivor, other=stood_on, actor=alice)
    for decision in (merged, accepted):
        decisions.undo(decision=decision, actor=alice)
    gone = make_device()
    decisions.correct_device(device=gone, actor=alice, attributes={"mount": "wall"})
    decisions.erase_device(device=gone, actor=alice, reason="law")
    assert Decision.objects.count() == 6
