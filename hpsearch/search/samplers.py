"""Points of the unit cube that depend on no result: at random, on a grid, from Sobol's sequence, or given by the user.

Each random point is from a stream of its own: point i is the same whoever asked for how many.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from hpsearch.errors import MissingExtra
from hpsearch.search.region import Candidates
from hpsearch.seeds import Purpose, Streams
from hpsearch.space.parameters import Domain
from hpsearch.space.search_space import SearchSpace
from hpsearch.trial import DRAWN, History, Origin, Params, Trial, Value

FRUITLESS_DRAWS = 20
"""Draws per trial that may hit what was tried before the combinations are gone through in order."""


class Sampler(Protocol):
    """Proposes the trials of a stage: a function of its number, their numbers and the trials before."""

    def propose(self, stage: int, numbers: range, history: History) -> list[Trial]:
        """Return a trial for each number; fewer, if there are no more."""


def random_point(streams: Streams, stage: int, number: int, dimensions: int) -> tuple[float, ...]:
    """Draw the point of trial `number` in a stage, uniform in the unit cube: (d,)."""
    return tuple(streams.generator(Purpose.POINTS, stage, number).random(dimensions).tolist())


class Untried:
    """Which combinations of values have not been tried.

    In a space without continuous parameters they can be counted, and none is drawn twice while there is an untried one. In
    any other a drawn combination always counts as untried, but a candidate, a copy of what was tried, may be nothing else.
    """

    def __init__(self, space: SearchSpace, history: History) -> None:
        self._space = space
        self._finite = all(parameter.domain.levels is not None for parameter in space.parameters)
        self._tried = {_key(record.trial.params) for record in history.values()}

    def take(self, params: Params) -> bool:
        """Whether a drawn combination counts as untried; from now on it is tried."""
        known = len(self._tried)
        self._tried.add(_key(params))
        return not self._finite or len(self._tried) > known

    def add(self, trials: Sequence[Trial]) -> None:
        """Count trials as tried."""
        for trial in trials:
            self.take(trial.params)

    def only(self, candidates: Candidates) -> Candidates:
        """Return the candidates whose combinations are untried, each combination once."""
        seen = set(self._tried)
        kept = []
        for index, point in enumerate(candidates.points.tolist()):
            key = _key(self._space.decode(point))
            if key not in seen:
                seen.add(key)
                kept.append(index)
        return Candidates(candidates.points[kept], candidates.elites[kept])

    def rest(self) -> Iterator[tuple[float, ...]]:
        """Yield the points of the untried combinations, in order; none in a space with continuous parameters."""
        if self._finite:
            for point in self._space.combinations():
                if self.take(self._space.decode(point)):
                    yield point


@dataclass(frozen=True)
class Drawn:
    """Every trial drawn from the whole space, every parameter on its own scale; the user's own points first.

    `start` maps names to values; what it does not name is drawn.

    Source: Bergstra and Bengio 2012, "Random search for hyper-parameter optimization": n trials try n values of the
    parameter that matters, where a grid tries few.
    """

    space: SearchSpace
    streams: Streams
    start: Sequence[Mapping[str, Value]] = ()

    def propose(self, stage: int, numbers: range, history: History) -> list[Trial]:
        """Return the trials; all are of stage 0, whenever they are drawn."""
        untried = Untried(self.space, history)
        given = self.given(numbers)
        untried.add(given)
        return given + self._drawn(0, numbers[len(given) :], untried, DRAWN)

    def given(self, numbers: range) -> list[Trial]:
        """Return those of the trials that are the user's own points."""
        return [self._given(number) for number in numbers if number < len(self.start)]

    def explorers(self, stage: int, numbers: range, untried: Untried) -> list[Trial]:
        """Return trials of a later stage that are drawn from the whole space."""
        return self._drawn(stage, numbers, untried, Origin("explorer"))

    def _drawn(self, stage: int, numbers: range, untried: Untried, origin: Origin) -> list[Trial]:
        trials: list[Trial] = []
        rest = untried.rest()
        for number in numbers:
            point = self._untried_point(stage, number, untried) or next(rest, None)
            if point is None:
                break
            trials.append(Trial(number, stage, point, self.space.decode(point), origin))
        return trials

    def _untried_point(self, stage: int, number: int, untried: Untried) -> tuple[float, ...] | None:
        generator = self.streams.generator(Purpose.POINTS, stage, number)
        for _ in range(FRUITLESS_DRAWS):
            point = tuple(generator.random(self.space.dimensions).tolist())
            if untried.take(self.space.decode(point)):
                return point
        return None

    def _given(self, number: int) -> Trial:
        drawn = random_point(self.streams, 0, number, self.space.dimensions)
        values = self.start[number]
        point = tuple(
            parameter.domain.encode(values[parameter.name]) if parameter.name in values else u
            for parameter, u in zip(self.space.parameters, drawn, strict=True)
        )
        params = self.space.decode(point)  # encoding and decoding may round: what was given stays as it is
        return Trial(number, 0, point, params | {name: values[name] for name in params if name in values}, Origin("start"))


