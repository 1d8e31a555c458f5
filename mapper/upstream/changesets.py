"""What a changeset says of itself, for whoever looks at it in OSM: in the instance's language."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from mapper import __version__, languages
from mapper.upstream.composing import Item
from mapper.upstream.models import Action, PushBatch

# Tells our batches from everything else, so that a lost answer can be looked up.
BATCH_TAG = "contrechamp:batch"
_MOST_CHARACTERS = 255


def changeset_tags(batch: PushBatch, items: Sequence[Item]) -> dict[str, str]:
    """Return the tags of the changeset of a batch.

    The comment is a sentence for people; which reports stand behind it is said by nobody.
    """
    with override(languages.BARE):
        comment = _comment(batch, items)
    hashtag = f"#{settings.OSM_HASHTAG.lstrip('#')}"
    tags = {
        "comment": f"{comment} {hashtag}",
        "hashtags": hashtag,
        "created_by": f"Contrechamp {__version__}",
        "host": settings.SITE_URL,
        "locale": languages.BARE,
        "source": "survey",
        "website": settings.OSM_WIKI_PAGE,
        BATCH_TAG: str(batch.id),
    }
    reverted = sorted({number for item in items if (number := _reverted(item)) is not None})
    if reverted:
        tags["revert:id"] = ";".join(map(str, reverted))
    return {key: value[:_MOST_CHARACTERS] for key, value in tags.items()}


def _reverted(item: Item) -> int | None:
    """Return the changeset whose work an item takes back."""
    sent = item.proposal.reverts
    return None if sent is None or sent.batch is None else sent.batch.changeset


def _comment(batch: PushBatch, items: Sequence[Item]) -> str:
    count = len(items)
    if all(item.proposal.action == Action.REVERT for item in items):
        return _("Takes back earlier changes of surveillance devices of ours")
    if batch.city is None:
        return ngettext(
            "A surveillance device, seen on the spot",
            "%(n)d surveillance devices, seen on the spot",
            count,
        ) % {"n": count}
    return ngettext(
        "A surveillance device in %(city)s, seen on the spot",
        "%(n)d surveillance devices in %(city)s, seen on the spot",
        count,
    ) % {"n": count, "city": batch.city.name}
