"""The `space` section: what is searched, each parameter a range or a list of choices.

What is said of a parameter by itself is judged here, the numbers of a range in `ranges.py`, the conditions between
parameters in `conditions.py`, and what the sections must agree on in `agreement.py` and `effects.py`.
"""

from __future__ import annotations

from typing import Any

from hpsearch.prose import either
from hpsearch.space.parameters import Choice, Domain, choice_faults
from hpsearch.space.search_space import DEPTH, Entry
from hpsearch.spec.conditions import read_entries
from hpsearch.spec.core_schema import plain_number
from hpsearch.spec.declared import ENTRY_KEYS, Declared
from hpsearch.spec.document import KeyPath
from hpsearch.spec.entries import entry_of, foreign_keys, without_dashes
from hpsearch.spec.exponents import meaning_of
from hpsearch.spec.faults import Faults
from hpsearch.spec.hints import TAKE_DASHES_AWAY, is_set, note_unknown, to_write
from hpsearch.spec.names import Names
from hpsearch.spec.ranges import IN_THE_FUNCTION, advice_on, example, read_range
from hpsearch.spec.settings import INVALID, check
from hpsearch.spec.values import understood
from hpsearch.spec.wording import came, words_of


def read_space(names: Names, faults: Faults) -> dict[str, Entry]:
    """Return the entries that can be used, and note everything that is wrong; `names` says which there may be."""
    plain = faults.plain(("space",))
    if not isinstance(plain, dict) or not plain:
        not_this = f", not {came(plain)}" if plain is not None else ""
        message = f"the section `space` must say what is searched{not_this}"
        example_of = f"for example `space: {{{names.typical.name}: {example(names.typical)}}}`"
        faults.at(("space",), message, TAKE_DASHES_AWAY if without_dashes(plain) else example_of)
        return {}
    found = {name: names.find(name, faults) for name in plain}
    domains = {name: _read_domain(declared, names, faults) for name, declared in found.items() if declared is not None}
    return read_entries(domains, names, faults)


def _read_domain(declared: Declared, names: Names, faults: Faults) -> Domain | None:
    """Return the values of one parameter; None after noting what is wrong with them."""
    path: KeyPath = ("space", declared.name)
    plain = faults.plain(path)
    if (meaning := entry_of(plain)) is not None:
        _note_foreign(declared, meaning, path, faults)
        return None
    if isinstance(plain, list):
        return _read_choice(declared, path, faults)
    if not isinstance(plain, dict):
        _note_single(declared, plain, faults)
        return None
    unknown = foreign_keys(plain, names.entry_keys)
    for key in unknown:
        note_unknown((*path, key), names.entry_keys, faults)
    if ("range" in plain) == ("choices" in plain) and not (unknown and "range" not in plain):
        faults.at(path, f"`{declared.name}` must have either `range` or `choices`", f"for example {example(declared)}")
    readers = {"range": _read_keyed_range, "choices": _read_keyed_choice}
    domains = [read(declared, path, faults) for key, read in readers.items() if key in plain]
    return domains[0] if len(domains) == 1 and not unknown else None


def _note_foreign(declared: Declared, meaning: Any, path: KeyPath, faults: Faults) -> None:
    """Note an entry in the words of another tool, with what it means here."""
    plain = faults.plain(path)
    foreign = foreign_keys(plain) if isinstance(plain, dict) else []
    at = next(((*path, key) for key in foreign if is_set((*path, key), faults)), (*path, *foreign[:1]))
    target = path if isinstance(meaning, (dict, list)) else (declared.section, declared.name)
    hint = to_write(at, target, meaning, faults) if target[0] else IN_THE_FUNCTION
    if not isinstance(plain, dict):
        items = " of mappings" if isinstance(plain, list) else ""
        message = f"`{declared.name}` must be a range or a list of choices, not {came(plain)}{items}"
        faults.at(path, message, hint)
    else:
        faults.at_key(at, f"unknown key `{at[-1]}` in `{declared.name}`", hint)


