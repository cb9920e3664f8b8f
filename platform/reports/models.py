"""A validation report: who asked for which form of it, and the file that was made; the bank's own Word template."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.making import MadeByJob


class ReportForm(models.TextChoices):
    DOCX = "docx", _("Word")
    HTML = "html", _("Web page")
    XLSX = "xlsx", _("Excel")
    PDF = "pdf", _("PDF")


class ReportLanguage(models.TextChoices):
    ZH = "zh", _("Chinese")
    EN = "en", _("English")


class Report(MadeByJob, models.Model):
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
    gain = models.FloatField(null=True, blank=True, help_text="what an event brings, or a loan that is repaid")
    cost = models.FloatField(null=True, blank=True, help_text="what a contact costs, or a loan that is lost")
    template = models.ForeignKey(
        "reports.WordTemplate", null=True, on_delete=models.SET_NULL, related_name="+",
        help_text="the bank's own that a Word file was set in; none where it is ours",
    )  # fmt: skip
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


class WordTemplate(models.Model):
    """A Word file that a bank wants its reports set in: brought by an admin, tried by a worker, then used or not."""

    belongs_to = "workspace"
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="word_templates")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, help_text="of the file as it came")
    size_bytes = models.PositiveBigIntegerField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    tried_at = models.DateTimeField(null=True, blank=True)
    refusal = models.JSONField(default=dict, blank=True, help_text="why it cannot be used; empty where it can")
    is_used = models.BooleanField(default=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"], condition=models.Q(is_used=True), name="one_word_template_a_workspace"
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def folder(self) -> str:
        """Key of the folder that its files are in."""
        return f"word-templates/{self.pk}"

    @property
    def path(self) -> str:
        """Key of the file as it came."""
        return f"{self.folder}/template.docx"

    def trial_path(self, language: str) -> str:
        """Key of the file that was set in it for a trial."""
        return f"{self.folder}/trial-{language}.docx"

    @property
    def state(self) -> str:
        """How far it is: trying, refused, usable, used, or failed where its trial broke off."""
        if self.tried_at is not None:
            return "refused" if self.refusal else "used" if self.is_used else "usable"
        is_tried = self.job is not None and not self.job.is_terminated
        return "trying" if is_tried else "failed"
