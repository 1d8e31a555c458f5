"""What a moderator without an account can do with a suggestion: a change file, JOSM, a note.

Each is one object, looked at by whoever sends it in their own editor and their own name.
"""

from urllib.parse import quote, urlencode

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from geo.osm_change import OsmElement, write_change
from geo.osm_evidence import new_object
from geo.osm_tags import apply_attributes
from mapper import languages
from mapper.sightings.facts import position_of
from mapper.upstream.candidates import Suggestion
from mapper.upstream.models import Action

_JOSM = "http://127.0.0.1:8111"


def tags_after(suggestion: Suggestion) -> dict[str, str]:
    """Return all tags of the object as they are to be; what is not ours stays byte for byte."""
    changes = suggestion.changes([difference.field for difference in suggestion.fields])
    if suggestion.element is None:
        return new_object(changes)
    return apply_attributes(suggestion.element.tags, changes)


def change_file(suggestion: Suggestion) -> bytes | None:
    """Return the osmChange of a suggestion; None of a way, whose nodes we do not mirror.

    It names no changeset (0): an editor puts it into one of its own.
    """
    element = suggestion.element
    tags = tags_after(suggestion)
    if element is None:
        return write_change(0, [("create", OsmElement("node", -1, 0, tags, suggestion.place))])
    if element.osm_type != "node":
        return None
    place = suggestion.place or position_of(element.location)
    node = OsmElement("node", element.osm_id, element.version, tags, place)
    return write_change(0, [("modify", node)])


def josm_address(suggestion: Suggestion) -> str:
    """Return what a JOSM on the reader's machine takes: the object, and the tags to add to it.

    Its remote control adds and replaces tags; what is to be taken out, or moved, is done there.
    """
    element = suggestion.element
    before = {} if element is None else element.tags
    changed = {k: v for k, v in tags_after(suggestion).items() if before.get(k) != v}
    query = {"addtags": "|".join(f"{key}={value}" for key, value in changed.items())}
    if element is None:
        assert suggestion.place is not None  # a new object is suggested with one
        place = {"lon": f"{suggestion.place.lon:.7f}", "lat": f"{suggestion.place.lat:.7f}"}
        return f"{_JOSM}/add_node?{urlencode(place | query, quote_via=quote)}"
    objects = {"objects": f"{element.osm_type[0]}{element.osm_id}"}
    return f"{_JOSM}/load_object?{urlencode(objects | query, quote_via=quote)}"


def note_text(suggestion: Suggestion) -> str:
    """Return what a note on the map could say, in the instance's language."""
    changes = "; ".join(
        f"{key}={value}"
        for key, value in tags_after(suggestion).items()
        if suggestion.element is None or suggestion.element.tags.get(key) != value
    )
    with override(languages.BARE):
        if suggestion.action == Action.DISUSE:
            return _("Seen on the spot: the surveillance device here is gone. Please check.")
        return _("Seen on the spot: %(tags)s. Please check.") % {"tags": changes}


def note_address(suggestion: Suggestion) -> str:
    """Return where OSM takes a note on the map at this place."""
    place = suggestion.place or position_of(suggestion.device.location)
    assert place is not None  # a database constraint of present devices
    at = f"{place.lat:.6f}/{place.lon:.6f}"
    return f"{settings.OSM_WEB_URL}/note/new#map=19/{at}"
