"""Function calls in a text, as other tools write a range: `loguniform(1e-4, 1)`, `suggest_int("x", 1, 3, log=True)`.

They are read by Python's own grammar, and nothing is ever evaluated. `1e-4..1` and `1 to 9` count as `1e-4, 1` and `1, 9`.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_LONGEST = 300
_FROM_TO = re.compile(r"\s*(?:\.\.|\bto\b)\s*")


@dataclass(frozen=True)
class Call:
    """A function's name without its module, and what is passed to it; words without quotes are texts."""

    name: str
    arguments: Sequence[Any]
    keywords: Mapping[str, Any]


def expression_in(text: str) -> Any:
    """Return the Call or the list that a text is, a tuple for one in round brackets or in none; None for all else."""
    if len(text) > _LONGEST:
        return None
    try:
        with warnings.catch_warnings():  # Python warns of backslashes and of `1or 2`
            warnings.simplefilter("ignore")
            read = _read(ast.parse(_FROM_TO.sub(", ", text.strip()), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return read if isinstance(read, (Call, list, tuple)) else None


def _read(node: ast.expr) -> Any:
    """Return what a node says; ValueError if it is more than names, values, lists and calls."""
    match node:
        case ast.Constant(value=bool() | int() | float() | str() | None):
            return node.value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.List(elts=items):
            return [_read(item) for item in items]
        case ast.Tuple(elts=items):
            return tuple(_read(item) for item in items)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=arguments, keywords=keywords):
            named = {str(keyword.arg): _read(keyword.value) for keyword in keywords}
            return Call(name, [_read(argument) for argument in arguments], named)
    raise ValueError("no value")
