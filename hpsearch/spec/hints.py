"""Hints that give the line to write, and what to do about a key that means nothing where it stands.

A line is given with the value that came, so that it can be pasted; one for the command line where the mistake is there.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection
from types import NoneType
from typing import Any

from hpsearch.spec.declared import SEARCHABLE, homes_of
from hpsearch.spec.document import KeyPath
from hpsearch.spec.elsewhere import entry_of, names_of, reason_against, value_of
from hpsearch.spec.faults import Faults
from hpsearch.spec.overrides import FILE as OVERRIDE
from hpsearch.spec.wording import meant, nearest, written

_WIDEST_VALUE = 100
"""Characters of a value that is written out."""


def to_write(at: KeyPath, target: KeyPath, value: Any, faults: Faults) -> str:
    """Return the hint to write a value at `target` instead of what stands at `at`."""
    if is_set(at, faults):
        while isinstance(value, dict) and len(value) == 1:
            ((key, value),) = value.items()
            target = (*target, key)
        dotted = ".".join(map(str, target))
        return f"write --set {shlex.quote(f'{dotted}={_shortened(value)}')}"
    return f"write `{target[-1]}: {_shortened(value)}`{_under(at, target)}"


def _shortened(value: Any) -> str:
    text = written(value)
    return text if len(text) <= _WIDEST_VALUE else "..."


def is_set(path: KeyPath, faults: Faults) -> bool:
    """Whether a key is one of those before the `=` of a `--set`."""
    place = faults.document.key_place(path)
    return place.file == OVERRIDE and len(path) <= len(place.excerpt.partition("=")[0].split("."))


def _under(at: KeyPath, target: KeyPath) -> str:
    """Return where a line belongs, if that is another place than the one blamed."""
    if target[:-1] == at[:-1] or target == at[: len(target)]:
        return ""
    return f" under `{'.'.join(map(str, target[:-1]))}`" if target[1:] else " at the top of the spec"


def note_unknown(path: KeyPath, known: Collection[str], faults: Faults, *, is_movable: bool = True) -> None:
    """Note that a key means nothing where it stands; `known` are those that would.

    A name of a parameter that is only mentioned is not movable: it has no other place.
    """
    outer = next((key for key in reversed(path[:-1]) if isinstance(key, str)), "")
    inside = f" in `{outer}`" if outer else ""
    faults.at_key(path, f"unknown key `{path[-1]}`{inside}", _advice(path, known, faults, is_movable))


def _advice(path: KeyPath, known: Collection[str], faults: Faults, is_movable: bool) -> str:
    """Return a hint: the key as it is called here or where it belongs, with its value, or the nearest known one."""
    name = str(path[-1])
    if name not in known and f"{name}s" in known:
        return meant(name, known)
    called = names_of(name)
    if here := next((key for key in called if key in known), None):
        return _renamed(path, (*path[:-1], here), faults)
    if not is_movable:
        return meant(name, known)
    if reason := reason_against(name):
        return reason
    if target := _target(name, path, faults):
        return _line(path, target, faults)
    if targets := [target for key in called if (target := _target(key, path, faults))]:
        return _renamed(path, targets[0], faults)
    near = None if nearest(name, known) or len(path) > 2 else nearest(name, SEARCHABLE)
    if near is not None and (target := _target(near, path, faults)):
        return f"did you mean `{near}`? {_line(path, target, faults)}"
    return meant(name, known)


def _target(name: str, path: KeyPath, faults: Faults) -> KeyPath | None:
    """Return where a key belongs by its value: what has several of them in `space`; None if nowhere."""
    value = faults.plain(path)
    if name in SEARCHABLE and path[0] != "space" and (isinstance(value, dict) or type(value) is list):
        home: KeyPath | None = ("space",)
    else:
        home = next((home for home in homes_of(name, faults) if home != path[:-1]), None)
    return None if home is None else (*home, name)


def _renamed(path: KeyPath, target: KeyPath, faults: Faults) -> str:
    """Return a hint for a key that has another name here, and perhaps another place."""
    meanings = [name for name in names_of(str(path[-1])) if name in SEARCHABLE]
    also = f" (or `{meanings[1]}`)" if meanings[1:] and target[-1] == meanings[0] else ""
    return f"it is called `{target[-1]}` here{also}: {_line(path, target, faults)}"


def _line(path: KeyPath, target: KeyPath, faults: Faults) -> str:
    """Return the line to write for the value at a path, in the words used here; the place alone where that is enough."""
    value = faults.plain(path)
    is_entry = len(target) == 2 and target[0] == "space"
    known = entry_of(value) if is_entry else value_of(str(target[-1]), value)
    value = value if known is None else known
    if is_entry and not isinstance(value, (dict, list, NoneType)):
        target = ("network", *target[1:])
    others = [(section, target[-1]) for section in ("network", "space") if target[:-1] in (("network",), ("space",))]
    if given := next((other for other in (target, *others) if faults.plain(other) is not None), None):
        return f"`{'.'.join(map(str, given))}` is given too, so take one of them away"
    if value is not None and not (isinstance(value, dict) and len(target) == 1):
        return to_write(path, target, value, faults)
    home = target[:-1]
    if home == path[:-1]:
        return f"write `{target[-1]}:` in its place"
    return f"it belongs under `{'.'.join(map(str, home))}`" if home else "it belongs at the top of the spec"
