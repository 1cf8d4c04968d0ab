"""Hints that give the line to write, and what to do about a key that means nothing where it stands.

A line is given with the value that came, so that it can be pasted; one for the command line where the mistake is there.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import Any

from hpsearch.network.settings import NetworkSettings
from hpsearch.options import kinds_of, options_of
from hpsearch.prose import nearest
from hpsearch.spec.declared import SEARCHABLE, SECTIONS, Declared, Heading, homes_of
from hpsearch.spec.document import KeyPath
from hpsearch.spec.elsewhere import names_of, reason_against
from hpsearch.spec.faults import Faults
from hpsearch.spec.overrides import FILE as OVERRIDE
from hpsearch.spec.values import as_entry, understood
from hpsearch.spec.wording import declaration_of, meant, written

TAKE_DASHES_AWAY = "take the dashes away, so that the keys stand one below the other"

_WIDEST_VALUE = 100
"""Characters of a value that is written out."""


_CLOSE = 0.85
"""How alike a key and one of another section are, from 0 to 1, when the one is taken for the other."""

_ANYWHERE = list(dict.fromkeys(name for declared in (*SECTIONS.values(), Heading) for name in options_of(declared)))


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
    return f" {place_of(target[:-1])}"


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
    called = names_of(name)
    if f"{name}s" in known and not called:
        return meant(name, known)
    if not is_movable:
        here = next((key for key in called if key in known), None)
        line = to_write(path, (*path[:-1], here), faults.plain(path), faults) if here else ""
        return f"it is called `{here}` here: {line}" if here else _nearest_of(name, known)
    if reason := reason_against(name):
        return reason
    if targets := _targets((name, *called), path, known, faults):
        return _moved(path, targets, faults)
    if nearest(name, known) is None and len(path) <= 2:
        for near in get_close_matches(name.lower(), _ANYWHERE, n=3, cutoff=_CLOSE):
            if targets := _targets((near,), path, known, faults):
                return f"did you mean `{near}`? {_line(path, targets[0], None, faults)}"
    return _nearest_of(name, known)


def _nearest_of(name: str, known: Collection[str]) -> str:
    return meant(name, known) if known else "take it away: no other parameter is searched"


def _targets(names: Collection[str], path: KeyPath, known: Collection[str], faults: Faults) -> list[KeyPath]:
    """Return where keys of these names may stand: those first that stand where the path does, then those of its section.

    What may be searched may stand in `space` too, and that comes first where there are several values.
    """
    is_searched = type(faults.plain(path)) in (list, dict)
    targets: list[KeyPath] = []
    for name in names:
        homes = [*homes_of(name, faults.document.plain)]
        if name in SEARCHABLE and (homes or is_searched):
            homes.insert(0 if is_searched else len(homes), ("space",))
        targets += [(*home, name) for home in homes if home != path[:-1] or name in known]
    return sorted(targets, key=lambda target: (target[:-1] != path[:-1], target[:1] != path[:1]))


def _moved(path: KeyPath, targets: Sequence[KeyPath], faults: Faults) -> str:
    """Return a hint for what belongs at the first of these targets that takes its value, or at the first of all."""
    value = faults.plain(path)
    taken = [(target, meaning) for target in targets if (meaning := taken_at(target, value)) is not None]
    target, meaning = next(iter(taken), (targets[0], None))
    others = {str(other[-1]): None for other, _ in taken if other[-1] in SEARCHABLE and other[-1] != target[-1]}
    also = f" (or `{next(iter(others))}`)" if others and target[-1] in SEARCHABLE else ""
    name = f"it is called `{target[-1]}` here{also}: " if target[-1] != path[-1] else ""
    return name + _line(path, target, meaning, faults)


def taken_at(target: KeyPath, value: Any) -> Any:
    """Return a value in the words used here, if it may stand at a target; else None."""
    *home, name = map(str, target)
    if not home and name in (*SECTIONS, "space"):
        return value if isinstance(value, dict) else None
    if home == ["space"]:
        return as_entry(Declared.by(NetworkSettings, name), value)
    declaration = SECTIONS.get(home[0], Heading) if home else Heading
    for option in home[1:]:
        declaration = declaration_of(kinds_of(declaration)[option]) or declaration
    return understood(Declared.by(declaration, name), value)


def _line(path: KeyPath, target: KeyPath, value: Any, faults: Faults) -> str:
    """Return the line to write for a value at a target; the place alone where that is enough, or there is no value."""
    sections = [("network",), ("space",)]
    others = [(*section, target[-1]) for section in sections if target[:-1] in sections]
    if given := next((other for other in (target, *others) if faults.plain(other) is not None), None):
        return f"`{'.'.join(map(str, given))}` is given too, so take one of them away"
    if value is not None and not (isinstance(value, dict) and len(target) == 1):
        return to_write(path, target, value, faults)
    home = target[:-1]
    if home == path[:-1]:
        return f"write `{target[-1]}:` in its place"
    return f"it belongs {place_of(home)}"


def place_of(home: KeyPath) -> str:
    """Return in words where a mapping of a spec stands, whose keys are `home`."""
    return f"under `{'.'.join(map(str, home))}`" if home else "at the top of the spec"
