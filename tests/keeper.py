"""Keeps one server for the process that started it: ``python tests/keeper.py WHAT``, a line of input for each wish.

``start`` and ``stop`` are answered with a line each. When the input ends, because whoever asked is done or was killed,
the server is stopped and its folder removed: nothing is left behind by Ctrl-C or a crash.
"""

import json
import shutil
import signal
import subprocess
import sys
from typing import Any

STOP_SECONDS = 30


def main() -> None:
    what = json.loads(sys.argv[1])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    server: subprocess.Popen[bytes] | None = None
    try:
        for wish in sys.stdin:
            if server is not None:
                _stop(server, what)
            server = _start(what) if wish == "start\n" else None
            print("done", flush=True)
    finally:
        if server is not None:
            _stop(server, what)
        shutil.rmtree(what["folder"], ignore_errors=True)


def _start(what: dict[str, Any]) -> "subprocess.Popen[bytes]":
    # Ctrl-C is for whoever started the keeper; the server ends when it is told to.
    with open(what["log"], "ab") as log:
        return subprocess.Popen(
            what["command"], user=what["account"], cwd=what["folder"], stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, start_new_session=True, preexec_fn=_hear_signals_again,
        )  # fmt: skip


def _hear_signals_again() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _stop(server: "subprocess.Popen[bytes]", what: dict[str, Any]) -> None:
    server.send_signal(what["stop_signal"])
    try:
        server.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
