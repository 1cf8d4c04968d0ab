import math
from pathlib import Path
from typing import Any

import pytest
from recorded import recorded_search
from scipy.stats import ttest_ind
from side_by_side import run_of

from hpsearch.study.record import RunRecord
from hpsearch.views.numbers.axis import ScoreAxis
from hpsearch.views.numbers.comparison import Comparison, Difference, compare

NAN: Any = pytest.approx(math.nan, nan_ok=True)


def compared(*runs: RunRecord) -> Comparison:
    return compare({Path(f"runs/{place}"): run for place, run in enumerate(runs)})


def difference(*runs: RunRecord) -> Difference:
    (found,) = compared(*runs).differences
    return found


def test_a_side_tells_what_a_run_spent_and_came_to() -> None:
    side = compared(run_of([0.4, None, 0.2, 0.1, 0.9, 0.3]), run_of([0.1])).sides[0]
    assert (side.directory, side.complete, side.epochs) == ("runs/0", 5, 15)
    assert side.best is not None
    assert (side.best.trial, side.best.score) == (3, 0.1)
    assert side.scores == pytest.approx((0.1, 0.14, 0.2, 0.3, 0.4, 0.9))
    assert side.drawn


def test_all_complete_trials_have_one_axis() -> None:
    found = compared(run_of([0.4, None, 0.2]), run_of([0.5, 0.1]))
    assert found.axis == ScoreAxis(0.1, 0.5, "linear", 0)
    assert compared(run_of([None]), run_of([None])).axis is None


def test_the_difference_tells_that_the_first_run_is_the_better_one() -> None:
    found = difference(run_of([0.1], fresh={0: (0.11, 0.12)}), run_of([0.2], fresh={0: (0.21, 0.22, 0.23)}))
    assert found.search == pytest.approx(0.1)
    assert found.fresh is not None
    interval = ttest_ind((0.21, 0.22, 0.23), (0.11, 0.12), equal_var=False).confidence_interval(0.95)
    assert (found.fresh.low, found.fresh.high) == pytest.approx((interval.low, interval.high))
    assert found.fresh.low > 0


def test_epochs_with_fresh_seeds_are_none_of_the_search() -> None:
    one, other = compared(recorded_search(), recorded_search({})).sides
    assert one.epochs == other.epochs == 9


def test_a_metric_that_is_better_when_higher_is_compared_as_it_is_shown() -> None:
    accuracy: dict[str, Any] = {"metric": "validation_accuracy"}
    one, other = run_of([0.2, 0.1], **accuracy), run_of([0.05, 0.3], **accuracy)
    found = compared(one, other)
    assert found.sides[0].scores[0] == 0.9
    assert found.sides[0].scores[-1] == 0.8
    assert found.differences[0].search == pytest.approx(0.05)


def test_the_difference_is_known_where_both_winners_have_fresh_seeds() -> None:
    one = run_of([0.2, 0.3], fresh={0: (0.21, 0.22, 0.23)})
    found = difference(one, run_of([0.1], fresh={0: (0.11, 0.12)}))
    assert found.fresh is not None
    assert found.fresh.difference == pytest.approx(-0.105)
    assert not found.fresh.is_noise


@pytest.mark.parametrize(
    ("unknown", "other"),
    [
        ("no fresh seeds", run_of([0.1])),
        ("one fresh seed", run_of([0.1], fresh={0: (0.1,)})),
        ("failed again", run_of([0.1], fresh={0: (0.1, 1e200)})),
        ("unfinished", run_of([0.1], waiting=1)),
        ("no seed", run_of([0.1], seeded=False)),
    ],
)
def test_the_difference_is_not_known_without_two_values_with_fresh_seeds(unknown: str, other: RunRecord) -> None:
    found = compared(run_of([0.2], fresh={0: (0.1, 0.2)}), other)
    assert found.differences[0].fresh is None
    assert not found.differences[0].repeats
    assert [side.unknown for side in found.sides] == ["", unknown]


def test_without_seeds_to_vary_the_same_comes_out_again() -> None:
    assert difference(run_of([0.2], seeded=False), run_of([0.1], seeded=False)).repeats


