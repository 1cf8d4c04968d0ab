from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from played import gather, tried

from hpsearch.search.evidence import Evidence, clipped, standardised, thinned
from hpsearch.trial import HUGE, History, PriorTrial, Status, Trial, TrialRecord

log = math.log


def history(*curves: tuple[Sequence[float], Status]) -> History:
    """Return a history of trials with these values, at points that begin with their number."""
    records = {}
    for number, (values, status) in enumerate(curves):
        trial = Trial(number, 0, (number / 10, 0.5), {})
        records[number] = TrialRecord(trial, len(values), status, values=tuple(values), curves={"loss": tuple(values)})
    return records


def complete(*values: float) -> tuple[Sequence[float], Status]:
    return values, Status.COMPLETE


def stopped(*values: float) -> tuple[Sequence[float], Status]:
    return values, Status.STOPPED


def prior(*values: float, number: int = 7, point: tuple[float, ...] = (0.1, 0.2), status: str = "complete") -> PriorTrial:
    return PriorTrial("parent", number, point, values, Status(status))


def losses(*curves: tuple[Sequence[float], Status], floor: float = 0.0) -> list[float]:
    return [float(loss) for loss in gather(history(*curves), floor=floor).losses]


def test_a_loss_is_the_logarithm_of_the_last_value() -> None:
    evidence = gather(history(complete(3.0, 2.0), complete(1.0, 0.5)))
    assert evidence.is_log
    assert evidence.losses.tolist() == [log(2), log(0.5)]
    assert evidence.points.tolist() == [[0.0, 0.5], [0.1, 0.5]]
    assert evidence.trials == (("", 0), ("", 1))


def test_a_value_of_0_counts_as_the_least_that_can_be_told_from_it() -> None:
    assert losses(complete(0.0), complete(0.001), complete(0.2), floor=0.005) == [log(0.005), log(0.005), log(0.2)]


@pytest.mark.parametrize("value", [0.0, -2.0])
def test_where_a_value_has_no_logarithm_no_trial_gets_one(value: float) -> None:
    evidence = gather(history(complete(value), complete(0.5)))
    assert not evidence.is_log
    assert evidence.losses.tolist() == [value, 0.5]


def test_logarithms_can_be_switched_off() -> None:
    evidence = gather(history(complete(0.8, 0.4), stopped(0.9)), floor=0.5, logarithmic=False)
    assert not evidence.is_log
    assert evidence.losses == pytest.approx([0.4, 0.5])


def test_a_value_on_the_way_decides_it_too_whatever_became_of_the_trial() -> None:
    assert losses(complete(-1.0, 2.0), complete(1.0, 0.5)) == [2.0, 0.5]
    assert losses(((-1.0,), Status.DIVERGED), complete(1.0, 0.5)) == [math.inf, 0.5]
    assert gather(history(complete(2.0)), [prior(-1.0)]).losses.tolist() == [-1.0, 2.0]


def test_where_training_on_made_trials_worse_early_epochs_do_not_tell_and_stopped_ones_are_no_better_than_the_worst() -> (
    None
):
    rising = [complete(1.0, 0.4, 0.8), complete(1.0, 0.3, 0.2), complete(1.0, 0.5, 0.7)]
    evidence = gather(history(*rising, stopped(0.1), stopped(0.9, 0.35)))
    assert not evidence.early_epochs_tell
    assert evidence.losses[3:].tolist() == [log(0.8), log(0.8)]  # 1 and 2 of the 3 got worse after the second epoch


@pytest.mark.parametrize("curves", [[], [complete(1.0, 0.5)], [complete(0.5, 1.0)], [stopped(0.5)]])
def test_early_epochs_tell_as_long_as_no_trial_that_was_compared_shows_otherwise(
    curves: list[tuple[Sequence[float], Status]],
) -> None:
    assert gather(history(*curves)).early_epochs_tell


def test_a_value_that_is_no_number_decides_nothing() -> None:
    assert losses(complete(math.nan), complete(math.inf), complete(-math.inf), complete(2.0)) == [*[math.inf] * 3, log(2)]
    assert losses(complete(math.nan), complete(-math.inf), complete(-2.0)) == [math.inf, math.inf, -2.0]


def test_a_value_too_large_to_compute_with_counts_as_the_largest_that_is_not_whichever_its_sign() -> None:
    assert losses(complete(-1.0), complete(1e308), complete(-1e308), complete(1e30)) == [-1, 1e100, -1e100, 1e30]
    assert losses(complete(1.0), complete(1e308)) == [0, log(1e308)]


