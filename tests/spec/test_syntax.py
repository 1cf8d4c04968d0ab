"""What is no YAML, or a slip: told in plain words at the place of the mistake, whatever PyYAML says."""

import ast
import inspect
import traceback
from types import ModuleType

import pytest
import yaml

from hpsearch.errors import Problem, SpecError
from hpsearch.spec.document import decode, dump, parse

TAG = "a text that begins with `!` names a tag, and a spec has none"
DIRECTIVE = "a line that begins with `%` is an instruction to YAML, and this is none it knows"
SECOND = "a second `: ` cannot stand on this line"
INDENTATION = "the indentation of this line fits none above it"
ENDED = "the value has ended before this"
COMMENT = "a comment begins with `#` in YAML"

PYYAML = [
    # the scanner: what a text begins with
    ("a: @b\n", 1, 4, "a text cannot begin with the character @"),
    ("a: `b`\n", 1, 4, "a text cannot begin with the character `"),
    ("a: %b\n", 1, 4, "a text cannot begin with the character %"),
    ("a: *.csv\n", 1, 4, "a text cannot begin with the character *"),
    ("a: [*]\n", 1, 5, "a text cannot begin with the character *"),
    ("a: *b/c\n", 1, 4, "a text cannot begin with the character *"),
    ("a: &\n", 1, 4, "a text cannot begin with the character &"),
    ("a: ? b\n", 1, 4, "a text cannot begin with `? `"),
    ("a: |b\nc: 1\n", 1, 4, "after `|` a text begins on the next line"),
    ("a: >+x\n", 1, 4, "after `>` a text begins on the next line"),
    ("a: |0\n", 1, 4, "after `|` a text begins on the next line"),
    ("a: | b\nc: 1\n", 1, 4, "after `|` a text begins on the next line"),
    ("a: |+0\n", 1, 4, "after `|` a text begins on the next line"),
    ("a:\n\tb: 1\n", 2, 1, "a tab stands where only spaces may"),
    # the scanner: quotes
    ("a: 'b\nc: 1\n", 1, 4, "this quote is not closed"),
    ('a: "b\n---\nc: 1\n', 1, 4, "this quote is not closed"),
    ("a: 'b\nc:\n  d: ['e', 'f']\n", 1, 4, "this quote is not closed on its line"),
    ('a: "C:\\data"\n', 1, 8, "`\\d` stands for nothing within double quotes"),
    ('a: "\\xZZ"\n', 1, 7, "2 hexadecimal digits must follow this escape"),
    ('a: "\\u12"\n', 1, 7, "4 hexadecimal digits must follow this escape"),
    # the scanner: colons, dashes
    ("a\nb: 1\n", 1, 1, "a `:` is missing after this"),
    ("a: 1\nb\nc: 2\n", 2, 1, "a `:` is missing after this"),
    ("a: 1\nb c\n", 2, 1, "a `:` is missing after this"),
    ("a: 1\nb", 2, 1, "a `:` is missing after this"),
    ("a: 1\n'b' [c]\n", 2, 1, "a `:` is missing after this"),
    ("a: b: c\n", 1, 5, SECOND),
    ("a: 'b': c\n", 1, 7, SECOND),
    ("a: 0\n b: x\n", 2, 2, "this line is indented, but line 1 has its value already"),
    ("a: - b\n", 1, 4, "a list item cannot stand here"),
    # the scanner: lines that begin with %, tags
    *(
        (f"{line}\n---\na: 1\n", 1, 1, DIRECTIVE)
        for line in ("%", "%a:", "%YAML x", "%YAML 12", "%YAML 1.2x", "%YAML 1.2 x")
    ),
    *(
        (f"{line}\n---\na: 1\n", 1, 1, DIRECTIVE)
        for line in ("%TAG x", "%TAG !", "%TAG !x", "%TAG !a!x", "%TAG ! x{", "%YAML 3.0")
    ),
    ("%YAML 1.2\n%YAML 1.2\n---\na: 1\n", 2, 1, DIRECTIVE),
    ("%TAG ! x\n%TAG ! x\n---\na: 1\n", 2, 1, DIRECTIVE),
    ("%YAML 1.2\na: 1\n", 2, 1, "a line `---` is missing before this"),
    *((f"a: {tag} 1\n", 1, 4, TAG) for tag in ("!<b", "!<>", "!!b{c", "!b!c", "!b%zz", "!b%ff", "!b%")),
    # the parser: brackets
    ("a: [1, 2}\n", 1, 9, "the `[` of column 4 must be closed before this `}`"),
    ("a: {b: 1\nc: 2\n", 1, 4, "this `{` is not closed"),
    ("a: [1, 2\n", 1, 4, "this `[` is not closed"),
    ("a: [\n  1,\n  2\nb: 3\n", 1, 4, "this `[` is not closed"),
    ("a: {b: [1, 2] c: 3}\n", 1, 15, "a comma is missing before this"),
    ("a: ['b' 'c']\n", 1, 9, "a comma is missing before this"),
    ('{\n  "a": 3\n  "b": {}\n}\n', 3, 3, "a comma is missing before this"),
    ("a: [1,, 2]\n", 1, 7, "a value is missing before this `,`"),
    ("a: ]\n", 1, 4, "a value is missing before this `]`"),
    ("a: [1, 2]]\n", 1, 10, "this `]` closes nothing"),
    ("a: {b: 1}}\n", 1, 10, "this `}` closes nothing"),
    ("a: 'b', c\n", 1, 7, "a comma cannot stand here"),
    # the parser: lines
    (" a: 0\nb: 1\n", 1, 2, "this line is indented, and line 2 is not"),
    ("# why\n\n  a: 0\nb: 1\n", 3, 3, "this line is indented, and line 4 is not"),
    ("a:\n  b: [1]\n   c: 2\n", 3, 4, INDENTATION),
    ("a:\n    b: [1]\n  c: 2\n", 3, 3, INDENTATION),
    ("a:\n  b: 1\n  - 2\n", 3, 3, "a list item cannot stand among lines `key: value`"),
    ("a:\n  - b\n  c: 2\n", 3, 3, "this is no item of the list above it"),
    (": 3\n", 1, 1, "a key is missing before this colon"),
    ("a: 'it's'\n", 1, 8, ENDED),
    ("a: [1] b\n", 1, 8, ENDED),
    ("a: !!str *b\n", 1, 10, ENDED),
    ("'a' = 3\n", 1, 5, ENDED),
    ("a: 1\n...\nb: 2\n", 3, 1, "the spec has ended before this line"),
    # the composer
    ("a: 1\n---\nb: 2\n", 2, 1, "a second document begins here"),
    ("a: *b\n", 1, 4, "there is no `&b` above that this `*b` could stand for"),
    ("a: &b 1\nc: &b 2\n", 2, 4, "`&b` is given twice"),
    # the reader
    ("a: \x07\n", 1, 4, "the character U+0007 is not allowed in YAML"),
    ('a: "\\UFFFFFFFF"\n', 1, 7, "this escape stands for no character, or this version for no YAML"),
]

