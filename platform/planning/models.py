"""How a plan would divide its rows, worked out once."""

from django.db import models


class PlannedSplit(models.Model):
    """How a plan would divide the rows of its table, worked out by a worker and kept for the plan page."""

    belongs_to = "experiment"
    experiment = models.ForeignKey("training.Experiment", on_delete=models.CASCADE, related_name="planned_splits")
    key = models.CharField(max_length=64, help_text="hash of everything the answer rests on")
    spec = models.JSONField(default=dict)
    answer = models.JSONField(default=dict, help_text="the split, or {message, params} of why there can be none")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["experiment", "key"], name="planned_split_once_an_experiment")]

    @property
    def is_waiting(self) -> bool:
        return not self.answer
