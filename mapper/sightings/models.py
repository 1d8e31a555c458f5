"""What we believe and why: claims, their attachments, the devices they make, and the reports.

Belief (`Device`) is a projection of evidence (`Claim`) by `mapper.sightings.projection`; nobody
types a device in. No row here holds a time: what dates a walk is not kept once it is decided.
"""

import uuid
from typing import Any

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mapper.sightings import vocabulary as words
from mapper.sightings.projection import rests_on_unchecked
from mapper.sightings.querysets import (
    ClaimQuerySet,
    DeviceQuerySet,
    EventQuerySet,
    SightingQuerySet,
)

# 2026, 2026-05 or 2026-05-12; walkers' dates stop at the month.
PARTIAL_DATE = r"^(|\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?)$"
MONTH_DATE = r"^(|\d{4}(-(0[1-9]|1[0-2]))?)$"


def partial_date_field(words: Any = None) -> "models.CharField[str, str]":
    """Return a field for a date known to the year, month or day; empty when unknown."""
    return models.CharField(words, max_length=10, blank=True, default="")


class Claim(models.Model):
    """What one source says of a device, for some period; never overwritten once attached."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.CharField(max_length=16, choices=words.Source)
    device = models.ForeignKey(
        "Device", null=True, blank=True, on_delete=models.PROTECT, related_name="claims"
    )
    # The device of the last attachment, kept here for reading; `attach_claim` writes both.
    is_verified = models.BooleanField(default=False)
    presence = models.CharField(max_length=8, choices=words.Presence, default=words.Presence.THERE)
    location = models.PointField(srid=4326, null=True, blank=True, spatial_index=False)
    position_source = models.CharField(max_length=16, choices=words.PositionSource, blank=True)
    # Attribute name -> value, as `geo.osm_tags.DeviceAttributes.as_dict` gives it; known ones only.
    attributes = models.JSONField(default=dict, blank=True)
    # A photo of the label or sign that backs `capabilities`, manufacturer and model of a walker.
    label_photo = models.UUIDField(null=True, blank=True)
    seen_from = partial_date_field()
    seen_to = partial_date_field()
    # How far off the report's own position may be, rounded up to ten metres; never published.
    accuracy_m = models.PositiveSmallIntegerField(null=True, blank=True)
    is_private_home = models.BooleanField(default=False)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(source__in=words.Source.values), name="claim_source_is_known"
            ),
            # Only evidence from the spot, decided by a moderator, verifies.
            models.CheckConstraint(
                condition=Q(is_verified=False) | Q(source="walker"),
                name="claim_only_the_spot_verifies",
            ),
            models.CheckConstraint(
                condition=~Q(attributes__has_key="capabilities")
                | Q(source__in=["osm", "document"])
                | Q(label_photo__isnull=False),
                name="claim_capability_needs_a_source",
            ),
            models.CheckConstraint(
                condition=Q(seen_from__regex=PARTIAL_DATE) & Q(seen_to__regex=PARTIAL_DATE),
                name="claim_dates_are_partial_dates",
            ),
            models.CheckConstraint(
                condition=~Q(source="walker")
                | (Q(seen_from__regex=MONTH_DATE) & Q(seen_to__regex=MONTH_DATE)),
                name="claim_of_a_walker_is_dated_by_the_month",
            ),
            # Usage: target of Device.verified_by's composite foreign key (migration 0001).
            models.UniqueConstraint(fields=["id", "is_verified"], name="claim_id_and_verified"),
        ]
        # Usage: device pages and projection read a device's claims (index of the foreign key).

    def __str__(self) -> str:
        return f"{self.source} claim {self.id}"


class Attachment(models.Model):
    """Append-only: a claim was put on a device, or taken off all, by a decision.

    A claim's rows form a chain by `follows`; the row that no other follows is in force. There is
    no clock and no counter in it, so that it can't date or order reports.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="attachments")
    device = models.ForeignKey(
        "Device", null=True, on_delete=models.PROTECT, related_name="attachments"
    )
    follows = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="followed_by"
    )
    # Public id of the decision, load or import that did it.
    decision = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["claim"], condition=Q(follows__isnull=True), name="attachment_one_start"
            ),
        ]
        indexes = [
            # Usage: un-merge and undo read what a decision moved.
            models.Index(fields=["decision"], name="attachment_by_decision"),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} -> {self.device_id}"


