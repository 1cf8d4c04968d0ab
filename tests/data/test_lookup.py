"""What the settings name, looked up in the files: all that is not there at once, each at its setting."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from hpsearch.data.lookup import Named, UnfitData, check_inputs, look_up
from hpsearch.data.settings import DataSettings
from hpsearch.errors import DataError

ROWS = [f"{number},{number % 4},{'no' if number % 2 else 'yes'},{number / 7:.3f}" for number in range(40)]
HEADER = "x,g,y,q"


@pytest.fixture(autouse=True)
def _in_a_folder_with_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("rows.csv")


def write(name: str, header: str = HEADER, rows: Sequence[str] = ROWS) -> None:
    Path(name).write_text("\n".join([header, *rows, ""]), encoding="utf-8")


def found(**settings: Any) -> Named:
    return look_up(DataSettings(**{"source": "rows.csv", "target": "y", **settings}))


def unfit(**settings: Any) -> UnfitData:
    with pytest.raises(UnfitData) as caught:
        found(**settings)
    return caught.value


def told(**settings: Any) -> dict[str, str]:
    """Return the messages by the keys of the settings they are about."""
    return {".".join(mistake.setting): mistake.message for mistake in unfit(**settings).mistakes}


def hint(**settings: Any) -> str:
    (mistake,) = unfit(**settings).mistakes
    return mistake.hint


def test_the_table_the_target_its_task_and_its_classes_are_found() -> None:
    known = found()
    assert (known.source.name, len(known.source), dict(known.files)) == ("rows.csv", 40, {})
    assert (known.target, known.task, known.labels) == ("y", "classification", ("no", "yes"))
    known = found(target="q")
    assert (known.target, known.task, known.labels) == ("q", "regression", ())


def test_files_of_parts_are_found_by_the_name_of_their_part() -> None:
    write("later.csv")
    known = found(test="later.csv")
    assert {part: table.name for part, table in known.files.items()} == {"test": "later.csv"}


def test_the_digits_need_no_target_and_rows_of_a_file_do() -> None:
    assert look_up(DataSettings()).target == "label"
    assert told(target=None) == {"data.target": "which column of rows.csv is to be predicted?"}
    assert hint(target=None) == "write `target:` with its name under `data:`; there are: `x`, `g`, `y`, `q`"


def test_all_that_is_not_there_is_told_at_once() -> None:
    write("later.csv", "x,g,q", [row.replace(",yes", "").replace(",no", "") for row in ROWS])
    assert told(validation="gone.csv", test="later.csv", group="h", columns={"z": "ignore"}, class_weights={"no": 1.0}) == {
        "data.validation": f"{Path.cwd() / 'gone.csv'}: there is no such file",
        "data.test": "there is no column `y` for the target in later.csv",
        "data.group": "there is no column `h` for the group in rows.csv",
        "data.columns.z": "there is no column `z` in rows.csv",
        "data.class_weights": "`class_weights` has no weight for 'yes'",
    }


@pytest.mark.parametrize(("share", "meant"), [("20%", "0.2"), ("20 %", "0.2"), ("0,2", "0.2"), (".5", "0.5")])
def test_a_share_that_is_taken_for_a_file_is_recognised(share: str, meant: str) -> None:
    assert hint(validation=share) == f"for a share write {meant}"


@pytest.mark.parametrize("share", ["100%", "0", "2"])
def test_what_is_no_share_is_a_file_that_is_not_there(share: str) -> None:
    assert "share" not in hint(validation=share)


def test_the_target_cannot_be_the_group() -> None:
    assert told(group="y") == {"data.group": "`y` cannot be both the target and the group"}


def test_the_mistakes_come_with_the_task_where_that_is_known() -> None:
    assert unfit(group="h").task == "classification"
    assert unfit(group="h", target="q").task == "regression"
    assert unfit(target="z").task is None
    assert unfit(target="z", task="regression").task == "regression"


def test_they_cross_to_another_process_whole() -> None:
    error = unfit(group="h")
    there = pickle.loads(pickle.dumps(error))
    assert (type(there), vars(there), str(there)) == (UnfitData, vars(error), str(error))


def test_lines_that_cannot_be_read_are_told_with_their_numbers_file_by_file() -> None:
    write("odd.csv", rows=[*ROWS[:3], "1,2", *ROWS[3:]])
    write("short.csv", rows=[*ROWS, "1,2,3"])
    messages = told(group="h", validation="odd.csv", test="short.csv")
    assert messages.keys() == {"data.group", "data.validation", "data.test"}
    assert messages["data.validation"].startswith("odd.csv:5: 2 fields, where 4 are expected")
    assert messages["data.test"].startswith("short.csv:42: 3 fields, where 4 are expected")


def test_a_text_that_is_said_to_be_a_number_or_a_quantity_is_told_with_its_line() -> None:
    assert told(group="h", task="regression", columns={"y": "ignore", "g": "number"}).keys() >= {"data.group", "data.task"}
    messages = told(target="q", columns={"y": "number"}, group="h")
    assert messages["data.columns.y"] == "rows.csv:2: 'yes' is no number, and `y` is a column of numbers"
    assert told(task="regression") == {"data.task": "rows.csv:2: the target 'yes' is no number"}
    assert hint(task="regression").endswith("if they are classes, write `task: classification`")


def test_a_value_of_the_target_that_cannot_be_used_counts_once_the_settings_are_right() -> None:
    write("rows.csv", rows=[*ROWS, "1,2,,3"])
    assert told(group="h") == {"data.group": "there is no column `h` for the group in rows.csv"}
    with pytest.raises(DataError, match=r"rows\.csv:42: no value of the target `y`"):
        found()


def test_inputs_that_a_file_of_a_part_lacks_are_told_of_it() -> None:
    write("later.csv", "y,x", ["yes,1", "no,2"])
    known = found(test="later.csv")
    check_inputs(known, ["x"])
    with pytest.raises(UnfitData) as caught:
        check_inputs(known, ["x", "g", "q"])
    (mistake,) = caught.value.mistakes
    assert mistake.setting == ("data", "test")
    assert mistake.message == "columns of rows.csv are not in later.csv: `g`, `q`"
    assert (mistake.hint, caught.value.task) == ("there are: `y`, `x`", "classification")
