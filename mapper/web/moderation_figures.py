"""The desk's figures for staff, and a feed under a secret address that says when too much waits."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from mapper.errors import NotFound
from mapper.moderation.figures import Month, months, overdue
from mapper.moderation.models import Reason
from mapper.moderation.order import queue_counts
from mapper.web.caching import never_stored
from mapper.web.staff_doors import for_staff

_WAITS = {
    1: lambda: _("within a day"),
    3: lambda: _("within 3 days"),
    7: lambda: _("within a week"),
    14: lambda: _("within two weeks"),
    31: lambda: _("within a month"),
    92: lambda: _("within three months"),
    0: lambda: _("over three months"),
}


@for_staff
def moderation_figures(request: HttpRequest) -> HttpResponse:
    """Show what waits, how long, and what was decided month by month."""
    context = {
        "counts": queue_counts(),
        "overdue": overdue(),
        "patience_days": settings.QUEUE_PATIENCE_DAYS,
        "months": [(month, _median(month), _reasons(month)) for month in months()],
        "feed": settings.SITE_URL + reverse("queue_feed", kwargs={"secret": _secret()}),
        "desk": "figures",
    }
    return render(request, "moderation/figures.html", context)


@never_stored
@require_safe
def queue_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Answer a feed with one entry a day while reports wait for too long; it names none."""
    if not constant_time_compare(secret, _secret()):
        raise NotFound(_("There is no such feed."))
    feed = Atom1Feed(
        title=_("Contrechamp: what waits too long"),
        link=settings.SITE_URL + reverse("moderation"),
        description="",
        feed_url=settings.SITE_URL + request.path,
    )
    late, days = overdue(), settings.QUEUE_PATIENCE_DAYS
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    if late:
        words = ngettext(
            "%(n)d report has waited for more than %(days)d days.",
            "%(n)d reports have waited for more than %(days)d days.",
            late,
        )
        feed.add_item(
            title=words % {"n": late, "days": days},
            link=settings.SITE_URL + reverse("moderation"),
            description="",
            unique_id=f"{settings.SITE_URL}/moderation/#{today:%Y-%m-%d}",
            updateddate=today,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml")


def _secret() -> str:
    """Return what makes the feed's address secret; it changes with SECRET_KEY."""
    return salted_hmac("contrechamp.queue_feed", "address", algorithm="sha256").hexdigest()[:40]


def _median(month: Month) -> str:
    return "" if month.median_days is None else _WAITS[month.median_days]()


def _reasons(month: Month) -> list[tuple[str, int]]:
    """Return the reasons in words, the most frequent first."""
    by_count = sorted(month.reasons.items(), key=lambda item: (-item[1], item[0]))
    return [
        (str(Reason(reason).label) if reason in Reason.values else reason, count)
        for reason, count in by_count
    ]


urlpatterns: list[URLPattern] = [
    path("moderation/figures/", moderation_figures, name="moderation_figures"),
]
plain_urlpatterns: list[URLPattern] = [
    path("feeds/moderation/<str:secret>.atom", queue_feed, name="queue_feed"),
]
