"""Where a value lies on an axis, and what is written there.

A parameter's axis is the unit interval of the scale that its values were drawn on, so a log scale and a 1-beta scale need
nothing of the drawing library. Both it and the axis of the scores have a lane beyond their range: for trials in which the
parameter does not count, and for those without a score.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hpsearch.objectives.metrics import Metric
from hpsearch.space.parameters import Choice
from hpsearch.space.scales import SCALES
from hpsearch.trial import Value
from hpsearch.views.format import metric_values, printable, value_text
from hpsearch.views.numbers.axis import ScoreAxis, score_axis
from hpsearch.views.numbers.slices import Slice
from hpsearch.views.numbers.ticks import ticks

LANE, MARGIN = 0.18, 0.03
"""How far beyond the range a lane lies, and what is left free at the ends: shares of the range."""

UNUSED = 0.26
"""How far below the range of a parameter the lane of trials lies in which it does not count: its label is wide."""

CROWDED = 12
"""Levels up to which the marks of one value stand side by side."""

GOLDEN = 0.618034
"""The fractional parts of its multiples are spread evenly."""

Label = tuple[float, str]


def labelled(labels: Sequence[Label]) -> dict[str, Any]:
    """Return the ticks of an axis with their labels; the texts are string literals of the expression."""
    places = [place for place, _ in labels]
    texts = json.dumps([text for _, text in labels])
    return {"values": places, "labelExpr": f"{texts}[indexof({json.dumps(places)}, datum.value)]"}


def tick_text(value: Value) -> str:
    """Write a round number as it is, 0.999 and not 1; anything else as everywhere."""
    return f"{value:.12g}" if isinstance(value, float) else value_text(value)


@dataclass(frozen=True)
class ParameterAxis:
    """The axis of a parameter: labels by place, its ends, and the lane of trials in which it does not count, if any."""

    name: str
    labels: tuple[Label, ...]
    low: float
    high: float
    lane: float | None
    levels: int | None
    is_choice: bool

    @classmethod
    def of(cls, known: Slice, trials: int) -> ParameterAxis:
        """Return the axis of a slice, in a run of so many trials."""
        domain, places = known.parameter.domain, [dot.place for dot in known.dots]
        choice = isinstance(domain, Choice)
        most = domain.levels if choice and domain.levels else 7
        labels = tuple((round(tick.place, 6), tick_text(tick.value)) for tick in ticks(domain, most))
        low, high = min([0.0, *places]), max([1.0, *places])
        lane = round(low - UNUSED, 6) if len(places) < trials else None
        return cls(printable(known.name), labels, low, high, lane, domain.levels, choice)

    @property
    def ends(self) -> list[float]:
        """Where the axis begins and ends."""
        return [(self.low if self.lane is None else self.lane) - MARGIN, self.high + MARGIN]

    @property
    def all_labels(self) -> list[Label]:
        """The labels, that of the lane among them."""
        return [*self.labels, *([] if self.lane is None else [(self.lane, "not used")])]

    def beside(self, place: float, trial: int) -> float:
        """Return where the mark of a trial stands: a little apart from those of the same value."""
        if place == self.lane:
            width = MARGIN
        elif self.levels and self.levels <= CROWDED:
            width = 0.56 / self.levels
        else:
            return place
        return round(place + width * ((trial * GOLDEN) % 1 - 0.5), 5)


@dataclass(frozen=True)
class ScoreChannel:
    """What a chart encodes the scores in: their axis, and a `lane` for trials beyond it or without a score, None without."""

    name: str
    axis: ScoreAxis
    lane: float | None
    higher_is_better: bool
    has_scores: bool
    has_failures: bool

    @classmethod
    def of(cls, scores: Iterable[float], metric: Metric) -> ScoreChannel:
        """Return the channel of some scores, as they are shown; some of them may be no numbers."""
        given, higher = list(scores), metric.higher_is_better
        known = score_axis(given, higher_is_better=higher)
        found = known or ScoreAxis(0.0, 1.0, "linear", 0)
        failures = not given or not all(map(math.isfinite, given))
        channel = cls(metric.name, found, None, higher, known is not None, failures)
        return replace(channel, lane=channel._beyond_worst(LANE)) if found.beyond or failures else channel

    @property
    def lane_text(self) -> str:
        """What stands beside the lane."""
        kinds = (("beyond", self.axis.beyond), ("failed", self.has_failures))
        return ", ".join(name for name, is_there in kinds if is_there)

    def is_on_it(self, score: float) -> bool:
        """Whether a score lies on the axis; one that is better than its best end lies there."""
        return math.isfinite(score) and (score >= self.axis.low if self.higher_is_better else score <= self.axis.high)

    def place(self, score: float) -> float | None:
        """Return where the mark of a score stands."""
        return min(max(score, self.axis.low), self.axis.high) if self.is_on_it(score) else self.lane

    def share(self, score: float) -> float | None:
        """Return how far from low to high a score lies, from 0 to 1; None if it is not on the axis."""
        return round(self.axis.place(score), 5) if self.is_on_it(score) else None

    @property
    def labels(self) -> list[Label]:
        """The labels by score; none where there is no score."""
        if not self.has_scores:
            return []
        scores = self.axis.ticks(6)
        return list(zip(scores, metric_values(self.name, scores), strict=True))

    def encoding(self, title: str | None = None) -> dict[str, Any]:
        """Return the scale and the axis for a chart."""
        lane: list[Label] = [] if self.lane is None else [(self.lane, self.lane_text)]
        ends = (self._beyond_worst(MARGIN + (LANE if lane else MARGIN)), self._beyond_worst(-1 - 2 * MARGIN))
        scale: dict[str, Any] = {"type": self.axis.scale, "domain": sorted(ends), "nice": False}
        if self.axis.scale == "linear":
            scale["zero"] = False
        return {"scale": scale, "axis": {**labelled([*self.labels, *lane]), "title": title}}

    def _beyond_worst(self, share: float) -> float:
        """Return the score so many ranges beyond the worst; at -1 it is the best."""
        return SCALES[self.axis.scale].at(-share if self.higher_is_better else 1 + share, self.axis.low, self.axis.high)
