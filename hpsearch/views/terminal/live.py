"""Progress while a search goes on: a picture that is redrawn in place on a terminal, plain lines elsewhere.

Two threads meet here. The one that searches, or follows a search, tells the events and prints the notes; it alone changes
what the picture and the lines know. The one that ticks draws, reads keys, looks for a window of another size, and gives the
sign of life; it reads what is known, each collection by a copy made in one step, and it alone touches the screen and the
settings of the terminal from before its first tick to after its last. What it raises ends it, and is raised at the end of
what is watched. The terminal is left as it was found, and so it is while the command is stopped or in the background.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from rich.console import Console
from rich.live import Live

from hpsearch.study.events import Event, Listener, Noted, Started, unheard
from hpsearch.study.signals import before_stopping
from hpsearch.views.terminal.console import animated, in_background, note
from hpsearch.views.terminal.keys import keys, restore
from hpsearch.views.terminal.lines import Lines
from hpsearch.views.terminal.picture import Picture

FRAME_SECONDS = 0.25

AWAY_SECONDS = 1.0
"""How long the picture may take to be put away before the command stops: longer than any frame takes."""


@dataclass(frozen=True)
class Quit:
    """What the key q does, and the line that tells of it."""

    act: Callable[[], object]
    hint: str


def _interrupt() -> None:
    """Do what Ctrl-C does."""
    os.kill(os.getpid(), signal.SIGINT)


INTERRUPTS = Quit(_interrupt, "q or Ctrl-C interrupts; the same command goes on later")


@contextmanager
def watching(
    console: Console,
    quiet: bool = False,
    on_q: Quit | None = None,
    *,
    stays: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Listener]:
    """Show a search's events on a console; when quiet, its notes only.

    No key is read without `on_q`, nor off a terminal. The last picture is wiped away, unless it `stays`.
    """
    if quiet:
        yield _noting(console, unheard)
    elif animated(console):
        picture = Picture(on_q.hint if on_q else "", clock)
        with _drawn(picture, console, on_q, stays=stays):
            yield _noting(console, picture)
    else:
        lines = Lines(console, clock)
        with _ticking(1.0, lines.beat):
            yield _noting(console, lines)


@contextmanager
def _drawn(picture: Picture, console: Console, on_q: Quit | None, *, stays: bool) -> Iterator[None]:
    with keys() if on_q else nullcontext(lambda: "") as pressed:
        screen = _Screen(picture, console, stays=stays)

        def tick() -> None:
            screen.draw()
            if on_q and screen.is_taken and set(pressed()) in ({"q"}, {"Q"}):  # alone: typed ahead it is no answer
                on_q.act()

        screen.draw()
        try:
            with _ticking(FRAME_SECONDS, tick), before_stopping(screen.make_way):
                yield
        finally:
            picture.end(stays=stays)
            screen.close()


class _Screen:
    """The part of a terminal that a picture takes; `draw` belongs to one thread at a time, `make_way` to any other."""

    def __init__(self, picture: Picture, console: Console, *, stays: bool) -> None:
        self._picture, self._console, self._stays = picture, console, stays
        self._live: Live | None = None
        self._size = console.size
        self._is_asked_for, self._is_free = threading.Event(), threading.Event()

    @property
    def is_taken(self) -> bool:
        """Whether the picture is on the screen."""
        return self._live is not None

    def draw(self) -> None:
        """Draw the picture, in place where it is drawn already, or put it away when asked to."""
        if self._is_asked_for.is_set():
            self._put_away()
        elif in_background(self._console):
            return
        elif self._live is None:
            self._take()
        elif self._console.size != self._size:  # the lines drawn before are broken anew: nobody knows where they stand
            self._live.stop()
            self._console.clear()
            self._take()
        else:
            self._live.refresh()

    def make_way(self) -> None:
        """Wait until the picture is put away, for a moment; it comes back with the next frame."""
        self._is_free.clear()
        self._is_asked_for.set()
        self._is_free.wait(AWAY_SECONDS)

    def close(self) -> None:
        """Draw a last time, and leave the terminal."""
        if self._live:
            self._live.stop()

    def _take(self) -> None:
        self._size = self._console.size
        self._live = Live(self._picture, console=self._console, auto_refresh=False, transient=not self._stays)
        self._live.start(refresh=True)

    def _put_away(self) -> None:
        if self._live:
            self._live.transient = False  # below it goes on, be it with a shell
            self._live.stop()
            self._live = None
        restore()
        self._is_asked_for.clear()
        self._is_free.set()


@contextmanager
def _ticking(seconds: float, tick: Callable[[], None]) -> Iterator[None]:
    """Call something every so many seconds meanwhile, in a thread; raise what it raised, where nothing else is raised."""
    over = threading.Event()
    broken: list[Exception] = []

    def go_on() -> None:
        try:
            while not over.wait(seconds):
                tick()
        except Exception as error:
            broken.append(error)

    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    if broken:
        raise broken[0]


def _noting(console: Console, listen: Listener) -> Listener:
    """Return a listener that prints notes, and leaves the rest to another."""

    def heard(event: Event) -> None:
        match event:
            case Started(notes=notes):
                for text in notes:
                    note(text, console)
            case Noted(text):
                note(text, console)
        listen(event)

    return heard
