"""What a function is called with, and what is made of what it gives."""

from __future__ import annotations

import inspect
import math
from collections.abc import Collection, Mapping, Sequence
from numbers import Real
from reprlib import repr as shown
from typing import Any

from hpsearch.objectives.loading import Function

SEED = "seed"
"""A function that names this parameter is given a seed, which the space need not hold."""


class NoResult(Exception):
    """The function could not be called, or gave nothing that a trial can be judged by."""


def takes_seed(function: Function) -> bool:
    """Whether a function names a parameter `seed`."""
    return SEED in (_parameters(function) or ())


def is_async(function: Function) -> bool:
    """Whether what a function gives must be awaited, as far as Python can tell."""
    called = (function, getattr(function, "__call__", None))  # noqa: B004  # the method of an object that is called
    return any(inspect.iscoroutinefunction(part) or inspect.isasyncgenfunction(part) for part in called)


def misfit(function: Function, names: Collection[str], called: str) -> str:
    """Return why a function cannot be called with these names, and a seed if it takes one; nothing if it can."""
    parameters = _parameters(function)
    if parameters is None:
        return ""
    kinds = {parameter.kind for parameter in parameters.values()}
    by_name = {p.name: p.default for p in parameters.values() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    required = [name for name, default in by_name.items() if default is inspect.Parameter.empty]
    missing = [name for name in required if name not in names and name != SEED]
    unknown = [name for name in names if name not in by_name]
    if missing:
        return f"{called}() needs {_listed(missing)}"
    if unknown and inspect.Parameter.VAR_KEYWORD not in kinds:
        return f"{called}() takes no {_listed(unknown)}"
    return ""


def numbers(result: object, metric: str, metrics: Sequence[str]) -> dict[str, float]:
    """Return what a function gave for one epoch as numbers by name; NaN for those, the metric apart, that did not come."""
    if not isinstance(result, Mapping):
        value = _number(result)
        if value is None:
            raise NoResult(f"it gave {shown(result)}, neither a number nor a mapping with `{metric}`")
        return {name: value if name == metric else math.nan for name in metrics}
    found = {}
    for name in metrics:
        came = result.get(name)
        number = math.nan if came is None and name != metric else _number(came)
        if number is None:
            what = f"`{name}` as {shown(came)}, which is no number" if name in result else f"a mapping without `{name}`"
            raise NoResult(f"it gave {what}: {shown(dict(result))}")
        found[name] = number
    return found


def _parameters(function: Function) -> Mapping[str, inspect.Parameter] | None:
    """Return the parameters of a function; None where Python cannot tell."""
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return None


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _number(value: Any) -> float | None:
    """Return a number, or an array of one number without axes, as a float; None for anything else."""
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        return float(value)
    except OverflowError:  # a whole number beyond all floats, of either sign: not finite is what matters
        return math.inf
