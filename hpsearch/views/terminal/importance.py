"""How much each parameter matters, as a table, or in words where the trials are too few for numbers."""

from __future__ import annotations

from pathlib import Path

from rich.console import Group
from rich.text import Text

from hpsearch.study.record import RunRecord
from hpsearch.trial import Status
from hpsearch.views.format import run_argument, share
from hpsearch.views.numbers.importance import FEWEST_NAMED, FEWEST_TOLD, Matters
from hpsearch.views.terminal.tables import plain_table
from hpsearch.views.words import importance_line, importance_notes


def importance_hint(run: RunRecord, directory: Path) -> str:
    """Return how to ask what matters, once there are trials enough; nothing before."""
    told = sum(record.status in (Status.COMPLETE, Status.STOPPED) for record in run.history.values())
    return f"which parameters matter: hpsearch show {run_argument(directory)} --importance" if told >= FEWEST_NAMED else ""


def importance_screen(matters: Matters) -> Group:
    """Return the numbers as a table, the top name where they would say too much, or why there is none to be told."""
    if matters.trials < FEWEST_TOLD or not matters.parameters:
        return Group(Text(importance_line(matters)))
    table = plain_table("importance", "main effect", "near the best")
    for parameter in matters.parameters:
        main, local = share(parameter.main_effect, parameter.main_error), share(parameter.local, parameter.local_error)
        table.add_row(parameter.name, main, local)
    return Group(table, Text("\n".join(importance_notes(matters))))
