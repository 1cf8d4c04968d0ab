"""An axis for scores: on a logarithmic scale where they span decades, with the hopeless ones at its edge."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from hpsearch.options import ScaleName
from hpsearch.space.scales import SCALES
from hpsearch.views.numbers.ticks import round_numbers

DECADES = 20
"""The worst over the best from which on scores above 0 stand on a logarithmic scale."""

HOPELESS = 8
"""So many times as far from the best as the first quarter reaches, on the axis: what is worse would squeeze all else."""


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
    """Return an axis for the scores that are finite; None where there is none."""
    ranked = sorted((score for score in scores if math.isfinite(score)), reverse=higher_is_better)
    if not ranked:
        return None
    best, good, worst = ranked[0], ranked[len(ranked) // 4], ranked[-1]
    is_log = min(best, worst) > 0 and max(best, worst) > DECADES * min(best, worst)
    scale = SCALES["log" if is_log else "linear"]
    start, reach = scale.to_line(best), HOPELESS * (scale.to_line(good) - scale.to_line(best))
    if reach and abs(scale.to_line(worst) - start) > abs(reach):
        worst = scale.from_line(start + reach)
    low, high = sorted((best, worst))
    if low == high:  # a single score stands in the middle
        low, high = low - (abs(low) / 2 or 1), high + (abs(high) / 2 or 1)
    return ScoreAxis(low, high, scale.name, sum((score > high) or (score < low) for score in ranked))
