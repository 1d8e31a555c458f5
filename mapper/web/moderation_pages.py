"""What the pages of moderation show, and what their posts mean."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from geo.errors import GeoError
from geo.open_photos import open_photos_of_tags
from geo.position import LonLat
from mapper.errors import BadInput
from mapper.intake.place_picture import PlacePicture, picture_from, tap_in
from mapper.moderation.models import Act, Decision
from mapper.moderation.reading import DeviceFile, ReportFile
from mapper.photos.models import Photo
from mapper.sightings.facts import position_of
from mapper.web.moderation_forms import (
    GATE_WORDS,
    AcceptForm,
    AskForm,
    CorrectForm,
    EraseForm,
    LinkForm,
    MergeForm,
    PlaceForm,
    RefuseForm,
    boxes_of,
    directions_text,
)
from mapper.web.sentences import device_sentence, direction_words

_ZOOM = 18


def facts_of(form: forms.Form, photos: list[Photo]) -> dict[str, Any]:
    """Return what a form says, or raise BadInput with all that is wrong in it."""
    if not form.is_valid():
        labels = {name: str(field.label or name) for name, field in form.fields.items()}
        wrong = [
            f"{labels.get(name, name)}: {' '.join(str(error) for error in errors)}"
            for name, errors in form.errors.items()
        ]
        raise BadInput(" ".join(wrong))
    if isinstance(form, AcceptForm):
        return form.facts(photos)
    if isinstance(form, CorrectForm):
        return form.facts()
    return dict(form.cleaned_data)


def moved_form(report: ReportFile, post: QueryDict) -> AcceptForm:
    """Return the form after a tap on the map picture: all that was typed, and the new place."""
    values = post.copy()
    picture = picture_from(_fields(post), _typed_position(AcceptForm(post)) or report.position)
    tap = tap_in(_fields(post))
    # A keyboard presses the picture at its corner: that is no place.
    if tap is not None and tap != (0.0, 0.0):
        picture = picture.tapped(*tap)
    else:
        picture = picture.moved(str(post.get("move", "")))
    if picture.picked is not None and tap is not None:
        values["lon"], values["lat"] = f"{picture.picked.lon:.7f}", f"{picture.picked.lat:.7f}"
    values["map_lon"], values["map_lat"] = picture.lon, picture.lat
    values["map_zoom"] = str(picture.zoom)
    return AcceptForm(values)


def report_context(report: ReportFile, form: forms.Form | None) -> dict[str, Any]:
    """Return what the page of a report shows; `form` is what was posted, if anything was."""
    version = {"version": report.sighting.version}
    accept = form if isinstance(form, AcceptForm) else AcceptForm.of(report)
    if accept.is_bound:
        # The page shows the report as it is now, so the next decision is on this version.
        values = _posted(accept).copy()
        values["version"] = str(report.sighting.version)
        accept = AcceptForm(values)
    return {
        "report": report,
        "sighting": report.sighting,
        "accept": accept,
        "refuse": RefuseForm(initial=version, auto_id="refuse_%s"),
        "ask": AskForm(initial=version, auto_id="ask_%s"),
        "photos": [
            (photo, _gate_of(photo, accept), boxes_of(photo) if photo.covered_name else None)
            for photo in report.photos
        ],
        "neighbours": [
            (near, device_sentence(near.device), direction_words(near.device.directions))
            for near in report.neighbours
        ],
        "neighbours_json": [near.as_dict() for near in report.neighbours],
        "accept_as": _accept_as(report),
        "publishable": sum(bool(p.may_be_public and p.covered_name) for p in report.photos),
        "picture": _picture_of(report, accept),
        "gate_words": GATE_WORDS,
        "confirmations_verify": settings.CONFIRMATIONS_VERIFY,
    }


def _accept_as(report: ReportFile) -> str:
    """Return the device that one key may accept a report as; empty where one must be named."""
    if report.sighting.confirms_device_id:
        return str(report.sighting.confirms_device_id)
    return "" if report.neighbours else "new"


def device_context(file: DeviceFile, post: QueryDict | None) -> dict[str, Any]:
    """Return what the moderators' page of a device shows."""
    device = file.device
    position = position_of(device.location)
    posted = post if post and post.get("act") == "correct" else None
    return {
        "file": file,
        "photos": [
            (photo, boxes_of(photo) if photo.covered_name or photo.public_name else None)
            for photo in file.photos
        ],
        "device": device,
        "position": position,
        "sentence": device_sentence(device),
        "direction": directions_text(device),
        "correct": CorrectForm(posted, initial={"version": device.version}),
        "merge": MergeForm(auto_id="merge_%s"),
        "erase": EraseForm(auto_id="erase_%s"),
        "link": LinkForm(
            post if post and post.get("act") == "link_picture" else None, auto_id="link_%s"
        ),
        "tagged": [
            picture
            for _claim, element in file.claims
            if element
            for picture in open_photos_of_tags(element.tags)
        ],
        "neighbours": [(near, device_sentence(near.device)) for near in file.neighbours],
        "neighbours_json": [near.as_dict() for near in file.neighbours],
        "gate_words": GATE_WORDS,
    }


