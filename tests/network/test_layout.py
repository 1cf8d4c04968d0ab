from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.network.layout import PAD, Layout, PerNetwork, Vector, padded

shapes = st.integers(1, 3).flatmap(
    lambda depth: st.lists(st.lists(st.integers(1, 9), min_size=depth, max_size=depth), min_size=1, max_size=4)
)


@pytest.mark.parametrize(("count", "multiple", "expected"), [(1, 4, 4), (4, 4, 4), (5, 4, 8), (17, 16, 32)])
def test_padding_rounds_up_to_a_multiple(count: int, multiple: int, expected: int) -> None:
    assert padded(count, multiple) == expected


@settings(max_examples=40)
@given(shapes, st.integers(1, 5), st.integers(2, 5))
def test_no_two_views_share_a_number(widths: list[list[int]], features: int, classes: int) -> None:
    layout = Layout(widths, features, classes)
    vector = layout.vector(np.int64)
    views = [*(matrix for row in vector.matrices for matrix in row), *vector.gammas, *vector.betas, vector.bias]
    for view in views:
        view += 1
    assert vector.flat.max() == 1
    assert vector.flat.sum() == sum(view.size for view in views)


@settings(max_examples=40)
@given(shapes, st.integers(1, 5), st.integers(2, 5))
def test_every_network_has_a_padded_block_of_columns_in_every_layer(
    widths: list[list[int]], features: int, classes: int
) -> None:
    layout = Layout(widths, features, classes)
    for layer, columns in enumerate(layout.columns):
        assert [c.start for c in columns] == [0, *(c.stop for c in columns[:-1])]
        for row, block in zip(widths, columns, strict=True):
            size = block.stop - block.start
            assert (size % PAD, size - row[layer] in range(PAD)) == (0, True)
            assert layout.live[layer][block].tolist() == [1] * row[layer] + [0] * (size - row[layer])


def test_matrices_have_the_padded_shapes_and_begin_at_aligned_places() -> None:
    layout = Layout([(3, 5), (8, 1)], features=7, classes=3)
    vector = layout.vector(np.float64)
    vector.flat[:] = np.arange(layout.size)
    assert [[matrix.shape for matrix in row] for row in vector.matrices] == [
        [(7, 4), (7, 8)],
        [(4, 8), (8, 4)],
        [(8, 3), (4, 3)],
    ]
    assert all(matrix[0, 0] % 16 == 0 for row in vector.matrices for matrix in row)


def marked(layout: Layout) -> Vector:
    """Return a vector that says of each number in its views which network it belongs to."""
    vector = layout.vector(np.float64)
    for network in range(layout.networks):
        for row in vector.matrices:
            row[network][...] = network
        for layer, columns in enumerate(layout.columns):
            vector.gammas[layer][columns[network]] = network
            vector.betas[layer][columns[network]] = network
        vector.bias[network] = network
    return vector


def test_owners_name_the_network_of_every_shared_number() -> None:
    layout = Layout([(3, 5), (8, 1), (4, 4)], features=2, classes=3)
    assert np.array_equal(layout.owners(), marked(layout).shared)


def test_one_number_per_network_reaches_all_that_the_network_owns() -> None:
    layout = Layout([(3, 5), (8, 1), (4, 4)], features=2, classes=3)
    vector = marked(layout)
    PerNetwork(layout, np.float64).apply(np.add, vector, np.array([10.0, 20.0, 30.0]), vector)
    assert np.array_equal(vector.bias, [[10] * 3, [21] * 3, [32] * 3])
    for layer, columns in enumerate(layout.columns):
        for network, expected in enumerate((10, 21, 32)):
            assert (vector.matrices[layer][network] == expected).all()
            assert (vector.gammas[layer][columns[network]] == expected).all()
            assert (vector.betas[layer][columns[network]] == expected).all()


@pytest.mark.parametrize("operation", [np.multiply, np.add])
def test_equal_numbers_give_the_bits_of_single_ones(operation: np.ufunc) -> None:
    layout = Layout([(3, 5), (8, 1)], features=2, classes=3)
    rng = np.random.default_rng(0)
    equal, single = layout.vector(np.float32), layout.vector(np.float32)
    equal.flat[:] = single.flat[:] = rng.standard_normal(layout.size)
    apply = PerNetwork(layout, np.float32).apply
    apply(operation, equal, np.array([0.3, 0.3], np.float32), equal)
    apply(operation, single, np.array([0.3, 0.7], np.float32), single)
    for layer, columns in enumerate(layout.columns):
        assert np.array_equal(equal.matrices[layer][0], single.matrices[layer][0])
        assert np.array_equal(equal.gammas[layer][columns[0]], single.gammas[layer][columns[0]])
    assert np.array_equal(equal.bias[0], single.bias[0])
