"""Points of the unit cube that depend on no result: at random, on a grid, from Sobol's sequence, or given by the user.

Each random point is from a stream of its own: point i is the same whoever asked for how many.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, Protocol

import numpy as np

from hpsearch.errors import MissingExtra
from hpsearch.search.region import Candidates
from hpsearch.seeds import Purpose, Streams
from hpsearch.space.combinations import Combinations
from hpsearch.space.evenly import Evenly
from hpsearch.space.parameters import identity
from hpsearch.space.search_space import SearchSpace
from hpsearch.trial import DRAWN, History, Origin, Params, Trial, Value

FRUITLESS_DRAWS = 20
"""Draws per trial that may hit what was tried before the combinations are gone through in order."""


class Sampler(Protocol):
    """Proposes the trials of a stage: a function of its number, their numbers and the trials before."""

    def propose(self, stage: int, numbers: range, history: History) -> list[Trial]:
        """Return a trial for each number; fewer, if there are no more."""


def random_point(generator: np.random.Generator, dimensions: int) -> tuple[float, ...]:
    """Draw a point uniformly from the unit cube: (d,)."""
    return tuple(generator.random(dimensions).tolist())


class Untried:
    """Which combinations of values have not been tried.

    In a space without continuous parameters they can be counted, and none is drawn twice while there is an untried one. In
    any other a drawn combination always counts as untried, but a candidate, a copy of what was tried, may be nothing else.
    """

    def __init__(self, space: SearchSpace, history: History) -> None:
        self._space, self._finite = space, space.is_finite
        self._tried = {_key(record.trial.params) for record in history.values()}
        self._rest = self._in_order()

    def take(self, params: Params) -> bool:
        """Whether a drawn combination counts as untried; from now on it is tried."""
        known = len(self._tried)
        self._tried.add(_key(params))
        return not self._finite or len(self._tried) > known

    def draw(self, generator: np.random.Generator) -> tuple[tuple[float, ...], Params] | None:
        """Draw a point whose combination counts as untried, with its params; None where there is none. Now it is tried."""
        for _ in range(FRUITLESS_DRAWS):
            point = random_point(generator, self._space.dimensions)
            if self.take(params := self._space.decode(point)):
                return point, params
        return next(self._rest, None)

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

    def _in_order(self) -> Iterator[tuple[tuple[float, ...], Params]]:
        """Yield the points and params of the combinations that are still untried, in order."""
        for point in Combinations.of_all_levels(self._space):
            if self.take(params := self._space.decode(point)):
                yield point, params


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
        return given + self.anywhere(0, numbers[len(given) :], untried)

    def most(self, trials: int) -> int:
        """Return how many of so many trials there are: a finite space holds no more, but the user's own may be the same."""
        if not self.space.is_finite:
            return trials
        given = [_key(trial.params) for trial in self.given(range(trials))]
        return min(trials, len(given) + Combinations.of_all_levels(self.space).count(trials) - len(set(given)))

    def begins(self, stage: int, numbers: range) -> bool:
        """Whether a stage is the first, or has some of the user's own points, so that no result is asked."""
        return stage == 0 or numbers.start < len(self.start)

    def given(self, numbers: range) -> list[Trial]:
        """Return those of the trials that are the user's own points."""
        return [self._given(number) for number in range(numbers.start, min(numbers.stop, len(self.start)))]

    def explorers(self, stage: int, numbers: range, untried: Untried) -> list[Trial]:
        """Return trials of a later stage that are drawn from the whole space."""
        return self.anywhere(stage, numbers, untried, Origin("explorer"))

    def anywhere(self, stage: int, numbers: range, untried: Untried, origin: Origin = DRAWN) -> list[Trial]:
        """Return trials drawn from the whole space; fewer, if every combination has been tried."""
        trials: list[Trial] = []
        for number in numbers:
            drawn = untried.draw(self.streams.generator(Purpose.POINTS, stage, number))
            if drawn is None:
                break
            trials.append(Trial(number, stage, *drawn, origin))
        return trials

    def _given(self, number: int) -> Trial:
        drawn = random_point(self.streams.generator(Purpose.POINTS, 0, number), self.space.dimensions)
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
    of the unit interval. Combinations that differ in inactive parameters only are one. The user's own points come first and
    are none of them.
    """

    space: SearchSpace
    trials: int
    drawn: Drawn

    def propose(self, stage: int, numbers: range, history: History) -> list[Trial]:
        """Return the grid's points from number to number."""
        given = self.drawn.given(numbers)
        rest, before = numbers[len(given) :], len(self.drawn.start)
        points = islice(self._combinations, max(rest.start - before, 0), max(rest.stop - before, 0))
        return given + [
            Trial(number, 0, point, self.space.decode(point), Origin("grid"))
            for number, point in zip(rest, points, strict=False)
        ]

    @property
    def most(self) -> int:
        """How many trials it has: the user's own points and every combination."""
        return len(self.drawn.start) + self._combinations.count()

    @property
    def values(self) -> tuple[int, ...]:
        """How many values each parameter gets (d,)."""
        return tuple(map(len, self._combinations.coordinates))

    def sample(self, size: int) -> list[Params]:
        """Return so many of its combinations, each drawn from all of them and none likelier than another."""
        generator = self.drawn.streams.generator(Purpose.POINTS, 0)
        return [self.space.decode(point) for point in self._combinations.sample(generator, size)]

    @cached_property
    def _combinations(self) -> Combinations:
        """The grid itself: with as many values of each parameter as a grid of as many points as these give would have."""
        most = self.trials
        while (count := (found := self._fitting(most)).count(most)) < most:
            most = count
        return found

    def _fitting(self, most: int) -> Combinations:
        """Return at most so many combinations: all parameters get as many values as fit, then one by one each one more.

        Those for which that makes no new combinations, or too many, are left as they are; the others go on in this way.
        """
        domains = [parameter.domain for parameter in self.space.parameters]
        growing = {place: min(domain.levels or most, most) for place, domain in enumerate(domains)}
        counts = dict.fromkeys(growing, 1)

        def laid_out(changed: Mapping[int, int]) -> Combinations:
            return Combinations(self.space, list(map(Evenly, domains, {**counts, **changed}.values())))

        def alike(count: int) -> dict[int, int]:
            return {place: min(count, limit) for place, limit in growing.items()}

        reached, count = 1, 1
        while growing and reached < most:
            higher = range(count + 1, max(growing.values()) + 1)
            count += bisect_left(higher, True, key=lambda count: laid_out(alike(count)).count(most + 1) > most)
            counts |= alike(count)
            reached = laid_out({}).count()
            for place in list(growing):
                more = {place: counts[place] + 1}
                found = reached if counts[place] == growing[place] else laid_out(more).count(most + 1)
                if reached < found <= most:
                    counts, reached = counts | more, found
                else:
                    del growing[place]
            count += 1
        return laid_out({})


