"""`hpsearch verify RUN`: train some of its trials again and compare bits."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from hpsearch.cli.options import json_option, run_argument, runs_dir_option
from hpsearch.cli.recorded import recorded_run, recorded_study
from hpsearch.cli.variables import Several
from hpsearch.prose import counted


@click.command("verify")
@run_argument
@click.option(
    "--trial", "named", type=click.IntRange(min=0), cls=Several, help="A trial to train again.  [default: 3 of them]"
)
@click.option("--all", "every", is_flag=True, help="Train all trials again.")
@json_option
@runs_dir_option
def verify_command(run: str, named: tuple[int, ...], every: bool, as_json: bool, runs_dir: Path) -> None:
    """Train trials of RUN again, each alone, and compare every number of their curves and their weights with the record.

    Without --trial they are three of those that were trained, always the same. Exits with 1 when a bit differs.
    """
    from hpsearch.errors import CheckFailed, UsageError
    from hpsearch.study.environment import changed_since
    from hpsearch.study.signals import interruptible
    from hpsearch.study.verify import Verifier, sampled_trials, trained_trials
    from hpsearch.views.terminal.console import note, output, print_json

    if named and every:
        raise UsageError("--trial and --all name trials both; give one of them")
    directory, record = recorded_run(run, runs_dir)
    numbers = named or (trained_trials if every else sampled_trials)(record)
    if not numbers:
        raise UsageError(f"{record.name} has no trial with an epoch on record to compare with")
    for change in changed_since(record.start["environment"]):
        note(f"the environment has changed: {change}")
    verdicts = []
    with interruptible():
        verifier = Verifier(recorded_study(directory, record), record)
        for number in numbers:
            verdicts.append(verdict := verifier.verify(number))
            if verdict.same and not as_json:
                weights = " and every weight" if record.history[number].weights else ""
                output().print(
                    f"trial {number} of {record.name}: {counted(verdict.epochs, 'epoch')} trained again, alone: "
                    f"the same bits in every curve{weights}"
                )
    if as_json:
        trials = [{**asdict(verdict), "same": verdict.same} for verdict in verdicts]
        print_json({"run": str(directory), "same": all(verdict.same for verdict in verdicts), "trials": trials})
    if failed := [verdict for verdict in verdicts if not verdict.same]:
        told = (f"trial {v.trial} of {record.name} did not repeat:\n  " + "\n  ".join(v.differences) for v in failed)
        raise CheckFailed("\n".join(told))
