"""Comparisons as people type them, `learning_rate < 0.1` or `status=diverged`, and whether a cell fulfils one.

A cell is what a column of a table of trials holds: a number, a text, a list, or nothing. A number is compared as a number,
all else as a text: by the alphabet, times by time. Nothing is equal to nothing alone, as in `momentum=`, and neither more
nor less than anything.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeGuard

from hpsearch.study.derived import cell_text
from hpsearch.trial import Value

Cell: TypeAlias = "Value | None"

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "==": operator.eq,
    "!=": operator.ne,
}
_FORM = re.compile(r"\s*([^<>=!]*?)\s*(<=|>=|==|!=|<|>|=)\s*(.*?)\s*", re.DOTALL)


@dataclass(frozen=True)
class Condition:
    """What the cell of a column must be: `comparison` is one of `COMPARISONS`, `operand` as it was typed."""

    column: str
    comparison: str
    operand: str

    @property
    def orders(self) -> bool:
        """Whether it asks for more or less, and not for the same."""
        return self.comparison not in ("==", "!=")

    @property
    def number(self) -> float | None:
        """What a number is compared with; None where that is no number."""
        with suppress(ValueError):
            return float(self.operand)
        return None

    def holds(self, cell: Cell) -> bool:
        """Whether a cell fulfils it."""
        compared = COMPARISONS[self.comparison]
        if self.orders and (is_missing(cell) or isinstance(cell, list)):
            return False
        if isinstance(cell, list):  # however it was written: [64, 32] or 64x32
            return compared(cell, [int(number) for number in re.findall(r"\d+", self.operand)])
        if is_number(cell) and self.number is not None:
            return compared(cell, self.number)
        return compared(cell_text(cell), self.operand)


def parsed(typed: str) -> Condition | None:
    """Return a comparison as typed, `=` as `==`; None for what is of no such form."""
    match = _FORM.fullmatch(typed)
    if match is None or not match[1]:
        return None
    return Condition(match[1], "==" if match[2] == "=" else match[2], match[3])


def is_number(cell: Cell) -> TypeGuard[int | float]:
    """Whether a cell holds a number."""
    return isinstance(cell, int | float) and not isinstance(cell, bool) and not is_missing(cell)


def is_missing(cell: Cell) -> bool:
    """Whether a cell holds nothing; NaN stands for that too."""
    return cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell))


def order(cell: Cell) -> tuple[int, float, str, Sequence[int]]:
    """Return what sorts the cells of a column: numbers, then texts, then lists."""
    if is_number(cell):
        return 0, float(cell), "", ()
    return (2, 0.0, "", cell) if isinstance(cell, list) else (1, 0.0, cell_text(cell), ())
