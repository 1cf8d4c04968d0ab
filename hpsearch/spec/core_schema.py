"""What a plain scalar of YAML means: the core schema of YAML 1.2 (its section 10.3.2), and how a text is written.

PyYAML follows YAML 1.1, where `1e-4` is a text, `no` is false, `010` is 8 and `1:30` is 90; editors and people read 1.2.
The dumper quotes every text that a reader of either version would take for something else, or for a slip.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from hpsearch.spec.slips import slip_in

MAX_SCALAR = 300
"""Characters of a number."""

STANDARD = "tag:yaml.org,2002:"
"""The prefix of YAML's own tags."""

TEXT = f"{STANDARD}str"
MERGE = f"{STANDARD}merge"


@dataclass(frozen=True)
class Kind:
    """One kind of scalar: its tag, the texts that have it, the characters these begin with, and how they are read."""

    name: str
    pattern: re.Pattern[str]
    first: tuple[str, ...]
    read: Callable[[str], Any]

    @property
    def tag(self) -> str:
        """The full tag."""
        return STANDARD + self.name


def _integer(text: str) -> int:
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


def _number(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


KINDS = (
    Kind("null", re.compile(r"(?:~|null|Null|NULL|)\Z"), ("~", "n", "N", ""), lambda _: None),
    Kind("bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), tuple("tTfF"), lambda text: text[0] in "tT"),
    Kind("int", re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z"), tuple("-+0123456789"), _integer),
    Kind(
        "float",
        re.compile(
            r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
        ),
        tuple("-+.0123456789"),
        _number,
    ),
)
"""The core schema but for texts, in the order of trial."""

TAGS = frozenset({TEXT, MERGE, f"{STANDARD}seq", f"{STANDARD}map", *(kind.tag for kind in KINDS)})
"""The tags that mean something in a spec."""


def read_scalar(tag: str, text: str) -> Any:
    """Return what a scalar with a tag means; ValueError if the text is not of the tag's kind."""
    if tag in (TEXT, MERGE):
        return text
    for kind in KINDS:
        if kind.tag == tag and kind.pattern.match(text) and len(text) <= MAX_SCALAR:
            return kind.read(text)
    raise ValueError(f"{text[:40]!r} cannot be read as {tag.removeprefix(STANDARD)[:40]}")


def plain_number(text: str) -> int | float | None:
    """Return the number that a text would be without quotes; None if it would be something else."""
    for kind in KINDS[2:]:
        if kind.pattern.match(text) and len(text) <= MAX_SCALAR:
            number: int | float = kind.read(text)
            return number
    return None


class Representer(yaml.representer.SafeRepresenter):
    """Turns plain data into nodes without anchors: a value that occurs twice is written out twice."""

    def ignore_aliases(self, _data: Any) -> bool:
        """Whatever the data, say that it did not occur before."""
        return True

    def represent_str(self, data: str) -> yaml.ScalarNode:
        """Return a text's node, in quotes where the text looks like a slip."""
        return self.represent_scalar(TEXT, data, style='"' if slip_in(data) else None)


class Dumper(yaml.SafeDumper):
    """Writes texts in quotes wherever YAML 1.1 or 1.2 would read them as something else."""


Representer.add_representer(str, Representer.represent_str)
for _kind in KINDS:
    Dumper.add_implicit_resolver(_kind.tag, _kind.pattern, list(_kind.first))
