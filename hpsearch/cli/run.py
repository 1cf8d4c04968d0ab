"""`hpsearch run CONFIG`: search."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpsearch.cli.assertion import Assertion, check_measured, read_assertions
from hpsearch.cli.options import json_option, runs_dir_option

if TYPE_CHECKING:
    from hpsearch.data.dataset import Dataset
    from hpsearch.spec.load import LoadedSpec
    from hpsearch.study.replay import RunRecord


@click.command("run")
@click.argument("config", metavar="CONFIG")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Override a key of the spec: search.trials=20.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Worker processes.  [default: the cores of this machine]")
@click.option("--dry-run", is_flag=True, help="Read the spec and the data, show the plan, and start nothing.")
@click.option(
    "--assert",
    "assertions",
    multiple=True,
    callback=read_assertions,
    metavar="CLAIM",
    help="Exit with 1 unless the winner fulfils it: 'validation_error <= 0.10'.",
)
@click.option("--quiet", "-q", is_flag=True, help="No progress; one line at the end, and notes.")
@json_option
@runs_dir_option
def run_command(
    config: str,
    overrides: tuple[str, ...],
    jobs: int | None,
    dry_run: bool,
    assertions: tuple[Assertion, ...],
    quiet: bool,
    as_json: bool,
    runs_dir: Path,
) -> None:
    """Search the hyperparameters of CONFIG, a YAML file (- for standard input).

    The results are kept in a new directory under runs/. An interrupted search goes on when the same command is given again.
    """
    from hpsearch.objectives.network_objective import dataset
    from hpsearch.spec.load import read_spec
    from hpsearch.views.console import note

    begin = time.monotonic()
    loaded = read_spec(config, overrides)
    data = dataset(loaded.study.data)
    loaded = loaded.for_task(data.task)
    check_measured(assertions, data.task)
    for text in data.notes:
        note(text)
    if dry_run:
        _show_plan(loaded, data, as_json)
        return
    directory, run = _search(loaded, data, runs_dir, jobs or _cores(), quiet, _resume_command())
    _show_result(directory, run, time.monotonic() - begin, quiet, as_json)
    _judge(directory, run, assertions)


def _search(
    loaded: LoadedSpec, data: Dataset, runs_dir: Path, jobs: int, quiet: bool, resume: str
) -> tuple[Path, RunRecord]:
    from hpsearch.errors import Interrupted
    from hpsearch.study.loop import run_study
    from hpsearch.views.console import messages
    from hpsearch.views.live import watching

    texts = {"spec.yaml": loaded.given, "resolved.yaml": loaded.resolved}
    console = messages()
    try:
        with watching(console, quiet) as listen:
            return run_study(loaded.study, texts, runs_dir, jobs, listen, data)
    except Interrupted:
        console.print(f"interrupted; what has finished is on record. To go on: {resume}", soft_wrap=True)
        raise


def _show_plan(loaded: LoadedSpec, data: Dataset, as_json: bool) -> None:
    from hpsearch.search.strategy import strategy
    from hpsearch.seeds import Streams
    from hpsearch.study.loop import averaging_weights
    from hpsearch.views.console import messages, output, print_json
    from hpsearch.views.format import counted, printable, quantity
    from hpsearch.views.tables import judged, space_table

    study = loaded.study
    plan = strategy(study.search, study.space, Streams(study.seed), study.network.epochs).plan()
    if as_json:
        content = {"study": study.resolved(), "rows": data.rows, "trials": sum(plan.stages), "epochs": plan.epochs}
        print_json({**content, "notes": list(data.notes)})
        return
    console = output()
    console.print(space_table(study.space.describe(), averaging_weights(study)))
    rows = ", ".join(f"{count} {name}" for name, count in data.rows.items())
    target = f"{data.classes} classes" if data.classes else f"deviation {quantity(data.target_deviation)}"
    inputs, epochs = counted(data.features, "input"), counted(plan.rungs[-1], "epoch")
    console.print(f"\ndata: {inputs}, {data.task} of {printable(data.target)} ({target}); rows: {rows}")
    console.print(
        f"plan: {counted(sum(plan.stages), 'trial')} of {epochs}, {counted(plan.epochs, 'epoch')} in total; "
        + judged(str(study.metric), study.select)
    )
    messages().print("nothing was started")


def _show_result(directory: Path, run: RunRecord, seconds: float, quiet: bool, as_json: bool) -> None:
    from hpsearch.views.console import output, print_json
    from hpsearch.views.export import result_json
    from hpsearch.views.summary import summarise
    from hpsearch.views.tables import next_commands, result_line, result_screen

    if as_json:
        print_json(result_json(directory, run, seconds))
        return
    console = output()
    summary = summarise(run)
    if quiet:
        console.print(result_line(summary, directory))
        return
    console.print(result_screen(summary, directory, seconds, console.width))
    if summary.leaders:
        console.print(next_commands(summary, directory), soft_wrap=True)


def _judge(directory: Path, run: RunRecord, assertions: tuple[Assertion, ...]) -> None:
    from hpsearch.errors import CheckFailed, NoTrialCompleted
    from hpsearch.views.export import winner_metrics
    from hpsearch.views.format import run_argument

    if run.incumbent is None:
        raise NoTrialCompleted(f"no trial of {run.name} completed; `hpsearch show {run_argument(directory)}` tells why")
    metrics = winner_metrics(run)
    failed = [claim.told(metrics) for claim in assertions if not claim.holds(metrics)]
    if failed:
        raise CheckFailed("; ".join(failed))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _resume_command() -> str:
    import shlex
    import sys

    return shlex.join(["hpsearch", *sys.argv[1:]])
