"""Closer looks that somebody asked for: who, what of, and what a worker found."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Subject(models.TextChoices):
    SEGMENTS = "segments", _("Segments")
    FAIRNESS = "fairness", _("Fairness")
    SENSITIVITY = "sensitivity", _("Sensitivity")
    SETTINGS = "settings", _("Importance of settings")
    EXPLANATION = "explanation", _("Explanation")


class Inquiry(models.Model):
    """One closer look at a model of an experiment, or at its search; kept, so that it is taken once."""

    belongs_to = "experiment"
    experiment = models.ForeignKey("training.Experiment", on_delete=models.CASCADE, related_name="inquiries")
    candidate = models.CharField(max_length=40, blank=True, help_text="the finalist; empty for the search itself")
    subject = models.CharField(max_length=12, choices=Subject.choices)
    asked = models.JSONField(default=dict)
    key = models.CharField(max_length=64, help_text="hash of everything the answer rests on")
    answer = models.JSONField(default=dict, help_text="what was found, or {message, params} of why nothing could be")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "inquiries"
        constraints = [models.UniqueConstraint(fields=["experiment", "key"], name="inquiry_once_an_experiment")]

    @property
    def is_waiting(self) -> bool:
        return not self.answer

    @property
    def has_failed(self) -> bool:
        return "message" in self.answer
