"""Progress while a search runs: redrawn in place on a terminal, one plain line per finished trial elsewhere.

Trainings that confirm the leaders are told of, but are no trials: they stand in no count and on no leaderboard.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from hpsearch.objectives.metrics import Metric
from hpsearch.prose import counted
from hpsearch.search.plan import Plan
from hpsearch.search.settings import Method
from hpsearch.study.events import Decided, Event, Finished, Listener, Noted, Replanned, Started, Trained, unheard
from hpsearch.trial import History, Status, TrialRecord, leaders, rank
from hpsearch.views.format import duration, metric_value, parameters, stage_name
from hpsearch.views.numbers.summary import leader
from hpsearch.views.terminal.console import animated, note
from hpsearch.views.terminal.tables import leaderboard

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


class Lines:
    """A line for each stage that begins, for each trial that ends, and for each training that confirms one."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started: Started | None = None
        self._ended: set[tuple[int, int]] = set()
        self._stage = -1

    def __call__(self, event: Event) -> None:
        """Show an event."""
        match event:
            case Started():
                self._started = event
                self._ended = {record.trial.key for record in event.history.values() if record.status.ended}
                self._stage = max((event.plan.stage_at(number)[0] for number in event.history), default=-1)
                self._console.print(_heading(event))
            case Replanned(plan) if self._started:
                self._started = replace(self._started, plan=plan)
            case Decided() | Trained() if self._started:
                for record in event.records:
                    self._show(record, self._started)

    def _show(self, record: TrialRecord, started: Started) -> None:
        if record.trial.repetition:
            if record.status.ended:
                self._console.print(f"confirming trial {record.number}, {_confirmed(record, started.metric)}")
            return
        stage, numbers = started.plan.stage_at(record.number)
        if stage > self._stage and len(started.plan.stages) > 1:
            name, why = stage_name(started.plan, stage, started.method), in_full(started.plan, stage)
            self._console.print(f"{name}: {counted(len(numbers), 'trial')}{f', {why}' if why else ''}")
        self._stage = max(stage, self._stage)
        if record.status.ended and record.trial.key not in self._ended:
            self._ended.add(record.trial.key)
            self._console.print(f"[{len(self._ended)}/{started.plan.trials}] {_line(record, started)}")


