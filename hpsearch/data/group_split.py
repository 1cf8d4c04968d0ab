"""Which groups train, validate and test: whole groups only, and every class has a row to train on.

A group may be held out as long as each of its classes has another group in training. So the held-out parts first get one
group each that can be spared together, which finds a split wherever there is one; then each group goes where its classes
are lacking most. How near that comes to the sizes depends on the order of the groups. It is drawn at random, large groups
early more often than late, and of a few such orders the best counts.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from hpsearch.errors import Mistake, SettingError

_WAYS_OUT = "leave out the rarest classes or `group`, or give files for `validation` and `test`"
_MOST_TRIES = 5
_MANY_GROUPS = 400  # so many come near the sizes in any order

_Held: TypeAlias = "list[tuple[NDArray[np.int64], NDArray[np.float64]]]"
"""For each group its classes (k,), and its share (k,) of the rows of each."""


def split_groups(
    targets: NDArray[np.int64], groups: NDArray[np.int32], sizes: tuple[int, int, int], generator: np.random.Generator
) -> NDArray[np.int64]:
    """Return the part (n,) of each row: 0 trains, 1 and 2 are held out where `sizes` ask for them.

    `targets` (n,) are classes and `groups` (n,) groups, both numbered from 0 without gaps. Every part that is asked for
    has a group, and every class one that trains. Raises SettingError when that cannot be.
    """
    held = _held(targets, groups)
    held_out = [part for part in (1, 2) if sizes[part]]
    if len(held) <= len(held_out):
        message = f"{len(held)} groups cannot fill {len(held_out) + 1} parts"
        raise SettingError(Mistake(("data", "group"), message, _WAYS_OUT))
    wanted = np.array(sizes) / len(targets)
    rows = np.bincount(groups)
    tries = []
    for _ in range(min(_MOST_TRIES, 1 + _MANY_GROUPS // len(held))):
        order = np.argsort(generator.exponential(size=len(held)) / rows)
        tries.append(_placed(held, wanted, held_out, order.tolist()))
    part_of_group = min(tries, key=lambda placed: placed[1])[0]
    return part_of_group[groups]


def _held(targets: NDArray[np.int64], groups: NDArray[np.int32]) -> _Held:
    counts = np.bincount(targets)
    pairs, rows = np.unique(groups.astype(np.int64) * len(counts) + targets, return_counts=True)
    classes = pairs % len(counts)
    cuts = np.flatnonzero(np.diff(pairs // len(counts))) + 1
    return list(zip(np.split(classes, cuts), np.split(rows / counts[classes], cuts), strict=True))


def _placed(
    held: _Held, wanted: NDArray[np.float64], held_out: Sequence[int], order: Sequence[int]
) -> tuple[NDArray[np.int64], float]:
    """Return the part of each group when they are placed in an order, and how far the parts are from what is wanted.

    `wanted` (3,) are the parts' shares of the rows. The distance is 0 when they have these shares of every class.
    """
    training = np.bincount(np.concatenate([classes for classes, _ in held]))  # groups (C,) that may yet train
    lacking = np.tile(wanted[:, None], len(training))  # (3, C) shares of each class's rows
    part_of_group = np.zeros(len(held), np.int64)
    first = dict(zip(_spared(held, training, order[::-1], len(held_out)), held_out, strict=True))
    for group in (*first, *(group for group in order if group not in first)):
        classes, shares = held[group]
        part = first.get(group, 0)
        if not part and (training[classes] > 1).all():
            part = max((0, *held_out), key=(lacking[:, classes] * shares).sum(axis=1).__getitem__)
        part_of_group[group] = part
        lacking[part, classes] -= shares
        training[classes] -= part > 0
    return part_of_group, float(np.abs(lacking).sum(axis=0).mean())


def _spared(held: _Held, training: NDArray[np.int64], order: Sequence[int], count: int) -> tuple[int, ...]:
    """Return the first groups of an order, `count` in all, without which every class has a group that trains.

    `training` (C,) are the groups that hold each class. Raises SettingError when there are none.
    """
    alone = [group for group in order if (training[held[group][0]] > 1).all()]
    for chosen in itertools.combinations(alone, count):
        left = training.copy()
        for group in chosen:
            left[held[group][0]] -= 1
        if left.all():
            return chosen
    message = f"too few of the {len(held)} groups are left to hold out when every class must have a row to train on"
    raise SettingError(Mistake(("data", "group"), message, _WAYS_OUT))
