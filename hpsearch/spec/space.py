"""The `space` section: what is searched, each parameter a range or a list of choices.

What is said of a parameter by itself is judged here, the numbers of a range in `ranges.py`, the conditions between
parameters in `conditions.py`, and what the sections must agree on in `agreement.py` and `effects.py`.
"""

from __future__ import annotations

from hpsearch.space.levels import DomainError
from hpsearch.space.parameters import Choice, Domain
from hpsearch.space.search_space import Entry
from hpsearch.spec.conditions import read_entries
from hpsearch.spec.document import KeyPath
from hpsearch.spec.faults import Faults
from hpsearch.spec.names import Names
from hpsearch.spec.ranges import IN_THE_FUNCTION, advice_on, example, read_range
from hpsearch.spec.settings import INVALID, Declared, check, note_unknown
from hpsearch.spec.wording import either, shown, words_of, written


def read_space(names: Names, faults: Faults) -> dict[str, Entry]:
    """Return the entries that can be used, and note everything that is wrong; `names` says which there may be."""
    plain = faults.plain(("space",))
    if not isinstance(plain, dict) or not plain:
        came = f", not {shown(plain)}" if plain is not None else ""
        message = f"the section `space` must say what is searched{came}"
        faults.at_key(("space",), message, f"for example `space: {{{names.typical.name}: {example(names.typical)}}}`")
        return {}
    found = {name: names.find(name, faults) for name in plain}
    domains = {name: _read_domain(declared, names, faults) for name, declared in found.items() if declared is not None}
    return read_entries(domains, names, faults)


def _read_domain(declared: Declared, names: Names, faults: Faults) -> Domain | None:
    """Return the values of one parameter; None after noting what is wrong with them."""
    path: KeyPath = ("space", declared.name)
    plain = faults.plain(path)
    if isinstance(plain, list):
        return _read_choice(declared, path, faults)
    if not isinstance(plain, dict):
        _note_single(declared, plain, faults)
        return None
    unknown = [key for key in plain if key not in names.entry_keys]
    for key in unknown:
        note_unknown((*path, key), names.entry_keys, faults)
    if not unknown and ("range" in plain) == ("choices" in plain):
        faults.at(path, f"`{declared.name}` must have either `range` or `choices`", f"for example {example(declared)}")
    if unknown or ("range" in plain) == ("choices" in plain):
        return None
    return _read_keyed_choice(declared, path, faults) if "choices" in plain else _read_keyed_range(declared, path, faults)


def _note_single(declared: Declared, plain: object, faults: Faults) -> None:
    name, searched = declared.name, f"`{declared.name}: {example(declared)}`"
    if plain is None:
        message, hint = f"`{name}` has nothing to search", f"for example {searched}"
    else:
        home = f"; fixed values stand in `{declared.section}`" if declared.section else ""
        fixed = f"write `{name}: {written(plain)}` under `{declared.section}`" if declared.section else IN_THE_FUNCTION
        message, hint = f"`{name}` has one value only, {shown(plain)}{home}", f"{fixed}, or {searched} here"
    faults.at(("space", name), message, hint)


def _read_keyed_choice(declared: Declared, path: KeyPath, faults: Faults) -> Choice | None:
    """Return the options under the key `choices`."""
    for key in ("scale", "step"):
        if key in faults.plain(path):
            faults.at_key((*path, key), f"`{key}` goes with `range`, not with `choices`", "take it away")
    options = faults.plain((*path, "choices"))
    if not isinstance(options, list):
        faults.at((*path, "choices"), f"`choices` must be a list, not {shown(options)}", "write choices: [a, b]")
        return None
    return _read_choice(declared, (*path, "choices"), faults)


def _read_choice(declared: Declared, path: KeyPath, faults: Faults) -> Choice | None:
    """Return the options listed at a path."""
    options = [check(declared, value, (*path, index), faults) for index, value in enumerate(faults.plain(path))]
    if any(value is INVALID for value in options):
        return None
    if declared.option.per_layer and len({isinstance(value, list) for value in options}) > 1:
        faults.at(path, f"`{declared.name}` mixes numbers and lists of widths", "write lists only, or numbers only")
        return None
    try:
        return Choice(options)
    except DomainError as error:
        place = (*path, int(error.argument)) if error.argument.isdecimal() else path
        faults.at(place, f"`{declared.name}`: {error}", advice_on(error, declared))
        return None


def _read_keyed_range(declared: Declared, path: KeyPath, faults: Faults) -> Domain | None:
    """Return the numbers under the key `range`, for an option whose values are numbers."""
    words = words_of(declared.kind)
    if words:
        message = f"`{declared.name}` has no range: it is {either(words)}"
        faults.at((*path, "range"), message, f"write `{declared.name}: {example(declared)}`")
        return None
    return read_range(declared, path, faults)