def test_a_winner_that_fresh_seeds_chose_is_told_to_be_one() -> None:
    chosen = run_of([0.1, 0.11], fresh={0: (0.5, 0.5), 1: (0.1, 0.1)})
    picked = run_of([0.1, 0.11], fresh={0: (0.1, 0.1), 1: (0.5, 0.5)})
    assert [side.repicked for side in compared(chosen, picked).sides] == [True, False]


def test_validation_rows_bound_the_difference_of_shares_of_them_only() -> None:
    found = difference(run_of([0.2]), run_of([0.1]))
    assert found.rows == 200
    assert found.rows_allow == pytest.approx(1.96 * math.sqrt((0.16 + 0.09) / 200), rel=1e-4)
    loss: dict[str, Any] = {"metric": "validation_loss", "column": "validation_loss"}
    found = difference(run_of([0.2], **loss), run_of([0.1], **loss))
    assert (found.rows, found.rows_allow) == (0, NAN)


def test_a_run_in_which_nothing_completed_has_no_winner_to_compare() -> None:
    found = compared(run_of([None, None]), run_of([0.1]))
    assert found.differences == ()
    assert found.sides[0].scores == ()
    assert found.after_trials[-1].scores == (NAN, 0.1)


DATA = run_of([0.1]).start["data"]
FUNCTION = {"task": "python", "notes": [], "function": "mine:f", "fingerprint": "a"}


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ({}, {"data": {**DATA, "split_sha256": "other"}}, "judged on different rows"),
        ({}, {"data": {**DATA, "target": "other"}}, "judged on different rows"),
        ({}, {"select": "best_epoch"}, "the best of several looks better"),
        ({"data": FUNCTION}, {"data": {**FUNCTION, "fingerprint": "b"}}, "has changed between one-001 and two-001"),
        ({"data": FUNCTION}, {"data": {**FUNCTION, "function": "mine:g"}}, "search different functions"),
        ({}, {"data": FUNCTION}, "search different functions, or not both one"),
    ],
)
def test_runs_whose_numbers_cannot_be_compared_have_no_difference(one: Any, other: Any, why: str) -> None:
    found = compared(run_of([0.1], **one), run_of([0.1], name="two-001", **other))
    assert [why in text for text in found.unlike] == [True]
    assert found.differences == ()
    assert found.rows == 0


def test_runs_on_the_same_rows_can_be_compared_however_these_are_prepared() -> None:
    assert compared(run_of([0.1]), run_of([0.1], data={**DATA, "fingerprint": "other"})).unlike == ()


def test_after_so_many_drawn_trials_the_score_is_the_median_over_all_orders() -> None:
    found = compared(run_of([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.1]), run_of([0.3] * 6))
    assert [(row.spent, row.scores[0]) for row in found.after_trials] == [(1, 0.6), (2, 0.4), (5, 0.1), (6, 0.1)]
    assert [(row.spent, row.scores[0]) for row in found.after_epochs] == [(3, 0.6), (6, 0.4), (15, 0.1), (18, 0.1)]


def test_after_so_many_trials_that_learnt_from_others_the_score_is_that_of_their_order() -> None:
    zoom = run_of([0.9, 0.95, 0.7, 0.1], search={"method": "zoom"})
    found = compared(zoom, run_of([0.3] * 4))
    assert [side.drawn for side in found.sides] == [False, True]
    assert [(row.spent, row.scores[0]) for row in found.after_trials] == [(1, 0.9), (2, 0.9), (4, 0.1)]


def test_stopped_trials_cost_their_epochs_and_come_in_their_order() -> None:
    stopped = run_of([0.9, 0.2, 0.8, 0.1], stopped=[0, 2])
    found = compared(stopped, run_of([0.3] * 4))
    assert not found.sides[0].drawn
    assert [(row.spent, row.scores[0]) for row in found.after_trials] == [(1, NAN), (2, 0.2), (4, 0.1)]
    assert [(row.spent, row.scores[0]) for row in found.after_epochs] == [(3, NAN), (6, 0.2), (8, 0.1)]


def test_trials_of_one_epoch_are_counted_once() -> None:
    assert compared(run_of([0.1, 0.2], epochs=1), run_of([0.1, 0.2], epochs=1)).after_epochs == ()


def test_each_run_is_held_against_the_first() -> None:
    found = compared(run_of([0.3]), run_of([0.2]), run_of([0.6]))
    assert [d.other for d in found.differences] == [1, 2]
    assert [d.search for d in found.differences] == pytest.approx([-0.1, 0.3])
