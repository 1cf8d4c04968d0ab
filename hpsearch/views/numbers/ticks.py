"""Round numbers to write along an axis, and where they lie on the scale that a parameter was drawn on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from hpsearch.space.parameters import Choice, Domain
from hpsearch.trial import Value

MOST = 7
"""So many ticks an axis has room for."""

MANTISSAS = ((1, 2, 5), (1, 3), (1,))
"""What the round numbers of a logarithmic axis begin with, the closest ones first."""


@dataclass(frozen=True)
class Tick:
    """A value and its place in the unit interval."""

    place: float
    value: Value


def ticks(domain: Domain, most: int = MOST) -> tuple[Tick, ...]:
    """Return the ticks of a domain, at most so many: every option, every level of few, else round numbers."""
    if domain.levels is not None and (domain.levels <= most or isinstance(domain, Choice)):
        values: Sequence[Value] = [domain.level(index) for index in range(0, domain.levels, -(-domain.levels // most))]
    else:
        described = domain.describe()
        low, high = described["range"]
        found = round_numbers(low, high, described["scale"], most)
        values = (
            found if domain.levels is None else sorted({round(value) for value in found if value == round(value)}) or found
        )
    return tuple(Tick(domain.locate(value), value) for value in values)


def round_numbers(low: float, high: float, scale: str = "linear", most: int = MOST) -> list[float]:
    """Return round numbers from low to high, evenly spread on a scale of parameters, at most so many."""
    if scale == "1-beta":
        return sorted(round(1 - lacking, 12) for lacking in round_numbers(1 - high, 1 - low, "log", most))
    decades = _decades(low, high) if scale == "log" else ()
    for mantissas in MANTISSAS if decades else ():
        every = [float(f"{mantissa}e{decade}") for decade, mantissa in product(decades, mantissas)]
        found = [number for number in every if _reaches(low, number) and _reaches(number, high)]
        if 2 <= len(found) <= most:
            return found
        if mantissas == (1,) and len(found) > most:
            return found[:: -(-len(found) // most)]
    return _evenly(low, high, most)


def _decades(low: float, high: float) -> Sequence[int]:
    return range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)


def _evenly(low: float, high: float, most: int) -> list[float]:
    """Return the multiples of 1, 2 or 5 times a power of ten; of no range its one number."""
    least = high / (most - 1) - low / (most - 1)
    if least <= 0:
        return [low]
    power = math.floor(math.log10(least))
    step = next(step for n in (1, 2, 5, 10) if (step := float(f"{n}e{power}")) >= least * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return sorted({float(f"{k * step:.12g}") for k in range(first, last + 1)})


def _reaches(low: float, high: float) -> bool:
    """Whether one positive number is no larger than another, rounding apart."""
    return low <= high * (1 + 1e-9)
