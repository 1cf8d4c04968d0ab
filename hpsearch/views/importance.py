"""How much each parameter matters in a run, as far as its trials tell, and how it is shown."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.text import Text

from hpsearch.prose import counted, percent
from hpsearch.search.evidence import Sources
from hpsearch.search.importance import Importance, importances, stands_out
from hpsearch.search.refinement import NEAR_GOOD_ONES
from hpsearch.space.search_space import SearchSpace
from hpsearch.study.record import RunRecord
from hpsearch.trial import Status
from hpsearch.views.format import run_argument
from hpsearch.views.tables import plain_table

FEWEST_NAMED, FEWEST_TOLD = 15, 50
"""Trials with a number from which on the top name is told, and from which on numbers are."""


@dataclass(frozen=True)
class Matters:
    """The parameters of a run, the most important one first, as told by so many `trials` with a number.

    None of them where the trials are too few, or none stands out: where shuffled values can be explained by the parameters
    as well. `zoomed` says whether some of the trials were drawn near good ones.
    """

    trials: int
    zoomed: bool
    parameters: tuple[Importance, ...]


def what_matters(run: RunRecord, space: SearchSpace) -> Matters:
    """Return how much each parameter of a run's space matters."""
    evidence = Sources(run.prior, run.floor).evidence(run.history)
    points, losses = evidence.points[evidence.inside], evidence.losses[evidence.inside]
    trials = sum(map(math.isfinite, losses.tolist()))
    zoomed = any(kind in NEAR_GOOD_ONES for kind in evidence.kinds)
    if trials < FEWEST_NAMED or not stands_out(space, points, losses):
        return Matters(trials, zoomed, ())
    found = importances(space, points, losses)
    return Matters(trials, zoomed, tuple(sorted(found, key=lambda parameter: -parameter.main_effect)))


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


def importance_json(matters: Matters) -> dict[str, Any]:
    """Return the same as plain data: numbers where there are trials enough, of those that stand out; else the top name."""
    enough = matters.trials >= FEWEST_TOLD
    return {
        "trials": matters.trials,
        "zoomed": matters.zoomed,
        "first": matters.parameters[0].name if matters.parameters else None,
        "parameters": [asdict(parameter) for parameter in matters.parameters] if enough else None,
    }


def _without_numbers(matters: Matters) -> str:
    trials = counted(matters.trials, "trial")
    if matters.trials < FEWEST_NAMED:
        return f"importance: {trials} with a number say nothing; from {FEWEST_NAMED} on they may"
    if not matters.parameters:
        return f"importance: no parameter stands out among {trials}: shuffled values might look the same"
    return f"{matters.parameters[0].name} probably matters most; from {FEWEST_TOLD} trials on there are numbers"
