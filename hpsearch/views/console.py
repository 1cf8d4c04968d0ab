"""The two streams: data on standard output, everything else on standard error.

Whether a stream is animated is decided here from the stream itself: rich would animate into a file when FORCE_COLOR is
set. NO_COLOR and TERM=dumb are honoured; a stream that can't encode a character shows `?` in its place.
"""

from __future__ import annotations

import os
import sys
from typing import TextIO

from rich.console import Console

PIPE_WIDTH = 120
"""Columns assumed where there is no terminal to ask."""


def output() -> Console:
    """Return the console of data."""
    return _console(sys.stdout)


def messages() -> Console:
    """Return the console of progress, notes and errors."""
    return _console(sys.stderr)


def animated(console: Console) -> bool:
    """Whether a console may redraw what it has written."""
    return console.file.isatty() and not console.is_dumb_terminal


def _console(stream: TextIO) -> Console:
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")
    terminal = stream.isatty()
    # Off a terminal the width is COLUMNS or generous: rich would cut table cells at 80.
    width = None if terminal else int(os.environ.get("COLUMNS") or PIPE_WIDTH)
    return Console(file=stream, width=width, highlight=False, soft_wrap=not terminal, emoji=False, markup=False)
