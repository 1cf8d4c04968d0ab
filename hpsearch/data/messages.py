"""How names and values that came from a file appear in messages: escaped, shortened, and as YAML that mends a spec.

A file may hold control characters, which a terminal would obey. Nothing from a file reaches a message but through here.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from hpsearch.prose import first_of, nearest

_LONGEST = 60
_PLAIN_YAML = re.compile(r"(?:\.{0,2}/|[0-9]+-)?[A-Za-z_][A-Za-z0-9_./-]*")
_YAML_WORDS = frozenset({"true", "false", "null"})
"""Texts that need no quotes in a spec, which is YAML 1.2, and those that look so and mean something else."""
_NUMBERED_NAME = re.compile(r"(?P<stem>.+)\[(?P<number>[0-9]{1,9})\]")


def escaped(text: str) -> str:
    r"""Return a text with everything that is not printable written as `\x1b`, `\n`, `\u202e` and the like."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def shown(value: str) -> str:
    """Return a value in quotes, escaped, and cut when it is long."""
    return f"'{_cut(value)}'"


def named(name: str) -> str:
    """Return a name of a column in backticks, escaped, and cut when it is long."""
    return f"`{_cut(name)}`"


def _cut(text: str) -> str:
    return escaped(text) if len(text) <= _LONGEST else escaped(text[:_LONGEST]) + "..."


def listed(names: Iterable[str]) -> str:
    """Return names in one line: `x[0]`, `x[1]`, ... as one entry, and at most 20 entries."""
    runs = itertools.groupby(enumerate(names), _run)
    entries = [_entry([name for _, name in run]) for _, run in runs]
    return first_of(entries)


def _run(place: tuple[int, str]) -> tuple[str, int | None]:
    """Return what the names of one run share: the stem, and how far their numbers are ahead of their positions."""
    position, name = place
    match = _NUMBERED_NAME.fullmatch(name)
    return (match["stem"], int(match["number"]) - position) if match else (name, None)


def _entry(run: Sequence[str]) -> str:
    return named(run[0]) if len(run) == 1 else named(f"{run[0][:-1]}..{run[-1].rpartition('[')[2]}")


def unknown(name: str, names: Iterable[str]) -> str:
    """Return the hint for a name that is not there: the nearest one, and those there are."""
    there = list(names)
    near = nearest(name, there)
    question = f"did you mean {named(near)}? " if near else ""
    return f"{question}there are: {listed(there)}"


def yaml_text(text: str) -> str:
    """Return a text as it is written in YAML, in double quotes where a plain word would be read as something else."""
    if _PLAIN_YAML.fullmatch(text) and text.lower() not in _YAML_WORDS:
        return text
    quoted = escaped(text.replace("\\", "\\\\").replace('"', '\\"'))
    return f'"{quoted}"'
