"""Whether a function can be sent to worker processes, and if not, what of it is in the way.

It is tried with the very pickler that sends the tasks, before anything is started. Which part is at fault is found by trying
the parts, and the parts of the part that fails.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

from hpsearch.errors import UsageError
from hpsearch.objectives.carried import carried


def check_sendable(function: Callable[..., Any]) -> None:
    """Raise UsageError, with the part that is in the way, if a function cannot be sent to another process."""
    fault = _fault(function)
    if fault is None:
        return
    name, part = _culprit(getattr(function, "__name__", "self"), function)
    what = "" if part is function else f" because of `{name}`, of the type {_type_name(part)}"
    raise UsageError(
        f"the function cannot be sent to worker processes{what}: {fault}",
        "with `jobs=1` it stays in this process; a function of a module is not sent, as every worker imports it",
    ) from fault


class _Nowhere:
    """A file that keeps nothing."""

    def write(self, content: bytes | pickle.PickleBuffer) -> int:
        return memoryview(content).nbytes


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
    for inner, part in carried(value, name):
        if part is not value and not any(part is holder for holder in within) and _fault(part):
            return _culprit(inner, part, (*within, value))
    return name, value


def _type_name(value: object) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
