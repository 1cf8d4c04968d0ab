"""Numbers and lists as people write them in a sentence.

Nothing here knows what a number or a word stands for. What comes from a file is made printable by whoever passes it in.
"""

from __future__ import annotations

from collections.abc import Iterable

MOST_NAMED = 20
"""So many items of a long list are named where nothing else is said; the rest is counted."""


def short(number: float, digits: int = 3, most: float = 1e6) -> str:
    """Write a number with so many significant digits, and without a power of ten where it is below `most`: 1080, 1.2e+07."""
    rounded = f"{number:.{digits}g}"
    return f"{float(rounded):.0f}" if "e+" in rounded and abs(float(rounded)) < most else rounded


def percent(share: float, digits: int = 2) -> str:
    """Write a share with so many significant digits: 90 %, 9.1 %."""
    return f"{short(100 * share, digits)} %"


def size_text(size: float) -> str:
    """Write a number of bytes: 37 bytes, 12 kB, 1.6 MB, 4.2 GB."""
    for unit, name in ((10**9, "GB"), (10**6, "MB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size / 1000:.0f} kB" if size >= 1000 else f"{size:.0f} bytes"


def counted(count: float, noun: str) -> str:
    """Write a count with its noun: 1 trial, 2 trials, 2.5 trials."""
    return f"{short(count) if isinstance(count, float) else count} {noun}{'' if count == 1 else 's'}"


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
