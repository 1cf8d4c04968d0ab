from __future__ import annotations

import math
from itertools import islice

import pytest

from hpsearch.objectives.functions import branin, cost, descent, hartmann6


def test_the_cost_of_the_lesson_is_the_square_of_the_distance_from_5() -> None:
    assert [cost(w) for w in (5.0, 0.0, 6.0, -1.0)] == [0.0, 25.0, 1.0, 36.0]


def test_gradient_descent_closes_a_share_of_the_distance_with_each_step() -> None:
    rate = 0.1
    expected = [((1 - 2 * rate) ** epoch * -5.0) ** 2 for epoch in (1, 2, 3, 4)]
    assert list(islice(descent(rate), 4)) == pytest.approx(expected)
    assert next(descent(0.5)) == 0.0
    assert next(descent(0.25, w=9.0)) == 4.0


def test_gradient_descent_with_too_long_steps_ends_in_no_number() -> None:
    assert any(not math.isfinite(value) for value in islice(descent(10.0), 200))


@pytest.mark.parametrize("point", [(-math.pi, 12.275), (math.pi, 2.275), (9.42478, 2.475)])
def test_branin_has_three_equal_minima(point: tuple[float, float]) -> None:
    assert branin(*point) == pytest.approx(0.397887, abs=1e-6)
    x1, x2 = point
    assert min(branin(x1 + 0.1, x2), branin(x1 - 0.1, x2), branin(x1, x2 + 0.1), branin(x1, x2 - 0.1)) > 0.3979


def test_branin_at_the_origin() -> None:
    assert branin(0.0, 0.0) == pytest.approx(55.602113)


def test_hartmann6_has_its_minimum_where_it_says() -> None:
    best = (0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573)
    assert hartmann6(*best) == pytest.approx(-3.32237, abs=1e-5)
    for axis in range(6):
        for step in (-0.05, 0.05):
            assert hartmann6(*(x + step * (axis == place) for place, x in enumerate(best))) > -3.3223
