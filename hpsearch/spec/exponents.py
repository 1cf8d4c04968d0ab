"""Exponents of ten where the values themselves were asked for: `[-4, -1]` for a learning rate, `-3` for one value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpsearch.options import Option, ScaleName

_LARGEST = 30
_SMALLEST = 0.1
"""No exponent: 1e-4 beside -1 is a value, and the sign of the other a slip."""


def meaning_of(option: Option, scale: ScaleName, values: Sequence[Any]) -> list[float]:
    """Return the values that were meant by exponents of ten, in rising order; none unless they were exponents.

    They are if one is below 0, where the option or the scale has no room for it, and the option takes all that they mean.
    """
    numbers = [value for value in values if type(value) in (int, float) and -_LARGEST <= value <= _LARGEST]
    if scale == "linear" or not numbers or len(numbers) < len(values) or min(numbers) >= 0:
        return []
    if any(0 < abs(number) < _SMALLEST for number in numbers):
        return []
    if scale != "log" and option.admits(min(numbers)):
        return []
    powers = [float(f"{10.0**number:.3g}") for number in sorted(numbers)]
    found = powers if scale == "log" else [float(f"{1 - power:.12g}") for power in reversed(powers)]
    return found if all(map(option.admits, found)) else []
