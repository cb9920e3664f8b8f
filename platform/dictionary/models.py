"""What the bank knows of a column."""

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from catalog.models import Dataset
from experiments.labels import group_name


class DictionaryEntry(models.Model):
    """What the bank knows of a column: names, source, when it is known, how it may be used."""

    belongs_to = "dataset"

    class Direction(models.TextChoices):
        UP = "+", _("Raises the event's probability")
        DOWN = "-", _("Lowers the event's probability")
        FREE = "0", _("Either way")

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="dictionary")
    name = models.CharField(max_length=300)
    name_en = models.CharField(max_length=300, blank=True)
    name_zh = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=200, blank=True)
    known_after_days = models.IntegerField(null=True, blank=True, help_text="days after the observation date")
    expected_direction = models.CharField(max_length=1, choices=Direction.choices, default=Direction.FREE)
    is_sensitive = models.BooleanField(default=False)
    is_protected = models.BooleanField(default=False)
    is_changeable = models.BooleanField(default=False, help_text="a customer can change it; unknown counts as not")
    reason_group = models.CharField(
        max_length=120, blank=True, help_text="columns of one group give one reason; Chinese|English"
    )
    reason_en = models.CharField(max_length=300, blank=True)
    reason_zh = models.CharField(max_length=300, blank=True)
    allowed_use = models.CharField(max_length=200, blank=True)
    cost_per_query = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    enumerations = models.JSONField(default=dict, blank=True, help_text="{code: {en, zh}}")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "dictionary entries"
        constraints = [models.UniqueConstraint(fields=["dataset", "name"], name="dictionary_entry_once_a_dataset")]

    def __str__(self) -> str:
        return self.name

    @property
    def reason_group_name(self) -> str:
        """What its group of reasons is called in the reader's language."""
        return group_name(self.reason_group, get_language())
