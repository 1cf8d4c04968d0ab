"""Whether a function can be sent to worker processes, and if not, what of it is in the way.

It is tried with the very pickler that sends the tasks, before anything is started. Which part is at fault is found by trying
the parts, and the parts of the part that fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import chain
from types import CellType, CodeType, FunctionType, MethodType
from typing import Any

from hpsearch.errors import UsageError


def check_sendable(function: Callable[..., Any]) -> None:
    """Raise UsageError, with the part that is in the way, if a function cannot be sent to another process."""
    fault = _fault(function)
    if fault is None:
        return
    name, part = _culprit(getattr(function, "__name__", "self"), function)
    what = "" if part is function else f" because of `{name}`, of the type {_type_name(part)}"
    raise UsageError(
        f"the function cannot be sent to worker processes{what}: {fault}\n"
        "      with `jobs=1` it stays in this process; a function of a module is not sent, as every worker imports it"
    ) from fault


class _Nowhere:
    """A file that keeps nothing."""

    def write(self, content: bytes | memoryview) -> int:
        return len(content)


def _fault(value: object) -> Exception | None:
    """Return why a value cannot be sent; None if it can."""
    from joblib.externals.loky.backend import reduction  # late: one job needs no joblib

    try:
        reduction.dump(value, _Nowhere())
    except Exception as error:
        return error
    return None


def _culprit(name: str, value: object, within: tuple[object, ...] = ()) -> tuple[str, object]:
    """Return the innermost part of a value that cannot be sent, and what it is called; `within` are the value's holders."""
    for inner, part in _parts(name, value):
        if part is not value and not any(part is holder for holder in within) and _fault(part):
            return _culprit(inner, part, (*within, value))
    return name, value


def _parts(name: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield what travels with a value, each with what it is called."""
    match value:
        case FunctionType():
            yield from _carried(value)
        case MethodType():
            yield "self", value.__self__
        case partial():
            yield name, value.func
            yield from ((f"argument {place}", argument) for place, argument in enumerate(value.args))
            yield from value.keywords.items()
        case Mapping():
            yield from ((f"{name}[{key!r}]", item) for key, item in value.items())
        case list() | tuple() | set() | frozenset():
            yield from ((f"{name}[{place}]", item) for place, item in enumerate(value))
        case type():
            pass
        case _:
            yield from ((f"{name}.{attribute}", item) for attribute, item in getattr(value, "__dict__", {}).items())


def _carried(function: FunctionType) -> Iterator[tuple[str, object]]:
    """Yield the variables of the functions around it, the global ones that it reads, and its defaults."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    yield from ((name, cell.cell_contents) for name, cell in cells if cell != CellType())
    names = dict.fromkeys(_names(function.__code__))
    yield from ((name, function.__globals__[name]) for name in names if name in function.__globals__)
    values = chain(function.__defaults__ or (), (function.__kwdefaults__ or {}).values())
    yield from (("a default", value) for value in values)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _type_name(value: object) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
