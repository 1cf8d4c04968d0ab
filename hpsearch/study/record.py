"""All that is on record of a run, and what follows from it, for a search at work, one that goes on, and every view.

The lines of the journal are folded in by `replay`. A value is made from its curve, not read: the line of a block holds it
for people.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hpsearch.objectives.metrics import Metric, Select, metric_named
from hpsearch.objectives.settings import MAIN
from hpsearch.search.plan import AS_PLANNED, EXHAUSTED, Plan
from hpsearch.search.settings import Method
from hpsearch.study.confirmation import Confirmation, Retraining, confirmation
from hpsearch.trial import Curves, PriorTrial, Status, TrialRecord, incumbent

BY_THE_CLOCK = (Status.TIMEOUT, Status.CRASHED)
"""What becomes of a trial by the time that it takes, or by what befalls its process."""


@dataclass(frozen=True)
class Ending:
    """How a trial was ended by a decision: after so many epochs, and until which it was to be trained then."""

    status: Status
    reason: str
    epochs: int
    until_epoch: int


@dataclass(frozen=True)
class Span:
    """The epochs, from the one after `from_epoch` to `to_epoch`, that a worker trained a trial for in one go.

    `begin` and `end` are ISO 8601 in UTC; trials that were trained side by side share them.
    """

    trial: int
    repetition: int
    from_epoch: int
    to_epoch: int
    worker: str
    begin: str
    end: str

    def is_beside(self, other: Span) -> bool:
        """Whether the worker trained the trial of another span in the same go."""
        mine, others = ((one.worker, one.begin, one.end, one.repetition) for one in (self, other))
        return mine == others


@dataclass
class RunRecord:
    """All that a run's journal and curves say.

    `start` is the start record as written: identity, data, environment, and the names of metrics and parameters. `history`
    is kept in order of trial number; `prior` holds trials of earlier runs that count as evidence. `retrainings` says which
    leaders were to be retrained, the latest last, and `repetitions` holds these trainings by (trial, repetition). `scores`
    holds the metrics and the rows of each part by trial, for those that were assessed; `lost` the trainings with a block
    whose curves are gone; `kept` is the trial that was assessed last, whose model is kept. `ended` is the reason the search
    ended, and `ended_by_the_clock` whether time did that; `finished` is the same reason once all that follows is done too;
    both are empty before. `endings` holds how decisions ended trainings, by (trial, repetition); `cut_off` the trials that
    the end of the search stopped, with the epoch until which they were to be trained. `confirmed_before` says how many
    leaders were confirmed with how many seeds before a search that had ended went on. `sessions` holds when each command
    began and after how many seconds it last recorded something, `jobs` the workers of the last one, 0 where that is not
    known; `spans` who trained what and when, as it came in, and
    `promotions` by trial after which epoch it was sent how far; `decisions` counts the lines that others rely on; `notes`
    tell what was passed over.
    """

    start: Mapping[str, Any]
    history: dict[int, TrialRecord] = field(default_factory=dict)
    prior: tuple[PriorTrial, ...] = ()
    plan: Plan | None = None
    retrainings: list[Retraining] = field(default_factory=list)
    repetitions: dict[tuple[int, int], TrialRecord] = field(default_factory=dict)
    scores: dict[int, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)
    kept: int | None = None
    lost: set[tuple[int, int]] = field(default_factory=set)
    ended: str = ""
    ended_by_the_clock: bool = False
    finished: str = ""
    cut_off: dict[int, int] = field(default_factory=dict)
    confirmed_before: tuple[int, int] = (0, 0)
    sessions: list[tuple[str, float]] = field(default_factory=list)
    jobs: int = field(default=0, compare=False)
    spans: list[Span] = field(default_factory=list, compare=False)
    promotions: dict[int, list[tuple[int, int]]] = field(default_factory=dict, compare=False)
    decisions: int = field(default=0, compare=False)
    notes: list[str] = field(default_factory=list)
    endings: dict[tuple[int, int], Ending] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The run's name, such as digits-001."""
        return str(self.start["run"])

    @property
    def metric(self) -> Metric:
        """What the search minimises."""
        return metric_named(str(self.start["metric"]), of_function=self.is_of_function)

    @property
    def floor(self) -> float:
        """The least value that can be told from 0."""
        return self.metric.least(self.start["data"].get("rows", {}).get("validation", 0))

    @property
    def is_of_function(self) -> bool:
        """Whether it searches a Python function, so that there are no data and no model."""
        return bool(self.start.get("data", {}).get("task") == "python")

    @property
    def is_of_program(self) -> bool:
        """Whether only the program that searched it has that function, so that no command can call it."""
        return str(self.start.get("data", {}).get("function", "")).startswith(f"{MAIN}:")

    @property
    def select(self) -> Select:
        """Which epoch of a trial counts."""
        select: Select = self.start["select"]
        return select

    @property
    def method(self) -> Method:
        """How the search chooses its trials."""
        method: Method = self.start.get("method", "coarse-to-fine")
        return method

    @property
    def parent(self) -> str:
        """The name of the run that this one was refined from; empty if it was not."""
        return str(self.start.get("parent", {}).get("run", ""))

    @property
    def columns(self) -> list[str]:
        """The names of the curves, in the order of their columns."""
        return list(self.start["metrics"])

    @property
    def parameters(self) -> list[str]:
        """The searched parameters, in the order of the spec."""
        return list(self.start["parameters"])

    @property
    def averaging(self) -> list[str]:
        """Those among them that weigh the past, which are shown with their window."""
        return list(self.start["averaging"])

    @property
    def counts(self) -> dict[str, int]:
        """How many trials there are of each status."""
        return dict(Counter(record.status.value for record in self.history.values()))

    @property
    def n_ended(self) -> int:
        """How many trials have ended."""
        return sum(record.status.ended for record in self.history.values())

    @property
    def begun(self) -> int:
        """How many of the trials that were asked for are begun; those count that others, trained in full, stand for."""
        return self.plan.stood_for(len(self.history)) if self.plan else len(self.history)

    @property
    def is_cut_short(self) -> bool:
        """Whether something else ended the search than that it had all its trials."""
        return self.ended not in ("", AS_PLANNED, EXHAUSTED)

    @property
    def by_the_clock(self) -> dict[str, int]:
        """How much time or trouble decided, and not the spec: trials by status, and 1 for the end of the search, `hours`."""
        counts = self.counts
        trials = {status.value: counts[status.value] for status in BY_THE_CLOCK if status.value in counts}
        return trials | ({"hours": 1} if self.ended_by_the_clock else {})

    @property
    def lost_trials(self) -> list[int]:
        """The trials with a training of which something is lost."""
        return sorted({number for number, _ in self.lost})

    def training(self, number: int, repetition: int = 0) -> TrialRecord:
        """Return a training by its trial and its repetition; KeyError if it has not begun."""
        return self.repetitions[number, repetition] if repetition else self.history[number]

    def is_judged(self, record: TrialRecord) -> bool:
        """Whether a decision says where a training ends: one that is lost is trained again up to there."""
        return record.trial.key in self.endings

    @property
    def has_inherited(self) -> bool:
        """Whether what it takes from earlier runs is on record, be it nothing; that is written before the plan."""
        return bool(self.prior) or self.plan is not None

    @property
    def incumbent(self) -> TrialRecord | None:
        """The best complete trial, if there is one."""
        return incumbent(self.history.values())

    @property
    def confirmation(self) -> Confirmation | None:
        """What retraining the leaders showed, the last time that all of their trainings came to an end; None before that."""
        for retraining in reversed(self.retrainings):
            best = [self.history[number] for number in retraining.trials]
            trainings = [self.repetitions[key] for key in retraining.keys]
            if best and all(record.status.ended for record in (*best, *trainings)):
                return confirmation(best, trainings)
        return None

    def no_less(self, count: int, seeds: int) -> tuple[int, int]:
        """Return how many leaders are to be confirmed, with how many seeds: not fewer than were before."""
        made = self.confirmation
        before = (len(made.leaders), made.seeds) if made else self.confirmed_before
        return max(count, before[0]), max(seeds, before[1])

    @property
    def retrained(self) -> tuple[int, ...]:
        """The leaders that are retrained, or were, best first."""
        return self.retrainings[-1].trials if self.retrainings else ()

    @property
    def fresh(self) -> list[TrialRecord]:
        """The trainings of these leaders with fresh seeds."""
        return [self.repetitions[key] for key in self.retrainings[-1].keys] if self.retrainings else []

    @property
    def winner(self) -> TrialRecord | None:
        """The best of the confirmed leaders; while there are none, the incumbent."""
        confirmed = self.confirmation
        return self.history[confirmed.winner.trial] if confirmed else self.incumbent

    @property
    def test(self) -> Mapping[str, float]:
        """The winner's metrics on the test part and its rows; empty without such a part, or until it was assessed."""
        best = self.winner
        return self.scores.get(best.number, {}).get("test", {}) if best else {}

    @property
    def tests(self) -> int:
        """How often the test part was scored, in this run and in those it was refined from."""
        own = sum("test" in parts for parts in self.scores.values())
        return own + int(self.start.get("parent", {}).get("tests", 0))

    @property
    def seconds(self) -> float:
        """How long the commands that worked on this run have taken, as far as is on record."""
        return sum(seconds for _, seconds in self.sessions)

    def values_of(self, curves: Curves) -> tuple[tuple[float, ...], int]:
        """Return the value of a trial with these curves after each epoch, and the epoch that counts; 0 while none does."""
        curve = curves.get(self.metric.column, ())
        selected = self.metric.selected_epochs(curve, self.select)
        values = tuple(self.metric.value(curve[epoch - 1]) if epoch else math.nan for epoch in selected)
        return values, selected[-1] if selected else 0

    def is_whole(self, block: Mapping[str, Any], curves: Curves) -> bool:
        """Whether these are all the curves of a block's epochs; one without epochs has none."""
        epochs = block["to"] - block["from"]
        return not epochs or (set(curves) == set(self.columns) and {len(curve) for curve in curves.values()} == {epochs})
