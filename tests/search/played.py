"""Searches played on functions instead of trainings, and the spaces they are played in."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from hpsearch.search.evidence import Evidence, Sources
from hpsearch.search.plan import Decision, Done, Promote, Replan, Start
from hpsearch.search.settings import EarlyStopping, SearchSettings
from hpsearch.search.strategy import Search
from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.trial import History, PriorTrial, Status, Trial, TrialRecord

Curve = Callable[[Trial], Sequence[float]]
"""What training a trial gives: a value for each epoch; where they end before they should, it diverged."""

MIXED = SearchSpace(
    {
        "learning_rate": Entry(Real(1e-4, 1, "log")),
        "optimizer": Entry(Choice(["adam", "momentum"])),
        "momentum": Entry(Real(0.9, 0.999, "1-beta"), when={"optimizer": ("momentum",)}),
        "hidden_units": Entry(Whole(16, 256, "log")),
    }
)

FINITE = SearchSpace(
    {
        "optimizer": Entry(Choice(["adam", "momentum", "sgd"])),
        "momentum": Entry(Real(0.8, 0.9, step=0.1), when={"optimizer": ("momentum",)}),
        "hidden_layers": Entry(Whole(1, 3)),
        "hidden_units": Entry(Choice([32, 64]), layers=3),
    }
)
"""4 optimizers with their momentum times 2 + 4 + 8 widths: 56 combinations."""

OFF = SearchSettings(early_stopping="off")
HALVED = SearchSettings(early_stopping=EarlyStopping())


def cube(dimensions: int) -> SearchSpace:
    """Return a space in which every value is its coordinate."""
    return SearchSpace({f"x{j}": Entry(Real(0, 1)) for j in range(dimensions)})


def bowl(trial: Trial) -> list[float]:
    """Return the squared distance from 0.3 in every coordinate, and a little."""
    return [0.01 + math.fsum((u - 0.3) ** 2 for u in trial.point)]


def falling(epochs: int) -> Curve:
    """Return curves that fall to the bowl's value, the slower the higher the first coordinate is."""
    return lambda trial: [bowl(trial)[0] * (1 + (1 + trial.point[0]) / epoch) for epoch in range(1, epochs + 1)]


def tried(points: Sequence[Sequence[float]], values: Sequence[float], space: SearchSpace | None = None) -> History:
    """Return a history of trials that were trained for one epoch; those whose value is no number diverged."""
    space = space or cube(len(points[0]))
    trials = [Trial(number, 0, tuple(point), space.decode(point)) for number, point in enumerate(points)]
    return {
        trial.number: trained(TrialRecord(trial, 1), [value] if math.isfinite(value) else [], 1)
        for trial, value in zip(trials, values, strict=True)
    }


def gather(history: History, prior: Sequence[PriorTrial] = (), floor: float = 0.0, *, logarithmic: bool = True) -> Evidence:
    """Return what a history and the trials of earlier runs say."""
    return Sources(prior, floor, logarithmic).evidence(history)


def trained(record: TrialRecord, curve: Sequence[float], epochs: int) -> TrialRecord:
    """Return a record after it was trained as far as it was sent."""
    values = tuple(curve[: record.until_epoch])
    status = Status.COMPLETE if record.until_epoch == epochs else Status.WAITING
    if len(values) < record.until_epoch:
        status = Status.DIVERGED
    return replace(record, curves={"value": values}, values=values, selected_epoch=len(values), status=status)


def decisions(
    search: Search, curve: Curve, history: dict[int, TrialRecord], order: np.random.Generator | None = None
) -> Iterator[Decision]:
    """Yield what a search decides until it is done, and bring the history up to date in between.

    Trials are trained all at once, or one by one in a random order.
    """
    epochs = search.plan.rungs[-1]
    while True:
        decision = search.ask(history)
        yield decision
        match decision:
            case Start(trials, until):
                history.update({trial.number: TrialRecord(trial, until) for trial in trials})
            case Promote(on, off, until):
                history.update({number: replace(history[number], until_epoch=until) for number in on})
                history.update({number: replace(history[number], status=Status.STOPPED) for number in off})
            case Replan(plan):
                search = search.replanned(plan)
            case Done(_, keep):
                for number in range(keep, len(history)):
                    del history[number]
                return
            case _:
                waiting = [r for r in history.values() if not r.status.ended and r.epochs_done < r.until_epoch]
                chosen = [waiting[order.integers(len(waiting))]] if order else waiting
                history.update({r.number: trained(r, curve(r.trial), epochs) for r in chosen})


def played(
    search: Search, curve: Curve, history: Mapping[int, TrialRecord] | None = None, order: np.random.Generator | None = None
) -> dict[int, TrialRecord]:
    """Return the history when a search is done."""
    end = dict(history or {})
    for _ in decisions(search, curve, end, order):
        pass
    return {
        number: record if record.status.ended else replace(record, status=Status.STOPPED) for number, record in end.items()
    }


def trials_of(history: History) -> list[Trial]:
    """Return the trials of a history."""
    return [record.trial for record in history.values()]
