"""Scores as an Excel workbook, for those who read them there; a sheet ends at a million rows."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pandas as pd

from experiments.artifact.needed_columns import ROW_NUMBER
from experiments.scoring.formats.format import NUMBERS, Format, Layout, Write
from experiments.writing.workbooks import MOST_ROWS, TOO_MANY_ROWS, Sheet, open_sheet

TITLE = "scores"
# A sheet of so many customers is written in seconds and so stands beside every list; larger ones are for those who ask.
SMALL_SHEET = 100_000


@contextmanager
def _open(path: Path, layout: Layout) -> Iterator[Write]:
    with ExitStack() as opened:
        sheets: list[Sheet] = []

        def write(frame: pd.DataFrame) -> None:
            if not sheets:
                widths = [60 if name.startswith("reason_") else 16 for name in frame.columns]
                sheets.append(opened.enter_context(open_sheet(path, TITLE, layout.called(frame), widths)))
            sheets[0].write(frame, as_text=[name for name in frame.columns if name not in (*NUMBERS, ROW_NUMBER)])

        yield write


XLSX = Format(
    "xlsx",
    _open,
    most_rows=MOST_ROWS,
    too_many=TOO_MANY_ROWS,
    label="Excel",
    content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    is_for_reading=True,
    unasked_rows=SMALL_SHEET,
)
