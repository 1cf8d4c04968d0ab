from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from mini_batch import STREAMS, MiniBatch
from network_examples import ACTIVATION_NAMES, BATCH_NORM_NAMES, assert_same_arrays, make_population
from numpy.typing import NDArray

from hpsearch.network.population import Population
from hpsearch.network.settings import NetworkSettings
from hpsearch.seeds import Purpose

CROWD = [
    NetworkSettings(
        hidden_units=[3 + k % 3, 6 - k % 3],
        activation=activation,
        batch_norm=norm,
        batch_norm_epsilon=1e-2,
        dropout=(0.5, 0.0, 0.2)[k % 3],
        batch_size=8,
    )
    for k, (activation, norm) in enumerate((a, n) for n in BATCH_NORM_NAMES for a in ACTIVATION_NAMES)
]


@pytest.mark.parametrize("classes", [0, 3])
@pytest.mark.parametrize("alone", [True, False])
def test_every_gradient_is_right_under_the_mask_of_the_networks_own_streams(classes: int, alone: bool) -> None:
    """The masks are drawn from (dropout, key, epoch, layer) for the widths without padding, whatever the company."""
    for crowd in [[network] for network in CROWD] if alone else [CROWD[::-1]]:
        batch = MiniBatch(crowd, seed=1, classes=classes, rows=8)
        batch.assert_costs_and_gradients_match()


WIDE = NetworkSettings(hidden_units=3001, hidden_layers=1, batch_norm="off", activation="sigmoid", batch_size=8)


def output_gradients(dropout: float, rows: int = 1) -> NDArray[np.floating]:
    """Return dJ/dW_out = a / (1 - p) (y_hat - y) / m of a wide layer whose output weights are 0: y_hat is 1/2."""
    population = make_population([replace(WIDE, dropout=dropout)], seed=0, features=2, classes=2)
    population.restore([population.state(0) | {"weights_out": np.zeros((3001, 2)), "bias_out": np.zeros(2)}])
    population.start_epoch(STREAMS, [0], 0)
    population.gradient(np.ones((rows, 2)), np.zeros(rows, np.int64), np.arange(rows))
    return population.gradients(0)["weights_out"][:, 1]


@pytest.mark.parametrize("dropout", [0.1, 0.5, 0.8])
def test_dropout_spares_its_share_of_units_and_scales_those_up(dropout: float) -> None:
    without, found = output_gradients(0.0), output_gradients(dropout)
    assert (without != 0).all()
    spared = found != 0
    assert spared.mean() == pytest.approx(1 - dropout, abs=4 * np.sqrt(dropout * (1 - dropout) / 3001))
    np.testing.assert_allclose(found[spared], without[spared] / (1 - dropout), rtol=1e-6)


def test_every_row_has_a_mask_of_its_own() -> None:
    """With four equal rows a unit's gradient tells how many of them spared it: a binomial number."""
    counts = output_gradients(0.5, rows=4) / output_gradients(0.0, rows=4) * 0.5 * 4
    np.testing.assert_allclose(counts, counts.round(), atol=1e-5)
    shares = np.bincount(counts.round().astype(int), minlength=5) / 3001
    np.testing.assert_allclose(shares, np.array([1, 4, 6, 4, 1]) / 16, atol=0.04)


def masks(population: Population, mini_batches: int, key: int = 0, epoch: int = 0) -> list[bytes]:
    """Return fingerprints of the masks of an epoch's mini-batches of one network."""
    population.start_epoch(STREAMS, [key], epoch)
    found = []
    for _ in range(mini_batches):
        population.gradient(np.ones((2, 2)), np.zeros(2, np.int64), np.arange(2))
        found.append(np.packbits(population.gradients(0)["weights_1"][0] != 0).tobytes())
    return found


def test_each_mini_batch_goes_on_in_the_stream_and_each_epoch_and_key_has_its_own() -> None:
    population = make_population([replace(WIDE, dropout=0.5)], seed=0, features=2, classes=2)
    first = masks(population, 3)
    assert len({*first, *masks(population, 3, epoch=1), *masks(population, 3, key=1)}) == 9
    assert masks(population, 3) == first
    generator = STREAMS.generator(Purpose.DROPOUT, 0, 0, 0)
    draws = [generator.random((2, 3001), dtype=np.float32) >= 0.5 for _ in range(3)]
    assert first == [np.packbits(draw.any(axis=0)).tobytes() for draw in draws]


def test_nothing_is_dropped_at_test_time() -> None:
    networks = [replace(network, batch_norm_statistics=("averages", "exact")[k % 2]) for k, network in enumerate(CROWD)]
    with_dropout = MiniBatch(networks, seed=2, classes=3, rows=8)
    with_dropout.step()
    without = make_population([replace(network, dropout=0.0) for network in networks], 0, with_dropout.x.shape[1])
    without.restore([with_dropout.population.state(k) for k in range(len(networks))])
    for population in (with_dropout.population, without):
        population.take_exact_statistics(with_dropout.inputs)
    inputs, targets = with_dropout.inputs, with_dropout.targets
    assert np.array_equal(with_dropout.population.predict(inputs), without.predict(inputs))
    for k in range(len(networks)):
        assert_same_arrays(with_dropout.population.state(k), without.state(k))
    one, other = with_dropout.population.evaluate(inputs, targets), without.evaluate(inputs, targets)
    assert_same_arrays(one, other)
