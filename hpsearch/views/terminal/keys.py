"""The keys that are pressed while something is shown: read without waiting, and without showing them.

The terminal is put back as it was, whatever ends the command; `restore` does that for one that ends at once, or stops.
Nothing is read where standard input is no terminal, or belongs to another command: one in the background would be stopped
for it.
"""

from __future__ import annotations

import os
import select
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

STDIN = 0

_before: list[list[Any]] = []
"""The settings of the terminal before keys were read; none while they are not."""


@contextmanager
def keys() -> Iterator[Callable[[], str]]:
    """Yield what returns the keys pressed since it was called last."""
    try:
        _silence()
        yield _pressed
    finally:
        restore()
        _before.clear()


def restore() -> None:
    """Put the terminal back as it was, until keys are read again."""
    with suppress(termios.error):
        if _before and _is_ours():
            termios.tcsetattr(STDIN, termios.TCSADRAIN, _before[0])


def _silence() -> None:
    """Have each key arrive at once, unseen, where the terminal is ours; Ctrl-C and Ctrl-Z stay what they are."""
    if not _is_ours():
        return
    with suppress(termios.error):
        settings = termios.tcgetattr(STDIN)
        if settings[3] & (termios.ICANON | termios.ECHO):
            _before[:] = _before or [termios.tcgetattr(STDIN)]
            settings[3] &= ~(termios.ICANON | termios.ECHO)
            termios.tcsetattr(STDIN, termios.TCSADRAIN, settings)


def _pressed() -> str:
    content = b""
    _silence()  # again: a shell in which the command was stopped has its own settings
    with suppress(OSError):
        while _is_ours() and select.select([STDIN], [], [], 0)[0] and (more := os.read(STDIN, 1024)):
            content += more
    return content.decode(errors="replace")


def _is_ours() -> bool:
    """Whether standard input is a terminal that this command may read from now."""
    try:
        return os.tcgetpgrp(STDIN) == os.getpgrp()
    except OSError:
        return False
