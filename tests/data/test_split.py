from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hpsearch.data.split import apportion, part_sizes, split_rows
from hpsearch.errors import UsageError


def classes_of(*counts: int) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(counts)), counts)


def test_held_out_shares_are_rounded_and_the_rest_trains() -> None:
    assert part_sizes(1797, 0.2, 0.2) == (1079, 359, 359)
    assert part_sizes(100, 0.25, 0) == (75, 25, 0)
    assert part_sizes(10, 0, 0) == (10, 0, 0)


@pytest.mark.parametrize(("shares", "part"), [((0.04, 0.2), "validation"), ((0.2, 0.04), "test"), ((0.49, 0.49), "train")])
def test_a_part_without_a_row_is_an_error(shares: tuple[float, float], part: str) -> None:
    with pytest.raises(UsageError, match=f"rows are too few.* leaves none for the {part} part"):
        part_sizes(2 if part == "train" else 10, *shares)


def test_largest_remainders_take_the_rows_that_are_left() -> None:
    assert apportion(6, np.array([50, 30, 20]), at_least=0).tolist() == [3, 2, 1]
    assert apportion(7, np.array([50, 30, 20]), at_least=0).tolist() == [4, 2, 1]  # 3.5, 2.1, 1.4
    assert apportion(0, np.array([5, 3]), at_least=0).tolist() == [0, 0]
    assert apportion(0, np.array([0, 0]), at_least=0).tolist() == [0, 0]


def test_a_class_that_is_owed_less_than_its_least_takes_from_those_that_got_most_more() -> None:
    assert apportion(6, np.array([97, 2, 1]), at_least=1).tolist() == [4, 1, 1]


@given(st.lists(st.integers(1, 30), min_size=1, max_size=8), st.data())
def test_apportioning_is_exact_within_bounds_and_nearly_fair(sizes: list[int], data: st.DataObject) -> None:
    counts = np.array(sizes)
    total = data.draw(st.integers(len(sizes), int(counts.sum())))
    shares = apportion(total, counts, at_least=1)
    assert shares.sum() == total
    assert np.all((shares >= 1) & (shares <= counts))
    free = apportion(total, counts, at_least=0)
    assert np.all(np.abs(free - counts * total / counts.sum()) < 1)


def test_each_row_goes_to_one_part_and_each_class_keeps_its_share() -> None:
    targets = np.random.default_rng(0).permutation(classes_of(500, 300, 200))
    parts = split_rows(targets, (600, 250, 150), 0)
    assert [len(rows) for rows in parts] == [600, 250, 150]
    assert sorted(np.concatenate(parts).tolist()) == list(range(1000))
    assert all(np.all(np.diff(rows) > 0) for rows in parts)
    assert [np.bincount(targets[rows]).tolist() for rows in parts] == [[300, 180, 120], [125, 75, 50], [75, 45, 30]]


def test_the_seed_alone_decides_which_rows_go_where() -> None:
    targets = classes_of(20, 20)
    first, again, other = (split_rows(targets, (24, 8, 8), seed)[1].tolist() for seed in (5, 5, 6))
    assert first == again
    assert first != other


def test_the_split_of_seed_0_is_pinned() -> None:
    parts = split_rows(np.array([0, 1, 0, 1, 0, 1, 0, 1, 0, 1]), (6, 2, 2), 0)
    assert [rows.tolist() for rows in parts] == [[0, 3, 4, 5, 6, 9], [2, 7], [1, 8]]


def test_a_class_of_one_row_trains() -> None:
    train, validation, test = split_rows(classes_of(30, 1, 1), (20, 6, 6), 3)
    assert {30, 31} <= set(train.tolist())
    assert len(validation) == len(test) == 6


def test_more_classes_than_training_rows_are_an_error() -> None:
    with pytest.raises(UsageError, match="too few rows to train on: 6 for 10 classes"):
        split_rows(np.arange(10), (6, 2, 2), 0)


@given(st.lists(st.integers(1, 12), min_size=1, max_size=6), st.integers(0, 3))
def test_every_class_trains_and_the_sizes_are_exact(counts: list[int], seed: int) -> None:
    targets = classes_of(*counts)
    held_out = (len(targets) - len(counts)) // 2
    sizes = (len(targets) - 2 * held_out, held_out, held_out)
    parts = split_rows(targets, sizes, seed)
    assert tuple(map(len, parts)) == sizes
    assert set(targets[parts[0]].tolist()) == set(range(len(counts)))


