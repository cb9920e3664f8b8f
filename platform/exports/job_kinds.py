"""The name by which rows of jobs know this app's work, for whoever asks for it; ``jobs.py`` does it."""

from enum import StrEnum


class JobKind(StrEnum):
    EXPORT = "export_model"
