"""Scoring jobs: a file in, scores, bands and reasons out."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.storage import exists
from experiments.labels import language_of
from experiments.scoring.formats import FORMATS
from experiments.scoring.formats.csv import CSV
from experiments.scoring.formats.format import Format


class ScoringState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    FINISHED = "finished", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


def formats_to_ask_for() -> list[tuple[str, str]]:
    """Return the formats in which people read scores; the others are written beside every one of them."""
    return [(each.name, each.called) for each in FORMATS.values() if each.is_for_reading]


class Headings(models.TextChoices):
    NAMES = "names", _("Technical names")
    WORDS = "words", _("Readable names in my language")


class ScoringJob(models.Model):
    """One file or dataset version scored by one approved version; output files appear only when they are whole."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="scoring_jobs")
    model_version = models.ForeignKey("registry.ModelVersion", on_delete=models.PROTECT, related_name="scoring_jobs")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="scoring_jobs")
    state = models.CharField(max_length=10, choices=ScoringState.choices, default=ScoringState.QUEUED)
    language = models.CharField(max_length=10, default="en", help_text="of the reasons in the output")
    file_name = models.CharField(max_length=200)
    source_path = models.CharField(max_length=300)
    source_version = models.ForeignKey(
        "catalog.DatasetVersion", null=True, blank=True, on_delete=models.SET_NULL, related_name="scoring_jobs"
    )
    file_format = models.CharField(max_length=20, choices=formats_to_ask_for, default=CSV.name)
    headings = models.CharField(max_length=5, choices=Headings.choices, default=Headings.NAMES)
    scenario = models.ForeignKey(
        "scenarios.Scenario", null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="by which customers are chosen from the scores",
    )  # fmt: skip
    scenario_name = models.CharField(
        max_length=120, blank=True, help_text="when scoring was asked for; it stays when the scenario goes"
    )
    reading = models.JSONField(default=dict, blank=True, help_text="what was chosen for reading the file")
    size_bytes = models.PositiveBigIntegerField(default=0)
    files = models.JSONField(default=dict, blank=True, help_text="by format, where the scores lie")
    row_count = models.PositiveBigIntegerField(default=0)
    summary = models.JSONField(default=dict, help_text="bands, score distribution, PSI, cover counts")
    artifact_hash = models.CharField(max_length=64, blank=True, help_text="hash of the artifact that scored")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(
        null=True, blank=True, help_text="when its files were deleted; that it was scored stays on record"
    )

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def spoken_language(self) -> str:
        """The language of reasons, headings and the data dictionary, as the engine calls it."""
        return language_of(self.language)

    @property
    def folder(self) -> str:
        """Key of the folder that its files are in."""
        return f"scoring/{self.pk}"

    @property
    def rows_key(self) -> str:
        """Where the rows of a file that was uploaded lie as the model read them, so that each can be explained."""
        return f"{self.folder}/rows.parquet"

    @property
    def has_rows(self) -> bool:
        """Whether each customer of the list can be explained: the rows are a data version's, or were kept of a file."""
        return not self.is_deleted and (self.source_version_id is not None or exists(self.rows_key))

    @property
    def main_format(self) -> Format:
        """The format that was asked for, or CSV where no file of it could be written."""
        return FORMATS[self.file_format if self.file_format in self.files else CSV.name]

    @property
    def other_formats(self) -> list[Format]:
        return [each for name, each in FORMATS.items() if name in self.files and each != self.main_format]

    @property
    def is_finished(self) -> bool:
        return self.state == ScoringState.FINISHED

    @property
    def has_ended(self) -> bool:
        return self.state not in (ScoringState.QUEUED, ScoringState.RUNNING)

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None

    @property
    def has_scores(self) -> bool:
        """Whether its files can be carried away."""
        return self.is_finished and not self.is_deleted
