"""Texts that a comma tears within brackets or braces: `{trials: 1,000}`, `{lr: loguniform(1e-4, 1)}`, `[(50, 50)]`.

YAML takes the pieces for keys without values, or for items of the list.
"""

from __future__ import annotations

import re

import yaml

from hpsearch.spec.core_schema import TEXT

_NUMBER_WITH_COMMA = re.compile(r"\d+(?:,\d+)+\Z")


def mended(node: yaml.Node, text: str) -> list[tuple[yaml.Node, yaml.Node]]:
    """Return the pairs of a mapping, a torn value as the one text that it is; `text` is the whole of the spec."""
    pairs: list[tuple[yaml.Node, yaml.Node]] = []
    is_flow = isinstance(node, yaml.MappingNode) and node.flow_style
    for key, value in node.value:
        before = pairs[-1][1] if pairs and is_flow else None
        if before is not None and _is_plain(before) and is_without_value(key, value):
            joined = text[before.start_mark.index : key.end_mark.index]
            if _is_open(before.value) or _NUMBER_WITH_COMMA.match(joined):
                pairs[-1] = (pairs[-1][0], yaml.ScalarNode(TEXT, joined, before.start_mark, key.end_mark))
                continue
        pairs.append((key, value))
    return pairs


def lists_in_round_brackets(node: yaml.SequenceNode, text: str) -> str:
    """Return a list as it must be written whose items are torn lists in round brackets; nothing if there are none."""
    pieces = [item for item in node.value if _is_plain(item)]
    if not node.flow_style or not any(item.value.startswith("(") and _is_open(item.value) for item in pieces):
        return ""
    given = text[node.start_mark.index : node.end_mark.index]
    return re.sub(r",\s*\]", "]", given.replace("(", "[").replace(")", "]"))


def is_without_value(key: yaml.Node, value: yaml.Node) -> bool:
    """Whether a key without quotes has nothing behind it, not even a colon, as `{trials:9}` has."""
    return _is_plain(key) and value.start_mark.index == value.end_mark.index == key.end_mark.index


def _is_plain(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.style is None


def _is_open(text: str) -> bool:
    return text.count("(") > text.count(")")
