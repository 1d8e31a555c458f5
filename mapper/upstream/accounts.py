"""Which OSM account edits for whom: connected, named, and let go of again."""

import httpx
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from mapper.accounts.models import User
from mapper.errors import BadInput, Conflict, Forbidden
from mapper.osm.outbound import user_agent
from mapper.sealing import seal, unseal
from mapper.upstream import oauth
from mapper.upstream.api import EditRefused, OsmEditor, OutcomeUnknown
from mapper.upstream.models import Account, ProposalState, PushBatch
from mapper.upstream.querysets import works_here

OWN, PROJECT = "own", "project"
_PURPOSE = "osm_account"


def account_for(user: User) -> Account | None:
    """Return the account in whose name this moderator's proposals are sent, if there is one."""
    if settings.OSM_PUSH not in (OWN, PROJECT):
        return None
    owner = None if settings.OSM_PUSH == PROJECT else user
    account = Account.objects.filter(user=owner).first()
    if account is not None and _token_of(account) is None:
        # Sealed under another SECRET_KEY: as good as lost.
        account.is_lost = True
    return account


def require_account(user: User) -> Account:
    """Return the account of a moderator's proposals; Conflict where none can send."""
    account = account_for(user)
    if account is None or account.is_lost:
        raise Conflict(_("No OpenStreetMap account is connected, so nothing could be sent."))
    return account


def in_use() -> list[Account]:
    """Return the accounts that this instance's way of pushing sends with."""
    if settings.OSM_PUSH not in (OWN, PROJECT):
        return []
    is_project = settings.OSM_PUSH == PROJECT
    known = Account.objects.filter(user__isnull=is_project, is_lost=False).order_by("id")
    if not is_project:
        known = known.filter(works_here("user"))
    return [account for account in known if _token_of(account) is not None]


def used_before() -> list[Account]:
    """Return the other accounts whose batches are to be looked up, or read back, and no more."""
    unread = PushBatch.objects.filter(proposals__state=ProposalState.SENT).values("account")
    unfinished = PushBatch.objects.unfinished().values("account")
    known = Account.objects.filter(Q(pk__in=unfinished) | Q(pk__in=unread), is_lost=False)
    used = {account.pk for account in in_use()}
    others = [each for each in known.order_by("id") if each.pk not in used]
    return [each for each in others if _token_of(each) is not None]


def require_sends_for(user: User) -> None:
    """Refuse where nothing sends what this moderator approved (any more)."""
    if account_for(user) not in in_use():
        raise Conflict(
            _("No account sends what %(name)s approved: withdraw it, and approve it yourself.")
            % {"name": user.shown_name}
        )


def require_may_connect(user: User) -> None:
    """Refuse whoever may not log in at OSM for this instance."""
    if settings.OSM_PUSH not in (OWN, PROJECT):
        raise BadInput(_("Nothing is sent to OpenStreetMap: OSM_PUSH is not set."))
    if settings.OSM_PUSH == PROJECT and not user.is_operator:
        raise Forbidden(_("Only an operator connects the project's account."))
    if not user.is_moderator:
        raise Forbidden(_("Only moderators send to OpenStreetMap."))
    account = account_for(user)
    if account is not None and not account.is_lost:
        # Another token would be forgotten here, and stay good there.
        raise Conflict(_("An account is connected already; give its access back first."))


def connect(
    *,
    user: User,
    code: str,
    verifier: str,
    redirect_uri: str,
    transport: httpx.BaseTransport | None = None,
) -> Account:
    """Take the account of somebody who is back from OSM's login; its name is asked there."""
    require_may_connect(user)
    token = oauth.token_for(
        code=code, verifier=verifier, redirect_uri=redirect_uri, transport=transport
    )
    with open_editor(token, transport=transport) as editor:
        try:
            name = str(editor.user().get("display_name", ""))[:255]
        except (EditRefused, OutcomeUnknown):
            oauth.revoke(token=token, transport=transport)
            raise
    owner = None if settings.OSM_PUSH == PROJECT else user
    with transaction.atomic():
        account, _is_new = Account.objects.update_or_create(
            user=owner,
            defaults={
                "sealed_token": seal(token, purpose=_PURPOSE),
                "sealed_name": seal(name, purpose=_PURPOSE),
                "is_lost": False,
            },
        )
    return account


def disconnect(
    *, account: Account, actor: User, transport: httpx.BaseTransport | None = None
) -> None:
    """Give the access back at OSM, then forget it here; it stays where OSM does not answer."""
    if account.user_id != actor.pk and not actor.is_operator:
        raise Forbidden(_("Only its owner or an operator disconnects an account."))
    if PushBatch.objects.unfinished().filter(account=account).exists():
        raise Conflict(
            _("A changeset of this account has no known end yet: run osm_push, then disconnect it.")
        )
    token = _token_of(account)
    if token is not None:
        oauth.revoke(token=token, transport=transport)
    account.delete()


def name_of(account: Account) -> str:
    """Return the name that OSM shows for everything this account edits."""
    return unseal(account.sealed_name, purpose=_PURPOSE) or ""


def _token_of(account: Account) -> str | None:
    return unseal(account.sealed_token, purpose=_PURPOSE)


def editor_of(
    account: Account, *, transport: httpx.BaseTransport | None = None, read_s: float = 60.0
) -> OsmEditor:
    """Return the API in an account's name."""
    token = _token_of(account)
    if token is None or account.is_lost:
        raise Conflict(_("The OpenStreetMap account must be connected again."))
    return open_editor(token, transport=transport, read_s=read_s)


def open_editor(
    token: str, *, transport: httpx.BaseTransport | None = None, read_s: float = 60.0
) -> OsmEditor:
    """Return the API with a token; none for what needs no account."""
    return OsmEditor(
        settings.OSM_API_URL,
        token=token,
        user_agent=user_agent(),
        transport=transport,
        read_s=read_s,
    )
