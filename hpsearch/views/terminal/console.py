"""The two streams: data on standard output, everything else on standard error.

Whether a stream is animated is decided here from the stream itself: rich would animate into a file when FORCE_COLOR is
set. NO_COLOR and TERM=dumb are honoured; a stream that can't encode a character shows `?` in its place. Messages that can't
be written, on a full disk or a terminal that was closed, are dropped: nothing else depends on them.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, TextIO, cast

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from hpsearch.views.format import printable

PIPE_WIDTH = 120
"""Columns assumed where there is no terminal to ask."""


def output() -> Console:
    """Return the console of data."""
    return _console(sys.stdout)


def messages() -> Console:
    """Return the console of progress, notes and errors."""
    return _console(cast("TextIO", _Lossy(sys.stderr)))


def note(text: str, console: Console | None = None) -> None:
    """Print something worth knowing that stops nothing."""
    (console or messages()).print(f"note: {text}", soft_wrap=True)


def animated(console: Console) -> bool:
    """Whether a console may redraw what it has written."""
    return console.file.isatty() and not console.is_dumb_terminal


def fits(renderable: RenderableType, width: int) -> bool:
    """Whether something can be shown in so many columns with nothing folded or cut."""
    return _Console(width=10**6).measure(renderable).maximum <= width


def print_json(content: Any) -> None:
    """Print one JSON value on standard output."""
    text = json.dumps(content, ensure_ascii=False)
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in text)
    output().print(text, soft_wrap=True)


def mute(stream: IO[str]) -> None:
    """Send what a stream still holds, and all that follows, to nowhere; Python would complain while closing it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


class _Console(Console):
    """A console whose reader may leave: what is said after that is lost, and nothing else happens.

    Whatever text is printed, nothing in it steers the terminal: labels, names and reasons come from files.
    """

    def render_str(self, text: str, **options: Any) -> Text:
        """Return a text as it will be seen, so that the width of a table's cell is that of what stands in it."""
        return super().render_str(printable(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """Yield what is to be written, with the console's own control codes only."""
        for segment in super().render(renderable, options):
            text, style, control = segment
            yield segment if control or text.isprintable() else Segment(printable(text), style)

    def on_broken_pipe(self) -> None:
        """Send the rest to nowhere."""
        self.quiet = True
        mute(self.file)


class _Lossy:
    """A stream that drops what can't be written, and all that follows."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, or drop it."""
        with self._dropping():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Write what is still held, or drop it."""
        with self._dropping():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @contextmanager
    def _dropping(self) -> Iterator[None]:
        try:
            yield
        except OSError:
            mute(self._stream)


def _console(stream: TextIO) -> Console:
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")
    terminal = stream.isatty()
    # Off a terminal the width is COLUMNS or generous: rich would cut table cells at 80.
    columns = os.environ.get("COLUMNS", "")
    width = None if terminal else int(columns) if columns.isdecimal() and int(columns) else PIPE_WIDTH
    return _Console(file=stream, width=width, highlight=False, soft_wrap=not terminal, emoji=False, markup=False)
