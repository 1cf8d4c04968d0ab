"""Text to YAML nodes, or one problem that says in plain words what YAML cannot understand, and where.

PyYAML says what its scanner or parser expected, at the place where it noticed. Here each thing it can say is told as the
mistake that leads there, at the place of that mistake; no phrase of PyYAML reaches a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import yaml

from hpsearch.errors import Problem, SpecError
from hpsearch.spec.loader import Loader, Refused
from hpsearch.spec.places import Place, Source

_QUOTES = "put the text in quotes"
_INDENT = "lines that belong together begin with the same number of spaces"
_CLOSING = {"[": "]", "{": "}"}


def composed(source: Source) -> yaml.Node | None:
    """Return the root node of a text, None if it is empty; SpecError if it is not YAML."""
    try:
        loader = Loader(source.text)
    except yaml.reader.ReaderError as error:
        message = f"the character U+{ord(source.text[error.position]):04X} is not allowed in YAML"
        raise SpecError([source.at_character(error.position).problem(message, "take it away")]) from None
    try:
        return loader.get_single_node()
    except Refused as refused:
        raise SpecError([source.at_character(refused.index).problem(str(refused), refused.hint)]) from None
    except yaml.MarkedYAMLError as error:
        raise SpecError([_explained(_Mistake.of(error, loader, source))]) from None
    except (ValueError, OverflowError):
        # PyYAML turns escapes such as "\UFFFFFFFF" into characters without looking whether there is one, and the digits of
        # a `%YAML` version into a number of any length.
        message = "this escape stands for no character, or this version for no YAML"
        raise SpecError([source.at(loader.get_mark()).problem(message, "take it away")]) from None


@dataclass(frozen=True)
class _Mistake:
    """What PyYAML said, where it noticed, and where the thing begins that it was reading."""

    said: str
    noticed: yaml.Mark
    opened: yaml.Mark
    loader: Loader
    source: Source

    @classmethod
    def of(cls, error: yaml.MarkedYAMLError, loader: Loader, source: Source) -> _Mistake:
        noticed = error.problem_mark or loader.get_mark()
        return cls(f"{error.context}: {error.problem}", noticed, error.context_mark or noticed, loader, source)

    def letter(self, mark: yaml.Mark) -> str:
        """Return the character at a mark; nothing at the end."""
        return self.source.text[mark.index : mark.index + 1].strip()

    def begins_a_line(self, mark: yaml.Mark) -> bool:
        """Whether only spaces stand before a mark on its line."""
        return not self.source.text[mark.index - mark.column : mark.index].strip()

    def start_of_line(self, line: int) -> Place:
        """Return the first character of a line that is no space."""
        shown = self.source.lines[line]
        return self.source.place(line, len(shown) - len(shown.lstrip()))


def _explained(mistake: _Mistake) -> Problem:
    """Return an error of PyYAML in plain words, at the place where the mistake rather is than where it was noticed."""
    quoted = mistake.loader.quoted
    if quoted is not None and quoted.end_mark.line == mistake.noticed.line:
        end = f"line {quoted.end_mark.line + 1}, column {quoted.end_mark.column}"
        hint = f"it is taken to go on to {end}: write the same quote where the text ends"
        return mistake.source.at(quoted.start_mark).problem("this quote is not closed on its line", hint)
    for part, explain in _SAID:
        if match := re.search(part, mistake.said, re.DOTALL):
            return explain(mistake, match)
    return mistake.source.at(mistake.noticed).problem("YAML cannot read this", "check the quotes, brackets and indentation")


_Explain: TypeAlias = Callable[[_Mistake, re.Match[str]], Problem]


def _noticed(message: str, hint: str) -> _Explain:
    """Return what tells a mistake where it was noticed; `{letter}` is the character there, `{0}` what PyYAML named."""
    return lambda it, match: it.source.at(it.noticed).problem(
        message.format(*match.groups(), letter=it.letter(it.noticed)), hint
    )


def _opened(message: str, hint: str) -> _Explain:
    """Return what tells a mistake where that begins in which it was noticed."""
    return lambda it, match: it.source.at(it.opened).problem(
        message.format(*match.groups(), letter=it.letter(it.opened)), hint
    )


def _unclosed(it: _Mistake, _match: re.Match[str]) -> Problem:
    """A bracket without its end, or items without a comma."""
    found, opening = it.letter(it.noticed), it.letter(it.opened)
    closing = _CLOSING[opening]
    line = f"line {it.opened.line + 1}, " if it.opened.line != it.noticed.line else ""
    opened = f"the `{opening}` of {line}column {it.opened.column + 1}"
    if found in _CLOSING.values():
        return it.source.at(it.noticed).problem(f"{opened} must be closed before this `{found}`", f"write `{closing}` here")
    # A `:` is noticed behind its key, which YAML takes for more of the text before.
    place = it.start_of_line(it.noticed.line) if line and found == ":" else it.source.at(it.noticed)
    if not found or (line and place.column <= it.start_of_line(it.opened.line).column):
        return it.source.at(it.opened).problem(f"this `{opening}` is not closed", f"write `{closing}` where it ends")
    return place.problem("a comma is missing before this", f"or the `{closing}` that closes {opened}")


def _second_colon(it: _Mistake, _match: re.Match[str]) -> Problem:
    """A `: ` after a text that is a value already: on its line, or on one that YAML takes for more of the text."""
    text = it.loader.text
    if text is None or text.start_mark.line == it.noticed.line:
        hint = "a text that holds `: ` needs quotes; a mapping on one line needs braces: `{key: value}`"
        return it.source.at(it.noticed).problem("a second `: ` cannot stand on this line", hint)
    if it.begins_a_line(text.start_mark):
        return _missing_colon(it.source.at(text.start_mark))
    message = f"this line is indented, but line {text.start_mark.line + 1} has its value already"
    return it.start_of_line(it.noticed.line).problem(message, _INDENT)


def _missing_colon(place: Place) -> Problem:
    return place.problem("a `:` is missing after this", "a line is `key: value`, or `key:` and more below it")


def _after_the_end(it: _Mistake, match: re.Match[str]) -> Problem:
    """Something after a document that is whole: mostly because its first line is indented, and this one is not."""
    lines = enumerate(it.source.lines[: it.noticed.line])
    first = next((n for n, line in lines if line.strip() and not line.startswith(("#", "%", "---"))), None)
    if not it.begins_a_line(it.noticed):
        return _FOLLOWS(it, match)
    if first is None:
        hint = "take the line that begins with `%` away: a spec needs none"
        return it.source.at(it.noticed).problem("a line `---` is missing before this", hint)
    place = it.start_of_line(first)
    if place.column > 1 + it.noticed.column:
        return place.problem(f"this line is indented, and line {it.noticed.line + 1} is not", _INDENT)
    hint = "check the brackets above, or take the `...` away"
    return it.source.at(it.noticed).problem("the spec has ended before this line", hint)


_FOLLOWS = _noticed("the value has ended before this", "put the whole text in quotes, or take away what follows")

_SAID: tuple[tuple[str, _Explain], ...] = (
    (r"found character '\\t'", _noticed("a tab stands where only spaces may", "write spaces in its place")),
    (r"found character", _noticed("a text cannot begin with the character {letter}", _QUOTES)),
    (r"scanning an (?:alias|anchor)", _opened("a text cannot begin with the character {letter}", _QUOTES)),
    (
        r"found undefined alias '(.*)'",
        _noticed("there is no `&{0}` above that this `*{0}` could stand for", f"write the value itself, or {_QUOTES}"),
    ),
    (r"duplicate anchor '(.*)';", _noticed("`&{0}` is given twice", "give each value a name of its own")),
    (
        r"(?:scanning|parsing) a directive|YAML directive|incompatible YAML|duplicate tag handle",
        _opened("a line that begins with `%` is an instruction to YAML, and this is none it knows", "take the line away"),
    ),
    (
        r"(?:scanning|parsing) a tag|undefined tag handle",
        _opened("a text that begins with `!` names a tag, and a spec has none", f"take it away, or {_QUOTES}"),
    ),
    (
        r"scanning a block scalar",
        _opened("after `{letter}` a text begins on the next line", f"begin it there, or {_QUOTES}"),
    ),
    (
        r"found unknown escape character '(.*)'",
        _noticed("`\\{letter}` stands for nothing within double quotes", "write the text in single quotes"),
    ),
    (
        r"expected escape sequence of (\d)",
        _noticed("{0} hexadecimal digits must follow this escape", "write them, or the text in single quotes"),
    ),
    (r"end of stream|document separator", _opened("this quote is not closed", "write the same quote where the text ends")),
    (r"expected ',' or", _unclosed),
    (
        r"expected the node content",
        _noticed("a value is missing before this `{letter}`", "write it, or take away what is too much"),
    ),
    (r"mapping values are not allowed", _second_colon),
    (r"could not find expected ':'", lambda it, _: _missing_colon(it.source.at(it.opened))),
    (
        r"sequence entries are not allowed",
        _noticed("a list item cannot stand here", "write a list as [a, b], or each item on a line below the key"),
    ),
    (r"mapping keys are not allowed", _noticed("a text cannot begin with `? `", _QUOTES)),
    (
        r"but found another document",
        _noticed("a second document begins here", "a spec is one document: take the `---` away"),
    ),
    (r"expected '<document start>'", _after_the_end),
    (r"but found '([\]}])'", _noticed("this `{0}` closes nothing", "take it away, or write what it closes")),
    (r"but found ','", _noticed("a comma cannot stand here", "a list needs brackets, [a, b]; a text with a comma quotes")),
    (r"but found '-'", _noticed("a list item cannot stand among lines `key: value`", "write a list as [a, b]")),
    (r"but found ':'", _noticed("a key is missing before this colon", "a line is `key: value`")),
    (
        r"block collection: expected <block end>, but found '\?'",
        _noticed("this is no item of the list above it", f"begin it with `- `; {_INDENT}"),
    ),
    (
        r"but found '<block (?:mapping|sequence) start>'",
        _noticed("the indentation of this line fits none above it", _INDENT),
    ),
    (r"expected <block end>", _FOLLOWS),
)
"""What PyYAML says, by a part of it, and how it is told; the first that fits counts."""
