"""What every decision does: check the role, lock what is decided on, write one append-only row."""

from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mapper.accounts.models import User
from mapper.errors import Conflict, Forbidden, Stale
from mapper.moderation import company, waits
from mapper.moderation.models import Act, Decision, PhotoViewing, Target
from mapper.sightings.days import today
from mapper.sightings.models import Receipt, Sighting
from mapper.sightings.vocabulary import SightingState

PENDING = (SightingState.RECEIVED, SightingState.QUESTION_ASKED)


def new_decision() -> UUID:
    """Return the id of a decision that is about to be made."""
    return uuid4()


def require_moderator(actor: User) -> None:
    """Refuse whoever may not decide."""
    if not actor.is_moderator:
        raise Forbidden(_("Only moderators decide on reports; ask an operator for the role."))


def record(
    *,
    actor: User | None,
    act: Act,
    target_kind: Target,
    target: UUID,
    id: UUID | None = None,
    device: UUID | None = None,
    reason: str = "",
    undoes: Decision | None = None,
) -> Decision:
    """Write one decision, with its day and no time; nobody's where a rule decided."""
    if target_kind == Target.SIGHTING:
        company.close(report=target)
    try:
        with transaction.atomic():
            return Decision.objects.create(
                id=id or new_decision(),
                act=act,
                target_kind=target_kind,
                target=target,
                device=device,
                reason=reason,
                undoes=undoes,
                actor=actor,
                role=actor.role if actor else "",
                made_on=today(),
            )
    except IntegrityError:
        raise Conflict(_("Somebody undid this already; reload the page.")) from None


def locked_report(sighting: Sighting, version: int | None) -> Sighting:
    """Return a report that waits for a decision, locked, as the moderator saw it."""
    found = Sighting.objects.select_for_update(of=("self",)).filter(id=sighting.id).first()
    if found is None:
        raise Conflict(_("This report was withdrawn; there is nothing left to decide."))
    if found.state not in PENDING:
        raise Conflict(
            _("This report was decided already (%(state)s); nothing was changed.")
            % {"state": found.get_state_display()}
        )
    check_version(found.version, version)
    return found


def check_version(current: int, seen: int | None) -> None:
    """Refuse a decision on something that changed since the page was made."""
    if seen is not None and seen != current:
        raise Stale(
            _(
                "This changed while you looked at it (you saw version %(seen)d, it is now "
                "%(current)d). Look at it again, then decide; nothing was changed."
            )
            % {"seen": seen, "current": current},
            version=current,
        )


def settle(*, sighting: Sighting, state: SightingState, month: str) -> None:
    """Save a decided report without anything private: place, words, keys, times."""
    waits.count_wait(sighting.arrived_at)
    sighting.state = state
    sighting.location = None
    sighting.position_source = ""
    sighting.arrived_at = None
    sighting.phone_key = None
    sighting.body_key = ""
    sighting.note = ""
    sighting.operator = ""
    sighting.seen_on = month
    sighting.is_slow = False
    sighting.version += 1
    sighting.save()
    Receipt.objects.filter(sighting=sighting).update(question="", answer="")


def note_viewing(*, photo: UUID, viewer: User) -> None:
    """Note, once a day, that somebody saw an unpublished photo."""
    row = PhotoViewing(photo=photo, viewer=viewer, viewed_on=today())
    PhotoViewing.objects.bulk_create([row], ignore_conflicts=True)
