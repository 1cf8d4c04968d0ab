"""The `space` section: what is searched, each parameter a range or a list of choices.

What is said of a parameter by itself is judged here, the numbers of a range in `ranges.py`, the conditions between
parameters in `conditions.py`, and what the sections must agree on in `agreement.py` and `effects.py`.
"""

from __future__ import annotations

from hpsearch.network.settings import NetworkSettings
from hpsearch.options import options_of
from hpsearch.space.levels import DomainError
from hpsearch.space.parameters import Choice, Domain
from hpsearch.space.search_space import Entry
from hpsearch.spec.conditions import read_entries
from hpsearch.spec.document import KeyPath
from hpsearch.spec.faults import Faults
from hpsearch.spec.ranges import example, read_range
from hpsearch.spec.settings import INVALID, check, note_unknown, type_of
from hpsearch.spec.wording import either, shown, words_of, written

ENTRY_KEYS = ("range", "scale", "step", "choices", "when", "per")

_OPTIONS = options_of(NetworkSettings)
_SEARCHABLE = [name for name, option in _OPTIONS.items() if option.searchable]


def read_space(network: NetworkSettings, faults: Faults) -> dict[str, Entry]:
    """Return the entries that can be used, and note everything that is wrong; `network` holds what is fixed."""
    plain = faults.plain(("space",))
    if not isinstance(plain, dict) or not plain:
        came = f", not {shown(plain)}" if plain is not None else ""
        message = f"the section `space` must say what is searched{came}"
        faults.at_key(("space",), message, f"for example `space: {{learning_rate: {example('learning_rate')}}}`")
        return {}
    domains = {name: _read_domain(name, faults) for name in plain if _is_searchable(name, faults)}
    return read_entries(domains, network, faults)


def _is_searchable(name: str, faults: Faults) -> bool:
    """Whether an entry's name is an option that can be searched; noted if not."""
    if name in _OPTIONS and name not in _SEARCHABLE:
        hint = "take it away here" if faults.plain(("network", name)) is not None else "give it one value under `network`"
        faults.at_key(("space", name), f"`{name}` cannot be searched", hint)
    elif name not in _OPTIONS:
        note_unknown(("space", name), _SEARCHABLE, faults)
    return name in _SEARCHABLE


def _read_domain(name: str, faults: Faults) -> Domain | None:
    """Return the values of one parameter; None after noting what is wrong with them."""
    path: KeyPath = ("space", name)
    plain = faults.plain(path)
    if isinstance(plain, list):
        return _read_choice(name, path, faults)
    if not isinstance(plain, dict):
        _note_single(name, plain, faults)
        return None
    unknown = [key for key in plain if key not in ENTRY_KEYS]
    for key in unknown:
        note_unknown((*path, key), ENTRY_KEYS, faults)
    if not unknown and ("range" in plain) == ("choices" in plain):
        faults.at(path, f"`{name}` must have either `range` or `choices`", f"for example {example(name)}")
    if unknown or ("range" in plain) == ("choices" in plain):
        return None
    return _read_keyed_choice(name, path, faults) if "choices" in plain else _read_keyed_range(name, path, faults)


def _note_single(name: str, plain: object, faults: Faults) -> None:
    if plain is None:
        message, hint = f"`{name}` has nothing to search", f"for example `{name}: {example(name)}`"
    else:
        message = f"`{name}` has one value only, {shown(plain)}; fixed values stand in `network`"
        hint = f"write `{name}: {written(plain)}` under `network`, or `{name}: {example(name)}` here"
    faults.at(("space", name), message, hint)


def _read_keyed_choice(name: str, path: KeyPath, faults: Faults) -> Choice | None:
    """Return the options under the key `choices`."""
    for key in ("scale", "step"):
        if key in faults.plain(path):
            faults.at_key((*path, key), f"`{key}` goes with `range`, not with `choices`", "take it away")
    options = faults.plain((*path, "choices"))
    if not isinstance(options, list):
        faults.at((*path, "choices"), f"`choices` must be a list, not {shown(options)}", "write choices: [a, b]")
        return None
    return _read_choice(name, (*path, "choices"), faults)


def _read_choice(name: str, path: KeyPath, faults: Faults) -> Choice | None:
    """Return the options listed at a path."""
    listed = faults.plain(path)
    options = [check(NetworkSettings, name, option, (*path, index), faults) for index, option in enumerate(listed)]
    if any(option is INVALID for option in options):
        return None
    if len({isinstance(option, list) for option in options}) > 1:
        faults.at(path, f"`{name}` mixes numbers and lists of widths", "write lists only, or numbers only")
        return None
    try:
        return Choice(options)
    except DomainError as error:
        place = (*path, int(error.argument)) if error.argument.isdecimal() else path
        faults.at(place, f"`{name}`: {error}", error.advice)
        return None


def _read_keyed_range(name: str, path: KeyPath, faults: Faults) -> Domain | None:
    """Return the numbers under the key `range`, for an option whose values are numbers."""
    words = words_of(type_of(NetworkSettings, name))
    if words:
        faults.at((*path, "range"), f"`{name}` has no range: it is {either(words)}", f"write `{name}: {example(name)}`")
        return None
    return read_range(name, path, faults)
