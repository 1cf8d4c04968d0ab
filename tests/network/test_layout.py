from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from network_examples import networks, varied

from hpsearch.network.layout import PAD, Layout, Parameters, padded, parameter_shapes
from hpsearch.network.settings import NetworkSettings


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    depth = draw(st.integers(1, 3))
    kinds = draw(st.lists(networks(depth, 8), min_size=1, max_size=3))
    members = draw(st.lists(st.sampled_from(kinds).flatmap(varied), min_size=1, max_size=6))
    return Layout(members, draw(st.integers(1, 5)), draw(st.integers(1, 5)))


@pytest.mark.parametrize(("count", "expected"), [(1, 4), (4, 4), (5, 8), (17, 20)])
def test_padding_rounds_up_to_a_multiple(count: int, expected: int) -> None:
    assert padded(count) == expected


def test_the_parameters_depend_on_where_batch_norm_stands() -> None:
    network = NetworkSettings(hidden_units=[4, 3])
    matrices = {"weights_1": (5, 4), "weights_2": (4, 3), "weights_out": (3, 2)}
    norms = {"gamma_1": (4,), "beta_1": (4,), "gamma_2": (3,), "beta_2": (3,)}
    biases = {"bias_1": (4,), "bias_2": (3,)}
    out = {"bias_out": (2,)}
    assert parameter_shapes(network, 5, 2) == matrices | norms | out
    assert parameter_shapes(replace(network, batch_norm="after"), 5, 2) == matrices | norms | biases | out
    assert parameter_shapes(replace(network, batch_norm="off"), 5, 2) == matrices | biases | out


@settings(max_examples=25)
@given(layouts())
def test_no_two_views_share_a_number_and_the_last_number_is_nobodys(layout: Layout) -> None:
    flat = np.zeros(layout.size, np.int64)
    views = [stack.view(flat, name) for stack in layout.stacks for name in stack.places]
    for view in views:
        view += 1
    assert flat.max() == 1
    assert flat[-1] == 0
    assert flat.sum() == sum(view.size for view in views)


@settings(max_examples=25)
@given(layouts())
def test_a_network_finds_its_own_numbers_without_padding(layout: Layout) -> None:
    flat = np.zeros(layout.size, np.int64)
    for network, member in enumerate(layout.settings):
        own = layout.named(flat, network)
        assert {name: view.shape for name, view in own.items()} == parameter_shapes(member, layout.features, layout.outputs)
        for view in own.values():
            assert not view.any(), "it is somebody else's"
            view += network + 1
    for stack in layout.stacks:
        for place, network in enumerate(range(stack.networks.start, stack.networks.stop)):
            assert set(stack.blocks(flat)[place].tolist()) <= {0, network + 1}


@settings(max_examples=25)
@given(layouts())
def test_every_network_has_a_padded_block_of_columns_in_every_layer(layout: Layout) -> None:
    for layer, columns in enumerate(layout.columns):
        assert [c.start for c in columns] == [0, *(c.stop for c in columns[:-1])]
        assert layout.spans[layer] == columns[-1].stop
        for member, block in zip(layout.settings, columns, strict=True):
            width, size = member.widths[layer], block.stop - block.start
            assert (size % PAD, size - width in range(PAD)) == (0, True)
            assert layout.live[layer][block].tolist() == [1] * width + [0] * (size - width)


@settings(max_examples=25)
@given(layouts())
def test_the_stacks_are_neighbours_that_hold_every_network_once(layout: Layout) -> None:
    assert [stack.networks.start for stack in layout.stacks] == [0, *(s.networks.stop for s in layout.stacks[:-1])]
    assert layout.stacks[-1].networks.stop == layout.networks
    assert [stack for section in layout.sections() for stack in section] == layout.stacks
    for layer, columns in enumerate(layout.columns):
        wide = np.arange(3 * layout.spans[layer]).reshape(3, -1)
        for stack in layout.stacks:
            members = columns[stack.networks]
            for block, c in zip(stack.of_layer(wide, layer), members, strict=True):
                assert np.array_equal(block, wide[:, c])
                assert np.shares_memory(block, wide)


