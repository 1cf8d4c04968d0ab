"""`hpsearch confirm RUN`: train the leaders of a run again with fresh seeds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpsearch.cli.options import jobs_option, json_option, quiet_option, run_argument, runs_dir_option
from hpsearch.cli.recorded import recorded_run, recorded_study
from hpsearch.cli.searching import judge

if TYPE_CHECKING:
    from hpsearch.study.record import RunRecord


@click.command("confirm")
@run_argument
@click.option(
    "--leaders",
    type=click.IntRange(min=1),
    help="How many of the best.  [default: as in the spec, or 2 to 5 by the number of trials]",
)
@click.option("--seeds", type=click.IntRange(min=1), help="Fresh seeds, the same for each.  [default: as in the spec, or 3]")
@jobs_option
@quiet_option
@json_option
@runs_dir_option
def confirm_command(
    run: str, leaders: int | None, seeds: int | None, jobs: int | None, quiet: bool, as_json: bool, runs_dir: Path
) -> None:
    """Train the leaders of RUN again with fresh seeds, to see how good the best of so many really is.

    The winner is then the leader with the best mean. What has been trained for this before is not trained again.
    """
    from hpsearch.study.resources import cores

    begin = time.monotonic()
    directory, record = recorded_run(run, runs_dir)
    confirmed = _confirmed(directory, record, leaders, seeds, jobs or cores(), quiet)
    judge(directory, confirmed)
    _show(directory, confirmed, time.monotonic() - begin, quiet, as_json)


def _confirmed(
    directory: Path, record: RunRecord, leaders: int | None, seeds: int | None, jobs: int, quiet: bool
) -> RunRecord:
    from hpsearch.errors import Interrupted
    from hpsearch.study.session import confirm_study
    from hpsearch.study.subject import subject_of
    from hpsearch.views.terminal.console import messages
    from hpsearch.views.terminal.live import INTERRUPTS, watching

    study = recorded_study(directory, record)
    subject = subject_of(study, fingerprint=record.start["data"]["fingerprint"])
    console = messages()
    try:
        with watching(console, quiet, INTERRUPTS) as listen:
            return confirm_study(subject, directory, jobs, leaders, seeds or study.search.confirm.seeds, listen)
    except Interrupted:
        console.print("interrupted; what has finished is on record: the same command goes on from there", soft_wrap=True)
        raise


def _show(directory: Path, run: RunRecord, seconds: float, quiet: bool, as_json: bool) -> None:
    from hpsearch.views.export import confirm_json
    from hpsearch.views.numbers.summary import summarise
    from hpsearch.views.terminal.console import output, print_json
    from hpsearch.views.terminal.tables import confirmation_screen, result_line

    if as_json:
        print_json(confirm_json(directory, run, seconds))
        return
    console = output()
    summary = summarise(run, top=len(run.retrained))
    console.print(result_line(summary, directory) if quiet else confirmation_screen(summary, console.width))
