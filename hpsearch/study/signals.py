"""Ctrl-C and SIGTERM as one exception, also where SIGINT arrives ignored (in scripts, under nohup in the background)."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from hpsearch.errors import Interrupted

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass
class _Gate:
    """How many `held` blocks the main thread is in, and the signal that waits for their end, 0 for none."""

    depth: int = 0
    waiting: int = 0


# Not a signal mask: that is per thread, and a signal to the process may be taken by any other.
_gate = _Gate()


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise `Interrupted` in the main thread when SIGINT or SIGTERM arrives; restore the handlers at the end.

    In another thread, where Python allows no handlers, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _interrupt) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def held() -> Iterator[None]:
    """Let an interruption wait until the end, so that what is written and what is known stay the same."""
    _gate.depth += 1
    number = 0
    try:
        yield
    finally:
        _gate.depth -= 1
        if not _gate.depth:
            number, _gate.waiting = _gate.waiting, 0
    if number:
        raise Interrupted(number)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Keep SIGINT from this thread, and for good from the processes and threads that it starts meanwhile.

    A terminal sends Ctrl-C to every process of a command. One that is still importing would answer with a traceback.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    if _gate.depth:
        _gate.waiting = number
    else:
        raise Interrupted(number)