@dataclass(frozen=True)
class Sobol:
    """Sobol's sequence, scrambled: points that fill the cube more evenly than random ones.

    Where a point of the sequence falls on a combination that was tried, a random one stands in its place.

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
        untried = Untried(self.space, history)
        untried.add(given)
        sequence = _quasi_monte_carlo().Sobol(self.space.dimensions, rng=self.streams.generator(Purpose.POINTS, 0))
        if skipped := numbers.start + len(given):
            sequence.fast_forward(skipped)
        trials = given
        for number in numbers[len(given) :]:
            point = tuple(sequence.random(1)[0].tolist())  # one by one: it warns of other counts than powers of 2
            if untried.take(params := self.space.decode(point)):
                trials.append(Trial(number, 0, point, params, Origin("sobol")))
            elif instead := self.drawn.anywhere(0, range(number, number + 1), untried):
                trials += instead
            else:
                break
        return trials


def _quasi_monte_carlo() -> Any:
    """Return SciPy's module, which is not always there."""
    try:
        from scipy.stats import qmc
    except ImportError:
        raise MissingExtra("search.method: sobol", "sobol", "SciPy") from None
    return qmc


def _key(params: Params) -> tuple[tuple[str, Hashable], ...]:
    """Return what two combinations must share to be the same."""
    return tuple((name, identity(value)) for name, value in params.items())
