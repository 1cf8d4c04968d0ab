"""`hpsearch list`: the runs there are."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.options import json_option, runs_dir_option


@click.command("list")
@json_option
@runs_dir_option
def list_command(as_json: bool, runs_dir: Path) -> None:
    """List the runs with their best result."""
    from hpsearch.errors import RecordError
    from hpsearch.study.runs import read_run, run_directories
    from hpsearch.views.export import damaged_row, list_row
    from hpsearch.views.terminal.console import messages, note, output, print_json
    from hpsearch.views.terminal.listing import runs_table

    rows = []
    for directory in run_directories(runs_dir):
        try:
            run = read_run(directory)
        except RecordError as error:
            rows.append(damaged_row(directory))
            note(str(error))
        else:
            rows.append(list_row(directory, run))
            for text in run.notes:
                note(f"{directory.name}: {text}")
    if as_json:
        print_json(rows)
    elif rows:
        console = output()
        console.print(runs_table(rows, console.width))
    else:
        messages().print(f"there are no runs in {runs_dir}; `hpsearch run CONFIG` makes one")
