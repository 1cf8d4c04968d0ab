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
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.trial import Params, Value

MOST_VALUES, MOST_DECADES, PARTS = 8, 8, 4
"""Values that are counted one by one; decades; else so many parts of a range."""

Kind = Literal["real", "whole", "choice"]


@dataclass(frozen=True)
class Part:
    """How many draws lie from `low` on and below `high`, or at `high` where it is the last; `high` is None for one value."""

    low: Value
    high: Value | None
    count: int


@dataclass(frozen=True)
class Draws:
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
    parts: tuple[Part, ...]


def draws(space: SearchSpace, params: Sequence[Params], averaging: Sequence[str]) -> tuple[Draws, ...]:
    """Return where the draws of each entry of a space lie; `averaging` names the betas."""
    of_entry = {name: [p.name for p in space.parameters if p.entry == name] for name in space.entries}
    return tuple(
        _draws(name, entry, [[p[own] for own in of_entry[name] if own in p] for p in params], of_entry[name][0] in averaging)
        for name, entry in space.entries.items()
    )


def _draws(name: str, entry: Entry, values: Sequence[Sequence[Value]], is_beta: bool) -> Draws:
    """Count the values of an entry, of which each trial has some."""
    kind: Kind = "choice" if isinstance(entry.domain, Choice) else "whole" if isinstance(entry.domain, Whole) else "real"
    active = sum(map(bool, values)) / len(values) if values else 0.0
    parts = _parts(entry.domain, [value for some in values for value in some], is_beta)
    scale = getattr(entry.domain, "scale", "")
    return Draws(name, kind, scale, is_beta, entry.when, entry.layers, active, parts)


def _parts(domain: Domain, values: Sequence[Value], is_beta: bool) -> tuple[Part, ...]:
    if domain.levels is not None and (domain.levels <= MOST_VALUES or isinstance(domain, Choice)):
        levels = [domain.level(index) for index in range(domain.levels)]
        keys = list(map(identity, values))
        return tuple(Part(level, None, keys.count(identity(level))) for level in levels)
    assert isinstance(domain, Real | Whole), "a domain that is no choice has bounds"
    edges = [domain.low, *_edges(domain.low, domain.high, is_beta), domain.high]
    if isinstance(domain, Whole):
        edges = sorted(set(map(round, edges)))
    counts = [0] * (len(edges) - 1)
    for value in values:
        counts[min(bisect_right(edges, value), len(counts)) - 1] += 1
    return tuple(Part(low, high, count) for (low, high), count in zip(pairwise(edges), counts, strict=True))


def _edges(low: float, high: float, is_beta: bool) -> list[float]:
    """Return where a range is cut: at powers of ten from two decades on, else into parts, of equal ratio if that is large.

    A beta is cut by its averaging window.
    """
    if is_beta and high < 1:
        return [1 - 1 / window for window in _edges(1 / (1 - low), 1 / (1 - high), is_beta=False)]
    if low > 0 and high / low > 99.999:  # 0.9 to 0.999 are two decades, but for rounding
        first, last = math.ceil(math.log10(low) + 1e-9), math.floor(math.log10(high) - 1e-9)
        return [10.0**power for power in range(first, last + 1, -(-(last - first + 2) // MOST_DECADES))]
    shares = [part / PARTS for part in range(1, PARTS)]
    if low > 0 and high / low >= PARTS:
        return [low * (high / low) ** share for share in shares]
    return [low + share * (high - low) for share in shares]
