"""What a function carries with it, and the hash of all that.

A function that only this program has goes to workers with its code, and with what that uses: the variables round it, its
defaults, the global variables that it names, what these hold in turn. What any process can import is not carried: every
worker imports it.
"""

from __future__ import annotations

import copyreg
import hashlib
import os
import pickle
import random
from collections.abc import Callable, Collection, Iterator
from dis import get_instructions
from functools import partial
from itertools import chain
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from hpsearch.objectives.loading import importable, own_file

DEEPEST = 100
"""Parts of parts: what lies deeper counts by its type, before Python runs out of stack."""

_ATOMS = (type(None), bool, int, float, complex, str, bytes)

_READ = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS")

_PLACES = ("__firstlineno__", "__static_attributes__")
"""What a class knows of where it was written."""

_PASSING = (random.Random, np.random.Generator, np.random.RandomState, type(os.environ))
"""What is another thing in every process, or after every call."""

_HELD = ("__self__", "__func__", "__wrapped__", "fget", "fset", "fdel")
"""Where methods, properties and other wrappers keep what they wrap."""


def function_hash(function: Callable[..., Any]) -> str:
    """Return a SHA-256 of a function without a name, the same in every process: of its code and of all that it carries.

    What can be imported counts by its name, and by the file of its module unless that is installed. Mappings and sets have
    no order. Random generators, the environment, and what cannot be pickled count by their type. A global variable that the
    function itself assigns does not count; a list that it fills does.
    """
    return _Hashes().of(function).hex()


def carried(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Yield the parts of a value that travel with it, each with what it is called; `name` is what the value is called."""
    match value:
        case FunctionType():
            yield from _of_function(value)
        case CodeType():
            yield name, (value.co_code, value.co_exceptiontable, value.co_names, value.co_varnames, value.co_consts)
        case MethodType():
            yield from (("self", value.__self__), (name, value.__func__))
        case partial():
            yield name, value.func
            yield from ((f"argument {place}", argument) for place, argument in enumerate(value.args))
            yield from value.keywords.items()
        case dict():
            yield from ((f"{name}[{key!r}]", item) for key, item in value.items())
        case list() | tuple():
            yield from ((f"{name}[{place}]", item) for place, item in enumerate(value))
        case set() | frozenset():
            yield from ((f"an item of {name}", item) for item in value)
        case type():
            own = (entry for entry in vars(value).items() if entry[0] not in _PLACES)
            yield from ((f"{name}.{attribute}", item) for attribute, item in own)
            yield from ((name, base) for base in value.__bases__)
        case _ if hasattr(type(value), "__dlpack__"):
            yield name, _array(value)
        case _:
            yield from _of_object(value, name)


def _of_function(function: FunctionType) -> Iterator[tuple[str, object]]:
    """Yield the code, the variables of the functions around it, the global ones that it reads, defaults and attributes."""
    yield "its code", function.__code__
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    yield from ((name, cell.cell_contents) for name, cell in cells if cell != CellType())
    names = dict.fromkeys(_names(function.__code__, _READ))
    own = {*_names(function.__code__, ("STORE_GLOBAL",))}  # a counter, or what is made by the first call and kept
    yield from ((name, function.__globals__[name]) for name in names if name in function.__globals__ and name not in own)
    values = chain(function.__defaults__ or (), (function.__kwdefaults__ or {}).values())
    yield from (("a default", value) for value in values)
    yield from ((f"{function.__name__}.{attribute}", value) for attribute, value in vars(function).items())


def _names(code: CodeType, acts: Collection[str]) -> Iterator[str]:
    """Yield the variables for which code has one of these instructions, in its inner functions too."""
    yield from (step.argval for step in get_instructions(code) if step.opname in acts)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant, acts)


def _array(value: Any) -> object:
    """Return what an array of any library holds; nothing of one that this process cannot read."""
    try:
        array = np.asarray(value)
    except Exception:
        return None
    return array.dtype.str, array.shape, array.tolist() if array.dtype.hasobject else array.tobytes()


def _of_object(value: object, name: str) -> Iterator[tuple[str, object]]:
    """Yield what pickling keeps of an object, or what it wraps."""
    try:
        reduce = copyreg.dispatch_table.get(type(value))
        kept = reduce(value) if reduce else value.__reduce_ex__(4)
    except Exception:  # it cannot be pickled
        kept = ""
    if isinstance(kept, str):
        yield from ((attribute.strip("_"), getattr(value, attribute)) for attribute in _HELD if hasattr(value, attribute))
        return
    for part in kept:
        if isinstance(part, dict):
            yield from ((f"{name}.{attribute}", item) for attribute, item in part.items())
        elif isinstance(part, Iterator):  # the items of a kind of list or mapping
            yield from ((name, item) for item in part)
        else:
            yield name, part


class _Hashes:
    """The hashes of values, each found once, however many share it."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, bytes]] = {}  # with the value: no other may get its number

    def of(self, value: object, depth: int = 0) -> bytes:
        """Return the hash of a value and all that it carries; `depth` counts what it is a part of."""
        if type(value) in _ATOMS:
            return _sha256(pickle.dumps(value))
        if type(value) is tuple:  # most are made on the way, and hold what is large
            return self._found(value, depth)
        if id(value) not in self._known:
            self._known[id(value)] = value, b"itself"  # for what holds itself
            self._known[id(value)] = value, self._found(value, depth)
        return self._known[id(value)][1]

    def _found(self, value: object, depth: int) -> bytes:
        module = value if isinstance(value, ModuleType) else importable(value)
        if module is not None:
            return _sha256(f"{module.__name__}:{getattr(value, '__qualname__', '')}".encode(), _content(module))
        of = partial(self.of, depth=depth + 1)
        kind = of(type(value))
        if depth == DEEPEST or isinstance(value, _PASSING):
            return kind
        match value:
            case dict():
                return _sha256(kind, *sorted(of(key) + of(item) for key, item in value.items()))
            case set() | frozenset():
                return _sha256(kind, *sorted(map(of, value)))
        return _sha256(kind, *(_sha256(name.encode(), of(part)) for name, part in carried(value)))


def _sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def _content(module: ModuleType) -> bytes:
    """Return what stands in the file of a module that is not installed."""
    file = own_file(module)
    return file.read_bytes() if file and file.is_file() else b""
