"""Which share of the draws has a value, and in which share of the trials a parameter counts.

Draws are uniform on the unit interval, so a share is the width of a part of it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping
from typing import Any

from hpsearch.space.parameters import Choice, Domain, identity
from hpsearch.space.search_space import DEPTH, Entry, Parameter
from hpsearch.spec.effects import conditions_of
from hpsearch.trial import Value

_PARTS = 1_000_000
"""Parts of the unit interval: a share is exact to one of them."""


def share_from(domain: Domain, least: float) -> float:
    """Return the share of the draws that are at least a number: of a range, or of choices that are numbers."""
    if isinstance(domain, Choice):
        return sum(float(option) >= least for option in domain.options if isinstance(option, int | float)) / domain.levels

    def reaches(part: int) -> bool:
        value: Any = domain.decode(part / _PARTS)
        return bool(value >= least)

    return 1 - bisect_left(range(_PARTS), True, key=reaches) / _PARTS


def share_of(domain: Domain, values: Collection[Value]) -> float:
    """Return the share of the draws that are one of some values of a domain with levels."""
    if isinstance(domain, Choice):
        return len(values) / domain.levels
    return sum(_share_of_level(domain, domain.index(domain.encode(value))) for value in values)


def share_active(parameter: Parameter, entries: Mapping[str, Entry]) -> float:
    """Return the share of the points at which a parameter counts: its own conditions hold, and those of its parents."""
    when = dict(parameter.when)
    if parameter.layer and DEPTH in entries:
        depths = _levels(entries[DEPTH].domain)
        when[DEPTH] = tuple(
            depth for depth in when.get(DEPTH, depths) if isinstance(depth, int) and depth >= parameter.layer
        )
    conditional = {**entries, parameter.name: Entry(parameter.domain, when)}
    share = 1.0
    for parent, values in conditions_of(parameter.name, conditional).items():
        share *= share_of(entries[parent].domain, {identity(value): value for value in values}.values())
    return share


def _levels(domain: Domain) -> tuple[Value, ...]:
    return tuple(domain.level(index) for index in range(domain.levels or 0))


def _share_of_level(domain: Domain, index: int) -> float:
    begin, end = (
        bisect_left(range(_PARTS), True, key=lambda part: domain.index(part / _PARTS) >= level)
        for level in (index, index + 1)
    )
    return (end - begin) / _PARTS
