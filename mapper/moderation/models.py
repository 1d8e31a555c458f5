"""What was decided: append-only, without a word of the walker."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mapper.accounts.models import Role
from mapper.moderation.querysets import DecisionQuerySet, NoticeQuerySet


class Act(models.TextChoices):
    """What a decision did."""

    ACCEPT = "accept", _("accepted")
    REFUSE = "refuse", _("refused")
    ASK = "ask", _("asked a question")
    MERGE = "merge", _("merged")
    UNMERGE = "unmerge", _("un-merged")
    PUBLISH_PHOTO = "publish_photo", _("published a photo")
    REFUSE_PHOTO = "refuse_photo", _("refused a photo")
    HIDE_PHOTO = "hide_photo", _("hid a photo")
    CORRECT = "correct", _("corrected")
    ERASE = "erase", _("erased")
    KEEP = "keep", _("kept after a notice")
    SETTLE = "settle", _("settled a notice")
    UNDO = "undo", _("undid")
    TAKE_OFF = "take_off", _("took reports off the map that nobody had checked")
    RELEASE_BRAKE = "release_brake", _("released the brake")
    REFUSE_FLOOD = "refuse_flood", _("refused a flood of reports")
    OPEN_PARTY = "open_party", _("opened a cartopartie")
    CLOSE_PARTY = "close_party", _("closed a cartopartie")
    PASS_PHOTO = "pass_photo", _("accepted a photo, and nothing else of its report")
    CONFIRM = "confirm", _("verified by reports that agree")
    LINK_PICTURE = "link_picture", _("linked a picture")
    GIVE_BACK = "give_back", _("approved for OpenStreetMap")
    SECOND = "second", _("agreed with a change for OpenStreetMap")
    SETTLE_CONFLICT = "settle_conflict", _("decided a conflict with OpenStreetMap")
    TAKE_BACK_BATCH = "take_back_batch", _("took a changeset back")
    LEAVE_SENT = "leave_sent", _("left a change in OpenStreetMap as it is")
    STOP_SENDING = "stop_sending", _("stopped sending to OpenStreetMap")
    APPLY_HELD = "apply_held", _("let a changeset of OpenStreetMap happen")
    KEEP_OURS = "keep_ours", _("left a changeset of OpenStreetMap out")
    ANSWER_STOP = "answer_stop", _("answered what stopped sending to OpenStreetMap")
    TELL_APART = "tell_apart", _("told apart")


class Target(models.TextChoices):
    """What a decision was about."""

    SIGHTING = "sighting", pgettext_lazy("noun", "report")
    DEVICE = "device", _("device")
    PHOTO = "photo", _("photo")
    DECISION = "decision", _("decision")
    BATCH = "batch", pgettext_lazy("of reports", "batch")
    BRAKE = "brake", _("brake")
    PARTY = "party", _("cartopartie")
    NOTICE = "notice", _("notice")
    PROPOSAL = "proposal", pgettext_lazy("to OpenStreetMap", "proposal")
    CHANGESET = "changeset", pgettext_lazy("of OpenStreetMap", "changeset")
    STOP = "stop", pgettext_lazy("of sending to OpenStreetMap", "stop")
    PAIR = "pair", _("pair of devices")


class Reason(models.TextChoices):
    """Why a report was refused; the author reads it in words."""

    NOT_A_DEVICE = "not_a_device", _("This is not a surveillance device.")
    NO_POSITION = "no_position", _("We can't tell where it stands.")
    DUPLICATE = "duplicate", _("This device was reported already.")
    UNCLEAR = "unclear", _("The photo or the description does not let us tell.")
    PERSON = "person", _("The photo shows a person and nothing else could be kept.")
    EXCLUDED = "excluded", _("Nothing is taken at this place.")
    ABUSE = "abuse", _("This does not look like an honest report.")
    FLOOD = "flood", _("It came in a flood that nobody could look through; please send it again.")


class ErasureReason(models.TextChoices):
    """Why a device was erased; its address then answers 410."""

    OBJECTION = "objection", _("Somebody objected, and was right.")
    PRIVATE_HOME = "private_home", _("It belongs to a private home.")
    LAW = "law", _("A court or the law asks for it.")
    SAFETY = "safety", _("It put somebody in danger.")


class Question(models.TextChoices):
    """What a moderator may ask; the page adds: never tell who you are."""

    WHERE_EXACTLY = "where_exactly", _("Where exactly does it stand: which side of the street?")
    WHICH_WAY = "which_way", _("Which way does it look?")
    STILL_THERE = "still_there", _("Is it still there?")
    WHAT_KIND = "what_kind", _("What made you think it is this kind of device?")
    WHO_RUNS_IT = "who_runs_it", _("Is there a sign that names who runs it?")


class NoticeReason(models.TextChoices):
    """What somebody without an account says is wrong; the first hides a photo at once."""

    PERSON = "person", _("It shows a person, a number plate or a home")
    WRONG_PLACE = "wrong_place", _("It stands somewhere else")
    GONE = "gone", _("It is gone")
    NOT_A_DEVICE = "not_a_device", _("It is no surveillance device")
    PRIVATE_HOME = "private_home", _("It belongs to a private home")
    REPLY = "reply", _("The page is about us, and we reply")
    OTHER = "other", _("Something else")


class NoticeOutcome(models.TextChoices):
    """What became of a notice; its author reads it in words."""

    WAITING = "", _("waiting for a moderator")
    KEPT = "kept", _("a moderator looked at it, and it stays")
    HIDDEN = "hidden", _("the photo was taken off the site")
    ERASED = "erased", _("it was erased")
    SETTLED = "settled", _("a moderator has seen to it")


class Notice(models.Model):
    """An objection, a takedown request or a reply; nothing is kept of who sent it.

    What was written goes when it is decided; the outcome stays for whoever holds the receipt.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # A keyed hash of twelve words, as of a report's receipt.
    code_key = models.CharField(max_length=64, unique=True)
    outcome = models.CharField(max_length=16, choices=NoticeOutcome, blank=True)
    reason = models.CharField(max_length=16, choices=NoticeReason)
    # A device, a photo, or nothing of the two: another page.
    target_kind = models.CharField(max_length=16, choices=Target, blank=True)
    target = models.UUIDField(null=True, blank=True)
    # Month of the receipt's last use, for the purge of idle ones.
    used_in = models.CharField(max_length=7, blank=True)
    # Only until the decision: private.
    page = models.CharField(max_length=300, blank=True)
    words = models.TextField(max_length=2000, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    city = models.ForeignKey(
        "places.City", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    has_hidden = models.BooleanField(default=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="")
                | (Q(words="") & Q(page="") & Q(arrived_at__isnull=True) & Q(city__isnull=True)),
                name="notice_decided_keeps_nothing_private",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=NoticeReason.values), name="notice_reason_is_known"
            ),
        ]
        indexes = [
            # Usage: the queue of notices, and the hidings of the last hour.
            models.Index(fields=["arrived_at"], condition=Q(outcome=""), name="notice_queue"),
            # Usage: one decision answers all notices about the same thing.
            models.Index(fields=["target"], name="notice_by_target"),
        ]

    def __str__(self) -> str:
        return f"notice {self.id}"


