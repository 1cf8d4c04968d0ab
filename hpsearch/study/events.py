"""What the loop tells whoever watches: facts that are already on record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from hpsearch.objectives.metrics import Metric, Select
from hpsearch.search.plan import Plan
from hpsearch.search.settings import Method
from hpsearch.space.search_space import SearchSpace
from hpsearch.trial import History, TrialRecord


@dataclass(frozen=True)
class Started:
    """The run is open.

    `parameters` are the searched ones in the order of the spec, `averaging` those among them that weigh the past. `history`
    is what an earlier, interrupted command left of the run, `work_done` its share of the work; `notes` tell what was found
    amiss in the record. `jobs` is 0 where it is not known; `space` is what is searched, where that is known; `seconds` is
    how long the command that works on the run has been at it when this is told.
    """

    directory: Path
    plan: Plan
    jobs: int
    metric: Metric
    select: Select
    parameters: tuple[str, ...]
    averaging: tuple[str, ...]
    history: History
    work_done: float
    notes: tuple[str, ...] = ()
    method: Method = "coarse-to-fine"
    space: SearchSpace | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Replanned:
    """The search goes on with another plan; `work_done` is the share of the predicted work, 0 to 1."""

    plan: Plan
    work_done: float


@dataclass(frozen=True)
class Decided:
    """Some trials were started, promoted or stopped, or given up: those are no longer trials of the search.

    `records` are these trials as they stand now, `work_done` is the share of the predicted work, 0 to 1, and `gone` are the
    numbers of those given up.
    """

    records: tuple[TrialRecord, ...]
    work_done: float
    gone: tuple[int, ...] = ()


@dataclass(frozen=True)
class Trained:
    """Blocks of some trials are on record.

    `records` are these trials as they stand now, `work_done` is the share of the predicted work, 0 to 1.
    """

    records: tuple[TrialRecord, ...]
    work_done: float


@dataclass(frozen=True)
class Noted:
    """Something happened that is worth knowing, and stops nothing."""

    text: str


@dataclass(frozen=True)
class Finished:
    """The search is over."""

    history: History


Event: TypeAlias = Started | Replanned | Decided | Trained | Noted | Finished
Listener: TypeAlias = Callable[[Event], None]


def unheard(event: Event) -> None:  # a listener that does not listen
    """Take an event and do nothing."""
