"""What a function is called with, and what is made of what it gives."""

from __future__ import annotations

import inspect
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from numbers import Real
from reprlib import repr as shown
from typing import Any

from hpsearch.errors import Mistake
from hpsearch.objectives.loading import Function
from hpsearch.prose import both, first_of, nearest

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


def misfits(function: Function, names: Collection[str], called: str) -> Iterator[Mistake]:
    """Yield why a function cannot be called with these names, and a seed if it takes one, at the names in `space`."""
    parameters = _parameters(function)
    if parameters is None:
        return
    by_name = {p.name: p.default for p in parameters.values() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    unknown = [] if takes_any else [name for name in names if name not in by_name]
    free = [name for name in by_name if name not in names]
    for name in unknown:
        near = nearest(name, free)
        known = f"its arguments are {first_of(by_name)}" if by_name else "it has no arguments that are passed by name"
        hint = f"did you mean {near}?" if near else known
        yield Mistake(("space", name), f"{called}() takes no `{name}`", hint, of_key=True)
    missing = [name for name in free if by_name[name] is inspect.Parameter.empty and name != SEED]
    if missing:
        hint = f"search {'it' if len(missing) == 1 else 'them'} too, or give a default in the function"
        yield Mistake(("space",), f"{called}() needs {both(f'`{name}`' for name in missing)}", hint, of_key=True)


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
