"""The words of a device: the contract's attributes and their allowed values."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    """What kind of device; unknown is the default and never guessed away."""

    UNKNOWN = "unknown", _("unknown kind")
    CAMERA = "camera", _("camera")
    ALPR = "alpr", _("plate reader")
    ACOUSTIC = "acoustic", _("acoustic sensor")
    DRONE = "drone", _("drone base")
    GUARD = "guard", _("guard")
    SENSOR = "sensor", _("sensor")
    SPEED_CAMERA = "speed_camera", _("speed camera")
    OTHER = "other", _("other device")


class Status(models.TextChoices):
    """Where a device is in its life."""

    PLANNED = "planned", _("planned")
    ACTIVE = "active", pgettext_lazy("device", "active")
    DISUSED = "disused", _("disused")
    REMOVED = "removed", _("removed")


class Verification(models.TextChoices):
    """How sure we are, and from what."""

    VERIFIED = "verified", _("verified on the spot")
    OSM_ONLY = "osm_only", _("from OpenStreetMap only")
    DECLARED = "declared", _("on paper only")
    UNVERIFIED = "unverified", _("not verified")


class Source(models.TextChoices):
    """Where a claim comes from; `desk` is a staff correction and no source of its own."""

    WALKER = "walker", _("walker")
    OSM = "osm", _("OpenStreetMap")
    DOCUMENT = "document", pgettext_lazy("source", "document")
    DESK = "desk", _("desk")


class Presence(models.TextChoices):
    """Whether the device was seen there or seen to be gone."""

    THERE = "there", _("there")
    GONE = "gone", _("gone")


class PositionSource(models.TextChoices):
    """What placed a point."""

    WALKER = "walker", _("placed by the walker")
    PHOTO = "photo", _("position of the photo, on a 10 m grid")
    MODERATOR = "moderator", _("placed by a moderator")
    OSM = "osm", _("OpenStreetMap")
    DOCUMENT = "document", _("a document")


class OperatorType(models.TextChoices):
    """Who runs it."""

    PUBLIC = "public", _("public body")
    PRIVATE = "private", _("private")
    UNKNOWN = "unknown", _("not known")


class Capability(models.TextChoices):
    """What a device can do; shown only with a named source."""

    FACE_RECOGNITION = "face_recognition", _("face recognition")
    BEHAVIOUR_ANALYSIS = "behaviour_analysis", _("behaviour analysis")
    PLATE_READING = "plate_reading", _("plate reading")
    AUDIO = "audio", _("microphone")
    LOUDSPEAKER = "loudspeaker", _("loudspeaker")
    THERMAL = "thermal", _("thermal imaging")
    ZOOM = "zoom", _("zoom")


class CameraType(models.TextChoices):
    """OSM's documented values, offered in forms; other raw values are kept as they are."""

    FIXED = "fixed", _("fixed")
    DOME = "dome", _("dome")
    PANNING = "panning", _("pan-tilt")


class Mount(models.TextChoices):
    """OSM's common values, offered in forms; other raw values are kept as they are."""

    POLE = "pole", _("pole")
    WALL = "wall", _("wall")
    CEILING = "ceiling", _("ceiling")
    STREET_LAMP = "street_lamp", _("street lamp")
    TRAFFIC_SIGNALS = "traffic_signals", _("traffic signals")
    BUILDING = "building", _("building")


class Surveillance(models.TextChoices):
    """OSM's documented values of what is watched; other raw values are kept as they are."""

    PUBLIC = "public", _("public space")
    OUTDOOR = "outdoor", _("private ground, outdoors")
    INDOOR = "indoor", _("indoors")


class Zone(models.TextChoices):
    """OSM's common values of the watched zone; other raw values are kept as they are."""

    TOWN = "town", _("town")
    TRAFFIC = "traffic", _("traffic")
    PARKING = "parking", _("parking")
    STREET = "street", _("street")
    PUBLIC = "public", _("public space")
    ENTRANCE = "entrance", _("entrance")
    GATE = "gate", _("gate")
    BUILDING = "building", _("building")
    SHOP = "shop", _("shop")
    BANK = "bank", _("bank")
    ATM = "atm", _("cash machine")


class DeviceState(models.TextChoices):
    """Whether a device's address shows it, leads on, or says that it is gone."""

    PRESENT = "present", _("on the map")
    MERGED = "merged", _("merged")
    WITHDRAWN = "withdrawn", _("withdrawn")
    ERASED = "erased", _("erased")


class SightingState(models.TextChoices):
    """A report's way."""

    RECEIVED = "received", _("received")
    QUESTION_ASKED = "question_asked", _("a question is waiting for you")
    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")


class EventKind(models.TextChoices):
    """Surveillance with no fixed device."""

    DRONE_FLIGHT = "drone_flight", _("drone flight")
    MOBILE_UNIT = "mobile_unit", _("mobile unit")
    TRAILER = "trailer", _("camera trailer")
    OTHER = "other", _("other event")
