"""How an option is declared: once, as an annotated field of a frozen dataclass in the part that uses it.

    learning_rate: Annotated[float, Option("alpha", above=0.0, scale="log")] = 0.01

`Option` says what values are allowed and what the option is. The loader of specs hands such dataclasses to pydantic,
which asks each `Option` for its constraints through pydantic's own protocol; so the parts that declare options, and the
workers that use them, import no pydantic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, get_type_hints

ScaleName = Literal["linear", "log", "1-beta"]


@dataclass(frozen=True)
class Option:
    """What an option means and which values it takes.

    `above` and `below` are open bounds, `at_least` and `at_most` closed ones. `searchable` says that the option may stand
    in `space`; `scale` is then the scale it is drawn on unless the spec names one; `per_layer` that each hidden layer may
    have its own. `used_with` maps other options to the values under which this one has an effect; all must agree.
    """

    description: str
    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None
    searchable: bool = True
    scale: ScaleName = "linear"
    per_layer: bool = False
    used_with: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    def admits(self, value: float) -> bool:
        """Whether a number lies within the bounds."""
        return not (
            (self.above is not None and value <= self.above)
            or (self.at_least is not None and value < self.at_least)
            or (self.below is not None and value >= self.below)
            or (self.at_most is not None and value > self.at_most)
        )

    @property
    def explained(self) -> str:
        """What the option means, and what it is used with."""
        uses = "; ".join(f"`{other}`: {', '.join(values)}" for other, values in self.used_with.items())
        return f"{self.description} ({uses})" if uses else self.description

    @property
    def allowed(self) -> str:
        """The bounds in words: `above 0`, `at least 0 and below 1`, `from 1 to 50`; empty when there are none."""
        if self.at_least is not None and self.at_most is not None:
            return f"from {_written(self.at_least)} to {_written(self.at_most)}"
        bounds = (("above", self.above), ("at least", self.at_least), ("below", self.below), ("at most", self.at_most))
        return " and ".join(f"{word} {_written(bound)}" for word, bound in bounds if bound is not None)

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """Add the bounds to pydantic's schema of the field (pydantic's protocol for annotations)."""
        schema = handler(source)
        _constrain(schema, {"gt": self.above, "ge": self.at_least, "lt": self.below, "le": self.at_most})
        return schema

    def __get_pydantic_json_schema__(self, schema: Any, handler: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """Add the explanation to the JSON Schema of the field (pydantic's protocol for annotations)."""
        return {**handler(schema), "description": self.explained}


def _written(bound: float) -> str:
    """Return a bound for people: `1e-30`, `1,000,000`."""
    return f"{bound:,}" if isinstance(bound, int) else f"{bound:g}"


def _constrain(schema: dict[str, Any], bounds: Mapping[str, float | None]) -> None:
    """Put the bounds on every number within a schema: a union's branches, a list's items, a mapping's values."""
    if schema["type"] in ("float", "int"):
        schema.update({name: bound for name, bound in bounds.items() if bound is not None})
    elif schema["type"] == "union":
        for choice in schema["choices"]:
            _constrain(choice[0] if isinstance(choice, tuple) else choice, bounds)
    elif schema["type"] == "list":
        _constrain(schema["items_schema"], bounds)
    elif schema["type"] == "dict":
        _constrain(schema["values_schema"], bounds)
    elif schema["type"] == "nullable":
        _constrain(schema["schema"], bounds)


@cache
def options_of(declaration: type) -> Mapping[str, Option]:
    """Return the options that a dataclass declares, by name, in order."""
    hints = get_type_hints(declaration, include_extras=True)
    declared = {}
    for declared_field in fields(declaration):
        for mark in getattr(hints[declared_field.name], "__metadata__", ()):
            if isinstance(mark, Option):
                declared[declared_field.name] = mark
    return MappingProxyType(declared)


@cache
def kinds_of(declaration: type) -> Mapping[str, Any]:
    """Return the types of a dataclass's fields by name, without what is marked on them."""
    return MappingProxyType(get_type_hints(declaration))


def defaults_of(declaration: type) -> dict[str, Any]:
    """Return the defaults of a dataclass's fields by name, MISSING where there is none."""
    return {it.name: it.default if it.default_factory is MISSING else it.default_factory() for it in fields(declaration)}
