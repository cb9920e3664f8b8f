"""Databases that a workspace reads from."""

from django.conf import settings
from django.db import models


class Connection(models.Model):
    """A database to read from; its password is kept encrypted."""

    class Kind(models.TextChoices):
        POSTGRESQL = "postgresql", "PostgreSQL"
        MYSQL = "mysql", "MySQL"

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="connections")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    host = models.CharField(max_length=200)
    port = models.PositiveIntegerField(null=True, blank=True)
    database = models.CharField(max_length=120)
    user_name = models.CharField(max_length=120)
    encrypted_password = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="connection_name_once_a_workspace")]

    def __str__(self) -> str:
        return self.name