def report_as_dict(report: ReportFile) -> dict[str, Any]:
    """Return a report for programs, with what is private until the decision."""
    sighting = report.sighting
    names = (
        *("state", "version", "kind", "camera_type", "mount", "direction", "operator_type"),
        *("operator", "note", "presence", "seen_on", "seen_how", "photo_use", "refusal_reason"),
    )
    return {
        "id": str(sighting.id),
        **{name: getattr(sighting, name) for name in names},
        "consent_osm": sighting.has_osm_consent,
        "confirms_device": str(sighting.confirms_device_id) if sighting.confirms_device_id else "",
        "position": _pair(report.position),
        "position_source": report.position_source,
        "photos": [_photo_as_dict(photo) for photo in report.photos],
        "neighbours": [near.as_dict() for near in report.neighbours],
    }


def done_in_words(decision: Decision) -> str:
    """Return what was just done, in a sentence."""
    return {
        Act.ACCEPT: _("Accepted."),
        Act.REFUSE: _("Refused."),
        Act.ASK: _("The question is asked."),
        Act.MERGE: _("Merged."),
        Act.UNMERGE: _("Taken apart again."),
        Act.PUBLISH_PHOTO: _("The photo is published."),
        Act.HIDE_PHOTO: _("The photo is hidden."),
        Act.PASS_PHOTO: _("The photo is accepted; its report waits."),
        Act.CORRECT: _("Corrected."),
        Act.LINK_PICTURE: _("The picture is linked."),
        Act.TELL_APART: _("Kept as two devices."),
        Act.ERASE: _("Erased."),
        Act.UNDO: _("Undone."),
        Act.TAKE_OFF: _("Taken off the map; the reports wait in the queue."),
        Act.RELEASE_BRAKE: _("The brake is off."),
        Act.REFUSE_FLOOD: _("The flood is refused."),
        Act.OPEN_PARTY: _("The cartopartie is open: give its link to those who come."),
        Act.CLOSE_PARTY: _("The cartopartie is closed."),
        Act.GIVE_BACK: _("Approved: it goes to OpenStreetMap with the next run."),
        Act.SETTLE_CONFLICT: _("Decided."),
        Act.TAKE_BACK_BATCH: _("Approved: its inverse goes to OpenStreetMap with the next run."),
        Act.LEAVE_SENT: _("Left as it is."),
        Act.SECOND: _("You agreed; it goes up with the next run."),
        Act.STOP_SENDING: _("Stopped: nothing is sent any more."),
        Act.ANSWER_STOP: _("Marked as answered."),
        Act.APPLY_HELD: _("Applied: the map follows this changeset."),
        Act.KEEP_OURS: _("Left out: what we have stays."),
    }.get(Act(decision.act), _("Done."))


def _photo_as_dict(photo: Photo) -> dict[str, Any]:
    width, height = photo.width_px or 0, photo.height_px or 0
    return {
        "id": str(photo.id),
        "state": photo.state,
        "position": _pair(position_of(photo.exif_location)),
        "accuracy_m": photo.exif_accuracy_m,
        "direction_deg": photo.exif_direction_deg,
        "direction_reference": photo.exif_direction_reference,
        "captured_local": photo.captured_local,
        "captured_offset": photo.captured_offset,
        # The copy stands upright already.
        "orientation": ("landscape" if width > height else "portrait") if width else "",
        "width_px": photo.width_px,
        "height_px": photo.height_px,
        "removed": photo.removed,
        "may_be_public": photo.may_be_public,
    }


def _gate_of(photo: Photo, accept: AcceptForm) -> list[tuple[str, Any, bool]]:
    """Return the gate's questions for a photo, with what was ticked in a form that came back."""
    ticked = _posted(accept).getlist(f"gate-{photo.id}")
    return [(name, words, name in ticked) for name, words in GATE_WORDS.items()]


def _picture_of(report: ReportFile, accept: AcceptForm) -> PlacePicture:
    """Return the map picture for pages without JavaScript."""
    picked = _typed_position(accept) or report.position
    if accept.is_bound and "map_zoom" in accept.data:
        return picture_from(_fields(_posted(accept)), picked)
    return picture_from({}, None) if picked is None else PlacePicture(picked, _ZOOM, picked)


def _typed_position(form: PlaceForm) -> LonLat | None:
    """Return the place in a form that came back, as far as it can be read."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return form.position()
    except GeoError:
        return None


def _posted(form: forms.Form) -> QueryDict:
    """Return what was posted to a form; nothing where it is as the page first shows it."""
    return form.data if isinstance(form.data, QueryDict) else QueryDict()


def _fields(post: QueryDict) -> dict[str, str]:
    return {name: str(post.get(name, "")) for name in post}


def _pair(position: LonLat | None) -> dict[str, float] | None:
    return None if position is None else {"lon": position.lon, "lat": position.lat}
