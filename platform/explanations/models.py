"""Who looked at which customer with which model."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class PlaceKind(models.TextChoices):
    VERSION = "version", _("Data version")
    LIST = "list", _("Scored list")


class CustomerLook(models.Model):
    """One person's look at one customer: where the row stands, never the id as it was typed."""

    belongs_to = "experiment"
    experiment = models.ForeignKey("training.Experiment", on_delete=models.CASCADE, related_name="customer_looks")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    place = models.CharField(max_length=8, choices=PlaceKind.choices)
    place_id = models.PositiveBigIntegerField(help_text="of the data version or the scored list")
    place_name = models.CharField(max_length=250)
    table = models.CharField(max_length=300, help_text="below MEDIA_ROOT")
    row = models.PositiveBigIntegerField(help_text="of the table, from 0")
    shown_id = models.CharField(max_length=60, help_text="masked")
    looked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-looked_at", "-pk"]

    def __str__(self) -> str:
        return self.shown_id
