"""Deployments: which approved versions answer under a name, each switch of them, and the traffic that they had."""

import secrets
from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

NAME_PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"
LONGEST_WHY = 1_000


class Environment(models.TextChoices):
    PRODUCTION = "production", _("Production")
    TEST = "test", _("Test")


class Role(models.TextChoices):
    CHAMPION = "champion", _("Champion")
    SHADOW = "shadow", _("Shadow")
    SPLIT = "split", _("Share of traffic")


def new_salt() -> str:
    """Return what decides with the id alone which customers go to a challenger; of no name and no date."""
    return secrets.token_hex(16)


class Deployment(models.Model):
    """A name under which programs have customers scored; what answers is the configuration it points to."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="deployments")
    registered_model = models.ForeignKey(
        "registry.RegisteredModel", on_delete=models.PROTECT, related_name="deployments"
    )
    name = models.CharField(max_length=63, validators=[RegexValidator(NAME_PATTERN)])
    environment = models.CharField(max_length=10, choices=Environment.choices, default=Environment.PRODUCTION)
    salt = models.CharField(max_length=32, default=new_salt, editable=False, help_text="never changes")
    current = models.ForeignKey(
        "deployments.Configuration", null=True, on_delete=models.PROTECT, related_name="+",
        help_text="what answers now",
    )  # fmt: skip
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "environment"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name", "environment"], name="deployment_once_an_environment")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_on(self) -> bool:
        return self.current is not None and self.current.is_on


class Configuration(models.Model):
    """One switch of a deployment, as it was made: never rewritten, only followed by the next one."""

    belongs_to = "deployment"
    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="configurations")
    number = models.PositiveIntegerField()
    is_on = models.BooleanField(default=True, help_text="whether requests are answered")
    copy_of = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="+", help_text="rolled back to this one"
    )
    why = models.CharField(max_length=LONGEST_WHY, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["deployment", "number"], name="configuration_number_once_a_deployment")
        ]

    def __str__(self) -> str:
        return f"{self.deployment.name} #{self.number}"

    @property
    def champion(self) -> Any:
        """The version that answers; the parts are few and read together."""
        return next((part.version for part in self.parts.all() if part.role == Role.CHAMPION), None)

    @property
    def challengers(self) -> list["Part"]:
        return [part for part in self.parts.all() if part.role != Role.CHAMPION]

    @property
    def champion_percent(self) -> int:
        """The share of customers that the champion answers."""
        return 100 - sum(part.percent for part in self.challengers)


class Part(models.Model):
    """A version within a configuration: as champion, in the shadow, or with a share of the customers."""

    belongs_to = "configuration"
    configuration = models.ForeignKey(Configuration, on_delete=models.CASCADE, related_name="parts")
    version = models.ForeignKey("registry.ModelVersion", on_delete=models.PROTECT, related_name="deployed")
    role = models.CharField(max_length=8, choices=Role.choices)
    percent = models.PositiveSmallIntegerField(default=0, help_text="of customers, of a share of traffic")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["configuration", "version"], name="version_once_a_configuration"),
            models.UniqueConstraint(
                fields=["configuration"], condition=Q(role="champion"), name="one_champion_a_configuration"
            ),
            models.CheckConstraint(
                condition=(Q(role="split") & Q(percent__gte=1) & Q(percent__lte=99))
                | (~Q(role="split") & Q(percent=0)),
                name="share_only_of_split",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} ({self.role})"


class Traffic(models.Model):
    """What one version of a deployment did in one minute, as one process counted it."""

    belongs_to = "deployment"
    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="traffic")
    version = models.ForeignKey("registry.ModelVersion", null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=8, choices=Role.choices, blank=True, help_text="empty: refused before scoring")
    minute = models.DateTimeField()
    process = models.CharField(max_length=32, help_text="who counted: two never add to the same row")
    requests = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    durations = models.JSONField(default=dict, help_text="requests by the upper end of their milliseconds")
    cover = models.JSONField(default=dict, help_text="by column: cells empty, and not seen in training")
    probability = models.FloatField(default=0.0, help_text="sum over the rows")

    class Meta:
        ordering = ["-minute", "pk"]
        indexes = [models.Index(fields=["deployment", "minute"])]
        constraints = [
            models.UniqueConstraint(
                fields=["deployment", "version", "role", "minute", "process"], name="traffic_once_a_process"
            )
        ]

    def __str__(self) -> str:
        return f"{self.deployment_id} {self.minute}"
