"""What a job holds while it runs: a way to report progress, to hear requests, and to stay alive in the row."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from experiments.errors import Cancelled, FinishNow
from experiments.privacy.masking import masked_throughout
from jobs.errors import LeaseLost, PauseAsked, WorkerStopping
from jobs.models import Job, JobLogLine, JobState
from jobs.outage import OUTAGE, let_go_of_connection, outlast

log = logging.getLogger(__name__)
WRITE_EVERY = 1.0
# Who asks to finish or to cancel waits for it.
LISTEN_EVERY = 0.3


class JobContext:
    """The line between a running job and its row; every write holds only while the lease is its own."""

    def __init__(self, job: Job, *, heartbeat_seconds: float, is_stopping: Callable[[], bool] = lambda: False) -> None:
        self.job = job
        self._lease = job.lease
        self._heartbeat_seconds = heartbeat_seconds
        self._is_stopping = is_stopping
        self._lost = self._cancel = self._pause = self._finish = self._has_finished_early = False
        self._written_at = self._heard_at = 0.0
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> "JobContext":
        if self._heartbeat_seconds:
            self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{self.job.pk}", daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._done.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def progress(
        self,
        percent: float | None = None,
        stage: str | None = None,
        params: dict[str, Any] | None = None,
        expected_end: datetime | Literal["as before"] | None = "as before",
    ) -> None:
        """Report how far the work is, at most once a second to the database, and hear what was asked meanwhile.

        Raises Cancelled or FinishNow (once) when someone asked for it, and WorkStopped when this worker must let go.
        """
        new_stage = stage is not None and (stage != self.job.stage or (params or {}) != self.job.stage_params)
        if percent is not None:
            self.job.percent = min(max(float(percent), 0.0), 100.0)
        if stage is not None:
            self.job.stage, self.job.stage_params = stage[:200], params or {}
        if expected_end != "as before":
            self.job.expected_end_at = expected_end
        if new_stage or time.monotonic() - self._written_at >= WRITE_EVERY:
            self._write_if_there(
                percent=self.job.percent,
                stage=self.job.stage,
                stage_params=self.job.stage_params,
                expected_end_at=self.job.expected_end_at,
            )
        elif time.monotonic() - self._heard_at >= LISTEN_EVERY:
            self._listen_if_there()
        self._obey()

    def say(self, message: str, params: dict[str, Any] | None = None, technical: bool = False) -> None:
        """Add a sentence to the job's log: a translation key and its parameters."""
        line = {"message": message, "params": masked_throughout(params or {}), "is_technical": technical}
        outlast(lambda: JobLogLine.objects.create(job=self.job, **line))

    def heartbeat(self) -> None:
        """Say that the work is alive, and hear what was asked meanwhile."""
        self._write_if_there()
        self._obey()

    def _obey(self) -> None:
        if self._lost:
            raise LeaseLost
        if self._is_stopping():
            raise WorkerStopping
        if self._cancel:
            raise Cancelled
        if self._pause:
            raise PauseAsked
        if self._finish and not self._has_finished_early:
            self._has_finished_early = True
            raise FinishNow

    def _write_if_there(self, **values: Any) -> None:
        """Write unless the database is away: the work goes on, and the next report says the same and more."""
        try:
            self._write(**values)
        except OUTAGE:
            if not let_go_of_connection():
                raise
            log.warning("the progress of job %s could not be written; next try soon", self.job.pk)

    def _write(self, **values: Any) -> None:
        self._written_at = time.monotonic()
        mine = Job.objects.filter(pk=self.job.pk, lease=self._lease, state=JobState.RUNNING)
        if not mine.update(heartbeat_at=timezone.now(), **values):
            self._lost = True
            return
        self._listen(mine)

    def _listen_if_there(self) -> None:
        """Hear what is asked between two reports; while the database is away, the next report tells."""
        try:
            self._listen(Job.objects.filter(pk=self.job.pk, lease=self._lease, state=JobState.RUNNING))
        except OUTAGE:
            if not let_go_of_connection():
                raise

    def _listen(self, mine: QuerySet[Job]) -> None:
        self._heard_at = time.monotonic()
        wishes = mine.values_list("cancel_requested", "pause_requested", "finish_requested").first()
        self._cancel, self._pause, self._finish = wishes or (False, False, False)

    def _beat(self) -> None:
        """Keep the row alive while the work sits in compiled code that reports nothing."""
        try:
            while not self._done.wait(self._heartbeat_seconds) and not self._lost:
                self._write_if_there()
        finally:
            connection.close()
