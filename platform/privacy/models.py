"""Who may see personal data in plain text, until when and why."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from catalog.models import DatasetVersion


class Unmasking(models.Model):
    """Someone with the right to it sees the values of personal columns for a while, for a reason on record."""

    belongs_to = "version"
    LASTS = timedelta(minutes=15)

    version = models.ForeignKey(DatasetVersion, on_delete=models.CASCADE, related_name="unmaskings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    columns = models.JSONField(default=list)
    reason = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="when its person masked the values again")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.user} {self.version}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None and timezone.now() < self.ends_at

    @property
    def ends_at(self) -> datetime:
        return self.created_at + self.LASTS
