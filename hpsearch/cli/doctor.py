"""`hpsearch doctor [RUN]`: what a search would find on this machine, and whether a run's record is whole."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.completion import complete_runs
from hpsearch.cli.options import json_option, runs_dir_option
from hpsearch.cli.recorded import recorded_study


@click.command("doctor")
@click.argument("run", metavar="[RUN]", required=False, shell_complete=complete_runs)
@json_option
@runs_dir_option
def doctor_command(run: str | None, as_json: bool, runs_dir: Path) -> None:
    """Show what a search would find on this machine; with RUN also whether its record is whole.

    Nothing is repaired: it says what the command that began RUN would do, given again. Exits with 1 when something of RUN is
    lost.
    """
    from hpsearch.errors import CheckFailed
    from hpsearch.study.health import run_signs
    from hpsearch.study.machine import machine_signs
    from hpsearch.study.runs import find_run
    from hpsearch.views.export import health_json
    from hpsearch.views.terminal.console import output, print_json
    from hpsearch.views.terminal.health import health_screen

    directory = find_run(run, runs_dir) if run is not None else None
    machine, found = machine_signs(runs_dir), run_signs(directory, recorded_study) if directory else ()
    if as_json:
        print_json(health_json(machine, directory, found))
    else:
        output().print(health_screen(machine, directory, found))
    if damaged := [sign for sign in found if sign.is_damage]:
        raise CheckFailed(f"{directory} is damaged: {', '.join(dict.fromkeys(sign.about for sign in damaged))}")
