"""Early stopping by successive halving: the rungs, and who goes on.

A stage is one bracket: all its trials train to the first rung, the best share of them to the next, and so on. It is
synchronous, so that who goes on is a function of the record and not of who finished first.

Source: Jamieson and Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter optimization"; Li et al.
2018, "Hyperband".
"""

from __future__ import annotations

from collections.abc import Sequence

from hpsearch.trial import Status, TrialRecord, best_first


def rungs(epochs: int, min_epochs: int, reduction_factor: int) -> tuple[int, ...]:
    """Return the epochs after which trials are compared: `min_epochs` times powers of the factor, and `epochs` itself.

    The powers go up to `epochs` / `reduction_factor`. Whole numbers are multiplied: a quotient of logarithms would lose a
    rung of (1, 3, 9, 27, 81, 243).
    """
    found, rung = [], min_epochs
    while rung * reduction_factor <= epochs:
        found.append(rung)
        rung *= reduction_factor
    return (*found, epochs)


def coarse_rungs(rungs: Sequence[int]) -> tuple[int, ...]:
    """Return every other one of the rungs, back from the last comparison: with fewer of them more trials come to the end."""
    *before, last = rungs
    return (*before[::-2][::-1], last)


def survivors(count: int, reduction_factor: int) -> int:
    """Return how many of so many trials go on."""
    return -(-count // reduction_factor)


def bracket_epochs(count: int, rungs: Sequence[int], reduction_factor: int) -> int:
    """Return the epochs of a bracket with so many trials, if none diverges."""
    total, before = 0, 0
    for rung in rungs:
        total += count * (rung - before)
        count, before = survivors(count, reduction_factor), rung
    return total


def promotion(
    stage: Sequence[TrialRecord], rungs: Sequence[int], reduction_factor: int, given: int = 0
) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """Return who of a stage goes on and who is stopped, by number, and the epoch until which the first train.

    The waiting trials of the stage have all reached the same rung. Those that diverged on the way count as having been
    there: they take nobody's place, and give nobody theirs. So do those with numbers below `given`, which always go on.
    """
    waiting = [record for record in stage if record.status is Status.WAITING]
    rung = waiting[0].until_epoch
    off = passed_over(stage, reduction_factor, given)
    on = tuple(sorted(record.number for record in waiting if record.number not in off))
    return on, tuple(sorted(off)), min(later for later in rungs if later > rung)


def passed_over(stage: Sequence[TrialRecord], reduction_factor: int, given: int = 0) -> frozenset[int]:
    """Return who of a stage, by number, cannot go on any more, whatever those come to that are still on the way to the rung.

    They have reached it, and as many as go on are there and better.
    """
    compared = [record for record in stage if record.number >= given]
    there = [r for r in compared if r.status is Status.WAITING and r.epochs_done == r.until_epoch]
    if not there:
        return frozenset()
    kept = survivors(sum(record.until_epoch >= there[0].until_epoch for record in compared), reduction_factor)
    return frozenset(record.number for record in best_first(there)[kept:])


def share_that_goes_on(reduction_factor: int) -> str:
    """Return the share of the trials that goes on, in words."""
    return {2: "half", 3: "third", 4: "quarter"}.get(reduction_factor, f"1 / {reduction_factor}")


def stopped_at(epochs: int, reduction_factor: int) -> str:
    """Return why a trial was stopped."""
    share = share_that_goes_on(reduction_factor)
    return f"not among the best {share} of its stage after {epochs} epoch{'s' * (epochs != 1)}"
