"""A picture of a sighting: public only as a re-encoded copy that passed the gate."""

import uuid
from typing import cast

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from geo.open_photos import OpenPhoto, Service
from mapper.photos.boxes import Size
from mapper.photos.querysets import PhotoQuerySet
from mapper.sightings.models import Claim, Sighting


class PhotoState(models.TextChoices):
    """A photo's way; the row is the truth, jobs only move it along."""

    RECEIVED = "received", _("waiting to be cleaned")
    AWAITING_REVIEW = "awaiting_review", _("waiting for a moderator")
    PUBLISHED = "published", _("published")
    KEPT_BACK = "kept_back", _("not published")
    FAILED = "failed", _("could not be read")
    DELETED = "deleted", _("deleted")


class PhotoFlag(models.TextChoices):
    """What a reader's flag did to a published photo."""

    NONE = "", _("not flagged")
    HIDDEN = "hidden", _("hidden until a moderator looks")
    KEPT = "kept", _("kept by a moderator")


# What a moderator must have looked for before a photo is public.
GATE = ("faces", "plates", "officer_numbers", "reflection", "windows_and_names", "children")


class PictureService(models.TextChoices):
    """Where others publish pictures of streets under open licences."""

    PANORAMAX = "panoramax", "Panoramax"
    MAPILLARY = "mapillary", "Mapillary"
    COMMONS = "commons", "Wikimedia Commons"


class Photo(models.Model):
    """One picture. The columns under "private" are erased at the decision."""

    # The public id; file names are random and are not it.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sighting = models.ForeignKey(Sighting, on_delete=models.CASCADE, related_name="photos")
    state = models.CharField(max_length=16, choices=PhotoState, default=PhotoState.RECEIVED)
    may_be_public = models.BooleanField(default=False)
    # Names in QUARANTINE_ROOT and, of the public copies, in MEDIA_ROOT; empty = none. The upload;
    # a copy at full size until it is searched; the pixel copy, of which nothing is covered; what
    # moderators see of it with its boxes filled.
    upload_name = models.CharField(max_length=64, blank=True)
    search_name = models.CharField(max_length=64, blank=True)
    pixel_name = models.CharField(max_length=64, blank=True)
    covered_name = models.CharField(max_length=64, blank=True)
    covered_thumbnail_name = models.CharField(max_length=64, blank=True)
    public_name = models.CharField(max_length=64, blank=True)
    public_thumbnail_name = models.CharField(max_length=64, blank=True)
    width_px = models.PositiveIntegerField(null=True, blank=True)
    height_px = models.PositiveIntegerField(null=True, blank=True)
    public_width_px = models.PositiveIntegerField(null=True, blank=True)
    public_height_px = models.PositiveIntegerField(null=True, blank=True)
    # `mapper.photos.boxes`, in pixels of the pixel copy; erased with it.
    boxes = models.JSONField(default=list, blank=True)
    crop = models.JSONField(null=True, blank=True)
    # Whether a detector has looked for faces; where none has, nobody has but the moderator.
    is_searched = models.BooleanField(default=False)
    gate = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    failure = models.CharField(max_length=64, blank=True)
    # A reader's flag hides a photo once, until a moderator has looked; then it stays as decided.
    flag = models.CharField(max_length=8, choices=PhotoFlag, blank=True)
    # Names of what was found in the file and removed ("position", "serial_number"), no values.
    removed = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    # Only until the decision: private.
    phone_key = models.CharField(max_length=64, null=True, blank=True, unique=True)
    body_key = models.CharField(max_length=64, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    exif_location = models.PointField(srid=4326, null=True, blank=True, spatial_index=False)
    exif_accuracy_m = models.FloatField(null=True, blank=True)
    exif_direction_deg = models.FloatField(null=True, blank=True)
    exif_direction_reference = models.CharField(max_length=8, blank=True)
    captured_local = models.CharField(max_length=19, blank=True)
    captured_offset = models.CharField(max_length=6, blank=True)
    # When the unpublished copy must be gone at the latest (24 h after the decision, 7 days in all).
    pixel_copy_expires_at = models.DateTimeField(null=True, blank=True)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="published")
                | (Q(may_be_public=True) & Q(gate__contains=list(GATE)) & ~Q(public_name="")),
                name="photo_published_passed_the_gate",
            ),
            models.CheckConstraint(
                condition=Q(state="published") | (Q(public_name="") & Q(public_thumbnail_name="")),
                name="photo_unpublished_has_no_public_copy",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["received", "awaiting_review"])
                | (Q(exif_location__isnull=True) & Q(captured_local="") & Q(upload_name="")),
                name="photo_decided_keeps_nothing_private",
            ),
            models.CheckConstraint(
                condition=Q(state="received") | Q(search_name=""),
                name="photo_searched_keeps_no_full_size",
            ),
            models.CheckConstraint(
                condition=~Q(pixel_name="") | Q(boxes=[]),
                name="photo_boxes_go_with_the_pixels",
            ),
        ]

    def __str__(self) -> str:
        return f"photo {self.id}"

    @property
    def size(self) -> Size:
        """Return the size of the pixel copy."""
        return Size(self.width_px or 1, self.height_px or 1)

    @property
    def public_size(self) -> Size:
        """Return the size of the public copy: that of what is shown."""
        width_px, height_px = self.public_width_px, self.public_height_px
        return Size(width_px or self.size.width_px, height_px or self.size.height_px)


class LinkedPicture(models.Model):
    """A picture of an open photo service that a moderator holds to be of a device.

    A link and never a copy: no page of ours fetches it. Its claim says nothing but that. The row
    stays when the claim is taken off its device, and goes when the device is erased.
    """

    claim = models.OneToOneField(
        Claim, primary_key=True, on_delete=models.PROTECT, related_name="linked_picture"
    )
    service = models.CharField(max_length=16, choices=PictureService)
    # The service's own id of it: `geo.open_photos`.
    picture = models.CharField(max_length=255)

    def __str__(self) -> str:
        return f"picture {self.service} {self.picture}"

    @property
    def open_photo(self) -> OpenPhoto:
        """Return the picture with its address."""
        return OpenPhoto(cast("Service", self.service), self.picture)