@dataclass(frozen=True)
class Grid:
    """Every combination of a few values of each parameter, the contrast to random search.

    Each parameter gets as many values as fit into `trials` combinations: all it has, or those at the middles of equal parts
    of the unit interval. The user's own points come first and are none of them.
    """

    space: SearchSpace
    trials: int
    drawn: Drawn

    def propose(self, stage: int, numbers: range, history: History) -> list[Trial]:
        """Return the grid's points from number to number."""
        given = self.drawn.given(numbers)
        rest, before = numbers[len(given) :], len(self.drawn.start)
        points = itertools.islice(self._points(), max(rest.start - before, 0), max(rest.stop - before, 0))
        return given + [
            Trial(number, 0, point, self.space.decode(point), Origin("grid"))
            for number, point in zip(rest, points, strict=False)
        ]

    @property
    def values(self) -> tuple[int, ...]:
        """How many values each parameter gets (d,)."""
        limits = [parameter.domain.levels or self.trials for parameter in self.space.parameters]
        counts = [1] * len(limits)
        while True:
            # The parameter with the fewest values gets one more, the first of equals, while the combinations still fit.
            grown = [
                j
                for j, count in enumerate(counts)
                if count < limits[j] and math.prod(counts) // count * (count + 1) <= self.trials
            ]
            if not grown:
                return tuple(counts)
            counts[min(grown, key=lambda j: counts[j])] += 1

    def _points(self) -> Iterator[tuple[float, ...]]:
        """Yield the points; combinations that differ in inactive parameters only come once."""
        tried = set()
        domains = (parameter.domain for parameter in self.space.parameters)
        for point in itertools.product(*map(_coordinates, domains, self.values)):
            key = _key(self.space.decode(point))
            if key not in tried:
                tried.add(key)
                yield point


@dataclass(frozen=True)
class Sobol:
    """Sobol's sequence, scrambled: points that fill the cube more evenly than random ones.

    Source: Sobol 1967; Owen 1998 for the scrambling; the sequence is SciPy's, of the extra `sobol`.
    """

    space: SearchSpace
    streams: Streams
    drawn: Drawn

    def __post_init__(self) -> None:
        _quasi_monte_carlo()

    def propose(self, stage: int, numbers: range, history: History) -> list[Trial]:
        """Return the sequence's points from number to number; the user's own take the place of the first."""
        given = self.drawn.given(numbers)
        sequence = _quasi_monte_carlo().Sobol(self.space.dimensions, rng=self.streams.generator(Purpose.POINTS, 0))
        if skipped := numbers.start + len(given):
            sequence.fast_forward(skipped)
        return given + [self._trial(number, sequence) for number in numbers[len(given) :]]

    def _trial(self, number: int, sequence: Any) -> Trial:
        point = tuple(sequence.random(1)[0].tolist())  # one by one: it warns of other counts than powers of 2
        return Trial(number, 0, point, self.space.decode(point), Origin("sobol"))


def _coordinates(domain: Domain, count: int) -> list[float]:
    """Return the coordinates of `count` values of a domain, evenly; all it has, if that are as many."""
    if count == domain.levels:
        return [domain.encode(domain.level(index)) for index in range(count)]
    return [(index + 0.5) / count for index in range(count)]


def _quasi_monte_carlo() -> Any:
    """Return SciPy's module, which is not always there."""
    try:
        from scipy.stats import qmc
    except ImportError:
        raise MissingExtra("search.method: sobol", "sobol", "SciPy") from None
    return qmc


def _key(params: Params) -> tuple[tuple[str, bool, object], ...]:
    """Return what two combinations must share to be the same: 1 and true are not."""
    return tuple(
        (name, isinstance(value, bool), tuple(value) if isinstance(value, list) else value) for name, value in params.items()
    )
