from __future__ import annotations

import re
from pathlib import Path

import csv_shapes
import numpy as np
import pytest
from csv_shapes import SHAPES, classes, columns, quantities, table

from hpsearch.errors import DataError
from hpsearch.spec.load import LoadedSpec, load_spec
from hpsearch.spec.starter import Starter, starter

FEW_OF_A_CLASS = "  # From so few hardly anything can be learnt: more rows of that class would help most.\n"
COMMENTED_OUT = re.compile(r"^  # (\w+: \{.*)$", re.MULTILINE)


def made(name: str, directory: Path) -> tuple[Starter, LoadedSpec]:
    given = starter(str(csv_shapes.write(name, directory)), directory)
    return given, load_spec(given.text, "made.yaml", directory=directory)


def of(text: str, directory: Path, **said: str) -> tuple[Starter, LoadedSpec]:
    (directory / "made.csv").write_text(text)
    given = starter(str(directory / "made.csv"), directory, **said)  # type: ignore[arg-type]  # a task is a text too
    return given, load_spec(given.text, "made.yaml", directory=directory)


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_commented_out_can_be_searched_too(name: str, tmp_path: Path) -> None:
    given, loaded = made(name, tmp_path)
    space = load_spec(COMMENTED_OUT.sub(r"  \1", given.text), "made.yaml", directory=tmp_path).study.space
    assert {*space.names} == {*loaded.study.space.names, "dropout", "learning_rate_decay"}


@pytest.mark.parametrize("name", SHAPES)
def test_every_line_is_one_that_a_person_can_read(name: str, tmp_path: Path) -> None:
    lines = made(name, tmp_path)[0].text.splitlines()
    assert lines[0] == "# yaml-language-server: $schema=hpsearch.schema.json"
    assert max(map(len, lines)) <= 125
    assert not any(line != line.rstrip() or "\t" in line for line in lines)


def test_the_column_with_a_usual_name_is_the_target_wherever_it_stands(tmp_path: Path) -> None:
    rows = ([row[-1], *row[:-1]] for row in classes(60, 3, "ab", 0))
    given, loaded = of(table(["Class", "a", "b", "c"], rows), tmp_path)
    assert loaded.study.data.target == "Class"
    assert given.notes == ("the target is `Class`, taken by its name; --target names another",)


def test_without_such_a_name_the_last_column_is_the_target(tmp_path: Path) -> None:
    given, loaded = of(table(columns(3, "kind"), classes(60, 3, "ab", 0)), tmp_path)
    assert loaded.study.data.target == "kind"
    assert given.notes == ("the target is `kind`, taken as the last column; --target names another",)


def test_a_target_that_was_said_is_taken_without_a_word(tmp_path: Path) -> None:
    given, loaded = of(table(columns(3, "kind"), classes(60, 3, "ab", 0)), tmp_path, target="x0")
    assert (loaded.study.data.target, loaded.study.data.task, given.notes) == ("x0", "regression", ())


def test_two_usual_names_are_asked_about(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="which of `label`, `y` is to be predicted") as error:
        of(table(["label", "a", "b", "y"], classes(60, 3, "ab", 0)), tmp_path)
    assert "say it with --target; there are: `label`, `a`, `b`, `y`" in str(error.value)


def test_a_last_column_that_cannot_be_predicted_is_asked_about(tmp_path: Path) -> None:
    rows = ([*row, f"note {place}"] for place, row in enumerate(classes(60, 2, "ab", 0)))
    with pytest.raises(
        DataError, match="`note`, taken as the last column, cannot be predicted: texts that are all different"
    ):
        of(table(["a", "b", "kind", "note"], rows), tmp_path)


def test_whole_numbers_that_may_be_classes_or_quantities_are_asked_about(tmp_path: Path) -> None:
    text = table(columns(3, "visits"), quantities(200, 3, 0, "{:.0f}"))
    with pytest.raises(DataError, match="say it: --task classification, or --task regression"):
        of(text, tmp_path)
    study = of(text, tmp_path, task="regression")[1].study
    assert (study.data.task, study.metric) == ("regression", "validation_rmse")


def test_rare_classes_weigh_as_much_as_others_and_are_judged_by(tmp_path: Path) -> None:
    given, loaded = made("unbalanced.csv", tmp_path)
    assert (loaded.study.data.class_weights, loaded.study.metric) == ("balanced", "validation_macro_f1")
    assert "The rarest class has 18 training rows, where equal classes would have 450." in given.text


@pytest.mark.parametrize(("rare", "is_balanced"), [(82, True), (84, False)])
def test_a_class_with_less_than_a_quarter_of_its_equal_share_is_rare(rare: int, is_balanced: bool, tmp_path: Path) -> None:
    study = of_arrays(400, tmp_path, rare)[1].study
    assert (study.data.class_weights, study.metric) == (
        ("balanced", "validation_macro_f1") if is_balanced else ("none", "validation_error")
    )


