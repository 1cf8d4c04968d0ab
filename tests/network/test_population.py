from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from network_examples import make_population, networks, trained
from textbook import Averages, forward

from hpsearch.network.population import VIEWS_BYTES, Population, parameter_count, population_bytes, population_size
from hpsearch.network.settings import NetworkSettings
from hpsearch.seeds import Streams

MIXED = [
    NetworkSettings(hidden_units=[3, 5], batch_norm="off", activation="tanh", optimizer="sgd", batch_size=8),
    NetworkSettings(hidden_units=[2, 9], activation="sigmoid", optimizer="adam", batch_size=8),
    NetworkSettings(hidden_units=[6, 1], activation="relu", optimizer="momentum", batch_size=8),
    NetworkSettings(hidden_units=[4, 4], activation="leaky_relu", optimizer="rmsprop", batch_size=8),
    NetworkSettings(hidden_units=[5, 2], batch_norm="off", activation="relu", optimizer="adam", batch_size=8),
]
"""In an order that no population keeps inside: batch norm, activations and optimizers are all out of order."""


def trained_a_little(members: list[NetworkSettings], seed: int = 0) -> Population:
    population = make_population(members, seed)
    inputs, targets = data()
    for rows, rates in zip(np.split(np.arange(24), 3), population.rates(0, 1, 3), strict=True):
        population.step(inputs, targets, rows, rates)
    return population


def data(rows: int = 24) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(rows)
    return rng.standard_normal((rows, 3)), rng.integers(0, 3, rows)


@settings(max_examples=40)
@given(st.integers(1, 3).flatmap(lambda depth: networks(depth, 8)), st.integers(1, 6), st.integers(2, 5))
def test_the_parameter_count_is_that_of_the_arrays(network: NetworkSettings, features: int, classes: int) -> None:
    population = Population([network], features, classes, rows=8)
    population.initialise(Streams(0), [0])
    arrays = trained(population.state(0))
    assert parameter_count(network, features, classes) == sum(array.size for array in arrays.values())


def test_the_parameter_count_of_a_small_network() -> None:
    network = NetworkSettings(hidden_units=[4, 3], hidden_layers=2)
    assert parameter_count(network, features=5, classes=2) == 5 * 4 + 4 * 3 + 3 * 2 + 2 * (4 + 3) + 2
    assert parameter_count(replace(network, batch_norm="off"), features=5, classes=2) == 20 + 12 + 6 + (4 + 3) + 2


@pytest.mark.parametrize(
    ("batch_size", "widths", "expected"),
    [(64, [64, 64], 16), (64, [16, 128], 8), (32, [16], 64), (2, [1], 64), (256, [256], 1), (1024, [1000], 1)],
)
def test_the_best_population_fills_256_kilobytes_with_its_widest_layer(
    batch_size: int, widths: list[int], expected: int
) -> None:
    assert population_size(NetworkSettings(batch_size=batch_size, hidden_units=widths)) == expected


def test_the_memory_of_a_population_is_that_of_its_vectors_and_its_wide_arrays() -> None:
    """Eight vectors of 42 numbers (16 + 16 in matrices, 10 in rows); 12 rows of 3 inputs, 3 x 4 units, 2 x 2 logits."""
    network = NetworkSettings(hidden_units=4, hidden_layers=1, batch_size=8)
    predicted = population_bytes([network], features=3, classes=2, batch_rows=12, epoch_rows=100)
    assert predicted == 4 * (8 * 42 + 12 * 19) + 12 * 4 + 12 * 100 + VIEWS_BYTES


def test_padding_takes_memory_and_depth_and_company_take_their_own() -> None:
    def size(widths: list[int], networks: int) -> int:
        settings = [NetworkSettings(hidden_units=widths)] * networks
        return population_bytes(settings, features=3, classes=2, batch_rows=8, epoch_rows=10)

    assert size([5], 1) == size([8], 1) < size([8, 8], 1) < size([8, 8], 2) < 2 * size([8, 8], 1)


@pytest.mark.parametrize(
    "members",
    [
        [NetworkSettings(hidden_layers=1), NetworkSettings(hidden_layers=2)],
        [NetworkSettings(hidden_units=[4, 4]), NetworkSettings(hidden_units=[4])],
        [NetworkSettings(batch_size=32), NetworkSettings(batch_size=64)],
        [],
    ],
)
def test_networks_of_another_depth_or_batch_size_are_refused(members: list[NetworkSettings]) -> None:
    with pytest.raises(ValueError, match="share their depth and their batch size"):
        Population(members, features=3, classes=2, rows=8)


def test_a_state_names_all_that_a_network_needs() -> None:
    population = Population(MIXED, features=3, classes=4, rows=8)
    plain, adam = population.state(0), population.state(1)
    assert {name: array.shape for name, array in plain.items()} == {
        "weights_1": (3, 3),
        "bias_1": (3,),
        "weights_2": (3, 5),
        "bias_2": (5,),
        "weights_out": (5, 4),
        "bias_out": (4,),
    }
    parameters = ["weights_1", "gamma_1", "beta_1", "weights_2", "gamma_2", "beta_2", "weights_out", "bias_out"]
    averages = ["mean_1", "variance_1", "mean_2", "variance_2"]
    assert list(adam) == [
        *parameters,
        *averages,
        *(f"training/{name}" for name in averages),
        "training/weight",
        *(f"training/gradient/{name}" for name in parameters),
        *(f"training/square/{name}" for name in parameters),
    ]
    assert adam["mean_2"].shape == adam["training/square/gamma_2"].shape == (9,)


