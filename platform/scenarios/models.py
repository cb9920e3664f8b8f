"""Scenarios, which say whom a model chooses, and the lists of customers made by them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.making import MadeByJob
from results.queries.act import BY_CUT_OFF, BY_NUMBER, BY_SHARE

HELD_OUT = "held_out"


class Way(models.TextChoices):
    NUMBER = BY_NUMBER, _("Customers")
    SHARE = BY_SHARE, _("Share")
    CUT_OFF = BY_CUT_OFF, _("Cut-off")


class Scenario(models.Model):
    """Whom a model chooses, under a name: so many, such a share, or from such a probability on, and the money."""

    belongs_to = "leaderboard_row"
    leaderboard_row = models.ForeignKey("training.LeaderboardRow", on_delete=models.CASCADE, related_name="scenarios")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    by = models.CharField(max_length=6, choices=Way.choices)
    value = models.FloatField(help_text="a number of customers, a share in percent, or a probability in percent")
    customers = models.PositiveBigIntegerField(help_text="on the list that it was planned for")
    gain = models.FloatField(null=True, help_text="of an event, or of a loan repaid")
    cost = models.FloatField(null=True, help_text="of a contact, or of a loan that is lost")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["leaderboard_row", "name"], name="scenario_name_once_a_model")]

    def __str__(self) -> str:
        return self.name

    @property
    def asked(self) -> dict[str, Any]:
        """What it asks of a list, as the page on whom to choose is asked."""
        value = round(self.value) if self.by == Way.NUMBER else self.value
        return {"by": self.by, self.by: value, "customers": self.customers, "gain": self.gain, "cost": self.cost}

    @property
    def rule(self) -> dict[str, Any]:
        """Whom it chooses, without the money."""
        return {"by": self.by, "value": self.value, "customers": self.customers}


class ChosenList(MadeByJob, models.Model):
    """The customers that a scenario chooses: of rows its model did not learn from, or of a scored list."""

    belongs_to = "leaderboard_row"
    leaderboard_row = models.ForeignKey("training.LeaderboardRow", on_delete=models.CASCADE, related_name="+")
    scenario = models.ForeignKey(Scenario, null=True, on_delete=models.SET_NULL, related_name="lists")
    scenario_name = models.CharField(max_length=120, help_text="then; the list stays when the scenario goes")
    rule = models.JSONField(help_text="whom it chose: {by, value, customers}")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=40, default=HELD_OUT, help_text="held_out, or which scoring")
    source_name = models.CharField(max_length=200, blank=True)
    source_path = models.CharField(max_length=300, blank=True, help_text="of the scores, below MEDIA_ROOT")
    source_version = models.ForeignKey(
        "catalog.DatasetVersion", null=True, on_delete=models.SET_NULL, related_name="+",
        help_text="the table that was scored, whose dictionary is heeded, too",
    )  # fmt: skip
    path = models.CharField(max_length=300, blank=True, help_text="below MEDIA_ROOT; empty until it is made")
    id_column = models.CharField(max_length=300, blank=True, help_text="column of the list that holds ids, if any")
    row_count = models.PositiveBigIntegerField(default=0)
    of_rows = models.PositiveBigIntegerField(default=0)
    cutoff = models.FloatField(null=True, help_text="probability of the last one chosen")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    made_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.scenario_name

    @property
    def folder(self) -> str:
        """Key of the folder that its file is in."""
        return f"chosen/{self.pk}"

    @property
    def is_of_held_out(self) -> bool:
        return self.source == HELD_OUT
