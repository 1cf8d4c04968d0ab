"""Folding the lines of a journal into a run's record, one by one: while a search writes them, and when they are read back.

The first complete line for a key counts: a block that was trained twice after a fault is taken once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from hpsearch.errors import RecordError
from hpsearch.search.halving import stopped_at
from hpsearch.search.plan import Plan
from hpsearch.study.confirmation import Retraining
from hpsearch.study.entries import MALFORMED, longer, read_curves, read_prior_trial, read_scores, read_trial
from hpsearch.study.record import BY_THE_CLOCK, Ending, RunRecord, Span
from hpsearch.trial import Curves, Status, TrialRecord

DECISIONS = ("prior", "plan", "stage", "promote", "end", "reopen", "confirm", "alone")
"""Lines that others rely on, beside those of trials that ended `BY_THE_CLOCK`. Every line says how many went before it."""


def is_decision(record: Mapping[str, Any]) -> bool:
    """Whether other lines rely on a line of the journal."""
    return record["type"] in DECISIONS or (record["type"] == "block" and record["status"] in BY_THE_CLOCK)


def replay(journal: Sequence[Mapping[str, Any]], curves: Sequence[Mapping[str, Any]]) -> RunRecord:
    """Build a run's record from its journal, which begins with a start record, and its curves.

    Raises one of `MALFORMED` when a line of the journal is not what it should be, RecordError when one is missing that
    others rely on.
    """
    replayed = Replay(journal[0])
    replayed.take(journal[1:], curves)
    return replayed.run


class Replay:
    """A record that is built from its lines as they come; `start` is the first of the journal."""

    def __init__(self, start: Mapping[str, Any]) -> None:
        self.run = RunRecord(start=start)
        self._curves: dict[tuple[int, ...], Curves] = {}

    def take(self, journal: Sequence[Mapping[str, Any]], curves: Sequence[Mapping[str, Any]]) -> None:
        """Fold further lines in; the curves of a block come with its line in the journal, or before it.

        Raises what `replay` raises.
        """
        for line in curves:
            with suppress(*MALFORMED):  # a damaged line is as if it were gone
                found = read_curves(line["curves"])
                if self.run.is_whole(line, found):
                    self._curves.setdefault(_block_key(line), found)
        for record in journal:
            if record.get("decisions", self.run.decisions) != self.run.decisions:
                raise RecordError("a decision that later lines rely on is missing")
            take(self.run, record, self._curves.get(_block_key(record), {}))


def take(run: RunRecord, record: Mapping[str, Any], curves: Curves) -> None:
    """Fold one journal record in; `curves` are those of its block. Unknown kinds are left alone."""
    run.decisions += is_decision(record)
    match record["type"]:
        case "session":
            run.sessions.append((str(record["at"]), 0.0))
            run.jobs = int(record.get("jobs", 0))
        case "prior":
            run.prior = tuple(map(read_prior_trial, record["trials"]))
        case "plan":
            _take_plan(run, record)
        case "stage":
            _take_stage(run, record)
        case "promote":
            _take_promotion(run, record)
        case "end":
            _take_end(run, record)
        case "reopen":
            _take_reopening(run)
        case "confirm":
            _take_confirm(run, record)
        case "again":
            known = _training(run, record)
            _begin_again(run, known, alone=known.alone)
        case "alone":
            for number in record["trials"]:
                _begin_again(run, run.history[number], alone=True)
        case "block":
            _take_block(run, record, curves)
        case "assess":
            _take_assessment(run, record)
        case "finish":
            run.finished = str(record["reason"])


def _take_plan(run: RunRecord, record: Mapping[str, Any]) -> None:
    """Take a plan; one of more trials than before takes the end back, and what was confirmed then."""
    stages, rungs, coarse, in_full = (
        tuple(int(number) for number in record.get(name, ())) for name in ("stages", "rungs", "coarse_rungs", "in_full")
    )
    if not stages or not rungs:
        raise ValueError("a plan without stages, or without rungs")
    plan = Plan(stages, rungs, int(record.get("factor", 3)), int(record.get("given", 0)), coarse, in_full)
    if run.plan is not None and plan.asked > run.plan.asked:
        _take_end_back(run)
    run.plan = plan


def _take_stage(run: RunRecord, record: Mapping[str, Any]) -> None:
    for entry in record["trials"]:
        trial = read_trial(entry, int(record["stage"]))
        run.history.setdefault(trial.number, TrialRecord(trial, int(record["until"])))


def _take_promotion(run: RunRecord, record: Mapping[str, Any]) -> None:
    for number in record["trials"]:
        known = run.history[number]
        run.promotions.setdefault(number, []).append((known.until_epoch, int(record["until"])))
        run.history[number] = replace(known, until_epoch=int(record["until"]), status=Status.WAITING)
    factor = run.plan.reduction_factor if run.plan else 3
    for number in record.get("stopped", ()):
        known = run.history[number]
        reason = stopped_at(known.until_epoch, factor)
        _end(run, known, Ending(Status.STOPPED, reason, known.until_epoch, known.until_epoch))


def _take_end(run: RunRecord, record: Mapping[str, Any]) -> None:
    keep, reason = int(record["keep"]), str(record["reason"])
    for number in [number for number in run.history if number >= keep]:
        del run.history[number]
        run.lost.discard((number, 0))
        run.endings.pop((number, 0), None)
        run.cut_off.pop(number, None)
    for number, epochs in record.get("stopped", ()):
        run.cut_off[number] = run.history[number].until_epoch
        _end(run, run.history[number], Ending(Status.STOPPED, reason, int(epochs), int(epochs)))
    run.ended, run.ended_by_the_clock = reason, bool(record.get("clock"))


def _take_reopening(run: RunRecord) -> None:
    """Take the end back, and what it did to trials."""
    for number, until_epoch in run.cut_off.items():
        run.history[number] = replace(run.history[number], status=Status.WAITING, until_epoch=until_epoch, reason="")
        del run.endings[number, 0]
    run.cut_off.clear()
    _take_end_back(run)


def _take_end_back(run: RunRecord) -> None:
    if made := run.confirmation:
        run.confirmed_before = len(made.leaders), made.seeds
    run.ended, run.ended_by_the_clock, run.finished, run.retrainings = "", False, "", []


def _end(run: RunRecord, known: TrialRecord, ending: Ending) -> None:
    run.endings[known.trial.key] = ending
    if known.epochs_done < ending.epochs:  # the line of a block can't be read
        run.lost.add(known.trial.key)
    _put(run, replace(known, status=ending.status, reason=ending.reason, until_epoch=ending.until_epoch))


def _take_confirm(run: RunRecord, record: Mapping[str, Any]) -> None:
    retraining = Retraining(tuple(int(number) for number in record["trials"]), int(record["seeds"]))
    for number, repetition in retraining.keys:
        trial = replace(run.history[number].trial, repetition=repetition)
        run.repetitions.setdefault(trial.key, TrialRecord(trial, int(record["until"])))
    run.retrainings.append(retraining)
    run.finished = ""


def _training(run: RunRecord, record: Mapping[str, Any]) -> TrialRecord:
    """Return the training that a fact is about."""
    return run.training(int(record["trial"]), int(record.get("repetition", 0)))


def _put(run: RunRecord, record: TrialRecord) -> None:
    if record.trial.repetition:
        run.repetitions[record.trial.key] = record
    else:
        run.history[record.number] = record


def _begin_again(run: RunRecord, known: TrialRecord, *, alone: bool) -> None:
    """Have a training begin again; one that a decision ended goes as far as it did then."""
    ending = run.endings.get(known.trial.key)
    _put(run, TrialRecord(known.trial, ending.epochs if ending else known.until_epoch, alone=alone))
    run.lost.discard(known.trial.key)
    run.finished = ""


def _take_block(run: RunRecord, record: Mapping[str, Any], curves: Curves) -> None:
    known = _training(run, record)
    if record["status"] in BY_THE_CLOCK:
        reason, epochs = str(record["reason"]), int(record["to"])
        _end(run, known, Ending(Status(record["status"]), reason, epochs, known.until_epoch))
    elif known.status is Status.WAITING and known.epochs_done == record["from"]:
        _take_epochs(run, known, record, curves)


def _take_epochs(run: RunRecord, known: TrialRecord, record: Mapping[str, Any], curves: Curves) -> None:
    if not run.is_whole(record, curves):  # the block is as if it had not been
        run.lost.add(known.trial.key)
        return
    if run.sessions:
        begin, seconds = run.sessions[-1]
        run.sessions[-1] = begin, max(seconds, _seconds_between(begin, str(record["finished_at"])))
        datetime.fromisoformat(str(record["started_at"]))  # a time, or the line is malformed
    run.spans.append(_span(known, record))
    curves = longer(known.curves, curves)
    values, selected = run.values_of(curves)
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
    _put(run, taken)
    ending = run.endings.get(taken.trial.key)
    if ending and taken.status is Status.WAITING and taken.epochs_done == ending.epochs:
        _end(run, taken, ending)  # one that began again goes no further than it did


def _span(known: TrialRecord, record: Mapping[str, Any]) -> Span:
    epochs, times = (int(record["from"]), int(record["to"])), (str(record["started_at"]), str(record["finished_at"]))
    return Span(*known.trial.key, *epochs, str(record["worker"]), *times)


def _take_assessment(run: RunRecord, record: Mapping[str, Any]) -> None:
    parts = {part: record[part] for part in ("validation", "test") if part in record}
    run.scores[record["trial"]] = {part: read_scores(scores) for part, scores in parts.items()}
    run.kept = int(record["trial"])


def _block_key(record: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(record.get(key, 0) for key in ("trial", "repetition", "from", "to"))


def _seconds_between(begin: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
