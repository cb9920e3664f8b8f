"""Each score that was given, or made in the shadow, as a line of a file: written before it is answered.

A line is one request: when, its id, role, version, and per row a mark of the customer, probability, score and band.
The mark is a keyed hash of the id, so that a customer's lines belong together and nobody is named.
"""

import json
import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

import numpy as np

from common.storage import local_path
from deployments.models import Deployment, Role, Traffic

MOST_SHOWN = 20
# Of each file the end is read: a page asks for what was last, not for all.
BYTES_OF_END = 1 << 20
FEWEST_PAIRS = 30
FILES_READ = 4
# For so long it can be said who was given which score; a year of outcomes is measured against it.
KEPT = timedelta(days=400)


def folder_of(deployment_id: int) -> str:
    """Return the key of the folder that a deployment's lines are in."""
    return f"deployments/{deployment_id}/scores"


class ScoreLog:
    """Appends lines: one file a deployment, day and process, so that two never write to the same."""

    def __init__(self, process: str) -> None:
        self.process = process
        self._lock = Lock()
        self._open: dict[int, tuple[str, BinaryIO]] = {}

    def append(self, deployment_id: int, line: dict[str, Any]) -> None:
        """Write one request's line; it is with the system when this returns, so that a killed process loses none."""
        content = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            self._file(deployment_id).write(content)

    def close(self) -> None:
        with self._lock:
            for _day, file in self._open.values():
                file.close()
            self._open.clear()

    def _file(self, deployment_id: int) -> BinaryIO:
        today = datetime.now(UTC).strftime("%Y-%m-%d")
        day, file = self._open.get(deployment_id, ("", None))
        if file is None or day != today:
            if file is not None:
                file.close()
            folder = local_path(folder_of(deployment_id))
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{today}-{self.process}.jsonl"
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            file = os.fdopen(descriptor, "wb", buffering=0)
            self._open[deployment_id] = today, file
        return file


@dataclass(frozen=True)
class LastScore:
    """One score as a page shows it."""

    at: datetime
    request: str
    customer: str
    role: str
    version: int
    probability: float
    score: float
    band: str

    @property
    def role_label(self) -> str:
        return str(Role(self.role).label)


@dataclass(frozen=True)
class Agreement:
    """How a shadow's scores and those that were answered lie to each other, on the same rows."""

    version: int
    rows: int
    correlation: float | None
    moved: float


def last_scores(deployment: Deployment, most: int = MOST_SHOWN) -> list[LastScore]:
    """Return the newest scores of a deployment, the newest first, the shadow's among them."""
    found: list[LastScore] = []
    for line in _newest(deployment):
        at = datetime.fromisoformat(line["at"])
        # Of a large request a few stand for the rest, else it would be all that is seen.
        for customer, p, score, band in line["rows"][: max(1, most // 4)]:
            found.append(LastScore(at, line["request"], customer, line["role"], line["version"], p, score, band))
        if len(found) >= most:
            break
    return found[:most]


def shadow_agreement(deployment: Deployment) -> list[Agreement]:
    """Compare each shadow with what was answered, on the newest requests that both have scored."""
    answered: dict[tuple[str, int], tuple[float, str]] = {}
    beside: dict[int, dict[tuple[str, int], tuple[float, str]]] = {}
    for line in _newest(deployment):
        cells = {
            (line["request"], place): (row[1], row[3]) for place, row in zip(line["places"], line["rows"], strict=True)
        }
        if line["role"] == Role.SHADOW:
            beside.setdefault(line["version"], {}).update(cells)
        else:
            answered.update(cells)
    return [
        agreement
        for version, scores in sorted(beside.items())
        if (agreement := _agreement(version, scores, answered)) is not None
    ]


def tidy() -> None:
    """Let go of the lines and the counts of days that nobody asks for any more."""
    oldest = datetime.now(UTC) - KEPT
    for deployment in Deployment.objects.values_list("pk", flat=True):
        for path in local_path(folder_of(deployment)).glob("*.jsonl"):
            if path.name[:10] < oldest.strftime("%Y-%m-%d"):
                path.unlink(missing_ok=True)
    Traffic.objects.filter(minute__lt=oldest).delete()


def _agreement(
    version: int, scores: dict[Any, tuple[float, str]], answered: dict[Any, tuple[float, str]]
) -> Agreement | None:
    both = [(answered[key], own) for key, own in scores.items() if key in answered]
    if len(both) < FEWEST_PAIRS:
        return None
    p, q = (np.array([pair[side][0] for pair in both]) for side in (0, 1))
    varies = p.std() > 0 and q.std() > 0
    correlation = float(np.corrcoef(p, q)[0, 1]) if varies else None
    return Agreement(version, len(both), correlation, float(np.mean([a[1] != b[1] for a, b in both])))


def _newest(deployment: Deployment) -> Iterator[dict[str, Any]]:
    """Yield the last lines of the last files, the newest first as far as one file goes."""
    folder = local_path(folder_of(deployment.pk))
    paths = (
        sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime)[-FILES_READ:] if folder.is_dir() else []
    )
    lines: list[dict[str, Any]] = []
    for path in paths:
        lines += _end_of(path)
    yield from sorted(lines, key=lambda line: str(line["at"]), reverse=True)


def _end_of(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        length = file.seek(0, os.SEEK_END)
        file.seek(max(0, length - BYTES_OF_END))
        content = file.read()
    lines = deque(content.split(b"\n"))
    if length > BYTES_OF_END:
        lines.popleft()  # its beginning was cut off
    for line in lines:
        try:
            yield json.loads(line)
        except ValueError:  # the last one may be on its way
            continue
