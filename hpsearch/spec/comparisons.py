"""Conditions that compare, as other tools write them: `!= adam`, `>1`, `{not: adam}`, `{range: [16, 64]}`.

Here a condition lists the values that it holds for; which these are is told from the values that there are.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hpsearch.spec.core_schema import plain_number
from hpsearch.spec.entries import entry_of
from hpsearch.trial import Value

_WAYS: Mapping[str, Callable[[Any, Any], bool]] = {
    **dict.fromkeys(("!=", "<>", "!", "not", "ne", "not in", "not_in"), lambda value, other: value not in _listed(other)),
    **dict.fromkeys(("==", "=", "eq", "in", "is", "choices"), lambda value, other: value in _listed(other)),
    **dict.fromkeys((">=", "ge", "gte", "min"), operator.ge),
    **dict.fromkeys(("<=", "le", "lte", "max"), operator.le),
    **dict.fromkeys((">", "gt"), operator.gt),
    **dict.fromkeys(("<", "lt"), operator.lt),
}
_COMPARISON = re.compile(
    r"(?P<name>(?:(?!not\b|in\b)\w+)?)\s*(?P<way>!=|<>|>=|<=|==|=|>|<|!|\bnot in\b|\bnot\b|\bin\b)\s*(?P<other>.+)\Z"
)


def named_in(given: object) -> tuple[str, str]:
    """Return the name that a text compares, and the comparison without it; two empty texts if it compares none."""
    found = _COMPARISON.match(given.strip()) if isinstance(given, str) else None
    return (found["name"], found["way"] + " " + found["other"]) if found else ("", "")


def is_comparison(given: object) -> bool:
    """Whether a condition compares, and does not name a value."""
    return isinstance(given, dict) or bool(named_in(given)[1]) or isinstance(entry_of(given), dict)


def left_by(given: object, values: Sequence[Value]) -> list[Value]:
    """Return the values for which a comparison holds; none if it cannot be understood."""
    entry = entry_of(given)
    conditions: dict[str, Any] = entry if isinstance(entry, dict) else given if isinstance(given, dict) else {}
    if isinstance(given, str) and (found := _COMPARISON.match(given.strip())) and not found["name"]:
        conditions = {found["way"]: _operand(found["other"])}
    if isinstance(bounds := conditions.get("range"), list) and len(bounds) == 2:
        conditions = {"min": bounds[0], "max": bounds[1]}
    if not conditions or not conditions.keys() <= _WAYS.keys():
        return []
    try:
        return [value for value in values if all(_WAYS[way](value, other) for way, other in conditions.items())]
    except TypeError:  # a text beside a number
        return []


def _listed(other: Any) -> list[Any]:
    return other if isinstance(other, list) else [other]


def _operand(text: str) -> Any:
    """Return what a value is compared with: a number, a word, or a list of either."""
    listed = [
        plain_number(word) if plain_number(word) is not None else word for word in re.split(r"[\[\](),\s'\"]+", text) if word
    ]
    return listed[0] if len(listed) == 1 else listed
