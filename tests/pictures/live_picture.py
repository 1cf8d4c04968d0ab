"""The picture of the live view: what `watch` shows of a finished run when a part of its journal was written."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from pathlib import Path

from rich.console import Console

from hpsearch.cli.options import recorded_study
from hpsearch.study.follow import Follower
from hpsearch.views.terminal.picture import still

WIDTH, HEIGHT = 100, 26
WRITTEN = 0.8
"""How much of the journal."""


def live_picture(run: Path, picture: Path) -> None:
    """Draw how the search of a run in a directory stood then, as an SVG file."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / run.name
        shutil.copytree(run, copy)
        journal = copy / "journal.jsonl"
        lines = journal.read_bytes().splitlines(keepends=True)
        journal.write_bytes(b"".join(lines[: round(WRITTEN * len(lines))]))
        console = Console(
            record=True, width=WIDTH, height=HEIGHT, file=io.StringIO(), force_terminal=True, highlight=False, markup=False
        )
        console.print(f"$ hpsearch watch {run.name}")
        console.print(still(Follower(copy, recorded_study).look(), console))
        console.print()  # the picture ends within its last line
    # Without the web fonts: whoever looks at the picture need not fetch anything.
    picture.write_text(re.sub(r"@font-face \{.*?\}", "", console.export_svg(title="hpsearch"), flags=re.DOTALL))
