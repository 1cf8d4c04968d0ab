"""Numbers as people write them elsewhere: `2h`, `1:30`, `50%`, `10^-4`, `1/2`, `0,5`, `1,000`, `1 e-4`.

They are texts in YAML; what is read here is only what a hint says to write instead.
"""

from __future__ import annotations

import re

from hpsearch.spec.core_schema import plain_number

_SECONDS = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hr": 3600, "hour": 3600, "d": 86400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+?)s?\Z", re.IGNORECASE)
_CLOCK = re.compile(r"(?:(\d+):)??(\d+):([0-5]\d)\Z")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+\Z")
_DECIMAL_COMMA = re.compile(r"\d+,\d+\Z")
_OPERATION = re.compile(r"(\d+(?:\.\d+)?)\s*(\^|\*\*|/)\s*([-+]?\d+(?:\.\d+)?)\Z")
_LARGEST_POWER = 30


def unit_of(name: str) -> int:
    """Return the seconds in the unit of an option, from its name; 0 if it is no time."""
    return 3600 if name == "hours" else int(name.endswith("seconds"))


def number_in(text: str, unit: int = 0) -> int | float | None:
    """Return the number that a text means; None if it is none. A time is told in units of so many seconds."""
    text = text.strip()
    if (plain := plain_number(text.replace("_", "").replace(" ", ""))) is not None:
        return plain
    if _THOUSANDS.match(text):
        return int(text.replace(",", ""))
    if _DECIMAL_COMMA.match(text):
        return _neat(float(text.replace(",", ".")))
    if text.endswith("%") and (share := plain_number(text[:-1].strip())) is not None:
        return _neat(share / 100)
    found = _time(text, unit) if unit else None
    return _result(text) if found is None else found


def _result(text: str) -> int | float | None:
    """Return a power or a quotient."""
    if (found := _OPERATION.match(text)) is None:
        return None
    left, right = float(found[1]), float(found[3])
    if found[2] == "/":
        return _neat(left / right) if right else None
    return _neat(left**right) if left and left + abs(right) <= 2 * _LARGEST_POWER else None


def _time(text: str, unit: int) -> int | float | None:
    """Return a time with a unit, or by the clock: of hours `1:30` has minutes, of seconds it has seconds."""
    if (found := _DURATION.match(text)) and found[2].lower() in _SECONDS:
        return _neat(float(found[1]) * _SECONDS[found[2].lower()] / unit)
    if (found := _CLOCK.match(text)) is None:
        return None
    first, *rest = [int(part) for part in found.groups() if part is not None]
    if len(rest) == 1 and unit == _SECONDS["h"]:
        rest.append(0)
    for part in rest:
        first = 60 * first + part
    return _neat(first / unit)


def _neat(number: float) -> int | float:
    rounded = float(f"{number:.6g}")
    return int(rounded) if rounded.is_integer() else rounded
