"""The names by which rows of jobs know this app's work, for whoever asks for it; ``uploads.jobs`` does it."""

from enum import StrEnum


class JobKind(StrEnum):
    INGEST = "ingest"
