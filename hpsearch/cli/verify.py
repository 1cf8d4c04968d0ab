"""`hpsearch verify RUN --trial N`: train a trial again and compare bits."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from hpsearch.cli.options import json_option, recorded_run, recorded_study, run_argument, runs_dir_option


@click.command("verify")
@run_argument
@click.option("--trial", type=click.IntRange(min=0), required=True, help="The trial to train again.")
@json_option
@runs_dir_option
def verify_command(run: str, trial: int, as_json: bool, runs_dir: Path) -> None:
    """Train one trial of RUN again, alone, and compare every number of its curves and its weights with the record.

    Exits with 1 when a bit differs.
    """
    from hpsearch.errors import CheckFailed
    from hpsearch.study.signals import interruptible
    from hpsearch.study.verify import verify_trial
    from hpsearch.views.console import note, output, print_json
    from hpsearch.views.format import counted, printable

    directory, record = recorded_run(run, runs_dir)
    with interruptible():
        verdict = verify_trial(recorded_study(directory, record), record, trial)
    if as_json:
        print_json({**asdict(verdict), "same": verdict.same})
    elif verdict.same:
        weights = " and every weight" if record.history[trial].weights else ""
        output().print(
            f"trial {trial} of {printable(record.name)}: {counted(verdict.epochs, 'epoch')} trained again, alone: "
            f"the same bits in every curve{weights}"
        )
    for change in verdict.environment:
        note(f"the environment has changed: {change}")
    if not verdict.same:
        raise CheckFailed(f"trial {trial} of {record.name} did not repeat:\n  " + "\n  ".join(verdict.differences))