SLIPS = [
    ("a = {b: [1, 2]}\n", 1, 3, "a colon gives a key its value, not `=`"),
    ("a:\n  b=3\n  c: 4\n", 2, 4, "a colon gives a key its value, not `=`"),
    ("[a]\nb = 1\n", 2, 3, "a colon gives a key its value, not `=`"),
    ("a: {b = 3}\n", 1, 7, "a colon gives a key its value, not `=`"),
    ("a:\n  rate:{b: [1, 2]}\n", 2, 7, "a space is missing after this colon"),
    ("seed:3\nb: 1\n", 1, 5, "a space is missing after this colon"),
    ("a:\n  b:[c, d]\n", 2, 4, "a space is missing after this colon"),
    ("a: {b:3, c: 1}\n", 1, 6, "a space is missing after this colon"),
    ("// why\na: 1\n", 1, 1, COMMENT),
    ("//why\na: 1\n", 1, 1, COMMENT),
    ('{\n  "a": 1, // why\n  "b": 2\n}\n', 2, 11, COMMENT),
    ('{\n  "a": 1 // why\n}\n', 2, 10, COMMENT),
    ("/* why */\na: 1\n", 1, 1, COMMENT),
    ("a:\n\xa0\xa0b: 1\n", 2, 1, "an invisible character stands here, U+00A0 NO-BREAK SPACE"),
    ("a:\xa03\nb: 1\n", 1, 3, "an invisible character stands here, U+00A0 NO-BREAK SPACE"),
    ("a: 3\u200b\n", 1, 5, "an invisible character stands here, U+200B ZERO WIDTH SPACE"),
    ("a: 3\n\ufeffb: 1\n", 2, 1, "an invisible character stands here, U+FEFF ZERO WIDTH NO-BREAK SPACE"),
    ("a: “b”\n", 1, 4, "this is no quote of YAML but U+201C LEFT DOUBLE QUOTATION MARK"),
    ("a:\n  - b\n    - c\n", 3, 5, "this list item is taken for a part of the text above it"),
]


