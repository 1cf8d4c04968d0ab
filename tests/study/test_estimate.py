from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from fake_objective import FakeObjective

from hpsearch.objectives.objective import Deadline
from hpsearch.search.plan import Plan
from hpsearch.search.settings import Confirm
from hpsearch.study.estimate import (
    COSTLIEST,
    Round,
    measure,
    rounds,
    seconds_for,
)
from hpsearch.trial import Outcome, State, Trial

NONE = Confirm(leaders=0)


def test_the_rounds_of_a_plan_are_its_rungs_stage_by_stage_and_the_confirmation() -> None:
    plan = Plan((12, 16), (1, 3, 9), 3, coarse_rungs=(1, 9))
    first, second = [Round(12, 1, False), Round(4, 8, True)], [Round(16, 1, True), Round(6, 2, True), Round(2, 6, True)]
    assert list(rounds(plan, NONE)) == first + second
    assert list(rounds(plan, Confirm(leaders=2, seeds=3)))[-1] == Round(6, 9, True)
    assert sum(r.trainings * r.epochs for r in rounds(plan, NONE)) == plan.epochs


def test_given_trials_go_on_beside_the_bracket() -> None:
    plan = Plan((5, 2), (1, 3), 3, given=6)
    assert list(rounds(plan, NONE)) == [Round(5, 1, False), Round(5, 2, True), Round(2, 1, True), Round(2, 2, True)]
    assert sum(r.trainings * r.epochs for r in rounds(plan, NONE)) == plan.epochs


def test_a_stage_in_full_is_one_round() -> None:
    plan = Plan((12, 9), (1, 9), 3, coarse_rungs=(1, 9), in_full=(1,))
    assert list(rounds(plan, NONE))[2:] == [Round(4, 9, True)]


def test_workers_share_a_round_as_evenly_as_whole_trainings_can_be() -> None:
    work = [Round(5, 2, False)]
    assert seconds_for(work, 1.0, 9.0, 1, reading=0.3) == pytest.approx(0.8 + 5 * 2.004)
    assert seconds_for(work, 1.0, 9.0, 2, reading=0.3) == pytest.approx(1.6 + 3 * 2.004)
    assert seconds_for(work, 1.0, 9.0, 99, reading=0.3) == pytest.approx(1.6 + 2.004)
    assert seconds_for(work, 1.0, 9.0, 2, reading=7.0) == pytest.approx(15.0 + 3 * 2.004)


def test_what_results_choose_may_take_longer_than_what_is_drawn() -> None:
    work = [Round(6, 1, is_chosen=False), Round(2, 3, is_chosen=True)]
    assert seconds_for(work, 1.0, 4.0, 1, reading=0.0) == pytest.approx(0.5 + 6 * 1.004 + 2 * 12.004)


@dataclass
class Time:
    """Goes on by 100 s whenever it is asked: what a stalled machine adds to the time that goes by makes no difference."""

    now: float = field(default=0.0)

    def __call__(self) -> float:
        self.now += 100
        return self.now


def trials(*costs: float) -> list[Trial]:
    return [Trial(number, 0, (0.5,), {"cost": cost}) for number, cost in enumerate(costs)]


def measured(populations: list[list[Trial]], epochs: int, seconds: float) -> float:
    """Return the seconds for each unit of cost, as the clock above tells."""
    found = measure(FakeObjective(), populations, epochs, seconds, clock=Time())
    assert found is not None
    # Two numbers of 8 bytes, and what a file says of each; how many epochs were trained only further training needs.
    assert (found.state_bytes, found.lasting_bytes) == (2 * 288, 288)
    return found.seconds_per_cost


def test_seconds_are_told_for_each_unit_of_cost_and_the_bytes_of_a_state() -> None:
    # Two calls of 100 s, in which 4 epochs of a cost of 5 and 4 of a cost of 1 were trained.
    assert measured([trials(2, 3), trials(1)], epochs=4, seconds=9000) == pytest.approx(200 / 24)


def test_no_more_is_begun_than_there_is_time_for() -> None:
    assert measured([trials(1), trials(1000)], epochs=1, seconds=1500) == pytest.approx(100)
    assert measured([trials(5)], epochs=1, seconds=0.0) == pytest.approx(20)  # as the first, which warmed up


def test_of_a_population_that_takes_too_long_one_trial_is_trained() -> None:
    assert measured([trials(2, 6)], epochs=1, seconds=300) == pytest.approx(50)


def test_what_takes_long_by_itself_is_not_begun() -> None:
    assert measure(FakeObjective(), [trials(2 * COSTLIEST)], epochs=1) is None


@dataclass(frozen=True)
class Remembering(FakeObjective):
    """Remembers which trials it trained, call by call."""

    trained: list[list[float]] = field(default_factory=list)

    def advance(
        self, trials: Sequence[Trial], states: Sequence[State | None], until_epoch: int, deadline: Deadline
    ) -> list[Outcome]:
        self.trained.append([self.cost(trial.params) for trial in trials])
        return super().advance(trials, states, until_epoch, deadline)


@dataclass(frozen=True)
class Lasting(FakeObjective):
    """Trains for 0.01 s for each unit of cost, as its own clock tells."""

    time: list[float] = field(default_factory=lambda: [0.0])

    def advance(
        self, trials: Sequence[Trial], states: Sequence[State | None], until_epoch: int, deadline: Deadline
    ) -> list[Outcome]:
        def spent() -> bool:
            self.time[0] += 0.01 * sum(self.cost(trial.params) for trial in trials)
            return deadline()

        return super().advance(trials, states, until_epoch, spent)

    def now(self) -> float:
        return self.time[0]


def measured_for(costs: list[float], epochs: int, monkeypatch: pytest.MonkeyPatch) -> float:
    """Return the seconds that a measurement of 1.5 s took."""
    objective = Lasting()
    monkeypatch.setattr("time.monotonic", objective.now)
    assert measure(objective, [[trial] for trial in trials(*costs)], epochs, seconds=1.5, clock=objective.now)
    return objective.now()


@pytest.mark.parametrize("costs", [[1] * 200, [1, 300, 2, 40], [9, 9, 1], [140, 1, 3], [149]])
def test_only_what_fits_into_the_seconds_is_begun(costs: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    assert 0.2 - 1e-9 <= measured_for(costs, 1, monkeypatch) <= 1.5 + 1e-9


def test_what_has_more_epochs_is_ended_at_the_next_one_and_the_seconds_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 1.4 < measured_for([8, 7, 6, 5], 10, monkeypatch) <= 1.5 + 0.08


def test_after_the_cheapest_come_those_first_whose_costs_are_most_of_the_work() -> None:
    """A unit of cost belongs to a trial of 1003 / 43 = 23 on average: 30 is 1.3 times that, 10 less than half, 1 far off."""
    objective = Remembering()
    assert measure(objective, [trials(1, 1, 1), trials(10), trials(30)], epochs=1, seconds=9000, clock=Time())
    assert objective.trained == [[1], [30], [10], [1, 1, 1]]
