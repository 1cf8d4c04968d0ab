"""The files in golden/: each a spec with its mistakes, a line of dashes, and what is said about them.

A first line `$ --set a.b=value` gives overrides.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from hpsearch.errors import Problem, SpecError
from hpsearch.spec.load import load_spec

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.txt"))
SEPARATOR = "\n----------\n"


def spec_of(path: Path) -> tuple[str, list[str]]:
    """Return the spec of a golden file, and its overrides."""
    spec = path.read_text(encoding="utf-8").partition(SEPARATOR)[0] + "\n"
    command, spec = spec.split("\n", 1) if spec.startswith("$ ") else ("", spec)
    return spec, [word for word in shlex.split(command[2:]) if word != "--set"]


def problems_of(text: str, overrides: list[str]) -> list[Problem]:
    """Return the mistakes in a spec; none if it loads."""
    try:
        load_spec(text, "spec.yaml", overrides, Path("/specs"))
    except SpecError as error:
        return list(error.problems)
    return []
