"""Experiments, their trials and the leaderboard of finalists."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from common.once import read_once
from common.storage import local_path
from experiments.evaluation.measures import MeasuresBySample
from experiments.kinds import KINDS
from experiments.search.finalist import FinalistEvidence
from experiments.sentence import Sentence
from experiments.spec import BESIDE_TRIALS, ExperimentSpec
from training.run_facts import RunFacts

if TYPE_CHECKING:

    class TargetKind(models.TextChoices):
        """The kinds of question: those of the engine's table."""
else:
    TargetKind = models.TextChoices(
        "TargetKind", {name.upper(): (name, gettext_lazy(kind.label)) for name, kind in KINDS.items()}
    )


def target_kinds() -> list[tuple[str, Any]]:
    """Return the kinds as choices; a function, so that another kind needs no migration."""
    return TargetKind.choices


class ExperimentState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    FINISHED = "finished", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


UNDER_WAY = (ExperimentState.QUEUED, ExperimentState.RUNNING)


class Budget(models.TextChoices):
    QUICK = "quick", _("Quick")
    STANDARD = "standard", _("Standard")
    DEEP = "deep", _("Deep")
    CUSTOM = "custom", _("Custom")
    TRIALS = "trials", _("Number of trials")


class Experiment(models.Model):
    """One question on one dataset version; ``spec`` is what the engine was asked, whole, so that it can be repeated."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="experiments")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=target_kinds)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="experiments")
    version = models.ForeignKey("catalog.DatasetVersion", on_delete=models.PROTECT, related_name="experiments")
    data_check = models.OneToOneField("checks.DataCheck", on_delete=models.PROTECT, related_name="experiment")
    state = models.CharField(max_length=10, choices=ExperimentState.choices, default=ExperimentState.DRAFT)
    budget = models.CharField(max_length=10, choices=Budget.choices, default=Budget.QUICK)
    budget_seconds = models.PositiveIntegerField(default=300)
    explainable_first = models.BooleanField(default=False)
    contact_share = models.FloatField(default=ExperimentSpec.contact_share)
    seed = models.PositiveIntegerField(default=ExperimentSpec.seed)
    spec = models.JSONField(default=dict)
    result = models.JSONField(default=dict, help_text="what the run found about data and split, for the pages")
    out_of_time_readings = models.PositiveSmallIntegerField(default=0)
    work_path = models.CharField(max_length=300, blank=True, help_text="below MEDIA_ROOT; checkpoints and models")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True, help_text="since when lists leave it out")

    class Meta:
        ordering = ["-updated_at"]
        indexes = [models.Index(fields=["workspace", "-updated_at"], name="experiments_newest_first")]

    def __str__(self) -> str:
        return self.name

    @property
    def work_dir(self) -> Path:
        """Where the checkpoints and models of the run lie."""
        return local_path(self.work_path or f"experiments/{self.pk}")

    @property
    def is_risk(self) -> bool:
        """Whether a high score means that the event is less likely."""
        return KINDS[self.kind].is_risk

    @property
    def usual_share(self) -> float:
        """What share of customers is approved or contacted where nobody has said."""
        return KINDS[self.kind].approved_share or self.contact_share

    @property
    def may_follow_response(self) -> bool:
        return KINDS[self.kind].may_follow_response

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def is_paused(self) -> bool:
        return self.state == ExperimentState.PAUSED

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it runs, waits or is halted; a draft has nothing that could."""
        return not self.is_under_way and not self.is_paused

    @read_once("spec")
    def asked(self) -> ExperimentSpec:
        """The question as the engine reads it; of a draft, as far as it has been put."""
        return ExperimentSpec.from_dict({"target": "", "event": "", **self.spec})

    @read_once("result")
    def found(self) -> RunFacts:
        """What the run told of itself and its data so far."""
        return RunFacts.from_dict(self.result)

    @property
    def budget_trials(self) -> int | None:
        """How many trials the run counts; ``None`` when it counts seconds."""
        return self.asked.budget.trials

    @property
    def is_being_finished(self) -> bool:
        """Whether the result stands already, for somebody ended the search, and the rest of it is still being made."""
        return self.state != ExperimentState.FINISHED and self.found.standing is not None

    @property
    def has_result(self) -> bool:
        return self.state == ExperimentState.FINISHED or self.is_being_finished

    @property
    def earlier(self) -> dict[str, Any] | None:
        """The finished result that this run goes on from, while it goes on."""
        return self.result.get("earlier")


