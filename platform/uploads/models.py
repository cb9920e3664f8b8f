"""A file that arrives piece by piece."""

import uuid

from django.conf import settings
from django.db import models

from catalog.models import DatasetVersion


class Upload(models.Model):
    """A file that arrives piece by piece and survives a broken connection."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="uploads")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads")
    file_name = models.CharField(max_length=200)
    size_bytes = models.PositiveBigIntegerField()
    received_bytes = models.PositiveBigIntegerField(default=0)
    path = models.CharField(max_length=300, help_text="below MEDIA_ROOT")
    metadata = models.JSONField(default=dict, blank=True)
    version = models.ForeignKey(DatasetVersion, null=True, on_delete=models.SET_NULL, related_name="uploads")
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_complete(self) -> bool:
        return self.received_bytes == self.size_bytes
