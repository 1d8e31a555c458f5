"""The report form between two posts: what was said, what is wrong, which photos wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext as _

from geo.direction import OCTANTS
from geo.errors import GeoError
from geo.position import LonLat, parse_lat, parse_lon
from mapper.intake.actions import Submitted, submit_report
from mapper.intake.incoming import Incoming, kept_in_words, take_photos
from mapper.intake.place_picture import (
    PlacePicture,
    picture_from,
    picture_of_town,
    tap_in,
)
from mapper.intake.proof_of_work import FIELD
from mapper.intake.report import FIELDS, ReportErrors, parse_report

# Values of the direction's own buttons; anything else stands in its text field.
ROUND, UNKNOWN = "0-360", "unknown"
DIRECTION_CHOICES = (*OCTANTS, ROUND, UNKNOWN)
_DETAILS = ("camera_type", "mount", "operator_type", "operator", "seen_on", "seen_how", "note")
# Where the summary's link leads, for errors that no single field has.
_ANCHORS = {"place": "place", "photos": "photos", "direction": "direction"}


@dataclass(slots=True)
class ReportForm:
    """What the page shows."""

    values: dict[str, str]
    picture: PlacePicture
    errors: dict[str, str] = field(default_factory=dict)
    kept: str = ""
    kept_words: str = ""
    town_problem: str = ""

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Return each error with the anchor of its field."""
        return [
            (_ANCHORS.get(name, f"field-{name}"), message) for name, message in self.errors.items()
        ]

    @property
    def direction_choice(self) -> str:
        """Return which of the direction's buttons is on."""
        said = self.values.get("direction", "")
        return said if said in DIRECTION_CHOICES else ""

    @property
    def direction_text(self) -> str:
        """Return what stands in the direction's text field."""
        said = self.values.get("direction", "")
        return "" if said in DIRECTION_CHOICES else said

    @property
    def has_details(self) -> bool:
        """Return whether something stands in the fields that are folded away at first."""
        return any(self.values.get(name) for name in _DETAILS)

    @property
    def device_id(self) -> UUID | None:
        """Return the device that the report confirms, unless what was said is no id."""
        try:
            return UUID(self.values.get("device", ""))
        except ValueError:
            return None

    @property
    def is_prudent(self) -> bool:
        """Return whether it waits for 32 days; until somebody says, as the instance does."""
        said = self.values.get("prudent", "")
        return said == "1" if said else settings.PRUDENT_BY_DEFAULT

    def add_photos(self, incoming: Incoming) -> None:
        """Let the page hold on to the photos that were taken."""
        self.kept = incoming.token()
        if incoming.photos:
            self.kept_words = kept_in_words(len(incoming.photos))
        if incoming.errors:
            self.errors["photos"] = " ".join(incoming.errors)


def form_from(fields: Mapping[str, str]) -> ReportForm:
    """Return the form with what a link or an earlier post says."""
    values = {name: str(fields.get(name, ""))[:4000] for name in FIELDS}
    return ReportForm(values, picture_from(fields, _picked(values)))


def fields_of_post(data: QueryDict) -> dict[str, str]:
    """Return a post's fields; direction's buttons and text field are one."""
    fields = {name: str(data.get(name, "")) for name in data}
    said = [text.strip() for text in data.getlist("direction")]
    exact = [text for text in said if text and text != UNKNOWN]
    fields["direction"] = exact[0] if len(set(exact)) == 1 else ";".join(dict.fromkeys(exact))
    if len(set(exact)) > 1:
        fields["direction_twice"] = "1"
    elif not exact and UNKNOWN in said:
        fields["direction"] = UNKNOWN
    return fields


def is_move(fields: Mapping[str, str]) -> bool:
    """Return whether a post only moves the map or looks for a town, and sends nothing."""
    return "move" in fields or tap_in(fields) is not None


def moved_form(*, fields: Mapping[str, str], files: "Sequence[UploadedFile[Any]]") -> ReportForm:
    """Return the form after a tap on the picture or one of its buttons."""
    form = form_from(fields)
    tap = tap_in(fields)
    if tap is not None:
        form.picture = form.picture.tapped(*tap)
    elif fields.get("move") == "town":
        found = picture_of_town(fields.get("town", ""))
        if found is None:
            form.town_problem = _("No town of this name is known here; move the map instead.")
        form.picture = found or form.picture
    else:
        form.picture = form.picture.moved(fields.get("move", ""))
    if tap is not None and form.picture.picked is not None:
        form.values["lon"] = f"{form.picture.picked.lon:.6f}"
        form.values["lat"] = f"{form.picture.picked.lat:.6f}"
    form.add_photos(take_photos(files=files, kept=_kept(fields)))
    return form


def send_form(
    *,
    fields: Mapping[str, str],
    files: "Sequence[UploadedFile[Any]]",
    language: str,
    slow_reason: str,
) -> Submitted | ReportForm:
    """Take the report in a post, or return the form with what is wrong and all that was said."""
    form = form_from(fields)
    incoming = take_photos(files=files, kept=_kept(fields))
    form.add_photos(incoming)
    if "direction_twice" in fields:
        form.errors["direction"] = two_directions()
    try:
        report = parse_report(fields)
        if not form.errors:
            return submit_report(
                report=report,
                photos=incoming.photos,
                language=language,
                slow_reason=slow_reason,
                proof=fields.get(FIELD, ""),
            )
    except ReportErrors as errors:
        form.errors |= errors.fields
    return form


def two_directions() -> str:
    """Return what is wrong where a button and the text field of the direction disagree."""
    return _(
        "Two different directions were given; leave the button on “I don't know” to write "
        "degrees, or the text empty."
    )


def _kept(fields: Mapping[str, str]) -> str:
    """Return the token of the photos that wait, unless they are not wanted any more."""
    return "" if fields.get("drop_kept") else fields.get("kept", "")


def _picked(values: Mapping[str, str]) -> LonLat | None:
    try:
        return LonLat(parse_lon(values["lon"]), parse_lat(values["lat"]))
    except GeoError:
        return None
