"""The child's side of ``experiments.ingest.confined``: reads one file within its limits and answers in JSON.

Started as ``python -m experiments.ingest.reading_child SOCKET PARENT`` by ``experiments.processes.fork_server``.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from experiments.errors import BadInput
from experiments.ingest.cells import read_cells
from experiments.ingest.container import ReadingLimits
from experiments.ingest.masked_preview import Held, KnownColumns, masked_preview
from experiments.ingest.reading import ReadingOptions
from experiments.processes.forked_child import limit_memory, serve

LIBRARIES = ("polars", "pyarrow.csv", "pyarrow.parquet", "python_calamine")


def work(line: Connection) -> None:
    """Perform the one task that arrives over the socket."""
    wish = json.loads(line.recv_bytes())
    # What native readers print when they crash helps nobody.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    tempfile.tempdir = wish["folder"]
    limit_memory(wish["memory_bytes"])
    line.send_bytes(json.dumps(_answer(wish), default=str).encode())


def _answer(wish: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"given": TASKS[wish["task"]](Path(wish["path"]), wish["name"], **wish["arguments"])}
    except BadInput as bad:
        return {"bad": {"message": bad.message, "params": bad.params}}
    except FileNotFoundError:
        return {"gone": True}
    except MemoryError:
        return {"lost": "memory"}
    except (
        BaseException
    ) as error:  # Panics of native readers too: whatever a file makes them raise affects only that file.
        return {"lost": "memory" if "memory" in str(error).lower() else "broke down"}


def _preview(
    path: Path,
    name: str,
    *,
    options: dict[str, Any] | None,
    known: list[dict[str, Any]],
    is_whole: bool,
    lines: int,
) -> Any:
    chosen = None if options is None else _options(options)
    before = [
        KnownColumns(
            _options(each["options"]),
            tuple(each["names"]),
            {column: Held(**held) for column, held in each["personal"].items()},
        )
        for each in known
    ]
    shown = masked_preview(path, name=name, options=chosen, is_whole=is_whole, known=before, lines=lines)
    return shown and asdict(shown)


def _options(plain: dict[str, Any]) -> ReadingOptions:
    return ReadingOptions(**{**plain, "limits": ReadingLimits(**plain["limits"])})


def _cells(path: Path, name: str, *, most_rows: int) -> list[list[str]]:
    return read_cells(path, name=name, most_rows=most_rows)


TASKS: dict[str, Callable[..., Any]] = {"preview": _preview, "cells": _cells}


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]), libraries=LIBRARIES, work=work)
