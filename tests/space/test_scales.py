"""The contract of every scale, and what each one is for."""

from __future__ import annotations

import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.options import ScaleName
from hpsearch.space.scales import SCALES, Scale

BOUNDS = {
    "linear": [(0.0, 1.0), (-3.0, 5.0), (1e-3, 1e3)],
    "log": [(1e-4, 1.0), (16.0, 256.0), (1e-12, 1e12)],
    "1-beta": [(0.9, 0.999), (0.0, 0.5), (-1.0, 1 - 1e-9)],
}
CASES = [(SCALES[name], low, high) for name, bounds in BOUNDS.items() for low, high in bounds]
UNIT = st.floats(0.0, 1.0)


def test_every_scale_is_in_the_table_under_its_name() -> None:
    assert set(SCALES) == set(get_args(ScaleName)) == set(BOUNDS)
    assert all(scale.name == name for name, scale in SCALES.items())


@pytest.mark.parametrize(("scale", "low", "high"), CASES)
class TestEveryScale:
    def test_reaches_both_bounds_exactly(self, scale: Scale, low: float, high: float) -> None:
        assert (scale.unwarp(0.0, low, high), scale.unwarp(1.0, low, high)) == (low, high)
        assert (scale.warp(low, low, high), scale.warp(high, low, high)) == (0.0, 1.0)

    @given(u=UNIT)
    def test_stays_within_the_bounds(self, scale: Scale, low: float, high: float, u: float) -> None:
        assert low <= scale.unwarp(u, low, high) <= high

    @given(u=UNIT, v=UNIT)
    def test_grows_with_u(self, scale: Scale, low: float, high: float, u: float, v: float) -> None:
        first, second = sorted((u, v))
        assert scale.unwarp(first, low, high) <= scale.unwarp(second, low, high)

    @given(u=UNIT)
    def test_warps_back_what_it_unwarped(self, scale: Scale, low: float, high: float, u: float) -> None:
        assert scale.warp(scale.unwarp(u, low, high), low, high) == pytest.approx(u, abs=1e-6)

    def test_takes_a_value_beyond_a_bound_for_the_bound(self, scale: Scale, low: float, high: float) -> None:
        assert scale.warp(low - 1, low, high) == 0.0
        assert scale.warp(high + 1, low, high) == 1.0

    @given(u=st.floats(-0.5, 1.5))
    def test_beyond_the_bounds_share_and_at_are_inverse(self, scale: Scale, low: float, high: float, u: float) -> None:
        value = scale.at(u, low, high)
        if scale.admits(value):  # floating point has few numbers close to 1, and then 1 itself
            assert scale.share(value, low, high) == pytest.approx(u, abs=1e-3)


def test_what_a_scale_has_no_place_for_lies_infinitely_far_away() -> None:
    assert SCALES["log"].share(0.0, 1e-4, 1.0) == -math.inf
    assert SCALES["1-beta"].share(1.0, 0.9, 0.99) == math.inf
    assert SCALES["log"].at(1e6, 1.0, 10.0) == math.inf


def test_linear_gives_equal_steps() -> None:
    assert SCALES["linear"].unwarp(0.25, 2.0, 6.0) == 3.0


def test_log_gives_equal_factors() -> None:
    """Four decades: a quarter of the way is one of them."""
    values = [SCALES["log"].unwarp(u, 1e-4, 1.0) for u in (0.25, 0.5, 0.75)]
    assert values == pytest.approx([1e-3, 1e-2, 1e-1])


def test_one_minus_beta_gives_equal_factors_of_the_averaging_window() -> None:
    """1 / (1 - beta) is 10 at 0.9, 1000 at 0.999, and 100 halfway."""
    beta = SCALES["1-beta"].unwarp(0.5, 0.9, 0.999)
    assert 1 / (1 - beta) == pytest.approx(100.0)


def test_one_minus_beta_is_the_formula_of_the_course() -> None:
    """1 - exp of the log scale between 1 - low and 1 - high."""
    for u in (0.1, 0.5, 0.9):
        expected = 1 - math.exp(math.log(1 - 0.9) + u * (math.log(1 - 0.999) - math.log(1 - 0.9)))
        assert SCALES["1-beta"].unwarp(u, 0.9, 0.999) == pytest.approx(expected, rel=1e-12)


def test_each_decade_has_the_same_share_on_the_log_scale() -> None:
    draws = [SCALES["log"].unwarp((i + 0.5) / 4000, 1e-4, 1.0) for i in range(4000)]
    shares = [sum(10.0**k <= value < 10.0 ** (k + 1) for value in draws) for k in (-4, -3, -2, -1)]
    assert shares == [1000, 1000, 1000, 1000]


@pytest.mark.parametrize(("name", "share"), [("1-beta", 0.5), ("linear", 0.091)])
def test_share_of_draws_from_0_9_to_0_999_that_are_at_least_0_99(name: str, share: float) -> None:
    draws = [SCALES[name].unwarp((i + 0.5) / 10_000, 0.9, 0.999) for i in range(10_000)]
    assert sum(beta >= 0.99 for beta in draws) / 10_000 == pytest.approx(share, abs=2e-4)


def test_each_scale_says_which_bounds_it_takes() -> None:
    assert not SCALES["log"].admits(0.0)
    assert not SCALES["1-beta"].admits(1.0)
    assert SCALES["linear"].admits(-1e9)
    assert not SCALES["linear"].admits(math.inf)
    assert {name: scale.allowed for name, scale in SCALES.items()} == {
        "linear": "any finite values",
        "log": "values above 0",
        "1-beta": "values below 1",
    }