class Screen:
    """The live view: a bar with the time left, the leaders so far, and the best trial's curve."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started: Started | None = None
        self._records: History = {}
        self._repetitions: dict[tuple[int, int], TrialRecord] = {}
        self._begun, self._work_done = time.monotonic(), 0.0
        self._progress = Progress(
            TextColumn("  "),
            BarColumn(30),
            TextColumn("{task.description}"),
            TextColumn("{task.fields[left]}"),
            TimeElapsedColumn(),
        )
        self._task = self._progress.add_task("", total=1.0, left="")

    def __call__(self, event: Event) -> None:
        """Take in an event; the next redraw shows it."""
        match event:
            case Started():
                self._started, self._records, self._work_done = event, event.history, event.work_done
            case Replanned(plan, work_done) if self._started:
                self._started, self._work_done = replace(self._started, plan=plan), work_done
            case Decided() | Trained():
                # New dictionaries: the redrawing thread may be reading the old ones.
                again = {record.trial.key: record for record in event.records if record.trial.repetition}
                trials = {record.number: record for record in event.records if not record.trial.repetition}
                self._records, self._repetitions = {**self._records, **trials}, {**self._repetitions, **again}
                self._work_done = event.work_done
            case Finished():
                self._records, self._work_done = event.history, 1.0
        planned = self._started.plan.trials if self._started else 0
        text = f"{sum(record.status.ended for record in self._records.values())} of {counted(planned, 'trial')}"
        self._progress.update(self._task, completed=self._work_done, description=text, left=self._left())

    def __rich__(self) -> Group:
        started = self._started
        if started is None:
            return Group()
        parts: list[RenderableType] = [Text(_heading(started), style="bold"), self._progress]
        if doing := self._doing(started):
            parts.append(Text(f"  {doing}"))
        best = leaders(self._records.values())[:TOP]
        if best:
            board = [leader(record, started.metric) for record in best]
            facts = (started.metric.name, started.select, started.parameters, started.averaging)
            parts.append(leaderboard(board, *facts, self._console.width))
        if ahead := best or _farthest(self._records):
            parts.append(Text(_curve(ahead[0], started.metric, self._console.width)))
        return Group(*parts)

    def _doing(self, started: Started) -> str:
        if self._repetitions:
            ended = sum(record.status.ended for record in self._repetitions.values())
            return f"confirming: {ended} of {counted(len(self._repetitions), 'training')}"
        return standing(started.plan, self._records, started.method)

    def _left(self) -> str:
        before = self._started.work_done if self._started else 0.0
        done = self._work_done - before
        if done <= 0 or self._work_done >= 1:
            return ""
        return f"about {duration((time.monotonic() - self._begun) * (1 - self._work_done) / done)} left"


def standing(plan: Plan, history: History, method: Method = "coarse-to-fine") -> str:
    """Return which stage and which rung a search is at; nothing where the plan has one only."""
    if not history:
        return ""
    stage, numbers = plan.stage_at(max(history))
    until = max(history[number].until_epoch for number in numbers if number in history)
    parts = [stage_name(plan, stage, method)] if len(plan.stages) > 1 else []
    if why := in_full(plan, stage):
        parts.append(why)
    elif len(rungs := plan.stage_rungs(stage)) > 1:
        parts.append(f"rung {sum(rung <= until for rung in rungs)} of {len(rungs)}: to epoch {until}")
    return ", ".join(parts)


def in_full(plan: Plan, stage: int) -> str:
    """Return why a stage is trained without early stopping, where it was to be with it; else nothing."""
    if stage not in plan.in_full:
        return ""
    *_, compared, end = plan.rungs
    return f"all to epoch {end}, as trials got worse after epoch {compared}"


def _farthest(history: History) -> list[TrialRecord]:
    """Return the trial that is ahead while none has come to the end: the best of those that were trained longest."""
    records = [record for record in history.values() if record.selected_epoch and math.isfinite(record.value)]
    return sorted(records, key=lambda record: (-record.epochs_done, rank(record)))[:1]


def sparkline(values: Sequence[float], width: int = CURVE_WIDTH) -> str:
    """Draw values as bars, lowest to highest, at most `width` of them; values that are no numbers as spaces."""
    if len(values) > width:
        values = [values[index * (len(values) - 1) // (width - 1)] for index in range(width)]
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return " " * len(values)
    low, span = min(finite), (max(finite) - min(finite)) or 1.0
    return "".join(BARS[round((v - low) / span * (len(BARS) - 1))] if math.isfinite(v) else " " for v in values)


def _curve(record: TrialRecord, metric: Metric, width: int) -> str:
    """Return the curve of a trial in one line of at most `width` columns."""
    curve = [metric.shown(metric.value(recorded)) for recorded in record.curves[metric.column]]
    first, last = (metric_value(metric.name, curve[place]) for place in (0, -1))
    begin, end = f"  trial {record.number}, epoch 1 to {len(curve)}: {first} ", f" {last}"
    return begin + sparkline(curve, max(2, min(CURVE_WIDTH, width - len(begin) - len(end)))) + end


def _line(record: TrialRecord, started: Started) -> str:
    return (
        f"trial {record.number}: {_outcome(record, started.metric)}  ({parameters(record.trial.params, started.averaging)})"
    )


def _confirmed(record: TrialRecord, metric: Metric) -> str:
    return f"fresh seed {record.trial.repetition}: {_outcome(record, metric)}"


def _outcome(record: TrialRecord, metric: Metric) -> str:
    if record.status is Status.COMPLETE:
        return f"{metric.name} {metric_value(metric.name, metric.shown(record.value))}"
    if record.status is Status.STOPPED:
        return f"stopped after {counted(record.epochs_done, 'epoch')}"
    return f"{record.status.value} in epoch {record.epochs_done}"


def _heading(event: Started) -> str:
    resumed = sum(record.status.ended for record in event.history.values())
    text = f"{event.directory.name}: {counted(event.plan.trials, 'trial')}, {counted(event.jobs, 'worker')}"
    if resumed >= event.plan.trials:
        return f"{text}, all of them finished"
    return text + (f", going on after {resumed}" if event.history else "")
