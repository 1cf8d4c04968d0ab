"""What the charts draw, as rows: a mark's places and colour, by fields that the charts name.

t trial   c colour   s 0 complete, 1 not trained to the end, 2 ended without a number   y the score's place
u its share of the axis   x0, x1, ... places of the parameters   j0, j1, ... where their marks stand   lead, best 1 or 0
trials, epochs, seconds   what the search had come to when the trial ended
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpsearch.space.search_space import SearchSpace
from hpsearch.study.record import RunRecord
from hpsearch.trial import Status, TrialRecord, leaders
from hpsearch.views.numbers.progress import Milestone, progress
from hpsearch.views.numbers.slices import slices
from hpsearch.views.page.axes import ParameterAxis, ScoreChannel
from hpsearch.views.page.drawn import drawn_curves, drawn_trials
from hpsearch.views.page.style import BEST, FAILED, stage_colours

LEADING = 5
"""Leaders that stand out."""

MOST_EPOCHS = 120
"""Epochs of a learning curve that are drawn; of more every so many, and the last."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Drawn:
    """What the charts draw of a run.

    `places` (d, n) are those of all trials by number, for who filters the table; `trials` and `curves` are drawn, and the
    `steps` of the incumbent.
    """

    score: ScoreChannel
    epoch_score: ScoreChannel
    axes: tuple[ParameterAxis, ...]
    places: list[list[float | None]]
    trials: list[Row]
    curves: list[Row]
    steps: list[Row]
    stages: int


def drawn(run: RunRecord, space: SearchSpace | None) -> Drawn:
    """Return what the charts draw; without a space no parameters."""
    known = slices(space, run.history, run.metric, run.averaging) if space else ()
    axes = tuple(ParameterAxis.of(one, len(run.history)) for one in known)
    by_trial: list[dict[int, float]] = [{dot.trial: round(dot.place, 5) for dot in one.dots} for one in known]
    numbers = sorted(run.history)
    places = [[at.get(number, axis.lane) for number in numbers] for axis, at in zip(axes, by_trial, strict=True)]
    judged = (record for record in run.history.values() if record.status.ended or math.isfinite(record.value))
    scores = [run.metric.shown(record.value) for record in judged]
    score = ScoreChannel.of(scores, run.metric)
    of_trial = {number: [column[at] for column in places] for at, number in enumerate(numbers)}
    marks = _Marks(run, axes, of_trial, score)
    chosen = drawn_trials(run)
    with_curve = drawn_curves(run, chosen, marks.leading)
    curves = [_curve(run, marks.row(number), run.history[number]) for number in with_curve]
    return Drawn(
        score=score,
        epoch_score=ScoreChannel.of((y for curve in curves for y in curve["y"] if y is not None), run.metric),
        axes=axes,
        places=places,
        trials=sorted(map(marks.row, chosen), key=lambda row: (row["best"], row["t"])),  # the best on top
        curves=sorted(curves, key=lambda row: (row["best"], row["lead"], row["t"])),
        steps=_steps(progress(run)),
        stages=marks.stages,
    )


class _Marks:
    """The mark of each trial."""

    def __init__(
        self, run: RunRecord, axes: Sequence[ParameterAxis], places: Mapping[int, Sequence[Any]], score: ScoreChannel
    ) -> None:
        self._run, self._axes, self._places, self._score = run, axes, places, score
        self.stages = 1 + max((record.trial.stage for record in run.history.values()), default=0)
        self._colours = stage_colours(self.stages)
        self._ended = {ended.trial: ended for ended in progress(run)}
        self.winner = run.winner.number if run.winner else None
        first = leaders(run.history.values())[:LEADING] + ([run.winner] if run.winner else [])
        self.leading = frozenset(record.number for record in first)

    def row(self, number: int) -> Row:
        """Return the row of a trial."""
        record, best = self._run.history[number], number == self.winner
        shown = self._run.metric.shown(record.value)
        kind = _kind(record)
        colour = BEST if best else FAILED if kind == 2 else self._colours[record.trial.stage]
        place = self._score.place(shown) if record.status.ended or math.isfinite(shown) else None
        row = {"t": number, "c": colour, "s": kind, "y": place, "u": self._score.share(shown)}
        row |= {"lead": int(number in self.leading), "best": int(best), **self._when(number)}
        for j, (axis, place) in enumerate(zip(self._axes, self._places[number], strict=True)):
            row |= {f"x{j}": place, f"j{j}": axis.beside(place, number)}
        return row

    def _when(self, number: int) -> Row:
        ended = self._ended.get(number)
        return _when(ended) if ended else dict.fromkeys(("trials", "epochs", "seconds"))


def _kind(record: TrialRecord) -> int:
    if record.status.is_failure:
        return 2
    return 0 if record.status is Status.COMPLETE and math.isfinite(record.value) else 1


def _when(ended: Milestone) -> Row:
    seconds = round(ended.seconds, 3) if math.isfinite(ended.seconds) else None
    return {"trials": ended.n_trials, "epochs": ended.epochs, "seconds": seconds}


def _steps(ended: Sequence[Milestone]) -> list[Row]:
    """Return where the best score got better, and the end."""
    has_best = [one for one in ended if one.incumbent is not None]
    changes = [one for one in has_best if one.is_better]
    return [{"t": one.incumbent, "y": one.best, **_when(one)} for one in (*changes, *has_best[-1:])]


def _curve(run: RunRecord, row: Row, record: TrialRecord) -> Row:
    """Return the learning curve of a trial: the metric at its epochs."""
    curve = record.curves.get(run.metric.column, ())
    step = -(-len(curve) // MOST_EPOCHS)
    epochs = sorted({*range(1, len(curve) + 1, step), len(curve)})
    shown = [run.metric.shown(run.metric.value(curve[epoch - 1])) for epoch in epochs]
    return {**row, "e": epochs, "y": [float(f"{y:.6g}") if math.isfinite(y) else None for y in shown]}
