"""Where draws lie: how many of them in each part of a range, or at each value.

Ranges are cut where a person would look: at powers of ten, and a beta at its averaging window.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from hpsearch.space.parameters import Choice, Domain, Real, Whole, identity
from hpsearch.space.scales import TWO_DECADES
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.trial import Params, Value

MOST_VALUES, MOST_DECADES, PARTS = 8, 8, 4
"""Values that are counted one by one; decades; else so many parts of a range."""

Kind = Literal["real", "whole", "choice"]


@dataclass(frozen=True)
class Bin:
    """How many draws lie from `low` on and below `high`, or at `high` where it is the last; `high` is None for one value."""

    low: Value
    high: Value | None
    count: int


@dataclass(frozen=True)
class Histogram:
    """Where the draws of one entry of the space lie; `scale` is empty for a choice.

    `active` is the share of the trials in which it counts, `when` the values of other entries that it asks for, and `layers`
    how many parameters it stands for, 0 for one.
    """

    name: str
    kind: Kind
    scale: str
    is_beta: bool
    when: Mapping[str, tuple[Value, ...]]
    layers: int
    active: float
    bins: tuple[Bin, ...]


def histograms(space: SearchSpace, params: Sequence[Params], averaging: Sequence[str]) -> tuple[Histogram, ...]:
    """Return where the draws of each entry of a space lie; `averaging` names the betas."""
    found = []
    for name, entry in space.entries.items():
        own = [parameter.name for parameter in space.parameters if parameter.entry == name]
        values = [[trial[parameter] for parameter in own if parameter in trial] for trial in params]
        found.append(_histogram(name, entry, values, own[0] in averaging))
    return tuple(found)


def _histogram(name: str, entry: Entry, values: Sequence[Sequence[Value]], is_beta: bool) -> Histogram:
    """Count the values of an entry, of which each trial has some."""
    kind: Kind = "choice" if isinstance(entry.domain, Choice) else "whole" if isinstance(entry.domain, Whole) else "real"
    active = sum(map(bool, values)) / len(values) if values else 0.0
    bins = _bins(entry.domain, [value for some in values for value in some], is_beta)
    scale = getattr(entry.domain, "scale", "")
    return Histogram(name, kind, scale, is_beta, entry.when, entry.layers, active, bins)


def _bins(domain: Domain, values: Sequence[Value], is_beta: bool) -> tuple[Bin, ...]:
    if domain.levels is not None and (domain.levels <= MOST_VALUES or isinstance(domain, Choice)):
        levels = [domain.level(index) for index in range(domain.levels)]
        keys = list(map(identity, values))
        return tuple(Bin(level, None, keys.count(identity(level))) for level in levels)
    assert isinstance(domain, Real | Whole), "a domain that is no choice has bounds"
    edges = [domain.low, *_cuts(domain, is_beta), domain.high]
    if isinstance(domain, Whole):
        edges = sorted(set(map(round, edges)))
    counts = [0] * (len(edges) - 1)
    for value in values:
        counts[min(bisect_right(edges, value), len(counts)) - 1] += 1
    return tuple(Bin(low, high, count) for (low, high), count in zip(pairwise(edges), counts, strict=True))


def _cuts(domain: Real | Whole, is_beta: bool) -> list[float]:
    """Return where a range is cut: at powers of ten from two decades on, but whole numbers on a linear scale.

    A shorter one is cut into parts that are alike on its scale, a beta by its averaging window.
    """
    low, high, is_linear = domain.low, domain.high, domain.scale == "linear"
    if is_beta and high < 1:
        windows = 1 / (1 - low), 1 / (1 - high)
        return [1 - 1 / window for window in _decades(*windows) or _ratios(*windows)]
    if is_linear and (isinstance(domain, Whole) or low <= 0 or high / low < TWO_DECADES):
        return [low + part / PARTS * (high - low) for part in range(1, PARTS)]
    return _decades(low, high) or _ratios(low, high)


def _decades(low: float, high: float) -> list[float]:
    """Return the powers of ten between two numbers, or some of many; none if they are less than two decades apart."""
    if high / low < TWO_DECADES:
        return []
    first, last = math.ceil(math.log10(low) + 1e-9), math.floor(math.log10(high) - 1e-9)
    return [10.0**power for power in range(first, last + 1, -(-(last - first + 2) // MOST_DECADES))]


def _ratios(low: float, high: float) -> list[float]:
    return [low * (high / low) ** (part / PARTS) for part in range(1, PARTS)]
