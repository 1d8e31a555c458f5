"""Our mirror of OpenStreetMap's surveillance objects; no user name or uid is stored."""

import uuid

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from mapper.osm.querysets import (
    DistinctPairQuerySet,
    ElementQuerySet,
    FollowingQuerySet,
    HeldChangeQuerySet,
    MatchQuerySet,
    OsmFlagQuerySet,
)
from mapper.sightings.actions import survivor_of
from mapper.sightings.models import Claim, Device


class Element(models.Model):
    """One OSM object as we last saw it; ways and relations stand as a point on their surface."""

    osm_type = models.CharField(
        max_length=8, choices=[("node", "node"), ("way", "way"), ("relation", "relation")]
    )
    osm_id = models.BigIntegerField()
    version = models.PositiveIntegerField()
    timestamp = models.DateTimeField(null=True, blank=True)
    # Key -> value as OSM holds them; strings are never altered.
    tags = models.JSONField(default=dict)
    location = models.PointField(srid=4326, spatial_index=False, null=True)
    is_visible = models.BooleanField(default=True)
    # We sent a version of it: what it says may be our own words come back.
    is_ours = models.BooleanField(db_default=False)
    # `geo.osm_rules.revision` of the rules that its tags were read by; 0 where the same version
    # may have more to say: rounded by an exporter, without a time, or with an end date to come.
    rules = models.PositiveIntegerField(default=0, db_default=0)
    # What we saw its last versions change, newest first: {"version", "month", "added", "changed",
    # "removed": names of keys, "moved_m", "is_deleted"}; no value of a tag, so that nothing has to
    # be purged from here when somebody's name is taken out of one.
    history = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="element")

    objects = ElementQuerySet.as_manager()

    class Meta:
        constraints = [
            # Usage: loads upsert by it; an element keeps its claim, and so its device.
            models.UniqueConstraint(fields=["osm_type", "osm_id"], name="element_once"),
            models.CheckConstraint(
                condition=models.Q(osm_type__in=["node", "way", "relation"]),
                name="element_type_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.osm_type}/{self.osm_id}"

    @property
    def url(self) -> str:
        """Return where OSM shows it."""
        return f"https://www.openstreetmap.org/{self.osm_type}/{self.osm_id}"

    @property
    def edit_url(self) -> str:
        """Return where it opens in iD."""
        return f"https://www.openstreetmap.org/edit?editor=id&{self.osm_type}={self.osm_id}"

    @property
    def josm_url(self) -> str:
        """Return what a JOSM that runs on the reader's machine takes (its remote control)."""
        return f"http://127.0.0.1:8111/load_object?objects={self.osm_type[0]}{self.osm_id}"


class Pull(models.Model):
    """The last good answer of Overpass for a region: no older one is taken after it."""

    # A city's slug or a box, as the command was given it.
    region = models.CharField(max_length=255, unique=True)
    # The moment the answer knew OSM up to (`osm3s.timestamp_osm_base`).
    data_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.region


class OverpassServer(models.Model):
    """How a server of Overpass failed of late (`mapper.osm.breaker`); one that is well has none."""

    url = models.CharField(max_length=255, unique=True)
    failures = models.PositiveIntegerField(default=0)
    rests_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.url


class HeldChange(models.Model):
    """What a changeset would remove or move, and a moderator has to look at first.

    An object has one at most: a newer version takes its place, or its reason away.
    """

    osm_type = models.CharField(max_length=8)
    osm_id = models.BigIntegerField()
    version = models.PositiveIntegerField()
    timestamp = models.DateTimeField(null=True)
    tags = models.JSONField(default=dict)
    location = models.PointField(srid=4326, spatial_index=False, null=True)
    is_visible = models.BooleanField(default=True)
    # 0 where the source names none.
    changeset = models.BigIntegerField()
    reason = models.CharField(
        max_length=8, choices=[("removed", _("removed")), ("moved", _("moved"))]
    )
    # A moderator keeps ours: this version is not asked about again.
    is_dismissed = models.BooleanField(db_default=False)
    element = models.ForeignKey(Element, on_delete=models.CASCADE, related_name="held_changes")

    objects = HeldChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            # Usage: loads look up what is held of an object.
            models.UniqueConstraint(fields=["osm_type", "osm_id"], name="held_change_once"),
        ]

    def __str__(self) -> str:
        return f"{self.osm_type}/{self.osm_id} v{self.version}"


class Following(models.Model):
    """How far we followed a server of change files; written with the changes themselves."""

    # The folder that holds state.txt, with a slash at its end.
    url = models.CharField(max_length=255, unique=True)
    sequence = models.PositiveIntegerField()
    # The moment up to which the changes of that number know OSM.
    data_at = models.DateTimeField()
    # When the server was last asked to its end, and what went wrong since; a server's words.
    checked_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=500, blank=True)

    objects = FollowingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.url} {self.sequence}"


class FlagKind(models.TextChoices):
    """What is flagged (`geo.osm_flags`)."""

    ENFORCEMENT = "enforcement", _("enforcement of traffic rules")
    CAR_PARK = "car_park", _("car park under surveillance")


class OsmFlag(models.Model):
    """Surveillance that OSM tells of something that is no device: shown on wish, never counted."""

    osm_type = models.CharField(
        max_length=8, choices=[("node", "node"), ("way", "way"), ("relation", "relation")]
    )
    osm_id = models.BigIntegerField()
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=FlagKind)
    # Those that say more of the flag; neither names nor operators.
    tags = models.JSONField(default=dict)
    # Usage: the map asks by boxes.
    location = models.PointField(srid=4326, spatial_index=True)

    objects = OsmFlagQuerySet.as_manager()

    class Meta:
        constraints = [
            # Usage: loads upsert by it.
            models.UniqueConstraint(fields=["osm_type", "osm_id"], name="osm_flag_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=FlagKind.values), name="osm_flag_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.osm_type}/{self.osm_id}"


class Match(models.Model):
    """A device of ours that is likely one that OSM knows; for a moderator to settle.

    All rows are of the last run, and are replaced by the next one.
    """

    # Random, and no counter: that would tell in which order devices came.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Ours, and the one with an object of OSM. Usage: leaving out what is settled, by device.
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="+")
    # In (0, 1], as `geo.matching` gives it.
    chance = models.FloatField()
    # The day of the run, which is the same in all rows.
    made_on = models.DateField()

    objects = MatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device"], name="match_once_a_device"),
            models.CheckConstraint(
                condition=models.Q(chance__gt=0, chance__lte=1), name="match_chance_is_one"
            ),
        ]
        indexes = [
            # Usage: the list of matches, most certain first.
            models.Index(fields=["-chance", "id"], name="match_by_chance"),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} ~ {self.other_id}"


class DistinctPair(models.Model):
    """Two devices that a moderator has told apart: they are never matched again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # In the order of their ids, so that a pair is there once.
    one = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="+")

    objects = DistinctPairQuerySet.as_manager()

    class Meta:
        constraints = [
            # Usage: leaving settled pairs out of the list of matches.
            models.UniqueConstraint(fields=["one", "other"], name="distinct_pair_once"),
            models.CheckConstraint(
                condition=models.Q(one__lt=models.F("other")), name="distinct_pair_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} | {self.other_id}"

    def survivors(self) -> frozenset[uuid.UUID]:
        """Return the ids of what the two have become by merging."""
        return frozenset((survivor_of(self.one).id, survivor_of(self.other).id))
