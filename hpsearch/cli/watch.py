"""`hpsearch watch RUN`: look at a search that another process is at work on."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpsearch.cli.options import json_option, run_argument, runs_dir_option
from hpsearch.cli.recorded import recorded_study

if TYPE_CHECKING:
    from hpsearch.study.events import Event, Listener
    from hpsearch.study.follow import Follower, Stop

LOOK_SECONDS = 0.5


@click.command("watch")
@run_argument
@click.option("--once", is_flag=True, help="Show how it stands now, and do not wait.")
@json_option
@runs_dir_option
def watch_command(run: str, once: bool, as_json: bool, runs_dir: Path) -> None:
    """Watch RUN from another terminal, from its files alone, until its command ends or you press q.

    Off a terminal there is a line for each trial that ends. Exits with 1 when the command that searches ends before the
    search does. With --json one object tells how it stands now.
    """
    from hpsearch.errors import CheckFailed
    from hpsearch.study.dispatch import one_blas_thread
    from hpsearch.study.follow import Follower
    from hpsearch.study.runs import find_run
    from hpsearch.study.signals import interruptible
    from hpsearch.views.terminal.console import messages, output
    from hpsearch.views.terminal.live import Quit, watching

    followed = Follower(find_run(run, runs_dir), recorded_study)
    if once or as_json:
        with one_blas_thread():
            _show_once(followed, as_json)
        return
    left = threading.Event()
    leaves = Quit(left.set, "q leaves; the search goes on")
    with one_blas_thread(), interruptible(), watching(output(), on_q=leaves, stays=True) as listen:
        driver = _follow(followed, listen, left)
    if driver is None and not followed.is_finished:
        raise CheckFailed(_told(followed, driver))
    messages().print(_told(followed, driver), soft_wrap=True)


def _follow(followed: Follower, listen: Listener, left: threading.Event) -> str | None:
    """Pass on what happens until nobody works on the run, or it is `left`; return who works on it then."""
    while True:
        driver = followed.driver  # before the look, which then sees all that it wrote
        for event in followed.look():
            listen(event)
        if driver is None or left.wait(LOOK_SECONDS):
            return driver


def _show_once(followed: Follower, as_json: bool) -> None:
    from hpsearch.views.export import under_way_json
    from hpsearch.views.numbers.under_way import UnderWay
    from hpsearch.views.terminal.console import messages, note, output, print_json
    from hpsearch.views.terminal.picture import still

    driver, events = followed.driver, followed.look()
    for text in _notes(events):
        note(text)
    if as_json:
        search = UnderWay()
        for event in events:
            search.take(event, 0.0)
        print_json(under_way_json(followed.directory, search, driver))
        return
    output().print(still(events))
    messages().print(_told(followed, driver), soft_wrap=True)


def _why(stop: Stop) -> str:
    """Return why the last command ended before its work did, in a line."""
    if stop.signal:
        return f"it was interrupted by signal {stop.signal}"
    return next(iter(stop.reason.splitlines()), "no reason is on record")


def _notes(events: Iterable[Event]) -> Iterator[str]:
    from hpsearch.study.events import Noted, Started

    for event in events:
        match event:
            case Started(notes=notes):
                yield from notes
            case Noted(text):
                yield text


def _told(followed: Follower, driver: str | None) -> str:
    """Return who works on a run, or why nobody does."""
    from hpsearch.data.messages import escaped
    from hpsearch.views.format import run_argument as typed

    name = escaped(followed.directory.name)
    if driver is not None:
        return f"{driver} works on {name}" + ("" if followed.has_begun else ", which has no plan yet")
    if followed.is_finished:
        return f"{name} has finished; more: hpsearch show {typed(followed.directory)}"
    why = f": {_why(followed.stopped)}" if followed.stopped else ""
    stands = "is not finished" if followed.has_begun else "has not begun"
    return f"{name} {stands}, and no command works on it{why}; the command that began it goes on with it"
