from __future__ import annotations

from pathlib import Path

import pytest

from hpsearch.errors import RecordError
from hpsearch.objectives.objective import Confusion
from hpsearch.study.confusion import confusion_csv, read_confusion


def test_a_matrix_is_a_table_with_the_true_classes_down() -> None:
    assert confusion_csv(Confusion(("4", "9"), ((7, 3), (0, 8)))) == "true\\predicted,4,9\n4,7,3\n9,0,8\n"


@pytest.mark.parametrize("labels", [("a", "b"), ('say "a, b"', "ü\nline"), ("", " "), ("-1", "true\\predicted")])
def test_what_is_written_is_what_is_read(labels: tuple[str, ...], tmp_path: Path) -> None:
    confusion = Confusion(labels, ((1, 2), (3, 4)))
    (tmp_path / "c.csv").write_text(confusion_csv(confusion), encoding="utf-8")
    assert read_confusion(tmp_path / "c.csv") == confusion


def test_no_file_is_no_matrix(tmp_path: Path) -> None:
    assert read_confusion(tmp_path / "c.csv") is None


HEAD = "true\\predicted,a"


@pytest.mark.parametrize(
    "text", ["", "\n", "a,b\n", f"{HEAD},b\na,1,2\n", f"{HEAD}\na,x\n", f"{HEAD}\nb,1\n", f"{HEAD}\na,1,2\n", "\0", "\xff"]
)
def test_a_file_that_holds_something_else_is_a_record_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(RecordError, match=r"c\.csv: "):
        read_confusion(tmp_path / "c.csv")
