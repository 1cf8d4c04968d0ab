"""`--set a.b=value`: one value of a spec set from the command line.

The value is YAML and follows the rules of the file. Its place is in the argument itself, so that a mistake in it is
shown there; whether the key exists is judged with the rest of the spec.
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Any

from hpsearch.errors import SpecError
from hpsearch.spec.document import MAX_KEY, Document, read
from hpsearch.spec.loader import MAX_DEPTH
from hpsearch.spec.places import Source
from hpsearch.spec.wording import written

FILE = "--set"
"""What stands in the place of a file's name."""

_EXAMPLE = "write for example --set search.trials=10"


def override(document: Document, argument: str) -> Document:
    """Return the document with one value set or replaced; SpecError if the argument is not `a.b=value`."""
    dotted, equals, value = argument.partition("=")
    source = Source.of(argument, FILE)
    if not equals:
        raise SpecError([source.place(0, 0).problem("there is no `=`, and so no value", _EXAMPLE)])
    path = tuple(dotted.split("."))
    for depth, key in enumerate(path):
        if not key or key != key.strip():
            place = source.at_character(_column(path, depth))
            raise SpecError([place.problem("a key before the `=` is empty or has spaces", _EXAMPLE)])
    if max(map(len, path)) > MAX_KEY:
        raise SpecError([source.place(0, 0).problem(f"a key has more than {MAX_KEY} letters", _EXAMPLE)])
    if len(path) > MAX_DEPTH:
        raise SpecError([source.place(0, 0).problem(f"nested deeper than {MAX_DEPTH} levels", _EXAMPLE)])
    # Spaces stand in for the keys, so that the columns are those of the argument.
    given = read(replace(source, text=" " * (len(dotted) + 1) + value))
    return _grafted(document, path, given, source)


def _grafted(document: Document, path: tuple[str, ...], given: Document, source: Source) -> Document:
    """Return the document with the given value where a path leads."""
    plain = _set(document.plain, path, 0, given.plain, source)
    keys = {at: place for at, place in document.keys.items() if at[: len(path)] != path}
    values = {at: place for at, place in document.values.items() if at[: len(path)] != path}
    values[path] = source.at_character(len(source.text))
    for depth in range(len(path)):
        keys.setdefault(path[: depth + 1], source.at_character(_column(path, depth)))
        values.setdefault(path[: depth + 1], source.at_character(_column(path, depth)))
    keys |= {(*path, *inner): place for inner, place in given.keys.items()}
    values |= {(*path, *inner): place for inner, place in given.values.items()}
    return Document(plain, keys, values, [*document.problems, *given.problems])


def _set(plain: Any, path: tuple[str, ...], depth: int, value: Any, source: Source) -> Any:
    """Return a copy of plain data with a value set; a section without content counts as an empty mapping."""
    if depth == len(path):
        return value
    mapping = {} if plain is None else plain
    if not isinstance(mapping, dict):
        dotted = ".".join(path[:depth])
        message = f"`{dotted}` is no mapping in the spec, so it has no key `{path[depth]}`"
        hint = f"set it as a whole: --set {shlex.quote(f'{dotted}={written(_meant(mapping, path[depth:], value))}')}"
        raise SpecError([source.at_character(_column(path, depth)).problem(message, hint)])
    return {**mapping, path[depth]: _set(mapping.get(path[depth]), path, depth + 1, value, source)}


def _meant(plain: Any, path: tuple[str, ...], value: Any) -> Any:
    """Return what a value would be with one set in it: an item of a list by its number, or a mapping in its place."""
    if isinstance(plain, list) and len(path) == 1 and path[0].isdecimal() and int(path[0]) < len(plain):
        return [value if index == int(path[0]) else item for index, item in enumerate(plain)]
    for key in reversed(path):
        value = {key: value}
    return value


def _column(path: tuple[str, ...], depth: int) -> int:
    """Return where a key begins in the dotted path."""
    return sum(len(key) + 1 for key in path[:depth])
