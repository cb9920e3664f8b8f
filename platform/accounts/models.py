"""People, the workspaces they share, and their role in each."""

import hashlib
import secrets

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person; language and theme are kept so that they follow from machine to machine."""

    display_name = models.CharField(_("name"), max_length=80, blank=True)
    language = models.CharField(max_length=10, blank=True)
    theme = models.CharField(max_length=5, blank=True, choices=[("light", _("light")), ("dark", _("dark"))])
    is_sample = models.BooleanField(default=False)
    # Read once for each request, by the middleware; who is asked about elsewhere has none.
    roles_by_workspace: dict[int, str]

    def __str__(self) -> str:
        return self.display_name or self.username


class Workspace(models.Model):
    """A team: whoever is no member does not learn that it exists."""

    name = models.CharField(max_length=80)
    slug = models.SlugField(unique=True)
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(User, through="Membership", related_name="workspaces")

    def __str__(self) -> str:
        return self.name

    def admins(self) -> models.QuerySet[User]:
        """Return whom to ask for a right or a decision."""
        return User.objects.filter(memberships__workspace=self, memberships__role=Role.ADMIN, is_active=True)


class Role(models.TextChoices):
    ANALYST = "analyst", _("Analyst")
    MODELER = "modeler", _("Modeler")
    ADMIN = "admin", _("Admin")


class Membership(models.Model):
    """One person's role in one workspace."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.ANALYST)
    joined_at = models.DateTimeField(auto_now_add=True)
    may_unmask = models.BooleanField(default=False, help_text="may see personal data, for a reason on record")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "workspace"], name="one_role_a_workspace")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class ApiToken(models.Model):
    """A key to the API; only its SHA-256 is kept, so it is shown once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def new_secret() -> str:
        return "xy_" + secrets.token_urlsafe(32)

    @staticmethod
    def digest_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()


class FailedAttempt(models.Model):
    """A wrong password or key, kept for some minutes to be counted; who and what are kept as keyed hashes only."""

    door = models.CharField(max_length=64, help_text="hash of what was asked for, the name and the address")
    answer = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["door", "at"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.door[:12]} {self.at}"
