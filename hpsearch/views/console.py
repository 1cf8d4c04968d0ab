"""The two streams: data on standard output, everything else on standard error.

Whether a stream is animated is decided here from the stream itself: rich would animate into a file when FORCE_COLOR is
set. NO_COLOR and TERM=dumb are honoured; a stream that can't encode a character shows `?` in its place.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, TextIO

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


def print_json(content: Any) -> None:
    """Print one JSON value on standard output."""
    output().print(json.dumps(content, ensure_ascii=False), soft_wrap=True)


class _Console(Console):
    """A console whose reader may leave: what is said after that is lost, and nothing else happens."""

    def on_broken_pipe(self) -> None:
        """Send the rest to nowhere; Python would complain while closing the stream."""
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())
        os.close(nowhere)


def _console(stream: TextIO) -> Console:
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")
    terminal = stream.isatty()
    # Off a terminal the width is COLUMNS or generous: rich would cut table cells at 80.
    columns = os.environ.get("COLUMNS", "")
    width = None if terminal else int(columns) if columns.isdecimal() and int(columns) else PIPE_WIDTH
    return _Console(file=stream, width=width, highlight=False, soft_wrap=not terminal, emoji=False, markup=False)
