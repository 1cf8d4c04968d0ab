"""Boxes: a domain with other bounds, narrower or wider, that people can read.

Bounds are rounded outward to as few digits as hardly change the range. They stay within what the parameter can be at all,
which is declared with it.
"""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TypeAlias

from hpsearch.options import Option
from hpsearch.space.levels import DomainError
from hpsearch.space.parameters import Real, Whole
from hpsearch.space.scales import SCALES

Numeric: TypeAlias = Real | Whole

FEWEST_DIGITS, MOST_DIGITS = 2, 15
FARTHEST = 0.05
"""How much of the range a rounded bound may lie outside of it."""


def between(domain: Numeric, low: float, high: float, option: Option | None = None) -> Numeric:
    """Return the domain with bounds at or just outside of low and high, each within what the option admits.

    On a step the bounds must be levels, or what would be levels beyond the range. A bound that cannot be stays the domain's
    own, and so does one that only rounding would move beyond that.
    """
    low, high = _admitted(low, domain.low, option), _admitted(high, domain.high, option)
    rounded_low, rounded_high = _rounded(domain, low, high)
    new_low = low if low == domain.low else rounded_low if low < domain.low else max(rounded_low, domain.low)
    new_high = high if high == domain.high else rounded_high if high > domain.high else min(rounded_high, domain.high)
    new_low, new_high = _admitted(new_low, domain.low, option), _admitted(new_high, domain.high, option)
    for bounds in ((new_low, new_high), (domain.low, new_high), (new_low, domain.high)):
        try:
            return _with_bounds(domain, *bounds)
        except DomainError:
            continue
    return domain


def _with_bounds(domain: Numeric, low: float, high: float) -> Numeric:
    if isinstance(domain, Whole):
        return Whole(int(low), int(high), domain.scale, domain.step)
    return Real(low, high, domain.scale, domain.step)


def _admitted(bound: float, old: float, option: Option | None) -> float:
    """Return the bound, moved to what the option admits; halfway from the old one to a limit that it must not reach."""
    if not math.isfinite(bound):
        return old
    if option is None or option.admits(bound):
        return bound
    for closed in (option.at_least, option.at_most):
        if closed is not None and option.admits(closed) and (bound - closed) * (closed - old) >= 0:
            return closed
    limit = option.above if bound < old else option.below
    return old if limit is None else (old + limit) / 2


def _rounded(domain: Numeric, low: float, high: float) -> tuple[float, float]:
    """Return readable bounds that hold low and high; themselves where there are steps to keep to."""
    stepped = domain.step != 1 if isinstance(domain, Whole) else domain.step is not None
    if stepped or not (math.isfinite(low) and math.isfinite(high) and low < high):
        return low, high
    scale = SCALES[domain.scale]
    for digits in range(FEWEST_DIGITS, MOST_DIGITS):
        bounds = _outward(low, high, digits, domain)
        if all(map(scale.admits, bounds)) and _is_near(bounds, low, high, domain):
            return bounds
    return low, high


def _is_near(bounds: tuple[float, float], low: float, high: float, domain: Numeric) -> bool:
    before, after = (SCALES[domain.scale].share(bound, low, high) for bound in bounds)
    return before >= -FARTHEST and after <= 1 + FARTHEST


def _outward(low: float, high: float, digits: int, domain: Numeric) -> tuple[float, float]:
    """Return bounds with so many significant digits: of what a beta lacks to 1; of the larger one on a linear scale."""
    below, above = Decimal(repr(low)), Decimal(repr(high))
    if domain.scale == "1-beta":
        gaps = _quantized(1 - below, 1 - below, digits, ROUND_CEILING), _quantized(1 - above, 1 - above, digits, ROUND_FLOOR)
        return float(1 - gaps[0]), float(1 - gaps[1])
    larger = max(abs(below), abs(above))
    sizes = (larger, larger) if domain.scale == "linear" else (below, above)
    return (
        float(_quantized(below, sizes[0], digits, ROUND_FLOOR)),
        float(_quantized(above, sizes[1], digits, ROUND_CEILING)),
    )


def _quantized(number: Decimal, size: Decimal, digits: int, rounding: str) -> Decimal:
    """Return a number rounded to the decimal place that is the last of so many digits of `size`."""
    exponent = size.adjusted() - digits + 1
    return number.quantize(Decimal(1).scaleb(exponent), rounding)
