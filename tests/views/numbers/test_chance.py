import math
from itertools import combinations
from statistics import median_low

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.views.numbers.chance import best_of, rows_allow, t_quantile, welch


@pytest.mark.parametrize(
    ("freedom", "published"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (10, 2.228), (20, 2.086), (30, 2.042), (100, 1.984)],
)
def test_the_quantiles_of_student_are_those_of_the_tables(freedom: float, published: float) -> None:
    """Source: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2."""
    assert round(t_quantile(freedom), 3) == published


@given(st.floats(1.0, 1e6))
def test_the_quantile_of_student_is_right_between_whole_numbers(freedom: float) -> None:
    from scipy.stats import t  # late, as it takes a second

    assert t_quantile(freedom) == pytest.approx(t.ppf(0.975, freedom), rel=1e-6)


def test_a_difference_of_means_has_welchs_interval() -> None:
    """(1, 2, 3) and (2, 4, 6): the squared error is 1/3 + 4/3, the degrees of freedom are 50/17."""
    found = welch((1.0, 2.0, 3.0), (2.0, 4.0, 6.0))
    assert found.difference == 2.0
    assert found.high - 2.0 == pytest.approx(t_quantile(50 / 17) * math.sqrt(5 / 3))
    assert 2.0 - found.low == pytest.approx(found.high - 2.0)
    assert found.is_noise


VALUES = st.lists(st.floats(-10, 10), min_size=2, max_size=6).filter(lambda values: max(values) - min(values) > 0.01)


@given(VALUES, VALUES)
def test_welchs_interval_is_scipys(one: list[float], other: list[float]) -> None:
    from scipy.stats import ttest_ind

    found = welch(one, other)
    interval = ttest_ind(other, one, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-6, abs=1e-9)


def test_values_without_any_spread_have_no_interval() -> None:
    found = welch((1.0, 1.0), (2.0, 2.0))
    assert found.difference == 1.0
    assert math.isnan(found.low)
    assert not found.is_noise


def test_a_difference_beyond_the_spread_is_more_than_noise() -> None:
    assert not welch((0.10, 0.11, 0.12), (0.30, 0.31, 0.32)).is_noise


@given(st.lists(st.integers(0, 9).map(float) | st.just(math.inf), min_size=1, max_size=7), st.data())
def test_the_best_of_n_is_the_median_over_all_choices_of_n(values: list[float], data: st.DataObject) -> None:
    n = data.draw(st.integers(1, len(values)))
    assert best_of(values, n) == median_low([min(chosen) for chosen in combinations(values, n)])


def test_the_best_of_some_trials_is_infinite_where_half_of_the_choices_have_no_value() -> None:
    assert best_of([1.0, math.inf, math.inf], 1) == math.inf
    assert best_of([1.0, math.inf, math.inf], 2) == 1.0


def test_rows_allow_what_two_binomials_do() -> None:
    """1.96 sqrt((0.1 * 0.9 + 0.2 * 0.8) / 100)."""
    assert rows_allow(0.1, 0.2, 100) == pytest.approx(0.0979982, rel=1e-6)
    assert rows_allow(0.0, 1.0, 100) == 0.0
