"""The share of a run's work that is done, on trials whose epochs and costs are given."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fake_objective import FakeObjective

from hpsearch.search.plan import Plan
from hpsearch.study.record import RunRecord
from hpsearch.study.work import Work
from hpsearch.trial import Status, Trial, TrialRecord


def record(number: int, epochs: int, until: int, status: Status = Status.WAITING, cost: float = 1.0) -> TrialRecord:
    curves = {"validation_error": (0.5,) * epochs}
    return TrialRecord(Trial(number, 0, (), {"cost": cost}), until, status, curves=curves)


def done(plan: Plan, *records: TrialRecord, repetitions: int = 0, ended: str = "", fresh: Any = None) -> float:
    run = RunRecord({}, {record.number: record for record in records}, repetitions=fresh or {}, ended=ended)
    return Work(FakeObjective().cost, plan, run, repetitions).take(())


class TestOneStage:
    PLAN = Plan((4,), (9,))

    def test_nothing_is_done_before_a_trial_has_begun(self) -> None:
        assert done(self.PLAN) == 0.0
        assert done(self.PLAN, *(record(n, 0, 9) for n in range(4))) == 0.0

    def test_the_epochs_of_trials_of_one_cost_count_alike(self) -> None:
        trials = [record(0, 9, 9, Status.COMPLETE), record(1, 6, 9), record(2, 3, 9), record(3, 0, 9)]
        assert done(self.PLAN, *trials) == pytest.approx(18 / 36)

    def test_those_of_a_costly_trial_count_for_more(self) -> None:
        trials = [record(0, 9, 9, Status.COMPLETE, cost=5.0), *(record(n, 0, 9) for n in (1, 2, 3))]
        assert done(self.PLAN, *trials) == pytest.approx(5 / 8)

    def test_a_trial_that_diverged_has_nothing_more_to_do(self) -> None:
        trials = [record(0, 1, 9, Status.DIVERGED), *(record(n, 0, 9) for n in (1, 2, 3))]
        assert done(self.PLAN, *trials) == pytest.approx(9 / 36)

    def test_all_is_done_when_all_have_ended(self) -> None:
        assert done(self.PLAN, *(record(n, 9, 9, Status.COMPLETE, cost=n + 1.0) for n in range(4))) == 1.0


class TestStagesAndRungs:
    """Two stages of 6: each is 6 epochs, 2 more for each of 2, and 6 more for one: 16."""

    PLAN = Plan((6, 6), (1, 3, 9))
    FIRST = tuple(
        record(n, *ends)
        for n, ends in enumerate(
            [(9, 9, Status.COMPLETE), (3, 3, Status.STOPPED), *[(1, 1, Status.STOPPED)] * 4]  # one, one, and four
        )
    )

    def test_a_stage_that_is_over_counts_as_planned(self) -> None:
        assert self.PLAN.epochs == 32
        assert done(self.PLAN, *self.FIRST) == pytest.approx(16 / 32)
        early = [record(n, 1, 1, Status.DIVERGED) for n in range(6)]
        assert done(self.PLAN, *early) == pytest.approx(16 / 32)

    def test_of_a_stage_that_is_not_over_the_epochs_count(self) -> None:
        second = [record(6, 2, 3), record(7, 3, 3), *(record(n, 1, 1, Status.STOPPED) for n in (8, 9, 10, 11))]
        assert done(self.PLAN, *self.FIRST, *second) == pytest.approx((16 + 9) / 32)

    def test_it_never_counts_for_more_than_the_whole_stage(self) -> None:
        costly = [record(n, 1, 1, cost=9.0 if n < 2 else 1.0) for n in range(6)]
        sent = [record(n, 3, 9, cost=90.0) for n in (0, 1)] + costly[2:]
        assert done(self.PLAN, *sent) == pytest.approx(16 / 32)

    def test_a_search_that_is_over_is_done_however_early_it_ended(self) -> None:
        assert done(self.PLAN, *self.FIRST, ended="the target is reached") == 1.0


class TestConfirmation:
    """Two leaders are to be trained three times each, 9 epochs a time, after a stage of 4: 36 and 54 epochs."""

    PLAN = Plan((4,), (9,))

    def test_it_is_part_of_the_work(self) -> None:
        trials = [record(n, 9, 9, Status.COMPLETE) for n in range(4)]
        assert done(self.PLAN, *trials, repetitions=6) == pytest.approx(36 / 90)
        begun = {(0, 1): record(0, 9, 9, Status.COMPLETE), (0, 2): record(0, 3, 9), (1, 1): record(1, 0, 9)}
        trainings = {key: replace(known, trial=replace(known.trial, repetition=key[1])) for key, known in begun.items()}
        assert done(self.PLAN, *trials, repetitions=6, fresh=trainings) == pytest.approx((36 + 12) / 90)


def test_results_taken_one_by_one_give_what_all_at_once_give() -> None:
    """Each is looked at once, however many trials the stage has; one that begins again takes its epochs back."""
    plan, run = Plan((40, 20), (3, 9)), RunRecord({})
    work = Work(FakeObjective().cost, plan, run, 0)
    shares = []
    for number in range(60):
        for epochs, until, status in [(0, 3, Status.WAITING), (3, 3, Status.WAITING), (3, 3, Status.STOPPED)]:
            run.history[number] = record(number, epochs, until, status, cost=1.0 + number % 3)
            shares.append(work.take([run.history[number]]))
            assert shares[-1] == pytest.approx(done(plan, *run.history.values()))
    assert shares[-1] == 1.0
    run.history[3] = record(3, 1, 9)
    assert work.take([run.history[3]]) == pytest.approx(done(plan, *run.history.values()))


def test_a_result_costs_no_look_at_the_others() -> None:
    class Untouchable(dict[int, TrialRecord]):
        def values(self) -> Any:
            raise AssertionError

    trials = [record(number, 0, 9) for number in range(5)]
    run = RunRecord({}, {trial.number: trial for trial in trials})
    work = Work(FakeObjective().cost, Plan((5,), (9,)), run, 0)
    run.history = Untouchable(run.history)
    assert work.take([record(2, 9, 9, Status.COMPLETE)]) == pytest.approx(1 / 5)


def test_a_plan_of_nothing_is_done() -> None:
    assert done(Plan((), (9,))) == 1.0
