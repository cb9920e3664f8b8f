"""A comparison of models on the same rows: asked for once, worked out by a worker, the same for all who ask again."""

from django.conf import settings
from django.db import models

from common.once import read_once
from comparisons.facts import ComparisonFacts


class ModelComparison(models.Model):
    """What a worker found of some models on some rows; ``key`` is the hash of all it rests on."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="model_comparisons")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, help_text="hash of models, rows and question")
    subjects = models.JSONField(default=list, help_text="names of the models as an address has them, the first first")
    version = models.ForeignKey(
        "catalog.DatasetVersion", null=True, on_delete=models.CASCADE, related_name="+",
        help_text="the table they were scored on; none where the rows are those that all had set aside",
    )  # fmt: skip
    share = models.FloatField()
    amount = models.CharField(max_length=200, blank=True, help_text="the column of amounts that was asked for")
    facts = models.JSONField(default=dict, help_text="what was found, or {refusal} of why nothing could be")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    compared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="model_comparison_once_a_workspace")]

    def __str__(self) -> str:
        return " / ".join(self.subjects)

    @read_once("facts")
    def found(self) -> ComparisonFacts:
        """What was found, or why nothing could be."""
        return ComparisonFacts.from_dict(self.facts)

    @property
    def is_done(self) -> bool:
        return self.compared_at is not None

    @property
    def has_ended_without(self) -> bool:
        """Did its worker end without an answer?"""
        return not self.is_done and (self.job is None or self.job.is_terminated)
