from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from network_examples import DEVIATION, assert_same_arrays, make_loss, make_population, networks, random_targets, trained
from numpy.typing import NDArray
from textbook import Averages, forward, metrics

from hpsearch.network.losses import SoftmaxCrossEntropy
from hpsearch.network.population import Population, numpy_loops
from hpsearch.network.settings import BatchNorm, NetworkSettings
from hpsearch.network.size import parameter_count, population_size
from hpsearch.seeds import Streams

MIXED = [
    NetworkSettings(hidden_units=[3, 5], batch_norm="off", activation="tanh", optimizer="sgd", batch_size=8),
    NetworkSettings(hidden_units=[2, 9], activation="sigmoid", optimizer="adam", batch_size=8),
    NetworkSettings(hidden_units=[6, 1], batch_norm="after", activation="relu", optimizer="nesterov", batch_size=8),
    NetworkSettings(hidden_units=[6, 1], activation="relu", optimizer="momentum", batch_size=8),
    NetworkSettings(hidden_units=[4, 4], activation="leaky_relu", optimizer="rmsprop", dropout=0.4, batch_size=8),
    NetworkSettings(hidden_units=[5, 2], batch_norm="off", activation="relu", optimizer="adamw", batch_size=8),
    NetworkSettings(hidden_units=[1, 12], activation="tanh", optimizer="adam", clip_norm=0.1, batch_size=8),
    NetworkSettings(hidden_units=[8, 3], batch_norm="after", optimizer="sgd", batch_norm_statistics="exact", batch_size=8),
]
"""In an order that no population keeps inside: batch norm, activations and optimizers are all out of order."""


def trained_a_little(members: Sequence[NetworkSettings], seed: int = 0, classes: int = 3) -> Population:
    population = make_population(members, seed, classes=classes)
    inputs, targets = data(classes=classes)
    population.start_epoch(Streams(seed), range(len(members)), 0)
    for rows, rates in zip(np.split(np.arange(24), 3), population.rates(0, 1, 3), strict=True):
        population.step(inputs, targets, rows, rates)
    population.take_exact_statistics(inputs)
    return population


def data(rows: int = 24, classes: int = 3) -> tuple[NDArray[np.float64], NDArray[np.floating]]:
    rng = np.random.default_rng(rows)
    return rng.standard_normal((rows, 3)), random_targets(rng, rows, classes)


def without_training(state: dict[str, NDArray[np.floating]]) -> dict[str, NDArray[np.floating]]:
    return {name: array for name, array in state.items() if not name.startswith("training/")}


@settings(max_examples=40)
@given(st.integers(1, 3).flatmap(lambda depth: networks(depth, 8)), st.integers(1, 6), st.sampled_from([0, 2, 3, 5]))
def test_the_parameter_count_is_that_of_the_arrays(network: NetworkSettings, features: int, classes: int) -> None:
    population = Population([network], features, make_loss(classes), rows=8)
    population.initialise(Streams(0), [0])
    arrays = trained(population.state(0))
    assert parameter_count(network, features, max(1, classes)) == sum(array.size for array in arrays.values())


def test_the_parameter_count_of_a_small_network() -> None:
    network = NetworkSettings(hidden_units=[4, 3], hidden_layers=2)
    assert parameter_count(network, 5, 2) == 5 * 4 + 4 * 3 + 3 * 2 + 2 * (4 + 3) + 2
    assert parameter_count(replace(network, batch_norm="after"), 5, 2) == 20 + 12 + 6 + 3 * (4 + 3) + 2
    assert parameter_count(replace(network, batch_norm="off"), 5, 2) == 20 + 12 + 6 + (4 + 3) + 2


@pytest.mark.parametrize(
    ("batch_size", "widths", "expected"),
    [(64, [64, 64], 16), (64, [16, 128], 8), (32, [16], 64), (2, [1], 64), (256, [256], 1), (1024, [1000], 1)],
)
def test_the_best_population_fills_256_kilobytes_with_its_widest_layer(
    batch_size: int, widths: list[int], expected: int
) -> None:
    assert population_size(NetworkSettings(batch_size=batch_size, hidden_units=widths), features=5, outputs=2) == expected


