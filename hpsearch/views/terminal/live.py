"""Progress while a search goes on: a picture that is redrawn in place on a terminal, plain lines elsewhere.

A thread of its own redraws it, looks for keys and for a window of another size, and gives a sign of life where there are
lines only. The terminal is left as it was found.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from rich.console import Console
from rich.live import Live

from hpsearch.study.events import Event, Listener, Noted, Started, unheard
from hpsearch.views.terminal.console import animated, note
from hpsearch.views.terminal.keys import keys
from hpsearch.views.terminal.lines import Lines
from hpsearch.views.terminal.picture import Picture

FRAME_SECONDS = 0.25

Quit = Callable[[], object]
"""What the key q does."""


def interrupt() -> None:
    """Do what Ctrl-C does."""
    os.kill(os.getpid(), signal.SIGINT)


INTERRUPTS = "q or Ctrl-C interrupts; the same command goes on later"


@contextmanager
def watching(
    console: Console,
    quiet: bool = False,
    on_q: Quit | None = None,
    hint: str = INTERRUPTS,
    *,
    stays: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Listener]:
    """Show a search's events on a console; when quiet, its notes only.

    On a terminal the key q calls `on_q`, of which `hint` tells; without it no key is read. The last picture is wiped away,
    unless it `stays`.
    """
    if quiet:
        yield _noting(console, unheard)
    elif animated(console):
        picture = Picture(console, hint if on_q else "", clock)
        with _drawn(picture, console, on_q, stays=stays):
            yield _noting(console, picture)
    else:
        lines = Lines(console, clock)
        with _ticking(1.0, lines.beat):
            yield _noting(console, lines)


@contextmanager
def _drawn(picture: Picture, console: Console, on_q: Quit | None, *, stays: bool) -> Iterator[None]:
    live = Live(picture, console=console, auto_refresh=False, transient=not stays)
    size = console.size

    def tick() -> None:
        nonlocal size
        if on_q and set(pressed()) in ({"q"}, {"Q"}):  # alone: what is typed ahead is no answer to what is shown
            on_q()
        if console.size != size:  # the lines drawn before are broken anew: nobody knows where they stand
            size = console.size
            live.stop()
            console.clear()
            live.start()
        live.refresh()

    with keys() if on_q else nullcontext(lambda: "") as pressed, live:
        try:
            with _ticking(FRAME_SECONDS, tick):
                yield
        finally:
            picture.end()


@contextmanager
def _ticking(seconds: float, tick: Callable[[], None]) -> Iterator[None]:
    """Call something every so many seconds meanwhile, in a thread."""
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(seconds):
            tick()

    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


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
