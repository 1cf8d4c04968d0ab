from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.search.halving import bracket_epochs, passed_over, promotion, rungs, stopped_at, survivors
from hpsearch.trial import Status, Trial, TrialRecord


def record(number: int, value: float, until: int = 3, status: Status = Status.WAITING, loss: float = 1.0) -> TrialRecord:
    curves = {"validation_error": (value,) * until, "validation_loss": (loss,) * until}
    trial = Trial(number, 0, (0.5,), {"x": 0.5})
    return TrialRecord(trial, until, status, curves=curves, values=(value,) * until, selected_epoch=until)


@pytest.mark.parametrize(
    ("epochs", "min_epochs", "factor", "expected"),
    [
        (27, 1, 3, (1, 3, 9, 27)),
        (243, 1, 3, (1, 3, 9, 27, 81, 243)),
        (1000, 1, 10, (1, 10, 100, 1000)),
        (30, 1, 3, (1, 3, 9, 30)),
        (26, 1, 3, (1, 3, 26)),
        (1, 1, 3, (1,)),
        (2, 1, 3, (2,)),
        (3, 1, 3, (1, 3)),
        (9, 10, 3, (9,)),
        (9, 9, 3, (9,)),
        (9, 4, 3, (9,)),
        (20, 5, 2, (5, 10, 20)),
        (10**6, 1, 10, (1, 10, 100, 1000, 10**4, 10**5, 10**6)),
    ],
)
def test_the_rungs_are_whole_products_and_the_last_epoch(
    epochs: int, min_epochs: int, factor: int, expected: tuple[int, ...]
) -> None:
    assert rungs(epochs, min_epochs, factor) == expected


@given(epochs=st.integers(1, 10**6), min_epochs=st.integers(1, 10**6), factor=st.integers(2, 100))
def test_each_rung_is_so_many_times_the_one_before_but_for_the_last(epochs: int, min_epochs: int, factor: int) -> None:
    found = rungs(epochs, min_epochs, factor)
    assert found[-1] == epochs
    assert all(later == earlier * factor for earlier, later in pairwise(found[:-1]))
    assert all(rung * factor <= epochs for rung in found[:-1])
    assert len(found) == 1 or (found[0] == min_epochs and found[-2] * factor**2 > epochs)


def test_a_third_goes_on_rounded_up() -> None:
    assert [survivors(count, 3) for count in (1, 2, 3, 4, 6, 7, 16)] == [1, 1, 1, 2, 2, 3, 6]


@pytest.mark.parametrize(
    ("count", "rungs", "epochs"),
    [(1, (27,), 27), (40, (20,), 800), (1, (1, 3, 9, 27), 27), (27, (1, 3, 9, 27), 27 + 9 * 2 + 3 * 6 + 1 * 18)],
)
def test_a_bracket_costs_what_its_trials_train(count: int, rungs: tuple[int, ...], epochs: int) -> None:
    assert bracket_epochs(count, rungs, 3) == epochs


def test_the_best_third_goes_on_to_the_next_rung_and_the_rest_is_stopped() -> None:
    stage = [record(number, value) for number, value in enumerate([0.5, 0.1, 0.9, 0.3, 0.2, 0.4, 0.8])]
    assert promotion(stage, (1, 3, 9, 27), 3) == ((1, 3, 4), (0, 2, 5, 6), 9)


def test_the_order_of_the_records_makes_no_difference() -> None:
    stage = [record(number, value) for number, value in enumerate([0.5, 0.1, 0.5, 0.3, 0.1, 0.1])]
    assert promotion(stage[::-1], (1, 3, 9), 3) == promotion(stage, (1, 3, 9), 3) == ((1, 4), (0, 2, 3, 5), 9)


def test_equal_values_are_told_apart_by_their_loss_and_then_by_their_number() -> None:
    stage = [record(0, 0.5, loss=3), record(1, 0.5, loss=2), record(2, 0.5, loss=1), record(3, 0.5, loss=2)]
    assert promotion(stage, (3, 9), 3) == ((1, 2), (0, 3), 9)


