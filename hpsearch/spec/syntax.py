"""Text to YAML nodes, or one problem that says in plain words what YAML cannot understand, and where."""

from __future__ import annotations

import yaml

from hpsearch.errors import Problem, SpecError
from hpsearch.spec.core_schema import Loader
from hpsearch.spec.places import Source

_OPENED = ("expected ',' or", "found unexpected end of stream", "found unexpected document separator")
"""What PyYAML says where it notices that something opened earlier was not closed."""

_PHRASES = (
    ("found character '\\t'", "a tab stands where only spaces may", "indent with spaces"),
    (
        "mapping values are not allowed",
        "a `key:` cannot stand here",
        "check the indentation, and that a space follows the `:` on the line above; a text that holds `: ` needs quotes",
    ),
    ("expected <block end>", "this does not fit what stands before it", "check the indentation, quotes and brackets"),
    ("sequence entries are not allowed", "a list item cannot stand here", "write a list as [a, b]"),
    ("but found another document", "a second document begins here", "a spec is one document: take the `---` away"),
    ("expected '<document start>'", "the document ended above", "check the indentation of this line"),
    ("second occurrence", "this anchor has the name of an earlier one", "give each `&name` once"),
    ("found undefined alias", "no `&name` before this gives what `*name` stands for", "check the name"),
    ("found character", "a value cannot begin with this character", "put the text in quotes"),
)
"""A part of PyYAML's message, what is said instead, and what to do."""


def composed(source: Source) -> yaml.Node | None:
    """Return the root node of a text, None if it is empty; SpecError if it is not YAML."""
    loader = None
    try:
        loader = Loader(source.text)
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise SpecError([_explained(error, source)]) from None
    except yaml.reader.ReaderError as error:
        message = f"the character U+{ord(source.text[error.position]):04X} is not allowed in YAML"
        raise SpecError([source.at_character(error.position).problem(message)]) from None
    except (ValueError, OverflowError):
        # PyYAML turns escapes such as "\UFFFFFFFF" into characters without looking whether there is one, and the digits of
        # a `%YAML` version into a number of any length.
        place = source.at(loader.get_mark()) if loader else source.place(0, 0)
        raise SpecError([place.problem("this escape stands for no character, or this version for no YAML")]) from None


def _explained(error: yaml.MarkedYAMLError, source: Source) -> Problem:
    """Return an error of PyYAML in plain words, at the place where the mistake rather is than where it was noticed."""
    said, noticed, opened = error.problem or "", error.problem_mark, error.context_mark
    if noticed is None:
        return source.place(0, 0).problem(said)
    if opened is not None and said.startswith(_OPENED):
        if opened.line != noticed.line:
            return source.at(opened).problem("what is opened here is not closed", f"YAML noticed on line {noticed.line + 1}")
        return source.at(noticed).problem("a comma or a closing bracket is missing before this")
    if opened is not None and said.startswith("could not find expected ':'"):
        hint = "a line is `key: value`, or `key:` and more below it"
        return source.at(opened).problem("a `:` is missing after this", hint)
    for part, message, hint in _PHRASES:
        if part in said:
            return source.at(noticed).problem(message, hint)
    return source.at(noticed).problem(said)
