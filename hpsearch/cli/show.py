"""`hpsearch show RUN [TRIAL]`: look at a run, or at one of its trials."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import json_option, recorded_run, run_argument, runs_dir_option


@click.command("show")
@run_argument
@click.argument("trial", type=click.IntRange(min=0), required=False)
@click.option("--top", type=click.IntRange(min=1), default=5, show_default=True, help="How many leaders to show.")
@json_option
@runs_dir_option
def show_command(run: str, trial: int | None, top: int, as_json: bool, runs_dir: Path) -> None:
    """Show RUN: how its trials ended, its leaders, its test score and its confusions; or one TRIAL with its curves.

    RUN is a directory, a name, the beginning of one, or `latest`.
    """
    from hpsearch.errors import UsageError
    from hpsearch.study.run_dir import read_confusions
    from hpsearch.views.console import note, output, print_json
    from hpsearch.views.export import run_json, trial_json
    from hpsearch.views.summary import summarise
    from hpsearch.views.tables import confusion_screen, run_screen, trial_screen

    directory, record = recorded_run(run, runs_dir)
    console = output()
    if trial is None:
        for text in record.start["data"]["notes"]:
            note(text)
        confusions = read_confusions(directory, record)
        if as_json:
            print_json(run_json(directory, record, confusions))
            return
        console.print(run_screen(summarise(record, top), console.width))
        for part in list(confusions)[-1:]:  # the test part, or the validation part where there is no other
            console.print()
            console.print(confusion_screen(part, confusions[part], console.width))
        return
    if trial not in record.history:
        raise UsageError(f"{record.name} has no trial {trial}; it has {len(record.history)}, from 0")
    if as_json:
        print_json(trial_json(record.history[trial]))
    else:
        console.print(trial_screen(record, record.history[trial]))