def test_those_that_diverged_on_the_way_to_a_rung_count_as_having_been_there() -> None:
    diverged = [record(number, math.nan, status=Status.DIVERGED) for number in range(4)]
    stage = [*diverged, record(4, 0.1), record(5, 0.2), record(6, 0.3)]
    assert promotion(stage, (3, 9), 3) == ((4, 5, 6), (), 9)
    assert promotion(stage[1:], (3, 9), 3) == ((4, 5), (6,), 9)


def test_given_trials_always_go_on_and_take_nobodys_place() -> None:
    """The bracket is that of the others: of six a third, whether the given ones are good, poor or have diverged."""
    others = [record(number, value) for number, value in enumerate([0.6, 0.1, 0.9, 0.3, 0.2, 0.4], 2)]
    alone = promotion(others, (1, 3, 9, 27), 3)
    assert alone == ((3, 6), (2, 4, 5, 7), 9)
    for value in (0.0, 0.9):
        stage = [record(0, value), record(1, math.nan, status=Status.DIVERGED), *others]
        assert promotion(stage, (1, 3, 9, 27), 3, 2) == ((0, *alone[0]), alone[1], 9)


def test_given_trials_go_on_where_nobody_else_is_left() -> None:
    stage = [record(0, 0.5), record(1, 0.4), record(2, math.nan, status=Status.DIVERGED)]
    assert promotion(stage, (3, 9), 3, 2) == ((0, 1), (), 9)


def test_those_that_ended_before_the_rung_do_not_count() -> None:
    stage = [record(number, 0.9, until=1, status=Status.STOPPED) for number in range(6)]
    stage += [record(6, math.nan, until=1, status=Status.DIVERGED), record(7, 0.1), record(8, 0.2), record(9, 0.3)]
    assert promotion(stage, (1, 3, 9), 3) == ((7,), (8, 9), 9)


def test_the_last_one_goes_on_however_many_diverged() -> None:
    stage = [*(record(number, math.nan, status=Status.DIVERGED) for number in range(20)), record(20, 0.5)]
    assert promotion(stage, (3, 9), 3) == ((20,), (), 9)


def test_a_value_that_is_no_number_is_the_worst() -> None:
    stage = [record(0, math.nan), record(1, 5.0), record(2, 1.0), record(3, math.inf)]
    assert promotion(stage, (3, 9), 3)[0] == (1, 2)


def test_losses_of_0_and_below_are_values_like_others() -> None:
    stage = [replace(record(number, value)) for number, value in enumerate([0.0, -1.0, 2.0])]
    assert promotion(stage, (3, 9), 3)[0] == (1,)


@given(
    values=st.lists(st.floats(0, 1) | st.just(math.nan), min_size=1, max_size=12),
    there=st.lists(st.booleans(), min_size=12, max_size=12),
    diverged=st.integers(0, 3),
    given=st.integers(0, 2),
)
def test_who_is_passed_over_before_all_are_there_is_stopped_once_they_are(
    values: list[float], there: list[bool], diverged: int, given: int
) -> None:
    ended = [record(number, math.nan, status=Status.DIVERGED) for number in range(diverged)]
    waiting = [record(diverged + place, value) for place, value in enumerate(values)]
    on_the_way = [r if done else replace(r, curves={}, values=()) for r, done in zip(waiting, there, strict=False)]
    _, stopped, _ = promotion([*ended, *waiting], (3, 9), 3, given)
    early = passed_over([*ended, *on_the_way], 3, given)
    assert early <= set(stopped)
    kept = survivors(sum(r.number >= given for r in (*ended, *waiting)), 3)
    compared = sum(done and r.number >= given for r, done in zip(waiting, there, strict=False))
    assert len(early) == max(0, compared - kept)


@pytest.mark.parametrize(
    ("epochs", "factor", "words"),
    [
        (1, 3, "not among the best third of its stage after 1 epoch"),
        (4, 2, "not among the best half of its stage after 4 epochs"),
        (4, 4, "not among the best quarter of its stage after 4 epochs"),
        (10, 10, "not among the best 1 / 10 of its stage after 10 epochs"),
    ],
)
def test_a_stopped_trial_is_told_why(epochs: int, factor: int, words: str) -> None:
    assert stopped_at(epochs, factor) == words
