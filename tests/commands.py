"""What the tests of the command line share: a small spec, and how a command ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from hpsearch.cli.main import main

SPEC = """\
name: tiny
network: {epochs: 3}
space:
  learning_rate: {range: [1e-3, 1e-1], scale: log}
  hidden_units: {range: [8, 16]}
search: {method: random, trials: 4}
"""


@dataclass
class Ended:
    """How a command ended: its exit code and what it wrote."""

    code: int
    out: str
    err: str


Command = Callable[..., Ended]


def search_in(folder: Path, *searches: Sequence[str]) -> None:
    """Run searches in a folder, one after the other, for tests that then take a copy of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for arguments in searches:
            with pytest.raises(SystemExit) as ended:
                main(["run", *arguments, "--jobs", "1", "-q"])
            assert ended.value.code == 0
