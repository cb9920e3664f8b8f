"""What the bank keeps of each model beside its versions: risk, people, purpose, legal basis, next review."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

DAYS_BEFORE_REVIEW = 30


class RiskTier(models.TextChoices):
    UNRATED = "", pgettext_lazy("risk tier", "Not rated")
    HIGH = "high", pgettext_lazy("risk tier", "High")
    MEDIUM = "medium", pgettext_lazy("risk tier", "Medium")
    LOW = "low", pgettext_lazy("risk tier", "Low")


class Review(models.TextChoices):
    """How a model stands towards its next review."""

    NONE = "none", _("No date set")
    OVERDUE = "overdue", _("Overdue")
    SOON = "soon", _("Within 30 days")
    LATER = "later", _("Later")


class InventoryEntry(models.Model):
    """The entry of one model in the inventory."""

    belongs_to = "model"
    model = models.OneToOneField("registry.RegisteredModel", on_delete=models.CASCADE, related_name="inventory_entry")
    risk_tier = models.CharField(max_length=6, choices=RiskTier.choices, blank=True, default=RiskTier.UNRATED)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="answers for the model in the business",
    )  # fmt: skip
    validator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="reviews the model, and has neither built nor owns it",
    )  # fmt: skip
    purpose = models.TextField(blank=True)
    legal_basis = models.TextField(blank=True)
    next_review = models.DateField(null=True, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(validator__isnull=True) | ~Q(owner=F("validator")),
                name="validator_is_not_owner",
            ),
            models.CheckConstraint(condition=Q(risk_tier__in=RiskTier.values), name="risk_tier_is_known"),
        ]

    def __str__(self) -> str:
        return f"inventory of {self.model_id}"

    @property
    def review(self) -> Review:
        """How it stands towards its next review."""
        if self.next_review is None:
            return Review.NONE
        today = timezone.localdate()
        if self.next_review < today:
            return Review.OVERDUE
        return Review.SOON if self.next_review <= today + timedelta(days=DAYS_BEFORE_REVIEW) else Review.LATER
