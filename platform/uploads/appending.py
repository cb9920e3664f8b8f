"""Puts what was just read behind the rows of the version it is added to, from a worker."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from catalog import lineage
from catalog.models import DatasetVersion
from common.storage import local_path
from experiments.data.reading_notes import Note
from experiments.data.schema import ColumnSchema
from experiments.errors import BadInput, gettext_noop
from experiments.ingest.appending import Base, append_table, read_as_in_base
from experiments.ingest.reading import IngestReport
from privacy import protection

NAME_OF_VERSION = gettext_noop("version %(number)s")
ADDED_ROWS = gettext_noop("%(rows)s rows were added to the %(before)s rows of version %(number)s.")
SAME_FILE = gettext_noop(
    "The rows of %(file)s are in version %(number)s already: it is the same file, byte for byte. Choose the file with "
    "the new rows, or replace the version instead."
)
BASE_GONE = gettext_noop("The version to append to no longer exists. Upload the whole table instead.")

ReadAs = Callable[[Path, Mapping[str, ColumnSchema]], IngestReport]


def extend(version: DatasetVersion, table: Path, report: IngestReport, read_as: ReadAs) -> IngestReport:
    """Replace ``table``, which holds the new rows, by one that holds the rows of the base version and then these.

    Parameters
    ----------
    read_as : reads the new file again with some columns known.

    Returns
    -------
    The report for the whole table.
    """
    base = lineage.base_of(version)
    if base is None or not base.is_ready:
        raise BadInput(BASE_GONE)
    _refuse_the_same_file(version, base)
    vault = protection.vault_of(base.parquet_path)
    # A sentence in a sentence, so that it is told in the reader's language.
    name = {"message": NAME_OF_VERSION, "params": {"number": base.number}}
    older = Base(local_path(base.parquet_path), name, vault if vault.exists() else None)
    added, draft = table.with_name("added.parquet"), table.with_name("appended.parquet")
    try:
        os.replace(table, added)
        known = read_as_in_base(older, added)
        if known:
            report = read_as(added, known)
        columns = append_table(older, added, draft, file_name=version.file_name)
        os.replace(draft, table)
    finally:
        added.unlink(missing_ok=True)
        draft.unlink(missing_ok=True)
    words = {"rows": f"{report.row_count:,}", "before": f"{base.row_count:,}", "number": base.number}
    return replace(
        report,
        row_count=base.row_count + report.row_count,
        columns=columns,
        notes=(Note(ADDED_ROWS, words), *report.notes),
    )


def _refuse_the_same_file(version: DatasetVersion, base: DatasetVersion) -> None:
    for earlier in lineage.chain_of(base):
        if earlier.sha256 and earlier.sha256 == version.sha256:
            raise BadInput(SAME_FILE, file=version.file_name, number=earlier.number)
