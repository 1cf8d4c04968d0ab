"""A search under way as its events tell of it: 50 trials in three stages, the last of which is at its first rung."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from hpsearch.objectives.metrics import METRICS
from hpsearch.search.plan import Plan
from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.events import Decided, Event, Started, Trained
from hpsearch.trial import Status, Trial, TrialRecord

PLAN = Plan((30, 10, 10), (1, 3, 9))
SPACE = SearchSpace(
    {
        "learning_rate": Entry(Real(1e-4, 1, "log")),
        "optimizer": Entry(Choice(["adam", "momentum"])),
        "momentum": Entry(Real(0.9, 0.999, "1-beta"), when={"optimizer": ("momentum",)}),
        "hidden_units": Entry(Whole(16, 256, "log")),
        "[red]": Entry(Choice(["</script>", "\x1b[31mred"])),
    }
)


def record(number: int, epochs: int, until: int, status: Status, reason: str = "", repetition: int = 0) -> TrialRecord:
    """Return a trial; the higher its number, the better it is and the closer to the upper end of the learning rates."""
    params = {
        "learning_rate": 10 ** (-4 / (1 + number)),
        "optimizer": "adam" if number % 3 else "momentum",
        **({} if number % 3 else {"momentum": 0.95}),
        "hidden_units": 16 + number * 7 % 200,
        "[red]": "</script>" if number % 2 else "\x1b[31mred",
    }
    curve = tuple(0.5 / (number + 1) + 0.4 / epoch for epoch in range(1, epochs + 1))
    if status is Status.DIVERGED:
        curve = (*curve[:-1], math.nan)
    names = ("validation_error", "validation_loss", "train_loss")
    return TrialRecord(
        Trial(number, PLAN.stage_at(number)[0], (0.5,) * 5, params, repetition=repetition),
        until,
        status,
        reason,
        curves=dict.fromkeys(names, curve),
        values=curve,
        selected_epoch=epochs,
        finished_at=f"2026-11-21T10:{number:02d}:00.000+00:00",
    )


def ended(numbers: Sequence[int]) -> Iterator[TrialRecord]:
    """Yield trials at their ends: every third complete, one diverged, one failed, the others stopped at the first rung."""
    for number in numbers:
        if number == 4:
            yield record(4, 2, 3, Status.DIVERGED, "the loss was no longer a finite number in epoch 2")
        elif number == 31:
            yield record(31, 0, 1, Status.FAILED, "Traceback\nValueError: [red]bad</script> \x1b[31m and more of that kind")
        elif number % 3 == 0:
            yield record(number, 9, 9, Status.COMPLETE)
        else:
            yield record(number, 1, 1, Status.STOPPED)


def begin() -> Started:
    """Return what a new search tells first."""
    names = tuple(SPACE.names)
    directory = Path("runs/digits-001")
    return Started(
        directory, PLAN, 2, METRICS["validation_error"], "last_epoch", names, ("momentum",), {}, work_done=0.0, space=SPACE
    )


def under_way() -> list[Event]:
    """Return what is told of a search until its last stage."""
    waiting = tuple(record(number, 0, 1, Status.WAITING) for number in range(40, 50))
    trained = tuple(record(number, 1, 1, Status.WAITING) for number in range(40, 44))
    return [begin(), Trained(tuple(ended(range(40))), 0.75), Decided(waiting, 0.75), Trained(trained, 0.8)]


def confirming() -> list[Event]:
    """Return what is told until leaders are trained again."""
    again = [record(number, 9 * (seed < 2), 9, Status.COMPLETE, repetition=seed) for number in (48, 45) for seed in (1, 2)]
    trainings = tuple(
        again[place] if again[place].epochs_done else record(number, 0, 9, Status.WAITING, repetition=seed)
        for place, (number, seed) in enumerate([(48, 1), (48, 2), (45, 1), (45, 2)])
    )
    return [*under_way(), Trained(tuple(ended(range(40, 50))), 0.9), Decided(trainings, 0.95)]
