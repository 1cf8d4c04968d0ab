"""What `network` and `space` must agree on: a name fixed or searched, the number of layers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hpsearch.network.settings import NetworkSettings
from hpsearch.options import options_of
from hpsearch.prose import either
from hpsearch.space.search_space import DEPTH
from hpsearch.spec.document import KeyPath
from hpsearch.spec.faults import Faults
from hpsearch.spec.hints import is_set
from hpsearch.spec.settings import Section


def check_agreement(network: Section[NetworkSettings], faults: Faults) -> None:
    """Note what stands both in `network` and in `space`."""
    options = options_of(NetworkSettings)
    for name in _searched(faults):
        if name in network.given and name in options and options[name].searchable:
            is_fixed_by_set = is_set(("network", name), faults)
            hint = "keep it in `space` to search it, or in `network` to fix it"
            hint = "the spec searches it: to fix it, take it out of `space` first" if is_fixed_by_set else hint
            path = ("network" if is_fixed_by_set else "space", name)
            faults.at_key(path, f"`{name}` stands both in `network` and in `space`", hint)


def with_depth(network: Section[NetworkSettings], faults: Faults) -> NetworkSettings:
    """Return the settings with as many hidden layers as there are widths, where widths are listed.

    A list of widths says how many layers there are; `hidden_layers` may only repeat it.
    """
    widths = _listed_widths(faults)
    counts = set(widths.values())
    for path, count in widths.items():
        if not options_of(NetworkSettings)[DEPTH].admits(count):
            faults.at(path, f"a list of {count} widths gives {count} hidden layers", "a network has 1 to 50 of them")
    message = f"the lists of widths already say that there are {either(sorted(counts))} hidden layers" if counts else ""
    hint = f"take `{DEPTH}` away, or give one width for all layers"
    if counts and DEPTH in _searched(faults):
        faults.at_key(("space", DEPTH), message, hint)
    elif counts and DEPTH in network.valid and counts != {network.settings.hidden_layers}:
        faults.at(("network", DEPTH), message, hint)
    return replace(network.settings, hidden_layers=counts.pop()) if len(counts) == 1 else network.settings


def _searched(faults: Faults) -> dict[str, Any]:
    space = faults.plain(("space",))
    return space if isinstance(space, dict) else {}


def _listed_widths(faults: Faults) -> dict[KeyPath, int]:
    """Return the lengths of the lists of widths, by path: the fixed one, or those that are searched."""
    path: KeyPath = ("network", "hidden_units")
    if isinstance(fixed := faults.plain(path), list):
        return {path: len(fixed)}
    path = ("space", "hidden_units")
    if isinstance(faults.plain(path), dict):
        path = (*path, "choices")
    options = faults.plain(path)
    listed = enumerate(options) if isinstance(options, list) else ()
    return {(*path, index): len(option) for index, option in listed if isinstance(option, list)}
