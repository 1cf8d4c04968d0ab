"""What conditions come to: what an active entry says of others, and in which share of the points a parameter counts."""

from __future__ import annotations

import math
from collections.abc import Mapping

from hpsearch.space.parameters import Domain
from hpsearch.space.search_space import DEPTH, Entry, Parameter
from hpsearch.trial import Value


def conditions_of(name: str, entries: Mapping[str, Entry]) -> dict[str, tuple[Value, ...]]:
    """Return what an active entry says of others: its conditions, theirs, and so on."""
    found: dict[str, tuple[Value, ...]] = {}
    waiting = [name]
    for child in waiting:  # grows as it goes
        for parent, values in entries[child].when.items():
            if parent not in found and parent in entries:
                waiting.append(parent)
            found[parent] = tuple(value for value in found.get(parent, values) if value in values)
    return found


def share_active(parameter: Parameter, entries: Mapping[str, Entry]) -> float:
    """Return the share of the points at which a parameter counts: its own conditions hold, and those of its parents."""
    when = dict(parameter.when)
    if parameter.layer and DEPTH in entries:
        domain = entries[DEPTH].domain
        depths = when.get(DEPTH, tuple(domain.level(index) for index in range(domain.levels or 0)))
        when[DEPTH] = tuple(depth for depth in depths if isinstance(depth, int) and depth >= parameter.layer)
    conditional = {**entries, parameter.name: Entry(parameter.domain, when)}
    conditions = conditions_of(parameter.name, conditional)
    return math.prod(_share_of(entries[parent].domain, values) for parent, values in conditions.items())


def _share_of(domain: Domain, values: tuple[Value, ...]) -> float:
    """Return the share of the draws that are one of some values."""
    numbers = {domain.index(domain.encode(value)) for value in values}
    return sum(domain.begin(number + 1) - domain.begin(number) for number in numbers)
