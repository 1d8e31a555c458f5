"""What an id leads to, for pages and API: the thing itself, another one, or why it is gone."""

from uuid import UUID

from django.utils.translation import gettext as _

from mapper.errors import Gone, NotFound
from mapper.sightings.models import Device, Event, Sighting
from mapper.sightings.publication import PublishedEvent, publish
from mapper.sightings.vocabulary import DeviceState, SightingState

_GONE_REASONS = {
    DeviceState.WITHDRAWN: lambda: _(
        "This device was withdrawn: no evidence supports it any more."
    ),
    DeviceState.ERASED: lambda: _("This device was erased after an objection."),
}


def find_device(id_: UUID) -> tuple[Device, bool]:
    """Return the device an id leads to, and whether it leads on to another one (301).

    Raises NotFound for an id we don't know (or that nobody has checked, where the instance shows
    none of these), Gone with the reason in words for one that was withdrawn or erased.
    """
    device = Device.objects.select_related("merged_into", "city").filter(id=id_).first()
    if device is None:
        raise NotFound(_("There is no device with this id."))
    has_moved = False
    while device.merged_into is not None:
        device, has_moved = device.merged_into, True
    if device.state in _GONE_REASONS:
        raise Gone(_reason(device))
    if not Device.objects.shown().filter(id=device.id).exists():
        raise NotFound(_("There is no device with this id."))
    return device, has_moved


def _reason(device: Device) -> str:
    """Return why a device is gone; what was wrong with a report is for its author alone."""
    refused = Sighting.objects.filter(
        state=SightingState.REFUSED, claim__attachments__device=device
    )
    if device.state == DeviceState.WITHDRAWN and refused.exists():
        return _(
            "Nobody had verified this report; a moderator has looked at it since and refused it."
        )
    return _GONE_REASONS[DeviceState(device.state)]()


def find_event(id_: UUID) -> PublishedEvent:
    """Return an event as it is published; until a day after its end there is none."""
    known = Event.objects.filter(id=id_).first()
    if known is not None and known.state in ("withdrawn", "erased"):
        raise Gone(_("This event was withdrawn."))
    found = Event.objects.public().select_related("city").filter(id=id_).first()
    if found is None:
        raise NotFound(_("There is no event with this id."))
    return publish(found)
