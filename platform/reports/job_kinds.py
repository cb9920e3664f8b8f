"""The name by which rows of jobs know this app's work, for whoever asks for it; ``jobs.py`` does it."""

from enum import StrEnum


class JobKind(StrEnum):
    REPORT = "report"
    TRY_TEMPLATE = "try_word_template"
