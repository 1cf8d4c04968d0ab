"""A section of the spec, or a single value, checked against the dataclass that declares its options.

pydantic finds what is wrong and where; the messages are made from the option's type, bounds and description. Its rules
are strict: a text is no number and `true` is not 1, but 20.0 is the whole number 20.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Generic, TypeVar, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from hpsearch.data.settings import DataSettings
from hpsearch.network.settings import NetworkSettings
from hpsearch.options import options_of
from hpsearch.search.settings import SearchSettings
from hpsearch.spec.document import KeyPath
from hpsearch.spec.faults import Faults
from hpsearch.spec.wording import expected, item_of, meant, nearest, shown, unquoted, words_of

T = TypeVar("T")

INVALID: Final = object()
"""Stands for a value that was wrong; the mistake is noted."""

SECTIONS: Final[Mapping[str, type]] = {"data": DataSettings, "network": NetworkSettings, "search": SearchSettings}
"""The sections of a spec that are settings, and where their options are declared."""

_STRICT = ConfigDict(strict=True, allow_inf_nan=False)


@dataclass(frozen=True)
class Section(Generic[T]):
    """The settings of a section, with the default for what is wrong.

    `given` are the names in the text, `valid` those of them whose values can be used.
    """

    settings: T
    given: Collection[str]
    valid: Collection[str]


def read_section(declaration: type[T], path: KeyPath, faults: Faults, others: Collection[str] = ()) -> Section[T]:
    """Return the section at a path, and note everything that is wrong with it.

    A section that is missing or without content is all defaults. `others` are further keys that may stand there and are
    read elsewhere.
    """
    plain = faults.plain(path)
    if plain is not None and not isinstance(plain, dict):
        hint = "write each key on a line below it, indented"
        faults.at(path, f"`{path[-1]}` holds lines `key: value`, not {shown(plain)}", hint)
    given = {name: plain[name] for name in plain if name not in others} if isinstance(plain, dict) else {}
    known = options_of(declaration)
    valid = {}
    for name, value in given.items():
        if name not in known:
            note_unknown((*path, name), [*known, *others], faults)
        elif (checked := check(declaration, name, value, (*path, name), faults)) is not INVALID:
            valid[name] = checked
    return Section(declaration(**valid), given.keys(), valid.keys())


def note_unknown(path: KeyPath, known: Collection[str], faults: Faults) -> None:
    """Note that a key means nothing where it stands; `known` are those that would."""
    inside = f" in `{path[-2]}`" if len(path) > 1 else ""
    homes = [name for name, declaration in SECTIONS.items() if path[-1] in options_of(declaration)]
    hint = f"it belongs under `{homes[0]}`" if homes else meant(path[-1], known)
    faults.at_key(path, f"unknown key `{path[-1]}`{inside}", hint)


def check(
    declaration: type, name: str, value: Any, path: KeyPath, faults: Faults, advice: str = "", *, single: bool = False
) -> Any:
    """Return a value as the option `name` takes it, or INVALID after noting what is wrong with it.

    `advice` is the hint where there is no better one; unless given, it is the option's description. `single` refuses a
    list where the option takes one too.
    """
    if single and isinstance(value, list):
        _note_wrong(declaration, name, path, single, faults, advice)
        return INVALID
    try:
        return _adapter(declaration, name).validate_python(_with_whole_floats_as_int(value))
    except ValidationError as error:
        within = [_innermost(path, details["loc"], faults) for details in error.errors(include_url=False)]
        deepest = max(len(place) for place in within)
        for place in dict.fromkeys(place for place in within if len(place) == deepest):
            _note_wrong(declaration, name, place, single or deepest > len(path), faults, advice)
        return INVALID


def type_of(declaration: type, name: str) -> Any:
    """Return the type of an option, without its bounds."""
    return get_type_hints(declaration)[name]


@cache
def _adapter(declaration: type, name: str) -> TypeAdapter[Any]:
    return TypeAdapter(get_type_hints(declaration, include_extras=True)[name], config=_STRICT)


def _with_whole_floats_as_int(value: Any) -> Any:
    """Turn 20.0 into 20, in lists too; where a number with fractions is wanted pydantic turns it back."""
    if isinstance(value, list):
        return [_with_whole_floats_as_int(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _innermost(path: KeyPath, location: tuple[int | str, ...], faults: Faults) -> KeyPath:
    """Return the path of what pydantic blames; it also names the branches of a union, which are no keys."""
    for part in location:
        if (*path, part) in faults.document.values:
            path = (*path, part)
    return path


def _note_wrong(declaration: type, name: str, path: KeyPath, is_item: bool, faults: Faults, advice: str) -> None:
    option, kind, value = options_of(declaration)[name], type_of(declaration, name), faults.plain(path)
    taken = item_of(kind) if is_item else kind
    hint = _correction(taken, value) or advice or f"{name}: {option.explained}"
    faults.at(path, f"`{name}` must be {expected(taken, option.allowed)}, not {shown(value)}", hint)


def _correction(taken: Any, value: Any) -> str:
    """Return what was probably meant by a value of the wrong type; nothing if that cannot be told."""
    if isinstance(value, str) and words_of(taken):
        near = nearest(value, words_of(taken))
        return f"did you mean {near}?" if near else ""
    if isinstance(value, str):
        return unquoted(value)
    return f"write it in quotes: '{value}'" if taken is str and isinstance(value, (bool, int, float)) else ""
