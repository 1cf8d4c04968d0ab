"""The winner as something to use: it predicts what its file says, however its rows come."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from digit_networks import never
from encoding_by_hand import encoded
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hpsearch.data.settings import DataSettings
from hpsearch.errors import DataError, RecordError, UsageError
from hpsearch.network.settings import NetworkSettings
from hpsearch.objectives.model import Model
from hpsearch.objectives.network_objective import NetworkObjective, dataset
from hpsearch.objectives.prediction import Prediction, predict_table
from hpsearch.seeds import Streams
from hpsearch.trial import Trial

Array = NDArray[Any]

FIXED = NetworkSettings(epochs=2, learning_rate=0.01, hidden_units=[5, 3], hidden_layers=2, batch_size=16)
COLUMNS = ("length", "width", "colour")
NETWORKS: list[dict[str, Any]] = [
    {"batch_norm": norm, "activation": activation}
    for norm in ("before", "after", "off")
    for activation in ("relu", "leaky_relu", "tanh", "sigmoid")
] + [{"batch_norm": norm, "batch_norm_statistics": "exact"} for norm in ("before", "after")]


def write_flowers(path: Path, rows: int = 90) -> Path:
    """Write numbers with gaps, a category with gaps, a kind that is a word, a grade of whole numbers, and a price."""
    rng = np.random.default_rng(0)
    lines = ["length,kind,width,colour,price,grade"]
    for number in range(rows):
        kind = number % 3
        length = "" if number % 10 == 4 else f"{kind + rng.normal():.3f}"
        colour = ("red", "blue", "", "blue")[number % 4]
        price = 1000 + 50 * kind + rng.normal()
        name, width = ("rose", "tulip", "daisy")[kind], rng.normal() - kind
        lines.append(f"{length},{name},{width:.4f},{colour},{price:.3f},{kind + 3}")
    path.write_text("\n".join(lines) + "\n")
    return path


def settings(path: Path, target: str, task: str) -> DataSettings:
    others = dict.fromkeys({"kind", "price", "grade"} - {target}, "ignore")
    return DataSettings(source=str(path), target=target, task=task, columns=others)  # type: ignore[arg-type] # as from YAML


def trained(data: DataSettings, folder: Path, **params: Any) -> Path:
    """Train a network and write its model.json and model.npz as a run does; return the folder."""
    objective = NetworkObjective(data, dataset(data).fingerprint, FIXED, Streams(0))
    (outcome,) = objective.advance([Trial(0, 0, (), params)], [None], FIXED.epochs, never)
    assert outcome.state is not None
    plain, arrays = objective.model(params, outcome.state)
    (folder / "model.json").write_text(json.dumps({"run": "flowers-001", "trial": 7, **plain}, allow_nan=False))
    np.savez(folder / "model.npz", allow_pickle=False, **arrays)
    return folder


def loaded(folder: Path) -> Model:
    with np.load(folder / "model.npz", allow_pickle=False) as arrays:
        return Model.from_plain(json.loads((folder / "model.json").read_text()), dict(arrays))


@pytest.fixture(scope="module")
def flowers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_flowers(tmp_path_factory.mktemp("flowers") / "flowers.csv")


@pytest.fixture(scope="module")
def kinds(flowers: Path, tmp_path_factory: pytest.TempPathFactory) -> Model:
    return loaded(trained(settings(flowers, "kind", "classification"), tmp_path_factory.mktemp("kinds")))


@pytest.fixture(scope="module")
def prices(flowers: Path, tmp_path_factory: pytest.TempPathFactory) -> Model:
    return loaded(trained(settings(flowers, "price", "regression"), tmp_path_factory.mktemp("prices")))


def by_hand(folder: Path, file: Path) -> dict[str, Any]:
    """Predict the rows of a CSV file from model.json and model.npz with NumPy, csv and json, by the letter of the text."""
    model = json.loads((folder / "model.json").read_text())
    arrays = np.load(folder / model["arrays"] if "arrays" in model else folder / "model.npz", allow_pickle=False)
    with file.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    names: dict[str, Any] = {name: getattr(np, name) for name in ("maximum", "tanh", "exp", "sqrt", "argmax", "float64")}
    names |= {name: model.get(name) for name in ("target_mean", "target_deviation")}
    names |= {"labels": np.array(model.get("labels", []))}
    names |= {"a": encoded(rows, model["inputs"])}
    for layer in range(1, model["settings"]["hidden_layers"] + 1):
        names |= {f"{array[: -len(str(layer))]}l": arrays[array] for array in arrays.files if array.endswith(f"_{layer}")}
        for line in model["computation"]["layer"]:
            exec(line, names)
    names |= {name: arrays[name] for name in ("weights_out", "bias_out")}
    for line in model["computation"]["output"]:
        exec(line, names)
    return names


@pytest.mark.parametrize("params", NETWORKS)
def test_the_formulas_in_model_json_give_the_probabilities_of_the_model(
    params: dict[str, Any], flowers: Path, tmp_path: Path
) -> None:
    folder = trained(settings(flowers, "kind", "classification"), tmp_path, batch_norm_epsilon=0.1, **params)
    expected, model = by_hand(folder, flowers), loaded(folder)
    np.testing.assert_allclose(model.probabilities(flowers), expected["probabilities"], rtol=2e-4, atol=1e-6)
    assert model.predict(flowers).tolist() == expected["predicted"].tolist()


@pytest.mark.parametrize("params", NETWORKS)
def test_the_formulas_in_model_json_give_the_values_of_the_model(
    params: dict[str, Any], flowers: Path, tmp_path: Path
) -> None:
    folder = trained(settings(flowers, "price", "regression"), tmp_path, dropout=0.3, **params)
    expected, model = by_hand(folder, flowers), loaded(folder)
    np.testing.assert_allclose(model.predict(flowers), expected["predicted"], rtol=1e-5)
    assert abs(expected["predicted"].mean() - 1050) < 100


def test_a_model_file_is_plain_and_tells_what_it_is(flowers: Path, tmp_path: Path) -> None:
    plain = json.loads((trained(settings(flowers, "price", "regression"), tmp_path) / "model.json").read_text())
    assert [plain[key] for key in ("format", "kind", "task", "target")] == [2, "batch-norm network", "regression", "price"]
    assert plain["computation"]["layer"] == [
        "z = a @ weights_l",
        "z = gamma_l * (z - mean_l) / sqrt(variance_l + 1e-05) + beta_l",
        "a = maximum(z, 0)",
    ]
    assert "labels" not in plain


class TestWhatAModelIs:
    def test_it_tells_its_columns_labels_and_settings(self, kinds: Model) -> None:
        assert kinds.columns == COLUMNS
        assert kinds.labels.tolist() == ["daisy", "rose", "tulip"]
        assert (kinds.task, kinds.target, kinds.run, kinds.trial) == ("classification", "kind", "flowers-001", 7)
        assert kinds.settings == FIXED
        assert "flowers-001" in repr(kinds)
        assert len(repr(kinds)) < 200

    def test_labels_that_are_numbers_are_predicted_as_numbers(self, flowers: Path, tmp_path: Path) -> None:
        model = loaded(trained(settings(flowers, "grade", "classification"), tmp_path))
        assert model.labels.tolist() == [3, 4, 5]
        assert model.predict(flowers).dtype == np.int64
        assert model.label_texts == ("3", "4", "5")

    @pytest.mark.parametrize(
        ("texts", "labels"),
        [
            (["-1", "1"], [-1, 1]),
            (["0.5", "1"], [0.5, 1.0]),
            (["1", "one"], ["1", "one"]),
            (["01", "1"], ["01", "1"]),
            (["1", "100000000000000000000000"], ["1", "100000000000000000000000"]),
            (["false", "true"], ["false", "true"]),
        ],
    )
    def test_labels_are_numbers_only_where_each_spells_its_text_again(
        self, texts: list[str], labels: list[Any], kinds: Model, flowers: Path, tmp_path: Path
    ) -> None:
        folder = trained(settings(flowers, "kind", "classification"), tmp_path)
        plain = json.loads((folder / "model.json").read_text())
        arrays = dict(kinds.arrays)
        arrays |= {name: arrays[name][..., : len(texts)] for name in ("weights_out", "bias_out")}
        model = Model.from_plain({**plain, "labels": texts}, arrays)
        assert model.labels.tolist() == labels
        assert model.label_texts == tuple(texts)

    def test_probabilities_are_float32_sum_to_1_and_the_largest_is_predicted(self, kinds: Model, flowers: Path) -> None:
        probabilities = kinds.probabilities(flowers)
        assert probabilities.shape == (90, 3)
        assert probabilities.dtype == np.float32
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
        assert kinds.predict(flowers).tolist() == kinds.labels[probabilities.argmax(axis=1)].tolist()

    def test_a_quantity_has_no_probabilities(self, prices: Model, flowers: Path) -> None:
        with pytest.raises(UsageError, match="`price` is a quantity"):
            prices.probabilities(flowers)
        assert prices.labels.size == 0
        assert prices.predict(flowers).dtype == np.float64


class TestHowRowsMayCome:
    ROW = (0.5, -1.25, "red")

    def test_a_row_alone_is_predicted_as_among_many(self, kinds: Model, flowers: Path) -> None:
        with flowers.open(newline="") as file:
            rows = list(csv.DictReader(file))
        alone = np.concatenate([kinds.probabilities(row) for row in rows])
        assert alone.tolist() == kinds.probabilities(rows).tolist() == kinds.probabilities(flowers).tolist()

    @pytest.mark.parametrize("norm", ["before", "after", "off"])
    @pytest.mark.parametrize("activation", ["relu", "tanh"])
    def test_wide_networks_predict_a_row_with_the_same_bits_in_any_company(
        self, norm: str, activation: str, flowers: Path, tmp_path: Path
    ) -> None:
        params = {"batch_norm": norm, "activation": activation, "hidden_units": [64, 64]}
        model = loaded(trained(settings(flowers, "kind", "classification"), tmp_path, **params))
        rng = np.random.default_rng(1)
        columns = {"length": rng.normal(size=130), "width": rng.normal(size=130), "colour": np.repeat(["red", "blue"], 65)}
        many = model.probabilities(columns).tolist()
        assert [model.probabilities(_part(columns, [row])).tolist()[0] for row in range(130)] == many
        for start, end in ((1, 130), (2, 66), (63, 127), (100, 103)):
            assert model.probabilities(_part(columns, range(start, end))).tolist() == many[start:end]

    @pytest.mark.parametrize(
        "rows",
        [
            np.array([ROW], dtype=object),
            np.array(ROW, dtype=object),
            list(ROW),
            [list(ROW)],
            dict(zip(COLUMNS, ROW, strict=True)),
            dict(zip(COLUMNS[::-1], ROW[::-1], strict=True)),
            {"length": [0.5], "width": np.array([-1.25]), "colour": ["red"]},
            [dict(zip(COLUMNS, ROW, strict=True))],
            {"length": "0.5", "width": "-1.25", "colour": " red ", "kind": "tulip", "more": 1},
        ],
        ids=["array", "row", "list", "lists", "mapping", "order", "columns", "mappings", "texts"],
    )
    def test_all_forms_of_a_row_are_the_same_row(self, rows: Any, kinds: Model, tmp_path: Path) -> None:
        file = tmp_path / "row.csv"
        file.write_text("width,length,colour\n-1.25,0.5,red\n")
        assert kinds.probabilities(rows).tolist() == kinds.probabilities(file).tolist()

    def test_a_data_frame_is_known_by_its_columns(self, kinds: Model) -> None:
        class Frame:
            """What of a data frame is used: its columns by name."""

            columns = ("colour", "width", "length")

            def __getitem__(self, name: str) -> Array:
                return np.array({"colour": ["red"], "width": [-1.25], "length": [0.5]}[name])

            def __len__(self) -> int:
                return 1

        assert kinds.probabilities(Frame()).tolist() == kinds.probabilities(list(self.ROW)).tolist()

    @pytest.mark.parametrize("gap", ["", "NA", float("nan"), None])
    def test_a_missing_value_is_one_however_it_is_written(self, gap: Any, kinds: Model, tmp_path: Path) -> None:
        file = tmp_path / "row.csv"
        file.write_text("width,length,colour\n-1.25,,\n")
        row = {"length": gap, "width": -1.25, "colour": gap}
        assert kinds.probabilities(row).tolist() == kinds.probabilities(file).tolist()

    def test_no_rows_give_no_predictions(self, kinds: Model, prices: Model) -> None:
        nothing = np.empty((0, 3))
        assert kinds.predict(nothing).shape == prices.predict(nothing).shape == (0,)
        assert kinds.probabilities(nothing).shape == (0, 3)

    def test_arrays_of_an_archive_may_be_given_as_they_are(self, tmp_path: Path) -> None:
        rng = np.random.default_rng(0)
        x, y = rng.normal(size=(60, 2, 2)).astype(np.float32), np.arange(60) % 2
        np.savez(tmp_path / "data.npz", x=x, y=y)
        model = loaded(trained(DataSettings(source=str(tmp_path / "data.npz")), tmp_path))
        assert model.columns == ("x[0]", "x[1]", "x[2]", "x[3]")
        expected = model.probabilities(tmp_path / "data.npz").tolist()
        assert model.probabilities(x.reshape(60, 4)).tolist() == expected
        assert model.predict(x[7].ravel()).shape == (1,)

    @pytest.mark.parametrize(
        ("rows", "said"),
        [
            ({"length": 1.0}, "`width`, `colour`"),
            (np.zeros((4, 2)), "2"),
            (np.zeros(5), "5"),
            ({"length": "long", "width": 1, "colour": "red"}, "'long'"),
        ],
    )
    def test_rows_that_do_not_fit_are_an_error(self, rows: Any, said: str, kinds: Model) -> None:
        with pytest.raises(DataError) as caught:
            kinds.predict(rows)
        assert said in str(caught.value)

    def test_a_row_that_overflows_is_an_error_that_names_it(self, flowers: Path, tmp_path: Path) -> None:
        model = loaded(trained(settings(flowers, "price", "regression"), tmp_path, batch_norm="off", hidden_units=[60, 60]))
        rows = {"length": [1.0, 3e38, 1.0], "width": [1.0, -3e38, 1.0], "colour": ["red", "red", "red"]}
        arrays = {name: 10 * array for name, array in model.arrays.items()}
        with pytest.raises(DataError, match=r"row 1 \(from 0\): the network overflows"):
            replace(model, arrays=arrays).predict(rows)

    @given(st.integers(0, 2**32), st.integers(1, 300))
    def test_predictions_do_not_depend_on_the_order_of_the_rows(self, kinds: Model, seed: int, count: int) -> None:
        rng = np.random.default_rng(seed)
        columns = {name: rng.normal(size=count) for name in ("length", "width")}
        columns |= {"colour": rng.choice(["red", "blue"], count)}
        order = rng.permutation(count)
        shuffled = kinds.probabilities(_part(columns, order))
        assert shuffled.tolist() == kinds.probabilities(columns)[order].tolist()


def _part(columns: dict[str, Array], rows: Any) -> dict[str, Array]:
    """Return some rows of columns."""
    return {name: values[list(rows)] for name, values in columns.items()}


class TestAPredictionOfATable:
    HEADER = "length,width,colour,kind,price"

    def prediction(self, model: Model, *lines: str, folder: Path) -> Prediction:
        (folder / "rows.csv").write_text("\n".join([self.HEADER, *lines]) + "\n")
        return predict_table(model, model.table(folder / "rows.csv"))

    def test_it_holds_the_answers_of_the_model_as_plain_numbers(self, kinds: Model, prices: Model, flowers: Path) -> None:
        classes = predict_table(kinds, kinds.table(flowers))
        assert classes.answers == kinds.predict(flowers).tolist()
        assert np.array(classes.probabilities, np.float32).tolist() == kinds.probabilities(flowers).tolist()
        assert all(len(repr(p)) < 16 for row in classes.probabilities for p in row)
        values = predict_table(prices, prices.table(flowers))
        assert values.answers == prices.predict(flowers).tolist()
        assert values.probabilities == []

    def test_it_is_compared_with_the_truth(self, kinds: Model, prices: Model, tmp_path: Path) -> None:
        lines = ("1,2,red,rose,1", "1,2,red,tulip,3", "1,2,red,daisy,8")
        assert self.prediction(kinds, *lines, folder=tmp_path).score == {"error": pytest.approx(2 / 3), "wrong": 2}
        prediction = self.prediction(prices, *lines, folder=tmp_path)
        value = prediction.answers[0]
        expected = math.sqrt(((value - 1) ** 2 + (value - 3) ** 2 + (value - 8) ** 2) / 3)
        assert prediction.score == {"rmse": pytest.approx(expected)}

    @pytest.mark.parametrize(("kind", "price"), [("", ""), ("oak", "dear")])
    def test_a_target_that_is_not_known_in_every_row_is_not_compared(
        self, kind: str, price: str, kinds: Model, prices: Model, tmp_path: Path
    ) -> None:
        for model in (kinds, prices):
            lines = ("1,2,red,rose,3", f"1,2,red,{kind},{price}")
            assert self.prediction(model, *lines, folder=tmp_path).score == {}

    def test_unseen_categories_and_missing_values_are_noted(self, kinds: Model, tmp_path: Path) -> None:
        notes = self.prediction(kinds, "1,1,red,,", ",2,violet,,", ",3,,,", folder=tmp_path).notes
        assert any("violet" in note for note in notes)
        assert notes[-1] == "values are missing, of 3 rows: `length` in 2, `colour` in 1"

    def test_unseen_categories_are_warned_of_in_python(self, kinds: Model) -> None:
        for answer in (kinds.predict, kinds.probabilities):
            with pytest.warns(UserWarning, match="violet"):
                answer({"length": 1.0, "width": 2.0, "colour": "violet"})

    def test_there_is_nothing_to_say_about_usual_rows(self, kinds: Model) -> None:
        prediction = predict_table(kinds, kinds.table({"length": 1.0, "width": 2.0, "colour": "blue"}))
        assert (prediction.notes, prediction.score) == ((), {})


class TestModelsThatAreNotWhole:
    def test_no_setting_is_left_to_a_default(self, kinds: Model, flowers: Path, tmp_path: Path) -> None:
        plain = json.loads((trained(settings(flowers, "kind", "classification"), tmp_path) / "model.json").read_text())
        del plain["settings"]["activation"]
        with pytest.raises(RecordError, match="the settings lack activation"):
            Model.from_plain(plain, kinds.arrays)

    @pytest.mark.parametrize(
        "change",
        [
            {"format": 3},
            {"format": None},
            {"settings": {"unheard_of": 1}},
            {"settings": {}},
            {"task": "foo"},
            {"inputs": {"format": 99}},
            {"inputs": None},
            {"labels": ["a", "b"]},
            {"target_mean": "x"},
        ],
    )
    def test_a_description_that_does_not_fit_is_refused(self, change: dict[str, Any], flowers: Path, tmp_path: Path) -> None:
        folder = trained(settings(flowers, "kind", "classification"), tmp_path)
        plain = json.loads((folder / "model.json").read_text())
        with pytest.raises(RecordError):
            Model.from_plain({**plain, **change}, loaded(folder).arrays)

    @pytest.mark.parametrize("name", ["weights_1", "gamma_2", "bias_out"])
    def test_an_array_that_lacks_or_has_another_shape_is_named(
        self, name: str, kinds: Model, flowers: Path, tmp_path: Path
    ) -> None:
        plain = json.loads((trained(settings(flowers, "kind", "classification"), tmp_path) / "model.json").read_text())
        rest = {other: array for other, array in kinds.arrays.items() if other != name}
        for arrays in (rest, {**rest, name: np.zeros(1, np.float32)}, {**rest, name: kinds.arrays[name].astype(str)}):
            with pytest.raises(RecordError, match=name):
                Model.from_plain(plain, arrays)


def test_what_is_best_in_a_state_is_what_a_model_holds(flowers: Path) -> None:
    data = settings(flowers, "kind", "classification")
    objective = NetworkObjective(data, dataset(data).fingerprint, replace(FIXED, batch_norm="after"), Streams(0))
    (outcome,) = objective.advance([Trial(0, 0, (), {})], [None], 2, never)
    assert outcome.state is not None
    best = {f"best/{name}": 2 * array for name, array in outcome.state.items() if "/" not in name}
    extra = {"training/best_value": np.array([0.5])}
    _, arrays = objective.model({}, {**outcome.state, **best, **extra})
    assert sorted(arrays) == sorted(name for name in outcome.state if "/" not in name)
    np.testing.assert_array_equal(arrays["weights_1"], 2 * outcome.state["weights_1"])
