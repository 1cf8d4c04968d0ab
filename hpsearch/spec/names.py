"""Which names the space may hold, and what each can be: the options of the network, or the arguments of a function.

The rest of `space` is read alike. What differs is here: of the network everything is declared; of a function nothing is
known, so a name is what its own entry makes of it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from keyword import iskeyword
from typing import Any, Protocol

from hpsearch.network.settings import NetworkSettings
from hpsearch.options import Option, options_of
from hpsearch.spec.declared import ENTRY_KEYS, SEARCHABLE, SECTIONS, Declared, homes_of
from hpsearch.spec.document import KeyPath
from hpsearch.spec.faults import Faults
from hpsearch.spec.hints import note_unknown, place_of, taken_at
from hpsearch.spec.wording import ANYTHING, written
from hpsearch.study.derived import RESERVED

_OPTIONS = options_of(NetworkSettings)

ARGUMENT = Option("an argument of the function")
TAKEN = (*RESERVED, "value")
"""What no argument may be called."""


class Names(Protocol):
    """The names that a space may hold."""

    entry_keys: tuple[str, ...]
    """What may be said of a name."""

    typical: Declared
    """A name for an example."""

    hidden_layers: int
    """How many there are, unless they are searched; 0 for a function."""

    def find(self, name: str, faults: Faults) -> Declared | None:
        """Return what the name of an entry can be; None after noting that it cannot be searched."""

    def note_unsearched(self, path: KeyPath, known: Collection[str], advice: str, faults: Faults) -> None:
        """Note that the name at the end of a path is none of the `known` ones, which are searched."""


class NetworkNames:
    """The options of a network, some of them fixed."""

    entry_keys: tuple[str, ...] = tuple(ENTRY_KEYS)
    typical = Declared.by(NetworkSettings, "learning_rate")

    def __init__(self, network: NetworkSettings) -> None:
        self.network = network
        self.hidden_layers = network.hidden_layers

    def find(self, name: str, faults: Faults) -> Declared | None:
        """Return the option, if it can be searched."""
        if name in SEARCHABLE:
            return replace(Declared.by(NetworkSettings, name), section="network")
        if name in ENTRY_KEYS:
            hint = "it is said of one parameter: indent it below that"
            faults.at_key(("space", name), f"unknown key `{name}` in `space`", hint)
        elif (home := _home_of_unsearchable(name, faults)) is not None:
            is_fixed = faults.plain((*home, name)) is not None
            hint = "take it away here" if is_fixed else f"give it one value {place_of(home)}"
            faults.at_key(("space", name), f"`{name}` cannot be searched", hint)
        else:
            note_unknown(("space", name), SEARCHABLE, faults)
        return None

    def note_unsearched(self, path: KeyPath, known: Collection[str], advice: str, faults: Faults) -> None:
        """Tell what an option is that is not searched."""
        name = str(path[-1])
        if name in _OPTIONS:
            message = f"`{name}` is not searched: it is {written(getattr(self.network, name))} in every trial"
            faults.at_key(path, message, advice)
        else:
            note_unknown(path, known, faults, is_movable=False)


def _home_of_unsearchable(name: str, faults: Faults) -> KeyPath | None:
    """Return where an option stands that has one value and is given several; None for any other key of the space."""
    value = faults.plain(("space", name))
    homes = [home for home in homes_of(name, faults.document.plain) if len(home) < 2 and name not in (*SECTIONS, "space")]
    is_searched = type(value) in (list, dict) and all(taken_at((*home, name), value) is None for home in homes)
    return homes[0] if homes and is_searched else None


class ArgumentNames:
    """The arguments of a Python function: any identifiers."""

    entry_keys: tuple[str, ...] = tuple(key for key in ENTRY_KEYS if key != "per")
    typical = Declared("x", float, ARGUMENT)
    hidden_layers = 0

    def find(self, name: str, faults: Faults) -> Declared | None:
        """Return what its entry says that an argument can be; a range in whole numbers makes it whole."""
        if not name.isidentifier() or iskeyword(name):
            hint = "it is passed by name: letters, digits and `_`, the first no digit"
            faults.at_key(("space", name), f"`{name[:80]}` cannot be an argument of a Python function", hint)
            return None
        if name in TAKEN:
            hint = "call the argument something else"
            faults.at_key(("space", name), f"`{name}` is a column of trials.csv already", hint)
            return None
        return Declared(name, _kind_of(faults.plain(("space", name))), ARGUMENT)

    def note_unsearched(self, path: KeyPath, known: Collection[str], advice: str, faults: Faults) -> None:
        """Tell which names there are."""
        note_unknown(path, known, faults, is_movable=False)


def _kind_of(entry: Any) -> Any:
    """Return what an entry makes of an argument: any value of choices, a whole number of a range of such, else a number."""
    keyed = entry if isinstance(entry, dict) else {}
    if isinstance(entry, list) or "choices" in keyed:
        return ANYTHING
    bounds = keyed.get("range")
    numbers = [*bounds, keyed.get("step", 1)] if isinstance(bounds, list) else []
    return int if numbers and all(type(number) is int for number in numbers) else float
