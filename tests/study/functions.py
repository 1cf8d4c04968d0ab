"""Functions to be searched, each of one parameter `x`. They stand in a file so that workers and `verify` find them."""

from __future__ import annotations

from collections.abc import Iterator

EPOCHS = 9


def distance(x: float) -> float:
    """Return how far x is from 0.3."""
    return abs(x - 0.3)


def worsening(x: float) -> Iterator[float]:
    """Yield values that grow from epoch to epoch: those that were stopped look best."""
    for epoch in range(EPOCHS):
        yield x + epoch


def memorising(x: float) -> Iterator[float]:
    """Yield values that fall, and from the third epoch on rise beyond what they began with."""
    for epoch in range(EPOCHS):
        yield (1 + x) * (1 + abs(epoch - 2) - epoch / 9)


def improving(x: float) -> Iterator[float]:
    """Yield values that fall from epoch to epoch, in the same order of trials."""
    for epoch in range(EPOCHS):
        yield x + 1 / (1 + epoch)


def broken(x: float) -> float:
    """Raise the same whatever it is called with."""
    raise FileNotFoundError("rows.csv" if x >= 0 else "")


def undefined_below(x: float) -> float:
    """Return no number for small values."""
    return x if x >= 0.5 else float("nan")


def broken_below(x: float) -> float:
    """Raise for small values, each time something else."""
    if x < 0.5:
        raise ValueError(f"{x} is too small")
    return x
