"""Combinations of values: each once and in order, counted as going through them would, and drawn alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.space.combinations import Combinations
from hpsearch.space.evenly import Evenly
from hpsearch.space.parameters import Choice, Domain, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.trial import Value

FINITE = SearchSpace(
    {
        "momentum": Entry(Choice([0.8, 0.9]), when={"optimizer": ("momentum",)}),
        "optimizer": Entry(Choice(["adam", "momentum"])),
        "hidden_units": Entry(Choice([32, 64]), layers=2),
        "hidden_layers": Entry(Whole(1, 2)),
    }
)


def every(space: SearchSpace) -> Combinations:
    return Combinations.of_all_levels(space)


def test_every_combination_of_active_values_comes_once() -> None:
    points = list(every(FINITE))
    params = [FINITE.decode(point) for point in points]
    assert len(points) == (1 + 2) * (2 + 4)
    assert len({repr(values) for values in params}) == len(points)
    assert [FINITE.encode(values) for values in params] == points


def test_combinations_are_the_same_each_time_and_begin_with_the_first_values() -> None:
    assert list(every(FINITE)) == list(every(FINITE))
    first = FINITE.decode(next(iter(every(FINITE))))
    assert first == {"optimizer": "adam", "hidden_units_1": 32, "hidden_layers": 1}


@given(st.lists(st.floats(0, 1), min_size=FINITE.dimensions, max_size=FINITE.dimensions))
def test_the_params_of_any_point_are_among_the_combinations(point: list[float]) -> None:
    assert FINITE.encode(FINITE.decode(point)) in set(every(FINITE))


def test_combinations_come_one_by_one_out_of_any_number() -> None:
    space = SearchSpace({f"x{j}": Entry(Whole(1, 1000)) for j in range(2000)})
    points = islice(every(space), 3)
    assert [list(space.decode(point).values())[-1] for point in points] == [1, 2, 3]


def test_whole_and_stepped_numbers_have_all_their_levels() -> None:
    space = SearchSpace({"n": Entry(Whole(2, 8, "log", step=3)), "rate": Entry(Real(0.1, 0.35, step=0.1))})
    assert [tuple(space.decode(point).values()) for point in every(space)] == [
        (n, rate) for n in (2, 5, 8) for rate in (0.1, 0.2, 0.3)
    ]


def test_the_combinations_of_a_continuous_parameter_cannot_be_counted() -> None:
    with pytest.raises(ValueError, match="rate is continuous"):
        every(SearchSpace({"rate": Entry(Real(0, 1))}))


@st.composite
def small_spaces(draw: st.DrawFn) -> SearchSpace:
    """A few small parameters, each of which may ask for some values of others, whichever comes first in the spec."""
    domains: list[Domain] = [Choice(["a", "b", "c"]), Choice([1, True]), Whole(1, 4, "log"), Real(0, 1, step=0.5)]
    entries: dict[str, Entry] = {}
    for number in range(draw(st.integers(1, 5))):
        when: dict[str, tuple[Value, ...]] = {}
        for parent in draw(st.sets(st.sampled_from(sorted(entries)), max_size=2)) if entries else ():
            domain = entries[parent].domain
            some = draw(st.lists(st.integers(0, (domain.levels or 0) - 1), min_size=1, max_size=3))
            when[parent] = tuple(domain.level(index) for index in some)
        entries[f"p{number}"] = Entry(draw(st.sampled_from(domains)), when)
    if draw(st.booleans()):
        asked = draw(st.sampled_from([{}, {"p0": (entries["p0"].domain.level(0),)}]))
        entries |= {"hidden_layers": Entry(Whole(1, 3), asked), "width": Entry(Choice([4, 8]), layers=3)}
    return SearchSpace(dict(draw(st.permutations(list(entries.items())))))


def some_of(space: SearchSpace, data: st.DataObject) -> Combinations:
    """Return a grid of a space: some of the values of each parameter."""
    counts = [data.draw(st.integers(1, parameter.domain.levels or 1)) for parameter in space.parameters]
    return Combinations(space, [Evenly(p.domain, n) for p, n in zip(space.parameters, counts, strict=True)])


@given(small_spaces(), st.data())
def test_as_many_combinations_are_counted_as_there_are(space: SearchSpace, data: st.DataObject) -> None:
    for combinations in (every(space), some_of(space, data)):
        different = {repr(space.decode(point)) for point in combinations}
        assert combinations.count() == len(list(combinations)) == len(different)
        for most in (1, 7, len(different), len(different) + 1):
            assert combinations.count(most) == min(len(different), most)


@given(small_spaces(), st.data())
def test_what_is_drawn_is_among_the_combinations(space: SearchSpace, data: st.DataObject) -> None:
    combinations = some_of(space, data)
    assert set(combinations.sample(np.random.default_rng(0), 20)) <= set(combinations)


def test_no_combination_is_likelier_to_be_drawn_than_another() -> None:
    drawn = Counter(every(FINITE).sample(np.random.default_rng(0), 1800))
    assert drawn.keys() == set(every(FINITE))
    assert all(abs(count - 100) < 50 for count in drawn.values())


TIED: Mapping[str, Mapping[str, Entry]] = {
    "two large parents": {
        "units": Entry(Whole(8, 10**6 + 7)),
        "batch": Entry(Whole(16, 10**6 + 15)),
        "activation": Entry(Choice(["relu", "tanh"]), when={"units": (64,), "batch": (32,)}),
    },
    "a chain": {f"p{n}": Entry(Choice(["a", "b", "c"]), when={f"p{n - 1}": ("a", "b")} if n else {}) for n in range(60)},
    "no conditions": {f"x{n}": Entry(Whole(1, 1000)) for n in range(200)},
}
COUNTS = {
    "two large parents": 10**12 + 1,
    # From p_n on there are c_n = 2 c_(n + 1) + 1 where it counts, and c_59 = 3.
    "a chain": 2**61 - 1,
    "no conditions": 1000**200,
}


@pytest.mark.parametrize("name", TIED)
def test_large_spaces_are_counted_exactly_and_not_gone_through(name: str) -> None:
    assert every(SearchSpace(TIED[name])).count() == COUNTS[name]


def test_entangled_conditions_are_counted_as_far_as_is_asked() -> None:
    """Each of 40 flags has a child, and the last parameter asks for all of them: 2^40 things to keep in mind."""
    flags = {f"flag{n}": Entry(Choice([True, False])) for n in range(40)}
    children = {f"child{n}": Entry(Choice([1, 2]), when={f"flag{n}": (True,)}) for n in range(40)}
    last = Entry(Choice([1, 2]), when={f"child{n}": (1,) for n in range(40)})
    assert every(SearchSpace({**flags, **children, "last": last})).count(1000) == 1000
