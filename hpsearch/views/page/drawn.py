"""Which trials are drawn: all of them, or of too many the leaders, some failures and a sample; the table holds all."""

from __future__ import annotations

import math
import random

from hpsearch.study.record import RunRecord
from hpsearch.trial import leaders

MOST, LEADERS, FAILURES, CURVES = 400, 40, 80, 80
"""Trials that are drawn at most; of these the leaders, those without a number, and those whose learning curve is drawn."""


def drawn_trials(run: RunRecord) -> tuple[int, ...]:
    """Return the trials to be drawn, by number; the same ones for the same record."""
    if len(run.history) <= MOST:
        return tuple(sorted(run.history))
    chance = random.Random(0)
    failures = sorted(number for number, record in run.history.items() if not math.isfinite(record.value))
    first = {record.number for record in leaders(run.history.values())[:LEADERS]}
    first |= set(chance.sample(failures, min(FAILURES, len(failures))))
    if run.winner:
        first.add(run.winner.number)
    rest = sorted(run.history.keys() - first - set(failures))
    return tuple(sorted(first | set(chance.sample(rest, min(MOST - len(first), len(rest))))))


def drawn_curves(run: RunRecord, drawn: tuple[int, ...], leading: frozenset[int]) -> tuple[int, ...]:
    """Return those of the drawn trials whose learning curve is drawn: of too many every so many, and the leading ones."""
    trained = [number for number in drawn if run.history[number].epochs_done > 1]
    step = max(1, -(-len(trained) // CURVES))
    return tuple(number for place, number in enumerate(trained) if place % step == 0 or number in leading)
