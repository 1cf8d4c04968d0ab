"""Numbers as people write them elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.spec.amounts import number_in, unit_of


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("50%", 0.5), ("2 %", 0.02), ("10^-4", 1e-4), ("10**-4", 1e-4), ("2^10", 1024), ("1/2", 0.5), ("1 / 3", 0.333333)),
        *(("0,5", 0.5), ("1,000", 1000), ("1,000,000", 1_000_000), ("0,125", 0.125), ("1_024", 1024), ("1 e-4", 1e-4)),
        *(("50", 50), ("1e-4", 1e-4), ("10 000", 10_000)),
        *(("2h", None), ("1:30", None), ("1/0", None), ("0^-1", None), ("10^999", None), ("a/b", None), ("", None)),
        *(("%", None), ("relu", None), ("1,2,3", None), ("10^", None)),
    ],
)
def test_a_number_in_other_writing_is_understood(text: str, number: float | None) -> None:
    assert number_in(text) == number


@pytest.mark.parametrize(
    ("text", "hours", "seconds"),
    [
        *(("2h", 2, 7200), ("90 min", 1.5, 5400), ("30s", 0.00833333, 30), ("1 day", None, None), ("2 hours", 2, 7200)),
        *(("1:30", 1.5, 90), ("1:30:00", 1.5, 5400), ("0:45", 0.75, 45), ("1:99", None, None), ("2 weeks", None, None)),
    ],
)
def test_a_time_is_told_in_the_unit_of_its_option(text: str, hours: float | None, seconds: float | None) -> None:
    assert number_in(text, unit_of("hours")) == hours
    assert number_in(text, unit_of("trial_seconds")) == seconds


def test_only_options_of_time_have_a_unit() -> None:
    assert [unit_of(name) for name in ("hours", "trial_seconds", "trials")] == [3600, 1, 0]


@given(st.text())
def test_any_text_is_a_number_or_none(text: str) -> None:
    assert isinstance(number_in(text, 1), (int, float, type(None)))
