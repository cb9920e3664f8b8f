"""Everything at once: database, web server, workers, scheduler and model servers, as children of this one process."""

import errno
import io
import shutil
import socket
import sqlite3
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, SystemCheckError
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from accounts.samples import PASSWORD, PEOPLE, create_sample_people
from common import storage
from common.checks import SAFE_START
from common.private import close_throughout
from jobs.queues import EXPERIMENTS, FILES, SMALL_FILES
from jobs.supervisor import Stop, Supervisor, running_parent

NEEDED_MEGABYTES = 500
FIRST_PAGE_SECONDS = 110


class Command(BaseCommand):
    help = "Start web server, workers, scheduler and model servers together; Ctrl-C stops them together."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--no-samples", action="store_true", help="without sample people, data or experiment")

    def handle(self, *args: Any, **options: Any) -> None:
        self.environment = settings.ENVIRONMENT
        record = settings.VAR / "up.json"
        self._check_ground(record)
        with_samples = settings.SAMPLE_PEOPLE_MAY_SIGN_IN and not options["no_samples"]
        self._prepare_database(with_samples)
        for folder in {settings.VAR, storage.root()}:
            close_throughout(folder)
        supervisor = Supervisor(manage_py=settings.ROOT / "manage.py", record=record)
        supervisor.listen_for_stop()
        try:
            self._start(supervisor, with_samples)
            supervisor.watch()
        except Stop:
            self.stdout.write("\nStopping …")
        finally:
            supervisor.stop()
        self.stdout.write("Stopped. Everything is kept; start again with: make up")

    def _check_ground(self, record: Path) -> None:
        """Find what would fail later, and say it in a sentence."""
        try:
            settings.VAR.mkdir(parents=True, exist_ok=True)
            probe = settings.VAR / "write-probe"
            probe.write_bytes(b"x")
            probe.unlink()
        except OSError as error:
            raise CommandError(_disk_sentence(error)) from None
        free = shutil.disk_usage(settings.VAR).free // 2**20
        if free < NEEDED_MEGABYTES:
            raise CommandError(
                f"Only {free} MB are free on the disk of {settings.VAR}; Xiaoyu needs {NEEDED_MEGABYTES} MB to start. "
                "Free some space, or set XIAOYU_VAR to a folder on another disk."
            )
        if (parent := running_parent(record)) is not None:
            raise CommandError(
                f"Xiaoyu is running already (process {parent}) at {self._address()}. Stop it with Ctrl-C where it runs."
            )
        self._check_port()

    def _check_port(self) -> None:
        bind, port = self.environment.bind, self.environment.port
        family = socket.AF_INET6 if ":" in bind else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((bind, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise CommandError(
                        f"Port {port} on {bind} is in use by another program. "
                        f"Stop that one, or take another port: XIAOYU_PORT={port + 1} make up"
                    ) from None
                raise CommandError(f"Cannot listen on {bind}:{port}: {error.strerror}.") from None

    def _prepare_database(self, with_samples: bool) -> None:
        try:
            if _has_pending_migrations():
                self.stdout.write("Preparing the database …")
                call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
            # Ours only: the others are for developers, and loading every page for them would make the start slow.
            call_command("check", tags=[SAFE_START], databases=["default"], stdout=io.StringIO())
            if with_samples:
                create_sample_people()
        except SystemCheckError as refused:
            raise CommandError(f"The settings are not safe to start with.\n{refused}") from None
        except (DatabaseError, sqlite3.Error, OSError) as error:
            raise CommandError(_database_sentence(error)) from None

    def _start(self, supervisor: Supervisor, with_samples: bool) -> None:
        supervisor.add("web server", "web")
        for number in range(max(1, self.environment.file_workers)):
            again = f" {number + 1}" if number else ""
            supervisor.add(f"worker{again} for files", "worker", f"--queues={FILES}")
        supervisor.add("worker for small files", "worker", f"--queues={SMALL_FILES}")
        for number in range(max(1, self.environment.experiment_workers)):
            supervisor.add(f"worker {number + 1} for experiments", "worker", f"--queues={EXPERIMENTS}")
        supervisor.add("scheduler", "scheduler")
        supervisor.add("model server", "model_server")
        supervisor.add("real-time server", "serve")
        self._wait_for_first_page()
        self._say_how_to_sign_in(with_samples)
        if with_samples:
            supervisor.add("samples", "load_samples", is_lasting=False)

    def _wait_for_first_page(self) -> None:
        host = "127.0.0.1" if self.environment.bind in ("0.0.0.0", "::") else self.environment.bind  # noqa: S104
        deadline = time.monotonic() + FIRST_PAGE_SECONDS
        while time.monotonic() < deadline:
            try:
                with socket.create_connection((host, self.environment.port), timeout=2):
                    return
            except OSError:
                time.sleep(0.2)
        raise CommandError("The web server did not answer; its messages are above.")

    def _say_how_to_sign_in(self, with_samples: bool) -> None:
        self.stdout.write(f"\nXiaoyu 小渔 is ready: {self._address()}")
        if with_samples:
            names = ", ".join(f"{username} ({role.label.lower()})" for username, _, role in PEOPLE)
            self.stdout.write(f"Sign in as {names}; password: {PASSWORD}")
        else:
            self.stdout.write("Sign in with your account. The first admin: python manage.py create_admin NAME")
        self.stdout.write("Stop with Ctrl-C.\n")
        self.stdout.flush()

    def _address(self) -> str:
        host = "127.0.0.1" if self.environment.bind in ("0.0.0.0", "::") else self.environment.bind  # noqa: S104
        return f"http://{host}:{self.environment.port}/"


def _has_pending_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _disk_sentence(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk of {settings.VAR} is full. Free some space, or set XIAOYU_VAR to a folder on another disk."
    return f"Cannot write to {settings.VAR}: {error.strerror}. Set XIAOYU_VAR to a folder of your own."


def _database_sentence(error: Exception) -> str:
    if isinstance(error, OSError):
        return _disk_sentence(error)
    if "full" in str(error):
        return f"The disk of {settings.VAR} is full. Free some space, or set XIAOYU_VAR to a folder on another disk."
    if isinstance(error, OperationalError) and connection.vendor == "postgresql":
        return f"The database does not answer: {str(error).strip()} Check XIAOYU_DATABASE_URL."
    return f"The database could not be prepared: {error}"
