"""The winner's files and plain NumPy are enough to predict: nothing of the package computes a prediction here."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from digit_networks import FIXED, never
from encoding_by_hand import encoded
from numpy.typing import NDArray

from hpsearch.data.settings import DataSettings
from hpsearch.objectives.network_objective import NetworkObjective, dataset
from hpsearch.seeds import Streams
from hpsearch.trial import Trial

Array = NDArray[Any]

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "relu": lambda z: np.where(z > 0, z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
}
PARAMS: list[dict[str, Any]] = [
    {"activation": "relu", "batch_norm": "before", "hidden_units": [9, 6]},
    {"activation": "leaky_relu", "batch_norm": "before", "hidden_units": [3, 5, 7]},
    {"activation": "tanh", "batch_norm": "off", "hidden_layers": 1, "hidden_units": 12},
    {"activation": "sigmoid", "batch_norm": "before", "batch_norm_epsilon": 0.5, "hidden_layers": 1, "hidden_units_1": 4},
    {"activation": "relu", "batch_norm": "off", "optimizer": "sgd", "hidden_units": [8, 8]},
]


def predicted(model: dict[str, Any], arrays: Any, a: Array) -> Array:
    """Return the probabilities (n, C), as the `computation` of a model says, in float64."""
    settings = model["settings"]
    for layer in range(1, settings["hidden_layers"] + 1):
        z = a @ arrays[f"weights_{layer}"].astype(np.float64)
        if settings["batch_norm"] == "off":
            z += arrays[f"bias_{layer}"]
        else:
            deviation = np.sqrt(arrays[f"variance_{layer}"] + settings["batch_norm_epsilon"])
            z = arrays[f"gamma_{layer}"] * (z - arrays[f"mean_{layer}"]) / deviation + arrays[f"beta_{layer}"]
        a = ACTIVATIONS[settings["activation"]](z)
    scores = np.exp(a @ arrays["weights_out"] + arrays["bias_out"])
    return np.asarray(scores / scores.sum(axis=1, keepdims=True))


@pytest.fixture(scope="module")
def flowers(tmp_path_factory: pytest.TempPathFactory) -> DataSettings:
    """Numbers with gaps, a category with gaps and a rare level, and labels that are words; the test part is a file."""
    folder = tmp_path_factory.mktemp("flowers")
    rng = np.random.default_rng(0)
    for name, count in (("flowers.csv", 240), ("test.csv", 61)):
        lines = ["length,width,colour,kind"]
        for number in range(count):
            kind = number % 3
            length = "" if number % 10 == 4 else f"{kind + rng.normal():.3f}"
            colour = ("red", "blue", "", "rare" if number == 50 else "blue", "new" if name == "test.csv" else "red")[
                number % 5
            ]
            lines.append(f"{length},{rng.normal() - 2 * kind:.4f},{colour},{('rose', 'tulip', 'daisy')[kind]}")
        (folder / name).write_text("\n".join(lines) + "\n")
    return DataSettings(source=str(folder / "flowers.csv"), test=str(folder / "test.csv"), target="kind")


@pytest.mark.parametrize("params", PARAMS)
def test_model_json_and_its_arrays_predict_rows_of_a_file(params: dict[str, Any], flowers: DataSettings) -> None:
    tested = NetworkObjective(flowers, dataset(flowers).fingerprint, FIXED, Streams(0))
    (outcome,) = tested.advance([Trial(0, 0, (), params)], [None], 3, never)
    assert outcome.state is not None
    description, named = tested.model(params, outcome.state)
    model, arrays = json.loads(json.dumps(description, allow_nan=False)), saved_and_loaded(named)

    with Path(str(flowers.test)).open(newline="") as file:
        rows = list(csv.DictReader(file))
    probabilities = predicted(model, arrays, encoded(rows, model["inputs"]))
    right = np.array([model["labels"].index(row["kind"]) for row in rows])
    test = tested.assess(params, outcome.state)["test"]
    assert test.metrics["error"] == (probabilities.argmax(axis=1) != right).mean()
    assert test.metrics["loss"] == pytest.approx(-np.log(probabilities[np.arange(61), right]).mean(), rel=2e-5)
    assert test.rows == 61


def test_a_model_keeps_what_prediction_needs_and_nothing_of_the_training(flowers: DataSettings) -> None:
    tested = NetworkObjective(flowers, dataset(flowers).fingerprint, FIXED, Streams(0))
    (outcome,) = tested.advance([Trial(0, 0, (), {})], [None], 3, never)
    assert outcome.state is not None
    _, arrays = tested.model({}, outcome.state)
    layers = [f"{name}_{layer}" for layer in (1, 2) for name in ("weights", "gamma", "beta", "mean", "variance")]
    assert sorted(arrays) == sorted([*layers, "weights_out", "bias_out"])
    predictive = {name: array for name, array in outcome.state.items() if not name.startswith("training/")}
    assert tested.assess({}, predictive) == tested.assess({}, outcome.state)


def test_the_validation_curve_ends_where_the_model_stands(flowers: DataSettings) -> None:
    tested = NetworkObjective(flowers, dataset(flowers).fingerprint, FIXED, Streams(0))
    (outcome,) = tested.advance([Trial(0, 0, (), {})], [None], 3, never)
    assert outcome.state is not None
    model, arrays = tested.model({}, outcome.state)
    part = dataset(flowers, tested.fingerprint).validation
    probabilities = predicted(model, arrays, part.inputs)
    right = probabilities[np.arange(len(part.targets)), part.targets]
    assert outcome.curves["validation_error"][-1] == (probabilities.argmax(axis=1) != part.targets).mean()
    assert outcome.curves["validation_loss"][-1] == pytest.approx(-np.log(right).mean(), rel=2e-5)


def test_without_a_test_part_there_is_no_score(flowers: DataSettings) -> None:
    apart = DataSettings(source=flowers.source, test=0, target="kind")
    tested = NetworkObjective(apart, dataset(apart).fingerprint, FIXED, Streams(0))
    (outcome,) = tested.advance([Trial(0, 0, (), {})], [None], 3, never)
    assert outcome.state is not None
    assert set(tested.assess({}, outcome.state)) == {"validation"}


def saved_and_loaded(arrays: dict[str, Array]) -> dict[str, Array]:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    buffer.seek(0)
    with np.load(buffer, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
