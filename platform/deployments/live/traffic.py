"""Counts what is answered, minute by minute, and writes the counts down now and then."""

import logging
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from django.db import Error as DatabaseFailure
from django.db import connection
from django.utils import timezone

from deployments.models import Traffic
from deployments.queries import end_of
from experiments.features.encoding import CoverReport

log = logging.getLogger(__name__)
WRITE_EVERY_SECONDS = 2.0
Key = tuple[int, int | None, str, datetime]


@dataclass
class _Minute:
    requests: int = 0
    rows: int = 0
    refused: int = 0
    failed: int = 0
    probability: float = 0.0
    durations: Counter[str] = field(default_factory=Counter)
    empty: Counter[str] = field(default_factory=Counter)
    unseen: Counter[str] = field(default_factory=Counter)
    is_written: bool = False


class TrafficCounter:
    """Counts in memory; what is written down is the whole of a minute so far, so that writing twice is no harm."""

    def __init__(self, process: str) -> None:
        self.process = process
        self._lock = threading.Lock()
        self._minutes: dict[Key, _Minute] = {}

    def answered(
        self,
        deployment: int,
        version: int,
        role: str,
        *,
        seconds: float,
        probabilities: list[float],
        cover: CoverReport,
    ) -> None:
        """Count one request that a version scored."""
        with self._lock:
            minute = self._minute(deployment, version, role)
            minute.requests += 1
            minute.rows += len(probabilities)
            minute.probability += sum(probabilities)
            minute.durations[end_of(1_000 * seconds)] += 1
            minute.empty.update(cover.empty_cells)
            minute.unseen.update(cover.unseen_cells)

    def refused(self, deployment: int) -> None:
        """Count one request that could not be scored as it was."""
        with self._lock:
            self._minute(deployment, None, "").refused += 1

    def failed(self, deployment: int, version: int | None = None, role: str = "") -> None:
        """Count one request that failed through no fault of its own, or that a shadow did not score."""
        with self._lock:
            self._minute(deployment, version, role).failed += 1

    def write(self) -> None:
        """Write down what has changed; of minutes that are over nothing is kept here."""
        now = _this_minute()
        with self._lock:
            changed = {key: minute for key, minute in self._minutes.items() if not minute.is_written}
            for minute in changed.values():
                minute.is_written = True
            self._minutes = {key: minute for key, minute in self._minutes.items() if key[3] == now or key in changed}
        for (deployment, version, role, at), minute in changed.items():
            Traffic.objects.update_or_create(
                deployment_id=deployment, version_id=version, role=role, minute=at, process=self.process,
                defaults={
                    "requests": minute.requests, "rows": minute.rows, "refused": minute.refused,
                    "failed": minute.failed, "probability": minute.probability, "durations": dict(minute.durations),
                    "cover": {"empty": dict(minute.empty), "unseen": dict(minute.unseen)},
                },
            )  # fmt: skip

    def keep_writing(self, stop: threading.Event) -> None:
        """Write again and again until asked to stop, and once more then."""
        is_over = False
        while not is_over:
            is_over = stop.wait(WRITE_EVERY_SECONDS)
            try:
                self.write()
            except DatabaseFailure:
                log.exception("traffic could not be written down; next try soon")
                self._write_all_again()
                connection.close()

    def _write_all_again(self) -> None:
        with self._lock:
            for minute in self._minutes.values():
                minute.is_written = False

    def _minute(self, deployment: int, version: int | None, role: str) -> _Minute:
        minute = self._minutes.setdefault((deployment, version, role, _this_minute()), _Minute())
        minute.is_written = False
        return minute


def _this_minute() -> datetime:
    return timezone.now().replace(second=0, microsecond=0)
