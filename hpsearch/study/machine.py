"""What a search would find on this machine: versions, processors, memory, disk, and a place to keep runs.

What is found here is not kept; what bits depend on is recorded with every run by `environment`.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import joblib
from joblib.parallel import BACKENDS
from threadpoolctl import threadpool_info

from hpsearch.errors import reason_of
from hpsearch.prose import size_text
from hpsearch.study.environment import environment
from hpsearch.study.resources import CGROUP, cores, memory, total_memory
from hpsearch.study.runs import run_directories
from hpsearch.study.signs import Severity, Sign, size_of

LITTLE_SPACE = 100 * 10**6
"""Bytes below which the free space of a disk is worth a note."""


def machine_signs(runs_dir: Path) -> tuple[Sign, ...]:
    """Return what a search with its runs in `runs_dir` would find; nothing there is lost, so no sign is damage."""
    return (*_versions(), *_blas(), _cores(), memory_sign(), *_places(runs_dir), _workers())


def memory_sign(cgroup: Path = CGROUP) -> Sign:
    """Return how much memory there is, how much of it is available, and the limit of this process's container."""
    total, usable, available = total_memory(), memory(cgroup), _available()
    facts = {"total": total, "available": available, "limit": usable if usable < total else None}
    text = size_text(total)
    if available is not None:
        text += f", {size_text(available)} available"
    if usable < total:
        text += f", limited to {size_text(usable)} here"
    return Sign("memory", text, facts=facts)


def _cores() -> Sign:
    facts = {"usable": cores(), "machine": os.cpu_count()}
    text = f"{facts['usable']} of this machine's {facts['machine']}, so as many workers unless --jobs says otherwise"
    return Sign("cores", text, facts=facts)


def _versions() -> Iterator[Sign]:
    found = environment()
    yield Sign("hpsearch", found["hpsearch"], facts={"version": found["hpsearch"]})
    python = {"version": found["python"], "platform": found["platform"]}
    yield Sign("Python", f"{found['python']} on {found['platform']}", facts=python)
    simd = ", ".join(found["simd"]) or "unknown"
    yield Sign("NumPy", f"{found['numpy']}, SIMD: {simd}", facts={"version": found["numpy"], "simd": found["simd"]})


def _blas() -> Iterator[Sign]:
    """Yield each BLAS library that is loaded, with the threads that it takes where nothing holds it to one."""
    pools = [pool for pool in threadpool_info() if pool.get("user_api") == "blas"]
    for pool in pools:
        facts = {name: pool.get(name) for name in ("internal_api", "version", "architecture", "num_threads")}
        text = f"{facts['internal_api']} {facts['version'] or ''}, kernels: {facts['architecture'] or 'unknown'}"
        yield Sign("BLAS", f"{text}, threads: {facts['num_threads']}; a worker runs one", facts=facts)
    if not pools:
        text = "none whose threads can be told or held to one: bits may depend on their number"
        yield Sign("BLAS", text, Severity.NOTE)


def _places(runs_dir: Path) -> Iterator[Sign]:
    """Yield the space and the runs there are, and whether more can be kept."""
    there = next(place for place in (runs_dir, *runs_dir.absolute().parents) if place.is_dir())
    free = shutil.disk_usage(there).free
    severity = Severity.NOTE if free < LITTLE_SPACE else Severity.FINE
    yield Sign("disk", f"{size_text(free)} free where {runs_dir} is", severity, {"free": free})
    directories = run_directories(runs_dir)
    size = sum(map(size_of, directories))
    text = f"{len(directories)} in {runs_dir} ({size_text(size)})" if directories else f"none in {runs_dir}"
    yield Sign("runs", text, facts={"directory": str(runs_dir), "count": len(directories), "bytes": size})
    yield _keeping(runs_dir, there)


def _keeping(runs_dir: Path, there: Path) -> Sign:
    """Try with a nameless file whether files can be written, locked and synced; it is gone afterwards."""
    if (runs_dir.exists() or runs_dir.is_symlink()) and not runs_dir.is_dir():
        return Sign("keeping runs", f"{runs_dir} is no directory: no run can be kept", Severity.NOTE, {"fault": "directory"})
    doing = "written"
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"x")
            file.flush()
            doing = "locked"
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            doing = "synced"
            os.fsync(file.fileno())
    except OSError as error:
        text = f"files in {there} cannot be {doing}: {reason_of(error)}; no run can be kept, --runs-dir names another place"
        return Sign("keeping runs", text, Severity.NOTE, {"fault": doing})
    return Sign("keeping runs", f"files in {there} can be written, locked and synced", facts={"fault": None})


def _workers() -> Sign:
    facts = {"kind": "processes" if "loky" in BACKENDS else "threads", "joblib": joblib.__version__}
    told = f"(joblib {facts['joblib']})"
    if facts["kind"] == "processes":
        return Sign("workers", f"loky processes {told}", facts=facts)
    switched_off = os.environ.get("JOBLIB_MULTIPROCESSING") == "0"
    why = "JOBLIB_MULTIPROCESSING=0" if switched_off else "Python has no multiprocessing here, or no semaphores"
    text = f"threads of one process {told}: {why}; the same bits, but fewer at the same time"
    return Sign("workers", text, Severity.NOTE, facts)


def _available() -> int | None:
    """Return how many bytes of memory could be taken now, None where the system does not say."""
    with suppress(OSError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None
