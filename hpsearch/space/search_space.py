"""The search space: the parameters of a study by name, in order, with their conditions.

An entry is what one line of a spec's `space` says; a parameter is one coordinate of the unit cube. They are the same
but for an entry that is drawn per layer, which stands for one parameter for each hidden layer: `hidden_units_1`,
`hidden_units_2` and so on. Where points come from is the business of the search.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

from hpsearch.space.parameters import Domain, identity
from hpsearch.trial import Params, Value

DEPTH = "hidden_layers"
"""The parameter that says how many of the parameters per layer are active."""

INACTIVE = 0.5
"""The coordinate of an inactive parameter in a model of the search."""


@dataclass(frozen=True)
class Entry:
    """A domain and when it counts.

    `when` maps the name of another entry, its parent, to the values for which this one is active; all parents must
    agree. `layers` above 0 makes it one parameter for each of that many hidden layers.
    """

    domain: Domain
    when: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    layers: int = 0

    def describe(self) -> dict[str, Any]:
        """Return the entry as one would write it in a spec."""
        described = self.domain.describe()
        if self.layers:
            described["per"] = "layer"
        if self.when:
            described["when"] = {parent: _shortest(values) for parent, values in self.when.items()}
        return described


@dataclass(frozen=True)
class Parameter:
    """One coordinate of the unit cube; `layer` counts from 1 for an entry per layer and is 0 for all others.

    `parents` are the parameters whose values say whether it counts: those of its conditions, and a searched depth.
    """

    name: str
    domain: Domain
    when: Mapping[str, tuple[Value, ...]]
    layer: int = 0
    parents: tuple[str, ...] = ()

    @property
    def entry(self) -> str:
        """The name of the entry it belongs to."""
        return self.name.removesuffix(f"_{self.layer}") if self.layer else self.name

    def is_active(self, known: Params) -> bool:
        """Whether it counts, given the values of those of its parents that do."""
        return all(parent in known and self.allows(parent, known[parent]) for parent in self.parents)

    def allows(self, parent: str, value: Value) -> bool:
        """Whether it can count where one of its parents has this value."""
        if self.layer and parent == DEPTH and not (isinstance(value, int) and value >= self.layer):
            return False
        return parent not in self._allowed or identity(value) in self._allowed[parent]

    @cached_property
    def _allowed(self) -> dict[str, frozenset[Hashable]]:
        return {parent: frozenset(map(identity, values)) for parent, values in self.when.items()}


@dataclass(frozen=True)
class Fault:
    """A condition that cannot work: whose it is, on which parent, why, and what to do.

    `index` says which of the values of `when` is at fault, if one is.
    """

    entry: str
    parent: str
    message: str
    advice: str = ""
    index: int | None = None


@dataclass(frozen=True)
class SearchSpace:
    """Entries by name, in an order that fixes the coordinates. d is the number of parameters.

    Raises ValueError for no entries, and for a condition on an unknown entry, on a value that its parent cannot take,
    or in a circle.
    """

    entries: Mapping[str, Entry]
    parameters: tuple[Parameter, ...] = field(init=False, repr=False)
    parents_first: tuple[Parameter, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.entries:
            raise ValueError("a search space needs at least one parameter")
        for fault in condition_faults(self.entries):
            raise ValueError(f"{fault.entry}: {fault.message}")
        parameters = tuple(_expanded(self.entries))
        object.__setattr__(self, "entries", dict(self.entries))
        object.__setattr__(self, "parameters", parameters)
        object.__setattr__(self, "parents_first", tuple(_parents_first(parameters)))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters (d,)."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def dimensions(self) -> int:
        """How many parameters there are: d."""
        return len(self.parameters)

    @cached_property
    def is_conditional(self) -> bool:
        """Whether any parameter depends on others."""
        return any(parameter.parents for parameter in self.parameters)

    @property
    def is_finite(self) -> bool:
        """Whether no parameter is continuous, so that the combinations can be counted."""
        return all(parameter.domain.levels is not None for parameter in self.parameters)

    def decode(self, point: Sequence[float]) -> dict[str, Value]:
        """Return the active params at a point (d,) of the unit cube, in the order of the space."""
        pairs = zip(self.parameters, point, strict=True)
        values = {parameter.name: parameter.domain.decode(u) for parameter, u in pairs}
        return {name: values[name] for name in self.active(values)}

    def encode(self, params: Params) -> tuple[float, ...]:
        """Return the point (d,) of params for a model of the search, inactive parameters at 0.5.

        Raises KeyError if an active parameter has no value, ValueError if its domain does not hold the value.
        """
        active = set(self.active(params))
        return tuple(
            parameter.domain.encode(params[parameter.name]) if parameter.name in active else INACTIVE
            for parameter in self.parameters
        )

    def locate(self, params: Params) -> tuple[float, ...]:
        """Return the point (d,) of params from another space: outside of the unit cube where a number lies beyond a bound.

        Raises KeyError if an active parameter has no value, ValueError if its scale has no place for the value.
        """
        active = set(self.active(params))
        return tuple(
            parameter.domain.locate(params[parameter.name]) if parameter.name in active else INACTIVE
            for parameter in self.parameters
        )

    def reach(self, point: Sequence[float]) -> dict[str, Value]:
        """Return the active params at a point (d,) that `locate` gave, which may lie outside of the unit cube."""
        pairs = zip(self.parameters, point, strict=True)
        values = {parameter.name: parameter.domain.reach(u) for parameter, u in pairs}
        return {name: values[name] for name in self.active(values)}

    def active(self, params: Params) -> tuple[str, ...]:
        """Return the names of the parameters that count, given the values of their parents.

        A parameter is inactive if one of its parents is, or has no value in `params`.
        """
        if not self.is_conditional:
            return self.names
        active: set[str] = set()
        known: dict[str, Value] = {}
        for parameter in self.parents_first:
            if parameter.is_active(known):
                active.add(parameter.name)
                if parameter.name in params:
                    known[parameter.name] = params[parameter.name]
        return tuple(name for name in self.names if name in active)

    def describe(self) -> dict[str, Any]:
        """Return the `space` section as one would write it: a bare list for a choice without conditions."""
        described = {name: entry.describe() for name, entry in self.entries.items()}
        return {name: entry["choices"] if entry.keys() == {"choices"} else entry for name, entry in described.items()}


def condition_faults(entries: Mapping[str, Entry]) -> Iterator[Fault]:
    """Yield what is wrong with the conditions of entries."""
    for name, entry in entries.items():
        for parent, values in entry.when.items():
            yield from _faults_with_parent(name, parent, values, entries)
        depth = entries.get(DEPTH)
        if entry.layers and depth is not None and entry.layers < deepest(depth.domain):
            yield Fault(name, DEPTH, f"there are more hidden layers, {deepest(depth.domain)}, than {entry.layers}")
    try:
        TopologicalSorter(_parents(entries)).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        if len(set(circle)) > 1:
            message = f"conditions in a circle: {' needs '.join(reversed(circle))}"
            yield Fault(circle[1], circle[0], message, "take one of them away")


def deepest(domain: Domain) -> int:
    """Return the largest number of hidden layers in a domain of whole numbers."""
    levels = (domain.level(index) for index in range(domain.levels or 0))
    return max((level for level in levels if isinstance(level, int)), default=0)


def _faults_with_parent(name: str, parent: str, values: tuple[Value, ...], entries: Mapping[str, Entry]) -> Iterator[Fault]:
    advice = "a condition needs another parameter, of choices or of whole numbers"
    if parent == name:
        yield Fault(name, parent, f"`{name}` cannot be a condition of itself", advice)
    elif parent not in entries:
        yield Fault(name, parent, f"`{parent}` is not a parameter of the space", advice)
    elif entries[parent].layers:
        yield Fault(name, parent, f"`{parent}` has a value for each layer, so it cannot be a condition", advice)
    elif entries[parent].domain.levels is None:
        yield Fault(name, parent, f"`{parent}` is drawn from a continuous range, so no value of it comes twice", advice)
    elif not values:
        yield Fault(name, parent, f"no value of `{parent}` is given", "write one value, or a list of them")
    else:
        for index, value in enumerate(values):
            if not entries[parent].domain.admits(value):
                possible = f"it is in {entries[parent].domain.describe()}"
                yield Fault(name, parent, f"`{parent}` is never {value!r} here", possible, index)


def _parents(entries: Mapping[str, Entry]) -> dict[str, tuple[str, ...]]:
    """Return for each entry the entries that must be decided before it."""
    return {
        name: (*entry.when, DEPTH) if entry.layers and DEPTH in entries.keys() - entry.when.keys() else tuple(entry.when)
        for name, entry in entries.items()
    }


def _expanded(entries: Mapping[str, Entry]) -> Iterator[Parameter]:
    parents = _parents(entries)
    for name, entry in entries.items():
        if not entry.layers:
            yield Parameter(name, entry.domain, entry.when, parents=parents[name])
        for layer in range(1, entry.layers + 1):
            yield Parameter(f"{name}_{layer}", entry.domain, entry.when, layer, parents[name])


def _parents_first(parameters: Sequence[Parameter]) -> Iterator[Parameter]:
    """Yield parameters in their order, but each as soon as all its parents have come, and none before."""
    missing = {parameter.name: len(parameter.parents) for parameter in parameters}
    children = children_of(parameters)
    waiting = [parameter for parameter in reversed(parameters) if not parameter.parents]
    while waiting:
        yield (parameter := waiting.pop())
        for child in reversed(children[parameter.name]):
            missing[child.name] -= 1
            if not missing[child.name]:
                waiting.append(child)


def children_of(parameters: Sequence[Parameter]) -> dict[str, list[Parameter]]:
    """Return for each parameter, by name, those that depend on it."""
    children: dict[str, list[Parameter]] = {parameter.name: [] for parameter in parameters}
    for parameter in parameters:
        for parent in parameter.parents:
            children[parent].append(parameter)
    return children


def _shortest(values: tuple[Value, ...]) -> Value | list[Value]:
    """Return a single value as itself, unless it is a list: that would read as several values."""
    return values[0] if len(values) == 1 and not isinstance(values[0], list) else list(values)