def _note_single(declared: Declared, plain: Any, faults: Faults) -> None:
    """Note one value where several are searched; it belongs elsewhere if the option takes it."""
    path: KeyPath = ("space", declared.name)
    searched = f"`{declared.name}: {example(declared)}`"
    meaning = _single_meant(declared, plain)
    if plain is None and ENTRY_KEYS.keys() & faults.plain(("space",)).keys():
        return  # they are blamed: what stands beside the name should stand below it
    if plain is None:
        faults.at(path, f"`{declared.name}` has nothing to search", f"for example {searched}")
    elif meaning is None:
        check(declared, plain, path, faults, f"to search it write {searched}")
    else:
        home = f"; fixed values stand in `{declared.section}`" if declared.section else ""
        target = (declared.section, declared.name)
        fixed = to_write(path, target, meaning, faults) if declared.section else IN_THE_FUNCTION
        message = f"`{declared.name}` has one value only, {came(plain)}{home}"
        faults.at(path, message, f"{fixed}, or {searched} here")


def _single_meant(declared: Declared, plain: Any) -> Any:
    """Return the one value that was meant: as it stands, or written as it is here; None if the option takes neither."""
    number = plain_number(plain) if isinstance(plain, str) else None
    meanings = [plain, number, *meaning_of(declared.option, declared.option.scale, [plain])]
    return next((meaning for it in meanings if (meaning := understood(declared, it)) is not None), None)


def _read_keyed_choice(declared: Declared, path: KeyPath, faults: Faults) -> Choice | None:
    """Return the options under the key `choices`."""
    for key in ("scale", "step"):
        if key in faults.plain(path) and "range" not in faults.plain(path):
            faults.at_key((*path, key), f"`{key}` goes with `range`, not with `choices`", "take it away")
    options = faults.plain((*path, "choices"))
    if not isinstance(options, list):
        faults.at((*path, "choices"), f"`choices` must be a list, not {came(options)}", "write choices: [a, b]")
        return None
    return _read_choice(declared, (*path, "choices"), faults)


def _read_choice(declared: Declared, path: KeyPath, faults: Faults) -> Choice | None:
    """Return the options listed at a path."""
    if _note_other_meaning(declared, path, faults):
        return None
    given = enumerate(faults.plain(path))
    checked = {index: check(declared, value, (*path, index), faults) for index, value in given}
    options = {index: value for index, value in checked.items() if value is not INVALID}
    errors = list(choice_faults(options, is_complete=len(options) == len(checked)))
    for error in errors:
        place = (*path, int(error.argument)) if error.argument.isdecimal() else path
        faults.at(place, f"`{declared.name}`: {error}", advice_on(error, declared))
    if declared.option.per_layer and len({isinstance(value, list) for value in options.values()}) > 1:
        faults.at(path, f"`{declared.name}` mixes numbers and lists of widths", "write lists only, or numbers only")
        return None
    return None if errors or len(options) < len(checked) else Choice(list(options.values()))


def _note_other_meaning(declared: Declared, path: KeyPath, faults: Faults) -> bool:
    """Whether the options were exponents, or widths in the place of the number of layers; note it if they were."""
    given = faults.plain(path)
    if meaning := meaning_of(declared.option, declared.option.scale, given):
        message = f"the choices of `{declared.name}` are the values themselves, not exponents"
        faults.at((*path, 0), message, to_write(path, path, meaning, faults))
        return True
    options = given if declared.name == DEPTH else []
    is_wide = [type(option) is list or (type(option) is int and not declared.option.admits(option)) for option in options]
    if is_wide and all(is_wide):
        section = "space" if len(set(map(str, given))) == len(given) else "network"
        hint = f"these are widths: {to_write(path, (section, 'hidden_units'), given, faults)}"
        faults.at(path, f"`{declared.name}` must be numbers of layers", hint)
    return bool(is_wide) and all(is_wide)


def _read_keyed_range(declared: Declared, path: KeyPath, faults: Faults) -> Domain | None:
    """Return the numbers under the key `range`, for an option whose values are numbers."""
    words = words_of(declared.kind)
    if words:
        given = faults.plain((*path, "range"))
        is_listed = isinstance(given, list) and all(word in words for word in given)
        message = f"`{declared.name}` has no range: it is {either(words)}"
        faults.at((*path, "range"), message, to_write(path, path, given if is_listed else list(words[:2]), faults))
        return None
    return read_range(declared, path, faults)
