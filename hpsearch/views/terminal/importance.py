"""How much each parameter matters, as a table, or in words where the trials are too few for numbers."""

from __future__ import annotations

from pathlib import Path

from rich.console import Group
from rich.text import Text

from hpsearch.prose import counted, percent
from hpsearch.study.record import RunRecord
from hpsearch.trial import Status
from hpsearch.views.format import run_argument
from hpsearch.views.numbers.importance import FEWEST_NAMED, FEWEST_TOLD, Matters
from hpsearch.views.terminal.tables import plain_table


def importance_hint(run: RunRecord, directory: Path) -> str:
    """Return how to ask what matters, once there are trials enough; nothing before."""
    told = sum(record.status in (Status.COMPLETE, Status.STOPPED) for record in run.history.values())
    return f"which parameters matter: hpsearch show {run_argument(directory)} --importance" if told >= FEWEST_NAMED else ""


def importance_screen(matters: Matters) -> Group:
    """Return the numbers as a table, the top name where they would say too much, or why there is none to be told."""
    if matters.trials < FEWEST_TOLD or not matters.parameters:
        return Group(Text(_without_numbers(matters)))
    table = plain_table("importance", "main effect", "near the best")
    for parameter in matters.parameters:
        table.add_row(parameter.name, *(percent(round(share, 3)) for share in (parameter.main_effect, parameter.local)))
    notes = [
        "main effect: the share of all differences in the space that the parameter makes on its own",
        "near the best: its share of what is lost there when one parameter is drawn anew",
    ]
    if matters.zoomed:
        notes.append("later trials lie near the good ones: what was settled early matters more than these numbers say")
    return Group(table, Text("\n".join(notes)))


def _without_numbers(matters: Matters) -> str:
    trials = counted(matters.trials, "trial")
    if matters.trials < FEWEST_NAMED:
        return f"importance: {trials} with a number say nothing; from {FEWEST_NAMED} on they may"
    if not matters.parameters:
        return f"importance: no parameter stands out among {trials}: shuffled values might look the same"
    return f"{matters.parameters[0].name} probably matters most; from {FEWEST_TOLD} trials on there are numbers"
