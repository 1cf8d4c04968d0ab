"""Shares of the draws: in closed form what counting many draws comes to."""

from __future__ import annotations

from typing import Any

import pytest

from hpsearch.space.conditions import conditions_of, share_active
from hpsearch.space.parameters import Choice, Domain, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace

DOMAINS: list[Domain] = [
    Real(1e-4, 1),
    Real(1e-4, 1, "log"),
    Real(0.9, 0.999, "1-beta"),
    Real(0.1, 0.5, "log", step=0.1),
    Whole(1, 3),
    Whole(16, 300, "log"),
    Whole(0, 100, step=10),
    Choice([8, 32, 1000]),
]


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("least", [-1.0, 0.001, 0.3, 0.95, 0.99, 2, 20, 64.5, 100, 300, 10**6])
def test_the_share_from_a_number_on_is_that_of_evenly_spread_draws(domain: Domain, least: float) -> None:
    drawn: list[Any] = [domain.decode((place + 0.5) / 10_000) for place in range(10_000)]
    assert domain.share_from(least) == pytest.approx(sum(value >= least for value in drawn) / 10_000, abs=1e-4)


def test_options_that_are_no_numbers_are_never_at_least_one() -> None:
    assert Choice([True, "adam", [64, 32], 64]).share_from(1) == 0.25


@pytest.mark.parametrize("domain", [domain for domain in DOMAINS if domain.levels])
def test_each_level_begins_where_it_is_first_drawn(domain: Domain) -> None:
    assert (domain.begin(0), domain.begin(domain.levels or 0)) == (0, 1)
    for index in range(1, domain.levels or 0):
        begin = domain.begin(index)
        assert (domain.index(begin - 1e-9), domain.index(begin + 1e-9)) == (index - 1, index)


SPACE = SearchSpace(
    {
        "optimizer": Entry(Choice(["adam", "sgd", "momentum"])),
        "nesterov": Entry(Choice([True, False]), when={"optimizer": ("momentum",)}),
        "momentum": Entry(Real(0.5, 0.9, "1-beta"), when={"nesterov": (True,), "optimizer": ("momentum", "sgd")}),
        "hidden_layers": Entry(Whole(1, 4)),
        "hidden_units": Entry(Choice([4, 8]), layers=4),
        "dropout": Entry(Real(0, 0.5), when={"hidden_layers": (3, 4)}, layers=4),
    }
)


def test_a_parameter_is_active_with_its_parents_and_theirs_and_down_to_the_depth() -> None:
    shares = {parameter.name: share_active(parameter, SPACE.entries) for parameter in SPACE.parameters}
    assert shares == pytest.approx(
        {
            "optimizer": 1,
            "nesterov": 1 / 3,
            "momentum": 1 / 6,
            "hidden_layers": 1,
            **{f"hidden_units_{layer}": (5 - layer) / 4 for layer in (1, 2, 3, 4)},
            **{f"dropout_{layer}": (2, 2, 2, 1)[layer - 1] / 4 for layer in (1, 2, 3, 4)},
        }
    )


def test_what_an_active_entry_says_of_others_is_what_its_parents_say_too() -> None:
    assert conditions_of("momentum", SPACE.entries) == {"nesterov": (True,), "optimizer": ("momentum",)}
    assert conditions_of("optimizer", SPACE.entries) == {}