@pytest.mark.parametrize(("features", "expected"), [(99, 40), (999, 4), (9_999, 1), (99_999, 1)])
def test_the_best_population_has_at_most_400_000_parameters(features: int, expected: int) -> None:
    """About 100 for each input."""
    network = NetworkSettings(batch_size=8, hidden_units=[100], batch_norm="off")
    assert population_size(network, features, outputs=1) in (expected, expected - 1)


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
        Population(members, 3, SoftmaxCrossEntropy(2), rows=8)


def test_a_state_names_all_that_a_network_needs() -> None:
    population = Population(MIXED, 3, SoftmaxCrossEntropy(4), rows=8)
    plain, adam, after = (population.state(k) for k in (0, 1, 2))
    assert {name: array.shape for name, array in plain.items()} == {
        "weights_1": (3, 3),
        "weights_2": (3, 5),
        "weights_out": (5, 4),
        "bias_1": (3,),
        "bias_2": (5,),
        "bias_out": (4,),
    }
    parameters = ["weights_1", "weights_2", "weights_out", "gamma_1", "beta_1", "gamma_2", "beta_2", "bias_out"]
    moments = ["mean_1", "variance_1", "mean_2", "variance_2"]
    assert set(adam) == {
        *parameters,
        *moments,
        *(f"training/{name}" for name in moments),
        "training/weight",
        *(f"training/gradient/{name}" for name in parameters),
        *(f"training/square/{name}" for name in parameters),
    }
    assert adam["mean_2"].shape == adam["training/square/gamma_2"].shape == (9,)
    assert set(without_training(after)) == {*parameters, *moments, "bias_1", "bias_2"}
    assert not any(name.startswith("training/square") for name in after)


def test_a_regression_has_one_output() -> None:
    state = trained_a_little(MIXED, classes=0).state(1)
    assert (state["weights_out"].shape, state["bias_out"].shape) == ((9, 1), (1,))
    assert state["training/square/weights_out"].shape == (9, 1)


def test_a_state_is_a_copy() -> None:
    population = trained_a_little(MIXED)
    before = population.state(1)
    for array in population.state(1).values():
        array[...] = 7
    assert_same_arrays(population.state(1), before)


@pytest.mark.parametrize("classes", [0, 3])
def test_a_restored_network_goes_on_in_any_company(classes: int) -> None:
    population = trained_a_little(MIXED, classes=classes)
    order = [7, 3, 0, 4]
    other = Population([MIXED[k] for k in order], 3, population.loss, rows=16, dtype=np.float64)
    other.restore([population.state(k) for k in order])
    inputs, targets = data(10, classes)
    for crowd, keys in ((population, range(8)), (other, order)):
        crowd.start_epoch(Streams(5), keys, 1)
        crowd.step(inputs, targets, np.arange(10), crowd.rates(1, 4, 1)[0])
    for place, k in enumerate(order):
        assert_same_arrays(other.state(place), population.state(k))


@pytest.mark.parametrize("classes", [0, 3])
def test_results_keep_the_callers_order(classes: int) -> None:
    inputs, targets = data(37, classes)
    population = trained_a_little(MIXED, classes=classes)
    predictions, judged = population.predict(inputs), population.evaluate(inputs, targets)
    assert len({array.tobytes() for array in predictions}) == len(MIXED)
    for k, member in enumerate(MIXED):
        alone = Population([member], 3, population.loss, rows=16, dtype=np.float64)
        alone.restore([population.state(k)])
        assert np.array_equal(alone.predict(inputs)[0], predictions[k])
        assert {name: values[0] for name, values in alone.evaluate(inputs, targets).items()} == {
            name: values[k] for name, values in judged.items()
        }


@pytest.mark.parametrize("classes", [0, 3])
def test_the_arrays_without_those_of_training_are_enough_to_predict(classes: int) -> None:
    population = trained_a_little(MIXED, classes=classes)
    other = trained_a_little(MIXED, seed=1, classes=classes)  # nothing of what it has learnt may stay
    other.restore([without_training(population.state(k)) for k in range(8)])
    inputs, _ = data(20)
    assert np.array_equal(other.predict(inputs), population.predict(inputs))
    for k in range(8):
        assert_same_arrays(without_training(other.state(k)), without_training(population.state(k)))


