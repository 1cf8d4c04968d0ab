"""Whether an option takes a value: as it stands, or as what it means in other tools.

pydantic judges, by the option's type and bounds. Its rules are strict: a text is no number and `true` is not 1, but 20.0 is
the whole number 20.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError

from hpsearch.options import Option, options_of
from hpsearch.spec.amounts import number_in, unit_of
from hpsearch.spec.declared import ENTRY_KEYS, Declared, required_options
from hpsearch.spec.elsewhere import value_of
from hpsearch.spec.entries import entry_of
from hpsearch.spec.wording import declaration_of, parts_of, written

_LEAST_PERCENT = 5
"""A share is hardly meant to be less; 2 is no share, and what it was meant for is not known."""

_STRICT = ConfigDict(strict=True, allow_inf_nan=False)


def validated(declared: Declared, value: Any) -> Any:
    """Return a value as an option takes it; pydantic's ValidationError if it does not."""
    return _adapter(declared.kind, declared.option).validate_python(_prepared(value, declared.kind))


def admits(declared: Declared, value: Any) -> bool:
    """Whether an option takes a value; a mapping of options, if each of them takes what it is given."""
    nested = declaration_of(declared.kind)
    if nested is not None and isinstance(value, dict) and value.keys() <= options_of(nested).keys():
        is_whole = value.keys() >= set(required_options(nested))
        return is_whole and all(admits(Declared.by(nested, name), inner) for name, inner in value.items())
    if nested is declared.kind:
        return False
    try:
        validated(declared, value)
    except ValidationError:
        return False
    return True


def understood(declared: Declared, value: Any) -> Any:
    """Return a value that an option takes, perhaps in the words used here; None if it takes it in no words.

    Where nothing but a text is taken, a number is meant for the text that it was written as.
    """
    is_text = parts_of(declared.kind) == [str] and isinstance(value, (bool, int, float))
    known, text = value_of(declared.name, value), written(value) if is_text else None
    possible = (_amount(declared, value), value, known, _in_order(declared, value), text)
    return next((it for it in possible if it is not None and admits(declared, it)), None)


def _amount(declared: Declared, value: Any) -> Any:
    """Return the number that a text means, or that is meant by 20 where only a share can stand; None if there is none."""
    if isinstance(value, str):
        return number_in(value, unit_of(declared.name))
    is_percent = declared.option.below == 1 and type(value) in (int, float) and _LEAST_PERCENT <= value < 100
    return value / 100 if is_percent else None


def _in_order(declared: Declared, value: Any) -> Any:
    """Return the mapping that is meant by the values of an option's own options, listed in their order."""
    nested = declaration_of(declared.kind)
    return dict(zip(options_of(nested), value, strict=False)) if nested and isinstance(value, list) else None


def as_entry(declared: Declared, value: Any) -> Any:
    """Return a list of choices or a mapping, in the words used here, as an entry of the space; None if it is none."""
    known = entry_of(value)
    entry = value if known is None else known
    if isinstance(entry, dict):
        return entry if entry.keys() <= ENTRY_KEYS.keys() and ("range" in entry) != ("choices" in entry) else None
    is_choice = isinstance(entry, list) and len({str(item) for item in entry}) == len(entry) > 1
    return entry if is_choice and all(admits(declared, item) for item in entry) else None


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
