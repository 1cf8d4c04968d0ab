"""Which rows train, which validate, which test: a function of the targets, the groups and one seed, of nothing else.

The sizes of the parts are exact. Without groups the classes keep their shares in each part as nearly as whole rows allow;
with groups the sizes are met as nearly as whole groups allow. A quantity is split like up to 10 classes, its tenths by
rank, so that no part is rich in large values by chance; with groups only the sizes count.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.group_split import split_groups
from hpsearch.data.table import Rows
from hpsearch.errors import Mistake, SettingError
from hpsearch.seeds import Purpose, Streams

PARTS = ("train", "validation", "test")

_MOST_STRATA = 10
_ROWS_PER_STRATUM = 5  # with the usual shares of 60, 20 and 20 % each part then has a row of each

_Counts = NDArray[np.int64]


def part_sizes(n_rows: int, validation: float, test: float) -> tuple[int, int, int]:
    """Return how many rows train, validate and test; the held-out shares are rounded, the rest trains.

    The shares sum to less than 1, and one of 0 asks for no such part. Raises SettingError when a part that is asked for
    would have no row.
    """
    held_out = round(n_rows * validation), round(n_rows * test)
    sizes = (n_rows - sum(held_out), *held_out)
    for part, share, size in zip(PARTS, (1 - validation - test, validation, test), sizes, strict=True):
        if share and not size:
            message = f"{n_rows:,} rows are too few: a share of {share:g} leaves none for the {part} part"
            setting = "source" if part == "train" else part
            raise SettingError(Mistake(("data", setting), message, "take more rows, or hold out another share of them"))
    return sizes


def split_rows(
    targets: NDArray[np.int64] | NDArray[np.float64],
    sizes: tuple[int, int, int],
    seed: int,
    groups: NDArray[np.int32] | None = None,
) -> tuple[Rows, Rows, Rows]:
    """Return the rows of the training, validation and test part, each in ascending order.

    `targets` (n,) are classes of which each has a row, or quantities in float64; `sizes` sum to n. `groups` (n,) numbers
    the groups from 0; rows of one group stay together, and `sizes` are then only aimed at. Every class has a row in the
    training part. Raises SettingError when that cannot be.
    """
    generator = Streams(seed).generator(Purpose.SPLIT)
    if np.issubdtype(targets.dtype, np.integer):
        classes = targets.astype(np.int64, copy=False)
    else:
        classes = _strata(targets, sizes[0], generator) if groups is None else np.zeros(len(targets), np.int64)
    if groups is None:
        part_of = _stratified(classes, sizes, generator)
    else:
        part_of = split_groups(classes, groups, sizes, generator)
    train, validation, test = (np.flatnonzero(part_of == part) for part in range(len(PARTS)))
    return train, validation, test


def _strata(values: NDArray[np.floating | np.integer], n_train: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Return the stratum (n,) of each row: of equal size, by rank, and numbered at random.

    Rows that cannot be shared out evenly go to the strata with low numbers first: were these the low values, the
    validation part would have more of them than the test part.
    """
    count = max(1, min(_MOST_STRATA, len(values) // _ROWS_PER_STRATUM, n_train))
    rank = np.empty(len(values), np.int64)
    rank[np.argsort(values, kind="stable")] = np.arange(len(values))
    return generator.permutation(count)[rank * count // len(values)]


def _stratified(
    targets: NDArray[np.int64], sizes: tuple[int, int, int], generator: np.random.Generator
) -> NDArray[np.int64]:
    counts = np.bincount(targets)
    if len(counts) > sizes[0]:
        message = f"too few rows to train on: {sizes[0]:,} for {len(counts):,} classes"
        raise SettingError(Mistake(("data", "target"), message, "every class needs a row to train on"))
    train = apportion(sizes[0], counts, at_least=1)
    validation = apportion(sizes[1], counts - train, at_least=0)
    part_of = np.empty(len(targets), np.int64)
    for label, of_parts in enumerate(zip(train, validation, counts - train - validation, strict=True)):
        part_of[generator.permutation(np.flatnonzero(targets == label))] = np.repeat(range(len(PARTS)), of_parts)
    return part_of


def apportion(total: int, counts: _Counts, *, at_least: int) -> _Counts:
    """Share out `total` rows over classes of sizes `counts` (C,) by largest remainder, in whole-number arithmetic.

    No class gets more rows than it has, nor fewer than `at_least`; `total` must allow for that. Ties go to the first.
    """
    n_rows = max(int(counts.sum()), 1)
    exact = counts * total  # the fair share of each class, times n_rows
    shares = np.maximum(exact // n_rows, at_least)
    while (spare := total - shares.sum()) != 0:
        step = 1 if spare > 0 else -1
        can = shares < counts if spare > 0 else shares > at_least
        owed = np.where(can, step * (exact - shares * n_rows), np.iinfo(np.int64).min)
        shares[np.argmax(owed)] += step
    return shares
