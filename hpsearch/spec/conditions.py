"""What ties the parameters of the `space` section together: `when`, and `per: layer`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpsearch.network.settings import NetworkSettings
from hpsearch.options import options_of
from hpsearch.prose import MOST_NAMED, either
from hpsearch.space.parameters import Choice, Domain
from hpsearch.space.search_space import DEPTH, Entry, condition_faults, deepest
from hpsearch.spec.comparisons import is_comparison, left_by, named_in
from hpsearch.spec.document import KeyPath
from hpsearch.spec.faults import Faults
from hpsearch.spec.hints import to_write
from hpsearch.spec.names import Names
from hpsearch.spec.wording import came, meant, written
from hpsearch.trial import Value

_OPTIONS = options_of(NetworkSettings)

Domains = Mapping[str, Domain | None]
"""The domains of the parameters by name, None for one whose mistakes are noted already."""


def read_entries(domains: Domains, names: Names, faults: Faults) -> dict[str, Entry]:
    """Return the entries whose domains are known, with their conditions; note what is wrong with these."""
    whens = {name: _read_when(name, domains, names, faults) for name in domains}
    layers = {name: _read_layers(name, domains, names, faults) for name in domains}
    entries = {name: Entry(domain, whens[name], layers[name]) for name, domain in domains.items() if domain is not None}
    for fault in condition_faults(entries):
        path: KeyPath = ("space", fault.entry, "when", fault.parent)
        if fault.index is not None:
            path = (*path, fault.index) if len(entries[fault.entry].when[fault.parent]) > 1 else path
            given = faults.plain(path)
            listed = f"`{fault.parent}` is given by its values, not by {came(given)}"
            faults.at(
                path,
                listed if isinstance(given, dict) else fault.message,
                _possible(entries[fault.parent].domain, path, faults),
            )
        else:
            faults.at(path, fault.message, fault.advice)
    return entries


def _read_when(name: str, domains: Domains, names: Names, faults: Faults) -> dict[str, tuple[Value, ...]]:
    """Return the values of each parent under which a parameter is active."""
    entry = faults.plain(("space", name))
    if not isinstance(entry, dict) or "when" not in entry:
        return {}
    given = entry["when"]
    if not isinstance(given, dict) or not given:
        hint = _condition_meant(name, given, domains, faults) or "for example when: {optimizer: adam}"
        faults.at(("space", name, "when"), f"`when` must map a parameter to its values, not {came(given)}", hint)
        return {}
    for parent in given.keys() - domains.keys():
        advice = f"take the condition away, or give `{parent}` choices in `space`"
        others = [other for other in domains if other != name]
        names.note_unsearched(("space", name, "when", parent), others, advice, faults)
    known = {parent: domain for parent, domain in domains.items() if parent in given and domain is not None}
    return {parent: _values(given[parent], domain) for parent, domain in known.items()}


def _condition_meant(name: str, given: object, domains: Domains, faults: Faults) -> str:
    """Return the condition to write for a comparison, or for a bare value if one parameter alone has it."""
    path: KeyPath = ("space", name, "when")
    compared, comparison = named_in(given)
    if values := left_by(comparison, _few_levels(domains.get(compared))):
        return to_write(path, path, {compared: _as_one(values)}, faults)
    parents = [
        parent
        for parent, domain in domains.items()
        if parent != name and isinstance(domain, Choice) and given in domain.options
    ]
    return to_write(path, path, {parents[0]: given}, faults) if len(parents) == 1 else ""


def _values(given: Any, domain: Domain) -> tuple[Value, ...]:
    """Return one value or several; a list is one value where the parent's own values are lists."""
    return tuple(given) if isinstance(given, list) and not domain.admits(given) else (given,)


def _read_layers(name: str, domains: Domains, names: Names, faults: Faults) -> int:
    """Return for how many layers a parameter is drawn, 0 unless it is `per: layer`."""
    entry, domain, path = faults.plain(("space", name)), domains[name], ("space", name, "per")
    if not isinstance(entry, dict) or "per" not in entry or "per" not in names.entry_keys:
        return 0
    if entry["per"] != "layer":
        faults.at(path, f"`per` can only be layer, not {came(entry['per'])}", "write per: layer")
    elif not _OPTIONS[name].per_layer:
        possible = either(other for other, option in _OPTIONS.items() if option.per_layer)
        faults.at_key(path, f"`{name}` has one value for all layers", f"only {possible} can be drawn per layer")
    elif isinstance(domain, Choice) and any(isinstance(option, list) for option in domain.options):
        faults.at_key(path, "a list gives the width of every layer already", "take `per` away, or write single widths")
    elif DEPTH not in domains:
        return names.hidden_layers
    elif (depth := domains[DEPTH]) is not None:
        return deepest(depth)
    return 0


def _possible(domain: Domain, path: KeyPath, faults: Faults) -> str:
    """Return a hint: the values that a comparison leaves, or those that a parent can take."""
    given = faults.plain(path)
    if isinstance(path[-1], str) and (values := left_by(given, _few_levels(domain))):
        return to_write(path, path, _as_one(values), faults)
    if isinstance(domain, Choice):
        options = [written(option) for option in domain.options]
        return f"allowed: {', '.join(options)}" if is_comparison(given) else meant(given, options)
    described = domain.describe()
    step = f" in steps of {written(described['step'])}" if "step" in described else ""
    return f"it is drawn from {' to '.join(map(written, described['range']))}{step}"


def _few_levels(domain: Domain | None) -> list[Value]:
    """Return the values of a domain; none of a continuous one, or where they are too many for a list."""
    count = domain.levels if domain else None
    return [domain.level(index) for index in range(count)] if domain and count and count <= MOST_NAMED else []


def _as_one(values: list[Value]) -> Any:
    """Return the values of a condition as one writes them: a single one by itself, unless it is a list."""
    return values[0] if len(values) == 1 and not isinstance(values[0], list) else values
