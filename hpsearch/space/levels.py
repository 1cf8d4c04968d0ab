"""Levels: equally spaced values on a scale, and the part of the unit interval that each owns.

Whole numbers and stepped real numbers are both of this kind. Here too are the checks that a range must pass, with or
without levels. The values themselves are made in `parameters.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from hpsearch.options import ScaleName
from hpsearch.space.scales import SCALES, Scale

MAX_STEPS = 10**9
"""How many steps the larger bound may be from zero, so that rounding never moves a value to its neighbour's part."""

NOT_SEARCHED = "a value that is not searched stands under `network`"


class DomainError(ValueError):
    """Arguments that make no domain.

    `argument` names the one at fault: `low`, `high`, `scale`, `step`, `options`, or an option's index as text. `advice`
    says what to do.
    """

    def __init__(self, argument: str, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.argument = argument
        self.advice = advice


@dataclass(frozen=True)
class Levels:
    """The values low + i step for i = 0 .. count - 1 on a scale.

    Level i owns the part of [0, 1] between the warped values half a step below and half a step above it; the outer
    edges lie at 0 and 1. On the linear scale the level at u is thus floor(u * count).
    """

    scale: Scale
    low: float
    step: float
    count: int

    def edge(self, index: int) -> float:
        """Return the value where the part of level `index` begins."""
        return self.low + (index - 0.5) * self.step

    def at(self, u: float) -> int:
        """Return the level whose part holds u."""
        start = self.edge(0)
        value = self.scale.unwarp(u, start, self.edge(self.count))
        return min(max(math.floor((value - start) / self.step), 0), self.count - 1)

    def share(self, value: float) -> float:
        """Return where a number lies, which need be none of the values: outside of [0, 1] beyond the outer edges."""
        return self.scale.share(value, self.edge(0), self.edge(self.count))

    def nearest(self, share: float) -> int:
        """Return the level at a share, as if there were levels below 0 and from `count` on too."""
        return math.floor((self.scale.at(share, self.edge(0), self.edge(self.count)) - self.edge(0)) / self.step)

    def begin(self, index: int) -> float:
        """Return where the part of level `index` begins on [0, 1]; that of level `count` would begin at 1."""
        return self.scale.warp(self.edge(index), self.edge(0), self.edge(self.count))

    def middle(self, index: int) -> float:
        """Return the middle of a level's part."""
        return (self.begin(index) + self.begin(index + 1)) / 2


def range_faults(low: float, high: float, name: ScaleName) -> Iterator[DomainError]:
    """Yield what is wrong unless the bounds are in order and the scale has a place for both."""
    if name not in SCALES:
        yield DomainError("scale", f"no scale is called {name!r}", f"the scales are {', '.join(SCALES)}")
        return
    if low == high:
        yield DomainError("high", f"both bounds are {low!r}, so there is nothing to search", NOT_SEARCHED)
    if low > high:
        yield DomainError("low", f"the bounds are swapped: {low!r} lies above {high!r}", f"write [{high!r}, {low!r}]")
    scale = SCALES[name]
    outside = [(argument, bound) for argument, bound in (("low", low), ("high", high)) if not scale.admits(bound)]
    for argument, bound in outside:
        yield DomainError(argument, f"the scale {name} has room for {scale.allowed} only, not for {bound!r}")
    if low < high and not outside and not 0 < scale.to_line(high) - scale.to_line(low) < math.inf:
        yield DomainError("high", f"the bounds {low!r} and {high!r} are too close together or too far apart to measure")


def check_range(low: float, high: float, name: ScaleName) -> None:
    """Raise DomainError, the first of the `range_faults`, if there are any."""
    for error in range_faults(low, high, name):
        raise error


def check_step(step: float, low: float, high: float) -> None:
    """Raise DomainError unless a step is positive and not tiny beside the bounds."""
    if step <= 0:
        raise DomainError("step", f"the step must be above 0, not {step!r}", "leave it out to take any value")
    if max(abs(low), abs(high)) / step > MAX_STEPS:
        raise DomainError("step", f"steps of {step!r} are too small to tell the values apart", "take a larger step")


def check_levels(levels: Levels) -> None:
    """Raise DomainError unless there are two levels, and room on the scale for the outer halves of their parts."""
    if levels.count < 2:
        raise DomainError("step", f"a step of {levels.step!r} leaves only the lower bound", "take a smaller step")
    scale = levels.scale
    for argument, edge in (("low", levels.edge(0)), ("high", levels.edge(levels.count))):
        if not scale.admits(edge):
            raise DomainError(
                argument,
                f"half a step beyond the bound lies {edge!r}, and the scale {scale.name} has room for {scale.allowed} only",
                "move the bound, or take a smaller step or the linear scale",
            )