@pytest.mark.parametrize("status", [s for s in Status if s not in (Status.COMPLETE, Status.STOPPED, Status.WAITING)])
def test_a_trial_that_broke_has_an_infinite_loss_whatever_it_had_reached(status: Status) -> None:
    assert losses(((0.1, 0.001), status), ((), status), complete(0.5, 0.3)) == [math.inf, math.inf, log(0.3)]


def test_a_trial_that_still_trains_is_no_evidence() -> None:
    assert losses(((0.1,), Status.WAITING), complete(0.5, 0.3)) == [log(0.3)]


def test_a_stopped_trial_gets_the_median_change_from_its_last_epoch() -> None:
    # From epoch 1 to 3 the finished ones change by log 1/2, 1/4, 1/8; from epoch 2 by 1, 1/2, 1/2.
    finished = [complete(0.8, 0.4, 0.4), complete(0.8, 0.4, 0.2), complete(0.8, 0.2, 0.1)]
    found = losses(*finished, stopped(2.0), stopped(2.0, 1.0))
    assert found[3:] == pytest.approx([log(2.0 / 4), log(1.0 / 2)])


def test_between_two_changes_in_the_middle_it_is_their_mean() -> None:
    found = losses(complete(1.0, 0.5), complete(1.0, 0.25), stopped(2.0))
    assert found[2] == pytest.approx(log(2) + (log(0.5) + log(0.25)) / 2)


def test_without_logarithms_the_change_is_a_difference() -> None:
    assert losses(complete(5.0, -1.0), complete(5.0, 1.0), stopped(7.0)) == [-1.0, 1.0, 2.0]


def test_a_stopped_trial_is_never_better_than_the_best_finished_one() -> None:
    assert losses(complete(1.0, 0.1), complete(4.0, 0.4), stopped(0.5), stopped(2.0)) == pytest.approx(
        [log(0.1), log(0.4), log(0.1), log(0.2)]
    )


def test_where_no_trial_finished_a_stopped_one_is_what_it_was() -> None:
    assert losses(stopped(0.5), stopped(0.4, 0.3), ((0.1,), Status.DIVERGED)) == [log(0.5), log(0.3), math.inf]


def test_a_stopped_trial_without_a_number_has_an_infinite_loss() -> None:
    assert losses(stopped(), stopped(math.nan), stopped(0.5, math.inf), complete(1, 1, 1))[:3] == [math.inf] * 3


def test_a_finished_trial_without_a_number_at_an_epoch_says_nothing_of_changes_there() -> None:
    assert losses(complete(math.nan, 0.1), complete(1.0, 0.5), stopped(2.0))[2] == pytest.approx(0)
    assert losses(complete(math.nan, 0.1), stopped(2.0))[1] == log(2)
    assert losses(complete(1.0, math.nan), complete(1.0, 0.25), stopped(2.0))[2] == pytest.approx(log(0.5))


def test_changes_are_taken_from_values_no_lower_than_the_floor() -> None:
    assert losses(complete(0.4, 0.0), stopped(0.8), floor=0.1)[1] == pytest.approx(log(0.2))


def test_trials_of_earlier_runs_come_first_and_are_named() -> None:
    evidence = gather(
        history(complete(0.5, 0.25), stopped(2.0)), [prior(0.5, 0.125, number=3), prior(4.0, status="stopped")]
    )
    assert evidence.trials == (("parent", 3), ("parent", 7), ("", 0), ("", 1))
    change = (log(1 / 4) + log(1 / 2)) / 2
    assert evidence.losses == pytest.approx([log(0.125), log(4) + change, log(0.25), log(2) + change])
    assert evidence.points.tolist() == [[0.1, 0.2], [0.1, 0.2], [0.0, 0.5], [0.1, 0.5]]


def test_a_prior_trial_may_lie_outside_of_the_space() -> None:
    points = [(0.0, 1.0), (-0.01, 0.5), (0.5, 1.01)]
    trials = [prior(0.1, point=point) for point in points]
    assert [trial.is_inside for trial in trials] == [True, False, False]
    assert gather({}, trials).inside.tolist() == [True, False, False]


def test_the_best_come_first_and_the_first_of_equals_first() -> None:
    evidence = gather(tried([(0.5,)] * 6, [0.3, math.nan, 0.1, 0.3, 0.1, math.nan]))
    assert evidence.order.tolist() == [2, 4, 0, 3, 1, 5]


