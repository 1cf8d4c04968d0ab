from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import CONFUSION, recorded_run

from hpsearch.objectives.objective import Confusion
from hpsearch.views.numbers.summary import ErrorScore, FitScore, binomial_interval, final_score, most_confused, summarise


def test_a_summary_counts_ends_and_ranks_by_the_last_epoch() -> None:
    summary = summarise(recorded_run())
    assert summary.counts == {"complete": 2, "diverged": 1, "failed": 1}
    assert summary.reasons == {"the loss was no longer a finite number in epoch 2": (2,), "ValueError: bad": (3,)}
    assert [(leader.trial, leader.score, leader.best, leader.best_epoch) for leader in summary.leaders] == [
        (1, 0.08, 0.08, 3),
        (0, 0.125, 0.1, 2),
    ]
    assert (summary.trials, summary.epochs) == (4, 8)


def test_equal_reasons_are_counted_together_wherever_their_objects_lay_in_memory() -> None:
    run = recorded_run()
    for number, address in ((2, "0x7f00aa"), (3, "0x7F11")):
        reason = f"trace\nTypeError: no number: <coroutine object f at {address}>"
        run.history[number] = replace(run.history[number], reason=reason)
    assert summarise(run).reasons == {"TypeError: no number: <coroutine object f>": (2, 3)}


def test_where_the_best_epoch_counts_the_last_one_is_told_beside_it() -> None:
    summary = summarise(recorded_run(best_epochs=True))
    assert summary.select == "best_epoch"
    assert [(leader.trial, leader.score, leader.selected_epoch, leader.last) for leader in summary.leaders] == [
        (1, 0.08, 3, 0.08),
        (0, 0.1, 2, 0.125),
    ]


def test_only_the_leaders_asked_for_are_given() -> None:
    assert [leader.trial for leader in summarise(recorded_run(), top=1).leaders] == [1]


def test_an_accuracy_is_shown_as_one_though_its_error_is_minimised() -> None:
    summary = summarise(recorded_run(metric="validation_accuracy"))
    assert summary.leaders[0].score == summary.leaders[0].last == pytest.approx(0.92)
    assert summary.leaders[1].best == pytest.approx(0.9)


def test_a_column_that_is_better_when_higher_is_shown_as_it_is_and_best_where_it_is_highest() -> None:
    run = recorded_run(metric="validation_macro_f1", column="validation_macro_f1")
    run.history[0] = replace(run.history[0], values=(0.125,))
    (leader,) = [leader for leader in summarise(run).leaders if leader.trial == 0]
    assert (leader.score, leader.last, leader.best_epoch) == (0.875, 0.875, 2)
    assert leader.best == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("wrong", "rows", "low", "high"),
    # Wilson score intervals worked by hand from the formula.
    [(0, 10, 0.0, 0.27753), (5, 10, 0.23659, 0.76341), (5, 359, 0.0059606, 0.0321841), (10, 10, 0.72247, 1.0)],
)
def test_the_binomial_interval_is_wilsons(wrong: int, rows: int, low: float, high: float) -> None:
    assert binomial_interval(wrong, rows) == pytest.approx((low, high), abs=1e-5)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_binomial_interval_holds_the_share_and_stays_a_share(case: tuple[int, int]) -> None:
    low, high = binomial_interval(*case)
    assert 0 <= low <= case[0] / case[1] + 1e-12
    assert case[0] / case[1] - 1e-12 <= high <= 1


def test_the_test_score_counts_wrong_rows() -> None:
    score = final_score({"error": 0.085, "loss": 0.3, "rows": 200})
    assert isinstance(score, ErrorScore)
    assert (score.wrong, score.rows) == (17, 200)
    assert final_score({}) is None


def test_the_test_score_of_a_regression_is_in_the_targets_unit() -> None:
    assert final_score({"rmse": 31.5, "loss": 0.1, "r2": 0.87, "rows": 200}) == FitScore(31.5, 0.87)


def test_the_most_frequent_confusions_come_first_and_right_rows_are_none() -> None:
    assert most_confused(CONFUSION, 3) == [("7", "9", 7), ("4", "9", 3), ("9", "4", 3)]
    assert len(most_confused(CONFUSION, 100)) == 5
    assert most_confused(Confusion(("a", "b"), ((3, 0), (0, 2))), 3) == []
