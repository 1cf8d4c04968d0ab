"""`hpsearch check CONFIG`: what a spec comes to, before anything is trained for good."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import click

from hpsearch.cli.options import (
    config_argument,
    jobs_option,
    json_option,
    runs_dir_option,
    schema_option,
    set_option,
)
from hpsearch.cli.searching import inheritance_of, prepared
from hpsearch.prose import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hpsearch.spec.lint.kinds import Finding
    from hpsearch.study.subject import Subject
    from hpsearch.views.numbers.looked import Looked


@click.command("check")
@config_argument
@set_option
@click.option("--data", "whole", is_flag=True, help="Show the columns and the classes of the data too.")
@click.option("--draws", type=click.IntRange(min=0), default=0, metavar="N", help="Show the first N trials in full.")
@click.option(
    "--quick",
    is_flag=True,
    envvar="HPSEARCH_QUICK",
    show_envvar=True,
    help="Measure no training: no time is estimated.",
)
@click.option(
    "--strict", is_flag=True, envvar="HPSEARCH_STRICT", show_envvar=True, help="Exit with 1 when there is a finding."
)
@jobs_option
@schema_option
@json_option
@runs_dir_option
def check_command(
    config: str,
    overrides: tuple[str, ...],
    whole: bool,
    draws: int,
    quick: bool,
    strict: bool,
    jobs: int | None,
    as_json: bool,
    runs_dir: Path,
) -> None:
    """Judge CONFIG, a YAML file (- for standard input), before it is run: nothing is started, nothing written.

    Shows how the trials will be drawn, what the plan takes, and findings: what may waste a part of the search. It answers
    within a second, or five where a training is measured; reading large data, and SciPy for Sobol's points, come on top.
    """
    from hpsearch.errors import CheckFailed
    from hpsearch.spec.lint.kinds import lint
    from hpsearch.spec.load import read_spec
    from hpsearch.study.preview import preview
    from hpsearch.study.resources import cores
    from hpsearch.views.ahead_export import check_json
    from hpsearch.views.terminal.check import check_screen, draw_lines
    from hpsearch.views.terminal.console import note, output, print_json

    read, begin = read_spec(config, overrides), time.process_time()
    loaded, subject = prepared(read)
    reading = time.process_time() - begin
    with loaded.placing():
        inheritance = inheritance_of(subject, runs_dir)
        ahead = preview(subject, runs_dir, inheritance.parent, jobs or cores(), quick=quick, reading=reading)
    found = lint(replace(loaded, study=ahead.outlook.subject.study), subject.facts, ahead.memory, ahead.jobs)
    looked = _looked(subject, whole)
    told = (*subject.facts["notes"], *inheritance.notes, *ahead.outlook.notes)
    for text in told:
        note(text)
    if as_json:
        print_json({**check_json(ahead, looked, draws), "notes": told, "findings": _plain(found)})
    else:
        console = output()
        console.print(check_screen(ahead, looked))
        for line in draw_lines(ahead, draws) if draws else ():
            console.print(fill(line, console.width, subsequent_indent="  ", break_on_hyphens=False), soft_wrap=True)
        for finding in found:
            console.print(f"\n{finding}")
        if not found:
            console.print("\nno findings: nothing seems to waste a part of the search")
    if found and strict:
        codes = ", ".join(dict.fromkeys(finding.code for finding in found))
        raise CheckFailed(f"{counted(len(found), 'finding')}: {codes}")


def _looked(subject: Subject, whole: bool) -> Looked:
    """Return what the data hold, with all columns where the `whole` is wanted; nothing for a function."""
    from hpsearch.data.profile import class_counts, column_profiles
    from hpsearch.objectives.network_objective import dataset
    from hpsearch.views.numbers.looked import Looked

    study = subject.study
    if study.objective is not None:
        return Looked()
    data = dataset(study.data, subject.facts["fingerprint"])
    return Looked(data.labels, class_counts(data), column_profiles(study.data, data) if whole else None)


def _plain(found: Sequence[Finding]) -> list[dict[str, Any]]:
    return [{"code": finding.code, **asdict(finding.problem)} for finding in found]