def test_a_state_is_a_copy() -> None:
    population = trained_a_little(MIXED)
    before = population.state(1)
    for array in population.state(1).values():
        array[...] = 7
    assert all(np.array_equal(array, before[name]) for name, array in population.state(1).items())


def test_a_restored_network_goes_on_in_any_company() -> None:
    population = trained_a_little(MIXED)
    order = [3, 0, 4]
    other = Population([MIXED[k] for k in order], features=3, classes=3, rows=16, dtype=np.float64)
    other.restore([population.state(k) for k in order])
    inputs, targets = data(10)
    for crowd in (population, other):
        crowd.step(inputs, targets, np.arange(10), crowd.rates(1, 4, 1)[0])
    for place, k in enumerate(order):
        expected, state = population.state(k), other.state(place)
        assert list(state) == list(expected)
        assert all(np.array_equal(state[name], expected[name]) for name in expected)


def test_results_keep_the_callers_order() -> None:
    inputs, targets = data(37)
    population = trained_a_little(MIXED)
    probabilities, (errors, losses) = population.probabilities(inputs), population.evaluate(inputs, targets)
    for k, member in enumerate(MIXED):
        alone = Population([member], features=3, classes=3, rows=16, dtype=np.float64)
        alone.restore([population.state(k)])
        assert np.array_equal(alone.probabilities(inputs)[0], probabilities[k])
        assert [*alone.evaluate(inputs, targets)] == [[errors[k]], [losses[k]]]


@pytest.mark.parametrize("rows", [1, 15, 16, 17, 37])
def test_the_evaluation_is_the_share_of_wrong_rows_and_the_mean_cross_entropy(rows: int) -> None:
    """The memory is for 16 rows: more of them are judged chunk by chunk."""
    inputs, targets = data(rows)
    population = trained_a_little(MIXED)
    probabilities = population.probabilities(inputs)
    errors, losses = population.evaluate(inputs, targets)
    assert probabilities.shape == (5, rows, 3)
    np.testing.assert_allclose(probabilities.sum(axis=2), 1, rtol=1e-12)
    np.testing.assert_array_equal(errors, (probabilities.argmax(axis=2) != targets).mean(axis=1))
    of_truth = probabilities[:, np.arange(rows), targets]
    np.testing.assert_allclose(losses, -np.log(of_truth).mean(axis=1), rtol=1e-10)


def test_a_network_of_zeros_is_right_for_one_class_only() -> None:
    population = Population(MIXED, features=3, classes=3, rows=16)
    inputs, targets = np.ones((6, 3), np.float32), np.array([0, 1, 2, 0, 1, 2])
    errors, losses = population.evaluate(inputs, targets)
    np.testing.assert_allclose(errors, 4 / 6)
    np.testing.assert_allclose(losses, np.log(3), rtol=1e-6)


def test_one_row_alone_is_predicted_as_among_others() -> None:
    inputs, _ = data()
    population = trained_a_little(MIXED)
    together = population.probabilities(inputs)
    for row in range(5):
        alone = population.probabilities(inputs[row : row + 1])
        np.testing.assert_allclose(alone[:, 0], together[:, row], rtol=1e-10)


def test_judging_changes_nothing() -> None:
    population = trained_a_little(MIXED)
    before = [population.state(k) for k in range(5)]
    population.evaluate(*data(37))
    population.probabilities(data()[0])
    for k, state in enumerate(before):
        assert all(np.array_equal(array, state[name]) for name, array in population.state(k).items())


def test_the_averages_are_those_of_the_batches_moments_weighted_by_rows_and_age() -> None:
    momenta, sizes = [0.0, 0.9, 0.99], [8, 8, 8, 11]
    members = [NetworkSettings(hidden_units=[3, 4], batch_norm_momentum=m, batch_size=8) for m in momenta]
    population, averages = make_population(members, seed=1), [Averages(member) for member in members]
    inputs, targets = data(sum(sizes))
    batches = np.split(np.arange(len(inputs)), np.cumsum(sizes)[:-1])
    for rows, rates in zip(batches, population.rates(0, 1, len(sizes)), strict=True):
        for k, member in enumerate(members):
            averages[k].take(forward(member, trained(population.state(k)), inputs[rows]), len(rows))
        population.step(inputs, targets, rows, rates)
    for k in range(3):
        state = population.state(k)
        for name, expected in averages[k].values().items():
            np.testing.assert_allclose(state[name], expected, rtol=1e-9, atol=1e-12)
        assert state["training/weight"][0] == pytest.approx(sum(averages[k].weights) / 8, rel=1e-12)
