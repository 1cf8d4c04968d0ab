"""Domains: the contract of every kind, the parts that levels own, and what makes no domain."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.space.levels import DomainError
from hpsearch.space.parameters import Choice, Domain, Real, Whole
from hpsearch.trial import Value

CUBIC: Any = "cubic"
HALF: Any = 2.5
UNIT = st.floats(0.0, 1.0)
DOMAINS: list[Domain] = [
    Real(1e-4, 1.0, "log"),
    Real(0.9, 0.999, "1-beta"),
    Real(0.0, 0.5),
    Real(0.0, 1.0, step=0.1),
    Real(0.8, 0.99, "1-beta", step=0.01),
    Real(1.0, 10.0, "log", step=0.5),
    Whole(1, 3),
    Whole(16, 256, "log"),
    Whole(-5, 5, step=3),
    Whole(1, 10**9, "log"),
    Choice(["adam", "momentum"]),
    Choice([32, 64, 128]),
    Choice([[64, 32], [128]]),
]
WITH_LEVELS = [domain for domain in DOMAINS if domain.levels is not None]


@pytest.mark.parametrize("domain", DOMAINS, ids=repr)
class TestEveryDomain:
    @given(u=UNIT)
    def test_gives_back_the_value_that_it_encoded(self, domain: Domain, u: float) -> None:
        value = domain.decode(u)
        again = domain.decode(domain.encode(value))
        assert again == (value if domain.levels is not None else pytest.approx(value, rel=1e-9))

    @given(u=UNIT)
    def test_admits_what_it_decodes_and_encodes_it_into_the_unit_interval(self, domain: Domain, u: float) -> None:
        value = domain.decode(u)
        assert domain.admits(value)
        assert 0.0 <= domain.encode(value) <= 1.0

    @given(u=UNIT)
    def test_locates_what_it_holds_where_it_encodes_it(self, domain: Domain, u: float) -> None:
        value = domain.decode(u)
        assert domain.locate(value) == domain.encode(value)
        assert domain.reach(u) == value

    def test_refuses_a_value_of_another_kind(self, domain: Domain) -> None:
        foreign: Value
        for foreign in (True, "elsewhere", -1e9, [1, 2, 3]):
            assert not domain.admits(foreign)
            with pytest.raises(ValueError, match=r"is not (in|one of)"):
                domain.encode(foreign)


@pytest.mark.parametrize("domain", WITH_LEVELS, ids=repr)
class TestEveryDomainWithLevels:
    @given(data=st.data())
    def test_every_level_comes_back_exactly(self, domain: Domain, data: st.DataObject) -> None:
        value = domain.level(data.draw(st.integers(0, (domain.levels or 0) - 1)))
        assert domain.decode(domain.encode(value)) == value

    def test_the_first_and_the_last_level_stand_at_the_ends(self, domain: Domain) -> None:
        assert domain.decode(0.0) == domain.level(0)
        assert domain.decode(1.0) == domain.level((domain.levels or 0) - 1)


@pytest.mark.parametrize("domain", [domain for domain in DOMAINS if not isinstance(domain, Choice)], ids=repr)
@given(u=UNIT, v=UNIT)
def test_numbers_grow_with_u(domain: Any, u: float, v: float) -> None:
    first, second = sorted((u, v))
    assert domain.decode(first) <= domain.decode(second)


def test_each_of_three_whole_numbers_owns_a_third() -> None:
    draws = [Whole(1, 3).decode((i + 0.5) / 3000) for i in range(3000)]
    assert [draws.count(k) for k in (1, 2, 3)] == [1000, 1000, 1000]


@given(i=st.integers(0, 9999), low=st.integers(-50, 50), count=st.integers(2, 40))
def test_a_whole_number_on_the_linear_scale_is_the_floor_of_u_times_their_count(i: int, low: int, count: int) -> None:
    """But for the edges between two parts, where rounding decides."""
    share = (i + 0.5) / 10_000 * count
    if abs(share - round(share)) > 1e-9:
        assert Whole(low, low + count - 1).decode((i + 0.5) / 10_000) == low + math.floor(share)


def test_a_whole_number_owns_the_part_between_the_halves_round_it() -> None:
    """On the log scale 2 of [1, 3] owns log(2.5 / 1.5) of log(3.5 / 0.5)."""
    width = math.log(3.5 / 0.5)
    begin, end = math.log(1.5 / 0.5) / width, math.log(2.5 / 0.5) / width
    domain = Whole(1, 3, "log")
    assert [domain.decode(u) for u in (begin - 1e-9, begin + 1e-9, end - 1e-9, end + 1e-9)] == [1, 2, 2, 3]


def test_a_whole_number_stands_at_the_middle_of_its_part() -> None:
    assert [Whole(1, 3).encode(k) for k in (1, 2, 3)] == pytest.approx([1 / 6, 3 / 6, 5 / 6])
    begin, end = math.log(1.5 / 0.5), math.log(2.5 / 0.5)
    assert Whole(1, 3, "log").encode(2) == pytest.approx((begin + end) / 2 / math.log(3.5 / 0.5))


def test_a_choice_stands_at_the_middle_of_its_part() -> None:
    assert [Choice(["a", "b"]).encode(option) for option in ("a", "b")] == [0.25, 0.75]


def test_steps_are_decimals() -> None:
    domain = Real(0.0, 1.0, step=0.1)
    assert [domain.level(i) for i in range(11)] == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    assert domain.admits(0.3)
    assert not domain.admits(0.35)


def test_the_last_step_is_the_highest_one_in_the_range() -> None:
    assert Real(0.1, 0.3, step=0.2).levels == 2
    assert Real(0.0, 1.0, step=0.3).decode(1.0) == 0.9
    assert Whole(1, 6, step=2).decode(1.0) == 5
    assert not Whole(1, 6, step=2).admits(6)


def test_a_whole_number_decodes_to_an_int_and_a_real_one_to_a_float() -> None:
    assert type(Whole(16, 256, "log").decode(0.3)) is int
    assert type(Real(0, 1).decode(1.0)) is float
    assert type(Real(0, 2, step=1).decode(0.0)) is float


def test_true_is_not_the_option_1() -> None:
    assert Choice([0, 1]).admits(1.0)
    assert not Choice([0, 1]).admits(True)


def test_a_decoded_list_is_a_copy() -> None:
    domain = Choice([[64, 32], [128]])
    widths = domain.decode(0.0)
    assert isinstance(widths, list)
    widths.append(1)
    assert domain.decode(0.0) == [64, 32]


def test_a_domain_describes_itself_as_one_would_write_it() -> None:
    assert Real(1, 2).describe() == {"range": [1.0, 2.0], "scale": "linear"}
    assert Real(0, 1, step=0.5).describe() == {"range": [0.0, 1.0], "scale": "linear", "step": 0.5}
    assert Whole(16, 256, "log").describe() == {"range": [16, 256], "scale": "log"}
    assert Whole(16, 256, step=16).describe() == {"range": [16, 256], "scale": "linear", "step": 16}
    assert Choice(["a", "b"]).describe() == {"choices": ["a", "b"]}


@pytest.mark.parametrize(
    ("build", "argument", "words"),
    [
        (lambda: Real(1.0, 1e-4, "log"), "low", "swapped"),
        (lambda: Real(0.1, 0.1), "high", "nothing to search"),
        (lambda: Real(0.0, 1.0, "log"), "low", "values above 0 only"),
        (lambda: Real(0.9, 1.0, "1-beta"), "high", "values below 1 only"),
        (lambda: Real(0.0, math.inf), "high", "not a finite number"),
        (lambda: Real(math.nan, 1.0), "low", "not a finite number"),
        (lambda: Real(-1e308, 1e308), "high", "too far apart"),
        (lambda: Real(0.0, 1.0, CUBIC), "scale", "no scale is called 'cubic'"),
        (lambda: Real(0.0, 1.0, step=0.0), "step", "above 0"),
        (lambda: Real(0.0, 1.0, step=2.0), "step", "only the lower bound"),
        (lambda: Real(0.0, 1.0, step=1e-12), "step", "too small"),
        (lambda: Real(1.0, 9.0, "log", step=2.0), "low", "half a step beyond the bound"),
        (lambda: Whole(1, 1), "high", "nothing to search"),
        (lambda: Whole(0, 3, "log"), "low", "values above 0 only"),
        (lambda: Whole(1, 3, step=0), "step", "above 0"),
        (lambda: Whole(1, HALF), "high", "not a whole number"),
        (lambda: Whole(10**12, 10**12 + 3), "step", "too small"),
        (lambda: Choice(["a"]), "options", "two options or more"),
        (lambda: Choice(["a", "b", "a"]), "2", "given twice"),
        (lambda: Choice([1, 1.0]), "1", "given twice"),
    ],
)
def test_what_makes_no_domain_is_blamed_on_an_argument(build: Any, argument: str, words: str) -> None:
    with pytest.raises(DomainError, match=words) as caught:
        build()
    assert caught.value.argument == argument


@pytest.mark.parametrize(
    ("domain", "value", "place"),
    [
        (Real(1e-3, 1e-1, "log"), 1.0, 1.5),
        (Real(1e-3, 1e-1, "log"), 1e-4, -0.5),
        (Real(0.9, 0.99, "1-beta"), 0.999, 2.0),
        (Real(0, 1, step=0.1), 1.15, 1.2 / 1.1),
        (Whole(1, 4), 6, 1.375),
        (Whole(1, 4), 0, -0.125),
        (Whole(2, 8, step=2), 3, 0.25),
    ],
)
def test_a_number_beyond_the_bounds_or_between_two_steps_has_a_place(domain: Domain, value: Value, place: float) -> None:
    assert domain.locate(value) == pytest.approx(place)


@pytest.mark.parametrize("domain", [Real(1e-3, 1e-1, "log"), Whole(1, 4), Whole(10, 90, "log"), Real(0, 1, step=0.25)])
@given(steps=st.integers(-3, 9))
def test_a_value_beyond_the_bounds_is_reached_again(domain: Domain, steps: int) -> None:
    value = domain.level(steps) if domain.levels else 1e-3 * 10.0**steps
    assert domain.reach(domain.locate(value)) == pytest.approx(value)


@pytest.mark.parametrize(
    ("domain", "value"),
    [(Real(1e-3, 1e-1, "log"), 0.0), (Real(0.5, 0.9, "1-beta"), 1.0), (Whole(1, 4), "four"), (Choice(["a", "b"]), "c")],
)
def test_what_the_scale_does_not_take_has_no_place(domain: Domain, value: Value) -> None:
    with pytest.raises(ValueError, match=r"no place for|not one of"):
        domain.locate(value)