def test_networks_of_one_shape_and_kind_share_a_stack() -> None:
    base = NetworkSettings(hidden_units=[3, 6], activation="tanh")
    alike = replace(base, hidden_units=[4, 8], learning_rate=0.5, l2=0.1, dropout=0.5, batch_norm_statistics="exact")
    strangers = [
        replace(base, optimizer="sgd"),
        replace(base, hidden_units=[5, 6]),
        replace(base, batch_norm="off"),
        replace(base, activation="relu"),
    ]
    assert [stack.count for stack in Layout([base, alike, base], 2, 2).stacks] == [3]
    for stranger in strangers:
        assert [stack.count for stack in Layout([base, alike, stranger], 2, 2).stacks] == [2, 1]


def test_matrices_have_the_padded_shapes_and_begin_at_multiples_of_the_padding() -> None:
    members = [NetworkSettings(hidden_units=widths) for widths in ([3, 5], [4, 6], [8, 1])]
    layout = Layout(members, features=7, outputs=3)
    numbers = np.arange(layout.size)
    shapes = [
        {name: stack.view(numbers, name).shape for name in ("weights_1", "weights_2", "weights_out")}
        for stack in layout.stacks
    ]
    assert shapes == [
        {"weights_1": (2, 7, 4), "weights_2": (2, 4, 8), "weights_out": (2, 8, 3)},
        {"weights_1": (1, 7, 8), "weights_2": (1, 8, 4), "weights_out": (1, 4, 3)},
    ]
    for stack in layout.stacks:
        for name in stack.places:
            if name.startswith("weights"):
                assert (stack.view(numbers, name)[:, 0, 0] % PAD == 0).all()


def test_a_single_output_has_a_neighbour() -> None:
    layout = Layout([NetworkSettings(hidden_units=[3])], features=2, outputs=1)
    flat = np.zeros(layout.size)
    assert layout.stacks[0].view(flat, "weights_out").shape == (1, 4, 2)
    assert layout.named(flat, 0)["weights_out"].shape == (3, 1)


@settings(max_examples=25)
@given(layouts())
def test_the_rows_hold_each_networks_vectors_on_its_own_columns(layout: Layout) -> None:
    rows = Parameters(layout, np.float64)
    vector = rows.flat
    vector[:-1] = np.arange(1.0, layout.size)
    rows.gather()
    for layer in range(layout.depth):
        for kind, row in (("gamma", rows.gammas), ("beta", rows.betas), ("bias", rows.biases)):
            for network, columns in enumerate(layout.columns[layer]):
                own, block = layout.named(vector, network).get(f"{kind}_{layer + 1}"), row[layer][columns]
                assert np.array_equal(block[: own.size], own) if own is not None else not block.any()
    for network in range(layout.networks):
        assert np.array_equal(rows.output_bias[network, : layout.outputs], layout.named(vector, network)["bias_out"])


@settings(max_examples=20)
@given(layouts())
def test_rows_go_back_to_where_they_came_from(layout: Layout) -> None:
    rows = Parameters(layout, np.float64)
    rows.flat[:] = np.random.default_rng(0).standard_normal(layout.size)
    vector = rows.flat.copy()
    rows.gather()
    rows.flat[:] = 0
    rows.scatter()
    for network in range(layout.networks):
        for name, array in layout.named(rows.flat, network).items():
            own = layout.named(vector, network)[name]
            assert np.array_equal(array, own) if array.ndim == 1 else not array.any()


def test_a_number_per_network_is_spread_over_its_columns() -> None:
    layout = Layout([NetworkSettings(hidden_units=widths) for widths in ([3, 5], [8, 1])], features=2, outputs=3)
    assert layout.spread(np.array([7.0, 9.0]), 0).tolist() == [7] * 4 + [9] * 8
    assert layout.spread(np.array([7.0, 9.0]), 1).tolist() == [7] * 8 + [9] * 4


def test_the_sizes_of_stacks_do_not_depend_on_company() -> None:
    members = [NetworkSettings(hidden_units=widths) for widths in ([3, 5], [8, 1], [2, 2])]
    together = Layout(members, features=2, outputs=3)
    alone = [Layout([member], features=2, outputs=3).stacks[0] for member in members]
    assert [stack.size for stack in together.stacks] == [stack.size for stack in alone]
    assert [a.start + a.size for a in together.stacks[:-1]] == [b.start for _, b in pairwise(together.stacks)]
