from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from csv_shapes import Row, classes, quantities, table

from hpsearch.data.first_look import FirstLook, look_at
from hpsearch.errors import DataError

NAMES = ("a", "b", "y")


def look(path: Path, names: Sequence[str], rows: Sequence[Row], **said: str) -> FirstLook:
    """Return the first look at rows that are written to a file."""
    (path / "data.csv").write_text(table(names, iter(rows)))
    return look_at(str(path / "data.csv"), **said)  # type: ignore[arg-type]  # a task is a text too


def fault(path: Path, names: Sequence[str], rows: Sequence[Row], **said: str) -> str:
    with pytest.raises(DataError) as caught:
        look(path, names, rows, **said)
    return str(caught.value).removeprefix(f"{path}/")


def beside(values: Sequence[object]) -> list[Row]:
    """Return rows with a further column first."""
    return [[value, *row] for value, row in zip(values, classes(len(values), 2, ("u", "v"), 0), strict=True)]


def reasons(path: Path, values: Sequence[object], name: str = "x") -> tuple[str, ...]:
    """Return why a column is left out, if it is."""
    ignored = look(path, [name, *NAMES], beside(values)).ignored
    return tuple(reason for reason in ignored if ignored[reason] == (name,))


def test_numbers_with_a_unit_are_left_out_with_the_first_such_and_its_line(tmp_path: Path) -> None:
    given = look(tmp_path, ["price", *NAMES], beside([f"${place},250.00" for place in range(40)]))
    reason = "numbers with a unit or sign, such as '$0,250.00' in line 2 (bare in the file, they could be learnt from)"
    assert (given.ignored, given.settings.columns) == ({reason: ("price",)}, {"price": "ignore"})


def test_a_unit_at_one_number_or_commas_at_all_are_mistakes_in_the_file(tmp_path: Path) -> None:
    mended = "mend the file: 1234.5 for 1.234,5, $1,234.50 or 1234.5 kg"
    one = fault(tmp_path, ["x", *NAMES], beside(["3 kg" if place == 5 else place**2 for place in range(40)]))
    assert one == f"data.csv:7: '3 kg' in `x` is no number: it must stand without 'kg'\n      {mended}"
    all_ = fault(tmp_path, ["x", *NAMES], beside([f"{place},5" for place in range(40)]))
    assert all_ == f"data.csv:2: '0,5' in `x` is no number: it must have a point, and no comma\n      {mended}"


@pytest.mark.parametrize("text", ["broken 3", "inf"])
def test_a_text_with_a_digit_or_an_infinity_among_numbers_may_be_said_to_mean_no_value(text: str, tmp_path: Path) -> None:
    rows = beside([text if place == 5 else place**2 for place in range(40)])
    assert "mend the file, or say that it means no value: --missing " in fault(tmp_path, ["x", *NAMES], rows)
    assert look_at(str(tmp_path / "data.csv"), missing=[text]).settings.missing == [text]


def test_a_target_with_a_unit_is_no_quantity_yet(tmp_path: Path) -> None:
    rows = [[*row[:-1], f"{place} kg"] for place, row in enumerate(quantities(40, 2, 0))]
    message = fault(tmp_path, ["a", "b", "weight"], rows)
    assert message.startswith(
        "data.csv:2: '0 kg' in `weight` is no number: it must stand without 'kg'\n      mend the file: "
    )
    assert message.endswith("the target is `weight`, taken as the last column; --target names another column")


def test_texts_are_no_quantity_whatever_was_said(tmp_path: Path) -> None:
    message = fault(tmp_path, NAMES, list(classes(40, 2, ("u", "v"), 0)), task="regression")
    assert message.splitlines() == [
        "data.csv: `y` holds texts, and regression needs numbers",
        "      say --task classification",
        "      the target is `y`, taken by its name; --target names another column",
    ]


def test_numbers_with_a_unit_beside_nothing_else_are_to_be_mended(tmp_path: Path) -> None:
    rows: list[Row] = [[f"{place / 7:.1f}%", "uv"[place % 2]] for place in range(40)]
    message = fault(tmp_path, ["rate", "y"], rows)
    assert message.startswith("data.csv:2: '0.0%' in `rate` is no number: it must stand without '%'\n      mend the file: ")


@pytest.mark.parametrize(
    "form",
    [
        "2020-01-{:02}",
        "2020/1/{}",
        "{:02}.01.2020",
        "1/{}/20",
        "2020-01-{:02}T10:00:00Z",
        "2020-01-{:02} 10:00",
        "{} Jan 2020",
        "{}-Sept-20",
        "May {}, 2020",
        "{}:30",
        "{}:30:15",
    ],
)
def test_dates_and_times_are_left_out_in_the_forms_that_people_write(form: str, tmp_path: Path) -> None:
    values = [form.format(place % 20 + 1) for place in range(60)]
    assert reasons(tmp_path, values) == ("dates or times (their month, weekday or hour may serve in a column of its own)",)


@pytest.mark.parametrize("form", ["2020-{}", "1.0.{}.7", "{}/20", "v{}-01-20", "room {}:30", "2020-01-{}0a"])
def test_what_is_no_date_is_kept(form: str, tmp_path: Path) -> None:
    assert reasons(tmp_path, [form.format(place % 20 + 1) for place in range(60)]) == ()


@pytest.mark.parametrize("said", [{}, {"target": "day"}])
def test_dates_are_not_predicted_asked_for_or_not(said: dict[str, str], tmp_path: Path) -> None:
    rows = [[*row[:-1], f"2020-01-{place % 28 + 1:02}"] for place, row in enumerate(classes(60, 2, "uv", 0))]
    message = fault(tmp_path, ["a", "b", "day"], rows, **said)
    why = "as asked for" if said else "as the last column"
    assert message.startswith(f"data.csv: `day`, taken {why}, cannot be predicted: dates or times (their month, ")
    assert message.endswith("\n      say another with --target; there are: `a`, `b`, `day`")