@pytest.mark.parametrize(("rare", "is_few"), [(15, True), (17, False)])
def test_below_ten_training_rows_of_a_class_more_are_wished_for(rare: int, is_few: bool, tmp_path: Path) -> None:
    text = of_arrays(400, tmp_path, rare)[0].text
    assert f"The rarest class has {9 if is_few else 10} training rows, where equal classes would have 200." in text
    assert (FEW_OF_A_CLASS in text) == is_few


@pytest.mark.parametrize(("training_rows", "metric"), [(165, "validation_loss"), (167, "validation_error")])
def test_below_a_hundred_validation_rows_the_loss_judges(training_rows: int, metric: str, tmp_path: Path) -> None:
    study = of_arrays(training_rows, tmp_path)[1].study
    assert study.metric == metric


def test_one_row_of_a_class_is_said_to_be_too_few(tmp_path: Path) -> None:
    text = made("one_of_a_class.csv", tmp_path)[0].text
    assert "  # The rarest class has 1 training row, where equal classes would have 33. Balanced, each class weighs" in text
    assert FEW_OF_A_CLASS in text


def test_a_few_rows_are_judged_by_the_loss_in_one_batch_without_batch_norm(tmp_path: Path) -> None:
    study = made("twelve_rows.csv", tmp_path)[1].study
    assert study.metric == "validation_loss"
    assert (study.network.batch_norm, study.network.batch_size, study.network.epochs) == ("off", 6, 81)
    assert "batch_size" not in study.space.names


@pytest.mark.parametrize(
    ("training_rows", "expected"),
    [
        (15, {"batch_size": None}),
        (16, {"batch_size": None}),
        (63, {"batch_size": None}),
        (64, {"batch_size": [16, 32]}),
        (199, {"batch_size": [16, 32]}),
        (200, {"batch_size": [16, 32, 64]}),
        (249, {"hidden_units": [8, 64]}),
        (300, {"hidden_units": [16, 128]}),
        (999, {"hidden_layers": [1, 2]}),
        (1000, {"hidden_layers": [1, 3]}),
        (1999, {"batch_size": [16, 32, 64], "hidden_units": [16, 128]}),
        (2000, {"batch_size": [32, 64, 128], "hidden_units": [16, 256]}),
        (19_999, {"batch_size": [32, 64, 128]}),
        (20_000, {"batch_size": [64, 128, 256]}),
    ],
)
def test_sizes_grow_with_the_training_rows(training_rows: int, expected: dict[str, object], tmp_path: Path) -> None:
    study = of_arrays(training_rows, tmp_path)[1].study
    entries = study.space.describe()
    ranges = {name: entry["range"] if isinstance(entry, dict) else entry for name, entry in entries.items()}
    assert {name: ranges.get(name) for name in expected} == expected
    assert study.network.batch_norm == ("off" if training_rows < 16 else "before")


