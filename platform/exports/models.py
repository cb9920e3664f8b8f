"""An export of a version: who asked for which form of it, the file that was made, the proof that it scores alike."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.making import MadeByJob


class ExportForm(models.TextChoices):
    BUNDLE = "bundle", _("Offline bundle")
    SQL = "sql", "SQL"
    ONNX = "onnx", "ONNX"
    PMML = "pmml", _("PMML scorecard")
    MLFLOW = "mlflow", _("MLflow model")


class Dialect(models.TextChoices):
    POSTGRESQL = "postgresql", "PostgreSQL"
    MYSQL = "mysql", "MySQL"
    HIVE = "hive", "Hive"
    SPARK = "spark", "Spark"
    ORACLE = "oracle", "Oracle"


class Export(MadeByJob, models.Model):
    """A version in another form, once for each form and dialect; once made, its file, hash and proof stay."""

    belongs_to = "version"
    MADE = "verified"
    version = models.ForeignKey("registry.ModelVersion", on_delete=models.CASCADE, related_name="exports")
    form = models.CharField(max_length=10, choices=ExportForm.choices)
    dialect = models.CharField(max_length=12, choices=Dialect.choices, blank=True, default="", help_text="of SQL")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    model_hash = models.CharField(max_length=64, help_text="of the model it was made of")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    sha256 = models.CharField(max_length=64, blank=True, help_text="of the file; empty until it is made")
    size_bytes = models.PositiveBigIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0, help_text="scored by both for the proof")
    edges = models.PositiveIntegerField(default=0, help_text="of these rows, on an edge of the model")
    furthest = models.FloatField(default=0.0, help_text="largest distance of two probabilities")
    tolerance = models.FloatField(default=0.0, help_text="what distance was allowed")
    created_at = models.DateTimeField(auto_now_add=True)
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "form", "dialect"], name="export_once_a_form"),
        ]

    def __str__(self) -> str:
        return f"{self.version} ({self.label})"

    @property
    def label(self) -> str:
        """What it is called: its format, and of SQL the dialect."""
        return " · ".join(str(part) for part in (self.get_form_display(), self.get_dialect_display()) if part)

    @property
    def facts(self) -> dict[str, str]:
        """What the audit log keeps of it."""
        facts = {"form": self.form, "dialect": self.dialect, "export_sha256": self.sha256}
        return {name: fact for name, fact in facts.items() if fact}

    @property
    def folder(self) -> str:
        """Key of the folder that its file is in."""
        return f"exports/{self.pk}"

    @property
    def path(self) -> str:
        """Key of its file."""
        return f"{self.folder}/export.zip"
