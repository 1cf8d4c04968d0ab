"""The part of `show` that prints trials as rows: which of them, in which order, with which columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from hpsearch.views.numbers.conditions import Condition, parsed

if TYPE_CHECKING:
    from hpsearch.study.record import RunRecord
    from hpsearch.views.numbers.trials import Trials


@dataclass(frozen=True)
class Choosing:
    """Which trials and columns are asked for; without `sort` the best come first, and without `top` all."""

    where: tuple[Condition, ...]
    sort: str | None
    cols: tuple[str, ...]
    skip_unchanged: bool
    top: int | None

    def wanted(self, trials: Trials) -> tuple[str, ...]:
        """Return the columns that were asked for by name, which stay as long as any."""
        sorted_by = [self.sort.removeprefix("-")] if self.sort else []
        return trials.columns if self.cols else (*sorted_by, *(condition.column for condition in self.where))

    def of(self, trials: Trials) -> Trials:
        """Return the trials and columns that are asked for; raises UsageError for what there is not."""
        chosen = trials.where(*self.where)
        if self.sort is not None:
            chosen = chosen.sorted_by(self.sort.removeprefix("-"), descending=self.sort.startswith("-"))
        chosen = chosen.first(self.top) if self.top else chosen
        if self.cols:
            chosen = chosen.only(self.cols)
        return chosen.changing() if self.skip_unchanged else chosen


def read_conditions(_context: click.Context, _parameter: click.Parameter, values: Sequence[str]) -> tuple[Condition, ...]:
    """Return the comparisons on the command line, or fail with what they look like."""
    return tuple(map(_condition, values))


def read_names(_context: click.Context, _parameter: click.Parameter, values: Sequence[str]) -> tuple[str, ...]:
    """Return the names in lists such as `status,learning_rate`, or fail where there is none."""
    names = tuple(name.strip() for value in values for name in value.split(",") if name.strip())
    if values and not names:
        raise click.BadParameter(f"{values[0]!r} names nothing")
    return names


def show_trials(run: RunRecord, choosing: Choosing, *, as_json: bool, as_csv: bool) -> None:
    """Print the trials that are asked for: as a table, as CSV, or as JSON."""
    from hpsearch.study.derived import csv_text
    from hpsearch.study.line_file import plain
    from hpsearch.views.numbers.trials import trials, values_of
    from hpsearch.views.terminal.console import note, output, print_data, print_json
    from hpsearch.views.terminal.trials import trials_screen

    every = trials(run)
    chosen = choosing.of(every)
    if as_json:
        print_json([plain(dict(zip(chosen.columns, cells, strict=True))) for cells in chosen.rows])
    elif as_csv:
        print_data(csv_text(chosen.columns, chosen.rows))
    elif chosen.rows:
        console = output()
        console.print(trials_screen(run, chosen, console.width, choosing.wanted(chosen)))
    if not chosen.rows:
        held = {condition.column: values_of(every.cells(condition.column)) for condition in choosing.where}
        told = "".join(f"\n      {name}: {values}" for name, values in held.items())
        note(f"no trial of {run.name} is like that{told}" if every.rows else f"{run.name} has no trial yet")


def _condition(typed: str) -> Condition:
    condition = parsed(typed)
    if condition is None:
        raise click.BadParameter(f"{typed!r} is no comparison: write 'learning_rate < 0.1', or 'status=diverged'")
    return condition
