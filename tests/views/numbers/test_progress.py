import math
from dataclasses import replace

import pytest
from recorded import recorded_run

from hpsearch.views.numbers.progress import Clock, progress


def test_the_incumbent_is_told_after_each_trial_in_the_order_in_which_they_ended() -> None:
    run = recorded_run()
    ends = {0: "10:00:04", 1: "10:00:02", 2: "10:00:01", 3: "10:00:03"}
    run.sessions = [("2026-11-21T10:00:00+00:00", 4.0)]
    for number, at in ends.items():
        run.history[number] = replace(run.history[number], finished_at=f"2026-11-21T{at}.000+00:00")
    told = progress(run)
    assert [(end.trial, end.incumbent, end.is_better, end.n_trials, end.epochs, end.seconds) for end in told] == [
        (2, None, False, 1, 2, 1.0),
        (1, 1, True, 2, 5, 2.0),
        (3, 1, False, 3, 5, 3.0),
        (0, 1, False, 4, 8, 4.0),
    ]
    assert [end.best for end in told[1:]] == [0.08] * 3
    assert math.isnan(told[0].best)
    assert math.isnan(told[2].score)


def test_trials_that_ended_at_one_time_are_told_by_number() -> None:
    assert [end.trial for end in progress(recorded_run())] == [0, 1, 2, 3]


def test_a_trial_that_only_wins_a_tie_is_the_incumbent_and_no_better() -> None:
    run = recorded_run()
    losses = {"validation_error": (0.4, 0.1, 0.125), "validation_loss": (0.8, 0.2, 0.1)}
    run.history[1] = replace(run.history[1], values=run.history[0].values, curves=losses)
    assert [(end.incumbent, end.best, end.is_better) for end in progress(run)][:2] == [(0, 0.125, True), (1, 0.125, False)]


def test_an_accuracy_is_told_as_one() -> None:
    assert [end.best for end in progress(recorded_run(metric="validation_accuracy"))] == pytest.approx([0.875] + [0.92] * 3)


def test_a_clock_stands_still_between_two_sessions() -> None:
    clock = Clock([("2026-11-21T10:00:00+00:00", 60.0), ("2026-11-22T09:00:00+00:00", 30.0)])
    assert clock.worked_until("2026-11-21T10:00:20+00:00") == 20
    assert clock.worked_until("2026-11-22T08:00:00+00:00") == 60
    assert clock.worked_until("2026-11-22T09:00:10+00:00") == 70
    assert math.isnan(clock.worked_until("2026-11-21T09:59:59+00:00"))
    assert math.isnan(clock.worked_until(""))
