"""`hpsearch report RUN`: one page that tells all of a run, for a browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpsearch.cli.options import json_option, out_option, run_argument, runs_dir_option
from hpsearch.cli.out_file import out_file
from hpsearch.cli.recorded import recorded_run, recorded_space

if TYPE_CHECKING:
    from hpsearch.study.record import RunRecord
    from hpsearch.views.page.report import ReportedRun


@click.command("report")
@run_argument
@click.option("--open", "in_browser", is_flag=True, help="Open the page in a browser.")
@out_option("Write FILE, not RUN/report.html.")
@json_option
@runs_dir_option
def report_command(run: str, in_browser: bool, out: Path | None, as_json: bool, runs_dir: Path) -> None:
    """Write a page about RUN: one HTML file with charts that needs no network and can be mailed.

    It goes to report.html in the run's directory, and its path to standard output.
    """
    from hpsearch.study.files import encoded
    from hpsearch.views.page.compiled import library
    from hpsearch.views.page.report import BEGIN, report
    from hpsearch.views.terminal.console import note, output, print_json

    library()  # first of all: without it there is no page
    target = out_file(out) if out else None
    directory, record = recorded_run(run, runs_dir)
    target = target or out_file(directory / "report.html")
    target.require(lambda held: held.startswith(encoded(BEGIN)), "a report")
    target.write(encoded(report(_reported(directory, record))))
    if as_json:
        print_json({"report": str(target.path)})
    else:
        output().print(str(target.path), soft_wrap=True)
    if in_browser and not _opened(target.path):
        note(f"no browser could be started; open {target.path} in one")


def _reported(directory: Path, record: RunRecord) -> ReportedRun:
    from hpsearch.study.confusion import read_confusions
    from hpsearch.study.dispatch import one_blas_thread
    from hpsearch.study.lineage import lineage
    from hpsearch.views.numbers.importance import what_matters
    from hpsearch.views.page.report import ReportedRun

    space, why = recorded_space(directory, record)
    with one_blas_thread():
        matters = what_matters(record, space) if space else f"Nothing can be said of the parameters: {why}"
    return ReportedRun(record, space, matters, _texts(directory), read_confusions(directory, record), lineage(record))


def _texts(directory: Path) -> dict[str, str]:
    """Return the specs that are kept with a run, by the name of their file."""
    from contextlib import suppress

    from hpsearch.study.files import open_regular

    texts = {}
    for name in ("spec.yaml", "resolved.yaml"):
        with suppress(OSError), open_regular(directory / name) as file:  # one that is not there is not shown
            texts[name] = file.read().decode(errors="backslashreplace")
    return texts


def _opened(path: Path) -> bool:
    import webbrowser

    return webbrowser.open(path.resolve().as_uri())
