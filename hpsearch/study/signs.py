"""What was found about a machine or a run, for people and for JSON."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Severity(StrEnum):
    """How bad a sign is."""

    FINE = "fine"
    NOTE = "note"
    DAMAGE = "damage"


@dataclass(frozen=True)
class Sign:
    """What was found `about` something: a text for people, and the same as `facts` fit for JSON."""

    about: str
    text: str
    severity: Severity = Severity.FINE
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_damage(self) -> bool:
        """Whether something is lost."""
        return self.severity is Severity.DAMAGE


def total_size(files: Sequence[Path]) -> int:
    """Return the bytes in files; symbolic links count as themselves."""
    total = 0
    for path in files:
        with suppress(OSError):  # it was deleted meanwhile
            total += path.lstat().st_size
    return total


def size_of(directory: Path) -> int:
    """Return the bytes in all files below a directory; symbolic links count as themselves."""
    return total_size([Path(folder) / name for folder, _, names in os.walk(directory) for name in names])
