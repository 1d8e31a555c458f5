"""What must be in order before anything is sent: settings, the switch, the cap, the community.

The community comes first: whatever somebody wrote to us at OSM, and nobody here has answered,
stops everything. What was written is read and answered there, nothing of it is kept here.
"""

import datetime
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mapper.accounts.models import User
from mapper.errors import Conflict
from mapper.sightings.days import today
from mapper.upstream.api import EditRefused, OsmEditor, OutcomeUnknown, Why
from mapper.upstream.models import Account, Proposal, PushBatch, Stop, StopKind

_REQUIRED = ("OSM_PUSH", "OSM_CLIENT_ID", "OSM_WIKI_PAGE", "OSM_HASHTAG")
# As many as one answer of the API lists.
_AT_ONCE = 100


class Stopped(Conflict):
    """Nothing is sent before a moderator has answered what stands in the way."""

    code = "osm-stopped"


def lacking_settings() -> list[str]:
    """Return the names of the settings without which nothing may be sent."""
    return [name for name in _REQUIRED if not getattr(settings, name)]


def refuse_unless_set() -> None:
    """Refuse where the operator has not switched sending on with all that it needs."""
    lacking = lacking_settings()
    if lacking:
        raise Stopped(
            _("Nothing is sent to OpenStreetMap: %(names)s not set (docs/osm.md).")
            % {"names": ", ".join(lacking)}
        )


def refuse_while_stopped(account: Account | None) -> None:
    """Refuse while something stands that nobody has answered."""
    standing = Stop.objects.standing(account=account, now=timezone.now()).order_by("kind")
    kinds = list(dict.fromkeys(stop.get_kind_display() for stop in standing))
    if kinds:
        raise Stopped(
            _("Nothing is sent: %(reasons)s See to it, then mark it as answered.")
            % {"reasons": " ".join(map(str, kinds))}
        )


def standing() -> list[Stop]:
    """Return what stops anybody's sendings now."""
    return list(Stop.objects.all_standing(now=timezone.now()).order_by("kind", "mark"))


def is_stopped(account: Account | None) -> bool:
    """Return whether something stands that nobody has answered."""
    return Stop.objects.standing(account=account, now=timezone.now()).exists()


def left_today() -> int:
    """Return how many objects may still be sent today."""
    return max(0, settings.OSM_DAILY_CAP - Proposal.objects.sent_on(today()).count())


def listen(*, editor: OsmEditor, account: Account) -> int:
    """Ask OSM for what was written to us, and note it; return the account's number there.

    Raises the errors of the API: who can't listen does not send.
    """
    said = editor.user()
    _note_user(account, said)
    number = said.get("id")
    if isinstance(number, bool) or not isinstance(number, int):
        raise OutcomeUnknown("OpenStreetMap does not say which account this is.")
    for changeset, mark in _unanswered_comments(editor, number):
        note(StopKind.COMMENT, mark=mark, changeset=changeset)
    return number


def note(
    kind: StopKind,
    *,
    mark: str = "",
    account: Account | None = None,
    changeset: int | None = None,
    until: datetime.datetime | None = None,
    again: bool = False,
) -> Stop:
    """Note what stands in the way; `again`: also where it was marked as answered before."""
    facts: dict[str, Any] = {"changeset": changeset, "until": until}
    stop, is_new = Stop.objects.get_or_create(kind=kind, mark=mark, account=account, defaults=facts)
    if not is_new and again:
        stop.answered_on, stop.answered_by, stop.until = None, None, until
        stop.save(update_fields=["answered_on", "answered_by", "until"])
    return stop


def note_refusal(refused: EditRefused, account: Account) -> None:
    """Note what a refusal of the API means for everything that would be sent next."""
    if refused.why == Why.UNKNOWN_TOKEN:
        Account.objects.filter(pk=account.pk).update(is_lost=True)
    elif refused.why == Why.FORBIDDEN:
        note(StopKind.REFUSED, account=account, again=True)
    elif refused.why == Why.PAUSE:
        until = timezone.now() + datetime.timedelta(seconds=refused.retry_after_s)
        note(StopKind.PAUSE, account=account, until=until, again=True)
    elif refused.why in (Why.NOT_UNDERSTOOD, Why.MISSING):
        note(StopKind.FAULT, account=account, again=True)


@transaction.atomic
def answer(*, stop: Stop, actor: User) -> Stop:
    """Mark as answered what stood in the way; it does not come back by itself."""
    stop = Stop.objects.select_for_update().get(pk=stop.pk)
    if stop.answered_on is not None:
        raise Conflict(_("Somebody marked this as answered already."))
    stop.answered_by, stop.answered_on = actor, today()
    stop.save(update_fields=["answered_by", "answered_on"])
    return stop


def _note_user(account: Account, said: dict[str, Any]) -> None:
    agreed = _part(said, "contributor_terms").get("agreed")
    if agreed is True:
        Stop.objects.filter(kind=StopKind.TERMS, account=account).delete()
    else:
        note(StopKind.TERMS, account=account, again=True)
    blocks = _part(_part(said, "blocks"), "received")
    count, active = _count(blocks, "count"), _count(blocks, "active")
    if active or count:
        # An old block may have been answered; one in force always stops.
        note(StopKind.BLOCK, mark=str(count), account=account, again=bool(active))
    messages = _part(_part(said, "messages"), "received")
    if _count(messages, "unread"):
        note(StopKind.MESSAGE, mark=str(_count(messages, "count")), account=account)


def _unanswered_comments(editor: OsmEditor, me: int) -> Iterator[tuple[int, str]]:
    """Yield changeset and mark of each comment that somebody else wrote under one of ours."""
    ours = PushBatch.objects.in_osm().filter(changeset__isnull=False).order_by("changeset")
    numbers = list(ours.values_list("changeset", flat=True))
    for start in range(0, len(numbers), _AT_ONCE):
        for said in editor.changesets([n for n in numbers[start : start + _AT_ONCE] if n]):
            number = said.get("id")
            if isinstance(number, int) and said.get("comments_count"):
                for mark in _marks(editor.changeset(number), {me, said.get("uid")}):
                    yield number, f"{number}:{mark}"


def _marks(said: dict[str, Any], ours: set[Any]) -> Iterable[str]:
    """Yield a mark of each comment that neither this account nor the changeset's own wrote."""
    comments = said.get("comments", said.get("discussion", []))
    if not isinstance(comments, list) or not all(isinstance(one, dict) for one in comments):
        raise OutcomeUnknown("OpenStreetMap's answer has no readable discussion.")
    for place, comment in enumerate(comments):
        if comment.get("uid") not in ours:
            yield str(comment.get("id") or f"n{place}")[:20]


def _part(said: dict[str, Any], name: str) -> dict[str, Any]:
    part = said.get(name)
    return part if isinstance(part, dict) else {}


def _count(said: dict[str, Any], name: str) -> int:
    value = said.get(name, 0)
    return value if isinstance(value, int) else 0
