"""The part of `show` that draws a run: a parameter or two of them, the incumbent, or the workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpsearch.cli.recorded import recorded_study

if TYPE_CHECKING:
    from hpsearch.study.record import RunRecord
    from hpsearch.views.numbers.slices import Slice

PROGRESS, WORKERS = "progress", "workers"


def show_plot(directory: Path, run: RunRecord, names: tuple[str, ...], *, as_json: bool) -> None:
    """Draw what is named, or print the numbers behind it; raises UsageError for what cannot be drawn."""
    from hpsearch.study.line_file import plain
    from hpsearch.views.terminal.console import output, print_json

    # A parameter may be called so too.
    whole = names[0] if names in ((PROGRESS,), (WORKERS,)) and names[0] not in run.parameters else ""
    slices = [] if whole else _slices(directory, run, names)
    if as_json:
        print_json(plain(_numbers(run, whole, slices)))
        return
    console = output()
    console.print(_plot(run, whole, slices, console.width))


def _numbers(run: RunRecord, whole: str, slices: Sequence[Slice]) -> Any:
    from hpsearch.views.numbers.progress import progress
    from hpsearch.views.numbers.timeline import timeline

    if whole == PROGRESS:
        return [asdict(ended) for ended in progress(run)]
    if whole == WORKERS:
        return asdict(timeline(run))
    return [{"name": one.name, "dots": [asdict(dot) for dot in one.dots]} for one in slices]


def _plot(run: RunRecord, whole: str, slices: Sequence[Slice], width: int) -> Any:
    from hpsearch.views.numbers.progress import progress
    from hpsearch.views.numbers.timeline import timeline
    from hpsearch.views.terminal.plots import check_can_plot, pair_plot, progress_plot, slice_plot
    from hpsearch.views.terminal.workers import workers_screen

    if whole == WORKERS:
        return workers_screen(timeline(run), width)
    check_can_plot()
    if whole == PROGRESS:
        return progress_plot(progress(run), run.metric, width)
    winner = run.winner.number if run.winner else None
    if len(slices) == 1:
        return slice_plot(slices[0], run.metric, winner, width)
    return pair_plot(slices[0], slices[1], run.metric, winner, width)


def _slices(directory: Path, run: RunRecord, names: tuple[str, ...]) -> list[Slice]:
    from hpsearch.data.messages import shown, unknown
    from hpsearch.errors import UsageError
    from hpsearch.views.numbers.slices import slices

    if len(names) > 2 or {PROGRESS, WORKERS}.intersection(names).difference(run.parameters):
        raise UsageError(f"--plot draws one parameter, or two as in `--plot A,B`; `{PROGRESS}` or `{WORKERS}` alone")
    for name in names:
        if name not in run.parameters:
            hint = unknown(name, [*run.parameters, PROGRESS, WORKERS])
            raise UsageError(f"--plot: there is no parameter {shown(name)}\n      {hint}")
    space = recorded_study(directory, run).space
    by_name = {one.name: one for one in slices(space, run.history, run.metric, run.averaging)}
    return [by_name[name] for name in names]
