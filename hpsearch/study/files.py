"""Files of a run on the disk: opened only if they are the run's own, and replaced whole.

A pipe or a device where a file should be may never end, and a link may lead to anybody's file.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import suppress
from io import BufferedReader
from pathlib import Path

from hpsearch.errors import RecordError, reason_of

BESIDE = re.compile(r"\.(?P<name>.+)\.[0-9]+")
"""What a file is called while it is written beside the one that it is to replace."""


def open_regular(path: Path) -> BufferedReader:
    """Open a file to read it; raises OSError if it is a pipe or a device, or a directory."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    _require_regular(descriptor, path)
    return BufferedReader(os.fdopen(descriptor, "rb", buffering=0))


def open_own(path: Path) -> int:
    """Open a file to read and write it in place, made if it is not there; raises OSError if it is a link, or no file."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise OSError(errno.ELOOP, "it is a symbolic link, so it is not written to", str(path)) from error
    _require_regular(descriptor, path)
    return descriptor


def _require_regular(descriptor: int, path: Path) -> None:
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        number = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
        raise OSError(number, "it is no regular file" if number == errno.EINVAL else os.strerror(number), str(path))


def write_whole(path: Path, content: str | bytes) -> None:
    """Replace a file at once: written beside it, synced, renamed; its mode stays.

    Raises RecordError; the old file is then untouched.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            if path.exists():
                beside.chmod(stat.S_IMODE(path.stat().st_mode))
            file.write(encoded(content) if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException as error:  # a signal as well as a full disk
        beside.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise RecordError(f"{path}: cannot be written: {reason_of(error)}") from error
        raise
    _sync_directory(path.parent)


def encoded(text: str) -> bytes:
    """Encode; a byte of a path that is no UTF-8, a lone surrogate in Python, becomes the escape that JSON has for it."""
    return text.encode(errors="backslashreplace")


def _sync_directory(directory: Path) -> None:
    """Make the names in a directory survive a power cut, where the file system knows how to."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
