"""The run that a run was refined from, as far as it counts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpsearch.trial import Params, PriorTrial


@dataclass(frozen=True)
class Parent:
    """A run, how often it and its ancestors scored their test part, and what trials of theirs count as evidence.

    `best` are the params of its winner as a trial of the child has them, None where none can.
    """

    run: str
    directory: Path
    tests: int
    trials: tuple[PriorTrial, ...] = ()
    best: Params | None = None

    def described(self) -> dict[str, Any]:
        """Return what the start record of the child holds."""
        best = None if self.best is None else dict(self.best)
        return {"run": self.run, "directory": str(self.directory.absolute()), "tests": self.tests, "best": best}
