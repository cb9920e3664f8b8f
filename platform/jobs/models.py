"""Job: any long work, its progress, log, heartbeat and requests. The row is the truth, not the message queue."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    SUCCEEDED = "succeeded", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


TERMINATED = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


class Job(models.Model):
    """Long work: a worker owns it while ``lease`` is its own and the heartbeat is fresh."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, help_text="the name of a JobRunner; see jobs.registry")
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="jobs")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="jobs")
    subject_id = models.PositiveBigIntegerField(help_text="primary key of the row the work is about")
    state = models.CharField(max_length=12, choices=JobState.choices, default=JobState.QUEUED)
    percent = models.FloatField(default=0)
    stage = models.CharField(max_length=200, blank=True)
    stage_params = models.JSONField(default=dict)
    queue = models.CharField(max_length=20, default="files", help_text="whose workers do it; see jobs.queues")
    lease = models.CharField(max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    finish_requested = models.BooleanField(default=False)
    pause_requested = models.BooleanField(default=False)
    error_message = models.TextField(blank=True)
    error_params = models.JSONField(default=dict)
    error_reference = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField(null=True, default=timezone.now, help_text="since when it waits, if it does")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="when its message was last sent")
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    expected_end_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "heartbeat_at"]), models.Index(fields=["kind", "subject_id"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"

    @property
    def is_terminated(self) -> bool:
        return self.state in TERMINATED


class JobLogLine(models.Model):
    """A sentence of the log: a translation key with its parameters; technical lines are shown on request."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="log")
    at = models.DateTimeField(auto_now_add=True)
    message = models.TextField()
    params = models.JSONField(default=dict)
    is_technical = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]


class SignOfLife(models.Model):
    """When a worker that waits for work, or a scheduler, was last there. See ``jobs.signs``."""

    name = models.CharField(max_length=200, primary_key=True)
    queues = models.JSONField(default=list, help_text="those it takes work from; none for a scheduler")
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.name


class KeyedRequest(models.Model):
    """A request of a program that named a key, and how it was answered. See ``jobs.keyed``."""

    key = models.CharField(max_length=64, primary_key=True, help_text="hash of person, method, address and key")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sent = models.CharField(max_length=64, help_text="hash of all that was sent with it")
    sent_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True, help_text="empty while it is being done")
    headers = models.JSONField(default=dict)
    answer = models.BinaryField(default=bytes)

    def __str__(self) -> str:
        return f"{self.key[:8]} → {self.status}"


class SentForm(models.Model):
    """A form that was sent, and where it led: sent once more, it leads there and does nothing. See ``jobs.once``."""

    key = models.CharField(max_length=64, primary_key=True, help_text="hash of its mark and of all that was filled in")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sent_at = models.DateTimeField(db_index=True)
    address = models.TextField(blank=True, help_text="empty while it is being done")

    def __str__(self) -> str:
        return f"{self.key[:8]} → {self.address}"
