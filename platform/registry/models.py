"""Dossiers of finalists, registered models, their versions, the request to approve one, and its evidence."""

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.once import read_once
from common.storage import local_path
from jobs.models import JobState
from registry import moves
from registry.facts import ComparisonFacts, DossierFacts, VersionFacts
from training.models import TargetKind

DOSSIERS = "registry/dossiers"


class Dossier(models.Model):
    """What a worker has gathered of a finalist for whoever signs: a sealed copy of its model, and facts about it."""

    belongs_to = "leaderboard_row"
    leaderboard_row = models.ForeignKey("training.LeaderboardRow", on_delete=models.CASCADE, related_name="dossiers")
    model_hash = models.CharField(max_length=64)
    facts = models.JSONField(default=dict, help_text="what checks and pages ask of the model")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    gathered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["leaderboard_row", "model_hash"], name="dossier_once_a_model")]

    def __str__(self) -> str:
        return self.model_hash[:12]

    @read_once("facts")
    def found(self) -> DossierFacts:
        """What was gathered."""
        return DossierFacts.from_dict(self.facts)

    @property
    def folder(self) -> str:
        """Where the sealed copy lies, below MEDIA_ROOT."""
        return f"{DOSSIERS}/{self.leaderboard_row_id}-{self.model_hash[:16]}"

    @property
    def sealed_folder(self) -> Path:
        """Where the sealed copy lies on this machine."""
        return local_path(self.folder)

    @property
    def is_gathered(self) -> bool:
        return self.gathered_at is not None

    @property
    def state(self) -> str:
        """How far the gathering is: waiting, gathering, gathered, or failed when its worker ended without it."""
        if self.is_gathered:
            return "gathered"
        if self.job is None or self.job.is_terminated:
            return "failed"
        return "waiting" if self.job.state == JobState.QUEUED else "gathering"

    @property
    def has_failed(self) -> bool:
        return self.state == "failed"


class RegisteredModel(models.Model):
    """A model by the name the bank knows it; versions come and go."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="registered_models")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="model_name_once_a_workspace")]

    def __str__(self) -> str:
        return self.name

    @property
    def kind_label(self) -> str:
        return str(TargetKind(self.kind).label)


class VersionState(models.TextChoices):
    DRAFT = moves.DRAFT, _("Draft")
    SUBMITTED = moves.SUBMITTED, _("Submitted")
    CHANGES = moves.CHANGES, _("Change asked for")
    APPROVED = moves.APPROVED, _("Approved")
    REFUSED = moves.REFUSED, _("Refused")
    RETIRED = moves.RETIRED, _("Retired")


class Alias(models.TextChoices):
    NONE = moves.NONE, _("none")
    CHAMPION = moves.CHAMPION, _("Champion")
    CHALLENGER = moves.CHALLENGER, _("Challenger")
    SHADOW = moves.SHADOW, _("Shadow")


class ModelVersion(models.Model):
    """A finalist taken over into the registry: the artifact's copy, its hash and its evidence never change."""

    belongs_to = "registered_model"
    registered_model = models.ForeignKey(RegisteredModel, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=VersionState.choices, default=VersionState.DRAFT)
    alias = models.CharField(max_length=10, choices=Alias.choices, blank=True, default="")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="model_versions")
    leaderboard_row = models.ForeignKey(
        "training.LeaderboardRow", on_delete=models.PROTECT, related_name="model_versions"
    )
    purpose = models.TextField(blank=True)
    artifact_path = models.CharField(max_length=300, help_text="below MEDIA_ROOT")
    artifact_hash = models.CharField(max_length=64, help_text="of what scores")
    artifact_seal = models.CharField(max_length=64, help_text="of every file")
    metrics = models.JSONField(default=dict)
    limits_of_use = models.TextField(blank=True)
    expires_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["registered_model", "number"], name="version_number_once_a_model"),
            models.UniqueConstraint(
                fields=["registered_model", "alias"], condition=Q(alias__in=moves.SINGLE), name="alias_once_a_model"
            ),
            models.CheckConstraint(condition=Q(alias=moves.NONE) | Q(state=moves.APPROVED), name="alias_is_approved"),
            models.CheckConstraint(condition=Q(state__in=moves.STATES), name="version_state_is_known"),
            models.CheckConstraint(condition=Q(alias__in=moves.ALIASES), name="version_alias_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.registered_model.name} v{self.number}"

    @read_once("metrics")
    def frozen(self) -> VersionFacts:
        """What it keeps of its evidence."""
        return VersionFacts.from_dict(self.metrics)

    @property
    def is_champion(self) -> bool:
        return self.alias == Alias.CHAMPION

    @property
    def has_expired(self) -> bool:
        return self.expires_on is not None and self.expires_on < timezone.localdate()


class Comparison(models.Model):
    """What a worker found of two versions on the same rows; measured once, it stays."""

    belongs_to = "version"
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="comparisons")
    former = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="+", help_text="the champion")
    facts = models.JSONField(default=dict, help_text="the paired differences, or {refusal} of why there are none")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    compared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "former"], name="comparison_once_a_pair")]

    def __str__(self) -> str:
        return f"{self.version_id} / {self.former_id}"

    @read_once("facts")
    def found(self) -> ComparisonFacts:
        """The differences, or why there are none."""
        return ComparisonFacts.from_dict(self.facts)

    @property
    def is_done(self) -> bool:
        return self.compared_at is not None

    @property
    def has_failed(self) -> bool:
        """Did its worker end without an answer?"""
        return not self.is_done and (self.job is None or self.job.is_terminated)


