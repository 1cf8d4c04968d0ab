"""YAML text to plain data that remembers the line and column of every key and value, and plain data to YAML text.

Keys given twice and values that make no sense are kept beside what could be read, so that they are shown together with
the mistakes of the spec; what is not YAML at all, or too large, is raised at once. Keys are always texts, as written.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from hpsearch.errors import Problem, SpecError
from hpsearch.spec.core_schema import MERGE, STANDARD, TAGS, Dumper, Representer, read_scalar
from hpsearch.spec.loader import MAX_DEPTH, MAX_VALUES
from hpsearch.spec.places import Place, Source
from hpsearch.spec.slips import slip_in
from hpsearch.spec.syntax import composed
from hpsearch.spec.torn import is_without_value, lists_in_round_brackets, mended

KeyPath: TypeAlias = tuple[str | int, ...]
"""Where a value stands in the plain data: keys, and indices within lists."""

MAX_BYTES = 1_000_000
MAX_KEY = 200
"""A text's size, and the characters of a key."""


@dataclass(frozen=True)
class Document:
    """Plain data with the places of its keys and values by path, and the problems met in reading it."""

    plain: Any
    keys: Mapping[KeyPath, Place]
    values: Mapping[KeyPath, Place]
    problems: Sequence[Problem]

    def value(self, path: KeyPath) -> Any:
        """Return the value at a path; None where nothing stands."""
        value = self.plain
        for key in path:
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def place(self, path: KeyPath) -> Place:
        """Return where a value stands; where it is missing, the value that should hold it."""
        while path not in self.values:
            path = path[:-1]
        return self.values[path]

    def key_place(self, path: KeyPath) -> Place:
        """Return where a key stands; where it is missing, the value that should hold it."""
        return self.keys.get(path) or self.place(path)


def decode(data: bytes, file: str) -> str:
    """Return the text of a file's bytes; SpecError if it is not UTF-8 or too large."""
    if len(data) > MAX_BYTES:
        raise SpecError([Place(file, 1, 1).problem(f"the file is larger than {MAX_BYTES:,} bytes, so it is no spec")])
    if b"\0" in data:
        message = "the file holds NUL bytes: it is no text, or one in UTF-16 or UTF-32"
        raise SpecError([Place(file, 1, 1).problem(message, "save the file in the encoding UTF-8")])
    data = data.removeprefix(BOM_UTF8)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        source = Source.of(data.decode("utf-8", errors="replace"), file)
        place = source.at_character(len(data[: error.start].decode("utf-8")))
        raise SpecError([place.problem("this byte is not UTF-8 text", "save the file in the encoding UTF-8")]) from None


def parse(text: str, file: str) -> Document:
    """Return the document of a text whose top level is a mapping; SpecError if it has none or is not YAML."""
    source = Source.of(text, file)
    document = read(source)
    if document.plain is None:
        raise SpecError([source.place(0, 0).problem("the spec is empty", "it needs at least the section `space`")])
    if not isinstance(document.plain, dict):
        hint = "begin with `space:` and indent what is searched below it"
        raise SpecError([document.values[()].problem("a spec is made of lines `key: value`", hint)])
    return document


def read(source: Source) -> Document:
    """Return the document of any YAML value, None for an empty text; SpecError if it is not YAML."""
    node = composed(source)
    builder = _Builder(source)
    plain = None if node is None else builder.build(node, ())
    return Document(plain, builder.keys, builder.values, builder.problems)


def dump(plain: Mapping[str, Any]) -> str:
    """Return plain data as YAML: sections in lines of their own, what stands in them on one line each.

    The order of keys is kept, and every number reads back as the same number under YAML 1.1 and 1.2.
    """
    node = Representer(sort_keys=False).represent_data(plain)
    _set_flow(node, 0)
    text: str = yaml.serialize(node, Dumper=Dumper, allow_unicode=True, width=120)
    return text


def _set_flow(node: yaml.Node, depth: int) -> None:
    if isinstance(node, yaml.CollectionNode):
        node.flow_style = depth >= 2 or isinstance(node, yaml.SequenceNode)
    if isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            _set_flow(value, depth + 1)


