"""What a moderator gives back to OSM, and what became of it. Days, no times, as for decisions."""

import uuid

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from geo.osm_tags import is_device
from mapper.osm.models import Element
from mapper.sightings.models import Device, Sighting
from mapper.upstream.querysets import ProposalQuerySet, PushBatchQuerySet, StopQuerySet

# The place, among the fields of a proposal.
PLACE = "position"


class Account(models.Model):
    """An OSM account that may edit for us; its token and its name are sealed."""

    # Nobody's: the project's own account.
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="osm_account",
    )
    sealed_token = models.CharField(max_length=600)
    sealed_name = models.CharField(max_length=1200)
    # OSM does not know the token (any more): somebody must log in again.
    is_lost = models.BooleanField(default=False)

    class Meta:
        constraints = [
            # Usage: one account of the project.
            models.UniqueConstraint(
                fields=["user"], nulls_distinct=False, name="osm_account_once_each"
            ),
        ]

    def __str__(self) -> str:
        return "OSM account"


class BatchState(models.TextChoices):
    """A batch's way; what has no end yet is looked into before anything else is sent."""

    PREPARED = "prepared", _("being prepared")
    UPLOADING = "uploading", _("sent, no answer yet")
    SENT = "sent", _("in OpenStreetMap")
    VOID = "void", _("not sent")


class PushBatch(models.Model):
    """One changeset: what goes up together, whole or not at all, in one commune.

    Its id is a tag of the changeset, so that a lost answer can be looked up.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+")
    city = models.ForeignKey("places.City", null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=16, choices=BatchState, default=BatchState.PREPARED)
    changeset = models.BigIntegerField(null=True, unique=True)
    # The osmChange as it went up, until it is known what became of it.
    payload = models.TextField(blank=True)
    # The account had agreed to OSM's contributor terms when it was asked, just before.
    has_agreed_terms = models.BooleanField(default=False)
    made_on = models.DateField()

    objects = PushBatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["prepared", "void"])
                | (Q(changeset__isnull=False) & Q(has_agreed_terms=True)),
                name="osm_batch_sent_has_a_changeset_and_terms",
            ),
        ]
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return f"batch {self.id}"

    @property
    def url(self) -> str:
        """Return where OSM shows its changeset; empty before it has one."""
        return f"{settings.OSM_WEB_URL}/changeset/{self.changeset}" if self.changeset else ""


class Action(models.TextChoices):
    """What is done to the object."""

    CREATE = "create", _("add")
    MODIFY = "modify", _("change")
    DISUSE = "disuse", _("mark as disused")
    DELETE = "delete", _("delete")
    REVERT = "revert", _("take back")


class ProposalState(models.TextChoices):
    """A proposal's way."""

    APPROVED = "approved", _("waits to be sent")
    SENT = "sent", _("sent")
    SEEN = "seen", _("in OpenStreetMap")
    CONFLICT = "conflict", _("somebody else changed it too")
    REFUSED = "refused", _("refused by OpenStreetMap")
    WITHDRAWN = "withdrawn", _("withdrawn")
    REVERTED = "reverted", _("taken back")


class Trouble(models.TextChoices):
    """Why a proposal is in conflict or refused; a moderator reads it in words."""

    NONE = "", ""
    FIELDS = "fields", _("Somebody else changed the same field since you looked.")
    DELETED = "deleted", _("Somebody deleted the object since you looked.")
    EDITED = "edited", _("Somebody edited the object that was to be deleted.")
    NEIGHBOUR = "neighbour", _("Somebody put a device there that you have not seen.")
    STILL_USED = "still_used", _("A way or relation uses the object, so it can't be deleted.")
    NO_DEVICE = "no_device", _("The object is no surveillance device any more.")
    EVIDENCE = "evidence", _("Its report is no evidence any more.")


