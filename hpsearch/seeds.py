"""Named random streams: each is keyed by what it is for, never by how often or in which order it was asked.

A stream is `SeedSequence(seed, spawn_key=(purpose, ...))` and so a pure function of its key. That is what makes a search
independent of the number of workers, of interruptions, and of the company a trial trains in.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What a stream is for. The numbers are part of every result: never change or reuse one."""

    SPLIT = 0
    POINTS = 1
    EXPLORE = 2
    BATCHES = 3
    WEIGHTS = 4
    DROPOUT = 5
    CONFIRM = 6
    CANDIDATES = 7
    OBJECTIVE = 8


@dataclass(frozen=True)
class Streams:
    """The random streams that belong to one seed.

    `prefix` leads every key; it is empty for a study itself, and sets the streams of a repetition apart from it.
    """

    seed: int
    prefix: tuple[int, ...] = ()

    def repetition(self, number: int) -> Streams:
        """Return the streams of a training with fresh seeds; these themselves for number 0."""
        return Streams(self.seed, (int(Purpose.CONFIRM), number)) if number else self

    def generator(self, purpose: Purpose, *key: int) -> np.random.Generator:
        """Return a fresh generator at the start of the stream (seed, prefix, purpose, key)."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(*self.prefix, int(purpose), *key)))