class _Builder:
    """Turns nodes into plain data, and notes places and problems on the way."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.keys: dict[KeyPath, Place] = {}
        self.values: dict[KeyPath, Place] = {}
        self.problems: list[Problem] = []
        self.visited = 0

    def build(self, node: yaml.Node, path: KeyPath) -> Any:
        """Return what a node means."""
        self._visit(node, len(path))
        self.values[path] = self.source.at(node.start_mark)
        if node.tag not in TAGS:
            tag = node.tag.replace(STANDARD, "!!")[:MAX_KEY]
            self._note(node, f"the tag {tag} means nothing in a spec", "take it away, or put the text in quotes")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node) if node.tag in TAGS else node.value
        if isinstance(node, yaml.SequenceNode):
            if listed := lists_in_round_brackets(node, self.source.text):
                self._note(node, "a list stands in square brackets, not in round ones", f"write {listed}")
                return []
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._mapping(node, path)

    def _visit(self, node: yaml.Node, depth: int, values: int = 1) -> None:
        """Count a node, or what a merge takes from one: aliases may write out without end."""
        self.visited += values
        if self.visited > MAX_VALUES or depth > MAX_DEPTH:
            message = f"the aliases write out to more than {MAX_VALUES:,} values, or to more than {MAX_DEPTH} levels"
            raise SpecError([self.source.at(node.start_mark).problem(message)])

    def _note(self, node: yaml.Node, message: str, hint: str = "") -> None:
        self.problems.append(self.source.at(node.start_mark).problem(message, hint))

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        try:
            value = read_scalar(node.tag, node.value)
        except ValueError as error:
            self._note(node, str(error))
            return node.value
        if isinstance(value, str) and any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value):
            self._note(node, "the text holds a character that no file can hold")
            return "".join(letter for letter in value if letter.isprintable())
        return value

    def _mapping(self, node: yaml.Node, path: KeyPath) -> dict[str, Any]:
        """Return a mapping; its own keys win over merged ones, and of two equal ones the first."""
        plain: dict[str, Any] = {}
        if len(node.value) == 1 and isinstance(node.value[0][0], yaml.MappingNode):
            self._note(node, "`{{ }}` is a template, and nothing fills it in here", "write the value itself")
            return plain
        for key, value in self._pairs(node, len(path)):
            name = self._key(key)
            if name is not None and name not in plain:
                self.keys[*path, name] = self.source.at(key.start_mark)
                plain[name] = self.build(value, (*path, name))
        return plain

    def _pairs(self, node: yaml.Node, depth: int) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """Yield a mapping's own keys and values, then those that `<<` merges into it; note keys given twice."""
        merged: list[yaml.Node] = []
        first: dict[str, yaml.Node] = {}
        for key, value in mended(node, self.source.text):
            if isinstance(key, yaml.ScalarNode) and first.setdefault(key.value, key) is not key:
                place = self.source.at(first[key.value].start_mark)
                hint = f"take one away; the other is on line {place.line}, column {place.column}"
                self._note(key, f"`{key.value}` is given twice", hint)
            if is_without_value(key, value) and (slip := slip_in(key.value)):
                place = self.source.at_character(key.start_mark.index + slip.at)
                self.problems.append(place.problem(slip.message, slip.hint))
            elif key.tag == MERGE:
                merged.extend(value.value if isinstance(value, yaml.SequenceNode) else [value])
            else:
                yield key, value
        for mapping in merged:
            self._visit(mapping, depth + 1, 1 + len(mapping.value))
            if isinstance(mapping, yaml.MappingNode):
                yield from self._pairs(mapping, depth + 1)
            else:
                self._note(mapping, "`<<` takes in a mapping, or a list of them, and this is none", _alias_hint(mapping))

    def _key(self, key: yaml.Node) -> str | None:
        if isinstance(key, yaml.ScalarNode) and len(key.value) <= MAX_KEY:
            return str(key.value)
        self._note(key, f"a key must be a word of up to {MAX_KEY} letters")
        return None


def _alias_hint(node: yaml.Node) -> str:
    """Return a hint for a word where `<<` takes a mapping: an alias begins with a star."""
    return f"write `<<: *{node.value}`" if isinstance(node, yaml.ScalarNode) and node.value.isidentifier() else ""
