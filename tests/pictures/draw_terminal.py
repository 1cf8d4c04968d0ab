"""Draw the picture in the README: the end of the main job, as a terminal shows it.

python tests/pictures/draw_terminal.py runs/digits-001 .github/terminal.svg
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from rich.console import Console

from hpsearch.study.runs import read_run
from hpsearch.views.numbers.summary import summarise
from hpsearch.views.terminal.tables import result_screen
from hpsearch.views.words import next_commands

WIDTH = 100


def main(directory: Path, seconds: float, picture: Path) -> None:
    """Write the picture of a finished run."""
    run = read_run(directory)
    console = Console(record=True, width=WIDTH, file=io.StringIO(), highlight=False, markup=False)
    console.print("$ hpsearch run configs/digits.yaml")
    console.print(result_screen(summarise(run), directory, seconds, WIDTH))
    console.print(next_commands(summarise(run), directory), soft_wrap=True)
    # Without the web fonts: whoever looks at the picture need not fetch anything.
    picture.write_text(re.sub(r"@font-face \{.*?\}", "", console.export_svg(title="hpsearch"), flags=re.DOTALL))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