class Device(models.Model):
    """What we believe stands somewhere; every attribute is projected from its claims."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(
        max_length=16, choices=words.DeviceState, default=words.DeviceState.PRESENT
    )
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged_devices"
    )
    location = models.PointField(srid=4326, null=True, spatial_index=True)
    position_source = models.CharField(max_length=16, choices=words.PositionSource, blank=True)
    city = models.ForeignKey(
        "places.City", null=True, blank=True, on_delete=models.SET_NULL, related_name="devices"
    )
    kind = models.CharField(max_length=16, choices=words.Kind, default=words.Kind.UNKNOWN)
    camera_type = models.CharField(max_length=255, blank=True, default="")
    mount = models.CharField(max_length=255, blank=True, default="")
    # [{"from": deg, "to": deg}], clockwise from true north; equal ends are a single bearing.
    directions = models.JSONField(default=list, blank=True)
    tilt_down_deg = models.FloatField(null=True, blank=True)
    height_m = models.FloatField(null=True, blank=True)
    surveillance = models.CharField(max_length=255, blank=True, default="")
    zone = models.CharField(max_length=255, blank=True, default="")
    operator = models.CharField(max_length=255, blank=True, default="")
    operator_type = models.CharField(max_length=255, blank=True, default="")
    manufacturer = models.CharField(max_length=255, blank=True, default="")
    model = models.CharField(max_length=255, blank=True, default="")
    status = models.CharField(max_length=16, choices=words.Status, default=words.Status.ACTIVE)
    verification = models.CharField(
        max_length=16, choices=words.Verification, default=words.Verification.UNVERIFIED
    )
    # The claim that verifies; a composite foreign key of migration 0001 holds it to a verified one.
    verified_by = models.ForeignKey(
        Claim, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    sources = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    first_seen = partial_date_field()
    last_seen = partial_date_field()
    # Attribute name -> id of the claim that says so.
    provenance = models.JSONField(default=dict, blank=True)
    is_private_home = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    updated_on = models.DateField()

    objects = DeviceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=words.Kind.values), name="device_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=words.Status.values), name="device_status_is_known"
            ),
            models.CheckConstraint(
                condition=(Q(verification="verified") & Q(verified_by__isnull=False))
                | (~Q(verification="verified") & Q(verified_by__isnull=True)),
                name="device_verified_by_a_claim",
            ),
            models.CheckConstraint(
                condition=Q(state="present", location__isnull=False) | ~Q(state="present"),
                name="device_present_has_a_location",
            ),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
                name="device_merged_into_another",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="device_not_merged_into_itself",
            ),
        ]
        indexes = [
            # Usage: city pages, per-city downloads.
            models.Index(fields=["city", "kind"], name="device_by_city"),
            # None on updated_on: each change would write a row into every index (migration 0007).
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def rests_on_unchecked(self) -> bool:
        """Return whether it would not be there without a report that nobody has checked."""
        return rests_on_unchecked(self.verification, self.sources)


class DeviceCapability(models.Model):
    """What a device can do, with the claim that says so; it can't exist without one."""

    # Random: a counter would tell in which order reports were decided.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="capabilities")
    name = models.CharField(max_length=32, choices=words.Capability)
    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="+")
    is_contested = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "name"], name="capability_once_a_device"),
            models.CheckConstraint(
                condition=Q(name__in=words.Capability.values), name="capability_is_known"
            ),
        ]
        verbose_name_plural = "device capabilities"

    def __str__(self) -> str:
        return self.name


