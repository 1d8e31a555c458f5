"""The way of an undecided report onto the map; the row goes when the report is decided.

What would date or order a report stands here and in the report's private columns, nowhere else.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mapper.places.models import City
from mapper.sightings.models import Device, Sighting
from mapper.trust.querysets import BatchQuerySet, BrakeQuerySet, PartyQuerySet, PassageQuerySet


class Obstacle(models.TextChoices):
    """Why a report does not go on the map by itself; a moderator reads it."""

    SWITCHED_OFF = "switched_off", _("this instance shows nothing that nobody has checked")
    SLOW = "slow", _("it came over the limit, by the slow queue")
    PAPER = "paper", _("it was typed in from paper, outside a cartopartie, by the slow queue")
    UNPROVEN = "unproven", _("it came without a proof of work, by the slow queue")
    IMPORTED = "imported", _("it came with a folder of photos")
    KNOWN_DEVICE = "known_device", _("it speaks of a device that is known")
    NOT_ON_SITE = "not_on_site", _("it was not seen on the spot")
    OUTSIDE = "outside", _("it lies in none of the cities here")
    FAR_PHOTO = "far_photo", _("its photo was taken far from its point")
    DUPLICATE = "duplicate", _("a device stands there that looks the same way")
    CLUSTER = "cluster", _("several reports came from this spot")
    FLOOD = "flood", _("it came in a flood, while the brake was on")
    TAKEN_OFF = "taken_off", _("it was taken off the map with its batch")


class Batch(models.Model):
    """Reports that appeared together; the row goes with the last of them that is undecided."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    published_at = models.DateTimeField()

    objects = BatchQuerySet.as_manager()

    def __str__(self) -> str:
        return f"batch {self.id}"


class Brake(models.Model):
    """Too much came at once: nothing more appears by itself until a moderator releases it."""

    ALL, UNPROVEN = "all", " unproven"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # What it is on for: a city's id, "nowhere" for what lies in none, "all"; with " unproven" after
    # it for what came from there without a proof of work.
    scope = models.CharField(max_length=32)
    city = models.ForeignKey(
        City, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    tripped_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    objects = BrakeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope"], condition=Q(released_at__isnull=True), name="brake_once_a_scope"
            ),
        ]

    def __str__(self) -> str:
        return f"brake {self.scope}"

    @property
    def is_everywhere(self) -> bool:
        """Return whether it is on for all cities."""
        return self.scope.removesuffix(self.UNPROVEN) == self.ALL

    @property
    def is_of_unproven(self) -> bool:
        """Return whether it is on only for what comes without a proof of work."""
        return self.scope.endswith(self.UNPROVEN)


class Party(models.Model):
    """A cartopartie: so many reports of a city, in these hours, are none of a flood."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="parties")
    # What the link to the form carries.
    word = models.CharField(max_length=32, unique=True)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    most = models.PositiveIntegerField()
    taken = models.PositiveIntegerField(default=0)

    objects = PartyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="party_has_hours"
            ),
            models.CheckConstraint(condition=Q(taken__lte=F("most")), name="party_keeps_its_cap"),
        ]

    def __str__(self) -> str:
        return f"party {self.word}"


class Passage(models.Model):
    """When an undecided report may appear by itself, or why it does not."""

    sighting = models.OneToOneField(
        Sighting, primary_key=True, on_delete=models.CASCADE, related_name="passage"
    )
    city = models.ForeignKey(
        City, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # From when on it may join a batch; empty where it waits for a moderator or is on the map.
    due_at = models.DateTimeField(null=True, blank=True)
    # Prudent: before this day nothing of it is public, a decision or not.
    held_until = models.DateField(null=True, blank=True)
    obstacle = models.CharField(max_length=16, choices=Obstacle, blank=True)
    # The device that it seems to speak of, though its author did not say so.
    near_device = models.ForeignKey(
        Device, null=True, blank=True, on_delete=models.SET_NULL, related_name="suggestions"
    )
    batch = models.ForeignKey(
        Batch, null=True, blank=True, on_delete=models.PROTECT, related_name="passages"
    )

    # The flood that it came with, and the cartopartie that it belongs to.
    flood = models.ForeignKey(
        Brake, null=True, blank=True, on_delete=models.SET_NULL, related_name="passages"
    )
    party = models.ForeignKey(
        Party, null=True, blank=True, on_delete=models.SET_NULL, related_name="passages"
    )

    objects = PassageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(due_at__isnull=True) | (Q(obstacle="") & Q(batch__isnull=True)),
                name="passage_due_has_no_obstacle",
            ),
        ]
        indexes = [
            # Usage: what the next batches are made of.
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="passage_by_due"
            ),
        ]

    def __str__(self) -> str:
        return f"passage of {self.sighting_id}"


class Hold(models.Model):
    """An accepted report whose day has not come; the row goes on that day."""

    sighting = models.OneToOneField(
        Sighting, primary_key=True, on_delete=models.CASCADE, related_name="hold"
    )
    # The device that the moderator chose; empty where it makes a new one.
    device = models.ForeignKey(
        Device, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decision = models.UUIDField()
    until = models.DateField()

    def __str__(self) -> str:
        return f"hold of {self.sighting_id}"