def test_a_group_stays_in_one_part_and_the_sizes_are_nearly_met() -> None:
    generator = np.random.default_rng(1)
    groups = generator.integers(0, 60, 600).astype(np.int32)
    targets = generator.integers(0, 3, 600)
    parts = split_rows(targets, (360, 120, 120), 0, groups)
    held = [set(groups[rows].tolist()) for rows in parts]
    assert sum(map(len, held)) == 60
    assert [abs(len(rows) - size) <= 12 for rows, size in zip(parts, (360, 120, 120), strict=True)] == [True] * 3
    assert sorted(np.concatenate(parts).tolist()) == list(range(600))


def test_the_seed_has_a_say_in_where_groups_go() -> None:
    groups = np.repeat(np.arange(30), 5).astype(np.int32)
    targets = np.tile([0, 1, 0, 1, 1], 30)
    first, again, other = (split_rows(targets, (90, 30, 30), seed, groups)[1].tolist() for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_a_group_that_alone_holds_a_class_trains() -> None:
    groups = np.repeat(np.arange(10), 4).astype(np.int32)
    targets = np.where(groups == 7, 1, 0)
    for seed in range(10):
        train, _, _ = split_rows(targets, (24, 8, 8), seed, groups)
        assert 1 in targets[train]


def test_few_large_groups_still_fill_every_part() -> None:
    groups = np.repeat(np.arange(3), 10).astype(np.int32)
    parts = split_rows(np.tile([0, 1], 15), (18, 6, 6), 0, groups)
    assert [len(rows) for rows in parts] == [10, 10, 10]


def test_fewer_groups_than_parts_are_an_error() -> None:
    with pytest.raises(UsageError, match="2 groups cannot fill 3 parts"):
        split_rows(np.tile([0, 1], 10), (12, 4, 4), 0, np.repeat([0, 1], 10).astype(np.int32))


def test_groups_that_must_all_train_are_an_error() -> None:
    groups = np.repeat(np.arange(3), 10).astype(np.int32)
    with pytest.raises(UsageError, match="too few of the 3 groups are left to hold out when every class"):
        split_rows(groups.astype(np.int64), (18, 6, 6), 0, groups)


def can_be_split(targets: NDArray[np.int64], groups: NDArray[np.int32], parts: int) -> bool:
    """Whether some way to place whole groups fills every part and trains every class, by trying all of them."""
    for part_of_group in itertools.product(range(parts), repeat=int(groups.max()) + 1):
        part_of = np.array(part_of_group)[groups]
        if set(part_of_group) == set(range(parts)) and set(targets[part_of == 0].tolist()) == set(targets.tolist()):
            return True
    return False


def test_the_groups_that_are_held_out_are_those_that_can_be_spared_together() -> None:
    targets = np.array([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0])
    groups = np.array([0, 1, 2, 3, 2, 0, 3, 2, 1, 1, 2, 2, 3, 2, 0, 1], np.int32)
    for seed in range(10):
        parts = split_rows(targets, (10, 3, 3), seed, groups)
        assert all(map(len, parts))
        assert 1 in targets[parts[0]]


def test_groups_may_train_more_classes_than_the_training_part_aims_at_rows() -> None:
    groups = np.array([0] * 8 + [1, 1, 2, 2], np.int32)
    parts = split_rows(np.array([*range(8), 0, 0, 0, 0]), (4, 4, 4), 0, groups)
    assert [len(rows) for rows in parts] == [8, 2, 2]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), min_size=2, max_size=14), st.booleans(), st.integers(0, 3))
def test_groups_are_split_if_and_only_if_they_can_be(rows: list[tuple[int, int]], has_test: bool, seed: int) -> None:
    groups = np.unique([group for group, _ in rows], return_inverse=True)[1].astype(np.int32)
    targets = np.unique([target for _, target in rows], return_inverse=True)[1]
    sizes = (len(rows) - 1 - has_test, 1, int(has_test))
    if not can_be_split(targets, groups, 2 + has_test):
        with pytest.raises(UsageError, match=r"groups cannot fill|too few of the \d groups are left"):
            split_rows(targets, sizes, seed, groups)
        return
    parts = split_rows(targets, sizes, seed, groups)
    assert [len(part) > 0 for part in parts] == [True, True, has_test]
    assert set(targets[parts[0]].tolist()) == set(targets.tolist())


