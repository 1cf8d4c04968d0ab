"""What people write by mistake where YAML sees a text: `trials = 9`, `trials:9`, `// why`, a space that is none.

YAML takes all of it for plain text and stumbles later, elsewhere. A text that is meant to be so stands in quotes.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_QUOTES = "a text that holds it needs quotes"


@dataclass(frozen=True)
class Slip:
    """What is wrong with a text from a character on, and what to write instead."""

    at: int
    message: str
    hint: str


@dataclass(frozen=True)
class _Pattern:
    """A slip's looks; its last group is blamed. Those `of_a_key` are slips only where a line may begin with a key."""

    pattern: re.Pattern[str]
    message: str
    hint: str
    of_a_key: bool = False


_PATTERNS = (
    _Pattern(
        re.compile("([\xa0\xad\u1680\u180e\u2000-\u200b\u200e-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff])"),
        "an invisible character stands here, {name}",
        f"write a space, or take it away; {_QUOTES}",
    ),
    _Pattern(re.compile("^([“”„‘’])"), "this is no quote of YAML but {name}", "write \" or '"),
    _Pattern(re.compile(r"(?:^|\s)(//|/\*)(?:\s|$)"), "a comment begins with `#` in YAML", f"write `#`; {_QUOTES}"),
    _Pattern(re.compile(r"^(//|/\*)"), "a comment begins with `#` in YAML", f"write `#`; {_QUOTES}", of_a_key=True),
    _Pattern(
        re.compile(r"^([A-Za-z_]\w*)\s*(=)(?!=)"),
        "a colon gives a key its value, not `=`",
        f"write `{{word}}: ...`; {_QUOTES}",
        of_a_key=True,
    ),
    _Pattern(
        re.compile(r"^([A-Za-z_]\w*)\s*([：﹕꞉∶])"),
        "this is no colon of YAML but {name}",
        f"write `{{word}}: ...`; {_QUOTES}",
        of_a_key=True,
    ),
    _Pattern(
        re.compile(r"^([A-Za-z_]\w*)(:)(?=[^\s:/\\])"),
        "a space is missing after this colon",
        f"write `{{word}}: ...`; {_QUOTES}",
        of_a_key=True,
    ),
    _Pattern(
        re.compile(r"\n[ ]*(-)[ ]"),
        "this list item is taken for a part of the text above it",
        "items of one list begin in the same column, and follow the line of their key",
    ),
)
"""Joiners (U+200C, U+200D) are no slips: words of some scripts have them."""


_LIKE = str.maketrans(
    "авеіјкмнорсѕтухАВЕЅІЈКМНОРСТУХαβικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ×−‐‑‒–—―",
    "abeijkmhopcstyxABESIJKMHOPCTYXabikvoptuxABEZHIKMNOPTYX*-------",
)
"""Letters and signs that look like one of ASCII, and which one."""

_TIMES_TEN = re.compile(r"\s*\*\s*10\^?([-+]?\d+)")


def look_alike_in(text: str) -> str:
    """Return a hint if a text holds a character that is taken for one of ASCII; nothing if not.

    A letter of another script is one beside Latin letters in a word, a dash, sign or digit anywhere.
    """
    words = re.findall(r"\w+|\W", text)
    letter = next((letter for word in words for letter in word if _is_taken_for_another(letter, word)), None)
    if letter is None:
        return ""
    meant = _TIMES_TEN.sub(r"e\1", _ascii(text))
    instead = meant if meant.isascii() else f"`{_ascii(letter)}` for it"
    return f"`{letter}` is {_name(letter)}: write {instead}"


def _is_taken_for_another(letter: str, word: str) -> bool:
    is_at_home = letter.isalpha() and letter in unicodedata.normalize("NFKC", letter) and not re.search("[A-Za-z]", word)
    return not letter.isascii() and _ascii(letter).isascii() and not is_at_home


def _name(letter: str) -> str:
    return f"U+{ord(letter):04X} {unicodedata.name(letter, '')}".strip()


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_LIKE)


def slip_in(text: str, *, key: bool = True) -> Slip | None:
    """Return the first slip in a plain text; `key` tells whether it stands where a line may begin with a key."""
    for one in _PATTERNS:
        if (key or not one.of_a_key) and (match := one.pattern.search(text)):
            blamed = match[match.re.groups]
            told = {"name": _name(blamed[0]), "word": match[1]}
            return Slip(match.start(match.re.groups), one.message.format(**told), one.hint.format(**told))
    return None
