"""A whole platform as processes of its own: started, asked, killed and looked at from outside."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import psycopg
import redis

from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[1]
# Starting means importing much: a machine that runs other tests beside this one takes its time.
START_SECONDS = 240
ENQUEUE = """
from accounts.models import Workspace
from jobs.services import enqueue
workspace, _ = Workspace.objects.get_or_create(name="Retail", slug="retail")
for kind, subject_id, size in {wanted}:
    print("JOB", enqueue(kind, workspace=workspace, owner=None, subject_id=subject_id, size=size).pk.hex)
"""


def wait_until(holds: Callable[[], object], seconds: float, what: str, told: Callable[[], str] = str) -> None:
    """Look until it holds; when it never does, say what was waited for and what ``told`` gives then."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}\n{told()}"
        time.sleep(0.2)


def servers_of_this_round() -> dict[str, str]:
    """Return what a platform's rows and messages are kept by: its folder, or the servers of the second round."""
    database, broker = (os.environ.get(f"XIAOYU_TEST_{name}_URL", "") for name in ("DATABASE", "BROKER"))
    if database:
        own = f"platform_{uuid4().hex}"
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {own}".encode())
        database = f"{database.rpartition('/')[0]}/{own}"
    if broker:
        # One of Redis' sixteen for each process of the tests: they must not empty each other's queues.
        broker = f"{broker.rpartition('/')[0]}/{os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw')}"
        redis.Redis.from_url(broker).flushdb()
    return {"database_url": database, "broker_url": broker}


class PlatformProcess:
    """``manage.py up`` on a free port with a ``var`` of its own."""

    settings = "tests.jobs.settings_with_work"
    arguments: tuple[str, ...] = ("--no-samples",)

    def __init__(self, var: Path, *, database_url: str = "", broker_url: str = "") -> None:
        self.var, self.port = var, free_port()
        self.database_url, self.broker_url = database_url, broker_url
        self.log = var / "up.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.seen: set[psutil.Process] = set()

    @property
    def environment(self) -> dict[str, str]:
        settings = {"DJANGO_SETTINGS_MODULE": self.settings, "XIAOYU_PORT": str(self.port)}
        servers = {"XIAOYU_DATABASE_URL": self.database_url, "XIAOYU_BROKER_URL": self.broker_url}
        return {**os.environ, **settings, **servers, "XIAOYU_VAR": str(self.var), "PYTHONUNBUFFERED": "1"}

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=START_SECONDS
        )

    def start(self) -> None:
        self.var.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            # As carelessly as somebody may start it: open to everybody, a file of an earlier release too.
            self.log.chmod(0o644)
            command = [sys.executable, "manage.py", "up", *self.arguments]
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=out, stderr=out, start_new_session=True, umask=0
            )
        wait_until(lambda: self.said("Stop with Ctrl-C"), START_SECONDS, "the platform is up", self.log.read_text)
        self.seen.update(self.processes())

    @property
    def is_up(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def said(self, words: str) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        return words in self.log.read_text()

    def be_up(self) -> None:
        """Start where no test has left it up: a start is more work than most of what is tested of it."""
        if not self.is_up:
            self.forget_log()
            self.start()

    def forget_log(self) -> None:
        self.log.unlink(missing_ok=True)

    def processes(self) -> list[psutil.Process]:
        assert self.process is not None
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def child(self, name: str) -> int:
        """Return the process number of one of the platform's children."""
        return int(json.loads((self.var / "up.json").read_text())["children"][name]["pid"])

    def still_alive(self) -> list[psutil.Process]:
        """Processes of this platform that are there although they should not be."""
        return [one for one in self.seen if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]

    def kill(self) -> None:
        assert self.process is not None
        self.seen.update(self.processes())
        self.process.kill()
        self.process.wait()

    def interrupt(self) -> int:
        """Press Ctrl-C."""
        assert self.process is not None
        self.seen.update(self.processes())
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=START_SECONDS)

    def enqueue_count(self, steps: int) -> str:
        return self.enqueue(("count", steps, None))[0]

    def enqueue(self, *wanted: tuple[str, int, int | None]) -> list[str]:
        """Put work into the queues, each (kind, subject, bytes it is about), and return the jobs' keys."""
        answer = self.manage("shell", "-c", ENQUEUE.format(wanted=wanted))
        assert "JOB" in answer.stdout, answer.stderr
        return [line.split()[1] for line in answer.stdout.splitlines() if line.startswith("JOB ")]

    def job(self, key: str) -> tuple[str, int]:
        """Return a job's state and how many times it was begun."""
        state, attempts = self.row(key, "state, attempts")
        return str(state), int(attempts)

    def row(self, key: str, columns: str) -> tuple[Any, ...]:
        """Return these columns of a job's row."""
        if self.database_url:
            with psycopg.connect(self.database_url) as connection:
                row = connection.execute(f"SELECT {columns} FROM jobs_job WHERE id = %s".encode(), [key]).fetchone()
            assert row is not None
            return tuple(row)
        with sqlite3.connect(f"file:{self.var}/xiaoyu.sqlite3?mode=ro", uri=True) as database:
            found: tuple[Any, ...] = database.execute(f"SELECT {columns} FROM jobs_job WHERE id = ?", [key]).fetchone()
        return found

    def steps(self, key: str) -> list[tuple[int, int]]:
        """Return (process, step) for every step a counting job has done."""
        found = [
            path for path in self.var.glob("count-*") if path.suffix == "" and path.name.replace("-", "")[5:] == key
        ]
        if not found:
            return []
        return [(int(a), int(b)) for a, b in (line.split() for line in found[0].read_text().splitlines())]

    def stop_for_good(self) -> None:
        if self.is_up:
            self.kill()
        for one in self.still_alive():
            one.kill()
