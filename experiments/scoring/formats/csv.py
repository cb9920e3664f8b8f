"""Scores as CSV, which every spreadsheet and program opens; no text of it is run as a formula."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pandas as pd

from experiments.scoring.formats.format import Format, Layout, Write
from experiments.writing.formula_guard import guarded_frame


@contextmanager
def _open(path: Path, layout: Layout) -> Iterator[Write]:
    stream: IO[str]
    with path.open("w", encoding=layout.encoding, newline="") as stream:
        state = {"header": True}

        def write(frame: pd.DataFrame) -> None:
            frame = frame.set_axis(layout.called(frame), axis=1)
            guarded_frame(frame).to_csv(stream, index=False, header=state.pop("header", False), lineterminator="\n")

        yield write


CSV = Format("csv", _open, content_type="text/csv; charset=utf-8", is_for_reading=True, is_appended=True)
