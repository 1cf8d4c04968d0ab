from __future__ import annotations

from pathlib import Path

import pytest

from hpsearch.data.dataset import load_dataset
from hpsearch.data.profile import ColumnProfile, class_counts, column_profiles
from hpsearch.data.settings import DataSettings


@pytest.fixture
def settings(tmp_path: Path) -> DataSettings:
    rows = [f"{i},{i % 4 or ''},{'abc'[i % 3]},p{i // 2},word{i},{'yes' if i % 4 else 'no'}" for i in range(120)]
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(["id,size,colour,person,text,bought", *rows]) + "\n")
    return DataSettings(str(path), "bought", group="person", columns={"id": "ignore"})


def test_each_column_is_told_with_what_it_was_taken_for(settings: DataSettings) -> None:
    assert column_profiles(settings, load_dataset(settings)) == (
        ColumnProfile("id", "left out", 0, 120),
        ColumnProfile("size", "number", 30, 3),
        ColumnProfile("colour", "category", 0, 3),
        ColumnProfile("person", "group", 0, 60),
        ColumnProfile("text", "left out", 0, 120),
        ColumnProfile("bought", "target", 0, 2),
    )


def test_the_rows_of_each_class_are_told_by_part(settings: DataSettings) -> None:
    data = load_dataset(settings)
    counts = class_counts(data)
    assert {part: sum(rows) for part, rows in counts.items()} == data.rows
    assert [sum(rows) for rows in zip(*counts.values(), strict=True)] == [30, 90]  # no, yes


def test_a_quantity_has_no_classes(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("x,y\n" + "".join(f"{i},{i / 7}\n" for i in range(50)))
    assert class_counts(load_dataset(DataSettings(str(tmp_path / "rows.csv"), "y"))) == {}
