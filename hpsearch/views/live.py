"""Progress while a search runs: redrawn in place on a terminal, one plain line per finished trial elsewhere."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from hpsearch.objectives.metrics import Metric
from hpsearch.study.events import Event, Finished, Listener, Started, Trained, unheard
from hpsearch.trial import History, Status, TrialRecord, leaders
from hpsearch.views.console import animated, note
from hpsearch.views.format import counted, duration, metric_value, parameters, printable
from hpsearch.views.summary import leader
from hpsearch.views.tables import leaderboard

BARS = "▁▂▃▄▅▆▇█"
CURVE_WIDTH = 40
TOP = 3


@contextmanager
def watching(console: Console, quiet: bool = False) -> Iterator[Listener]:
    """Show a search's events on a console; when quiet, its notes only."""
    if quiet:
        yield _noting(console, unheard)
    elif not animated(console):
        yield _noting(console, Lines(console))
    else:
        screen = Screen(console)
        with Live(screen, console=console, refresh_per_second=4, transient=True):
            yield _noting(console, screen)


def _noting(console: Console, listen: Listener) -> Listener:
    """Return a listener that prints the notes of the start, and leaves the rest to another."""

    def heard(event: Event) -> None:
        if isinstance(event, Started):
            for text in event.notes:
                note(text, console)
        listen(event)

    return heard


class Lines:
    """One line per finished trial."""

    def __init__(self, console: Console) -> None:
        self._console, self._ended = console, 0
        self._started: Started | None = None

    def __call__(self, event: Event) -> None:
        """Show an event."""
        match event:
            case Started():
                self._started = event
                self._ended = sum(record.status.ended for record in event.history.values())
                self._console.print(_heading(event))
            case Trained() if self._started:
                for record in event.records:
                    if record.status.ended:
                        self._ended += 1
                        self._console.print(f"[{self._ended}/{self._started.trials}] {_line(record, self._started)}")


class Screen:
    """The live view: a bar with the time left, the leaders so far, and the best trial's curve."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started: Started | None = None
        self._records: History = {}
        self._begun, self._work_done = time.monotonic(), 0.0
        self._progress = Progress(
            TextColumn("  "), BarColumn(30), MofNCompleteColumn(), TextColumn("{task.fields[left]}"), TimeElapsedColumn()
        )
        self._task = self._progress.add_task("trials", total=None, left="")

    def __call__(self, event: Event) -> None:
        """Take in an event; the next redraw shows it."""
        match event:
            case Started():
                self._started, self._records = event, event.history
                self._progress.update(self._task, total=event.trials)
            case Trained():
                # A new dictionary: the redrawing thread may be reading the old one.
                self._records = {**self._records, **{record.number: record for record in event.records}}
                self._work_done = event.work_done
            case Finished():
                self._records = event.history
        ended = sum(record.status.ended for record in self._records.values())
        self._progress.update(self._task, completed=ended, left=self._left())

    def __rich__(self) -> Group:
        started = self._started
        if started is None:
            return Group()
        parts: list[RenderableType] = [Text(_heading(started), style="bold"), self._progress]
        if best := leaders(self._records.values())[:TOP]:
            board = [leader(record, started.metric) for record in best]
            facts = (started.metric.name, started.select, started.parameters, started.averaging)
            parts.append(leaderboard(board, *facts, self._console.width))
            parts.append(Text(f"  trial {best[0].number}, {_described(best[0], started.metric)}"))
        return Group(*parts)

    def _left(self) -> str:
        before = self._started.work_done if self._started else 0.0
        done = self._work_done - before
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


def _described(record: TrialRecord, metric: Metric) -> str:
    curve = [metric.shown(metric.value(recorded)) for recorded in record.curves[metric.column]]
    first, last = (metric_value(metric.name, curve[place]) for place in (0, -1))
    return f"epoch 1 to {len(curve)}: {first} {sparkline(curve)} {last}"


def _line(record: TrialRecord, started: Started) -> str:
    outcome = f"{record.status.value} in epoch {record.epochs_done}"
    if record.status is Status.COMPLETE:
        metric = started.metric
        outcome = f"{metric.name} {metric_value(metric.name, metric.shown(record.value))}"
    return f"trial {record.number}: {outcome}  ({parameters(record.trial.params, started.averaging)})"


def _heading(event: Started) -> str:
    resumed = sum(record.status.ended for record in event.history.values())
    text = f"{printable(event.directory.name)}: {counted(event.trials, 'trial')}, {counted(event.jobs, 'worker')}"
    return text + (f", going on after {resumed}" if event.history else "")
