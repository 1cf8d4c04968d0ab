"""How a trained network is judged: with the bits of its curves, on each part, and at the epoch that counts."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from digit_networks import DIGITS, assert_same_bits, never, objective, trials

from hpsearch.data.settings import DataSettings
from hpsearch.network.settings import CURVES, HIGHER_IS_BETTER
from hpsearch.objectives.network_objective import NetworkObjective, dataset
from hpsearch.objectives.objective import Assessment
from hpsearch.trial import Outcome, State

WILD: dict[str, Any] = {"learning_rate": 0.2, "batch_norm": "off"}
"""Its last epoch is not its best."""


def houses(folder: Path) -> DataSettings:
    """Write a file with a price that is nearly a sum of two columns, and return the settings that read it."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((150, 2))
    price = 250_000 + 40_000 * x[:, 0] - 20_000 * x[:, 1] + 1_000 * rng.standard_normal(150)
    lines = [f"{a:.4f},{b:.4f},{y:.2f}" for (a, b), y in zip(x, price, strict=True)]
    (folder / "houses.csv").write_text("\n".join(["rooms,age,price", *lines]) + "\n")
    return DataSettings(source=str(folder / "houses.csv"), target="price")


def trained(tested: NetworkObjective, params: dict[str, Any], epochs: int) -> tuple[Outcome, State]:
    (outcome,) = tested.advance(trials(params), [None], epochs, never)
    assert outcome.state is not None
    return outcome, outcome.state


def assert_is_the_epoch(assessment: Assessment, outcome: Outcome, epoch: int) -> None:
    for name, value in assessment.metrics.items():
        assert value == outcome.curves[f"validation_{name}"][epoch - 1], name


def test_the_validation_part_is_judged_with_the_bits_of_the_last_epoch() -> None:
    outcome, state = trained(objective(), {}, 3)
    assert_is_the_epoch(objective().assess({}, state)["validation"], outcome, 3)


@pytest.mark.parametrize("curve", ["validation_error", "validation_loss", "validation_macro_f1"])
def test_the_epoch_that_was_best_counts_where_it_is_selected(curve: str) -> None:
    tested = dataclasses.replace(objective(epochs=7), select_by=curve)
    outcome, state = trained(tested, WILD, 7)
    best = max if curve in HIGHER_IS_BETTER else min
    epoch = outcome.curves[curve].index(best(outcome.curves[curve])) + 1
    assert epoch < 7
    assert_is_the_epoch(tested.assess(WILD, state)["validation"], outcome, epoch)
    _, at_that_epoch = trained(objective(epochs=7), WILD, epoch)
    for name, array in tested.model(WILD, state)[1].items():
        assert array.tobytes() == at_that_epoch[name].tobytes(), name


def test_selecting_changes_nothing_of_the_training_and_survives_an_interruption() -> None:
    tested = dataclasses.replace(objective(epochs=7), select_by="validation_error")
    whole, state = trained(tested, WILD, 7)
    assert whole.curves == trained(objective(epochs=7), WILD, 7)[0].curves
    first, half = trained(tested, WILD, 4)
    (rest,) = tested.advance(trials(WILD), [half], 7, never)
    curves = {name: first.curves[name] + rest.curves[name] for name in whole.curves}
    assert_same_bits(dataclasses.replace(rest, curves=curves), dataclasses.replace(whole, state=state))


def test_each_row_of_a_part_is_counted_once_in_the_confusion_matrix() -> None:
    _, state = trained(objective(), {}, 3)
    parts = {"validation": DIGITS.validation, "test": DIGITS.test}
    for name, assessment in objective().assess({}, state).items():
        part, confusion = parts[name], assessment.confusion
        assert part is not None
        assert confusion is not None
        counts = np.array(confusion.counts)
        assert confusion.labels == DIGITS.labels
        assert counts.sum(axis=1).tolist() == np.bincount(part.targets).tolist()
        assert assessment.rows == len(part.targets)
        assert assessment.metrics["error"] == (assessment.rows - counts.trace()) / assessment.rows


class TestRegression:
    def test_it_records_and_judges_in_the_unit_of_the_target(self, tmp_path: Path) -> None:
        tested = objective(data=houses(tmp_path), epochs=40, batch_size=16)
        assert tested.metrics == CURVES["regression"]
        outcome, state = trained(tested, {}, 40)
        assert tuple(outcome.curves) == CURVES["regression"]
        found = tested.assess({}, state)
        assert_is_the_epoch(found["validation"], outcome, 40)
        assert found["test"].confusion is None
        assert found["test"].rows == 30
        assert 1_000 < found["test"].metrics["rmse"] < 20_000
        assert 0.8 < found["test"].metrics["r2"] < 1

    def test_the_best_r2_is_the_highest(self, tmp_path: Path) -> None:
        tested = dataclasses.replace(objective(data=houses(tmp_path), epochs=8), select_by="validation_r2")
        wild = {"learning_rate": 1.0}
        outcome, state = trained(tested, wild, 8)
        curve = outcome.curves["validation_r2"]
        assert_is_the_epoch(tested.assess(wild, state)["validation"], outcome, curve.index(max(curve)) + 1)

    def test_its_network_has_one_output(self, tmp_path: Path) -> None:
        data = houses(tmp_path)
        outcome, state = trained(objective(data=data), {"hidden_units": [5]}, 1)
        assert state["weights_out"].shape == (5, 1)
        assert outcome.size == 2 * 5 + 2 * 5 + 5 + 1
        assert dataset(data).labels == ()
