"""The options of a Python objective, each declared once. No NumPy here: the command line reads this file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from hpsearch.options import Option

MAIN = "__main__"
"""The module of a function that only the program has that defines it."""


@dataclass(frozen=True)
class PythonSettings:
    """Which function is searched, and what it gives.

    `path` is absolute or relative to the working directory: the loader of the spec has resolved it.
    """

    python: Annotated[
        str, Option("the function: `package.module:function`, called with the parameters by name", searchable=False)
    ]
    epochs: Annotated[
        int,
        Option(
            "values that it yields, if it is a generator: one per epoch", at_least=1, at_most=1_000_000, searchable=False
        ),
    ] = 1
    metrics: Annotated[
        tuple[str, ...] | None,
        Option("the numbers to record where it gives a dict, the metric among them; `value` unless given", searchable=False),
    ] = None
    path: Annotated[
        str | None,
        Option("the directory that is searched first for its module; the spec's own unless given", searchable=False),
    ] = None
