"""The kinds of long work this app does, as its jobs are known by."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobKind(models.TextChoices):
    EVIDENCE = "evidence", _("Gather the evidence for a model")
    COMPARISON = "comparison", _("Compare two versions on the same rows")