def test_texts_are_classes_up_to_one_for_two_rows(tmp_path: Path) -> None:
    rows = [[*row[:-1], f"name {place % 30}"] for place, row in enumerate(classes(60, 2, "uv", 0))]
    assert look(tmp_path, ["a", "b", "name"], rows).data.classes == 30
    rows[0] = [*rows[0][:-1], "another name"]
    assert "`name`, taken as the last column, cannot be predicted: 31 different texts in 60 rows" in fault(
        tmp_path, ["a", "b", "name"], rows
    )


@pytest.mark.parametrize("rows", [1, 4])
def test_a_handful_of_rows_is_refused_and_one_more_taken(rows: int, tmp_path: Path) -> None:
    made = [[place, place % 3, "uv"[place % 2]] for place in range(rows)]
    counted = "1 row cannot" if rows == 1 else "4 rows cannot"
    assert fault(tmp_path, NAMES, made).startswith(f"data.csv: {counted} train, validate and test a network")
    five = [[1, 2, "u"], [2, 1, "v"], [3, 1, "u"], [3, 5, "v"], [7, 5, "v"]]
    assert sum(look(tmp_path, NAMES, five).data.rows.values()) == 5


@pytest.mark.parametrize(
    "names", [["5.1", "3.5", "u"], ["6", "148", "35"], ["0.5", "1.5", "u"], ["8", "8.5"], ["5.1", "3.5", "u", "v"]]
)
def test_names_that_look_like_a_row_of_data_are_asked_about(names: list[str], tmp_path: Path) -> None:
    rows = [[*row[: len(names) - 1], row[-1]] for row in classes(60, 2, "uv", 0)]
    message = fault(tmp_path, names, rows)
    assert "the first row is read as the names of the columns, and looks like data: `" in message
    assert "write a row of names above it; if these are names, say which to predict with --target" in message
    assert look(tmp_path, names, rows, target=names[-1]).data.target == names[-1]


@pytest.mark.parametrize(
    "names", [["0", "1", "2"], ["2018", "2019", "kind"], ["3", "b", "c", "d"], [f"{400.5 + k}" for k in range(11)]]
)
def test_years_positions_and_wave_lengths_are_names(names: list[str], tmp_path: Path) -> None:
    rows = [*classes(60, len(names) - 1, ("u", "v"), 0)]
    assert look(tmp_path, names, rows).data.target == names[-1]


@pytest.mark.parametrize("units", [["cm", "kg", ""], ["cm", "", ""], ["%", "m/s", "EUR"]])
def test_a_row_of_units_below_the_names_is_to_be_taken_out(units: list[str], tmp_path: Path) -> None:
    message = fault(tmp_path, NAMES, [units, *quantities(60, 2, 0)])
    assert message.startswith(f"data.csv:2: the first row below the names has '{units[0]}'")
    assert "take that row out; texts that mean `no value` are said with --missing" in message


@pytest.mark.parametrize("first", [["unknown", "0.5"], ["-", "-"]])
def test_a_first_row_with_a_number_or_only_dashes_is_data(first: list[str], tmp_path: Path) -> None:
    given = look(tmp_path, NAMES, [[*first, "u"], *classes(60, 2, ("u", "v"), 0)])
    assert given.settings.missing == [first[0]]


@pytest.mark.parametrize("names", [["y"], ["a", "y"]])
def test_a_target_alone_or_beside_what_is_the_same_in_all_rows_cannot_be_predicted(names: list[str], tmp_path: Path) -> None:
    message = fault(tmp_path, names, [["7", "uv"[place % 2]][-len(names) :] for place in range(40)])
    assert message == "data.csv: nothing differs from row to row but `y`, so there is nothing to predict it from"


@pytest.mark.parametrize(("different", "left_out"), [(50, False), (51, True)])
def test_different_texts_are_left_out_when_they_are_more_than_have_a_feature(
    different: int, left_out: bool, tmp_path: Path
) -> None:
    values = [f"note {place} b" if place < different else "" for place in range(60)]
    assert reasons(tmp_path, values) == ("texts that are all different",) * left_out


@pytest.mark.parametrize(("values", "is_offered"), [(9, False), (10, True), (30, True), (31, False)])
def test_a_group_has_ten_values_or_more_and_two_rows_or_more_each(values: int, is_offered: bool, tmp_path: Path) -> None:
    given = look(tmp_path, ["customer_id", *NAMES], beside([place * 7 % values for place in range(60)]))
    assert given.group == ("customer_id" if is_offered else None)


@pytest.mark.parametrize(("rows", "share"), [(499, 0.3), (500, 0.2), (49_999, 0.2), (50_000, 0.1)])
def test_the_share_held_out_falls_with_the_rows(rows: int, share: float, tmp_path: Path) -> None:
    places = np.arange(rows)
    np.savez(tmp_path / "data.npz", x=places % 7, y=places % 3)
    settings = look_at(str(tmp_path / "data.npz")).settings
    assert (settings.validation, settings.test) == (share, min(share, 0.2))


def test_a_rare_class_that_no_training_row_has_counts_as_none(tmp_path: Path) -> None:
    rows = [[*row[:-1], "w" if place == 0 else row[-1]] for place, row in enumerate(classes(60, 2, ("u", "v"), 0))]
    given = look(tmp_path, NAMES, rows)
    assert given.smallest == int((given.data.train.targets == given.data.labels.index("w")).sum())
