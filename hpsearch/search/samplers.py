"""Points of the unit cube, each from a stream of its own: point i is the same whoever asked for how many."""

from __future__ import annotations

from hpsearch.seeds import Purpose, Streams


def random_point(streams: Streams, stage: int, number: int, dimensions: int) -> tuple[float, ...]:
    """Draw the point of trial `number` in a stage, uniform in the unit cube: (d,)."""
    return tuple(streams.generator(Purpose.POINTS, stage, number).random(dimensions).tolist())
