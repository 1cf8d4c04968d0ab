"""A search under way, in numbers, from the events that are told of it. Times are seconds of any clock that goes on steadily.

The trainings that confirm leaders are no trials: they stand in no count and among no leaders.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from hpsearch.search.plan import Plan
from hpsearch.study.events import Decided, Event, Finished, Replanned, Started, Trained
from hpsearch.trial import History, Status, TrialRecord, best_first, incumbent


@dataclass(frozen=True)
class StageStanding:
    """How far a stage is: of its `trials` so many have `begun` and `ended`; `share` is that of its epochs, 0 to 1.

    `rung` of `rungs` is the highest that some trial was sent to, 0 before it began, and `until_epoch` the epoch of that.
    """

    stage: int
    trials: int
    begun: int
    ended: int
    share: float
    rung: int
    rungs: int
    until_epoch: int

    @property
    def is_over(self) -> bool:
        """Whether all of its trials have ended."""
        return self.ended >= self.trials


class UnderWay:
    """What is known of a search, event by event; `started` is None until the first one."""

    def __init__(self) -> None:
        self.started: Started | None = None
        self.history: dict[int, TrialRecord] = {}
        self.repetitions: dict[tuple[int, int], TrialRecord] = {}
        self.failed: TrialRecord | None = None
        """The trial that failed or diverged last."""
        self.work_done = 0.0
        self._begun_at = 0.0

    def take(self, event: Event, at: float) -> None:
        """Take in an event that was told at a time."""
        match event:
            case Started():
                self.started, self.work_done, self._begun_at = event, event.work_done, at - event.seconds
                self.history, self.repetitions = dict(event.history), {}
                failed = (record for record in self.history.values() if record.status.is_failure)
                self.failed = max(failed, key=lambda record: (record.finished_at, record.number), default=None)
            case Replanned(plan, work_done) if self.started:
                self.started, self.work_done = replace(self.started, plan=plan), work_done
            case Decided() | Trained():
                self._take_records(event)
            case Finished(history):
                self.history, self.work_done = dict(history), 1.0

    def _take_records(self, event: Decided | Trained) -> None:
        self.work_done = event.work_done
        for record in event.records:
            if record.trial.repetition:
                self.repetitions[record.trial.key] = record
                continue
            if record.status.is_failure and self.history.get(record.number) != record:
                self.failed = record
            self.history[record.number] = record
        for number in event.gone if isinstance(event, Decided) else ():
            self.history.pop(number, None)

    @property
    def ended(self) -> int:
        """How many trials have ended."""
        return sum(record.status.ended for record in list(self.history.values()))

    @property
    def epochs(self) -> int:
        """How many epochs the trials have had together."""
        return sum(record.epochs_done for record in list(self.history.values()))

    @property
    def best(self) -> TrialRecord | None:
        """The best trial that came to its end."""
        return incumbent(list(self.history.values()))

    @property
    def counts(self) -> Mapping[str, int]:
        """How many trials ended how."""
        records = list(self.history.values())
        found = Counter(record.status.value for record in records if record.status.ended)
        return {status.value: found[status.value] for status in Status if found[status.value]}

    def elapsed(self, at: float) -> float:
        """Return how long the command has been at work at a time, in seconds."""
        return at - self._begun_at if self.started else 0.0

    def left(self, at: float) -> float:
        """Return how long it takes from a time on, in seconds, if the work goes on as it has; NaN where nothing tells."""
        done = self.work_done - self.started.work_done if self.started else 0.0
        if done <= 0 or self.work_done >= 1:
            return math.nan
        return self.elapsed(at) * (1 - self.work_done) / done


def stage_standings(plan: Plan, history: History) -> tuple[StageStanding, ...]:
    """Return how far each stage of a plan is, those to come too."""
    records = [history[number] for number in sorted(history)]
    standings, begin = [], 0
    for stage, trials in enumerate(plan.sizes):
        own = [record for record in records if begin <= record.number < begin + trials]
        standings.append(_standing(plan, stage, trials, own))
        begin += trials
    return tuple(standings)


def _standing(plan: Plan, stage: int, trials: int, own: list[TrialRecord]) -> StageStanding:
    ended = sum(record.status.ended for record in own)
    epochs = sum(record.until_epoch if record.status.ended else record.epochs_done for record in own)
    rungs, until = plan.stage_rungs(stage), max((record.until_epoch for record in own), default=0)
    return StageStanding(
        stage=stage,
        trials=trials,
        begun=len(own),
        ended=ended,
        share=1.0 if ended >= trials else min(1.0, epochs / plan.stage_epochs(stage)),
        rung=sum(rung <= until for rung in rungs),
        rungs=len(rungs),
        until_epoch=until,
    )


def farthest(history: History) -> list[TrialRecord]:
    """Return the trials that have a number while none has come to the end: first those that were trained longest."""
    records = [record for record in history.values() if record.selected_epoch and math.isfinite(record.value)]
    return sorted(best_first(records), key=lambda record: -record.epochs_done)
