"""Other people's code: where what it prints goes, and what is told of what it raises."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path

LONGEST_TRACEBACK = 4000

_HERE = Path(__file__).parent

_redirecting = threading.RLock()
"""Standard output is one for the whole process: where joblib makes do with threads, they take turns."""


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


def told(error: BaseException) -> str:
    """Return the traceback of an exception from where the other people's code begins; of a long one the end."""
    trace = error.__traceback__
    while trace is not None and Path(trace.tb_frame.f_code.co_filename).parent == _HERE:
        trace = trace.tb_next
    text = "".join(traceback.format_exception(type(error), error, trace)).rstrip()
    return text if len(text) <= LONGEST_TRACEBACK else f"... {text[-LONGEST_TRACEBACK:]}"
