"""What a machine and a run were found to be: a line for each sign."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table

from hpsearch.study.signs import Severity, Sign

_MARKS = {Severity.FINE: "", Severity.NOTE: "note", Severity.DAMAGE: "DAMAGE"}
_STYLES = {Severity.FINE: "", Severity.NOTE: "yellow", Severity.DAMAGE: "bold red"}


def health_screen(machine: Sequence[Sign], directory: Path | None, found: Sequence[Sign]) -> Group:
    """Return the signs of the machine, and below them those of the run in `directory`, if there is one."""
    return Group(*_parts(machine, directory, found))


def _parts(machine: Sequence[Sign], directory: Path | None, found: Sequence[Sign]) -> Iterator[RenderableType]:
    signs = (*machine, *found)
    names, marks = (max(map(len, texts)) for texts in zip(*((s.about, _MARKS[s.severity]) for s in signs), strict=True))
    yield "this machine"
    yield _table(machine, names, marks)
    if directory:
        yield f"\n{directory}"
        yield _table(found, names, marks)


def _table(signs: Sequence[Sign], names: int, marks: int) -> Table:
    """Return signs in a table; the widths of its first columns are those of both tables."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, min_width=names)
    table.add_column(no_wrap=True, min_width=marks)
    table.add_column(overflow="fold")
    for sign in signs:
        style = _STYLES[sign.severity]
        table.add_row(sign.about, _MARKS[sign.severity], sign.text, style=style)
    return table
