"""`hpsearch run CONFIG`: search."""

from __future__ import annotations

from pathlib import Path

import click

from hpsearch.cli.assertion import Assertion, read_assertions
from hpsearch.cli.dry_run import show_plan
from hpsearch.cli.options import (
    config_argument,
    fail_fast_option,
    jobs_option,
    json_option,
    quiet_option,
    runs_dir_option,
    set_option,
)
from hpsearch.cli.searching import before_a_search, judge, prepared, search, show_result
from hpsearch.cli.variables import Several


@click.command("run")
@config_argument
@set_option
@jobs_option
@click.option("--dry-run", is_flag=True, help="Read the spec and the data, show the plan, and start nothing.")
@click.option(
    "--assert",
    "assertions",
    cls=Several,
    callback=read_assertions,
    metavar="CLAIM",
    envvar="HPSEARCH_ASSERT",
    show_envvar=True,
    help="Exit with 1 unless the winner fulfils it: 'validation_error <= 0.10'.",
)
@click.option("--new", is_flag=True, help="Begin another run, though one of this spec has finished.")
@fail_fast_option
@quiet_option
@json_option
@runs_dir_option
def run_command(
    config: str,
    overrides: tuple[str, ...],
    jobs: int | None,
    dry_run: bool,
    assertions: tuple[Assertion, ...],
    new: bool,
    fail_fast: bool,
    quiet: bool,
    as_json: bool,
    runs_dir: Path,
) -> None:
    """Search the hyperparameters of CONFIG, a YAML file (- for standard input).

    The results are kept in a new directory under runs/. An interrupted search goes on when the same command is given again,
    and one that has finished is shown.
    """
    from hpsearch.spec.load import read_spec
    from hpsearch.study.outlook import outlook
    from hpsearch.study.resources import cores

    loaded, subject = prepared(read_spec(config, overrides), assertions)
    if dry_run:
        with loaded.placing():
            told, parent = before_a_search(loaded, subject, runs_dir)
            ahead = outlook(subject, runs_dir, parent, new=new)
        show_plan(ahead, told, as_json)
        return
    resume = _resume_command(config)
    directory, run = search(loaded, subject, runs_dir, jobs or cores(), quiet, resume, new=new, fail_fast=fail_fast)
    show_result(directory, run, subject.study.space, run.seconds, quiet, as_json)
    judge(directory, run, assertions)


def _resume_command(config: str) -> str:
    import shlex
    import sys

    again = ", with the same spec on standard input" if config == "-" else ""
    return shlex.join(["hpsearch", *sys.argv[1:]]) + again
