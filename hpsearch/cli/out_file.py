"""Files that commands write where they are told to: never over something that is not their own.

A place is looked at before the work begins, and written whole once it is done. A pipe or a device is written to: it holds
nothing that could be lost.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class OutFile:
    """A place that can be written, and the bytes that a file holds there; None where there is none.

    `path` is what it is called, `leads_to` where that leads if it is a link, which stays one.
    """

    path: Path
    leads_to: Path
    held: bytes | None
    is_stream: bool = False

    def require(self, is_own: Callable[[bytes], bool], what: str) -> None:
        """Raise UsageError where there is something else than `what`."""
        from hpsearch.errors import UsageError

        if self.held and not is_own(self.held):
            told = f"{self.path} holds something else than {what}, and is left alone"
            raise UsageError(f"{told}; give another file, or delete it")

    def write(self, content: bytes) -> None:
        """Write the file whole, unless it holds that already; raises RecordError, and it is then as it was."""
        from hpsearch.study.files import write_whole

        if self.is_stream:
            self._send(content)
        elif content != self.held:
            write_whole(self.leads_to, content)

    def _send(self, content: bytes) -> None:
        from hpsearch.errors import RecordError, reason_of

        try:
            self.path.write_bytes(content)
        except BrokenPipeError:
            pass  # who reads has seen enough, as on standard output
        except OSError as error:
            raise RecordError(f"{self.path}: cannot be written: {reason_of(error)}") from error


def out_file(path: Path) -> OutFile:
    """Return a place that is to be written; raises UsageError if it can't be."""
    from hpsearch.errors import UsageError, reason_of

    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            return OutFile(path, path, None, is_stream=True)
        leads_to = Path(os.path.realpath(path)) if path.is_symlink() else path
        held = _held(leads_to)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {reason_of(error)}") from error
    if not leads_to.parent.is_dir():
        raise UsageError(f"{path} cannot be written: there is no directory {leads_to.parent}")
    for needed in (leads_to.parent, *([leads_to] if held is not None else [])):
        if not os.access(needed, os.W_OK):
            raise UsageError(f"{path} cannot be written: {needed} is write-protected")
    return OutFile(path, leads_to, held)


def _held(path: Path) -> bytes | None:
    """Return what a file holds; None where there is none."""
    from hpsearch.study.files import open_regular

    try:
        with open_regular(path) as file:
            return file.read()
    except FileNotFoundError:
        return None