@pytest.mark.parametrize("rows", [1, 15, 16, 17, 37])
def test_the_evaluation_is_the_share_of_wrong_rows_and_the_mean_cross_entropy(rows: int) -> None:
    """The memory is for 16 rows: more of them are judged chunk by chunk."""
    inputs, targets = data(rows)
    population = trained_a_little(MIXED)
    probabilities, judged = population.predict(inputs), population.evaluate(inputs, targets)
    assert probabilities.shape == (8, rows, 3)
    np.testing.assert_allclose(probabilities.sum(axis=2), 1, rtol=1e-12)
    for k in range(8):
        expected = metrics(np.log(probabilities[k]), targets, DEVIATION)
        assert {name: values[k] for name, values in judged.items()} == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("rows", [2, 15, 16, 17, 37])
def test_the_evaluation_of_a_regression_is_in_the_targets_unit(rows: int) -> None:
    inputs, targets = data(rows, classes=0)
    population = trained_a_little(MIXED, classes=0)
    values, judged = population.predict(inputs), population.evaluate(inputs, targets)
    assert values.shape == (8, rows, 1)
    for k in range(8):
        found = {name: numbers[k] for name, numbers in judged.items()}
        assert found == pytest.approx(metrics(values[k], targets, DEVIATION), rel=1e-10)


def test_a_network_of_zeros_is_right_for_one_class_only() -> None:
    population = Population(MIXED, 3, SoftmaxCrossEntropy(3), rows=16)
    inputs, targets = np.ones((6, 3), np.float32), np.array([0, 1, 2, 0, 1, 2])
    judged = population.evaluate(inputs, targets)
    np.testing.assert_allclose(judged["error"], 4 / 6)
    np.testing.assert_allclose(judged["loss"], np.log(3), rtol=1e-6)


def test_one_row_alone_is_predicted_as_among_others() -> None:
    inputs, _ = data()
    population = trained_a_little(MIXED)
    together = population.predict(inputs)
    for row in range(5):
        alone = population.predict(inputs[row : row + 1])
        np.testing.assert_allclose(alone[:, 0], together[:, row], rtol=1e-10)


def test_judging_changes_nothing() -> None:
    population = trained_a_little(MIXED)
    before = [population.state(k) for k in range(8)]
    predicted = population.predict(data()[0])
    kept = predicted.copy()
    population.evaluate(*data(37))
    population.predict(data(20)[0])
    for k, state in enumerate(before):
        assert_same_arrays(population.state(k), state)
    assert np.array_equal(predicted, kept)


def test_the_averages_are_those_of_the_batches_moments_weighted_by_rows_and_age() -> None:
    momenta, sizes = [0.0, 0.9, 0.99, 0.5], [8, 8, 8, 11]
    placements: list[BatchNorm] = ["before", "before", "before", "after"]
    members = [
        NetworkSettings(hidden_units=[3, 4], batch_norm_momentum=m, batch_norm=norm, batch_size=8)
        for m, norm in zip(momenta, placements, strict=True)
    ]
    population, averages = make_population(members, seed=1), [Averages(member) for member in members]
    inputs, targets = data(sum(sizes))
    batches = np.split(np.arange(len(inputs)), np.cumsum(sizes)[:-1])
    for rows, rates in zip(batches, population.rates(0, 1, len(sizes)), strict=True):
        for k, member in enumerate(members):
            averages[k].take(forward(member, trained(population.state(k)), inputs[rows]), len(rows))
        population.step(inputs, targets, rows, rates)
    for k in range(len(members)):
        state = population.state(k)
        for name, expected in averages[k].values().items():
            np.testing.assert_allclose(state[name], expected, rtol=1e-9, atol=1e-12)
        assert state["training/weight"][0] == pytest.approx(sum(averages[k].weights) / 8, rel=1e-12)


def test_numpys_settings_are_put_back_after_training() -> None:
    before = np.getbufsize(), np.geterr()
    with numpy_loops():
        assert np.getbufsize() < before[0]
        assert not np.isfinite(np.ones(1) / np.zeros(1))
    assert (np.getbufsize(), np.geterr()) == before
