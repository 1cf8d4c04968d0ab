from __future__ import annotations

import dataclasses
import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.data.dataset import Dataset, load_dataset
from hpsearch.data.settings import DataSettings
from hpsearch.errors import UsageError

ROWS = [f"{number % 7},{'uvw'[number % 3]},{'no' if number % 2 else 'yes'}" for number in range(60)]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return what writes a file into the working directory."""
    monkeypatch.chdir(tmp_path)

    def write_lines(header: str, rows: list[str], name: str = "data.csv") -> None:
        Path(name).write_text("\n".join([header, *rows, ""]), encoding="utf-8")

    return write_lines


def load(**options: Any) -> Dataset:
    return load_dataset(DataSettings(**{"source": "data.csv", "target": "y", **options}))


def fault_of(**options: Any) -> str:
    with pytest.raises(UsageError) as caught:
        load(**options)
    return str(caught.value)


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load_dataset(DataSettings())


def test_the_digits_have_1797_rows_of_64_pixels_in_10_classes(digits: Dataset) -> None:
    assert digits.test is not None
    assert [part.inputs.shape for part in (digits.train, digits.validation, digits.test)] == [
        (1079, 64),
        (359, 64),
        (359, 64),
    ]
    assert (digits.features, digits.classes) == (64, 10)
    assert digits.labels == tuple("0123456789")
    assert digits.notes == ()


def test_the_digits_keep_their_shares_in_each_part(digits: Dataset) -> None:
    assert digits.test is not None
    parts = [np.bincount(part.targets) for part in (digits.train, digits.validation, digits.test)]
    everything = sum(parts)
    for part, size in zip(parts, (1079, 359, 359), strict=True):
        assert np.all(np.abs(part - everything * size / 1797) < 2)


def test_the_digits_are_standardised_and_constant_pixels_are_0(digits: Dataset) -> None:
    inputs = digits.train.inputs.astype(np.float64)
    means, deviations = inputs.mean(axis=0), inputs.std(axis=0)
    np.testing.assert_allclose(means, 0, atol=1e-6)
    constant = digits.preprocessing.feature_names.index("pixel_0_0")
    assert not digits.train.inputs[:, constant].any()
    np.testing.assert_allclose(deviations[deviations > 0], 1, atol=1e-6)


def test_arrays_are_float32_and_int64_row_by_row_and_read_only(digits: Dataset) -> None:
    assert digits.test is not None
    for part in (digits.train, digits.validation, digits.test):
        assert part.inputs.dtype == np.float32
        assert part.targets.dtype == np.int64
        assert part.inputs.flags.c_contiguous
        with pytest.raises(ValueError, match="read-only"):
            part.inputs[0, 0] = 1
        with pytest.raises(ValueError, match="read-only"):
            part.targets[0] = 1


def test_the_same_settings_give_the_same_bits(digits: Dataset) -> None:
    again = load_dataset(DataSettings())
    assert again.train.inputs.tobytes() == digits.train.inputs.tobytes()
    assert (again.fingerprint, again.split_sha256) == (digits.fingerprint, digits.split_sha256)


def test_another_split_seed_moves_rows_and_the_preparation_moves_none(digits: Dataset) -> None:
    moved = load_dataset(DataSettings(split_seed=1))
    assert moved.source_sha256 == digits.source_sha256
    assert moved.split_sha256 != digits.split_sha256
    scaled = load_dataset(DataSettings(inputs="scale"))
    assert scaled.split_sha256 == digits.split_sha256
    assert scaled.fingerprint != digits.fingerprint


def test_a_csv_file_becomes_parts(write: Callable[..., None]) -> None:
    write("a,c,y", ROWS)
    data = load(validation=0.25, test=0.25)
    assert data.labels == ("no", "yes")
    assert set(data.preprocessing.feature_names) == {"a", "c=u", "c=v", "c=w", "c: other"}
    assert data.test is not None
    assert [len(part.targets) for part in (data.train, data.validation, data.test)] == [30, 15, 15]
    assert np.bincount(data.train.targets).tolist() == [15, 15]


def test_inputs_and_targets_stay_together(write: Callable[..., None]) -> None:
    write("a,y", [f"{number},{number % 3}" for number in range(60)])
    data = load(inputs="none")
    assert data.test is not None
    for part in (data.train, data.validation, data.test):
        assert (part.inputs[:, 0] % 3).tolist() == part.targets.tolist()


def test_the_validation_part_has_no_say_in_the_preprocessing(write: Callable[..., None]) -> None:
    write("a,y", ["0,no", "4,yes"] * 10)
    write("a,y", ["100,no", "100,yes"], "more.csv")
    data = load(validation="more.csv", test=0)
    assert data.validation.inputs.tolist() == [[49], [49]]


def test_without_a_test_share_there_is_no_test_part(write: Callable[..., None]) -> None:
    write("a,c,y", ROWS)
    data = load(test=0)
    assert data.test is None
    assert len(data.train.targets) + len(data.validation.targets) == 60


def test_without_a_validation_share_there_is_nothing_to_judge_by(write: Callable[..., None]) -> None:
    write("a,c,y", ROWS)
    assert "`validation` 0 leaves the search nothing to judge by" in fault_of(validation=0.0)


def test_the_hash_of_one_file_is_that_of_its_bytes(write: Callable[..., None]) -> None:
    write("a,c,y", ROWS)
    assert load().source_sha256 == hashlib.sha256(Path("data.csv").read_bytes()).hexdigest()


def test_validation_and_test_may_be_files_with_columns_in_any_order(write: Callable[..., None]) -> None:
    write("a,c,y", ROWS)
    write("y,extra,c,a", ["yes,1,u,3", "no,2,v,4"], "validation.csv")
    write("c,y,a", ["w,no,5"], "test.csv")
    data = load(validation="validation.csv", test="test.csv", inputs="none")
    assert len(data.train.targets) == 60
    assert data.validation.targets.tolist() == [1, 0]
    assert data.validation.inputs[:, 0].tolist() == [3, 4]
    assert data.test is not None
    assert data.test.inputs.shape == (1, 5)
    assert data.source_sha256 != load().source_sha256


def test_a_file_without_a_column_is_an_error(write: Callable[..., None]) -> None:
    write("a,c,y", ROWS)
    write("a,y", ["1,no"], "test.csv")
    assert "data.test: columns of data.csv are not in test.csv: `c`" in fault_of(test="test.csv")
    write("a,c", ["1,u"], "test.csv")
    assert "data.test: there is no column `y` for the target in test.csv" in fault_of(test="test.csv")


def test_a_class_only_a_file_has_is_an_error_at_its_line(write: Callable[..., None]) -> None:
    write("a,c,y", ROWS)
    write("a,c,y", ["1,u,no", "1,u,maybe"], "test.csv")
    assert fault_of(test="test.csv").startswith("test.csv:3: the target 'maybe' is none of the classes")


def test_a_text_in_a_number_column_of_a_file_is_an_error_at_its_line(write: Callable[..., None]) -> None:
    write("a,c,y", ROWS)
    write("a,c,y", ["1,u,no", "many,u,no"], "test.csv")
    assert fault_of(test="test.csv").startswith("test.csv:3: 'many' is no number")


def test_one_file_cannot_be_two_parts(write: Callable[..., None]) -> None:
    write("a,c,y", ROWS)
    message = "the test part has the same rows as data.csv, which holds the train part"
    assert message in fault_of(test="data.csv")


def test_nor_can_the_same_rows_in_another_file(write: Callable[..., None]) -> None:
    write("a,c,y", ROWS)
    Path("packed.csv.gz").write_bytes(gzip.compress(Path("data.csv").read_bytes()))
    Path("dos.csv").write_bytes(Path("data.csv").read_bytes().replace(b"\n", b"\r\n"))
    assert "the validation part has the same rows as data.csv" in fault_of(validation="packed.csv.gz")
    assert "the test part has the same rows as data.csv" in fault_of(test="dos.csv")


def test_nor_can_the_same_arrays_in_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    x, y = np.array([0.5, np.nan, 2.5, 1.5]), np.array([2**60, 2**60 + 1, 2**60, 2**60 + 1])
    np.savez("a.npz", x=x, y=y)
    np.savez_compressed("b.npz", x=x, y=y)
    message = fault_of(source="a.npz", test=0, validation="b.npz", task="classification")
    assert "the validation part has the same rows as a.npz" in message
    np.savez("b.npz", x=x, y=y[::-1])
    data = load(source="a.npz", test=0, validation="b.npz", task="classification")
    assert data.labels == ("1152921504606846976", "1152921504606846977")


def test_one_file_cannot_validate_and_test(write: Callable[..., None]) -> None:
    write("a,c,y", ROWS)
    write("a,c,y", ["1,u,no", "2,v,yes"], "more.csv")
    assert "the test part has the same rows as more.csv" in fault_of(validation="more.csv", test="more.csv")


def test_rows_of_a_group_stay_in_one_part_and_the_group_is_no_input(write: Callable[..., None]) -> None:
    write("person,a,y", [f"p{number // 4},{number // 4},{number % 2}" for number in range(80)])
    data = load(group="person", inputs="none")
    assert data.preprocessing.feature_names == ("a",)
    assert data.test is not None
    people = [set(part.inputs[:, 0].tolist()) for part in (data.train, data.validation, data.test)]
    assert sum(map(len, people)) == 20
    assert [len(part.targets) for part in (data.train, data.validation, data.test)] == [48, 16, 16]


def test_a_group_in_two_files_is_an_error_at_its_line(write: Callable[..., None]) -> None:
    write("person,a,y", [f"p{number // 4},{number},{number % 2}" for number in range(80)])
    write("person,a,y", ["q,1,0", "p3,1,1"], "test.csv")
    message = fault_of(group="person", test="test.csv")
    assert message.startswith("test.csv:3: the group 'p3' of `person` is in data.csv as well")


def test_a_group_must_be_there_in_every_row_and_not_be_the_target(write: Callable[..., None]) -> None:
    write("person,a,y", ["p,1,0", ",2,1"] * 10)
    assert "data.group: there is no column `persn` for the group in data.csv" in fault_of(group="persn")
    assert fault_of(group="person").startswith("data.csv:3: no value of the group `person`")
    assert "`y` cannot be both the target and the group" in fault_of(group="y")


def test_a_class_that_a_part_lacks_is_noted(write: Callable[..., None]) -> None:
    write("a,y", [f"{number},{'rare' if number == 9 else 'x' if number % 2 else 'z'}" for number in range(40)])
    notes = load().notes
    assert notes == (
        "the validation part has no row of class 'rare'",
        "the test part has no row of class 'rare'",
    )


def test_what_is_left_out_is_noted(write: Callable[..., None]) -> None:
    write(",empty,name,a,y", [f"{number},,n{number},{number},{number % 2}" for number in range(100)])
    data = load()
    assert data.preprocessing.feature_names == ("a",)
    assert [note.split(":")[0] for note in data.notes] == [
        "the first column has no name",
        "`empty` left out",
        "`name` left out",
    ]


def test_declared_columns_and_missing_texts_are_heeded(write: Callable[..., None]) -> None:
    write("a,zip,b,y", [f"{-999 if number < 30 else number},{number % 2},{number},{number % 2}" for number in range(60)])
    data = load(columns={"zip": "category", "b": "ignore"}, missing=["-999"])
    assert set(data.preprocessing.feature_names) == {"a", "a: missing", "zip=0", "zip=1", "zip: other"}
    assert "-999" in data.preprocessing.missing_texts


def test_missing_texts_are_kept_as_values_are_compared_with_them(write: Callable[..., None]) -> None:
    write("a,y", [f"{' - ' if number < 30 else number},{number % 2}" for number in range(60)])
    data = load(missing=[" - "])
    assert data.preprocessing.feature_names == ("a", "a: missing")
    assert data.preprocessing.missing_texts[-1] == "-"
    table = data.preprocessing.table_of([["-"], [" - "]])
    assert table.columns["a"].missing.tolist() == [True, True]


def test_an_unsuitable_share_is_an_error(write: Callable[..., None]) -> None:
    write("a,c,y", ROWS)
    assert "their sum must be below 1" in fault_of(validation=0.6, test=0.4)
    assert "leaves none for the test part" in fault_of(test=0.001)


def test_a_packed_csv_gives_the_same_bits_as_the_plain_one(write: Callable[..., None]) -> None:
    write("a,c,y", ROWS)
    Path("packed.csv.gz").write_bytes(gzip.compress(Path("data.csv").read_bytes()))
    assert load(source="packed.csv.gz").fingerprint == load().fingerprint


def test_an_npz_file_becomes_parts(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 255, (50, 4, 4), dtype=np.uint8)
    np.savez(tmp_path / "data.npz", images=images, y=np.arange(50) % 5)
    data = load_dataset(DataSettings(source=str(tmp_path / "data.npz"), inputs="scale"))
    assert (data.features, data.classes) == (16, 5)
    assert data.train.inputs.min() == 0
    assert data.train.inputs.max() == 1


def test_whole_numbers_of_an_npz_file_keep_every_digit_beside_missing_texts(tmp_path: Path) -> None:
    classes = np.array([2**60, 2**60 + 1] * 20)
    np.savez(tmp_path / "data.npz", x=np.arange(40), y=classes)
    data = load_dataset(DataSettings(source=str(tmp_path / "data.npz"), missing=["-1"]))
    assert data.labels == ("1152921504606846976", "1152921504606846977")


def test_an_npz_file_without_y_is_an_error_that_lists_its_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", x=np.ones((5, 3)), z=np.ones(5))
    message = fault_of(source=str(tmp_path / "data.npz"), target=None)
    assert message.endswith("there is no column `y` for the target in data.npz\n      there are: `x[0..2]`, `z`")


def test_no_message_carries_a_control_character_of_the_data(write: Callable[..., None]) -> None:
    write("a\x1b[2J,y", [f"{number},{number % 2}" for number in range(40)] + ["\x1b[31m,1"])
    message = fault_of()
    assert message.startswith("data.csv:42: '\\x1b[31m' is no number")
    assert "\x1b" not in message


def test_a_dataset_is_frozen(digits: Dataset) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        digits.labels = ()  # type: ignore[misc]  # the assignment that must fail


HOMES = [f"{number % 7},{'uvw'[number % 3]},{number * 1.25 - 3}" for number in range(60)]


def test_a_quantity_is_standardised_with_the_numbers_of_the_training_part(write: Callable[..., None]) -> None:
    write("a,c,y", HOMES)
    data = load(inputs="none", columns={"c": "ignore"})
    assert (data.task, data.target, data.labels, data.classes, data.weights) == ("regression", "y", (), 0, None)
    assert data.test is not None
    assert data.rows == {"train": 36, "validation": 12, "test": 12}
    parts = (data.train, data.validation, data.test)
    values = [part.targets.astype(np.float64) * data.target_deviation + data.target_mean for part in parts]
    np.testing.assert_allclose(np.sort(np.concatenate(values)), [number * 1.25 - 3 for number in range(60)], atol=1e-5)
    assert data.target_mean == pytest.approx(values[0].mean(), rel=1e-6)
    assert data.target_deviation == pytest.approx(values[0].std(), rel=1e-6)
    for part, targets in zip(parts, values, strict=True):
        assert part.targets.dtype == np.float32
        assert not part.targets.flags.writeable
        rows = np.rint((targets + 3) / 1.25)
        assert part.inputs[:, 0].tolist() == (rows % 7).tolist()


def test_the_validation_part_has_no_say_in_the_scale_of_a_quantity(write: Callable[..., None]) -> None:
    write("a,y", ["0,0.5", "1,4.5"] * 10)
    write("a,y", ["0,100.5", "1,6.5"], "more.csv")
    data = load(validation="more.csv", test=0, task="regression")
    assert (data.target_mean, data.target_deviation) == (2.5, 2)
    assert data.train.targets[:2].tolist() == [-1, 1]
    assert data.validation.targets.tolist() == [49, 2]


def test_whole_numbers_become_a_quantity_when_that_is_said(write: Callable[..., None]) -> None:
    write("c,y,a", [f"{'uv'[number % 2]},{number % 5},{number}" for number in range(40)])
    assert load().task == "classification"
    assert load(task="regression").target_mean == pytest.approx(2, abs=0.2)


def test_a_text_as_a_quantity_is_an_error_at_its_line_in_any_file(write: Callable[..., None]) -> None:
    write("a,c,y", ROWS)
    assert fault_of(task="regression").startswith("data.task: data.csv:2: the target 'yes' is no number")
    write("a,c,y", HOMES)
    write("a,c,y", ["1,u,1.5", "2,u,many"], "test.csv")
    assert fault_of(test="test.csv").startswith("test.csv:3: the target 'many' is no number")
    write("a,c,y", ["1,u,1.5", "2,u,"], "test.csv")
    assert fault_of(test="test.csv").startswith("test.csv:3: no value of the target `y`")


def test_groups_of_quantities_stay_in_one_part(write: Callable[..., None]) -> None:
    write("person,a,y", [f"p{number // 4},{number // 4},{number + 0.5}" for number in range(80)])
    data = load(group="person", inputs="none")
    assert data.test is not None
    people = [set(part.inputs[:, 0].tolist()) for part in (data.train, data.validation, data.test)]
    assert sum(map(len, people)) == 20
    assert data.rows == {"train": 48, "validation": 16, "test": 16}


def test_the_unit_of_a_quantity_is_part_of_the_fingerprint(write: Callable[..., None]) -> None:
    write("a,c,y", HOMES)
    first = load(columns={"c": "ignore"})
    again = load(columns={"c": "ignore"})
    write("a,c,y", [f"{number % 7},,{(number * 1.25 - 3) * 2}" for number in range(60)])
    doubled = load(columns={"c": "ignore"})
    assert again.fingerprint == first.fingerprint
    assert doubled.train.targets.tobytes() == first.train.targets.tobytes()
    assert doubled.split_sha256 != first.split_sha256  # of the file's bytes too
    assert doubled.fingerprint != first.fingerprint


def test_a_floating_array_is_a_quantity(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    np.savez(tmp_path / "data.npz", x=generator.normal(size=(50, 3)), y=generator.normal(size=50).astype(np.float32))
    data = load_dataset(DataSettings(source=str(tmp_path / "data.npz")))
    assert (data.task, data.target) == ("regression", "y")
    assert data.train.targets.std(dtype=np.float64) == pytest.approx(1, abs=1e-6)


def test_class_weights_belong_to_the_training_rows_and_to_the_fingerprint(write: Callable[..., None]) -> None:
    write("a,y", [f"{number},{'rare' if number % 5 == 0 else 'often'}" for number in range(100)])
    plain, weighed = load(), load(class_weights="balanced")
    assert plain.weights is None
    assert weighed.weights is not None
    assert not weighed.weights.flags.writeable
    expected = np.where(weighed.train.targets == 1, 60 / (2 * 12), 60 / (2 * 48))
    np.testing.assert_allclose(weighed.weights, expected, rtol=1e-6)
    np.testing.assert_array_equal(weighed.train.inputs, plain.train.inputs)
    assert weighed.split_sha256 == plain.split_sha256
    assert weighed.fingerprint != plain.fingerprint
    declared = load(class_weights={"rare": 4.0, "often": 1.0})
    assert declared.weights is not None
    np.testing.assert_allclose(declared.weights, weighed.weights, rtol=1e-6)


def test_class_weights_of_a_quantity_are_an_error(write: Callable[..., None]) -> None:
    write("a,c,y", HOMES)
    assert fault_of(class_weights="balanced").startswith("data.class_weights: `class_weights` are for classes")


def test_the_split_of_the_digits_is_pinned(digits: Dataset) -> None:
    assert digits.split_sha256 == "e7f39d29dc11493ccc58d28762a82abbb8c3a3bc683d3930d8cfa90fabe4ac5e"
    assert (digits.task, digits.target, digits.target_mean, digits.target_deviation) == ("classification", "label", 0, 1)
