"""What a page tells of how a version was read: the choices, the files, the notes by how much they matter."""

from typing import Any

from catalog.models import DatasetVersion
from catalog.reading import Reading, is_built_on
from uploads.forms import ReadingForm

SEVERITIES = ("block", "warning", "info")


def reading_context(version: DatasetVersion) -> dict[str, Any]:
    """Return what the page of a version shows of its reading."""
    reading = Reading.of(version)
    blocked = {note["column"]: note for note in version.notes if _severity(note) == "block" and note.get("column")}
    return {
        "reading": reading,
        "reading_form": ReadingForm.showing(reading),
        "notes_by_severity": {
            severity: [note for note in version.notes if _severity(note) == severity] for severity in SEVERITIES
        },
        "blocked_columns": blocked,
        "becomes_new_version": version.is_ready and is_built_on(version),
    }


def _severity(note: dict[str, Any]) -> str:
    found = note.get("severity", "info")
    return found if found in SEVERITIES else "info"
