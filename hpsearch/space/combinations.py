"""The combinations of values of a space: one after the other, counted without that, and drawn.

Counting goes through the parameters, parents first, and keeps only which of those to come are ruled out. Values of a parent
that rule out the same ones are counted together, so that neither many values nor many parameters take long.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate, chain
from typing import TypeAlias

import numpy as np

from hpsearch.space.evenly import Evenly
from hpsearch.space.parameters import identity
from hpsearch.space.search_space import INACTIVE, Parameter, SearchSpace, children_of
from hpsearch.trial import Params, Value

State: TypeAlias = frozenset[str]
"""The names of the parameters to come that are ruled out."""

NOTHING: State = frozenset()


@dataclass(frozen=True)
class Combinations:
    """Every combination of active values, each once, in order: as points (d,) with inactive parameters at 0.5.

    Each parameter takes its `coordinates`.
    """

    space: SearchSpace
    coordinates: Sequence[Evenly]

    @classmethod
    def of_all_levels(cls, space: SearchSpace) -> Combinations:
        """Return those of all values; ValueError if a parameter is continuous."""
        for parameter in space.parameters:
            if parameter.domain.levels is None:
                raise ValueError(f"{parameter.name} is continuous: its values can't be counted")
        return cls(space, [Evenly(parameter.domain, parameter.domain.levels or 0) for parameter in space.parameters])

    def __iter__(self) -> Iterator[tuple[float, ...]]:
        point, known = [INACTIVE] * self.space.dimensions, dict[str, Value]()
        choices = [self._steps[0].choices(known)]
        while choices:
            step = self._steps[len(choices) - 1]
            known.pop(step.parameter.name, None)
            chosen = next(choices[-1], None)
            if chosen is None:
                choices.pop()
                continue
            point[step.place], value = chosen
            if value is not None:
                known[step.parameter.name] = value
            if len(choices) == len(self._steps):
                yield tuple(point)
            else:
                choices.append(self._steps[len(choices)].choices(known))

    def count(self, most: int | None = None) -> int:
        """Return how many there are; with `most` that at most, which bounds the work where conditions are entangled."""
        table = Counter({NOTHING: 1})
        for step in self._steps:
            # Each has at least one way to go on.
            if most is not None and sum(count * step.size(state) for state, count in table.items()) >= most:
                return most
            table = step.after(table)
        return table.total()

    def sample(self, generator: np.random.Generator, size: int) -> Iterator[tuple[float, ...]]:
        """Yield so many of them, each drawn from all and none likelier than another."""
        tables = [Counter({NOTHING: 1})]
        for step in self._steps:
            tables.append(step.after(tables[-1]))

        @cache
        def ways(place: int, after: State) -> tuple[list[tuple[State, Sequence[float]]], list[int]]:
            """Return what a step may have come from, with the coordinates that lead on, and how often in all up to there."""
            found, counts = [], []
            for before, count in tables[place].items():
                for coordinates in self._steps[place].coordinates_between(before, after):
                    found.append((before, coordinates))
                    counts.append(count * len(coordinates))
            return found, list(accumulate(counts))

        for row in generator.random((size, len(self._steps))).tolist():
            point, state = [INACTIVE] * len(row), NOTHING
            for place in reversed(range(len(row))):  # from the last parameter to the first
                found, ends = ways(place, state)
                number = int(row[place] * ends[-1])
                state, coordinates = found[bisect(ends, number)]
                point[self._steps[place].place] = coordinates[number % len(coordinates)]
            yield tuple(point)

    @cached_property
    def _steps(self) -> list[_Step]:
        children = children_of(self.space.parameters)
        places = {name: place for place, name in enumerate(self.space.names)}
        return [
            _Step(parameter, places[parameter.name], self.coordinates[places[parameter.name]], children[parameter.name])
            for parameter in self.space.parents_first
        ]


@dataclass(frozen=True)
class _Step:
    """A parameter among the combinations: its place in a point, the coordinates it takes, and those that depend on it."""

    parameter: Parameter
    place: int
    own: Evenly
    children: Sequence[Parameter]

    def choices(self, known: Params) -> Iterator[tuple[float, Value | None]]:
        """Yield the coordinates that it takes after these parents, each with its value if anything depends on that."""
        if not self.parameter.is_active(known):
            yield INACTIVE, None
            return
        for u in self.own:
            yield u, self.parameter.domain.decode(u) if self.children else None

    def size(self, before: State) -> int:
        """Return how many coordinates it takes after a state."""
        return 1 if self.parameter.name in before else len(self.own)

    def after(self, table: Counter[State]) -> Counter[State]:
        """Return how many ways there are to each state, from how many there are to those before it."""
        found = Counter[State]()
        for before, count in table.items():
            for ruled_out, number in self._numbers.items() if self._counts(before) else [(self._all_children, 1)]:
                found[self._following(before, ruled_out)] += count * number
        return found

    def coordinates_between(self, before: State, after: State) -> Iterator[Sequence[float]]:
        """Yield the coordinates that lead from a state to one after it."""
        ways = self._coordinates.items() if self._counts(before) else [(self._all_children, [INACTIVE])]
        for ruled_out, coordinates in ways:
            if self._following(before, ruled_out) == after:
                yield coordinates

    def _counts(self, before: State) -> bool:
        return self.parameter.name not in before

    def _following(self, before: State, ruled_out: State) -> State:
        return before.difference([self.parameter.name]) | ruled_out

    @cached_property
    def _all_children(self) -> State:
        return frozenset(child.name for child in self.children)

    def _ruled_out(self, value: Value) -> State:
        name = self.parameter.name
        return frozenset(child.name for child in self.children if not child.allows(name, value))

    @cached_property
    def _numbers(self) -> Counter[State]:
        """How many values rule out the same; those that no condition names rule out all that depends on this parameter."""
        if not self.children:
            return Counter({NOTHING: len(self.own)})
        named = self._named
        if len(self.own) == self.parameter.domain.levels:
            values = list(named.values())
        else:
            values = [value for value in map(self.parameter.domain.decode, self.own) if identity(value) in named]
        found = Counter(map(self._ruled_out, values))
        found[self._all_children] += len(self.own) - len(values)
        return +found

    @cached_property
    def _named(self) -> dict[Hashable, Value]:
        """The values that the conditions of others name, each once; a depth that widths depend on is named throughout."""
        name, domain = self.parameter.name, self.parameter.domain
        levels = map(domain.level, range(domain.levels or 0))
        is_depth = any(name not in child.when for child in self.children)
        values = levels if is_depth else chain.from_iterable(child.when[name] for child in self.children)
        return {identity(value): value for value in values}

    @cached_property
    def _coordinates(self) -> dict[State, list[float]]:
        """The coordinates by what their values rule out."""
        found = defaultdict[State, list[float]](list)
        for u in self.own:
            found[self._ruled_out(self.parameter.domain.decode(u)) if self.children else NOTHING].append(u)
        return found
