"""An axis for scores: on a logarithmic scale where they span decades, with the hopeless ones at its edge."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hpsearch.options import ScaleName
from hpsearch.space.scales import SCALES, Scale
from hpsearch.trial import HUGE
from hpsearch.views.numbers.ticks import round_numbers

MANY_TIMES = 20
"""The worst over the best from which on scores above 0, of which the lower ones are better, stand on a logarithmic scale."""

MOST_BEYOND, ROOM = 1 / 4, 0.4
"""At most that share of the scores, the worst, may be hopeless: too far off to leave the others this part of the axis."""

ALIKE = 1e-9
"""A difference, relative to the scores, that is too small for an axis of its own."""

GAP = 0.1
"""What the edge at which the hopeless ones stand is apart from the worst of the others, in lengths of the axis."""


@dataclass(frozen=True)
class ScoreAxis:
    """An axis from `low` to `high`; so many scores lie `beyond` it, on the side of the bad ones."""

    low: float
    high: float
    scale: ScaleName
    beyond: int

    def place(self, score: float) -> float:
        """Return where a score lies, 0 at `low` and 1 at `high`; one beyond them lies there."""
        return SCALES[self.scale].warp(score, self.low, self.high)

    def ticks(self, most: int) -> list[float]:
        """Return round numbers along the axis, at most so many."""
        return round_numbers(self.low, self.high, self.scale, most)


def score_axis(scores: Collection[float], *, higher_is_better: bool) -> ScoreAxis | None:
    """Return an axis for the scores that are finite, none of its ends huge; None where there is none."""
    finite = [score for score in scores if math.isfinite(score)]
    ranked = sorted((min(max(score, -HUGE), HUGE) for score in finite), reverse=higher_is_better)
    if not ranked:
        return None
    scale = SCALES["linear" if higher_is_better or ranked[0] <= 0 else "log"]
    if scale.name == "log" and _end(ranked, scale) <= MANY_TIMES * ranked[0]:
        scale = SCALES["linear"]
    low, high = sorted((ranked[0], _end(ranked, scale)))
    if math.isclose(low, high, rel_tol=ALIKE):  # a single score stands in the middle
        low, high = low - (abs(low) / 2 or 1), high + (abs(high) / 2 or 1)
    beyond = sum(score < low if higher_is_better else score > high for score in finite)
    return ScoreAxis(low, high, scale.name, beyond)


def _end(ranked: Sequence[float], scale: Scale) -> float:
    """Return where an axis for scores, the best one first, ends: at the worst that is not hopeless, or a bit beyond it."""
    places = [abs(scale.to_line(score) - scale.to_line(ranked[0])) for score in ranked]
    rest = range(len(ranked) - 1 - int(MOST_BEYOND * len(ranked)), len(ranked))
    needed = next((place for place in rest if not math.isclose(ranked[place], ranked[0], rel_tol=ALIKE)), -1)
    reach = places[needed] / ROOM
    if places[-1] <= reach:
        return ranked[-1]
    last = min(max(place for place in places if place <= reach) * (1 + GAP), reach)
    return scale.from_line(scale.to_line(ranked[0]) + math.copysign(last, ranked[-1] - ranked[0]))
