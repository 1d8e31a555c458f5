"""Connecting an OSM account: there, back, and giving the access back.

OSM sends people back from another site, and a session cookie that no other site may send
(SameSite=Strict) stays behind then. So what they come back to asks them, or their browser, to go
on by itself, and that step is our own again.
"""

import secrets
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from mapper.errors import BadInput, Refusal
from mapper.upstream import accounts, oauth
from mapper.web.caching import never_stored
from mapper.web.staff_doors import for_moderators, staff_of

_SESSION = "osm_login"


@for_moderators
def osm_account(request: HttpRequest) -> HttpResponse:
    """Show whose account edits, begin a login at OSM, or give an access back."""
    if request.method != "POST":
        return _page(request)
    try:
        if request.POST.get("act") == "disconnect":
            return _disconnect(request)
        return _begin(request)
    except Refusal as refusal:
        return _page(request, refusal=refusal)


@never_stored
def osm_account_back(request: HttpRequest) -> HttpResponse:
    """Take somebody back from OSM's login; strangers are only sent on to the step that is ours."""
    if "again" not in request.GET:
        query = {name: request.GET.get(name, "")[:500] for name in ("code", "state", "error")}
        address = f"{reverse('osm_account_back')}?{urlencode(query | {'again': '1'})}"
        return render(request, "moderation/osm_back.html", {"address": address})
    return _come_back(request)


@for_moderators
def _come_back(request: HttpRequest) -> HttpResponse:
    begun = request.session.pop(_SESSION, None)
    try:
        said = request.GET.get("state", "").encode()
        if not begun or not secrets.compare_digest(str(begun["state"]).encode(), said):
            raise BadInput(_("This login was not begun here, or is over. Begin again."))
        if request.GET.get("error") or not request.GET.get("code"):
            raise BadInput(_("OpenStreetMap did not let us in; nothing was connected."))
        accounts.connect(
            user=staff_of(request),
            code=request.GET["code"],
            verifier=str(begun["verifier"]),
            redirect_uri=_redirect_uri(),
        )
    except Refusal as refusal:
        return _page(request, refusal=refusal)
    messages.success(request, _("The account is connected."))
    return redirect("osm_account")


def _begin(request: HttpRequest) -> HttpResponse:
    """Show the link that leads to OSM's login: a form may not be answered from another site."""
    user = staff_of(request)
    accounts.require_may_connect(user)
    if request.POST.get("knows") != "1":
        raise BadInput(_("Tick the box first: the name of this account becomes public."))
    begun = oauth.begin(redirect_uri=_redirect_uri())
    request.session[_SESSION] = {"state": begun.state, "verifier": begun.verifier}
    return _page(request, address=begun.address)


def _disconnect(request: HttpRequest) -> HttpResponse:
    account = accounts.account_for(staff_of(request))
    if account is None:
        raise BadInput(_("No account is connected."))
    accounts.disconnect(account=account, actor=staff_of(request))
    messages.success(request, _("The access is given back, and forgotten here."))
    return redirect("osm_account")


def _page(
    request: HttpRequest, *, refusal: Refusal | None = None, address: str = ""
) -> HttpResponse:
    account = accounts.account_for(staff_of(request))
    context = {
        "desk": "osm",
        "refusal": refusal,
        "mode": settings.OSM_PUSH,
        "account": account,
        "account_name": accounts.name_of(account) if account else "",
        "address": address,
    }
    status = refusal.status if refusal else 200
    return render(request, "moderation/osm_account.html", context, status=status)


def _redirect_uri() -> str:
    # The one that the instance is registered with, not the address that somebody came by.
    return f"{settings.SITE_URL}{reverse('osm_account_back')}"


urlpatterns: list[URLPattern] = [
    path("moderation/osm/account/", osm_account, name="osm_account"),
]
plain_urlpatterns: list[URLPattern] = [
    path("moderation/osm/account/back/", osm_account_back, name="osm_account_back"),
]
