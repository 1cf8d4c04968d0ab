"""What a plain scalar of YAML means: the core schema of YAML 1.2 (its section 10.3.2), on PyYAML's scanner.

PyYAML follows YAML 1.1, where `1e-4` is a text, `no` is false, `010` is 8 and `1:30` is 90; editors and people read 1.2.
The loader here resolves scalars by 1.2 and limits the depth of nesting; the dumper quotes every text that a reader of
either version would take for something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

MAX_DEPTH = 20
"""Levels of nesting; a spec needs five."""

MAX_VALUES = 10_000
"""Keys and values of a text, with all its aliases written out."""

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


class Loader(yaml.SafeLoader):
    """Composes nodes whose tags follow the core schema, no deeper than MAX_DEPTH and no more than MAX_VALUES."""

    depth = 0
    count = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose one node; a YAMLError at the place where the nesting gets too deep, or the values too many."""
        if self.depth > MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH} levels"
            raise yaml.composer.ComposerError(None, None, message, self.current_event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        self.count += 1
        if self.count > MAX_VALUES and node is not None:
            message = f"there are more than {MAX_VALUES:,} keys and values"
            raise yaml.composer.ComposerError(None, None, message, node.start_mark)
        return node


class Representer(yaml.representer.SafeRepresenter):
    """Turns plain data into nodes without anchors: a value that occurs twice is written out twice."""

    def ignore_aliases(self, _data: Any) -> bool:
        """Whatever the data, say that it did not occur before."""
        return True


class Dumper(yaml.SafeDumper):
    """Writes texts in quotes wherever YAML 1.1 or 1.2 would read them as something else."""


Loader.yaml_implicit_resolvers = {}
Loader.add_implicit_resolver(MERGE, re.compile(r"<<\Z"), ["<"])
for _kind in KINDS:
    Loader.add_implicit_resolver(_kind.tag, _kind.pattern, list(_kind.first))
    Dumper.add_implicit_resolver(_kind.tag, _kind.pattern, list(_kind.first))
