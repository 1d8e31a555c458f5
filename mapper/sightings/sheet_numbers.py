"""The devices of a paper sheet, each under a number that stays its own.

The number is made of the device's id, so that a sheet printed in May still names the same devices
in June, whatever was found since: the shortest beginning, three digits or more, that no other
device of the sheet has. What was unique then and is not now is refused, not guessed.
"""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from geo.bbox import BBox
from geo.errors import GeoError
from geo.partial_date import date_range
from geo.position import LonLat
from geo.tiles import Tile, tile_at, tile_bbox
from mapper.sightings.days import today
from mapper.sightings.models import Device

LEAST_DIGITS = 3
_DIGITS = 12
OLD_YEARS = 2


@dataclass(frozen=True, slots=True)
class NumberedDevice:
    """A device, its number on the sheet, and whether nobody has seen it for two years."""

    number: str
    device: Device
    is_unseen: bool

    @property
    def position(self) -> LonLat:
        """Return where it stands."""
        assert self.device.location is not None  # a database constraint of present devices
        return LonLat(self.device.location.x, self.device.location.y)


def numbered_devices(sheets: Sequence[Tile]) -> dict[Tile, list[NumberedDevice]]:
    """Return the devices to look at again on sheets of one zoom; those not seen for long first.

    One query for the box around all of them.
    """
    shown = Device.objects.shown().exclude(status="removed").exclude(kind="speed_camera")
    inside: dict[Tile, list[Device]] = {sheet: [] for sheet in sheets}
    for device in shown.in_bbox(_around(sheets)).order_by("id"):
        assert device.location is not None  # it is in a box
        sheet = tile_at(LonLat(device.location.x, device.location.y), sheets[0].z)
        if sheet in inside:
            inside[sheet].append(device)
    return {sheet: _numbered(devices) for sheet, devices in inside.items()}


def devices_of_number(sheet: Tile, number: str) -> list[Device]:
    """Return the devices of a sheet that a typed number can mean: one, or none, or too many."""
    rows = numbered_devices([sheet])[sheet]
    return [row.device for row in rows if digits_of(row.device).startswith(number)]


def _around(sheets: Sequence[Tile]) -> BBox:
    boxes = [tile_bbox(sheet) for sheet in sheets]
    return BBox(
        min(box.west for box in boxes),
        min(box.south for box in boxes),
        max(box.east for box in boxes),
        max(box.north for box in boxes),
    )


def _numbered(devices: Sequence[Device]) -> list[NumberedDevice]:
    numbers = short_numbers([digits_of(device) for device in devices])
    rows = [
        NumberedDevice(number, device, is_unseen(device.last_seen, today()))
        for number, device in zip(numbers, devices, strict=True)
    ]
    return sorted(rows, key=lambda row: (not row.is_unseen, row.number))


def digits_of(device: Device) -> str:
    """Return the digits of which a device's number is the beginning."""
    return f"{device.id.int % 10**_DIGITS:0{_DIGITS}d}"


def short_numbers(digits: Sequence[str]) -> list[str]:
    """Return for each text its shortest beginning that no other has, three digits or more.

    >>> short_numbers(["417200", "417800", "038111"])
    ['4172', '4178', '038']
    """
    counts = {
        length: Counter(one[:length] for one in digits)
        for length in range(LEAST_DIGITS, _DIGITS + 1)
    }
    return [
        next((one[:n] for n, counted in counts.items() if counted[one[:n]] == 1), one)
        for one in digits
    ]


def is_unseen(last_seen: str, day: datetime.date) -> bool:
    """Return whether nobody is known to have seen it within two years before a day."""
    try:
        _first, last = date_range(last_seen)
    except GeoError:
        return True
    try:
        limit = day.replace(year=day.year - OLD_YEARS)
    except ValueError:  # 29 February
        limit = day.replace(year=day.year - OLD_YEARS, day=28)
    return last < limit
