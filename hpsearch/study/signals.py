"""Ctrl-C and SIGTERM as one exception, also where SIGINT arrives ignored (in scripts, under nohup in the background).

SIGHUP and SIGQUIT end a command as a kill does, which loses nothing, but for what it does to its terminal; nohup
prevents the first.
"""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from hpsearch.errors import Interrupted

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_AT_ONCE = (signal.SIGHUP, signal.SIGQUIT)

AS_ONE_SECONDS = 0.5
"""Signals so soon after the first are one with it: timeout(1) sends one to the process and one to its group."""


@dataclass
class _Gate:
    """How many `held` blocks the main thread is in, and the signal that waits for their end, 0 for none.

    `counted` says whether a second signal is waited for; `raised_at` when the last one was answered.
    """

    depth: int = 0
    waiting: int = 0
    counted: bool = False
    raised_at: float = -math.inf


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
    _gate.raised_at = -math.inf
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


@contextmanager
def ending_at_once(end: Callable[[int], object]) -> Iterator[None]:
    """Call `end` with its number when a signal is to end a program at once: for programs, not for their callers.

    That is SIGINT or SIGTERM when it arrives for the second time, SIGHUP or SIGQUIT where it would have ended the program.
    In a thread of its own, as the main thread may be in foreign code that takes no notice of signals, or swallows what they
    raise. In another thread than the main one, where no signal can be waited for, nothing happens.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived, arrival = os.pipe()
    os.set_blocking(arrival, False)
    deadly = [number for number in _AT_ONCE if signal.getsignal(number) is signal.SIG_DFL]
    before, _gate.counted = signal.set_wakeup_fd(arrival, warn_on_full_buffer=False), True
    threading.Thread(target=_await_end, args=(arrived, end), daemon=True).start()
    for number in deadly:
        signal.signal(number, _left_to_the_thread)
    try:
        yield
    finally:
        for number in deadly:
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(before)
        _gate.counted = False
        os.close(arrival)  # which ends the thread


@contextmanager
def before_stopping(act: Callable[[], object]) -> Iterator[None]:
    """Call `act` in the main thread when SIGTSTP arrives (Ctrl-Z), before it stops the process.

    Nothing changes in another thread, or where that signal is ignored, or answered already.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTSTP) is not signal.SIG_DFL:
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        act()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTSTP)  # it goes on here, at once where no shell could tell it to
        signal.signal(signal.SIGTSTP, stop)

    signal.signal(signal.SIGTSTP, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)


def _await_end(arrived: int, end: Callable[[int], object]) -> None:
    first: float | None = None
    while content := os.read(arrived, 1):
        if content[0] in _AT_ONCE:
            end(content[0])
        if content[0] not in _SIGNALS:
            continue
        if first is None:
            first = time.monotonic()
        elif time.monotonic() - first >= AS_ONE_SECONDS:
            end(content[0])
    os.close(arrived)


def _left_to_the_thread(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: that there is a handler is what has the thread hear of the signal."""


def _not_counted() -> None:
    """Let a forked child's signals not count as its parent's: a terminal sends Ctrl-C to both."""
    if _gate.counted:
        signal.set_wakeup_fd(-1)
        for number in _AT_ONCE:
            if signal.getsignal(number) is _left_to_the_thread:
                signal.signal(number, signal.SIG_DFL)


os.register_at_fork(after_in_child=_not_counted)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    if time.monotonic() - _gate.raised_at < AS_ONE_SECONDS:
        return
    _gate.raised_at = time.monotonic()
    if _gate.depth:
        _gate.waiting = number
    else:
        raise Interrupted(number)
