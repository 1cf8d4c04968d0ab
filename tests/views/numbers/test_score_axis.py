import math

import pytest

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
    assert sorted(map(abs, (axis.low, axis.high))) == [1.0, 7.0]
    assert axis.place(sign * 1e9) == (1.0 if sign > 0 else 0.0)


def test_a_single_score_stands_in_the_middle() -> None:
    assert axis_of([3.0]).place(3.0) == pytest.approx(0.5)
    assert axis_of([0.0, 0.0]).place(0.0) == pytest.approx(0.5)


def test_without_a_number_there_is_no_axis() -> None:
    assert score_axis([math.nan, math.inf], higher_is_better=False) is None
