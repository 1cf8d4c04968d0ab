"""How much of a difference chance can make: the best of n trials, and whether one winner is better than another.

A search has picked the best of its values, so the values of two searches are never tested against each other: what is
tested are trainings with fresh seeds, which no search has picked.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, variance

from hpsearch.views.numbers.summary import NORMAL_95

_PIECES, _HALVINGS = 200, 60
_LARGEST = 13.0
"""Above every 97.5 % quantile from one degree of freedom on: that of one is 12.706."""


@dataclass(frozen=True)
class Interval:
    """A difference of two means and its 95 % interval, from `low` to `high`; NaN where neither sample has any spread."""

    difference: float
    low: float
    high: float

    @property
    def is_noise(self) -> bool:
        """Whether no difference at all is in the interval, so that this one could be chance."""
        return self.low <= 0 <= self.high


def best_of(values: Sequence[float], n: int) -> float:
    """Return the median, over all choices of n of these N values, of the least one; a trial without a value is infinite.

    The least of n is above the k least values in a share of (N - k choose n) / (N choose n) of the choices. The median and
    not the mean: that would be infinite wherever n trials can all be without a value.
    """
    ranked = sorted(values)
    above = 1.0
    for k, value in enumerate(ranked):
        left = len(ranked) - k
        above *= (left - n) / left  # from (left choose n) to (left - 1 choose n)
        if above <= 0.5:
            return value
    raise ValueError(f"there are no {n} of {len(ranked)} values")


def welch(one: Sequence[float], other: Sequence[float]) -> Interval:
    """Return the mean of `other` less that of `one` with its 95 % interval; each has two values or more.

    With n values, their mean m and their variance s2 (over n - 1) of each, e = s2 / n:

        m2 - m1 -+ t sqrt(e1 + e2)        t the 97.5 % quantile of Student's t with v degrees of freedom
        v = (e1 + e2)^2 / (e1^2 / (n1 - 1) + e2^2 / (n2 - 1))

    Assumed are independent values, each sample normal with a mean and a variance of its own; of few values neither can be
    seen. Runs of one seed share their fresh seeds as well: what these have in common makes the interval wider than need be.
    It is that of one difference: of twenty between equals one is off.

    Sources: Welch 1938, "The significance of the difference between two means when the population variances are unequal";
    the degrees of freedom also Satterthwaite 1946, "An approximate distribution of estimates of variance components".
    """
    difference = fmean(other) - fmean(one)
    shares = [(variance(values) / len(values), len(values) - 1) for values in (one, other)]
    squared = sum(share for share, _ in shares)
    if squared == 0:
        return Interval(difference, math.nan, math.nan)
    freedom = 1 / sum((share / squared) ** 2 / degrees for share, degrees in shares)
    half = t_quantile(freedom) * math.sqrt(squared)
    return Interval(difference, difference - half, difference + half)


def t_quantile(freedom: float) -> float:
    """Return the 97.5 % quantile of Student's t with so many degrees of freedom, 1 or more, whole or not.

    With t = sqrt(v) tan(a) the probability of (-t, t) is the integral of cos^(v - 1) from 0 to a, times
    2 gamma((v + 1) / 2) / (sqrt(pi) gamma(v / 2)). Source: Abramowitz and Stegun 1964, "Handbook of mathematical functions",
    26.7.1; the integral is taken by Simpson's rule.
    """
    low, high = 0.0, _LARGEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _central(middle, freedom) < 0.95 else (low, middle)
    return (low + high) / 2


def _central(t: float, freedom: float) -> float:
    """Return the probability that Student's t lies between -t and t."""
    end = math.atan(t / math.sqrt(freedom))
    heights = [math.pow(math.cos(end * k / _PIECES), freedom - 1) for k in range(_PIECES + 1)]
    integral = (heights[0] + 4 * sum(heights[1:-1:2]) + 2 * sum(heights[2:-1:2]) + heights[-1]) * end / _PIECES / 3
    logarithm = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    return 2 * math.exp(logarithm) / math.sqrt(math.pi) * integral


def rows_allow(one: float, other: float, rows: int) -> float:
    """Return by how much two shares of so many rows may differ, at 95 %, because the rows are a sample.

    As if each had rows of its own: on the same rows much of that is common to both, so it is an upper bound.
    """
    return NORMAL_95 * math.sqrt((one * (1 - one) + other * (1 - other)) / rows)
