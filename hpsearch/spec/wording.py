"""How messages name values, what is allowed, and what was probably meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from hpsearch.spec.core_schema import plain_number

_WIDEST_VALUE = 50
_NAMES = {float: "a number", int: "a whole number", str: "a text"}
_PLURALS = {float: "numbers", int: "whole numbers", str: "texts"}


def shown(value: object) -> str:
    """Return what a value is, for `..., not <this>`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return f"{'an empty' if not value else 'a'} {'list' if isinstance(value, list) else 'mapping'}"
    text = repr(value) if len(repr(value)) <= _WIDEST_VALUE else f"{repr(value)[:_WIDEST_VALUE]}..."
    return f"the text {text}" if isinstance(value, str) else text


def written(value: object) -> str:
    """Return a value as one would write it in a spec."""
    if isinstance(value, list):
        return f"[{', '.join(written(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {written(item)}' for key, item in value.items())}}}"
    return str(value)


def either(words: Iterable[object]) -> str:
    """Return `a, b or c`."""
    *most, last = [written(word) for word in words]
    return f"{', '.join(most)} or {last}" if most else last


def nearest(word: object, allowed: Collection[str]) -> str | None:
    """Return the allowed word that was probably meant."""
    if not isinstance(word, str) or not word:
        return None
    simple = word.lower().replace("-", "_").replace(" ", "_")
    close = get_close_matches(simple, allowed, n=1) or [name for name in allowed if simple.startswith(name)]
    close = close or [name for name in allowed if name.endswith(f"_{simple}")]
    return close[0] if close else None


def meant(word: object, allowed: Collection[str]) -> str:
    """Return a hint: the nearest allowed word, or all of them."""
    near = nearest(word, allowed)
    return f"did you mean {near}?" if near else f"allowed: {', '.join(allowed)}"


def unquoted(text: str) -> str:
    """Return a hint if a text is a number that only its writing keeps from being one, else nothing."""
    if plain_number(text) is not None:
        return f"write it without quotes: {text}"
    digits = text.replace("_", "")
    return f"write {digits}" if plain_number(digits) is not None else ""


def words_of(hint: Any) -> tuple[str, ...]:
    """Return the words that a type allows; none if it is not a choice of words."""
    return tuple(word for part in _parts(hint) if get_origin(part) is Literal for word in get_args(part))


def expected(hint: Any, bounds: str) -> str:
    """Return what a type takes, in words; `bounds` are those of its numbers."""
    return ", or ".join(_expected_part(part, bounds) for part in _parts(hint))


def item_of(hint: Any) -> Any:
    """Return the type of what is in the list or mapping that a type allows; the type itself if it allows neither."""
    inner = [get_args(part)[-1] for part in _parts(hint) if get_origin(part) in (list, dict)]
    return inner[0] if inner else hint


def _parts(hint: Any) -> list[Any]:
    """Return the alternatives of a type but for None."""
    if get_origin(hint) in (Union, UnionType):
        return [part for part in get_args(hint) if part is not NoneType]
    return [hint]


def _expected_part(part: Any, bounds: str) -> str:
    if words := words_of(part):
        return either(words)
    if get_origin(part) is list:
        item = get_args(part)[0]
        return f"a list of {_PLURALS.get(item, 'values')}"
    if get_origin(part) is dict:
        return f"a mapping to {expected(get_args(part)[1], bounds)}"
    return f"{_NAMES[part]} {bounds}".strip() if part in (int, float) else _NAMES[part]
