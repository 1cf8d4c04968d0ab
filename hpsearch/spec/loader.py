"""PyYAML's loader with the scalars of YAML 1.2, limits, and an eye for slips; it remembers where the last text stands."""

from __future__ import annotations

import re

import yaml

from hpsearch.spec.core_schema import KINDS, MERGE
from hpsearch.spec.slips import slip_in

MAX_DEPTH = 20
"""Levels of nesting; a spec needs five."""

MAX_VALUES = 10_000
"""Keys and values of a text, with all its aliases written out."""


class Refused(Exception):
    """What is YAML, and is not taken: from which character on, why, and what to do instead."""

    def __init__(self, index: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.index = index
        self.hint = hint


class Loader(yaml.SafeLoader):
    """Composes nodes whose tags follow the core schema, no deeper than MAX_DEPTH and no more than MAX_VALUES.

    `text` is the last text that was scanned, `quoted` the last in quotes that goes over several lines.
    """

    depth = 0
    count = 0
    text: yaml.ScalarToken | None = None
    quoted: yaml.ScalarToken | None = None

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose one node; raises Refused where the nesting gets too deep, or the values too many."""
        if self.depth > MAX_DEPTH:
            raise Refused(self.current_event.start_mark.index, f"nested deeper than {MAX_DEPTH} levels")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        self.count += 1
        if self.count > MAX_VALUES and node is not None:
            raise Refused(node.start_mark.index, f"there are more than {MAX_VALUES:,} keys and values")
        return node

    def scan_plain(self) -> yaml.ScalarToken:
        """Scan a text without quotes; raises Refused where it holds a slip."""
        token: yaml.ScalarToken = super().scan_plain()
        start, end = token.start_mark, token.end_mark
        before = self.buffer[start.index - start.column : start.index]
        # What `--set` gives stands on the first line after spaces, and is no key.
        key = not self.flow_level and not before.strip() and (start.line > 0 or start.column == 0)
        slip = slip_in(self.buffer[start.index : end.index], key=key)
        if slip is not None:
            raise Refused(start.index + slip.at, slip.message, slip.hint)
        self.text = token
        return token

    def scan_flow_scalar(self, style: str) -> yaml.ScalarToken:
        """Scan a text in quotes."""
        token: yaml.ScalarToken = super().scan_flow_scalar(style)
        self.text = token
        if token.start_mark.line < token.end_mark.line:
            self.quoted = token
        return token


Loader.yaml_implicit_resolvers = {}
Loader.add_implicit_resolver(MERGE, re.compile(r"<<\Z"), ["<"])
for _kind in KINDS:
    Loader.add_implicit_resolver(_kind.tag, _kind.pattern, list(_kind.first))
