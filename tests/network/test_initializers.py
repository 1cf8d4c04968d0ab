from __future__ import annotations

import math

import numpy as np
import pytest
from network_examples import BATCH_NORM_NAMES, assert_same_arrays

from hpsearch.network.initializers import OUTPUT_SCALE, hidden_weights, output_weights
from hpsearch.network.losses import SoftmaxCrossEntropy
from hpsearch.network.population import Population
from hpsearch.network.settings import BatchNorm, NetworkSettings
from hpsearch.seeds import Purpose, Streams

STREAMS = Streams(3)


@pytest.mark.parametrize("fan_in", [2, 50, 800])
def test_hidden_weights_have_hes_deviation(fan_in: int) -> None:
    weights = hidden_weights(STREAMS, 0, 0, (fan_in, 40_000 // fan_in))
    assert weights.dtype == np.float32
    assert weights.std() == pytest.approx(math.sqrt(2 / fan_in), rel=0.02)
    assert weights.mean() == pytest.approx(0, abs=0.02 * math.sqrt(2 / fan_in))


def test_hidden_weights_are_the_first_normal_draws_of_their_stream() -> None:
    draws = STREAMS.generator(Purpose.WEIGHTS, 5, 1).standard_normal((8, 3), dtype=np.float32)
    np.testing.assert_allclose(hidden_weights(STREAMS, 5, 1, (8, 3)), draws / 2, rtol=1e-7)


def test_output_weights_are_the_same_draws_but_small() -> None:
    hidden, output = (draw(STREAMS, 5, 2, (60, 10)) for draw in (hidden_weights, output_weights))
    assert 0 < OUTPUT_SCALE <= 0.1
    np.testing.assert_allclose(output, OUTPUT_SCALE * hidden, rtol=1e-6)


def test_keys_layers_and_seeds_set_weights_apart() -> None:
    draws = [
        hidden_weights(Streams(seed), key, layer, (4, 4)).tobytes() for seed in (0, 1) for key in (0, 1) for layer in (0, 1)
    ]
    assert len(set(draws)) == 8


def initial(settings: list[NetworkSettings], keys: list[int], network: int) -> dict[str, np.ndarray]:
    population = Population(settings, 5, SoftmaxCrossEntropy(3), rows=8)
    population.initialise(STREAMS, keys)
    return population.state(network)


def test_a_network_starts_the_same_alone_and_in_company() -> None:
    narrow, wide = NetworkSettings(hidden_units=[3, 6]), NetworkSettings(hidden_units=33, batch_norm="off")
    alike = NetworkSettings(hidden_units=[4, 7], activation="tanh")
    alone, crowd = initial([narrow], [7], 0), initial([wide, alike, narrow, wide], [8, 5, 7, 9], 2)
    assert_same_arrays(alone, crowd)


def test_a_network_starts_from_its_draws_and_neutral_values_without_padding() -> None:
    state = initial([NetworkSettings(hidden_units=[3, 6], optimizer="sgd")], [7], 0)
    assert np.array_equal(state["weights_1"], hidden_weights(STREAMS, 7, 0, (5, 3)))
    assert np.array_equal(state["weights_2"], hidden_weights(STREAMS, 7, 1, (3, 6)))
    assert np.array_equal(state["weights_out"], output_weights(STREAMS, 7, 2, (6, 3)))
    for layer, width in ((1, 3), (2, 6)):
        assert state[f"gamma_{layer}"].tolist() == [1] * width
        assert state[f"beta_{layer}"].tolist() == [0] * width
    assert state["bias_out"].tolist() == [0] * 3


@pytest.mark.parametrize("placement", BATCH_NORM_NAMES)
def test_biases_start_at_0_wherever_there_are_any(placement: BatchNorm) -> None:
    state = initial([NetworkSettings(hidden_units=[3, 6], batch_norm=placement)], [7], 0)
    assert ("bias_1" in state, "gamma_1" in state) == (placement != "before", placement != "off")
    assert not any(array.any() for name, array in state.items() if name.startswith(("bias", "beta")))