def test_the_seed_has_a_say_in_where_few_unequal_groups_go() -> None:
    groups = np.repeat(np.arange(5), [100, 40, 30, 20, 10]).astype(np.int32)
    splits = [split_rows(np.zeros(200, np.int64), (120, 40, 40), seed, groups) for seed in range(20)]
    assert len({tuple(rows.tobytes() for rows in parts) for parts in splits}) >= 4
    assert all(abs(len(rows) - size) <= 20 for parts in splits for rows, size in zip(parts, (120, 40, 40), strict=True))


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 2)), min_size=30, max_size=60), st.integers(0, 3))
def test_groups_are_never_divided(rows: list[tuple[int, int]], seed: int) -> None:
    groups = np.unique([group for group, _ in rows], return_inverse=True)[1].astype(np.int32)
    targets = np.unique([target for _, target in rows], return_inverse=True)[1]
    sizes = (len(rows) - 10, 5, 5)
    try:
        parts = split_rows(targets, sizes, seed, groups)
    except UsageError:  # too few groups
        return
    held = [set(groups[part].tolist()) for part in parts]
    assert sum(map(len, held)) == len(set(groups.tolist()))
    assert all(held)
    assert set(targets[parts[0]].tolist()) == set(targets.tolist())


def test_the_tenths_of_a_quantity_keep_their_shares() -> None:
    values = np.random.default_rng(2).exponential(size=500)
    parts = split_rows(values, (300, 100, 100), 0)
    assert sorted(np.concatenate(parts).tolist()) == list(range(500))
    tenth = np.argsort(np.argsort(values)) // 50
    assert [np.bincount(tenth[rows]).tolist() for rows in parts] == [[30] * 10, [10] * 10, [10] * 10]


def test_no_part_is_rich_in_large_values_whatever_the_rows_that_are_left_over() -> None:
    values = np.arange(103.0)
    means = [[values[rows].mean() for rows in split_rows(values, (52, 26, 25), seed)] for seed in range(200)]
    assert np.abs(np.mean(means, axis=0) - values.mean()).max() < 0.5


def test_the_split_of_a_quantity_is_pinned_and_the_seed_has_a_say() -> None:
    values = np.array([3.0, 1.5, 2.5, 9.0, 4.0, 8.0, 7.0, 6.5, 5.0, 0.5])
    assert [rows.tolist() for rows in split_rows(values, (6, 2, 2), 0)] == [[1, 2, 3, 6, 7, 9], [4, 5], [0, 8]]
    assert split_rows(values, (6, 2, 2), 1)[1].tolist() != split_rows(values, (6, 2, 2), 0)[1].tolist()


@given(st.integers(1, 40), st.integers(0, 6), st.integers(0, 6), st.integers(0, 3), st.booleans())
def test_the_sizes_of_the_parts_of_a_quantity_are_exact(
    train: int, validation: int, test: int, seed: int, ties: bool
) -> None:
    sizes = (train, validation, test)
    values = np.random.default_rng(seed).permutation(sum(sizes)) / 7.0
    parts = split_rows(np.floor(values) if ties else values, sizes, seed)
    assert tuple(map(len, parts)) == sizes
    assert sorted(np.concatenate(parts).tolist()) == list(range(sum(sizes)))


def test_groups_of_rows_with_quantities_stay_together_and_the_sizes_are_nearly_met() -> None:
    generator = np.random.default_rng(3)
    groups = generator.integers(0, 60, 600).astype(np.int32)
    parts = split_rows(generator.normal(size=600), (360, 120, 120), 0, groups)
    held = [set(groups[rows].tolist()) for rows in parts]
    assert sum(map(len, held)) == 60
    assert all(abs(len(rows) - size) <= 12 for rows, size in zip(parts, (360, 120, 120), strict=True))


def test_a_group_may_have_one_quantity_of_its_own() -> None:
    groups = np.repeat(np.arange(6), 5).astype(np.int32)
    parts = split_rows(groups.astype(np.float64), (20, 5, 5), 0, groups)
    assert [len(rows) for rows in parts] == [20, 5, 5]