def test_evidence_without_a_number_inside_the_space_is_empty() -> None:
    assert gather({}).is_empty
    assert gather({}).points.shape == (0, 0)
    assert gather(tried([(0.5,), (0.6,)], [math.nan] * 2)).is_empty
    assert gather({}, [prior(0.1, point=(2.0,))]).is_empty
    assert not gather({}, [prior(0.1, point=(1.0,))]).is_empty
    assert not gather(tried([(0.5,), (0.6,)], [math.nan, 3.0])).is_empty


def test_losses_are_clipped_as_far_above_the_median_as_the_best_lies_below() -> None:
    assert clipped(np.array([1.0, 4.0, 3.0, 5.0, 99.0])).tolist() == [1, 4, 3, 5, 7]
    assert clipped(np.array([-2.0, math.inf, 0.0, 1.0, 50.0])).tolist() == [-2, 4, 0, 1, 4]


def test_where_most_trials_diverged_they_count_as_far_above_the_worst_as_the_best_lies_below() -> None:
    assert clipped(np.array([1.0, 3.0, math.inf, math.inf])).tolist() == [1, 3, 5, 5]
    assert clipped(np.array([math.inf, 1.0, math.inf, 3.0, 2.0, math.inf, math.inf])).tolist() == [5, 1, 5, 3, 2, 5, 5]


@pytest.mark.parametrize(
    ("losses", "expected"),
    [([2.0], [2]), ([2.0, 2.0], [2, 2]), ([2.0, math.inf], [2, 3]), ([2.0, 2, 2, 6, math.inf], [2, 2, 2, 6, 6])],
)
def test_a_trial_that_diverged_is_worse_than_others_though_the_best_is_the_median(
    losses: list[float], expected: list[float]
) -> None:
    assert clipped(np.array(losses)).tolist() == expected


def test_the_model_sees_the_best_half_and_the_other_evenly_over_the_ranks_of_the_rest() -> None:
    order = np.arange(10_000)[::-1]
    seen = thinned(order)
    assert len(seen) == len(set(seen.tolist())) == 400
    assert seen[:200].tolist() == order[:200].tolist()
    assert (seen[200], seen[-1]) == (order[200], order[-1])
    assert np.diff(seen[200:]) == pytest.approx(-(9799 / 199), abs=1)


@pytest.mark.parametrize("count", [0, 1, 399, 400])
def test_a_model_of_400_trials_sees_them_all(count: int) -> None:
    assert thinned(np.arange(count)).tolist() == list(range(count))
    assert len(set(thinned(np.arange(count + 401)).tolist())) == 400


@pytest.mark.parametrize(
    "losses",
    [[0.1] * 3, [0.0, 1e-170, 3e-170], [-1e-300, 1e-300], [-HUGE, HUGE, 0.3], [-HUGE, 0.1, 0.2, math.inf]],
)
def test_losses_that_hardly_differ_and_those_that_differ_hugely_are_standardised_in_their_order(losses: list[float]) -> None:
    targets, deviation = standardised(np.array(losses))
    assert np.isfinite(targets).all()
    assert (np.argsort(targets, kind="stable") == np.argsort(losses, kind="stable")).all()
    assert 0 < deviation < math.inf


@given(
    st.lists(st.tuples(st.lists(st.floats(), max_size=3), st.sampled_from(Status)), max_size=8), st.sampled_from([0, 0.1])
)
def test_no_loss_is_nan_and_nobody_beats_the_best_finished_trial(
    curves: list[tuple[list[float], Status]], floor: float
) -> None:
    padded = [(v + v[-1:] * (3 - len(v)) if s is Status.COMPLETE else v, s) for v, s in curves]
    evidence = gather(history(*padded), floor=floor)
    assert not np.isnan(evidence.losses).any()
    assert (evidence.losses > -math.inf).all()
    finished = [n for n, (_, name) in enumerate(evidence.trials) if padded[name][1] is Status.COMPLETE]
    if finished and not math.isinf(best := min(evidence.losses[finished])):
        assert evidence.losses.min() == best


def test_evidence_is_what_it_says_however_it_was_made() -> None:
    evidence = Evidence(np.array([[0.5], [1.5]]), np.array([2.0, 1.0]), (("", 0), ("a", 1)), ("", ""), is_log=False)
    assert evidence.inside.tolist() == [True, False]
    assert evidence.order.tolist() == [1, 0]
