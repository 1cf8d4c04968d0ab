"""From the lines of a journal to what they say: the same folding serves a live search, a resumed one, and every view.

The first complete line for a key counts: a block that was trained twice after a fault is taken once. A value is made from
its curve, not read: the line of a block holds it for people.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from hpsearch.errors import RecordError
from hpsearch.objectives.metrics import Metric, Select, metric_named
from hpsearch.objectives.settings import MAIN
from hpsearch.search.halving import stopped_at
from hpsearch.search.plan import AS_PLANNED, EXHAUSTED, Plan
from hpsearch.search.settings import Method
from hpsearch.study.confirmation import Confirmation, Retraining, confirmation
from hpsearch.study.entries import read_curves, read_prior_trial, read_scores, read_trial
from hpsearch.trial import Curves, PriorTrial, Status, TrialRecord, incumbent

MALFORMED = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
"""What reading plain data raises that is not of the expected form."""

DECISIONS = ("prior", "plan", "stage", "promote", "end", "reopen", "confirm", "alone")
"""Lines that others rely on, beside those of trials that ended `BY_THE_CLOCK`. Every line says how many went before it."""

BY_THE_CLOCK = (Status.TIMEOUT, Status.CRASHED)
"""What becomes of a trial by the time that it takes, or by what befalls its process."""


@dataclass(frozen=True)
class _Ending:
    """How a trial was ended by a decision: after so many epochs, and until which it was to be trained then."""

    status: Status
    reason: str
    epochs: int
    until_epoch: int


def is_decision(record: Mapping[str, Any]) -> bool:
    """Whether other lines rely on a line of the journal."""
    return record["type"] in DECISIONS or (record["type"] == "block" and record["status"] in BY_THE_CLOCK)


@dataclass
class RunRecord:
    """All that a run's journal and curves say.

    `start` is the start record as written: identity, data, environment, and the names of metrics and parameters. `history`
    is kept in order of trial number; `prior` holds trials of earlier runs that count as evidence. `retrainings` says which
    leaders were to be retrained, the latest last, and `repetitions` holds these trainings by (trial, repetition). `scores`
    holds the metrics and the rows of each part by trial, for those that were assessed; `lost` the trainings with a block
    whose curves are gone; `kept` is the trial that was assessed last, whose model is kept. `ended` is the reason the search
    ended, and `ended_by_the_clock` whether time did that; `finished` is the same reason once all that follows is done too;
    both are empty before. `cut_off` holds the trials that
    the end stopped, with the epoch until which they were to be trained. `confirmed_before` says how many leaders were
    confirmed with how many seeds before a search that had ended went on. `sessions` holds when each command began and after
    how many seconds it last recorded something; `decisions` counts the lines that others rely on; `notes` tell what was
    passed over.
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
    decisions: int = field(default=0, compare=False)
    notes: list[str] = field(default_factory=list)
    _endings: dict[tuple[int, int], _Ending] = field(default_factory=dict)

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
        statuses = [record.status for record in self.history.values()]
        counts = {status.value: statuses.count(status) for status in BY_THE_CLOCK}
        return {name: count for name, count in (counts | {"hours": int(self.ended_by_the_clock)}).items() if count}

    @property
    def lost_trials(self) -> list[int]:
        """The trials with a training of which something is lost."""
        return sorted({number for number, _ in self.lost})

    def is_judged(self, record: TrialRecord) -> bool:
        """Whether a decision says where a training ends: one that is lost is trained again up to there."""
        return record.trial.key in self._endings

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

    def take(self, record: Mapping[str, Any], curves: Curves) -> None:
        """Fold one journal record in; `curves` are those of its block. Unknown kinds are left alone."""
        self.decisions += is_decision(record)
        match record["type"]:
            case "session":
                self.sessions.append((str(record["at"]), 0.0))
            case "prior":
                self.prior = tuple(map(read_prior_trial, record["trials"]))
            case "plan":
                self._take_plan(record)
            case "stage":
                for entry in record["trials"]:
                    trial = read_trial(entry, int(record["stage"]))
                    self.history.setdefault(trial.number, TrialRecord(trial, int(record["until"])))
            case "promote":
                self._take_promotion(record)
            case "end":
                self._take_end(record)
            case "reopen":
                self._take_reopening()
            case "confirm":
                self._take_confirm(record)
            case "again":
                known = self._training(record)
                ending = self._endings.get(known.trial.key)
                self._put(TrialRecord(known.trial, ending.epochs if ending else known.until_epoch, alone=known.alone))
                self.lost.discard(known.trial.key)
                self.finished = ""
            case "alone":
                for number in record["trials"]:
                    known = self.history[number]
                    self.history[number] = TrialRecord(known.trial, known.until_epoch, alone=True)
                    self.lost.discard(known.trial.key)
            case "block":
                known = self._training(record)
                if record["status"] in BY_THE_CLOCK:
                    reason, epochs = str(record["reason"]), int(record["to"])
                    self._end(known, _Ending(Status(record["status"]), reason, epochs, known.until_epoch))
                elif known.status is Status.WAITING and known.epochs_done == record["from"]:
                    self._take_block(known, record, curves)
            case "assess":
                parts = {part: record[part] for part in ("validation", "test") if part in record}
                self.scores[record["trial"]] = {part: read_scores(scores) for part, scores in parts.items()}
                self.kept = int(record["trial"])
            case "finish":
                self.finished = str(record["reason"])

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

    def _take_plan(self, record: Mapping[str, Any]) -> None:
        """Take a plan; one of more trials than before takes the end back, and what was confirmed then."""
        stages, rungs, coarse, in_full = (
            tuple(int(number) for number in record.get(name, ())) for name in ("stages", "rungs", "coarse_rungs", "in_full")
        )
        if not stages or not rungs:
            raise ValueError("a plan without stages, or without rungs")
        plan = Plan(stages, rungs, int(record.get("factor", 3)), int(record.get("given", 0)), coarse, in_full)
        if self.plan is not None and plan.asked > self.plan.asked:
            self._take_end_back()
        self.plan = plan

    def _take_promotion(self, record: Mapping[str, Any]) -> None:
        for number in record["trials"]:
            known = self.history[number]
            self.history[number] = replace(known, until_epoch=int(record["until"]), status=Status.WAITING)
        factor = self.plan.reduction_factor if self.plan else 3
        for number in record.get("stopped", ()):
            known = self.history[number]
            reason = stopped_at(known.until_epoch, factor)
            self._end(known, _Ending(Status.STOPPED, reason, known.until_epoch, known.until_epoch))

    def _take_end(self, record: Mapping[str, Any]) -> None:
        keep, reason = int(record["keep"]), str(record["reason"])
        for number in [number for number in self.history if number >= keep]:
            del self.history[number]
            self.lost.discard((number, 0))
            self._endings.pop((number, 0), None)
            self.cut_off.pop(number, None)
        for number, epochs in record.get("stopped", ()):
            self.cut_off[number] = self.history[number].until_epoch
            self._end(self.history[number], _Ending(Status.STOPPED, reason, int(epochs), int(epochs)))
        self.ended, self.ended_by_the_clock = reason, bool(record.get("clock"))

    def _take_reopening(self) -> None:
        """Take the end back, and what it did to trials."""
        for number, until_epoch in self.cut_off.items():
            self.history[number] = replace(self.history[number], status=Status.WAITING, until_epoch=until_epoch, reason="")
            del self._endings[number, 0]
        self.cut_off.clear()
        self._take_end_back()

    def _take_end_back(self) -> None:
        if made := self.confirmation:
            self.confirmed_before = len(made.leaders), made.seeds
        self.ended, self.ended_by_the_clock, self.finished, self.retrainings = "", False, "", []

    def _end(self, known: TrialRecord, ending: _Ending) -> None:
        self._endings[known.trial.key] = ending
        if known.epochs_done < ending.epochs:  # the line of a block can't be read
            self.lost.add(known.trial.key)
        self._put(replace(known, status=ending.status, reason=ending.reason, until_epoch=ending.until_epoch))

    def _take_confirm(self, record: Mapping[str, Any]) -> None:
        retraining = Retraining(tuple(int(number) for number in record["trials"]), int(record["seeds"]))
        for number, repetition in retraining.keys:
            trial = replace(self.history[number].trial, repetition=repetition)
            self.repetitions.setdefault(trial.key, TrialRecord(trial, int(record["until"])))
        self.retrainings.append(retraining)
        self.finished = ""

    def _training(self, record: Mapping[str, Any]) -> TrialRecord:
        """Return the training that a fact is about."""
        number, repetition = int(record["trial"]), int(record.get("repetition", 0))
        return self.repetitions[number, repetition] if repetition else self.history[number]

    def _put(self, record: TrialRecord) -> None:
        if record.trial.repetition:
            self.repetitions[record.trial.key] = record
        else:
            self.history[record.number] = record

    def _take_block(self, known: TrialRecord, record: Mapping[str, Any], curves: Curves) -> None:
        if not self.is_whole(record, curves):  # the block is as if it had not been
            self.lost.add(known.trial.key)
            return
        if self.sessions:
            begin, seconds = self.sessions[-1]
            self.sessions[-1] = begin, max(seconds, _seconds_between(begin, str(record["finished_at"])))
        curves = {name: (*known.curves.get(name, ()), *values) for name, values in curves.items()} or known.curves
        values, selected = self.values_of(curves)
        taken = replace(
            known,
            status=Status(record["status"]),
            reason=str(record.get("reason", "")),
            curves=curves,
            values=values,
            selected_epoch=selected,
            size=int(record["size"]),
            weights=str(record["weights"]),
            checkpoint=str(record["checkpoint"]),
            seconds=known.seconds + float(record["seconds"]),
            last_seconds=float(record["seconds"]),
            shared=known.shared or bool(record.get("shared")),
            started_at=known.started_at or str(record["started_at"]),
            finished_at=str(record["finished_at"]),
            worker=str(record["worker"]),
        )
        self._put(taken)
        ending = self._endings.get(taken.trial.key)
        if ending and taken.status is Status.WAITING and taken.epochs_done == ending.epochs:
            self._end(taken, ending)  # one that began again goes no further than it did


def replay(journal: Sequence[Mapping[str, Any]], curves: Sequence[Mapping[str, Any]]) -> RunRecord:
    """Build a run's record from its journal, which begins with a start record, and its curves.

    Raises one of `MALFORMED` when a line of the journal is not what it should be, RecordError when one is missing that
    others rely on.
    """
    run = RunRecord(start=journal[0])
    by_block: dict[tuple[int, ...], Curves] = {}
    for line in curves:
        with suppress(*MALFORMED):  # a damaged line is as if it were gone
            found = read_curves(line["curves"])
            if run.is_whole(line, found):
                by_block.setdefault(_block_key(line), found)
    for record in journal[1:]:
        if record.get("decisions", run.decisions) != run.decisions:
            raise RecordError("a decision that later lines rely on is missing")
        run.take(record, by_block.get(_block_key(record), {}))
    return run


def _block_key(record: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(record.get(key, 0) for key in ("trial", "repetition", "from", "to"))


def _seconds_between(begin: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
