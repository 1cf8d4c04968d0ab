"""Other people's code: where what it prints goes, what is told of what it raises, and what it may not change for good.

With one job it runs in the process that leads the search, and there, as in every worker, one trial after another. What it
does to the process is taken back: the working directory, the environment, NumPy's error state, the filters of warnings, the
standard streams, and who hears an interruption. The states of random generators are left alone: put back, they would give
every trial the same numbers.
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
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path

import numpy as np

LONGEST_TRACEBACK = 4000

_HERE = Path(__file__).parent

_redirecting = threading.RLock()
"""Standard output is one for the whole process: where joblib makes do with threads, they take turns."""


@contextmanager
def called() -> Iterator[None]:
    """Let a function run, and take back what it has changed of the process."""
    with imported(), redirect_stderr(sys.stderr), np.errstate(), _same_environment(), _same_filters():
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
            with redirect_stdout(sys.stderr):
                yield
        finally:
            _flush()
            os.dup2(kept, 1)
            os.close(kept)


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
    """Return the traceback of an exception from where the other people's code begins; of a long one the end."""
    trace = error.__traceback__
    while trace is not None and Path(trace.tb_frame.f_code.co_filename).parent == _HERE:
        trace = trace.tb_next
    text = "".join(traceback.format_exception(type(error), error, trace)).rstrip()
    return text if len(text) <= LONGEST_TRACEBACK else f"... {text[-LONGEST_TRACEBACK:]}"
