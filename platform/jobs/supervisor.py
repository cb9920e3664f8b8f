"""Starts the platform's processes together, keeps them alive, and stops them together."""

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import psutil

from jobs.children import PARENT_VARIABLE

log = logging.getLogger(__name__)

QUICK_DEATH_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 30.0
PATIENCE_SECONDS = 10.0
STOP_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Stop(Exception):
    """Someone asked the whole platform to stop."""


@dataclass
class Child:
    """One process of the platform; ``is_lasting`` ones are started again when they die."""

    name: str
    arguments: list[str]
    is_lasting: bool = True
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    pause: float = field(default=0.5)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """The parent of all processes. Children live in sessions of their own, so Ctrl-C reaches only the parent."""

    def __init__(self, *, manage_py: Path, record: Path) -> None:
        self.manage_py = manage_py
        self.record = record
        self.children: list[Child] = []

    def listen_for_stop(self) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, _raise_stop)

    def add(self, name: str, *arguments: str, is_lasting: bool = True) -> None:
        """Start a command of manage.py as a child."""
        child = Child(name, list(arguments), is_lasting)
        self.children.append(child)
        self._start(child)

    def watch(self) -> None:
        """Start dead children again until someone asks to stop."""
        while True:
            for child in self.children:
                if child.is_lasting and not child.is_running:
                    self._revive(child)
            time.sleep(0.3)

    def stop(self) -> None:
        """Ask every child to end; kill what does not listen. Nothing is left behind."""
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        running = [child.process for child in self.children if child.process is not None and child.is_running]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + PATIENCE_SECONDS
        for process in running:
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.info("process %s is killed, as it did not end in time; its work goes on next time", process.pid)
        for process in running:
            _kill_session(process)
        self.record.unlink(missing_ok=True)

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(  # noqa: S603  our own command line
            [sys.executable, str(self.manage_py), *child.arguments],
            env={**os.environ, PARENT_VARIABLE: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        child.started_at = time.monotonic()
        self._write_record()

    def _revive(self, child: Child) -> None:
        now = time.monotonic()
        if not child.start_again_at:
            lived = now - child.started_at
            # A child that dies at once is given longer and longer pauses, lest it eat the machine.
            child.pause = min(child.pause * 2, LONGEST_PAUSE_SECONDS) if lived < QUICK_DEATH_SECONDS else 0.5
            child.start_again_at = now + child.pause
            code = child.process.returncode if child.process else None
            log.warning("%s ended (%s) and is started again", child.name, code)
        elif now >= child.start_again_at:
            child.start_again_at = 0.0
            self._start(child)

    def _write_record(self) -> None:
        people = {child.name: _identity(child.process.pid) for child in self.children if child.process is not None}
        draft = self.record.with_suffix(".draft")
        draft.write_text(json.dumps({"parent": _identity(os.getpid()), "children": people}), encoding="utf-8")
        draft.replace(self.record)


def running_parent(record: Path) -> int | None:
    """Return the process number of a platform that runs already; end children a killed one left behind."""
    try:
        known = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if _is_same(known["parent"]):
        return int(known["parent"]["pid"])
    for identity in known["children"].values():
        if _is_same(identity):
            psutil.Process(identity["pid"]).kill()
    record.unlink(missing_ok=True)
    return None


def _identity(pid: int) -> dict[str, float]:
    try:
        return {"pid": pid, "started": psutil.Process(pid).create_time()}
    except psutil.Error:
        return {"pid": pid, "started": 0.0}


def _is_same(identity: dict[str, float]) -> bool:
    """Process numbers are used again; together with the start time they are not."""
    try:
        process = psutil.Process(int(identity["pid"]))
        is_alive = process.status() != psutil.STATUS_ZOMBIE
        return is_alive and abs(process.create_time() - identity["started"]) < 1
    except psutil.Error:
        return False


def _kill_session(process: subprocess.Popen[bytes]) -> None:
    """A child leads its own session: whatever it started itself goes with it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _raise_stop(number: int, frame: FrameType | None) -> None:
    raise Stop
