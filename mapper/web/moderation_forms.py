"""The forms of moderation: what a post says, in the form that the actions take it."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from geo.direction import Arc, format_directions, parse_walker_direction
from geo.position import LonLat, parse_lat, parse_lon
from mapper.errors import BadInput
from mapper.moderation.models import ErasureReason, Question, Reason
from mapper.moderation.reading import ReportFile
from mapper.photos.boxes import Redaction, Size
from mapper.photos.covering import redaction_kept, redaction_seen
from mapper.photos.cropping import needs_crop
from mapper.photos.models import GATE, Photo, PhotoState
from mapper.sightings.models import Device
from mapper.sightings.vocabulary import (
    CameraType,
    Capability,
    Kind,
    Mount,
    OperatorType,
    Status,
)

# The words of the gate: what a moderator has looked for in a photo.
GATE_WORDS = {
    "faces": _("No face can be recognised"),
    "plates": _("No number plate can be read"),
    "officer_numbers": _("No officer's number can be read"),
    "reflection": _("No reflection or shadow of the photographer"),
    "windows_and_names": _("No names, nothing behind windows"),
    "children": _("No child"),
}
_UNKNOWN = ("", _("not said"))
_DEVICE_ATTRIBUTES = ("kind", "camera_type", "mount", "operator_type", "operator", "status")


def _choices(words: Any) -> list[tuple[str, Any]]:
    return [_UNKNOWN, *((value, label) for value, label in words.choices if value != "unknown")]


class PlaceForm(forms.Form):
    """Where something stands, and what it is, in words that both reports and devices use."""

    lat = forms.CharField(label=_("Latitude"), required=False, max_length=24)
    lon = forms.CharField(label=_("Longitude"), required=False, max_length=24)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=_choices(Kind))
    camera_type = forms.ChoiceField(
        label=_("Camera type"), required=False, choices=_choices(CameraType)
    )
    mount = forms.ChoiceField(label=_("Mount"), required=False, choices=_choices(Mount))
    direction = forms.CharField(
        label=_("Looks"),
        required=False,
        max_length=64,
        help_text=_("Degrees from true north (90), a wind (NE), a range (45-135), or 0-360."),
    )
    operator_type = forms.ChoiceField(
        label=_("Run by"), required=False, choices=_choices(OperatorType)
    )
    operator = forms.CharField(
        label=_("Operator"),
        required=False,
        max_length=255,
        help_text=_("An organisation, never a person."),
    )
    is_private_home = forms.BooleanField(
        label=_("It belongs to a private home"),
        required=False,
        help_text=_("Snapped to the street (25 m), no photo, never sent to OpenStreetMap."),
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def position(self) -> LonLat | None:
        """Return the place that was typed; None where both are empty."""
        lon, lat = self.cleaned_data["lon"], self.cleaned_data["lat"]
        return LonLat(parse_lon(lon), parse_lat(lat)) if lon or lat else None

    def said(self, *names: str) -> dict[str, Any]:
        """Return the attributes that the post has a field for; an empty one takes it out."""
        said = {name: self.cleaned_data[name] for name in names if name in self.data}
        if "direction" in self.data:
            arcs = parse_walker_direction(self.cleaned_data["direction"]) or ()
            said["directions"] = [arc.as_dict() for arc in arcs]
        return said


class AcceptForm(PlaceForm):
    """Where the device of a report stands, what it is, and what its photos show."""

    device = forms.CharField(required=False, max_length=36)
    other_device = forms.UUIDField(label=_("Another known device (id)"), required=False)
    label_photo = forms.UUIDField(required=False)
    manufacturer = forms.CharField(label=_("Manufacturer"), required=False, max_length=255)
    model = forms.CharField(label=_("Model"), required=False, max_length=255)
    capabilities = forms.MultipleChoiceField(
        label=_("It can do"),
        required=False,
        choices=Capability.choices,
        widget=forms.CheckboxSelectMultiple,
    )

    @classmethod
    def of(cls, report: ReportFile) -> "AcceptForm":
        """Return the form as the report fills it in."""
        sighting = report.sighting
        names = ("kind", "camera_type", "mount", "direction", "operator_type", "version")
        position = report.position.rounded() if report.position else None
        return cls(
            initial={
                **{name: getattr(sighting, name) for name in names},
                "lat": f"{position.lat:.7f}" if position else "",
                "lon": f"{position.lon:.7f}" if position else "",
            }
        )

    def facts(self, photos: list[Photo]) -> dict[str, Any]:
        """Return what `accept_report` takes, beside the report and the moderator."""
        corrections = self.said(*_DEVICE_ATTRIBUTES[:5])
        for name in ("manufacturer", "model", "capabilities"):
            if self.cleaned_data[name]:
                corrections[name] = self.cleaned_data[name]
        return {
            "position": self.position(),
            "device": self._device(),
            "corrections": corrections,
            "gates": gates_of(self.data, photos),
            "redactions": redactions_of(self.data, photos),
            "is_private_home": self.cleaned_data["is_private_home"],
            "label_photo": self.cleaned_data["label_photo"],
            "version": self.cleaned_data["version"],
        }

    def _device(self) -> Device | None:
        said = str(self.cleaned_data["device"])
        if said in ("", "other"):
            other = self.cleaned_data["other_device"]
            if said and not other:
                raise BadInput(str(_("Give the id of the other device, as its page shows it.")))
            said = str(other or "new")
        return None if said == "new" else known_device(said)


class CorrectForm(PlaceForm):
    """What a moderator corrects in a device; an empty field corrects nothing."""

    status = forms.ChoiceField(label=_("Status"), required=False, choices=_choices(Status))

    def facts(self) -> dict[str, Any]:
        """Return what `correct_device` takes, beside the device and the moderator."""
        said = self.said(*_DEVICE_ATTRIBUTES)
        return {
            "position": self.position(),
            "attributes": {name: value for name, value in said.items() if value},
            "is_private_home": self.cleaned_data["is_private_home"],
            "version": self.cleaned_data["version"],
        }


class RefuseForm(forms.Form):
    """Why a report is refused."""

    reason = forms.ChoiceField(label=_("Reason, which the author reads"), choices=Reason.choices)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class AskForm(forms.Form):
    """What the author is asked."""

    question = forms.ChoiceField(label=_("Question"), choices=Question.choices)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class MergeForm(forms.Form):
    """Which device this one is the same as; that one stays."""

    survivor = forms.UUIDField(label=_("Id of the device that stays"))


class LinkForm(forms.Form):
    """Where a picture of an open photo service is shown."""

    address = forms.CharField(
        label=_("Address of the picture's page"),
        max_length=2000,
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )


class EraseForm(forms.Form):
    """Why a device is erased."""

    reason = forms.ChoiceField(label=_("Reason"), choices=ErasureReason.choices)
    is_sure = forms.BooleanField(label=_("Erase it for good; this can't be undone"))


def gates_of(data: object, photos: list[Photo]) -> dict[UUID, list[str]]:
    """Return what was looked for in each photo."""
    said = data if isinstance(data, QueryDict) else QueryDict()
    return {
        photo.id: [name for name in said.getlist(f"gate-{photo.id}") if name in GATE]
        for photo in photos
    }


def redactions_of(data: object, photos: list[Photo]) -> dict[UUID, Redaction]:
    """Return what the moderator saw covered of each photo, where the post says so."""
    said = data if isinstance(data, QueryDict) else QueryDict()
    return {
        photo.id: redaction_seen(
            said.get(f"redaction-{photo.id}") or "", said.get(f"seen-{photo.id}") or "", photo
        )
        for photo in photos
        if photo.covered_name and f"redaction-{photo.id}" in said
    }


@dataclass(frozen=True, slots=True)
class PhotoBoxes:
    """What a page needs to show a photo covered, and to change its boxes."""

    image: str
    open_image: str
    save: str
    redaction: str
    seen: str
    size: Size
    is_public: bool
    is_searched: bool
    needs_crop: bool


def boxes_of(photo: Photo) -> PhotoBoxes:
    """Return how a photo is shown: what is public as it is, all else covered until held open."""
    is_public = photo.state == PhotoState.PUBLISHED
    image = reverse("quarantine_photo", args=[photo.id])
    redaction = Redaction() if is_public else redaction_kept(photo)
    return PhotoBoxes(
        image=reverse("photo", args=[photo.public_name]) if is_public else image,
        open_image="" if is_public or not photo.pixel_name else f"{image}?open=1",
        save=reverse("photo_boxes", args=[photo.id]),
        redaction=json.dumps(redaction.as_dict()),
        seen=redaction.mark,
        size=photo.public_size if is_public else photo.size,
        is_public=is_public,
        is_searched=photo.is_searched,
        needs_crop=not is_public and photo.may_be_public and needs_crop(photo),
    )


def known_device(text: str) -> Device:
    """Return a device by what a form says, or say that there is none."""
    try:
        found = Device.objects.filter(id=UUID(text)).first()
    except ValueError:
        found = None
    if found is None:
        raise BadInput(
            str(_("There is no device %(id)s; copy the id from its page.")) % {"id": text[:40]}
        )
    return found


def directions_text(device: Device) -> str:
    """Return a device's directions as a form shows them."""
    return format_directions([Arc.from_dict(arc) for arc in device.directions])
