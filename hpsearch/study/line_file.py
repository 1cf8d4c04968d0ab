"""Append-only files of JSON lines with one writer: a line is a fact once it is complete and synced.

A crash can tear the last line only; it is cut off before the next line is appended, and skipped by readers. A line that
could not be written in full (a full disk) is cut off at once, so that the file stays good.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from hpsearch.errors import RecordError, reason_of
from hpsearch.study.files import encoded, open_own, open_regular

VERSION = 1
"""The format version of every line, as `v`."""


class LineFile:
    """The writer of one file. Open at most one at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._descriptor = open_own(path)
            self._length = _complete_length(self._descriptor)
            os.ftruncate(self._descriptor, self._length)
            os.lseek(self._descriptor, self._length, os.SEEK_SET)
        except OSError as error:
            raise RecordError(f"{path}: cannot be opened for writing: {reason_of(error)}") from error

    def append(self, record: Mapping[str, Any]) -> None:
        """Write one record and sync it to the disk; raises RecordError, leaving the file as it was."""
        line = line_of(record)
        try:
            written = 0
            while written < len(line):
                written += os.write(self._descriptor, line[written:])
            os.fsync(self._descriptor)
        except BaseException as error:  # a signal as well as a full disk
            os.ftruncate(self._descriptor, self._length)
            os.lseek(self._descriptor, self._length, os.SEEK_SET)
            if isinstance(error, OSError):
                raise RecordError(f"{self.path}: cannot be written: {reason_of(error)}") from error
            raise
        self._length += len(line)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def __enter__(self) -> LineFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def line_of(record: Mapping[str, Any]) -> bytes:
    """Return the line of a record, with its format version first."""
    return encoded(json.dumps(plain({"v": VERSION, **record}), allow_nan=False, ensure_ascii=False) + "\n")


@dataclass(frozen=True)
class Lines:
    """What a file holds: its records, the numbers of lines that are none, and the bytes of a last one without an end."""

    records: list[dict[str, Any]]
    unreadable: tuple[int, ...] = ()
    torn: int = 0


def read_lines(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the records of a file, and a note for each line that is not one; raises what `scan_lines` raises."""
    lines = scan_lines(path)
    notes = [f"{path.name}: the last line is not complete and was skipped"] if lines.torn else []
    return lines.records, notes + [f"{path.name}:{number}: not a record; skipped" for number in lines.unreadable]


def scan_lines(path: Path) -> Lines:
    """Return what a file holds, nothing if there is none.

    A line of a later format version is refused with a RecordError: this program can't know what it means.
    """
    return LineReader(path).more()


class LineReader:
    """A reader of a file that may still grow: each complete line is read once, and a torn one is left for the next time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._length, self._lines = 0, 0
        self._file: tuple[int, int] | None = None
        """Its device and inode, once it was read."""

    def more(self) -> Lines:
        """Return what the file holds beyond what was read before; raises what `scan_lines` raises.

        A file that lost some of that, or that another took the place of, is a RecordError.
        """
        *lines, torn = self._content().split(b"\n")
        records, unreadable = [], []
        for line in lines:
            self._lines += 1
            self._length += len(line) + 1
            try:
                record = json.loads(line)
                version = record["v"]
            except (ValueError, KeyError, TypeError, RecursionError):
                unreadable.append(self._lines)
                continue
            if version != VERSION:
                told = f"format version {version!r}; this hpsearch reads version {VERSION}"
                raise RecordError(f"{self.path}:{self._lines}: {told}")
            records.append(record)
        return Lines(records, tuple(unreadable), len(torn))

    def _content(self) -> bytes:
        try:
            with open_regular(self.path) as file:
                status = os.fstat(file.fileno())
                before, self._file = self._file, (status.st_dev, status.st_ino)
                if before not in (None, self._file):
                    raise RecordError(f"{self.path}: it was replaced while it was read")
                if file.seek(0, os.SEEK_END) < self._length:
                    raise RecordError(f"{self.path}: it lost lines while it was read")
                file.seek(self._length)
                return file.read()
        except FileNotFoundError as error:
            if self._length:
                raise RecordError(f"{self.path}: it was deleted while it was read") from error
            return b""
        except OSError as error:
            raise RecordError(f"{self.path}: cannot be read: {reason_of(error)}") from error


def plain(value: Any) -> Any:
    """Return a value fit for JSON: NaN and the infinities become null, tuples become lists."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def _complete_length(descriptor: int) -> int:
    """Return the bytes up to the end of the last complete line."""
    with open(descriptor, "rb", closefd=False) as file:
        return file.read().rfind(b"\n") + 1
