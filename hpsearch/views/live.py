"""Progress while a search runs: redrawn in place on a terminal, one plain line per finished trial elsewhere."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from hpsearch.study.events import Event, Finished, Listener, Started, Trained
from hpsearch.trial import TrialRecord, leaders
from hpsearch.views.console import animated
from hpsearch.views.format import counted, duration, number, parameters
from hpsearch.views.summary import leader, shown
from hpsearch.views.tables import leaderboard

BARS = "▁▂▃▄▅▆▇█"
CURVE_WIDTH = 40
TOP = 3


@contextmanager
def watching(console: Console, averaging: Sequence[str], column: str) -> Iterator[Listener]:
    """Show a search's events on a console; `column` is the curve behind the metric, `averaging` the betas' names."""
    if not animated(console):
        yield Lines(console, averaging)
        return
    screen = Screen(console, averaging, column)
    with Live(screen, console=console, refresh_per_second=4, transient=True):
        yield screen


class Lines:
    """One line per finished trial."""

    def __init__(self, console: Console, averaging: Sequence[str]) -> None:
        self._console, self._averaging = console, list(averaging)
        self._metric, self._trials, self._ended = "", 0, 0

    def __call__(self, event: Event) -> None:
        """Show an event."""
        match event:
            case Started():
                self._metric, self._trials = event.metric, event.trials
                self._ended = sum(record.status.ended for record in event.history.values())
                self._console.print(_heading(event))
            case Trained():
                for record in event.records:
                    if record.status.ended:
                        self._ended += 1
                        self._console.print(self._line(record))
            case Finished():
                pass

    def _line(self, record: TrialRecord) -> str:
        value = f"{self._metric} {number(shown(self._metric, record.value))}"
        outcome = value if record.status == "complete" else f"{record.status.value} in epoch {record.epochs_done}"
        described = parameters(record.trial.params, self._averaging)
        return f"[{self._ended}/{self._trials}] trial {record.number}: {outcome}  ({described})"


class Screen:
    """The live view: a bar with the time left, the leaders so far, and the best trial's curve."""

    def __init__(self, console: Console, averaging: Sequence[str], column: str) -> None:
        self._console, self._averaging, self._column = console, averaging, column
        self._metric = ""
        self._records: dict[int, TrialRecord] = {}
        self._heading = Text()
        self._begun, self._work_before, self._work_done = time.monotonic(), 0.0, 0.0
        self._progress = Progress(
            TextColumn("  "), BarColumn(30), MofNCompleteColumn(), TextColumn("{task.fields[left]}"), TimeElapsedColumn()
        )
        self._task = self._progress.add_task("trials", total=None, left="")

    def __call__(self, event: Event) -> None:
        """Take in an event; the next redraw shows it."""
        match event:
            case Started():
                self._metric, self._records = event.metric, dict(event.history)
                self._heading = Text(_heading(event), style="bold")
                self._work_before = event.work_done
                self._progress.update(self._task, total=event.trials)
            case Trained():
                # A new dictionary: the redrawing thread may be reading the old one.
                self._records = self._records | {record.number: record for record in event.records}
                self._work_done = event.work_done
            case Finished():
                self._records = dict(event.history)
        ended = sum(record.status.ended for record in self._records.values())
        self._progress.update(self._task, completed=ended, left=self._left())

    def __rich__(self) -> Group:
        best = leaders(self._records.values())[:TOP]
        if not best:
            return Group(self._heading, self._progress)
        board = leaderboard([leader(r, self._metric) for r in best], self._metric, self._averaging, self._console.width)
        curve = best[0].curves[self._column]
        return Group(self._heading, self._progress, board, Text(f"  trial {best[0].number}, {_described(curve)}"))

    def _left(self) -> str:
        done = self._work_done - self._work_before
        if done <= 0 or self._work_done >= 1:
            return ""
        return f"about {duration((time.monotonic() - self._begun) * (1 - self._work_done) / done)} left"


def sparkline(values: Sequence[float], width: int = CURVE_WIDTH) -> str:
    """Draw values as bars, lowest to highest, at most `width` of them; values that are no numbers as spaces."""
    if len(values) > width:
        values = [values[index * (len(values) - 1) // (width - 1)] for index in range(width)]
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return " " * len(values)
    low, span = min(finite), (max(finite) - min(finite)) or 1.0
    return "".join(BARS[round((v - low) / span * (len(BARS) - 1))] if math.isfinite(v) else " " for v in values)


def _described(curve: Sequence[float]) -> str:
    return f"epoch 1 to {len(curve)}: {number(curve[0])} {sparkline(curve)} {number(curve[-1])}"


def _heading(event: Started) -> str:
    resumed = sum(record.status.ended for record in event.history.values())
    text = f"{event.directory.name}: {counted(event.trials, 'trial')}, {counted(event.jobs, 'worker')}"
    return text + (f", going on after {resumed}" if event.history else "")
