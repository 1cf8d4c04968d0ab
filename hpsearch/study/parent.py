"""The run that a run was refined from, as far as it counts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpsearch.trial import PriorTrial


@dataclass(frozen=True)
class Parent:
    """A run, how often it and its ancestors scored their test part, and what trials of theirs count as evidence."""

    run: str
    directory: Path
    tests: int
    trials: tuple[PriorTrial, ...] = ()

    def described(self) -> dict[str, Any]:
        """Return what the start record of the child holds."""
        return {"run": self.run, "directory": str(self.directory.absolute()), "tests": self.tests}