class Proposal(models.Model):
    """One change of one object that a named moderator was shown, and approved.

    The database refuses one that no report from the spot, given on to OSM, stands for: a composite
    foreign key (migration 0002) holds `seen_how` and `has_osm_consent` to the report's own.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    action = models.CharField(max_length=16, choices=Action)
    state = models.CharField(max_length=16, choices=ProposalState, default=ProposalState.APPROVED)
    trouble = models.CharField(max_length=16, choices=Trouble, blank=True)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="proposals")
    # None once its author took it back and it was sent already.
    sighting = models.ForeignKey(
        Sighting, null=True, on_delete=models.SET_NULL, related_name="proposals"
    )
    seen_how = models.CharField(max_length=16, default="on_site")
    has_osm_consent = models.BooleanField(default=True)
    # None until OSM has given a new object its id.
    element = models.ForeignKey(
        Element, null=True, on_delete=models.PROTECT, related_name="proposals"
    )
    # What the moderator saw in OSM: {"version", "tags", "lon", "lat"}; for a new object {"near"},
    # the ids of the nodes that stood beside it.
    base = models.JSONField(default=dict, blank=True)
    # Attribute -> value, as `geo.osm_tags.apply_attributes` takes them; the place apart.
    changes = models.JSONField(default=dict, blank=True)
    place = models.PointField(srid=4326, null=True, spatial_index=False)
    # The moderator was on the spot and saw that it is gone.
    was_on_spot = models.BooleanField(default=False)
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    approved_on = models.DateField()
    # The approver was new here, so somebody else must agree: who comes to do harm does it soon.
    is_of_newcomer = models.BooleanField(default=False)
    seconder = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    batch = models.ForeignKey(
        PushBatch, null=True, on_delete=models.SET_NULL, related_name="proposals"
    )
    # What the upload found there and what it wrote, as `base`, later with the tags alone that we
    # changed; None: nothing, or deleted.
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    # What is there now, as `base`, where it contradicts ours.
    theirs = models.JSONField(null=True, blank=True)
    reverts = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="reverted_by"
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(seen_how="on_site") & Q(has_osm_consent=True),
                name="osm_proposal_seen_on_site_and_consented",
            ),
            models.CheckConstraint(
                condition=Q(sighting__isnull=False)
                | ~Q(state="approved")
                | Q(batch__isnull=False)
                | Q(action="revert"),
                name="osm_proposal_approved_has_a_report",
            ),
            models.CheckConstraint(
                condition=Q(action="create") | Q(element__isnull=False),
                name="osm_proposal_changes_something",
            ),
            models.CheckConstraint(
                condition=Q(seconder__isnull=True) | ~Q(seconder=F("approver")),
                name="osm_proposal_seconded_by_another",
            ),
            # Usage: one change of an object at a time, and one new object of a device.
            models.UniqueConstraint(
                fields=["device"],
                condition=Q(state__in=["approved", "conflict"]),
                name="osm_proposal_one_at_a_time",
            ),
        ]
        indexes = [
            # Usage: what waits to be sent, or read back.
            models.Index(
                fields=["state"],
                condition=Q(state__in=["approved", "sent", "conflict"]),
                name="osm_proposal_open",
            ),
        ]

    @property
    def fields(self) -> set[str]:
        """Return what it changes: attributes, the place, the status of what is deleted."""
        place = {PLACE} if self.place is not None else set()
        status = {"status"} if self.action == Action.DELETE else set()
        return {*self.changes} | place | status

    @property
    def waits_for_second(self) -> bool:
        """Return whether it waits for another moderator's word (ProposalQuerySet.ready)."""
        is_seconded = self.seconder is not None and self.seconder.is_moderator
        return (
            self.state == ProposalState.APPROVED
            and self.batch_id is None
            and not is_seconded
            and self.action != Action.REVERT
            and (self.is_of_newcomer or not self.approver.is_moderator)
        )

    @property
    def can_be_decided(self) -> bool:
        """Return whether a conflict can end in sending ours after all, and not in withdrawing.

        What is gone, is a device no more, or was ours to take back and is not any more, can't.
        """
        if self.theirs is None or self.element is None or self.action == Action.REVERT:
            return False
        return bool(self.theirs["is_visible"]) and is_device(self.theirs["tags"])

    def __str__(self) -> str:
        return f"{self.action} of {self.element or self.device}"


class StopKind(models.TextChoices):
    """Why nothing is sent."""

    SWITCH = "switch", _("A moderator stopped it.")
    COMMENT = "comment", _("Somebody wrote about one of our changesets.")
    MESSAGE = "message", _("The account has unread messages.")
    BLOCK = "block", _("The account was blocked.")
    TERMS = "terms", _("The account has not agreed to OpenStreetMap's contributor terms.")
    REFUSED = "refused", _("OpenStreetMap refused the account.")
    FAULT = "fault", _("OpenStreetMap did not understand what was sent.")
    PAUSE = "pause", _("OpenStreetMap asks for a pause.")


class Stop(models.Model):
    """Something that stands in the way of sending, until a moderator has answered it.

    Nothing is kept of who wrote to us, or what: it is read at OSM, and answered there.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=16, choices=StopKind)
    # What tells it from the next of its kind, such as changeset and comment.
    mark = models.CharField(max_length=64, blank=True)
    # Only this account's sendings wait; None: everybody's.
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="stops")
    changeset = models.BigIntegerField(null=True)
    # A pause ends by itself.
    until = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_on = models.DateField(null=True, blank=True)

    objects = StopQuerySet.as_manager()

    class Meta:
        constraints = [
            # Usage: what was answered once is not asked again.
            models.UniqueConstraint(
                fields=["kind", "mark", "account"], nulls_distinct=False, name="osm_stop_once"
            ),
        ]

    def __str__(self) -> str:
        return f"stop {self.kind} {self.mark}"

    @property
    def url(self) -> str:
        """Return where it is to be answered."""
        if self.changeset:
            return f"{settings.OSM_WEB_URL}/changeset/{self.changeset}"
        pages = {StopKind.MESSAGE: "/messages/inbox", StopKind.TERMS: "/account/terms"}
        return f"{settings.OSM_WEB_URL}{pages.get(StopKind(self.kind), '/')}"
