"""Numbers and lists as people write them in a sentence, and which of several words was meant.

Nothing here knows what a number or a word stands for. What comes from a file is made printable by whoever passes it in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from pathlib import PurePath

_CLOSE = 0.76
"""How alike two words are, from 0 to 1, when one is taken for the other: less than that is as often another word."""

MOST_NAMED = 20
"""So many items of a long list are named where nothing else is said; the rest is counted."""


def short(number: float, digits: int = 3, most: float = 1e6) -> str:
    """Write a number with so many significant digits, and without a power of ten where it is below `most`: 1080, 1.2e+07."""
    rounded = f"{number:.{digits}g}"
    return f"{float(rounded):.0f}" if "e+" in rounded and abs(float(rounded)) < most else rounded


def percent(share: float, digits: int = 2) -> str:
    """Write a share with so many significant digits: 90 %, 9.1 %."""
    return f"{short(100 * share, digits)} %"


def size_text(size: float, digits: int = 3) -> str:
    """Write a number of bytes with so many significant digits: 37 bytes, 12.3 kB, 1.6 MB, 4.2 GB."""
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= (1 - 0.5 * 10**-digits) * unit:  # what is rounded to a whole unit is told in it
            return f"{short(size / unit, digits)} {name}"
    return f"{size:.0f} bytes"


def counted(count: float, noun: str) -> str:
    """Write a count with its noun: 1 trial, 2 trials, 2.5 trials, 5,000 trials."""
    written = short(count) if isinstance(count, float) else f"{count:,}"
    return f"{written} {noun}{'' if count == 1 else 's'}"


def both(items: Iterable[object]) -> str:
    """Write all of some items: `a, b and c`."""
    return _joined(items, "and")


def either(items: Iterable[object]) -> str:
    """Write what there is to choose from: `a, b or c`."""
    return _joined(items, "or")


def _joined(items: Iterable[object], last_but: str) -> str:
    *most, last = map(str, items)
    return f"{', '.join(most)} {last_but} {last}" if most else last


def first_of(items: Iterable[object], most: int = MOST_NAMED, separator: str = ", ") -> str:
    """Write the first few of many items, and how many more there are: `a, b, c and 4 more`."""
    words = list(map(str, items))
    more = f" and {len(words) - most:,} more" if len(words) > most else ""
    return separator.join(words[:most]) + more


def nearest(word: object, allowed: Collection[str]) -> str | None:
    """Return the allowed word that was probably meant; case, hyphens and blanks count as little as a letter or two."""
    names = {_simple(name): name for name in reversed(list(allowed))}
    if not isinstance(word, str) or not word:
        return None
    simple = _simple(word)
    swapped = [name for name in names if sorted(name) == sorted(simple)]
    close = (
        swapped
        or get_close_matches(simple, names, n=1, cutoff=_CLOSE)
        or [name for name in names if simple.startswith(name) and name[1:]]
    )
    close = close or [name for name in names if name.endswith(f"_{simple}")]
    return names[close[0]] if close else None


def nearest_file(name: str, files: Collection[str]) -> str | None:
    """Return the file that was probably meant, by all but the ending: that they share it says nothing."""
    stems = {PurePath(file).stem: file for file in reversed(list(files))}
    near = nearest(PurePath(name).stem, stems)
    return stems[near] if near is not None else None


def _simple(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")
