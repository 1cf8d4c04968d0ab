"""One parameter at a time: where its values lay on the scale that they were drawn on, what came of them, and the edges.

The best trials crowding an end of a range are worth a warning: beyond it may be better ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from hpsearch.objectives.metrics import Metric
from hpsearch.space.parameters import Choice
from hpsearch.space.search_space import Parameter, SearchSpace
from hpsearch.trial import History, Status, TrialRecord, Value, leaders

End = Literal["lower", "upper"]

BEST, FEWEST = 5, 40
"""So many of the best trials are looked at, once so many have ended in which the parameter counts."""

OUTERMOST = 0.1
"""The share of a range that counts as its end; of few levels it is the outermost one."""

BY_CHANCE = 0.005
"""How often at most chance would put so many of the best there."""


@dataclass(frozen=True)
class Dot:
    """A trial in a slice: the place of its value in the unit interval, and its metric as it was asked for, or NaN."""

    trial: int
    value: Value
    place: float
    score: float
    status: Status
    stage: int


@dataclass(frozen=True)
class Slice:
    """A parameter and the trials in which it counts, by number; `is_beta` says whether it weighs the past."""

    parameter: Parameter
    is_beta: bool
    dots: tuple[Dot, ...]

    @property
    def name(self) -> str:
        """The parameter's name."""
        return self.parameter.name


@dataclass(frozen=True)
class Crowded:
    """So many of the `best` trials, `count`, lie at one end of a parameter's range, which is `bound`."""

    name: str
    end: End
    bound: Value
    count: int
    best: int


@dataclass(frozen=True)
class Region:
    """Where a stage drew the values of a parameter: the lowest and the highest place in the unit interval.

    Of a choice the options count that it drew. Trials that were given, or explore the whole space, are left out.
    """

    stage: int
    name: str
    low: float
    high: float
    options: tuple[Value, ...] = ()


def slices(space: SearchSpace, history: History, metric: Metric, averaging: Sequence[str]) -> tuple[Slice, ...]:
    """Return a slice for each parameter, in the order of the space; `averaging` names the betas."""
    return tuple(
        Slice(parameter, parameter.name in averaging, tuple(_dots(parameter, history, metric)))
        for parameter in space.parameters
    )


def regions(space: SearchSpace, history: History) -> tuple[Region, ...]:
    """Return where each stage drew the values of each parameter, by stage."""
    drawn = [record for record in history.values() if record.trial.origin.kind not in ("start", "explorer")]
    stages = sorted({record.trial.stage for record in drawn})
    return tuple(
        region
        for stage in stages
        for parameter in space.parameters
        if (region := _region(parameter, [record for record in drawn if record.trial.stage == stage], stage))
    )


def crowded_edges(space: SearchSpace, history: History) -> tuple[Crowded, ...]:
    """Return the ends of ranges where more of the best trials lie than chance would put there."""
    return tuple(warning for parameter in space.parameters for warning in _crowded(parameter, history))


def _dots(parameter: Parameter, history: History, metric: Metric) -> Iterator[Dot]:
    for number, record in sorted(history.items()):
        if parameter.name in record.trial.params:
            value = record.trial.params[parameter.name]
            place, score = parameter.domain.locate(value), metric.shown(record.value)
            yield Dot(number, value, place, score, record.status, record.trial.stage)


def _region(parameter: Parameter, drawn: Sequence[TrialRecord], stage: int) -> Region | None:
    values = [record.trial.params[parameter.name] for record in drawn if parameter.name in record.trial.params]
    if not values:
        return None
    places = [parameter.domain.locate(value) for value in values]
    options: tuple[Value, ...] = ()
    if isinstance(parameter.domain, Choice):
        options = tuple(option for option in parameter.domain.options if parameter.domain.encode(option) in places)
    return Region(stage, parameter.name, min(places), max(places), options)


def _crowded(parameter: Parameter, history: History) -> Iterator[Crowded]:
    domain = parameter.domain
    counting = [record for record in history.values() if record.status.ended and parameter.name in record.trial.params]
    best = leaders(counting)[:BEST]
    if isinstance(domain, Choice) or len(counting) < FEWEST or len(best) < BEST:
        return
    share = max(OUTERMOST, 1 / domain.levels) if domain.levels else OUTERMOST
    places = [domain.locate(record.trial.params[parameter.name]) for record in best]
    ends: tuple[tuple[End, float, int], ...] = (
        ("lower", 0.0, sum(place <= share for place in places)),
        ("upper", 1.0, sum(place >= 1 - share for place in places)),
    )
    for end, edge, count in ends:
        if _at_least(count, len(best), share) <= BY_CHANCE:
            yield Crowded(parameter.name, end, domain.decode(edge), count, len(best))


def _at_least(count: int, of: int, share: float) -> float:
    """Return the probability that so many, or more, of some independent draws lie in a share of the range."""
    return sum(math.comb(of, n) * share**n * (1 - share) ** (of - n) for n in range(count, of + 1))
