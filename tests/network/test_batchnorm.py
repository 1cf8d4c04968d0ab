from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from textbook import numerical_gradient

from hpsearch.network.batchnorm import BatchNorm, RunningAverages, column_sums
from hpsearch.network.layout import Layout
from hpsearch.network.settings import NetworkSettings

Array = NDArray[np.float64]
BLOCKS = [slice(0, 4), slice(4, 12)]
EPSILON = 1e-3


def normalised(z: Array, epsilon: float = EPSILON) -> tuple[BatchNorm, Array]:
    """Run z (m, 12), two networks' units, through batch norm; return it with the centred z."""
    norm = BatchNorm(BLOCKS, np.full(12, epsilon), np.empty(12), np.empty(12))
    centred, squares = z.copy(), np.empty_like(z)
    averaging = np.full((1, len(z)), 1 / len(z))
    norm.forward(averaging, centred, [centred[:, c] for c in BLOCKS], squares, [squares[:, c] for c in BLOCKS])
    return norm, centred


@pytest.mark.parametrize("rows", [2, 3, 10, 33])
def test_a_mini_batch_comes_out_with_mean_0_and_variance_1(rows: int) -> None:
    z = np.random.default_rng(rows).normal(5.0, 3.0, (rows, 12))
    norm, centred = normalised(z, epsilon=1e-12)
    z_norm = centred * norm.inverse
    np.testing.assert_allclose(z_norm.mean(axis=0), 0, atol=1e-10)
    np.testing.assert_allclose((z_norm**2).mean(axis=0), 1, rtol=1e-6)


def test_epsilon_is_added_to_the_variance_under_the_root() -> None:
    z = np.random.default_rng(0).normal(2.0, 0.05, (9, 12))
    norm, centred = normalised(z)
    np.testing.assert_allclose(norm.mean, z.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(norm.variance, z.var(axis=0), rtol=1e-12)
    np.testing.assert_allclose(centred, z - z.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(norm.inverse, 1 / np.sqrt(z.var(axis=0) + EPSILON), rtol=1e-12)


def test_a_constant_column_becomes_0_and_passes_no_gradient() -> None:
    z = np.random.default_rng(0).standard_normal((8, 12))
    z[:, 3] = 7.25
    norm, centred = normalised(z)
    assert (centred[:, 3] == 0).all()
    d = np.ones_like(z)
    sum_dz = (d * centred).sum(axis=0)
    norm.backward(d, centred, d.sum(axis=0), sum_dz, norm.inverse.copy())
    assert np.isfinite(d).all()
    np.testing.assert_allclose(d[:, 3], 0, atol=1e-12)
    assert sum_dz[3] == 0


def test_the_way_back_is_the_gradient_of_the_formula() -> None:
    rng = np.random.default_rng(1)
    z, gamma, upstream = rng.standard_normal((6, 12)), rng.standard_normal(12), rng.standard_normal((6, 12))

    def objective(arrays: dict[str, Array]) -> float:
        moved = arrays["z"]
        z_norm = (moved - moved.mean(axis=0)) / np.sqrt(moved.var(axis=0) + EPSILON)
        return float((upstream * arrays["gamma"] * z_norm).sum())

    norm, centred = normalised(z)
    d = upstream.copy()
    sum_dz = (d * centred).sum(axis=0)
    norm.backward(d, centred, d.sum(axis=0), sum_dz, gamma * norm.inverse)
    expected = numerical_gradient(objective, {"z": z, "gamma": gamma})
    np.testing.assert_allclose(d, expected["z"], atol=1e-7)
    np.testing.assert_allclose(sum_dz, expected["gamma"], atol=1e-7)


def test_columns_are_added_up_block_by_block() -> None:
    wide, sums = np.arange(24.0).reshape(2, 12), np.zeros(12)
    column_sums(np.ones((1, 2)), [wide[:, c] for c in BLOCKS], [sums[None, c] for c in BLOCKS])
    assert sums.tolist() == [12.0 + 2 * column for column in range(12)]


def averages_for(momenta: list[float]) -> tuple[RunningAverages, Layout]:
    layout = Layout([(3, 5)] * len(momenta), features=2, classes=2)
    return RunningAverages([NetworkSettings(batch_norm_momentum=m) for m in momenta], layout, np.float64), layout


def test_the_averages_weigh_each_batch_by_its_rows_and_its_age() -> None:
    momenta = [0.0, 0.9, 0.99]
    averages, layout = averages_for(momenta)
    rows = [16, 16, 16, 23]
    moments = np.random.default_rng(0).standard_normal((len(rows), averages.latest.size))
    for batch, moment in zip(rows, moments, strict=True):
        averages.latest[:] = moment
        averages.update(batch / 16)
    for network, momentum in enumerate(momenta):
        weights = [batch / 16 * momentum**age for batch, age in zip(rows, (3, 2, 1, 0), strict=True)]
        expected = np.average(moments, axis=0, weights=weights)
        for layer in range(layout.depth):
            columns = layout.columns[layer][network]
            for row, truth in zip(averages.rows(averages.averages(), layer), averages.rows(expected, layer), strict=True):
                np.testing.assert_allclose(row[columns], truth[columns], rtol=1e-12)


def test_momentum_0_remembers_the_latest_batch_only() -> None:
    averages, _ = averages_for([0.0])
    for value, share in ((8.0, 1.0), (3.0, 0.625)):
        averages.latest[:] = value
        averages.update(share)
    assert (averages.averages() == 3.0).all()


@pytest.mark.parametrize("momentum", [0.0, 0.9, 0.99, 0.9999])
def test_the_first_batch_is_the_average_after_one_step(momentum: float) -> None:
    averages, _ = averages_for([momentum])
    averages.latest[:] = 4.0
    averages.update(0.5)
    np.testing.assert_allclose(averages.averages(), 4.0, rtol=1e-15)


def test_before_the_first_step_the_averages_are_0() -> None:
    averages, _ = averages_for([0.9])
    assert not averages.averages().any()
