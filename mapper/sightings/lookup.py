"""What an id leads to, for pages and API: the thing itself, another one, or why it is gone."""

from uuid import UUID

from django.utils.translation import gettext as _

from mapper.errors import Gone, NotFound
from mapper.sightings.models import Device, Event
from mapper.sightings.publication import PublishedEvent, publish
from mapper.sightings.vocabulary import DeviceState

_GONE_REASONS = {
    DeviceState.WITHDRAWN: lambda: _(
        "This device was withdrawn: no evidence supports it any more."
    ),
    DeviceState.ERASED: lambda: _("This device was erased after an objection."),
}


def find_device(id_: UUID) -> tuple[Device, bool]:
    """Return the device an id leads to, and whether it leads on to another one (301).

    Raises NotFound for an id we don't know or that nobody has checked, Gone with the reason in
    words for one that was withdrawn or erased.
    """
    device = Device.objects.select_related("merged_into", "city").filter(id=id_).first()
    if device is None:
        raise NotFound(_("There is no device with this id."))
    has_moved = False
    while device.merged_into is not None:
        device, has_moved = device.merged_into, True
    if device.state in _GONE_REASONS:
        raise Gone(_GONE_REASONS[DeviceState(device.state)]())
    if device.verification == "unverified":
        raise NotFound(_("There is no device with this id."))
    return device, has_moved


def find_event(id_: UUID) -> PublishedEvent:
    """Return an event as it is published; until a day after its end there is none."""
    known = Event.objects.filter(id=id_).first()
    if known is not None and known.state in ("withdrawn", "erased"):
        raise Gone(_("This event was withdrawn."))
    found = Event.objects.public().select_related("city").filter(id=id_).first()
    if found is None:
        raise NotFound(_("There is no event with this id."))
    return publish(found)
