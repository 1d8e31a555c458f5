"""What a kind of problem is called in a few words: one title for each code (RFC 9457).

A title says the same whenever its code does, in the language of the answer; what happened this
time, and what to do about it, is the problem's `detail`.
"""

from django.utils.translation import gettext, gettext_noop

# Codes that only say which part of an answer's status it is share the title of the status.
_BY_STATUS = {
    400: gettext_noop("The request can't be taken"),
    403: gettext_noop("Not allowed"),
    404: gettext_noop("Not found"),
    405: gettext_noop("This method is not offered here"),
    406: gettext_noop("No such form of the answer"),
    409: gettext_noop("At odds with what is there"),
    410: gettext_noop("Taken away"),
    412: gettext_noop("Changed meanwhile"),
    413: gettext_noop("Too large"),
    415: gettext_noop("Media type not taken"),
    429: gettext_noop("Too many requests"),
    500: gettext_noop("Fault of the server"),
    503: gettext_noop("Not available for the moment"),
}
_BY_CODE = {
    "bad-input": gettext_noop("Unfit value"),
    "bad-cursor": gettext_noop("Unreadable cursor"),
    "bad-limit": gettext_noop("Limit out of range"),
    "unknown-city": gettext_noop("Unknown city"),
    "unknown-field": gettext_noop("Unknown field"),
    "unknown-filter": gettext_noop("Unknown filter"),
    "unknown-format": gettext_noop("Unknown format"),
    "unknown-value": gettext_noop("Unknown value of a filter"),
    "parse-error": gettext_noop("Unreadable JSON"),
    "not-uuid4": gettext_noop("Not a UUID of version 4"),
    "report-invalid": gettext_noop("Report to be mended"),
    "photo-refused": gettext_noop("Photo refused"),
    "photos-full": gettext_noop("No room for another photo"),
    "other-body": gettext_noop("Another body under the same id"),
    "decided": gettext_noop("Decided already"),
    "gate-incomplete": gettext_noop("Points left to tick"),
    "boxes-unusable": gettext_noop("Boxes to be drawn anew"),
    "crop-missing": gettext_noop("Crop to be made"),
    "no-open-photo": gettext_noop("Not a picture of an open photo service"),
    "not-a-code": gettext_noop("Not a receipt code"),
    "no-receipt": gettext_noop("No receipt hash"),
    "no-report": gettext_noop("No such report"),
    "sealed-damaged": gettext_noop("Damaged envelope"),
    "sealed-unknown-key": gettext_noop("Envelope for an unknown key"),
    "sealing-keys": gettext_noop("Sealed reports can't be opened"),
    "foreign-origin": gettext_noop("Sent from another site"),
    "busy": gettext_noop("Too many downloads at once"),
    "database": gettext_noop("The database does not answer"),
    "salt-file": gettext_noop("No reports for the moment"),
    "front-end-not-built": gettext_noop("The front end is not built"),
    "overpass": gettext_noop("Overpass did not answer as it should"),
    "osm-api": gettext_noop("OpenStreetMap’s API did not answer as it should"),
}


def title_of(code: str, status: int) -> str:
    """Return the title of a code, or of its status where the code has none of its own."""
    return gettext(_BY_CODE.get(code) or _BY_STATUS.get(status) or _BY_STATUS[400])
