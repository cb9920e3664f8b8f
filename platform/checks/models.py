"""What the check of a version for one question holds: its columns as decided, and its findings."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Column, ColumnRole, ColumnType, DatasetVersion
from common.once import read_once
from experiments.leakage.finding import FindingEvidence


class DataCheck(models.Model):
    """A question put to a version (target, event, kind) and what the check of the data for it found."""

    belongs_to = "version"

    class State(models.TextChoices):
        DRAFT = "draft", _("Waiting for a target")
        RUNNING = "running", _("Checking")
        READY = "ready", _("Checked")
        FAILED = "failed", _("Failed")

    version = models.ForeignKey(DatasetVersion, on_delete=models.CASCADE, related_name="checks")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    target = models.CharField(max_length=300, blank=True)
    event = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    event_count = models.PositiveBigIntegerField(default=0)
    labelled_count = models.PositiveBigIntegerField(default=0)
    rate_by_period = models.JSONField(default=list, help_text="[{period, rows, events}] when there is a date")
    sample = models.JSONField(default=dict, blank=True, help_text="windows, event and exclusions, if defined")
    waterfall = models.JSONField(default=list, blank=True, help_text="[{step, rows, events}] of the sample")
    segments = models.JSONField(default=list, blank=True, help_text="event rate by segment")
    table = models.JSONField(default=dict, blank=True, help_text="made for it where rows or types differ: path, hash")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.version}: {self.target or self.kind}"

    @property
    def event_rate(self) -> float | None:
        return self.event_count / self.labelled_count if self.labelled_count else None

    @property
    def is_frozen(self) -> bool:
        """Once its experiment has started, a check stays as the run found it."""
        experiment = getattr(self, "experiment", None)
        return experiment is not None and experiment.state != "draft"


class CheckedColumn(models.Model):
    """What the check decided for one column: its role, whether it was taken out and why, and its evidence."""

    belongs_to = "check_of"
    check_of = models.ForeignKey(DataCheck, on_delete=models.CASCADE, related_name="columns")
    column = models.ForeignKey(Column, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=10, choices=ColumnRole.choices, default=ColumnRole.FEATURE)
    type = models.CharField(max_length=12, choices=ColumnType.choices, blank=True, help_text="if not the file's own")
    remembered = models.JSONField(default=dict, blank=True, help_text="decided on an earlier version: {what: number}")
    excluded = models.BooleanField(default=False)
    excluded_by_system = models.BooleanField(default=False)
    single_auc = models.FloatField(null=True)
    information_value = models.FloatField(null=True)
    by_target = models.JSONField(default=dict, blank=True, help_text="event rate by bin, with intervals; PSI by month")

    class Meta:
        ordering = ["column__position"]
        constraints = [models.UniqueConstraint(fields=["check_of", "column"], name="column_once_a_check")]

    @property
    def read_as(self) -> str:
        """The type as which it is read: the one that was chosen, else the file's own."""
        return self.type or self.column.type


class Finding(models.Model):
    """One finding of the check: what, how grave, the evidence, what was done about it, and whether that was undone."""

    belongs_to = "check_of"

    class Severity(models.TextChoices):
        BLOCK = "block", _("Blocks")
        WARNING = "warning", _("Warning")
        PASSED = "passed", _("Passed")

    check_of = models.ForeignKey(DataCheck, on_delete=models.CASCADE, related_name="findings")
    code = models.CharField(max_length=40)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    column = models.ForeignKey(Column, null=True, on_delete=models.CASCADE, related_name="+")
    message = models.TextField()
    params = models.JSONField(default=dict)
    action = models.TextField(blank=True, help_text="what was done, as a translation key")
    evidence = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    # Set for a page: whether it asks about a column, and whether that column was taken out.
    asks = is_answered = False

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.code} {self.column or ''}".strip()

    @read_once("evidence")
    def found(self) -> FindingEvidence:
        """The numbers behind it that pages read."""
        return FindingEvidence.from_dict(self.evidence)

    @property
    def columns(self) -> list[str]:
        """Names of all columns it is about."""
        return [str(name) for name in self.found.columns] or ([self.column.name] if self.column else [])
