"""Joins as they are drawn, run and kept."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import DatasetVersion


class JoinPlan(models.Model):
    """Tables of a workspace joined to one training table, known at or before each row's observation date."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RUNNING = "running", _("Running")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="join_plans")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    base = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, related_name="+")
    definition = models.JSONField(default=dict, help_text="tables, keys, times, windows and aggregates")
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    result = models.ForeignKey(DatasetVersion, null=True, on_delete=models.SET_NULL, related_name="+")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name
