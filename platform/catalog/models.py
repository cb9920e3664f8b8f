"""Datasets, their versions and columns, and what people decided about a column."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Dataset(models.Model):
    """A table that comes again and again; each file of it is a version."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="datasets")
    name = models.CharField(max_length=120)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="datasets")
    is_sample = models.BooleanField(default=False)
    attribution = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="dataset_name_once_a_workspace")]

    def __str__(self) -> str:
        return self.name


class VersionState(models.TextChoices):
    INGESTING = "ingesting", _("Reading")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


class VersionOrigin(models.TextChoices):
    UPLOAD = "upload", _("Uploaded file")
    APPEND = "append", _("Appended to the previous version")
    QUERY = "query", _("SQL query")
    JOIN = "join", _("Joined tables")


class DatasetVersion(models.Model):
    """One file as it came, and the Parquet made of it (``None`` until it is whole)."""

    belongs_to = "dataset"
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=VersionState.choices, default=VersionState.INGESTING)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    source_path = models.CharField(max_length=300, help_text="below MEDIA_ROOT")
    parquet_path = models.CharField(max_length=300, blank=True, help_text="below MEDIA_ROOT")
    size_bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    file_format = models.CharField(max_length=12, blank=True)
    encoding = models.CharField(max_length=20, blank=True)
    delimiter = models.CharField(max_length=4, blank=True)
    row_count = models.PositiveBigIntegerField(default=0)
    column_count = models.PositiveIntegerField(default=0)
    notes = models.JSONField(default=list, help_text="what reading changed: [{message, params}]")
    origin = models.CharField(max_length=8, choices=VersionOrigin.choices, default=VersionOrigin.UPLOAD)
    reading = models.JSONField(default=dict, blank=True, help_text="choices made for reading: encoding, delimiter, …")
    parquet_sha256 = models.CharField(max_length=64, blank=True)
    lineage = models.JSONField(default=dict, blank=True, help_text="sources and steps with their hashes, who and when")
    comparison = models.JSONField(default=dict, blank=True, help_text="with the version before")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["dataset", "number"], name="version_number_once_a_dataset")]

    def __str__(self) -> str:
        return f"{self.dataset.name} v{self.number}"

    @property
    def is_ready(self) -> bool:
        return self.state == VersionState.READY


class ColumnType(models.TextChoices):
    NUMERIC = "numeric", _("Number")
    CATEGORICAL = "categorical", _("Category")
    BOOLEAN = "boolean", _("Yes or no")
    DATE = "date", _("Date")
    TEXT = "text", _("Text")


CATEGORIES = (ColumnType.CATEGORICAL, ColumnType.BOOLEAN, ColumnType.TEXT)


class ColumnRole(models.TextChoices):
    FEATURE = "feature", _("Feature")
    ID = "id", _("Customer ID")
    DATE = "date", _("Observation date")
    TARGET = "target", _("Target")
    WEIGHT = "weight", _("Weight")
    GROUP = "group", _("Group")
    SPLIT = "split", _("Split")
    TREATMENT = "treatment", _("Treatment")
    IGNORE = "ignore", _("Ignored")


class Column(models.Model):
    """One column of a version with its profile over all rows."""

    belongs_to = "version"
    version = models.ForeignKey(DatasetVersion, on_delete=models.CASCADE, related_name="columns")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=300)
    label = models.CharField(max_length=300, blank=True)
    type = models.CharField(max_length=12, choices=ColumnType.choices)
    proposed_role = models.CharField(max_length=10, choices=ColumnRole.choices, default=ColumnRole.FEATURE)
    proposed_reason = models.CharField(max_length=300, blank=True)
    missing_count = models.PositiveBigIntegerField(default=0)
    distinct_count = models.PositiveBigIntegerField(default=0)
    profile = models.JSONField(default=dict, help_text="quantiles, top values, histogram")
    personal_data = models.CharField(max_length=12, blank=True, help_text="kind of personal data found, if any")
    special_values = models.JSONField(default=list, blank=True, help_text="proposed: [{value, rows, message, params}]")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="column_position_once_a_version")]

    def __str__(self) -> str:
        return self.name

    @property
    def own_label(self) -> str:
        """What its file calls it besides its name, if anything."""
        return "" if self.label == self.name else self.label

    @property
    def missing_share(self) -> float:
        return self.missing_count / self.version.row_count if self.version.row_count else 0.0

    @property
    def is_category(self) -> bool:
        return self.type in CATEGORIES


class ColumnSetting(models.Model):
    """What people decided about a column of a dataset; it holds for every later version."""

    belongs_to = "dataset"
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="column_settings")
    name = models.CharField(max_length=300)
    role = models.CharField(max_length=10, choices=ColumnRole.choices, blank=True)
    type = models.CharField(max_length=12, choices=ColumnType.choices, blank=True)
    special_values = models.JSONField(default=list, blank=True, help_text="confirmed: [{value, meaning}]")
    protection = models.CharField(max_length=10, blank=True, help_text="of personal data: hash, drop or keep")
    protected = models.CharField(max_length=3, blank=True, help_text="a protected attribute such as sex: yes or no")
    set_on = models.ForeignKey(DatasetVersion, null=True, on_delete=models.SET_NULL, related_name="+")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["dataset", "name"], name="column_setting_once_a_dataset")]

    def __str__(self) -> str:
        return self.name
