import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.space.parameters import Choice, Domain, Real, Whole
from hpsearch.views.numbers.ticks import MOST, round_numbers, ticks


@pytest.mark.parametrize(
    ("domain", "values"),
    [
        (Real(1e-4, 1, "log"), [1e-4, 1e-3, 1e-2, 1e-1, 1.0]),
        (Real(0.01, 0.5, "log"), [0.01, 0.02, 0.05, 0.1, 0.2, 0.5]),
        (Real(0.8, 0.99, "1-beta"), [0.8, 0.9, 0.95, 0.98, 0.99]),
        (Real(0, 0.5), [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        (Whole(1, 3), [1, 2, 3]),
        (Whole(16, 256, "log"), [20, 50, 100, 200]),
        (Choice(["adam", "momentum", [8, 8]]), ["adam", "momentum", [8, 8]]),
        (Real(0.011, 0.019, "log"), [0.012, 0.014, 0.016, 0.018]),
    ],
)
def test_ticks_are_the_numbers_that_people_would_write_there(domain: Domain, values: list[object]) -> None:
    assert [tick.value for tick in ticks(domain)] == values


def test_a_tick_stands_where_its_value_was_drawn() -> None:
    assert [tick.place for tick in ticks(Real(1e-4, 1, "log"))] == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    middle = next(tick for tick in ticks(Real(0.9, 0.999, "1-beta")) if tick.value == 0.99)
    assert middle.place == pytest.approx(0.5)
    assert [tick.place for tick in ticks(Choice(["a", "b"]))] == [0.25, 0.75]


def test_of_many_options_and_levels_some_are_told() -> None:
    assert [tick.value for tick in ticks(Choice(list(range(30))))] == [0, 5, 10, 15, 20, 25]
    assert [tick.value for tick in ticks(Whole(1, 100))] == [20, 40, 60, 80, 100]
    assert len(ticks(Choice(list(range(30))), 30)) == 30


def test_no_range_has_its_one_number() -> None:
    assert round_numbers(3, 3) == [3]


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 1e12), st.integers(3, 12))
def test_round_numbers_lie_in_the_range_and_are_not_too_many(low: float, span: float, most: int) -> None:
    high = low + span
    found = round_numbers(low, high, "linear", most)
    assert len(found) <= most
    assert found == sorted(found)
    assert all(low - 1e-6 * span - 1e-9 * abs(low) <= number <= high + 1e-6 * span + 1e-9 * abs(high) for number in found)


@given(st.floats(-20, 10), st.floats(0.5, 25))
def test_so_do_those_of_a_logarithmic_axis_which_has_two_at_least(exponent: float, decades: float) -> None:
    low, high = 10**exponent, 10 ** (exponent + decades)
    found = round_numbers(low, high, "log")
    assert 2 <= len(found) <= MOST
    assert all(low * (1 - 1e-8) <= number <= high * (1 + 1e-8) for number in found)
    assert all(math.isfinite(number) for number in found)
