"""How many cores this process may use: the one place that counts them."""

import math
import os
import platform
from pathlib import Path

# The second generation of control groups names both numbers in one file, the first has a file for each.
QUOTA = Path("/sys/fs/cgroup/cpu.max")
EARLIER_QUOTA = Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us")
EARLIER_PERIOD = Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us")


def cores() -> int:
    """Return how many cores this process may use: those it may run on, or what its container grants of them."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    granted = _granted()
    return count if granted is None else max(1, min(count, math.ceil(granted)))


def machine() -> dict[str, int | str]:
    """Return what of this machine a result may depend on: the cores that were used, and the system.

    >>> sorted(machine())
    ['cores', 'system']
    """
    return {"cores": cores(), "system": f"{platform.system()} {platform.machine()}"}


def _granted() -> float | None:
    """Return the container's quota in cores; None without a container, or where it has no limit."""
    for numbers in (lambda: QUOTA.read_text("ascii").split(), lambda: [
        EARLIER_QUOTA.read_text("ascii"), EARLIER_PERIOD.read_text("ascii")
    ]):  # fmt: skip
        try:
            quota, period = map(int, numbers())
        except (OSError, ValueError):
            continue
        return quota / period if quota > 0 and period > 0 else None
    return None
