"""A scorecard on the bench: how it is now, what was done to it, and the cards that were fitted of it."""

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.once import read_once
from common.storage import local_path
from experiments.naming import BY_HAND
from experiments.scorecard.editing.draft import CardDraft
from experiments.scorecard.editing.effects import Ranking
from experiments.scorecard.editing.seen import CardSeen
from experiments.sentence import Sentence


class EditedCard(models.Model):
    """One scorecard of an experiment as people change it; ``revision`` counts changes, so that none is overwritten."""

    belongs_to = "experiment"
    experiment = models.ForeignKey("training.Experiment", on_delete=models.CASCADE, related_name="edited_cards")
    made_of = models.CharField(max_length=40, help_text="the finalist whose card it is")
    model_hash = models.CharField(max_length=64, help_text="of that finalist's model when the card was opened")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    draft = models.JSONField(default=dict, help_text="the card as it is now")
    saved = models.JSONField(default=dict, help_text="the card as the finalist has it")
    coefficients = models.JSONField(default=dict, help_text="of the finalist, by column; points are shown with them")
    intercept = models.FloatField(default=0.0)
    seen = models.JSONField(default=dict, help_text="event rates of the saved card on rows set aside")
    ranking = models.JSONField(default=dict, help_text="AUC and KS of the card as it is now, on training rows")
    saved_ranking = models.JSONField(default=dict, help_text="the same of the card as the finalist has it")
    revision = models.PositiveIntegerField(default=0)
    done = models.JSONField(default=list, help_text="numbers of the changes that can be undone, the last one last")
    undone = models.JSONField(default=list, help_text="numbers of the changes that can be done again")
    refusal = models.JSONField(default=dict, help_text="why the card could not be opened: {message, params}")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-updated_at"]
        constraints = [models.UniqueConstraint(fields=["experiment", "made_of"], name="edited_card_once_a_finalist")]

    def __str__(self) -> str:
        return self.made_of

    @property
    def folder(self) -> str:
        """Key of the folder that its counts are in."""
        return f"{self.folder_of(self.experiment_id)}/{self.pk}"

    @staticmethod
    def folder_of(experiment_id: int) -> str:
        """Return the key of the folder that the counts of all cards of an experiment are in."""
        return f"scorecards/{experiment_id}"

    @property
    def counts_dir(self) -> Path:
        return local_path(self.folder)

    @property
    def is_ready(self) -> bool:
        """Whether its rows are counted."""
        return bool(self.draft)

    @property
    def has_failed(self) -> bool:
        return not self.is_ready and (bool(self.refusal) or self.job is None or self.job.is_terminated)

    @read_once("draft")
    def now(self) -> CardDraft:
        return CardDraft.from_dict(self.draft)

    @read_once("saved")
    def before(self) -> CardDraft:
        """The card as the finalist has it."""
        return CardDraft.from_dict(self.saved)

    @property
    def before_names(self) -> set[str]:
        """The columns on the finalist's card."""
        return {column.name for column in self.before.on_card}

    @read_once("saved_ranking")
    def ranked_before(self) -> Ranking:
        return Ranking.from_dict(self.saved_ranking)

    @read_once("ranking")
    def ranks(self) -> Ranking:
        return Ranking.from_dict(self.ranking)

    @read_once("seen")
    def rates_seen(self) -> CardSeen:
        return CardSeen.from_dict(self.seen)


class Act(models.TextChoices):
    MOVE = "move", _("Border moved")
    MERGE = "merge", _("Bins merged")
    SPLIT = "split", _("Bin split")
    TREND = "trend", _("Trend set")
    ORDER = "order", _("Order set")
    TREAT = "treat", _("Missing or special value treated")
    WANT = "want", _("Column put in or out")
    SCALE = "scale", _("Points scaled")
    LIMITS = "limits", _("Limits set")
    UNDO = "undo", _("Undone")
    REDO = "redo", _("Done again")


class CardEdit(models.Model):
    """One change of a card: who, what, why, and what it did; it stays as it is."""

    belongs_to = "card"
    card = models.ForeignKey(EditedCard, on_delete=models.CASCADE, related_name="edits")
    number = models.PositiveIntegerField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    act = models.CharField(max_length=8, choices=Act.choices)
    column_name = models.CharField(max_length=200, blank=True)
    told = models.JSONField(default=dict, help_text="what was done: {message, params}")
    why = models.CharField(max_length=300, blank=True)
    before = models.JSONField(default=dict, help_text="what it changed, as it was: {column} or {settings}")
    after = models.JSONField(default=dict, help_text="the same as it became")
    effect = models.JSONField(default=dict, help_text="information value of the column, AUC and KS of the card")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["card", "number"], name="card_edit_number_once_a_card")]

    def __str__(self) -> str:
        return f"{self.number}: {self.act}"

    @read_once("told")
    def sentence(self) -> Sentence:
        return Sentence.from_dict(self.told)


class CardRefit(models.Model):
    """The order to fit a card by its bins, and the finalist that came of it."""

    belongs_to = "card"
    card = models.ForeignKey(EditedCard, on_delete=models.CASCADE, related_name="refits")
    number = models.PositiveIntegerField(help_text="of the cards that people made of this experiment, from 1")
    draft = models.JSONField(default=dict)
    changes = models.PositiveIntegerField(default=0)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    leaderboard_row = models.ForeignKey(
        "training.LeaderboardRow", null=True, on_delete=models.SET_NULL, related_name="refits"
    )
    refusal = models.JSONField(default=dict, help_text="why no card could be fitted: {message, params}")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.card_id} #{self.number}"

    @read_once("draft")
    def wanted(self) -> CardDraft:
        """The card to fit."""
        return CardDraft.from_dict(self.draft)

    @property
    def candidate(self) -> str:
        """Name of the finalist that it makes."""
        return f"scorecard{BY_HAND}{self.number}"

    @property
    def is_under_way(self) -> bool:
        return (
            self.leaderboard_row_id is None and not self.refusal and self.job is not None and not self.job.is_terminated
        )

    @property
    def has_failed(self) -> bool:
        return bool(self.refusal)
