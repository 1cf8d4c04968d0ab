"""How messages name what came and what is allowed, and how a value is written."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from hpsearch.data.messages import yaml_text
from hpsearch.prose import both, either, nearest
from hpsearch.spec.core_schema import plain_number

ANYTHING: Final = bool | int | float | str | list[int]
"""The type of whatever a hyperparameter can be."""

_WIDEST_VALUE = 50
_OF_ANYTHING = "a number, a text, true, false, or a list of whole numbers"
_NAMES = {float: "a number", int: "a whole number", str: "a text"}
_PLURALS = {float: "numbers", int: "whole numbers", str: "texts"}


def came(value: object) -> str:
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
    """Return a value as one would write it in a spec, on one line."""
    if isinstance(value, str):
        return yaml_text(value)
    if isinstance(value, list):
        return f"[{', '.join(written(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{written(key)}: {written(item)}' for key, item in value.items())}}}"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return re.sub("inf|nan", r".\g<0>", str(value))


def meant(word: object, allowed: Collection[str]) -> str:
    """Return a hint: the nearest allowed word, or all of them."""
    near = nearest(word, allowed)
    return f"did you mean {near}?" if near else f"allowed: {', '.join(allowed)}"


def unquoted(text: str) -> str:
    """Return a hint if a text is a number that only its quotes keep from being one, else nothing."""
    return f"write it without quotes: {text}" if plain_number(text) is not None else ""


def words_of(kind: Any) -> tuple[str, ...]:
    """Return the words that a type allows; none if it is not a choice of words."""
    return tuple(word for part in parts_of(kind) if get_origin(part) is Literal for word in get_args(part))


def declaration_of(kind: Any) -> type | None:
    """Return the dataclass that a type allows, whose options are then written as a mapping; None if it allows none."""
    return next((part for part in parts_of(kind) if isinstance(part, type) and is_dataclass(part)), None)


def expected(kind: Any, bounds: str) -> str:
    """Return what a type takes, in words; `bounds` are those of its numbers."""
    return _OF_ANYTHING if kind == ANYTHING else ", or ".join(_expected_part(part, bounds) for part in parts_of(kind))


def item_of(kind: Any) -> Any:
    """Return the type of what is in the list or mapping that a type allows; the type itself if it allows neither."""
    for part in parts_of(kind):
        if get_origin(part) in (list, tuple):
            return get_args(part)[0]
        if get_origin(part) in (dict, Mapping):
            return get_args(part)[1]
    return kind


def parts_of(kind: Any) -> list[Any]:
    """Return the alternatives of a type but for None."""
    if get_origin(kind) in (Union, UnionType):
        return [part for part in get_args(kind) if part is not NoneType]
    return [kind]


def _expected_part(part: Any, bounds: str) -> str:
    if words := words_of(part):
        return either(words)
    if is_dataclass(part):
        return f"a mapping with {both(f'`{field.name}`' for field in fields(part))}"
    if get_origin(part) in (list, tuple):
        return f"a list of {_plural(item_of(part))}"
    if get_origin(part) in (dict, Mapping):
        named = expected(item_of(part), bounds)
        return "a mapping of names to values" if item_of(part) == ANYTHING else f"a mapping to {named}"
    return f"{_NAMES[part]} {bounds}".strip() if part in (int, float) else _NAMES[part]


def _plural(item: Any) -> str:
    if get_origin(item) is Mapping:
        return "mappings of names to values"
    return _PLURALS.get(item, "values")
