"""`hpsearch compare RUN RUN`: runs side by side, and whether one winner is better than the other by more than noise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpsearch.cli.completion import complete_runs
from hpsearch.cli.options import json_option, runs_dir_option
from hpsearch.cli.recorded import recorded_run

if TYPE_CHECKING:
    from hpsearch.study.record import RunRecord

MOST = 6
"""Runs that have a place side by side."""


@click.command("compare")
@click.argument("names", metavar="RUN RUN...", nargs=-1, required=True, shell_complete=complete_runs)
@json_option
@runs_dir_option
def compare_command(names: tuple[str, ...], as_json: bool, runs_dir: Path) -> None:
    """Compare runs that are judged by one metric: their winners, budgets and spaces, and where their trials lie.

    Whether the winner of one is better than that of the first by more than noise is told by trainings with fresh seeds,
    which `hpsearch confirm` makes: the values of a search are the best of many.
    """
    from hpsearch.errors import RecordError
    from hpsearch.study.entries import MALFORMED
    from hpsearch.views.export import comparison_json
    from hpsearch.views.numbers.comparison import compare
    from hpsearch.views.terminal.comparison import comparison_screen
    from hpsearch.views.terminal.console import output, print_json
    from hpsearch.views.terminal.verdict import commands

    runs = _runs(names, runs_dir)
    try:
        comparison = compare(runs)
    except MALFORMED as error:
        where = ", ".join(str(directory) for directory in runs)
        raise RecordError(f"{where}: a start record does not hold what it should: {error!r}") from error
    if as_json:
        print_json(comparison_json(comparison))
        return
    console = output()
    console.print(comparison_screen(comparison, console.width))
    if lines := commands(comparison):
        console.print("\n".join(["", *lines]), soft_wrap=True)


def _runs(names: tuple[str, ...], runs_dir: Path) -> dict[Path, RunRecord]:
    """Return the runs by their directories; raises UsageError unless they are several that are judged by one metric."""
    from hpsearch.errors import UsageError

    if not 2 <= len(names) <= MOST:
        raise UsageError(f"compare takes 2 to {MOST} runs; `hpsearch list` shows what there is")
    runs = dict(recorded_run(name, runs_dir) for name in names)
    if len({directory.resolve() for directory in runs}) < len(names):
        raise UsageError(f"one run is named twice: {', '.join(names)}")
    by_metric = {run.metric.name: run for run in runs.values()}
    if len(by_metric) > 1:
        told = ", ".join(f"{run.name} by {metric}" for metric, run in by_metric.items())
        raise UsageError(f"runs that are judged by different metrics cannot be compared: {told}")
    return runs
