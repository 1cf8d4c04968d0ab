"""Which classes a model takes for which, on the terminal."""

from __future__ import annotations

from rich.console import Group
from rich.text import Text

from hpsearch.objectives.objective import Confusion
from hpsearch.prose import counted
from hpsearch.views.numbers.summary import most_confused
from hpsearch.views.terminal.console import fits
from hpsearch.views.terminal.tables import plain_table

WIDEST_MATRIX = 12
"""Classes; of more, or where they don't fit, the most frequent confusions are listed."""


def confusion_screen(part: str, confusion: Confusion, width: int) -> Group:
    """Return which classes were taken for which: the matrix where it fits, else the most frequent confusions."""
    labels = confusion.labels
    table = plain_table("true", *labels)
    for true, counts in enumerate(confusion.counts):
        table.add_row(labels[true], *(str(count) if count else "." for count in counts))
    if len(labels) <= WIDEST_MATRIX and fits(table, width):
        return Group(Text(f"{part} part: rows of each class (down) by the class they were taken for (across)"), table)
    worst = most_confused(confusion, WIDEST_MATRIX)
    lines = [f"  {true} taken for {taken}: {counted(rows, 'time')}" for true, taken, rows in worst]
    return Group(Text(f"{part} part, the most frequent confusions:"), Text("\n".join(lines or ["  none"])))
