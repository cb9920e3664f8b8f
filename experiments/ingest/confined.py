"""Reads uploaded files in a child process with little memory and time, so that no file can take down the server.

Web servers use this; a worker's job already runs in such a child.
"""

import json
import signal
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.errors import BadInput, gettext_noop
from experiments.processes.fork_server import ForkServer, ForkServerLost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from experiments.ingest.masked_preview import KnownColumns
    from experiments.ingest.preview import Preview
    from experiments.ingest.reading import ReadingOptions

CHILD = "experiments.ingest.reading_child"
# A first import on a busy machine; afterwards a child is there in a few milliseconds.
SECONDS_TO_START = 60.0
MOST_SIDE_BY_SIDE, SECONDS_TO_WAIT = 3, 10.0
MOST_ANSWERED = 64 << 20

TOO_MUCH_MEMORY = gettext_noop(
    "Reading %(file)s took more than %(limit)s GB of memory, so it was stopped. Save the table alone as CSV and upload "
    "that."
)
TOO_SLOW = gettext_noop(
    "Reading %(file)s took more than %(limit)s seconds, so it was stopped. Save the table alone as CSV and upload that."
)
BROKE_DOWN = gettext_noop(
    "The file %(file)s could not be read: the reader crashed on it. Open it, save it again, preferably as CSV, and "
    "upload that."
)
BUSY = gettext_noop("Other files are being read at the moment. Try again in a few seconds.")


@dataclass(frozen=True)
class Confinement:
    """How much a child may take to read one file."""

    memory_bytes: int = 1 << 30
    seconds: float = 20.0


class ReaderLost(Exception):
    """A child ended without an answer; ``for_memory`` tells whether it asked for more than it may have."""

    def __init__(self, *, for_memory: bool) -> None:
        super().__init__("for memory" if for_memory else "broke down")
        self.for_memory = for_memory


class ConfinedReader:
    """Gives each file a child of its own, forked from one process that has the readers loaded."""

    def __init__(self) -> None:
        self._fork_server: ForkServer | None = None
        self._one_at_a_time = threading.Lock()
        self._room = threading.BoundedSemaphore(MOST_SIDE_BY_SIDE)

    def ask(self, task: str, path: Path, *, name: str, confinement: Confinement, **arguments: Any) -> Any:
        """Have a child do a task of ``reading_child`` on a file and return its answer.

        Raises
        ------
        BadInput : the file cannot be used, or takes more than it may. FileNotFoundError : it is no longer there.
        """
        if not self._room.acquire(timeout=SECONDS_TO_WAIT):
            raise BadInput(BUSY)
        try:
            with tempfile.TemporaryDirectory(prefix="xiaoyu-read-") as folder:
                wish = {"task": task, "path": str(path), "name": name, "folder": folder, "arguments": arguments}
                return _taken(self._answer({**wish, "memory_bytes": confinement.memory_bytes}, confinement))
        except TimeoutError:
            raise BadInput(TOO_SLOW, file=name, limit=f"{confinement.seconds:g}") from None
        except ReaderLost as lost:
            if lost.for_memory:
                raise BadInput(
                    TOO_MUCH_MEMORY, file=name, limit=f"{confinement.memory_bytes / (1 << 30):.3g}"
                ) from None
            raise BadInput(BROKE_DOWN, file=name) from None
        finally:
            self._room.release()

    def _answer(self, wish: dict[str, Any], confinement: Confinement) -> dict[str, Any]:
        with self._child() as (line, end):
            answer = _received(line, json.dumps(wish).encode(), confinement.seconds)
            if not answer:
                # Native code that is refused memory aborts; the system itself kills.
                raise ReaderLost(for_memory=end() in (signal.SIGABRT, signal.SIGKILL))
        plain: dict[str, Any] = json.loads(answer)
        return plain

    @contextmanager
    def _child(self) -> "Iterator[tuple[Connection, Callable[[], int]]]":
        with self._one_at_a_time:
            pid, line = self._fork()
            fork_server = self._fork_server
        ended: list[int] = []

        def end() -> int:
            """End the child and return the signal that it died of."""
            if not ended:
                with self._one_at_a_time:
                    # The fork server has died, and its children with it.
                    ended.append(
                        fork_server.end(pid) if fork_server is self._fork_server and fork_server is not None else 0
                    )
            return ended[0]

        try:
            yield line, end
        finally:
            end()
            line.close()

    def _fork(self) -> tuple[int, Connection]:
        for _ in range(2):
            if self._fork_server is None:
                self._fork_server = ForkServer(CHILD)
            try:
                if self._fork_server.is_ready(SECONDS_TO_START):
                    return self._fork_server.fork()
            except ForkServerLost:
                pass
            self._fork_server.close()
            self._fork_server = None
        raise ReaderLost(for_memory=False)


def _received(line: Connection, wish: bytes, seconds: float) -> bytes:
    """Return what a child answers, nothing where it died before."""
    try:
        line.send_bytes(wish)
        if line.poll(seconds):
            return line.recv_bytes(MOST_ANSWERED)
    except (EOFError, OSError):
        return b""
    raise TimeoutError


def _taken(answer: dict[str, Any]) -> Any:
    if "bad" in answer:
        raise BadInput(answer["bad"]["message"], **answer["bad"]["params"])
    if answer.get("gone"):
        raise FileNotFoundError
    if "lost" in answer:
        raise ReaderLost(for_memory=answer["lost"] == "memory")
    return answer["given"]


_reader = ConfinedReader()


def preview_confined(
    path: Path,
    *,
    name: str,
    options: "ReadingOptions | None" = None,
    is_whole: bool = True,
    known: "Sequence[KnownColumns]" = (),
    lines: int = 20,
) -> "Preview | None":
    """Do as ``masked_preview``, in a child: data of persons do not leave it."""
    from experiments.ingest.preview import Preview

    shown = _reader.ask(
        "preview", path, name=name, confinement=Confinement(), is_whole=is_whole, lines=lines,
        options=None if options is None else asdict(options), known=[asdict(each) for each in known],
    )  # fmt: skip
    if shown is None:
        return None
    rows = tuple(map(tuple, shown["rows"]))
    return Preview(**{**shown, "names": tuple(shown["names"]), "rows": rows})


def cells_confined(content: bytes, *, name: str, most_rows: int) -> list[list[str]]:
    """Return the first rows of a small table as they stand, read in a child; see ``cells.read_cells``."""
    with tempfile.NamedTemporaryFile(prefix="xiaoyu-cells-") as source:
        source.write(content)
        source.flush()
        found: list[list[str]] = _reader.ask(
            "cells", Path(source.name), name=name, confinement=Confinement(), most_rows=most_rows
        )
        return found