class EvidenceCheck(models.Model):
    """One of the checks a version is judged by, filled by the system when it is submitted."""

    belongs_to = "model_version"

    class State(models.TextChoices):
        PASSED = "passed", pgettext_lazy("state of a check", "Passed")
        WARNING = "warning", pgettext_lazy("state of a check", "Warning")
        FAILED = "failed", pgettext_lazy("state of a check", "Failed")
        MISSING = "missing", pgettext_lazy("state of a check", "No evidence")

    model_version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="evidence_checks")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State.choices)
    value = models.JSONField(default=dict, help_text="value, limit and what to show: {message, params}")
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["model_version", "code"], name="check_once_a_version")]

    def __str__(self) -> str:
        return self.code


class ApprovalRequest(models.Model):
    """The request that someone else decide on a version; the database itself refuses whoever has a part in it."""

    belongs_to = "model_version"

    class Decision(models.TextChoices):
        PENDING = "pending", _("Waiting")
        APPROVED = "approved", _("Approved")
        CHANGE = "change", _("Change asked for")
        REFUSED = "refused", _("Refused")

    model_version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="approval_requests")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", help_text="who ran the experiment"
    )
    note = models.TextField(blank=True)
    decision = models.CharField(max_length=10, choices=Decision.choices, default=Decision.PENDING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    comment = models.TextField(blank=True)
    independence_days = models.PositiveIntegerField(
        default=30, help_text="the policy when it was asked: for so long a hold on an account bars it from deciding"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("author")), name="decider_is_not_author"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("maker")), name="decider_is_not_maker"
            ),
            models.CheckConstraint(
                condition=Q(decision="pending") | (Q(decided_by__isnull=False) & ~Q(comment="")),
                name="decision_has_person_and_comment",
            ),
            models.UniqueConstraint(
                fields=["model_version"], condition=Q(decision="pending"), name="one_open_request_a_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model_version}: {self.decision}"

    @property
    def is_pending(self) -> bool:
        return self.decision == self.Decision.PENDING


class Participant(models.Model):
    """Someone who worked on the experiment of a request, and so does not decide on it."""

    request = models.ForeignKey(ApprovalRequest, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=60, help_text="what the audit log first tells of it")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "user"], name="participant_once_a_request")]

    def __str__(self) -> str:
        return f"{self.user}: {self.act}"
