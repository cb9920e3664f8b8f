"""The kinds of long work this app does, as its jobs are known by."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobKind(models.TextChoices):
    COMPARE_MODELS = "compare_models", _("Compare models on the same rows")
