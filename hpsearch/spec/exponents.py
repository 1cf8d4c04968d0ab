"""What stands for a value where that itself was asked for: `[-4, -1]` for a learning rate, 1 - beta for a beta."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpsearch.options import Option, ScaleName

_LARGEST = 30
_SMALLEST = 0.1
"""No exponent: 1e-4 beside -1 is a value, and the sign of the other a slip."""


_LARGEST_COMPLEMENT = 0.5
"""A beta below this averages over less than two steps, so that both bounds are hardly meant to be one."""


def complements_of(scale: ScaleName, low: Any, high: Any) -> list[float]:
    """Return the betas that were meant by 1 - beta: such bounds fall where those of a beta rise; none unless they do."""
    if scale != "1-beta" or not type(low) is type(high) is float or not 0 < high < low <= _LARGEST_COMPLEMENT:
        return []
    return [float(f"{1 - bound:.12g}") for bound in (low, high)]


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
