"""Tells in the data check which columns came ruined, as reading found."""

from catalog.models import DataCheck
from experiments.leakage import Finding


def findings(check: DataCheck) -> list[Finding]:
    """Return a finding that takes out each column of which a note of the reading says that it must not be used."""
    names = set(check.columns.values_list("column__name", flat=True)) - {check.target}
    blocked = {
        note["column"]: note for note in check.version.notes if note.get("severity") == "block" and note.get("column")
    }
    return [
        Finding("ruined", "block", column, note["message"], note["params"], "exclude")
        for column, note in blocked.items()
        if column in names
    ]
