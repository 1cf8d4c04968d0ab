"""The options of the search, each declared once. No NumPy here: the command line reads this file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

from hpsearch.options import Option
from hpsearch.trial import Value

Method = Literal["coarse-to-fine", "random", "grid", "sobol", "zoom"]

FEWEST_TO_CONFIRM = 50
"""Trials from which a search confirms its leaders unless told otherwise: the best of fewer looks less too good."""


@dataclass(frozen=True)
class EarlyStopping:
    """Synchronous successive halving: at each rung the best share of 1 / `reduction_factor` goes on."""

    reduction_factor: Annotated[
        int, Option("of so many trials one goes on, to so many times the epochs", at_least=2, at_most=100, searchable=False)
    ] = 3
    min_epochs: Annotated[
        int, Option("epochs before the first trials are stopped", at_least=1, at_most=1_000_000, searchable=False)
    ] = 1


@dataclass(frozen=True)
class Leaders:
    """The best trials of another run."""

    run: Annotated[str, Option("the run whose best trials are tried first", searchable=False)]
    top: Annotated[int, Option("how many of them", at_least=1, at_most=1_000_000, searchable=False)] = 5


@dataclass(frozen=True)
class Prior:
    """Trials of a run and its ancestors that count as evidence, and cost none of this run's trials."""

    run: Annotated[str, Option("the run whose trials are taken as evidence", searchable=False)]
    trials_sha256: Annotated[str, Option("the hash of these trials, so that no others are taken", searchable=False)]


@dataclass(frozen=True)
class Confirm:
    """Retraining the leaders with fresh seeds at the end."""

    leaders: Annotated[
        int | None,
        Option("leaders that are retrained; 0 turns it off", at_least=0, at_most=1_000, searchable=False),
    ] = None
    seeds: Annotated[int, Option("fresh seeds, the same for each leader", at_least=1, at_most=1_000, searchable=False)] = 3

    def count(self, trials: int) -> int:
        """Return how many leaders of so many trials are retrained."""
        if self.leaders is not None:
            return self.leaders
        return max(2, min(5, round(trials / 30))) if trials >= FEWEST_TO_CONFIRM else 0


@dataclass(frozen=True)
class SearchSettings:
    """How trials are chosen, how many are started in total, and what ends a search before that."""

    method: Annotated[Method, Option("how the next trials are chosen", searchable=False)] = "coarse-to-fine"
    trials: Annotated[int, Option("trials started, a total", at_least=1, at_most=1_000_000, searchable=False)] = 40
    early_stopping: Annotated[
        EarlyStopping | Literal["off"] | None,
        Option("stop poor trials early, or off; on in coarse-to-fine unless given, off elsewhere", searchable=False),
    ] = None
    stages: Annotated[
        int | None,
        Option("stages after the coarse one, in coarse-to-fine and zoom", at_least=1, at_most=10_000, searchable=False),
    ] = None
    start: Annotated[
        tuple[Mapping[str, Value], ...] | Leaders | None,
        Option("points that are tried first: a list of values by name, or the leaders of a run", searchable=False),
    ] = None
    prior: Annotated[
        Prior | None, Option("the trials of another run as evidence; `hpsearch refine` writes it", searchable=False)
    ] = None
    target: Annotated[float | None, Option("end when a trial's metric is this good or better", searchable=False)] = None
    plateau: Annotated[
        int | None, Option("end after so many trials without a better one", at_least=1, at_most=1_000_000, searchable=False)
    ] = None
    hours: Annotated[float | None, Option("end after so many hours", above=0, searchable=False)] = None
    trial_seconds: Annotated[
        float | None,
        Option(
            "a trial that has trained so many seconds ends with its epoch, as one that did not come through",
            above=0,
            searchable=False,
        ),
    ] = None
    confirm: Annotated[Confirm, Option("leaders to be retrained with fresh seeds at the end", searchable=False)] = field(
        default_factory=Confirm
    )

    def settled(self) -> SearchSettings:
        """Return the settings with what the method decides filled in."""
        if self.early_stopping is not None:
            return self
        return replace(self, early_stopping=EarlyStopping() if self.method == "coarse-to-fine" else "off")


RULES = ("trials", "target", "plateau", "hours", "trial_seconds", "confirm")
"""What says only when a search or a trial ends, and how it is checked: it may change while the search stays the same."""


def is_staged(method: Method) -> bool:
    """Whether a method learns from one stage what to try in the next."""
    return method in ("coarse-to-fine", "zoom")


def can_grow(method: Method) -> bool:
    """Whether trials can be added to those of a method; a grid of more points is another grid."""
    return method != "grid"


def start_points(settings: SearchSettings) -> tuple[Mapping[str, Any], ...]:
    """Return the points that are tried first; the leaders of a run must have been looked up before."""
    return settings.start if isinstance(settings.start, tuple) else ()