class Decision(models.Model):
    """A moderator's act. The serving role may insert and read these rows, nothing else."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    act = models.CharField(max_length=16, choices=Act)
    target_kind = models.CharField(max_length=16, choices=Target)
    target = models.UUIDField()
    # The device an accepted report went to, or the survivor of a merge.
    device = models.UUIDField(null=True, blank=True)
    reason = models.CharField(max_length=32, blank=True)
    undoes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by"
    )
    # Nobody where a rule of the instance decided, not a person.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    role = models.CharField(max_length=16, blank=True)
    # A day and no time: a finer one would date the walk.
    made_on = models.DateField()

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(actor__isnull=False) | Q(act="confirm"),
                name="decision_is_somebody_s_but_for_confirmations",
            ),
        ]
        indexes = [
            # Usage: the history of a device, report or photo.
            models.Index(fields=["target_kind", "target"], name="decision_by_target"),
            models.Index(fields=["device"], name="decision_by_device"),
        ]
        ordering = ["-made_on", "id"]

    def __str__(self) -> str:
        return f"{self.act} {self.target_kind} {self.target}"

    @property
    def actor_in_words(self) -> str:
        """Return who decided, under the name that colleagues know."""
        return self.actor.shown_name if self.actor else str(_("the rule of confirmations"))

    @property
    def role_in_words(self) -> str:
        """Return the role that the moderator had then, in words."""
        return str(Role(self.role).label) if self.role in Role.values else self.role

    @property
    def reason_in_words(self) -> str:
        """Return the reason or question in words, empty where the act has none."""
        words = {Act.REFUSE: Reason, Act.ASK: Question, Act.ERASE: ErasureReason}.get(Act(self.act))
        return str(words(self.reason).label) if words and self.reason in words.values else ""

    @property
    def can_be_undone(self) -> bool:
        """Return whether it may be taken back, as far as its own row tells."""
        return self.act in UNDOABLE and not hasattr(self, "undone_by")


class OpenReport(models.Model):
    """Somebody has a report open: a soft note that ends within minutes and binds nobody."""

    # No counter: how many were ever opened is nobody's business.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.UUIDField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    class Meta:
        constraints = [
            # Usage: who else has a report open.
            models.UniqueConstraint(fields=["report", "user"], name="open_report_once_each"),
        ]

    def __str__(self) -> str:
        return "open report"


class PhotoViewing(models.Model):
    """Who saw an unpublished photo, on which day. The serving role may insert and read only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    photo = models.UUIDField()
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # A day and no time, as for decisions.
    viewed_on = models.DateField()

    class Meta:
        constraints = [
            # Usage: one row a day however often it is looked at.
            models.UniqueConstraint(
                fields=["photo", "viewer", "viewed_on"], name="photo_viewing_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"viewing of {self.photo}"


class WaitCount(models.Model):
    """How many reports that were decided in a month had waited for less than so many days.

    Counted ten at once (`mapper.moderation.waits`): no row tells one report's wait.
    """

    month = models.CharField(max_length=7)
    # One of `waits.CLASSES_DAYS`; 0 is longer than all of them.
    class_days = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            # Usage: the row that a batch of waits is added to.
            models.UniqueConstraint(fields=["month", "class_days"], name="wait_count_once"),
        ]

    def __str__(self) -> str:
        return f"waits in {self.month}"


# Acts that nothing takes back: an erased device says nothing any more, a refused flood keeps none
# of its thousands of places; an undoing is undone by deciding, an un-merging by merging again.
# What went to OpenStreetMap is taken back by another changeset, not by forgetting the click.
FINAL = (
    Act.ERASE,
    Act.REFUSE_FLOOD,
    Act.UNDO,
    Act.UNMERGE,
    Act.SETTLE_CONFLICT,
    Act.TAKE_BACK_BATCH,
    Act.LEAVE_SENT,
    Act.SECOND,
    Act.STOP_SENDING,
    Act.ANSWER_STOP,
    Act.APPLY_HELD,
    Act.KEEP_OURS,
)
UNDOABLE = tuple(act for act in Act if act not in (*FINAL, Act.REFUSE_PHOTO))
