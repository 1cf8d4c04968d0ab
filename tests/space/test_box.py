"""Other bounds for a domain: readable, outside of what was asked for, and within what a parameter can be."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.network.settings import NetworkSettings
from hpsearch.options import ScaleName, options_of
from hpsearch.space.box import FARTHEST, Numeric, between
from hpsearch.space.parameters import Real, Whole
from hpsearch.space.scales import SCALES

OPTIONS = options_of(NetworkSettings)
UNIT = st.floats(0.0, 1.0)


@pytest.mark.parametrize(
    ("domain", "low", "high", "expected"),
    [
        (Real(1e-4, 1.0, "log"), 0.00312, 0.1234, Real(0.0031, 0.13, "log")),
        (Real(1e-4, 1.0, "log"), 0.0312, 31.234, Real(0.031, 32.0, "log")),
        (Real(0.01, 0.03, "log"), 0.0191, 0.0208, Real(0.0191, 0.0208, "log")),
        (Real(0.9, 0.999, "1-beta"), 0.9123, 0.999971, Real(0.912, 0.999971, "1-beta")),
        (Real(-10, 10), -3.333, 7.77, Real(-3.4, 7.8)),
        (Real(1000, 1001), 1000.2, 1000.8, Real(1000.2, 1000.8)),
        (Whole(16, 256, "log"), 37, 213, Whole(37, 220, "log")),
        (Whole(1, 10**6), 123_456, 234_567, Whole(120_000, 240_000)),
        (Whole(32, 256, step=32), 64, 320, Whole(64, 320, step=32)),
        (Real(0, 1, step=0.1), 0.2, 0.4, Real(0.2, 0.4, step=0.1)),
    ],
)
def test_bounds_are_rounded_outward_to_few_digits(domain: Numeric, low: float, high: float, expected: Numeric) -> None:
    assert between(domain, low, high) == expected


@pytest.mark.parametrize(
    ("name", "domain", "low", "high", "expected"),
    [
        ("momentum", Real(0.9, 0.9999, "1-beta"), 0.95, 0.99999999, Real(0.95, 0.999999, "1-beta")),
        ("hidden_units", Whole(16, 256, "log"), 0, 613, Whole(1, 620, "log")),
        ("hidden_layers", Whole(1, 3), -1, 5, Whole(1, 5)),
        ("batch_size", Whole(4, 64, "log"), 1, 64, Whole(2, 64, "log")),
        ("dropout", Real(0.1, 0.9), -0.02, 1.3, Real(0.0, 0.95)),
        ("learning_rate", Real(0.1, 0.9), -0.3, 0.9, Real(0.05, 0.9)),
    ],
)
def test_bounds_are_never_past_what_a_parameter_can_be(
    name: str, domain: Numeric, low: float, high: float, expected: Numeric
) -> None:
    assert between(domain, low, high, OPTIONS[name]) == expected


def test_a_bound_that_the_scale_has_no_place_for_stays_the_old_one() -> None:
    assert between(Whole(2, 9, "log"), -3, 5) == Whole(2, 5, "log")
    assert between(Real(0.5, 0.9, "1-beta"), 0.6, 1.5) == Real(0.6, 0.9, "1-beta")
    assert between(Real(1, 9, "log"), 2, float("inf")) == Real(2, 9, "log")


def test_rounding_alone_leads_beyond_no_old_bound() -> None:
    assert between(Real(0.1234, 0.9876), 0.1234, 0.98) == Real(0.1234, 0.98)
    assert between(Real(0.1234, 0.9876), 0.2, 0.9875).high == 0.9876


@given(u=UNIT, v=UNIT, name=st.sampled_from(get_args(ScaleName)))
def test_the_new_range_holds_what_was_asked_for_and_little_more(u: float, v: float, name: ScaleName) -> None:
    domain, scale = Real(0.011, 0.97, name), SCALES[name]
    low, high = sorted((domain.decode(u), domain.decode(v)))
    if domain.encode(high) - domain.encode(low) > 1e-3:
        new = between(domain, low, high)
        assert domain.low <= new.low <= low
        assert high <= new.high <= domain.high
        assert scale.share(new.low, low, high) >= -FARTHEST
        assert scale.share(new.high, low, high) <= 1 + FARTHEST