def of_arrays(training_rows: int, directory: Path, rare: int = 0) -> tuple[Starter, LoadedSpec]:
    """Return the spec for arrays that give so many training rows, of which so many (or half) are of one class."""
    for rows in range(training_rows + 2, 2 * training_rows + 9):
        share = 0.3 if rows < 500 else 0.2
        if rows - round(rows * share) - round(rows * 0.2) == training_rows:
            places = np.arange(rows)
            np.savez(directory / "made.npz", x=np.sin(places), y=places < (rare or rows // 2))
            given = starter(str(directory / "made.npz"), directory)
            return given, load_spec(given.text, "made.yaml", directory=directory)
    raise LookupError(f"no file gives {training_rows} training rows")


@pytest.mark.parametrize(("inputs", "is_dropped"), [(10, False), (11, True)])
def test_fewer_than_ten_training_rows_for_an_input_call_for_dropout(inputs: int, is_dropped: bool, tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(200, inputs))
    np.savez(tmp_path / "a.npz", x=x, y=x[:, 0] > 0)
    study = load_spec(starter(str(tmp_path / "a.npz"), tmp_path).text, "made.yaml", directory=tmp_path).study
    assert ("dropout" in study.space.names) == is_dropped


def test_columns_that_only_tell_rows_apart_are_left_out_with_the_reason(tmp_path: Path) -> None:
    given, loaded = made("ids.csv", tmp_path)
    assert loaded.study.data.columns == {"id": "ignore", "code": "ignore"}
    assert "  # Left out, as numbers that count the rows: `id`.\n" in given.text
    assert given.notes[1:] == (
        "left out as numbers that count the rows: `id`",
        "left out as texts that are all different: `code`",
    )


def test_dates_are_left_out_though_they_repeat(tmp_path: Path) -> None:
    rows = ([f"2020-01-{place % 28 + 1:02}", *row] for place, row in enumerate(classes(90, 2, "ab", 0)))
    given, loaded = of(table(["day", *columns(2, "kind")], rows), tmp_path)
    assert loaded.study.data.columns == {"day": "ignore"}
    reason = "dates or times (their month, weekday or hour may serve in a column of its own)"
    assert given.notes[1] == f"left out as {reason}: `day`"


def test_a_column_of_repeated_ids_is_offered_as_a_group_and_not_made_one(tmp_path: Path) -> None:
    given, loaded = made("ids.csv", tmp_path)
    assert loaded.study.data.group is None
    assert "  # group: customer_id\n" in given.text


def test_a_column_without_any_value_is_left_out_and_a_constant_one_mentioned(tmp_path: Path) -> None:
    given, loaded = made("constant.csv", tmp_path)
    assert loaded.study.data.columns == {"none": "ignore"}
    assert "  # `country`: the same in all rows, which does no harm and teaches nothing.\n" in given.text


def test_a_dash_among_numbers_is_no_value(tmp_path: Path) -> None:
    given, loaded = made("missing.csv", tmp_path)
    assert loaded.study.data.missing == ["-"]
    assert "taken for no value: `-`" in given.notes


def test_texts_that_were_said_to_mean_no_value_are_none(tmp_path: Path) -> None:
    rows = (
        [f"broken {place}" if place in (3, 9) else row[0], *row[1:]] for place, row in enumerate(classes(60, 2, "ab", 0))
    )
    text = table(columns(2, "kind"), rows)
    with pytest.raises(DataError, match="'broken 3' is no number"):
        of(text, tmp_path)
    given = starter(str(tmp_path / "made.csv"), tmp_path, missing=["broken 3", "broken 9"])
    assert load_spec(given.text, "made.yaml").study.data.missing == ["broken 3", "broken 9"]


def test_an_array_of_an_archive_is_asked_about_unless_it_has_a_usual_name(tmp_path: Path) -> None:
    values = np.arange(30.0) % 7
    np.savez(tmp_path / "a.npz", u=values, v=values > 3)
    with pytest.raises(DataError, match="which array is to be predicted") as error:
        starter(str(tmp_path / "a.npz"), tmp_path)
    assert "say it with --target; there are: `u`, `v`" in str(error.value)


def test_numbers_with_a_comma_are_the_data_parts_own_mistake(tmp_path: Path) -> None:
    rows = ([row[0].replace(".", ","), *row[1:]] for row in classes(60, 2, "ab", 0))
    with pytest.raises(DataError, match="it must have a point, and no comma"):
        of(table(columns(2, "kind"), rows, ";"), tmp_path)


def test_where_nothing_would_be_left_to_predict_from_nothing_is_left_out(tmp_path: Path) -> None:
    text = table(["day", "y"], ([place, f"{place * place / 7:.3f}"] for place in range(60)))
    assert of(text, tmp_path)[1].study.data.columns == {}


def test_trials_that_were_asked_for_are_taken(tmp_path: Path) -> None:
    path = csv_shapes.write("boolean.csv", tmp_path)
    assert load_spec(starter(str(path), tmp_path, trials=7).text, "made.yaml").study.search.trials == 7


def test_larger_data_get_fewer_trials(tmp_path: Path) -> None:
    small = made("boolean.csv", tmp_path)[1].study.search.trials
    pixels = np.random.default_rng(0).integers(0, 9, (9000, 600), np.uint8)
    np.savez(tmp_path / "large.npz", x=pixels, y=pixels[:, 0] > 4)
    large = load_spec(starter(str(tmp_path / "large.npz"), tmp_path).text, "made.yaml").study.search.trials
    assert (small, large) == (60, 40)


def test_names_with_signs_of_yaml_are_quoted_and_control_characters_escaped(tmp_path: Path) -> None:
    header = ["a: b", "# c", "e\x1bf", "no"]
    rows = ([place, *row[:2], row[-1]] for place, row in enumerate(classes(60, 2, "ab", 0)))
    given, loaded = of(table(header, rows), tmp_path)
    assert (loaded.study.data.target, loaded.study.data.columns) == ("no", {"a: b": "ignore"})
    assert "\x1b" not in given.text + "".join(given.notes)


def test_a_path_is_written_as_seen_from_the_spec(tmp_path: Path) -> None:
    (tmp_path / "rows").mkdir()
    (tmp_path / "specs").mkdir()
    path = csv_shapes.write("boolean.csv", tmp_path / "rows")
    text = starter(str(path), tmp_path / "specs").text
    assert "  source: ../rows/boolean.csv " in text
    assert load_spec(text, "made.yaml", directory=tmp_path / "specs").study.data.source == str(path)


def test_without_a_file_there_are_the_digits(tmp_path: Path) -> None:
    given = starter("digits", tmp_path)
    study = load_spec(given.text, "digits.yaml").study
    assert (study.data.source, study.data.target, study.data.columns) == ("digits", "label", {})
    assert next(iter(study.space.names)) == "learning_rate"
