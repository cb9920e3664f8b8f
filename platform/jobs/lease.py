"""Who owns a running job: one process of one machine, told apart from every other and from its own successor."""

import hashlib
import os
import secrets
import socket
from pathlib import Path

import psutil


def new_lease() -> str:
    """Return a lease for this process: machine, process, its start, and a word of its own (at most 40 characters)."""
    return f"{_machine()}:{os.getpid()}:{_started(os.getpid())}:{secrets.token_hex(4)}"


def holder_is_dead(lease: str) -> bool | None:
    """Tell whether the process behind a lease is gone; ``None`` when it lives on another machine and nobody knows."""
    machine, pid, started, _word = lease.split(":")
    if machine != _machine():
        return None
    return _started(int(pid)) != int(started)


def _started(pid: int) -> int:
    """Process numbers are used again; with the start time they are not."""
    try:
        process = psutil.Process(pid)
        return 0 if process.status() == psutil.STATUS_ZOMBIE else int(process.create_time())
    except psutil.Error:
        return 0


def _machine() -> str:
    """Name the machine, and inside it the container, since each counts processes from one."""
    try:
        numbering = os.readlink("/proc/self/ns/pid")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    except OSError:
        numbering = boot = ""
    return hashlib.sha256(f"{socket.gethostname()} {numbering} {boot}".encode()).hexdigest()[:8]
