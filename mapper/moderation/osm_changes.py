"""A moderator's word on what OSM would take off our map, or move, in crowds."""

from django.db import transaction

from mapper.accounts.models import User
from mapper.moderation.models import Act, Decision, Target
from mapper.moderation.recording import record, require_moderator
from mapper.osm import held


@transaction.atomic
def apply_held(*, changeset: int, state: str, actor: User) -> Decision:
    """Let what was held of a changeset happen after all."""
    require_moderator(actor)
    held.apply_held(changeset=changeset, state=state)
    return _recorded(Act.APPLY_HELD, changeset, actor)


@transaction.atomic
def keep_ours(*, changeset: int, state: str, actor: User) -> Decision:
    """Leave out what was held of a changeset."""
    require_moderator(actor)
    held.keep_ours(changeset=changeset, state=state)
    return _recorded(Act.KEEP_OURS, changeset, actor)


def _recorded(act: Act, changeset: int, actor: User) -> Decision:
    return record(
        actor=actor, act=act, target_kind=Target.CHANGESET, target=held.name_of(changeset)
    )
