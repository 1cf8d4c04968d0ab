"""What a process may take of its machine: processors and memory, less where a container has fewer."""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
"""Where Linux tells a container its limits."""


STATUS = Path("/proc/self/status")
"""Where Linux tells what a process holds."""


def cores() -> int:
    """Return how many processors this process may use."""
    import joblib  # late: asking for the cores is all that a search with one job needs of it

    return int(joblib.cpu_count())


def memory(cgroup: Path = CGROUP) -> int:
    """Return how many bytes this process may use: those of the machine, or of its container."""
    limits = [_limit(cgroup / name) for name in ("memory.max", "memory/memory.limit_in_bytes")]
    return min([total_memory(), *filter(None, limits)])


def total_memory() -> int:
    """Return the bytes of memory of the machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def peak_memory(status: Path = STATUS) -> int:
    """Return the most bytes that this process has held at a time so far."""
    with suppress(OSError):  # the other way, on Linux, also counts what its parent held
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _limit(file: Path) -> int | None:
    """Return the number in a file; None if there is no such file, or it says something else, such as `max`."""
    with suppress(OSError, ValueError):
        return int(file.read_text(encoding="ascii"))
    return None
