"""The part of `show` that draws a run: a parameter or two of them, the incumbent, or the workers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpsearch.cli.recorded import recorded_study

if TYPE_CHECKING:
    from hpsearch.study.record import RunRecord
    from hpsearch.views.numbers.slices import Slice

PROGRESS, WORKERS = "progress", "workers"


@dataclass(frozen=True)
class _Plot:
    """The numbers behind a plot, and what draws it in so many columns, for a console."""

    numbers: Any
    drawn: Callable[[int], Any]


def show_plot(directory: Path, run: RunRecord, names: tuple[str, ...], *, as_json: bool) -> None:
    """Draw what is named, or print the numbers behind it; raises UsageError for what cannot be drawn."""
    from hpsearch.study.line_file import plain
    from hpsearch.views.terminal.console import output, print_json

    plot = _plot(directory, run, names)
    if as_json:
        print_json(plain(plot.numbers))
        return
    console = output()
    console.print(plot.drawn(console.width))


def _plot(directory: Path, run: RunRecord, names: tuple[str, ...]) -> _Plot:
    from hpsearch.errors import UsageError
    from hpsearch.trial import leaders
    from hpsearch.views.numbers.progress import progress
    from hpsearch.views.numbers.timeline import timeline
    from hpsearch.views.terminal.plots import pair_plot, progress_plot, slice_plot
    from hpsearch.views.terminal.workers import workers_screen

    alone = {PROGRESS, WORKERS}.difference(run.parameters)  # a parameter may be called so too
    winner = run.winner.number if run.winner else None
    match names:
        case ("progress",) if PROGRESS in alone:
            ended = progress(run)
            return _Plot([asdict(one) for one in ended], partial(progress_plot, ended, run.metric))
        case ("workers",) if WORKERS in alone:
            line = timeline(run)
            return _Plot(asdict(line), partial(workers_screen, line))
        case (_,):
            (one,) = _slices(directory, run, names)
            return _Plot([_told(one)], partial(slice_plot, one, run.metric, winner))
        case (_, _) if names[0] != names[1] and not alone.intersection(names):
            across, up = _slices(directory, run, names)
            ranked = [record.number for record in leaders(run.history.values())]
            return _Plot([_told(across), _told(up)], partial(pair_plot, across, up, run.metric, ranked, winner))
    raise UsageError(
        f"--plot draws one parameter, or two different ones as in `--plot A,B`; `{PROGRESS}` or `{WORKERS}` alone"
    )


def _told(one: Slice) -> dict[str, Any]:
    return {"name": one.name, "dots": [asdict(dot) for dot in one.dots]}


def _slices(directory: Path, run: RunRecord, names: tuple[str, ...]) -> list[Slice]:
    from hpsearch.data.messages import shown, unknown
    from hpsearch.errors import UsageError
    from hpsearch.views.numbers.slices import slices

    for name in names:
        if name not in run.parameters:
            hint = unknown(name, [*run.parameters, PROGRESS, WORKERS])
            raise UsageError(f"--plot: there is no parameter {shown(name)}\n      {hint}")
    space = recorded_study(directory, run).space
    by_name = {one.name: one for one in slices(space, run.history, run.metric, run.averaging)}
    return [by_name[name] for name in names]
