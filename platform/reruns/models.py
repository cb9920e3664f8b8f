"""A re-run: who had which experiment run again, where, and whether it came out the same."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.once import read_once
from reruns.facts import RerunFacts
from training.models import ExperimentState


class Rerun(models.Model):
    """The order to run an experiment again exactly, and what came of it; compared once, it stays."""

    belongs_to = "experiment"

    class Verdict(models.TextChoices):
        OPEN = "", _("Not compared")
        SAME = "same", _("Matches")
        DIFFERENT = "different", _("Differs")

    experiment = models.ForeignKey("training.Experiment", on_delete=models.CASCADE, related_name="reruns")
    version = models.ForeignKey(
        "registry.ModelVersion", null=True, on_delete=models.SET_NULL, related_name="reruns",
        help_text="the registered version it was asked for, if any",
    )  # fmt: skip
    again = models.OneToOneField(
        "training.Experiment", on_delete=models.CASCADE, related_name="rerun", help_text="the run that repeats it"
    )
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reruns")
    machine = models.CharField(max_length=200, blank=True, help_text="where it ran")
    verdict = models.CharField(max_length=10, choices=Verdict.choices, default=Verdict.OPEN, blank=True)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    compared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.experiment_id} → {self.again_id}"

    @read_once("facts")
    def found(self) -> RerunFacts:
        """What was compared and what differs."""
        return RerunFacts.from_dict(self.facts)

    @property
    def is_compared(self) -> bool:
        return self.compared_at is not None

    @property
    def is_under_way(self) -> bool:
        """Does a worker run it, or will one?"""
        return not self.is_compared and (self.again.is_under_way or self.again.is_paused)

    @property
    def state(self) -> str:
        """How far it is: waiting, running, paused, same, different, failed, or cancelled."""
        if self.is_compared:
            return self.verdict
        words = {ExperimentState.QUEUED: "waiting", ExperimentState.RUNNING: "running"}
        words |= {ExperimentState.PAUSED: "paused", ExperimentState.CANCELLED: "cancelled"}
        return words.get(ExperimentState(self.again.state), "failed")
