"""A section of the spec, or a single value, checked against the dataclass that declares its options.

pydantic finds what is wrong and where; the messages are made from the option's type, bounds and description. An option
that is itself a dataclass is a mapping within the section, and is read as a section is. A hint gives the line to write
where it can be told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar, get_origin

from pydantic import ValidationError

from hpsearch.options import options_of
from hpsearch.prose import both, nearest
from hpsearch.space.search_space import DEPTH
from hpsearch.spec.declared import Declared, required_options
from hpsearch.spec.document import KeyPath
from hpsearch.spec.entries import without_dashes
from hpsearch.spec.exponents import meaning_of
from hpsearch.spec.faults import Faults
from hpsearch.spec.hints import TAKE_DASHES_AWAY, is_set, note_unknown, to_write
from hpsearch.spec.values import admits, as_entry, understood, validated
from hpsearch.spec.wording import ANYTHING, came, declaration_of, expected, item_of, parts_of, unquoted, words_of, written

T = TypeVar("T")

INVALID: Final = object()
"""Stands for a value that was wrong; the mistake is noted."""


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


def read_section(
    declaration: type[T], path: KeyPath, faults: Faults, others: Collection[str] = (), **needed: Any
) -> Section[T]:
    """Return the section at a path, and note everything that is wrong with it.

    A section that is missing or without content is all defaults; `needed` stands for what has none. `others` are further
    keys that may stand there and are read elsewhere.
    """
    given, valid = _read_options(declaration, path, faults, others)
    return Section(declaration(**{**needed, **valid}), given, valid.keys())


def _read_settings(declaration: type, path: KeyPath, faults: Faults) -> Any:
    """Return the settings in the mapping at a path, INVALID after noting what is wrong with them or missing."""
    given, valid = _read_options(declaration, path, faults)
    is_whole = valid.keys() == set(given) and not set(required_options(declaration)) - valid.keys()
    return declaration(**valid) if is_whole else INVALID


def _read_options(
    declaration: type, path: KeyPath, faults: Faults, others: Collection[str] = ()
) -> tuple[Collection[str], dict[str, Any]]:
    """Return the names that the mapping at a path gives, and the values of those that can be used."""
    plain = faults.plain(path)
    if plain is not None and not isinstance(plain, dict):
        faults.at(path, f"`{path[-1]}` holds lines `key: value`, not {came(plain)}", _as_mapping(declaration, path, faults))
        return (), {}
    given = {name: value for name, value in (plain or {}).items() if name not in others}
    known = options_of(declaration)
    valid = {}
    for name, value in given.items():
        if name not in known:
            note_unknown((*path, name), [*known, *others], faults)
        elif (checked := check(Declared.by(declaration, name), value, (*path, name), faults)) is not INVALID:
            valid[name] = checked
    if missing := [name for name in required_options(declaration) if name not in given]:
        hint = f"{missing[0]}: {known[missing[0]].explained}"
        faults.at(path, f"`{path[-1]}` must have {both(f'`{name}`' for name in missing)}", hint)
    return given.keys(), valid


def _as_mapping(declaration: type, path: KeyPath, faults: Faults) -> str:
    """Return a hint: the mapping that is meant by a value in its place, by the first option that takes the value."""
    value = faults.plain(path)
    if mapping := _mapping_of(declaration, value):
        return to_write(path, path, mapping, faults)
    if without_dashes(value):
        return TAKE_DASHES_AWAY
    if is_set(path, faults):
        return f"name a key in it: --set {path[-1]}.{next(iter(options_of(declaration)))}=..."
    return "write each key on a line below it, indented"


def _mapping_of(declaration: type, value: Any) -> dict[str, Any]:
    """Return the mapping that is meant by a single value: of the first option that takes it; none if that is not enough."""
    options = options_of(declaration)
    if isinstance(value, (list, dict, bool)) or value in (*options, "off", "none", "no"):
        return {}
    name = next((name for name in options if admits(Declared.by(declaration, name), value)), "")
    return {name: value} if name and set(required_options(declaration)) <= {name} else {}


def check(declared: Declared, value: Any, path: KeyPath, faults: Faults, advice: str = "", *, single: bool = False) -> Any:
    """Return a value as an option takes it, or INVALID after noting what is wrong with it.

    `advice` is the hint where there is no better one; unless given, it is the option's description. `single` refuses a
    list where the option takes one too.
    """
    nested = declaration_of(declared.kind)
    if nested is not None and isinstance(value, dict) and not _is_bare_item(declared.kind, nested, value):
        return _read_settings(nested, path, faults)
    if nested is declared.kind or (single and isinstance(value, list)):
        _note_wrong(declared, path, int(single), faults, advice)
        return INVALID
    try:
        return validated(declared, value)
    except ValidationError as error:
        found = [] if declared.kind == ANYTHING else error.errors(include_url=False)  # one of its branches is no better
        within = [path, *(_innermost(path, details["loc"], faults) for details in found)]
        deepest = max(len(place) for place in within)
        for place in dict.fromkeys(place for place in within if len(place) == deepest):
            _note_wrong(declared, place, max(single, deepest - len(path)), faults, advice)
        return INVALID


def _is_bare_item(kind: Any, nested: type, value: dict[str, Any]) -> bool:
    """Whether a mapping is an item of the list that a type takes too, and none of its keys one of the nested options."""
    return get_origin(item_of(kind)) is Mapping and not value.keys() & options_of(nested).keys()


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
    hint = _correction(declared, taken, path, faults) or advice or f"{declared.name}: {declared.option.explained}"
    faults.at(path, f"`{declared.name}` must be {expected(taken, declared.option.allowed)}, not {came(value)}", hint)


def _correction(declared: Declared, taken: Any, path: KeyPath, faults: Faults) -> str:
    """Return what was probably meant by a wrong value; nothing if that cannot be told."""
    value = faults.plain(path)
    meaning = understood(replace(declared, kind=taken), value)
    if type(meaning) in (int, float) and isinstance(value, str) and (hint := unquoted(value)):
        return hint
    if meaning is not None and isinstance(path[-1], str):
        return to_write(path, path, meaning, faults)
    if isinstance(value, str) and words_of(taken):
        near = meaning or nearest(value, words_of(taken))
        return f"did you mean {near}?" if near else ""
    if meaning is not None:
        return f"write {'it in quotes: ' if isinstance(meaning, str) else ''}{written(meaning)}"
    return _of_another_shape(declared, path, faults) if isinstance(path[-1], str) else ""


def _of_another_shape(declared: Declared, path: KeyPath, faults: Faults) -> str:
    """Return the line to write for the value of an option that would be right in another form, or in another place."""
    value = faults.plain(path)
    nested = declaration_of(declared.kind)
    if isinstance(value, dict) and (inner := next(iter(value), None)) and is_set((*path, inner), faults):
        return _of_a_dotted_key(path, inner, faults)
    if nested is not None:
        mapping = _mapping_of(nested, value)
        return to_write(path, path, mapping, faults) if mapping else ""
    is_mapping = any(get_origin(part) in (dict, Mapping) for part in parts_of(declared.kind))
    if is_mapping and isinstance(value, list) and value and (kinds := words_of(item_of(declared.kind))):
        return f"say of each what it is, for example {written({value[0]: kinds[1]})}"
    if isinstance(value, dict) and (meaning := understood(declared, value.get("name", value.get("type")))) is not None:
        others = [f"`{key}`" for key in value if key not in ("name", "type")]
        return f"{to_write(path, path, meaning, faults)}{f', and {both(others)} by its own name' if others else ''}"
    return _of_a_network(declared, path, value, faults) if path[0] == "network" and declared.option.searchable else ""


def _of_a_dotted_key(path: KeyPath, key: str, faults: Faults) -> str:
    """Return the `--set` for an option below which a key was set: its dot may belong to a name, as that of a column."""
    value = faults.plain((*path, key))
    if len(path) < 3:
        return to_write(path, path, value, faults)
    named = written({f"{path[-1]}.{key}": value})
    return f"a name with a dot stands in braces: --set '{'.'.join(map(str, path[:-1]))}={named}'"


def _of_a_network(declared: Declared, path: KeyPath, value: Any, faults: Faults) -> str:
    """Return the line for what is searched and stands with the fixed values, for widths, or for an exponent."""
    option = declared.option
    if faults.plain(("space", declared.name)) is not None:
        return ""
    if meaning := meaning_of(option, option.scale, [value]):
        return f"the value itself is written here, no exponent: {to_write(path, path, meaning[0], faults)}"
    if isinstance(value, list) and declared.name == DEPTH and (len(set(map(str, value))) < len(value) or len(value) < 2):
        return f"these are widths: {to_write(path, ('network', 'hidden_units'), value, faults)}"
    if isinstance(value, (list, dict, str)) and (entry := as_entry(declared, value)) is not None:
        return f"what is searched stands in `space`: {to_write(path, ('space', declared.name), entry, faults)}"
    return ""
