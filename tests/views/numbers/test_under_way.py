from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from hpsearch.objectives.metrics import METRICS
from hpsearch.search.plan import Plan
from hpsearch.study.events import Decided, Finished, Replanned, Started, Trained
from hpsearch.trial import Status, Trial, TrialRecord
from hpsearch.views.numbers.under_way import StageStanding, UnderWay, farthest, stage_standings

PLAN = Plan((6, 3), (1, 3, 9))


def record(number: int, epochs: int, until: int, status: Status = Status.WAITING, repetition: int = 0) -> TrialRecord:
    curve = tuple(1 / (number + epoch) for epoch in range(1, epochs + 1))
    trial = Trial(number, 0, (), {}, repetition=repetition)
    return TrialRecord(trial, until, status, curves={"validation_error": curve}, values=curve, selected_epoch=epochs)


def begun(*history: TrialRecord, work_done: float = 0.0, seconds: float = 0.0) -> Started:
    known = {one.number: one for one in history}
    metric = METRICS["validation_error"]
    return Started(Path("runs/s-001"), PLAN, 2, metric, "last_epoch", (), (), known, work_done, seconds=seconds)


def test_what_is_left_follows_from_what_was_done_since_the_begin() -> None:
    search = UnderWay()
    search.take(begun(work_done=0.5, seconds=20.0), 100.0)
    assert (search.elapsed(110.0), math.isnan(search.left(110.0))) == (30.0, True)
    search.take(Trained((), 0.6), 110.0)
    assert search.left(110.0) == pytest.approx(30.0 * 0.4 / 0.1)
    search.take(Finished({}), 120.0)
    assert math.isnan(search.left(120.0))


def test_trainings_with_fresh_seeds_are_no_trials() -> None:
    search = UnderWay()
    search.take(begun(record(0, 9, 9, Status.COMPLETE)), 0.0)
    search.take(Trained((record(0, 9, 9, Status.COMPLETE, repetition=1), record(1, 2, 9)), 0.5), 1.0)
    assert (search.ended, search.epochs, dict(search.counts)) == (1, 11, {"complete": 1})
    assert set(search.repetitions) == {(0, 1)}
    assert search.best == record(0, 9, 9, Status.COMPLETE)


def test_the_trial_that_failed_last_is_known_and_what_is_given_up_is_forgotten() -> None:
    search = UnderWay()
    search.take(begun(record(3, 1, 9, Status.DIVERGED)), 0.0)
    assert search.failed == record(3, 1, 9, Status.DIVERGED)
    search.take(Trained((record(1, 0, 9, Status.FAILED), record(2, 9, 9, Status.COMPLETE)), 0.5), 1.0)
    assert search.failed == record(1, 0, 9, Status.FAILED)
    search.take(Decided((), 0.5, gone=(2,)), 2.0)
    assert set(search.history) == {1, 3}


def test_another_plan_takes_the_place_of_the_first() -> None:
    search = UnderWay()
    search.take(begun(), 0.0)
    search.take(Replanned(replace(PLAN, in_full=(1,)), 0.25), 1.0)
    assert search.started is not None
    assert (search.started.plan.in_full, search.work_done) == ((1,), 0.25)


def test_a_stage_stands_where_its_trials_do() -> None:
    history = {
        **{number: record(number, 1, 1, Status.STOPPED) for number in range(4)},
        4: record(4, 3, 3, Status.STOPPED),
        5: record(5, 6, 9),
    }
    first, second = stage_standings(PLAN, history)
    # Epochs of the bracket: 6 of 1, 2 of 2 more, and one of 6 more.
    assert first == StageStanding(0, 6, begun=6, ended=5, share=13 / 16, rung=3, rungs=3, until_epoch=9)
    assert second == StageStanding(1, 3, begun=0, ended=0, share=0.0, rung=0, rungs=3, until_epoch=0)
    history[5] = record(5, 9, 9, Status.COMPLETE)
    assert [standing.is_over for standing in stage_standings(PLAN, history)] == [True, False]
    assert stage_standings(PLAN, history)[0].share == 1.0


def test_ahead_are_those_that_were_trained_longest_then_the_best() -> None:
    history = {number: record(number, epochs, 9) for number, epochs in enumerate([1, 3, 3, 0])}
    assert [one.number for one in farthest(history)] == [2, 1, 0]
