import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize("sign", [1, -1])
def test_the_hopeless_ones_stand_at_the_edge_and_are_counted(sign: int) -> None:
    axis = axis_of([sign * score for score in (-1.0, 0.0, 1.0, 2.0, 1e9, 1e300)], higher_is_better=sign < 0)
    assert axis.beyond == 2
    assert sorted(map(abs, (axis.low, axis.high))) == pytest.approx([1.0, 2.3])
    assert axis.place(sign * 1e9) == (1.0 if sign > 0 else 0.0)


def test_one_disaster_takes_no_room_from_the_others() -> None:
    good = [0.05 + k / 128 for k in range(30)]
    assert axis_of(good) == ScoreAxis(0.05, good[-1], "linear", 0)
    axis = axis_of([*good, 1e30])
    assert (axis.scale, axis.beyond) == ("linear", 1)
    assert axis.place(good[-1]) > 0.9


def test_a_third_of_the_scores_may_be_hopeless() -> None:
    good = [0.02 + 0.001 * k for k in range(20)]
    axis = axis_of([*good, *[0.9] * 9])
    assert (axis.scale, axis.beyond) == ("linear", 9)
    assert axis.place(good[-1]) > 0.9


@pytest.mark.parametrize("disasters", [[], [1e30]])
def test_scores_that_do_span_decades_all_have_their_place(disasters: list[float]) -> None:
    axis = axis_of([*(10 ** (k / 5 - 6) for k in range(40)), *disasters])
    assert (axis.scale, axis.beyond) == ("log", len(disasters))
    assert 0.4 < axis.place(10**-2.1) < 0.55


@given(st.lists(st.floats(-1e6, 1e6) | st.sampled_from([1e30, 1e300]), min_size=2), st.booleans())
def test_the_better_two_thirds_have_two_fifths_of_the_axis_unless_all_fit(scores: list[float], higher: bool) -> None:
    axis = axis_of(scores, higher_is_better=higher)
    ranked = sorted(scores, reverse=higher)
    good = min(max(ranked[2 * (len(ranked) - 1) // 3], axis.low), axis.high)
    room = abs(axis.place(good) - axis.place(ranked[0]))
    assert axis.beyond == 0 or room >= 0.4 - 1e-9


def test_a_single_score_stands_in_the_middle() -> None:
    assert axis_of([3.0]).place(3.0) == pytest.approx(0.5)
    assert axis_of([0.0, 0.0]).place(0.0) == pytest.approx(0.5)


def test_without_a_number_there_is_no_axis() -> None:
    assert score_axis([math.nan, math.inf], higher_is_better=False) is None
