"""What `make test` runs: every test on SQLite and files, then those of rows, locks and queues on real servers.

    python -m tests.two_rounds [--only first|second] [what pytest takes]

The second round has a PostgreSQL and a Redis of its own on free ports, in a folder that goes with them. The rounds
share nothing, so `make test` runs them side by side.
"""

import argparse
import contextlib
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.postgres_server import running_postgres
from tests.redis_server import running_redis
from tests.servers import missing

NAMES = {"postgresql": "PostgreSQL", "redis": "Redis"}
INTERRUPTED = 2
NOTHING_CHOSEN = 5


def main(arguments: list[str]) -> int:
    options = argparse.ArgumentParser(description=__doc__, add_help=False, allow_abbrev=False)
    options.add_argument("--only", choices=("first", "second"))
    chosen, arguments = options.parse_known_args(arguments)
    first = 0 if chosen.only == "second" else _pytest("Every test, on SQLite and files", arguments, {})
    if chosen.only == "first" or first == INTERRUPTED:
        return first
    second, skipped = _second(arguments)
    for sentence in skipped:
        print(f"SKIPPED {sentence}")
    return first if first != 0 else (0 if second == NOTHING_CHOSEN else second)


def _second(arguments: list[str]) -> tuple[int, list[str]]:
    """Run what is marked ``database`` on whichever servers are here; tell in sentences what is not."""
    absent = missing()
    skipped = [
        f"{NAMES[name]} is not on this machine and could not be installed: nothing was tested on it." for name in absent
    ]
    with contextlib.ExitStack() as servers:
        environment = {}
        try:
            if "postgresql" not in absent:
                environment["XIAOYU_TEST_DATABASE_URL"] = servers.enter_context(running_postgres()).url
            if "redis" not in absent:
                environment["XIAOYU_TEST_BROKER_URL"] = servers.enter_context(running_redis()).url
        except (OSError, AssertionError, subprocess.CalledProcessError, psycopg.Error) as error:
            told = getattr(error, "stderr", None) or str(error)
            # No fault of the product, and no reason to call its first round failed; but it is said.
            return 0, [*skipped, f"A server is installed but did not start, so nothing was tested on it: {told}"]
        if not environment:
            return 0, skipped
        on = " and ".join(NAMES[name] for name in NAMES if name not in absent)
        title = f"Rows, locks, triggers and queues, on {on}"
        return _pytest(title, ["-m", "database", *arguments, *_files(arguments)], environment), skipped


def _files(arguments: list[str]) -> list[str]:
    """Return the files with a test of the second round, so that it reads no others; none where some are told."""
    if any(Path(each.partition("::")[0]).exists() for each in arguments):
        return []
    folder = Path(__file__).parent
    return sorted(str(path) for path in folder.rglob("test_*.py") if "mark.database" in path.read_text("utf-8"))


def _pytest(title: str, arguments: list[str], environment: dict[str, str]) -> int:
    """Run pytest as a process of its own and wait for it, also when somebody presses Ctrl-C, which it hears itself."""
    print(f"\n{title}:", flush=True)
    begun, worked = time.monotonic(), _processor_seconds()
    process = subprocess.Popen([sys.executable, "-m", "pytest", *arguments], env={**os.environ, **environment})
    try:
        code = process.wait()
    except KeyboardInterrupt:
        process.wait()
        code = INTERRUPTED
    took, worked = time.monotonic() - begun, _processor_seconds() - worked
    print(f"{title}: {took:.0f} seconds, {worked:.0f} of the processor", flush=True)
    return code


def _processor_seconds() -> float:
    """Return what the processes that were waited for have worked, theirs included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (KeyboardInterrupt, pytest.skip.Exception):
        sys.exit(INTERRUPTED)
