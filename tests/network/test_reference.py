"""The network held to PyTorch's numbers in float64: reference.npz, which reference/make_reference.py wrote and explains."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hpsearch.network.losses import Loss, SoftmaxCrossEntropy, SquaredError
from hpsearch.network.population import Population
from hpsearch.network.settings import NetworkSettings
from hpsearch.network.training import mini_batches
from hpsearch.seeds import Streams

FILE = Path(__file__).with_name("reference") / "reference.npz"
FEATURES = 3
ROUNDING = 1e-10


@dataclass(frozen=True)
class Case:
    """A network, what it learns, and what PyTorch made of it: arrays by name."""

    settings: NetworkSettings
    loss: Loss
    arrays: dict[str, NDArray[np.float64]]

    def of(self, kind: str) -> dict[str, NDArray[np.float64]]:
        """Return the arrays called `kind/...`, by the rest of their names."""
        return {name.removeprefix(f"{kind}/"): a for name, a in self.arrays.items() if name.startswith(f"{kind}/")}

    def rows(self, prefix: str = "") -> tuple[NDArray[np.float64], NDArray[Any], NDArray[np.float64] | None]:
        """Return inputs, targets and weights."""
        targets: NDArray[Any] = self.arrays[f"{prefix}targets"]
        if isinstance(self.loss, SoftmaxCrossEntropy):
            targets = targets.astype(np.int64)
        return self.arrays[f"{prefix}inputs"], targets, self.arrays.get(f"{prefix}weights")

    def population(self, parameters: str = "before", **changes: Any) -> Population:
        """Return the network with the parameters from before or after its steps, and none of their traces."""
        settings = [replace(self.settings, **changes)]
        population = Population(settings, FEATURES, self.loss, self.settings.batch_size, dtype=np.float64)
        population.initialise(Streams(0), [0])
        population.restore([population.state(0) | self.of(parameters)])
        return population


@lru_cache(maxsize=1)
def cases() -> dict[str, Case]:
    with np.load(FILE) as file:
        numbers, index = file["numbers"], json.loads(str(file["index"]))
    found = {}
    for name, entry in index.items():
        arrays = {key: numbers[start : start + prod(shape)].reshape(shape) for key, shape, start in entry["arrays"]}
        classes = len(arrays["before/bias_out"])
        loss = SquaredError(1.0) if entry["loss"] == "squared_error" else SoftmaxCrossEntropy(classes)
        found[name] = Case(NetworkSettings(**entry["settings"]), loss, arrays)
    return found


def named(kind: str) -> pytest.MarkDecorator:
    """Parametrise a test over the cases of a kind."""
    return pytest.mark.parametrize("name", [name for name in cases() if name.startswith(kind)])


def after_ten_steps(case: Case) -> Population:
    population, (inputs, targets, weights) = case.population(), case.rows()
    batches, t = mini_batches(len(targets), case.settings.batch_size), 1
    for epoch, order in enumerate(case.arrays["order"].astype(np.int64)):
        for batch, rates in zip(batches, population.rates(epoch, t, len(batches)), strict=True):
            population.step(inputs, targets, order[batch], rates, weights)
            t += 1
    assert t == 11
    return population


@named("pass")
def test_the_loss_and_all_gradients_are_those_of_autograd(name: str) -> None:
    case = cases()[name]
    population, (inputs, targets, weights) = case.population(), case.rows()
    kept = population.gradient(inputs, targets, np.arange(len(targets)), weights)
    assert_same(population.gradients(0), case.of("gradient"))
    np.testing.assert_allclose(population.mean_loss(kept, weights), case.arrays["loss"], rtol=ROUNDING)


@named("pass")
def test_a_network_that_has_measured_a_mini_batch_predicts_what_it_said_of_it_in_training(name: str) -> None:
    case = cases()[name]
    population, (inputs, _, _) = case.population(batch_norm_statistics="exact"), case.rows()
    population.take_exact_statistics(inputs)
    assert_same({"predictions": population.predict(inputs)[0]}, {"predictions": case.arrays["predictions"]})


@named("run")
def test_ten_steps_end_where_those_of_other_optimizers_end(name: str) -> None:
    case = cases()[name]
    assert_same(after_ten_steps(case).state(0), case.of("after"))


@named("run")
def test_the_averages_of_batch_norm_weigh_every_row_and_judge_unseen_rows(name: str) -> None:
    case = cases()[name]
    assert_same(at_test_time(case, after_ten_steps(case)), case.of("averages"))


@named("run")
def test_exact_statistics_are_the_moments_of_the_training_rows_layer_by_layer(name: str) -> None:
    case = cases()[name]
    population = case.population("after", batch_norm_statistics="exact")
    population.take_exact_statistics(case.rows()[0])
    assert_same(at_test_time(case, population), case.of("exact"))


def at_test_time(case: Case, population: Population) -> dict[str, Any]:
    """Return the statistics of batch norm, the predictions of the unseen rows, and their loss."""
    inputs, targets, _ = case.rows("unseen/")
    found = {"predictions": population.predict(inputs)[0], "loss": population.evaluate(inputs, targets)["loss"][0]}
    return population.state(0) | found


def assert_same(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert wanted
    assert found.keys() >= wanted.keys()
    for name, array in wanted.items():
        np.testing.assert_allclose(found[name], array, rtol=ROUNDING, atol=ROUNDING, err_msg=name)
