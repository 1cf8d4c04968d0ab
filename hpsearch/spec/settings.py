"""A section of the spec, or a single value, checked against the dataclass that declares its options.

pydantic finds what is wrong and where; the messages are made from the option's type, bounds and description. Its rules
are strict: a text is no number and `true` is not 1, but 20.0 is the whole number 20. An option that is itself a dataclass
is a mapping within the section, and is read as a section is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from types import NoneType
from typing import Annotated, Any, Final, Generic, TypeVar, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError

from hpsearch.data.settings import DataSettings
from hpsearch.network.settings import NetworkSettings
from hpsearch.objectives.settings import PythonSettings
from hpsearch.options import Option, kinds_of, options_of
from hpsearch.search.settings import SearchSettings
from hpsearch.spec.document import KeyPath
from hpsearch.spec.faults import Faults
from hpsearch.spec.wording import (
    both,
    declaration_of,
    expected,
    item_of,
    meant,
    nearest,
    parts_of,
    shown,
    unquoted,
    words_of,
)

T = TypeVar("T")

INVALID: Final = object()
"""Stands for a value that was wrong; the mistake is noted."""

OBJECTIVE: Final = "objective"

SECTIONS: Final[Mapping[str, type]] = {
    "data": DataSettings,
    "network": NetworkSettings,
    OBJECTIVE: PythonSettings,
    "search": SearchSettings,
}
"""The sections of a spec that are settings, and where their options are declared."""

OF_A_NETWORK: Final = ("data", "network")
"""The sections that stand in a spec without `objective`, and in no other."""

_STRICT = ConfigDict(strict=True, allow_inf_nan=False)


@dataclass(frozen=True)
class Section(Generic[T]):
    """The settings of a section, with the default for what is wrong.

    `given` are the names in the text, `valid` those of them whose values can be used.
    """

    settings: T
    given: Collection[str]
    valid: Collection[str]

    def is_known(self, name: str) -> bool:
        """Whether the settings hold what the text says of an option, or its default where the text says nothing."""
        return name in self.valid or name not in self.given


@dataclass(frozen=True)
class Declared:
    """A name with the type of its values, without bounds, and with the option that has these.

    `section` is where it stands when it has one value, if it is a name of the space and there is such a section.
    """

    name: str
    kind: Any
    option: Option
    section: str = ""

    @classmethod
    def by(cls, declaration: type, name: str) -> Declared:
        """Return what a dataclass declares of one of its options."""
        return cls(name, kinds_of(declaration)[name], options_of(declaration)[name])


def has_function(faults: Faults) -> bool:
    """Whether the spec is one for a Python function."""
    return OBJECTIVE in faults.document.plain


def read_section(declaration: type[T], path: KeyPath, faults: Faults, others: Collection[str] = ()) -> Section[T]:
    """Return the section at a path, and note everything that is wrong with it; all its options have defaults.

    A section that is missing or without content is all defaults. `others` are further keys that may stand there and are
    read elsewhere.
    """
    given, valid = _read_options(declaration, path, faults, others)
    return Section(declaration(**valid), given, valid.keys())


def read_settings(declaration: type[T], path: KeyPath, faults: Faults) -> T | None:
    """Return the settings in the mapping at a path, None after noting what is wrong with them or missing."""
    given, valid = _read_options(declaration, path, faults)
    declared: Any = declaration
    options = options_of(declared)
    missing = [name for name in required_options(declaration) if name not in given]
    if missing and isinstance(faults.plain(path), dict | NoneType):
        hint = f"{missing[0]}: {options[missing[0]].explained}"
        faults.at(path, f"`{path[-1]}` must have {both(f'`{name}`' for name in missing)}", hint)
    return declaration(**valid) if not missing and valid.keys() == set(given) else None


def required_options(declaration: Any) -> Iterator[str]:
    """Yield the options without a default."""
    for field in fields(declaration):
        if field.default is MISSING and field.default_factory is MISSING:
            yield field.name


def _read_options(
    declaration: type, path: KeyPath, faults: Faults, others: Collection[str] = ()
) -> tuple[Collection[str], dict[str, Any]]:
    """Return the names that the mapping at a path gives, and the values of those that can be used."""
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
        elif (checked := check(Declared.by(declaration, name), value, (*path, name), faults)) is not INVALID:
            valid[name] = checked
    return given.keys(), valid


def note_unknown(path: KeyPath, known: Collection[str], faults: Faults) -> None:
    """Note that a key means nothing where it stands; `known` are those that would."""
    outer = next((key for key in reversed(path[:-1]) if isinstance(key, str)), "")
    inside = f" in `{outer}`" if outer else ""
    faults.at_key(path, f"unknown key `{path[-1]}`{inside}", _place_or_meaning(str(path[-1]), known, faults))


def _place_or_meaning(name: str, known: Collection[str], faults: Faults) -> str:
    """Return a hint: the section that a key belongs under, the key that was meant, or the mapping that it belongs in."""
    absent = OF_A_NETWORK if has_function(faults) else (OBJECTIVE,)
    sections = {section: declaration for section, declaration in SECTIONS.items() if section not in absent}
    homes = [section for section, declaration in sections.items() if name in options_of(declaration)]
    if not homes and not nearest(name, known):
        homes = [place for place, declaration in _mappings_in(sections) if name in options_of(declaration)]
    return f"it belongs under `{homes[0]}`" if homes else meant(name, known)


def _mappings_in(sections: Mapping[str, type]) -> Iterator[tuple[str, type]]:
    """Yield the place and the declaration of each mapping within sections: `search.confirm`."""
    for section, declaration in sections.items():
        for option, kind in kinds_of(declaration).items():
            if (nested := declaration_of(kind)) is not None:
                yield f"{section}.{option}", nested


def check(declared: Declared, value: Any, path: KeyPath, faults: Faults, advice: str = "", *, single: bool = False) -> Any:
    """Return a value as an option takes it, or INVALID after noting what is wrong with it.

    `advice` is the hint where there is no better one; unless given, it is the option's description. `single` refuses a
    list where the option takes one too.
    """
    nested = declaration_of(declared.kind)
    if nested is not None and isinstance(value, dict):
        settings = read_settings(nested, path, faults)
        return INVALID if settings is None else settings
    if nested is declared.kind or (single and isinstance(value, list)):
        _note_wrong(declared, path, int(single), faults, advice)
        return INVALID
    try:
        return _adapter(declared.kind, declared.option).validate_python(_prepared(value, declared.kind))
    except ValidationError as error:
        within = [_innermost(path, details["loc"], faults) for details in error.errors(include_url=False)]
        deepest = max(len(place) for place in within)
        for place in dict.fromkeys(place for place in within if len(place) == deepest):
            _note_wrong(declared, place, max(single, deepest - len(path)), faults, advice)
        return INVALID


@cache
def _adapter(kind: Any, option: Option) -> TypeAdapter[Any]:
    return TypeAdapter(Annotated[kind, option], config=_STRICT)


def _prepared(value: Any, kind: Any) -> Any:
    """Return a value as strict rules take it: 20.0 as 20 where only whole numbers are taken, a list as a tuple."""
    if float not in parts_of(kind):
        value = _with_whole_floats_as_int(value)
    takes_tuple = any(get_origin(part) is tuple for part in parts_of(kind))
    return tuple(value) if takes_tuple and isinstance(value, list) else value


def _with_whole_floats_as_int(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_whole_floats_as_int(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _innermost(path: KeyPath, location: tuple[int | str, ...], faults: Faults) -> KeyPath:
    """Return the path of what pydantic blames; it also names the branches of a union, which are no keys."""
    for part in location:
        if (*path, part) in faults.document.values:
            path = (*path, part)
    return path


def _note_wrong(declared: Declared, path: KeyPath, depth: int, faults: Faults, advice: str) -> None:
    """Note that a value is wrong that stands so many levels below the option's own."""
    taken, value = declared.kind, faults.plain(path)
    for _ in range(depth):
        taken = item_of(taken)
    hint = _correction(taken, value) or advice or f"{declared.name}: {declared.option.explained}"
    faults.at(path, f"`{declared.name}` must be {expected(taken, declared.option.allowed)}, not {shown(value)}", hint)


def _correction(taken: Any, value: Any) -> str:
    """Return what was probably meant by a value of the wrong type; nothing if that cannot be told."""
    if isinstance(value, str) and words_of(taken):
        near = nearest(value, words_of(taken))
        return f"did you mean {near}?" if near else ""
    if isinstance(value, str):
        return unquoted(value)
    return f"write it in quotes: '{value}'" if taken is str and isinstance(value, (bool, int, float)) else ""
