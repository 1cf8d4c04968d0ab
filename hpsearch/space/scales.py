"""Scales: how far along its range a value lies, from 0 to 1, and which value lies there.

A scale is an increasing map of values to the real line with its inverse; warping measures distances on that line. It
knows nothing of steps or of whole numbers, which `parameters.py` builds on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hpsearch.options import ScaleName

TWO_DECADES = 100 * (1 - 1e-9)
"""High over low from which on a range spans two decades; a little less, for a quotient of floats may miss 100 by a hair."""


@dataclass(frozen=True)
class Scale:
    """An increasing map of the values in (above, below) to the real line, `to_line`, and its inverse, `from_line`."""

    name: ScaleName
    to_line: Callable[[float], float]
    from_line: Callable[[float], float]
    above: float = -math.inf
    below: float = math.inf

    def admits(self, value: float) -> bool:
        """Whether the scale has a place for a value, so that it can be a bound."""
        return math.isfinite(value) and self.above < value < self.below

    @property
    def allowed(self) -> str:
        """The values it has a place for, in words."""
        if math.isfinite(self.above):
            return f"values above {self.above:g}"
        if math.isfinite(self.below):
            return f"values below {self.below:g}"
        return "any finite values"

    def share(self, value: float, low: float, high: float) -> float:
        """Return how far along the way from low to high a value lies: below 0 before low, above 1 beyond high.

        Infinite for a value that the scale has no place for.
        """
        if not self.admits(value):
            return -math.inf if value <= self.above else math.inf
        start, end = self.to_line(low), self.to_line(high)
        return (self.to_line(value) - start) / (end - start)

    def at(self, share: float, low: float, high: float) -> float:
        """Return the value at a share of the way from low to high, which may lead beyond either."""
        start, end = self.to_line(low), self.to_line(high)
        try:
            return self.from_line(start + share * (end - start))
        except OverflowError:
            return math.copysign(math.inf, share)

    def warp(self, value: float, low: float, high: float) -> float:
        """Return the share of the way from low to high, in [0, 1], at which a value lies.

        Exactly 0 at low and 1 at high; a value beyond a bound lies at that bound.
        """
        return min(max(self.share(min(max(value, low), high), low, high), 0.0), 1.0)

    def unwarp(self, u: float, low: float, high: float) -> float:
        """Return the value at the share u of the way from low to high: exactly low at 0 and high at 1."""
        if u <= 0:
            return low
        if u >= 1:
            return high
        return min(max(self.at(u, low, high), low), high)


def _distance_to_one(value: float) -> float:
    """Return -log(1 - beta), which grows by log 10 each time the averaging window 1 / (1 - beta) grows tenfold."""
    return -math.log1p(-value)


def _from_distance_to_one(distance: float) -> float:
    return -math.expm1(-distance)


SCALES: Mapping[str, Scale] = {
    "linear": Scale("linear", float, float),
    "log": Scale("log", math.log, math.exp, above=0.0),
    "1-beta": Scale("1-beta", _distance_to_one, _from_distance_to_one, below=1.0),
}
