"""The two streams: data on standard output, everything else on standard error.

Whether a stream is animated is decided here from the stream itself: rich would animate into a file when FORCE_COLOR is
set. NO_COLOR and TERM=dumb are honoured. Where a stream is `ascii_only`, as rich calls one with no Unicode encoding, letters
stand for our signs, and `?` for a character of a text from a file that can't be encoded: every look is drawn with our signs,
and asks for `ascii_only` only where letters take another drawing. Data for other programs are the same everywhere. Messages
that can't be written, on a full disk or a terminal that was closed, are dropped: nothing else depends on them.
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

from hpsearch.study.files import encoded
from hpsearch.views.format import printable
from hpsearch.views.terminal.sparks import LETTERS

PIPE_WIDTH = 120
"""Columns assumed where there is no terminal to ask."""

IN_LETTERS = str.maketrans(
    {
        **LETTERS,
        **dict(zip("┌┐└┘├┤┬┴┼│•·×◆", "+++++++++|o.x#", strict=True)),
        "±": "+-",
        "…": "...",
    }
)
"""What stands for our signs on a console in letters."""

_AS_IT_IS: dict[str, Any] = {"highlight": False, "emoji": False, "markup": False}
"""What leaves a text from a file as it is: `[/b]` and `:warning:` are shown."""


def output() -> Console:
    """Return the console of data."""
    return console_on(sys.stdout)


def messages() -> Console:
    """Return the console of progress, notes and errors."""
    return console_on(cast("TextIO", _Lossy(sys.stderr)))


def note(text: str, console: Console | None = None) -> None:
    """Print something worth knowing that stops nothing."""
    (console or messages()).print(f"note: {text}", soft_wrap=True)


def animated(console: Console) -> bool:
    """Whether a console may redraw what it has written."""
    return console.file.isatty() and not console.is_dumb_terminal


def in_background(console: Console) -> bool:
    """Whether the terminal of a console belongs to another command now, such as the shell."""
    try:
        return os.tcgetpgrp(console.file.fileno()) != os.getpgrp()
    except OSError:  # no terminal, or none that has commands
        return False


def fits(renderable: RenderableType, width: int, *, folded: bool = False) -> bool:
    """Whether something can be shown in so many columns with nothing cut; lines may be `folded`, between words."""
    if folded:
        return _words(renderable, width) == _words(renderable, 10**4)
    return _Console(width=10**6, **_AS_IT_IS).measure(renderable).maximum <= width


def _words(renderable: RenderableType, width: int) -> set[str]:
    """Return the words that are seen in so many columns."""
    console = _Console(width=width, **_AS_IT_IS)
    lines = console.render_lines(renderable, pad=False)
    words = " ".join(segment.text for line in lines for segment in [*line, Segment(" ")]).split()
    return {word for word in words if any(map(str.isalnum, word))}


def print_json(content: Any) -> None:
    """Print one JSON value on standard output; what can't be written there, or seen, is escaped as JSON does it."""
    console = output()
    text = json.dumps(content, ensure_ascii=console.options.ascii_only)
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in text)
    console.print(text, soft_wrap=True)


def print_data(text: str) -> None:
    """Write text for other programs on standard output: byte for byte, but on a terminal nothing in it steers that."""
    if sys.stdout.isatty():
        output().print(text, end="", soft_wrap=True)
        return
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(encoded(text))
        sys.stdout.flush()
    except BrokenPipeError:
        mute(sys.stdout)


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
        return super().render_str(self._seen(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """Yield what is to be written, with the console's own control codes only."""
        if isinstance(renderable, Text) and (seen := self._seen(renderable.plain)) != renderable.plain:
            renderable = renderable.copy()
            renderable.plain = seen
        for segment in super().render(renderable, options):
            text, style, control = segment
            yield segment if control else Segment(self._seen(text), style)

    def _seen(self, text: str) -> str:
        """Return a text without what steers the terminal, and in letters where that is all there is."""
        if not text.isascii() and self.options.ascii_only:
            text = text.translate(IN_LETTERS)
        return printable(text)

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


def console_on(stream: TextIO) -> Console:
    """Return a console that writes to a stream."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")
    terminal = stream.isatty()
    width, height = _size(stream, terminal)
    return _Console(file=stream, width=width, height=height, soft_wrap=not terminal, **_AS_IT_IS)


def _size(stream: IO[str], terminal: bool) -> tuple[int | None, int | None]:
    """Return columns and lines where rich would be wrong: it cuts at 80 off a terminal, and takes a dumb one for 80 x 25."""
    columns = os.environ.get("COLUMNS", "")
    given = int(columns) if columns.isdecimal() else 0
    if not terminal:
        return given or PIPE_WIDTH, None
    if os.environ.get("TERM") not in ("dumb", "unknown"):
        return None, None
    width, height = os.get_terminal_size(stream.fileno())
    return given or width or None, height or 25