class Sighting(models.Model):
    """One person's report: where, when, what; its photos are in `mapper.photos`.

    The columns under "private" are for the moderator and are erased at the decision.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(
        max_length=16, choices=words.SightingState, default=words.SightingState.RECEIVED
    )
    claim = models.OneToOneField(
        Claim, null=True, blank=True, on_delete=models.SET_NULL, related_name="sighting"
    )
    kind = models.CharField(max_length=16, choices=words.Kind, default=words.Kind.UNKNOWN)
    camera_type = models.CharField(max_length=16, choices=words.CameraType, blank=True)
    mount = models.CharField(max_length=32, choices=words.Mount, blank=True)
    # As `geo.direction.format_directions` writes it; empty is unknown.
    direction = models.CharField(max_length=64, blank=True, default="")
    operator_type = models.CharField(max_length=16, choices=words.OperatorType, blank=True)
    presence = models.CharField(max_length=8, choices=words.Presence, default=words.Presence.THERE)
    seen_how = models.CharField(
        max_length=16,
        blank=True,
        choices=[("on_site", _("on site")), ("picture", _("picture")), ("document", _("document"))],
    )
    photo_use = models.CharField(
        max_length=16,
        choices=[("public", "public"), ("moderators", "moderators")],
        default="moderators",
    )
    has_osm_consent = models.BooleanField(default=False)
    terms = models.CharField(max_length=16, blank=True)
    language = models.CharField(max_length=8, default="fr")
    refusal_reason = models.CharField(max_length=32, blank=True)
    # Only until the decision: private.
    is_slow = models.BooleanField(default=False)
    phone_key = models.CharField(max_length=64, null=True, blank=True, unique=True)
    body_key = models.CharField(max_length=64, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    seen_on = models.CharField(max_length=10, blank=True)
    location = models.PointField(srid=4326, null=True, blank=True, spatial_index=True)
    position_source = models.CharField(max_length=16, choices=words.PositionSource, blank=True)
    confirms_device = models.ForeignKey(
        Device, null=True, blank=True, on_delete=models.SET_NULL, related_name="confirmations"
    )
    operator = models.CharField(max_length=255, blank=True)
    note = models.TextField(blank=True, max_length=2000)
    version = models.PositiveIntegerField(default=1)

    objects = SightingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(seen_on__regex=PARTIAL_DATE), name="sighting_seen_on_is_a_date"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["received", "question_asked"])
                | (
                    Q(location__isnull=True)
                    & Q(arrived_at__isnull=True)
                    & Q(phone_key__isnull=True)
                    & Q(body_key="")
                    & Q(note="")
                    & Q(operator="")
                    & Q(seen_on__regex=MONTH_DATE)
                ),
                name="sighting_decided_keeps_nothing_private",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(claim__isnull=False),
                name="sighting_accepted_has_a_claim",
            ),
            # Usage: target of the composite foreign key of what is given on to OpenStreetMap.
            models.UniqueConstraint(
                fields=["id", "seen_how", "has_osm_consent"], name="sighting_seen_and_consented"
            ),
        ]
        indexes = [
            # Usage: the queue of /moderation/.
            models.Index(
                fields=["is_slow", "arrived_at"],
                condition=Q(state__in=["received", "question_asked"]),
                name="sighting_queue",
            ),
        ]

    def __str__(self) -> str:
        return f"sighting {self.id}"


class Receipt(models.Model):
    """What lets the author, and nobody else, follow a report: a keyed hash of twelve words."""

    code_key = models.CharField(max_length=64, primary_key=True)
    sighting = models.OneToOneField(
        Sighting, on_delete=models.CASCADE, related_name="receipt", null=True
    )
    # A question of the list, and the answer, both gone at the decision.
    question = models.CharField(max_length=32, blank=True)
    answer = models.TextField(blank=True, max_length=2000)
    # Month of the last use, for the purge of idle receipts.
    used_in = models.CharField(max_length=7, blank=True)

    def __str__(self) -> str:
        return "receipt"


class Event(models.Model):
    """A drone flight, a mobile unit, a trailer: no fixed device, but a period."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(
        _("state"), max_length=16, choices=words.DeviceState, default=words.DeviceState.PRESENT
    )
    kind = models.CharField(_("kind"), max_length=16, choices=words.EventKind)
    # Exactly one of the two; what is published is an area of 500 m or more (`sightings.events`).
    location = models.PointField(_("place"), srid=4326, null=True, blank=True, spatial_index=True)
    area = models.MultiPolygonField(_("area"), srid=4326, null=True, blank=True, spatial_index=True)
    starts_at = models.DateTimeField(_("beginning (UTC)"))
    ends_at = models.DateTimeField(_("end (UTC)"))
    operator = models.CharField(_("organisation that runs it"), max_length=255, blank=True)
    operator_type = models.CharField(
        _("run by"), max_length=16, choices=words.OperatorType, blank=True
    )
    note = models.TextField(_("note, shown to readers"), blank=True)
    verification = models.CharField(
        _("how sure"),
        max_length=16,
        choices=words.Verification,
        default=words.Verification.UNVERIFIED,
    )
    city = models.ForeignKey(
        "places.City",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="events",
        verbose_name=_("city"),
    )
    updated_on = models.DateField()

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.CheckConstraint(
                condition=(Q(location__isnull=True) & Q(area__isnull=False))
                | (Q(location__isnull=False) & Q(area__isnull=True)),
                name="event_has_a_point_or_an_area",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("starts_at")), name="event_has_a_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