class Trial(models.Model):
    """One fitted configuration, stored as soon as it ends."""

    belongs_to = "experiment"
    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="trials")
    number = models.PositiveIntegerField()
    learner = models.CharField(max_length=30)
    backend = models.CharField(max_length=20)
    stage = models.CharField(
        max_length=12,
        blank=True,
        default="",
        help_text="of a two-stage question, the model it was for: response or conversion",
    )
    state = models.CharField(max_length=10, help_text="finished, pruned or failed")
    params = models.JSONField(default=dict)
    auc = models.FloatField(null=True)
    ks = models.FloatField(null=True)
    log_loss = models.FloatField(null=True)
    objective = models.FloatField(null=True)
    seconds = models.FloatField(default=0)
    elapsed = models.FloatField(default=0, help_text="seconds of the run's budget used when it ended")
    peak_mb = models.FloatField(null=True)
    message = models.TextField(blank=True)
    frames = models.TextField(
        blank=True, default="", help_text="where it failed: lines of the engine's code, no values; for modelers"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["experiment", "number"], name="trial_number_once_an_experiment")]

    @property
    def is_counted(self) -> bool:
        """Whether the search proposed it; what every run makes is no trial of the budget."""
        return self.backend not in BESIDE_TRIALS


class LeaderboardRow(models.Model):
    """A finalist, scored on the same complete folds as every other, beside its held-out or out-of-time reading."""

    belongs_to = "experiment"
    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="leaderboard")
    candidate = models.CharField(max_length=40, help_text="the engine's name of the finalist, also its folder's")
    learner = models.CharField(max_length=30)
    rank = models.PositiveSmallIntegerField()
    is_tie = models.BooleanField(default=False)
    is_recommended = models.BooleanField(default=False)
    reason = models.JSONField(default=dict, help_text="why recommended or why not: {message, params}")
    metrics = models.JSONField(default=dict, help_text="{sample: {metric: {value, low, high}}}")
    evidence = models.JSONField(default=dict, help_text="limits kept or broken, feature count, milliseconds a row")
    model_path = models.CharField(max_length=300, blank=True, help_text="below MEDIA_ROOT; a saved ModelArtifact")
    model_hash = models.CharField(max_length=64, blank=True, help_text="of what scores")
    model_seal = models.CharField(max_length=64, blank=True, help_text="of everything in the model's folder")

    class Meta:
        ordering = ["rank"]
        constraints = [models.UniqueConstraint(fields=["experiment", "candidate"], name="candidate_once_an_experiment")]

    @read_once("metrics")
    def measures(self) -> MeasuresBySample:
        """Its measures by sample."""
        return MeasuresBySample.from_dict(self.metrics)

    @read_once("evidence")
    def kept(self) -> FinalistEvidence:
        """What is kept with it beside its measures: verdicts, directions, differences."""
        return FinalistEvidence.from_dict(self.evidence)

    @read_once("reason")
    def why(self) -> Sentence:
        """Why it is recommended, or why not."""
        return Sentence.from_dict(self.reason)


class RecommendedMeasure(models.Model):
    """A measure of an experiment's recommended model, as a row, so that the database can sort experiments by it."""

    belongs_to = "experiment"
    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="measured")
    leaderboard_row = models.ForeignKey(LeaderboardRow, on_delete=models.CASCADE, related_name="measured")
    sample = models.CharField(max_length=20)
    metric = models.CharField(max_length=30)
    value = models.FloatField()
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["experiment", "sample", "metric"], name="measure_once_an_experiment")
        ]

    def __str__(self) -> str:
        return f"{self.metric}, {self.sample}: {self.value}"


class DeletedRun(models.Model):
    """What stays of a run that was deleted: how often it read rows that were set aside, for they stay read."""

    belongs_to = "version"
    version = models.ForeignKey("catalog.DatasetVersion", on_delete=models.CASCADE, related_name="deleted_runs")
    repeated = models.PositiveBigIntegerField(null=True, help_text="the experiment that it repeated")
    readings = models.PositiveIntegerField()
    deleted_at = models.DateTimeField(auto_now_add=True)
