"""The pictures of the terminal: what `run` ends with, and what `watch` shows when a part of the journal was written."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from pathlib import Path

from rich.console import Console

from hpsearch.cli.recorded import recorded_study
from hpsearch.study.follow import Follower
from hpsearch.study.runs import read_run
from hpsearch.views.numbers.summary import summarise
from hpsearch.views.terminal.picture import still
from hpsearch.views.terminal.tables import result_screen
from hpsearch.views.words import next_commands

WIDTH, HEIGHT = 100, 26
WRITTEN = 0.8
"""How much of the journal `watch` sees."""


def result_picture(run: Path, picture: Path) -> None:
    """Draw what the search of a run in a directory ended with, as an SVG file."""
    record, console = read_run(run), _console("hpsearch run configs/digits.yaml")
    shown, summary = Path("runs") / run.name, summarise(record, recorded_study(run, record).space)
    console.print(result_screen(summary, shown, record.seconds, WIDTH))
    console.print(next_commands(summary, shown), soft_wrap=True)
    _save(console, picture)


def live_picture(run: Path, picture: Path) -> None:
    """Draw how the search of a run in a directory stood before its end, as an SVG file."""
    console = _console(f"hpsearch watch {run.name}")
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / run.name
        shutil.copytree(run, copy)
        journal = copy / "journal.jsonl"
        lines = journal.read_bytes().splitlines(keepends=True)
        journal.write_bytes(b"".join(lines[: round(WRITTEN * len(lines))]))
        console.print(still(Follower(copy, recorded_study).look()))
    console.print()  # the picture ends within its last line
    _save(console, picture)


def _console(command: str) -> Console:
    console = Console(
        record=True, width=WIDTH, height=HEIGHT, file=io.StringIO(), force_terminal=True, highlight=False, markup=False
    )
    console.print(f"$ {command}")
    return console


def _save(console: Console, picture: Path) -> None:
    # Without the web fonts: whoever looks at the picture need not fetch anything.
    picture.write_text(re.sub(r"@font-face \{.*?\}", "", console.export_svg(title="hpsearch"), flags=re.DOTALL))
