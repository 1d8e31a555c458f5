"""Why a photo is not taken or could not be cleaned, in words."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REASONS = {
    "not_a_picture": gettext_lazy(
        "this is not a JPEG, PNG, WebP or HEIC picture; send one of these"
    ),
    "too_many_pixels": gettext_lazy("it has more than 50 megapixels; make it smaller"),
    "too_many_bytes": gettext_lazy("it has more than 20 MB; make it smaller"),
    "broken": gettext_lazy("it is damaged and can't be read; save it anew or take another one"),
    "too_slow": gettext_lazy("reading it took too long; save it anew or take another one"),
    "upload_lost": gettext_lazy("it was lost on our side; send it again"),
    "not_clean": gettext_lazy("no clean copy of it could be made; take another one"),
    "waited_too_long": gettext_lazy(
        "nobody had time to look at it for 30 days, so it was deleted; your report still waits"
    ),
    "gone": gettext_lazy("we had kept it for a few minutes only; choose it again"),
}


def reason_in_words(reason: str) -> str:
    """Return a reason's words."""
    return str(REASONS.get(reason, REASONS["broken"]))


def refusal_of(place: int, reason: str) -> str:
    """Return the sentence for the file at a place; its name may tell who sent it."""
    return _("Photo %(place)s was not taken: %(reason)s.") % {
        "place": place,
        "reason": reason_in_words(reason),
    }
