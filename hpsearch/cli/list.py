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
    from hpsearch.study.run_dir import read_run, run_directories
    from hpsearch.views.console import messages, output, print_json
    from hpsearch.views.export import list_row
    from hpsearch.views.tables import runs_table

    rows = []
    for directory in run_directories(runs_dir):
        try:
            rows.append(list_row(directory, read_run(directory)))
        except RecordError as error:
            messages().print(f"note: {error}")
    if as_json:
        print_json(rows)
    elif rows:
        output().print(runs_table(rows))
    else:
        messages().print(f"there are no runs in {runs_dir}; `hpsearch run CONFIG` makes one")
