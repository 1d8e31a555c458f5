"""What the two taps "still there" and "gone" need, on a device's page and on the map."""

from typing import Any

from django.conf import settings

from mapper.intake.report import TERMS
from mapper.sightings.models import Device
from mapper.web.report import public_sealing_key


def presence_choices() -> dict[str, Any]:
    """Return what the form needs whichever device it speaks of; it posts to /report/."""
    return {
        "terms": TERMS,
        "is_prudent": settings.PRUDENT_BY_DEFAULT,
        "sealing_key": public_sealing_key(),
    }


def may_be_confirmed(device: Device) -> bool:
    """Return whether a walker may say of a device that it is there or gone: not once it is."""
    return device.status != "removed"
