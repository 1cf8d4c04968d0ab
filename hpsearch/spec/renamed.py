"""Sections under another name, and keys with dots: told, and read where they belong, so that they hide no mistakes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hpsearch.options import options_of
from hpsearch.prose import nearest
from hpsearch.spec.declared import SEARCHABLE, SECTIONS, Heading, homes_of
from hpsearch.spec.document import Document, KeyPath
from hpsearch.spec.elsewhere import names_of
from hpsearch.spec.wording import written


def with_sections(document: Document) -> Document:
    """Return the document with each mapping at the top that is a section by another name under the section's own."""
    sections = [name for name in (*SECTIONS, "space") if () in homes_of(name, document.plain)]
    for key, value in document.plain.items():
        if key in (*options_of(Heading), *sections):
            continue
        home, *below = key.split(".")
        if below and home in sections and all(below):
            document = _moved(document, key, (home, *below), _undotted(document, (home, *below), value))
        elif isinstance(value, dict) and (section := _section_meant(key, value, sections)):
            begin = "it is called" if section in names_of(key) else "did you mean"
            hint = f"{begin} `{section}`{' here:' if begin == 'it is called' else '?'} write `{section}:` in its place"
            document = _moved(document, key, (section,), hint)
    return document


def _section_meant(key: str, value: dict[str, Any], sections: list[str]) -> str | None:
    """Return the section that a mapping is: by its name, or by what is searched in it."""
    named = next((name for name in names_of(key) if name in sections), None)
    near = nearest(key, [*options_of(Heading), *sections])
    is_space = any(name in SEARCHABLE and isinstance(entry, (list, dict)) for name, entry in value.items())
    return named or (near if near in sections else None) or ("space" if is_space and "space" in sections else None)


def _undotted(document: Document, path: KeyPath, value: Any) -> str:
    """Return a hint: the line to write for a key with dots."""
    home, name, *below = map(str, path)
    for key in reversed(below):
        value = {key: value}
    if home in document.plain:
        return f"a dot leads into no section: write `{name}: {written(value)}` under `{home}`"
    return f"a dot leads into no section: write `{home}: {written({name: value})}`"


def _moved(document: Document, key: str, target: KeyPath, hint: str) -> Document:
    """Return the document with the value of a key at the top elsewhere, and the key noted; as it is if that is taken."""
    plain = {name: value for name, value in document.plain.items() if name != key}
    inner = plain
    for outer in target[:-1]:
        inner[outer] = dict(inner.get(outer) or {}) if isinstance(inner.get(outer, {}), dict) else None
        inner = inner[outer]
        if inner is None:
            return document
    if target[-1] in inner:
        return document
    inner[target[-1]] = document.plain[key]
    places = []
    for known in (document.keys, document.values):
        moved = {(*target, *path[1:]) if path[:1] == (key,) else path: place for path, place in known.items()}
        places.append({target[:depth]: document.key_place((key,)) for depth in range(1, len(target))} | moved)
    problem = document.key_place((key,)).problem(f"unknown key `{key}`", hint)
    return replace(document, plain=plain, keys=places[0], values=places[1], problems=[*document.problems, problem])