def told(text: str) -> tuple[Problem, Exception | None]:
    """Return the one mistake in a text, and what PyYAML raised."""
    try:
        (problem,) = parse(text, "spec.yaml").problems
    except SpecError as error:
        (problem,) = error.problems
        raised = error.__context__
        return problem, raised if isinstance(raised, Exception) else None
    return problem, None


@pytest.mark.parametrize(("text", "line", "column", "message"), [*PYYAML, *SLIPS])
def test_a_mistake_is_told_in_plain_words_at_its_place(text: str, line: int, column: int, message: str) -> None:
    problem, _ = told(text)
    assert (problem.line, problem.column, problem.message) == (line, column, message)
    assert problem.hint


def raising(module: ModuleType) -> set[tuple[str, int]]:
    """Return the lines of a module at which it raises an error about a text."""
    raised = [node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Raise)]
    return {(module.__name__, node.lineno) for node in raised if node.exc and "Error(" in ast.unparse(node.exc)}


def test_everything_that_pyyaml_can_say_is_told_in_other_words() -> None:
    """Each of its errors is met by a case above, so that a new one asks for words of its own."""
    met = set()
    for text, *_ in PYYAML:
        raised = told(text)[1]
        for frame in traceback.walk_tb(raised.__traceback__ if raised else None):
            met.add((frame[0].f_globals["__name__"], frame[1]))
    assert set().union(*(raising(module) for module in (yaml.scanner, yaml.parser, yaml.composer))) - met == set()


def test_a_text_in_quotes_a_comment_and_a_block_of_text_hold_no_slips() -> None:
    text = "# a = b\xa0 // c\na: 'a=b // c\xa0'\nb: |\n  // c = d\n  e:f\n\"c:d\": 3\n"
    assert parse(text, "x").plain == {"a": "a=b // c\xa0", "b": "// c = d\ne:f\n", "c:d": 3}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x = 3", "x = 3"),
        ("mine:train", "mine:train"),
        ("//server/x.csv", "//server/x.csv"),
        ("http://host/x", "http://host/x"),
        ("C:\\data\\x.csv", "C:\\data\\x.csv"),
        ("[a=b, c:d]", ["a=b", "c:d"]),
        ("{b, c}", {"b": None, "c": None}),
        ("\n  C:/data/x.csv", "C:/data/x.csv"),
        ("\u0646\u0645\u06cc\u200c\u062f\u0627\u0646\u0645", "\u0646\u0645\u06cc\u200c\u062f\u0627\u0646\u0645"),
    ],
)
def test_a_value_that_only_looks_like_a_slip_is_read(text: str, value: object) -> None:
    assert parse(f"a: {text}\n", "x").plain == {"a": value}


@pytest.mark.parametrize("text", ["a=b", "a:b", "//", "/* a", "a // b", "“a”", "a\xa0b", "a\u200b", "\ufeff", "a\n- b"])
def test_what_looks_like_a_slip_is_written_in_quotes(text: str) -> None:
    plain = {text: text, "long": {text: ["x" * 100, text, text]}}
    assert parse(dump(plain), "x").plain == yaml.safe_load(dump(plain)) == plain


def test_a_byte_order_mark_moves_no_column() -> None:
    text = decode(b"\xef\xbb\xbf{a: 1, a: 2}\n", "x")
    problem, _ = told(text)
    assert (problem.column, problem.excerpt) == (8, "{a: 1, a: 2}")


def test_a_tag_on_a_text_is_one_mistake() -> None:
    problem, _ = told("a: !b c\n")
    assert (problem.column, problem.message) == (4, "the tag !b means nothing in a spec")
