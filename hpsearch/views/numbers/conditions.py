"""Comparisons as people type them, `learning_rate < 0.1` or `status=diverged`, and whether a cell fulfils one.

A cell is what a column of a table of trials holds: a number, a truth value, a text, a list, or nothing. What is typed means
the one that it looks like: a number, `true` or `false`, a list of whole numbers such as `[64, 32]` or `64x32`, else a text;
and in quotes always a text: `'5'` is no number. A cell is compared with its like alone,
numbers as numbers, texts by the alphabet, so times by time; from all else it differs. Nothing is what `momentum=` asks for,
and neither more nor less than anything.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias, TypeGuard

from hpsearch.study.derived import cell_text
from hpsearch.trial import Value

Cell: TypeAlias = "Value | None"
Kind = Literal["number", "truth value", "text", "list", "nothing"]

ORDERED: tuple[Kind, ...] = ("number", "text")
"""What may be more or less than another of its kind."""

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "==": operator.eq,
    "!=": operator.ne,
}
_FORM = re.compile(r"\s*([^<>=!]*?)\s*(<=|>=|==|!=|<|>|=)\s*(.*?)\s*", re.DOTALL)
_QUOTED = re.compile(r"""(["'])(.*)\1""", re.DOTALL)
_LIST = re.compile(r"\[[\d\s,]*\]|\d+(?:\s*x\s*\d+)+")
_TRUTH = {"true": True, "false": False}


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

    @cached_property
    def meant(self) -> dict[Kind, Cell]:
        """What the operand means, by its kind: `64x32` is a list or a text, `64` a number or the list of it."""
        return _meant(self.operand)

    @property
    def number(self) -> float | None:
        """The number that the operand means; None where it is none."""
        number = self.meant.get("number")
        return number if is_number(number) else None

    def holds(self, cell: Cell) -> bool:
        """Whether a cell fulfils it."""
        kind = kind_of(cell)
        if kind not in self.meant or (self.orders and kind not in ORDERED):
            return self.comparison == "!="
        return COMPARISONS[self.comparison](None if kind == "nothing" else cell, self.meant[kind])


def parsed(typed: str) -> Condition | None:
    """Return a comparison as typed, `=` as `==`; None for what is of no such form."""
    match = _FORM.fullmatch(typed)
    if match is None or not match[1]:
        return None
    return Condition(match[1], "==" if match[2] == "=" else match[2], match[3])


def _meant(typed: str) -> dict[Kind, Cell]:
    if not typed:
        return {"nothing": None, "text": ""}
    if quoted := _QUOTED.fullmatch(typed):
        return {"text": quoted[2]}
    if typed.lower() in _TRUTH:
        return {"truth value": _TRUTH[typed.lower()]}
    with suppress(ValueError):  # no number, or one with more digits than Python reads
        if _LIST.fullmatch(typed):
            widths: dict[Kind, Cell] = {"list": [int(number) for number in re.findall(r"\d+", typed)]}
            return widths if typed.startswith("[") else {**widths, "text": typed}
        if not math.isnan(number := float(typed)):
            return {"number": number, "list": [int(typed)]} if typed.isdecimal() else {"number": number}
    return {"text": typed}


def as_typed(cell: Cell) -> str:
    """Write a cell as it is typed in a comparison: a text in quotes where it looks like something else."""
    if isinstance(cell, str) and _meant(cell.strip()) != {"text": cell}:
        return f"'{cell}'"
    return cell_text(cell)


def kind_of(cell: Cell) -> Kind:
    """Return what a cell holds; NaN stands for nothing."""
    if is_missing(cell):
        return "nothing"
    if isinstance(cell, bool):
        return "truth value"
    return "number" if is_number(cell) else "list" if isinstance(cell, list) else "text"


def is_number(cell: Cell) -> TypeGuard[int | float]:
    """Whether a cell holds a number."""
    return isinstance(cell, int | float) and not isinstance(cell, bool) and not is_missing(cell)


def is_missing(cell: Cell) -> bool:
    """Whether a cell holds nothing; NaN stands for that too."""
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def order(cell: Cell) -> tuple[int, float, str, Sequence[int]]:
    """Return what sorts the cells of a column: numbers, then truth values, then texts, then lists."""
    if isinstance(cell, int | float):
        return int(isinstance(cell, bool)), float(cell), "", ()
    return (3, 0.0, "", cell) if isinstance(cell, list) else (2, 0.0, cell or "", ())
