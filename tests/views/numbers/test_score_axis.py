import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.views.format import metric_values
from hpsearch.views.numbers.axis import ScoreAxis, score_axis


def axis_of(scores: list[float], *, higher_is_better: bool = False) -> ScoreAxis:
    axis = score_axis(scores, higher_is_better=higher_is_better)
    assert axis is not None
    return axis


def test_scores_of_one_size_stand_on_a_linear_axis() -> None:
    axis = axis_of([0.1, 0.4, 0.3, math.nan])
    assert axis == ScoreAxis(0.1, 0.4, "linear", 0)
    assert [axis.place(score) for score in (0.1, 0.25, 0.4)] == pytest.approx([0, 0.5, 1])


def test_scores_over_decades_stand_on_a_logarithmic_one() -> None:
    axis = axis_of([0.001, 0.01, 0.1])
    assert axis.scale == "log"
    assert axis.place(0.01) == pytest.approx(0.5)
    assert axis.ticks(3) == [0.001, 0.01, 0.1]


def test_what_is_0_or_below_has_no_place_on_a_logarithmic_axis() -> None:
    assert axis_of([0.0, 1.0, 100.0]).scale == "linear"


def test_scores_of_which_the_higher_are_better_stand_on_a_linear_axis_over_decades_too() -> None:
    """A logarithmic one would squeeze the good ones."""
    accuracies = [0.01, 0.04, 0.3, 0.9, 0.95, 0.97, 0.98]
    assert axis_of(accuracies, higher_is_better=True) == ScoreAxis(0.01, 0.98, "linear", 0)
    assert axis_of(accuracies).scale == "log"


@pytest.mark.parametrize("sign", [1, -1])
def test_the_hopeless_ones_stand_at_the_edge_and_are_counted(sign: int) -> None:
    scores = (-1.0, -0.5, 0.0, 0.5, 0.8, 1.0, 1.5, 2.0, 1e9, 1e300)
    axis = axis_of([sign * score for score in scores], higher_is_better=sign < 0)
    assert axis.beyond == 2
    assert sorted(map(abs, (axis.low, axis.high))) == pytest.approx([1.0, 2.3])
    assert axis.place(sign * 1e9) == (1.0 if sign > 0 else 0.0)


def test_one_disaster_takes_no_room_from_the_others() -> None:
    good = [0.05 + k / 128 for k in range(30)]
    assert axis_of(good) == ScoreAxis(0.05, good[-1], "linear", 0)
    axis = axis_of([*good, 1e30])
    assert (axis.scale, axis.beyond) == ("linear", 1)
    assert axis.place(good[-1]) > 0.9


@pytest.mark.parametrize(("hopeless", "beyond"), [(6, 6), (7, 0)])
def test_a_quarter_of_the_scores_may_be_hopeless(hopeless: int, beyond: int) -> None:
    good = [0.02 + 0.001 * k for k in range(20)]
    assert axis_of([*good, *[0.9] * hopeless]).beyond == beyond


def test_in_a_search_that_has_converged_the_ends_are_those_of_what_differs() -> None:
    axis = axis_of([0.05] * 50 + [0.06, 0.07, 1e30])
    assert (axis.low, axis.beyond) == (0.05, 1)
    assert 0.07 <= axis.high <= 0.08
    assert axis_of([0.05] * 50 + [0.05 + 1e-15, 0.9]).high == 0.9


@pytest.mark.parametrize("disasters", [[], [1e30]])
def test_scores_that_do_span_decades_all_have_their_place(disasters: list[float]) -> None:
    axis = axis_of([*(10 ** (k / 5 - 6) for k in range(40)), *disasters])
    assert (axis.scale, axis.beyond) == ("log", len(disasters))
    assert 0.4 < axis.place(10**-2.1) < 0.55


NEAR = st.floats(0.3978, 0.3979)
WILD = st.floats(-8, 8).map(lambda exponent: 10**exponent)
SCORES = st.lists(NEAR | WILD | st.floats(-1e6, 1e6) | st.sampled_from([0.05, -0.05, 1e30, 1e300, -1e300]), min_size=1)


@given(st.lists(NEAR, min_size=1) | st.lists(WILD, min_size=1) | SCORES, st.booleans())
def test_at_most_a_quarter_is_beyond_and_the_others_then_have_two_fifths_of_the_axis(
    scores: list[float], higher: bool
) -> None:
    axis = axis_of(scores, higher_is_better=higher)
    ranked = sorted(scores, reverse=higher)
    outside = [score for score in ranked if (score < axis.low if higher else score > axis.high)]
    assert len(outside) == axis.beyond
    huge = sum((score < -1e100) if higher else (score > 1e100) for score in scores)
    assert axis.beyond <= max(len(scores) / 4, huge)
    assert outside == ranked[len(ranked) - axis.beyond :]
    kept = ranked[: len(ranked) - axis.beyond]
    assert len(outside) == huge or abs(axis.place(kept[-1]) - axis.place(kept[0])) >= 0.4 - 1e-9
    assert all(0 <= axis.place(score) <= 1 for score in scores)


@given(SCORES, st.booleans(), st.integers(3, 8))
def test_no_two_ticks_read_the_same(scores: list[float], higher: bool, most: int) -> None:
    ticks = axis_of(scores, higher_is_better=higher).ticks(most)
    texts = metric_values("validation_loss", ticks)
    assert ticks
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("scores", [[3.0], [-3.0], [3.0, 3.0 + 1e-12]])
def test_a_single_score_stands_in_the_middle(scores: list[float]) -> None:
    assert axis_of(scores).place(scores[0]) == pytest.approx(0.5)
    assert axis_of([0.0, 0.0]).place(0.0) == pytest.approx(0.5)


def test_scores_beyond_the_end_of_the_numbers_that_an_axis_has_are_counted_however_many_there_are() -> None:
    axis = axis_of([10.0**exponent for exponent in range(-300, 301, 10)])
    assert (axis.scale, axis.low, axis.high, axis.beyond) == ("log", 1e-300, 1e100, 20)
    assert axis_of([-1e300, -1e200, 0.0, 1.0], higher_is_better=False).beyond == 0


def test_without_a_number_there_is_no_axis() -> None:
    assert score_axis([math.nan, math.inf], higher_is_better=False) is None
