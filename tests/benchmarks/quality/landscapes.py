"""Further formulas: many basins, flat steps, a loss that diverges, and twelve parameters of which four matter."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.trial import Params
from quality.objectives import UNIT, Array, Objective, levels, options, space_of

MIRRORED = np.array([False, True, True, False, True, False])


def styblinski6(x: Array) -> Array:
    """Styblinski and Tang 1990 on [-5, 5]^6, three coordinates mirrored; least -234.996995, in one of 64 basins."""
    z = 10 * np.where(MIRRORED, 1 - x, x) - 5
    found: Array = (z**4 - 16 * z**2 + 5 * z).sum(axis=1) / 2
    return found


class Terraces(Objective):
    """Flat steps round a point off centre: small moves change nothing, and far away all is one plain.

    What counts is how far the three numbers are off, in a ridge across two of them, and whether the option is the right one;
    the last number does nothing.
    """

    name = "terraces"
    space = space_of([UNIT, UNIT, levels(30), options(4), UNIT])
    HEIGHT = 0.05

    def values(self, rows: Array) -> Array:
        a, b, c = rows[:, 0] - 0.77, rows[:, 1] - 0.34, rows[:, 2] / 29 - 0.62
        away = np.sqrt(6 * (a + 0.7 * b) ** 2 + 1.5 * b**2 + 2 * c**2)
        away += np.array([0.25, 0.1, 0.4, 0.0])[rows[:, 3].astype(int)]
        found: Array = self.HEIGHT * np.ceil(np.minimum(away, 1.2) / self.HEIGHT)
        return found

    def deviations(self, values: Array) -> Array:
        return np.full_like(values, 0.02)


class NoisyDescent(Objective):
    """The loss that gradient descent is expected to reach on a quadratic bowl, in a given number of samples.

    The steps have noise that falls with the batch size, and large batches leave fewer of them. Momentum multiplies the rate,
    decay lowers it with the steps, and l2 moves the minimum. Beyond the rate that the steepest direction bears, the loss
    grows without bound: an observation is infinite there, and the value without noise that of the start.
    """

    name = "noisy descent"
    space = SearchSpace(
        {
            "learning_rate": Entry(Real(1e-4, 10, "log")),
            "momentum": Entry(Real(0.5, 0.999, "1-beta")),
            "decay": Entry(Real(1e-5, 1, "log")),
            "batch_size": Entry(Whole(4, 512, "log")),
            "l2": Entry(Real(1e-6, 0.1, "log")),
            "warm_up": Entry(Whole(0, 10)),
            "schedule": Entry(Choice(["inverse_time", "exponential"])),
        }
    )
    CURVATURES = np.geomspace(0.002, 1, 8)
    SAMPLES = 8192
    MOMENTS = 40
    NOISE = 4.0
    START = float(CURVATURES.sum() / 2)

    def values(self, rows: Array) -> Array:
        """Return the losses: each of 40 moments stands for as many steps as fit between it and the next."""
        rate, batch = rows[:, 0] / (1 - rows[:, 1]), rows[:, 3]
        steps = self.SAMPLES / batch / self.MOMENTS
        curvatures = self.CURVATURES + rows[:, 4, None]
        square, highest = np.ones((len(rows), len(self.CURVATURES))), np.zeros(len(rows))
        for moment in range(self.MOMENTS):
            rates = rate * self._factor(rows, steps * moment)
            highest = np.maximum(highest, rates)
            shrink = (1 - np.minimum(rates[:, None] * curvatures, 1)) ** 2
            rest = self.NOISE * rates[:, None] / batch[:, None] / (2 - np.minimum(rates[:, None] * curvatures, 1))
            kept = shrink ** steps[:, None]
            square = kept * square + (1 - kept) * rest
        moved = (rows[:, 4, None] / curvatures) ** 2
        found = ((square + moved) * self.CURVATURES).sum(axis=1) / 2 + 0.003 * (rows[:, 5] - 4) ** 2 / 16 + 0.01
        return np.where(self._diverges(rows, highest), self.START, np.minimum(found, self.START))

    def _factor(self, rows: Array, step: Array) -> Array:
        """Return what the rate is multiplied with after so many steps."""
        inverse, exponential = 1 / (1 + rows[:, 2] * step), np.exp(-rows[:, 2] * step)
        return np.where(rows[:, 6] == 0, inverse, exponential)

    def _diverges(self, rows: Array, rates: Array) -> NDArray[np.bool_]:
        """Return whether the rate, which a warm-up makes bearable, is beyond what the steepest direction bears."""
        bearable = 2 * (1 + rows[:, 1]) / (1 - rows[:, 1]) * (1 + 0.05 * rows[:, 5])
        found: NDArray[np.bool_] = rates > bearable
        return found

    def deviations(self, values: Array) -> Array:
        return 0.003 + 0.04 * values

    def observe(self, params: Params, seed: int, count: int) -> float:
        found = super().observe(params, seed, count)
        return math.inf if self.value(params) >= self.START else max(found, 0.001)


class FourOfTwelve(Objective):
    """Twelve parameters of all kinds, four of which matter: an option moves the best number of units, two rates are tied."""

    name = "four of twelve"
    space = SearchSpace(
        {
            "learning_rate": Entry(Real(1e-5, 1, "log")),
            "weight_decay": Entry(Real(1e-7, 1e-1, "log")),
            "units": Entry(Whole(8, 512, "log")),
            "block": Entry(Choice(["a", "b", "c", "d", "e"])),
            "clip": Entry(Real(0.1, 10, "log")),
            "beta2": Entry(Real(0.9, 0.9999, "1-beta")),
            "warm_up": Entry(Whole(0, 20)),
            "label_smoothing": Entry(Real(0, 0.3)),
            "mix": Entry(UNIT),
            "crop": Entry(Whole(1, 8)),
            "order": Entry(Choice(["first", "last"])),
            "start": Entry(Choice(["he", "glorot", "orthogonal"])),
        }
    )

    def values(self, rows: Array) -> Array:
        rate, decay, units, block = np.log10(rows[:, 0]), np.log10(rows[:, 1]), np.log2(rows[:, 2]), rows[:, 3].astype(int)
        tied = rate + 0.5 * decay + 5.2
        error = 0.05 + 0.35 * (1 - np.exp(-(tied**2) / 1.2)) + 0.02 * np.abs(rate + 2.6) ** 1.5
        best = np.array([5.0, 8.4, 6.5, 3.6, 7.5])[block]
        error += 0.15 * (1 - np.exp(-((units - best) ** 2) / 3)) + np.array([0.04, 0.02, 0.0, 0.05, 0.03])[block]
        found: Array = error + 0.004 * np.cos(3 * units + block) + 0.004
        return found

    def deviations(self, values: Array) -> Array:
        return 0.006 + 0.05 * np.clip(values, 0, 0.4)
