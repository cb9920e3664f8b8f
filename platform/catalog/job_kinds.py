"""The kinds of long work this app does, as its jobs are known by."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobKind(models.TextChoices):
    INGEST = "ingest", _("Read a file")
    JOIN = "join", _("Join tables")
    PROTECT = "protect", _("Protect personal data")
    VERIFY = "verify", _("Rebuild a version and compare")
