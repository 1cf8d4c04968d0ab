"""Disks for tests: one that crashes as on a kill -9, and one that is only memory, so that nothing waits for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch


class Crash(BaseException):
    """Stands for a kill -9: nothing catches it."""


class CrashingDisk:
    """A disk on which everything crashes from one sync on: nothing is written after it.

    The line that was about to be synced stays in the file, or is cut off.
    """

    def __init__(self, write: int, line_stays: bool) -> None:
        self._left, self._line_stays = write, line_stays
        self._ftruncate = os.ftruncate

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the process write to this disk."""
        with patch.object(os, "fsync", self.sync), patch.object(os, "ftruncate", self.truncate):
            yield

    def sync(self, _descriptor: int) -> None:
        self._left -= 1
        if self._left <= 0:
            raise Crash

    def truncate(self, descriptor: int, length: int) -> None:
        if self._left <= 0 and self._line_stays:
            raise Crash
        self._ftruncate(descriptor, length)
