"""Progress where nothing can be redrawn: a line for each stage that begins, for each trial that ends, and a sign of life."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from rich.console import Console

from hpsearch.objectives.metrics import Metric
from hpsearch.prose import counted
from hpsearch.study.events import Decided, Event, Started, Trained
from hpsearch.trial import Status, TrialRecord
from hpsearch.views.format import duration, metric_value, parameters, stage_name
from hpsearch.views.numbers.slices import FEWEST, crowded_edges
from hpsearch.views.numbers.under_way import UnderWay
from hpsearch.views.terminal.standing import heading, in_full
from hpsearch.views.words import edge_line

SILENT_SECONDS = 30.0
"""After so long without a line there is one that says how far the search is."""


class Lines:
    """The lines of a search, printed as its events are told; `beat` is to be called from time to time."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console, self._clock = console, clock
        self._search = UnderWay()
        self._ended: set[tuple[int, int]] = set()
        self._stage = -1
        self._said_at = clock()
        self._look_at = FEWEST
        self._warned: set[tuple[str, str]] = set()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        self._search.take(event, self._clock())
        match event:
            case Started():
                self._ended = {record.trial.key for record in event.history.values() if record.status.ended}
                self._stage = max((event.plan.stage_at(number)[0] for number in event.history), default=-1)
                self._say(heading(event))
            case Decided() | Trained() if self._search.started:
                for record in event.records:
                    self._show(record, self._search.started)
                self._warn(self._search.started)

    def beat(self) -> None:
        """Say how far the search is, where nothing was said for long."""
        started, now = self._search.started, self._clock()
        if started is None or now - self._said_at < SILENT_SECONDS:
            return
        ended, epochs, best = self._search.ended, self._search.epochs, self._search.best
        parts = [f"{ended} of {counted(started.plan.trials, 'trial')} ended, {counted(epochs, 'epoch')} done"]
        if best:
            name = started.metric.name
            parts.append(f"best {name} {metric_value(name, started.metric.shown(best.value))} (trial {best.number})")
        left = self._search.left(now)
        time_left = "" if math.isnan(left) else f", about {duration(left)} left"
        self._say(f"{', '.join(parts)}; {duration(self._search.elapsed(now))}{time_left}")

    def _say(self, line: str) -> None:
        self._said_at = self._clock()
        self._console.print(line)

    def _show(self, record: TrialRecord, started: Started) -> None:
        if record.trial.repetition:
            if record.status.ended:
                self._say(f"confirming trial {record.number}, {_confirmed(record, started.metric)}")
            return
        stage, numbers = started.plan.stage_at(record.number)
        if stage > self._stage and len(started.plan.stages) > 1:
            name, why = stage_name(started.plan, stage, started.method), in_full(started.plan, stage)
            self._say(f"{name}: {counted(len(numbers), 'trial')}{f', {why}' if why else ''}")
        self._stage = max(stage, self._stage)
        if record.status.ended and record.trial.key not in self._ended:
            self._ended.add(record.trial.key)
            self._say(f"[{len(self._ended)}/{started.plan.trials}] {_line(record, started)}")

    def _warn(self, started: Started) -> None:
        """Say once of an end of a range that the best trials crowd it; looked at whenever a tenth more trials ended."""
        ended = len(self._ended)
        if started.space is None or ended < self._look_at:
            return
        self._look_at = ended + ended // 10
        for edge in crowded_edges(started.space, self._search.history):
            if (edge.name, edge.end) not in self._warned:
                self._warned.add((edge.name, edge.end))
                self._say(edge_line(edge, started.averaging))


def _line(record: TrialRecord, started: Started) -> str:
    told = parameters(record.trial.params, started.averaging)
    return f"trial {record.number}: {_outcome(record, started.metric)}  ({told})"


def _confirmed(record: TrialRecord, metric: Metric) -> str:
    return f"fresh seed {record.trial.repetition}: {_outcome(record, metric)}"


def _outcome(record: TrialRecord, metric: Metric) -> str:
    """Return how a training ended."""
    score = f"{metric.name} {metric_value(metric.name, metric.shown(record.value))}"
    if record.status is Status.COMPLETE:
        return score
    if record.status is Status.STOPPED:
        return f"{score}, stopped after {counted(record.epochs_done, 'epoch')}"
    return f"{record.status.value} in epoch {record.epochs_done}"
