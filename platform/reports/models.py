"""A validation report: who asked for which form of it, and the file that was made."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ReportForm(models.TextChoices):
    DOCX = "docx", _("Word")
    HTML = "html", _("Web page")
    XLSX = "xlsx", _("Excel")
    PDF = "pdf", _("PDF")


class ReportLanguage(models.TextChoices):
    ZH = "zh", _("Chinese")
    EN = "en", _("English")


class Report(models.Model):
    """A report on a finalist or on the version that was made of it; once made, its file and hash stay."""

    belongs_to = "leaderboard_row"
    leaderboard_row = models.ForeignKey("training.LeaderboardRow", on_delete=models.CASCADE, related_name="reports")
    version = models.ForeignKey("registry.ModelVersion", null=True, on_delete=models.CASCADE, related_name="reports")
    form = models.CharField(max_length=4, choices=ReportForm.choices)
    language = models.CharField(max_length=2, choices=ReportLanguage.choices)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    model_hash = models.CharField(max_length=64, help_text="of the model it is about")
    path = models.CharField(max_length=300, blank=True, help_text="below MEDIA_ROOT; empty until it is made")
    sha256 = models.CharField(max_length=64, blank=True, help_text="of the file")
    size_bytes = models.PositiveBigIntegerField(default=0)
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.version or self.leaderboard_row.candidate} ({self.form}, {self.language})"

    @property
    def folder(self) -> str:
        """Key of the folder that its file is in."""
        return f"reports/{self.pk}"

    @property
    def is_made(self) -> bool:
        return self.made_at is not None

    @property
    def is_under_way(self) -> bool:
        return not self.is_made and self.job is not None and not self.job.is_terminated
