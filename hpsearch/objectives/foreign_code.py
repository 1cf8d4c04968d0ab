"""Other people's code: where what it prints goes, what is told of what it raises, and what it may not change for good.

With one job it runs in the process that leads the search, and there, as in every worker, one trial after another. What it
does to the process is taken back: the working directory, the environment, NumPy's error state, the filters of warnings, the
standard streams, which it cannot close either, and who hears an interruption. The states of random generators are left
alone: put back, they would give every trial the same numbers.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, TextIO, cast

import numpy as np

LONGEST_TRACEBACK = 4000
LONGEST_LINE = 200

_HERE = Path(__file__).parent

_redirecting = threading.RLock()
"""Standard output is one for the whole process: where joblib makes do with threads, they take turns."""


@contextmanager
def called() -> Iterator[None]:
    """Let a function run, and take back what it has changed of the process."""
    with imported(), np.errstate(), _same_environment(), _same_filters():
        yield


@contextmanager
def imported() -> Iterator[None]:
    """Let a module be imported: what it sets up for its functions stays, but this process stays where and what it is."""
    with stdout_on_stderr(), _same_directory(), _same_handlers():
        yield


@contextmanager
def stdout_on_stderr() -> Iterator[None]:
    """Send to standard error what is meanwhile written to standard output: by Python, by C, by processes begun meanwhile.

    Standard output is for data, and this code does not know that.
    """
    with _redirecting:
        _flush()
        kept = os.dup(1)
        os.dup2(2, 1)
        try:
            with _lent_streams():
                yield
        finally:
            _flush()
            os.dup2(kept, 1)
            os.close(kept)


@contextmanager
def _lent_streams() -> Iterator[None]:
    """Lend the standard streams, standard error in the place of output too, and put them back."""
    before = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = map(_lent, (sys.stdin, sys.stderr, sys.stderr))
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = before


class _Lent:
    """A stream that does all it did, but cannot be closed, nor can what it writes to or reads from."""

    def __init__(self, stream: IO[Any]) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._stream, name)
        return _Lent(found) if name in ("buffer", "raw") else found

    def __iter__(self) -> Iterator[str]:
        return iter(self._stream)

    def __enter__(self) -> _Lent:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Only write out what waits."""
        self._stream.flush()

    def detach(self) -> Any:
        """Lend what is below, which stays with the stream."""
        self._stream.flush()
        return self.buffer if hasattr(self._stream, "buffer") else self.raw


def _lent(stream: TextIO) -> TextIO:
    return cast(TextIO, _Lent(stream)) if stream else stream  # a program without a terminal may have none


def _flush() -> None:
    """Write out what waits in the buffers of Python and of C."""
    with suppress(OSError, ValueError):  # it may be closed
        sys.stdout.flush()
    ctypes.CDLL(None).fflush(None)


@contextmanager
def _same_directory() -> Iterator[None]:
    before = _directory()
    try:
        yield
    finally:
        if before is not None and before != _directory():
            os.chdir(before)


def _directory() -> Path | None:
    """Return the working directory, or None where it has been deleted."""
    try:
        return Path.cwd()
    except OSError:
        return None


@contextmanager
def _same_environment() -> Iterator[None]:
    before = dict(os.environ)
    try:
        yield
    finally:
        if before != dict(os.environ):
            os.environ.clear()
            os.environ.update(before)


@contextmanager
def _same_filters() -> Iterator[None]:
    """Put changed filters back; `catch_warnings` would forget, every time, which warnings have been shown."""
    before = list(warnings.filters)
    try:
        yield
    finally:
        if before != list(warnings.filters):
            warnings.resetwarnings()
            warnings.filters[:] = before  # type: ignore[index]  # it is a list, whatever its stub says


@contextmanager
def _same_handlers() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # no other may set them
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None and handler != signal.getsignal(number):
                signal.signal(number, handler)


def told(error: BaseException) -> str:
    """Return the traceback of an exception from where the other people's code begins; of a long one the end.

    The last line is the type and the first line of the message, where needed once more: a message may have many lines, and
    a group of exceptions ends in a frame.
    """
    trace = error.__traceback__
    while trace is not None and Path(trace.tb_frame.f_code.co_filename).parent == _HERE:
        trace = trace.tb_next
    text = "".join(traceback.format_exception(type(error), error, trace)).rstrip()
    message = next(part for part in traceback.format_exception_only(error) if not part.startswith(" "))
    last = message.splitlines()[0][:LONGEST_LINE]
    if len(text) > LONGEST_TRACEBACK:
        text = f"... {text[-LONGEST_TRACEBACK:]}"
    return text if text.splitlines()[-1] == last else f"{text}\n{last}"
