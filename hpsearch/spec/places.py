"""Places in a text: a line, a column, and the line to show with a caret under it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from hpsearch.errors import Problem

_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


@dataclass(frozen=True)
class Place:
    """A line and a column, from 1, in a file; `excerpt` is the line."""

    file: str
    line: int
    column: int
    excerpt: str = ""

    def problem(self, message: str, hint: str = "") -> Problem:
        """Return a mistake at this place."""
        return Problem(self.file, self.line, self.column, message, self.excerpt, hint)


@dataclass(frozen=True)
class Source:
    """A YAML text and the name under which its mistakes are told; `lines` are its lines as they are shown."""

    text: str
    file: str
    lines: Sequence[str]

    @classmethod
    def of(cls, text: str, file: str) -> Source:
        """Return a text that is shown as it is."""
        return cls(text, file, [_visible(line) for line in _LINE_END.split(text)])

    def place(self, line: int, column: int) -> Place:
        """Return a place counted from 0."""
        return Place(self.file, line + 1, column + 1, self.lines[line] if line < len(self.lines) else "")

    def at(self, mark: yaml.Mark) -> Place:
        """Return the place of a mark of PyYAML."""
        return self.place(mark.line, mark.column)

    def at_character(self, index: int) -> Place:
        """Return the place of a character, counted from 0."""
        ends = [match.end() for match in _LINE_END.finditer(self.text[:index])]
        return self.place(len(ends), index - (ends[-1] if ends else 0))


def _visible(line: str) -> str:
    """Return a line as it is shown under a mistake."""
    line = line.rstrip()
    return line if line.isprintable() else "".join(letter if letter.isprintable() else " " for letter in line)
