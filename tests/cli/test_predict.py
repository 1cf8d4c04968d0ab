"""`predict`: the winner's answers as CSV or JSON, and what is said beside them."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from commands import Command, Ended, search_in

SPEC = """\
name: {name}
data: {{source: rows.csv, target: {target}, task: {task}, columns: {{{ignored}: ignore}}}}
metric: {metric}
network: {{epochs: 4, batch_size: 16}}
space: {{hidden_units: [4, 8]}}
search: {{trials: 2}}
"""


def write_rows(path: Path, rows: int, colours: tuple[str, ...] = ("red", "dark, blue", "")) -> None:
    """Write rows whose kind and price follow from their size; every seventh size is missing."""
    rng = np.random.default_rng(rows)
    lines = ["size,colour,kind,price"]
    for number in range(rows):
        size = 3 * (number % 2) + rng.normal()
        shown = "" if number % 7 == 3 else f"{size:.3f}"
        kind = ('"a, b"', "c")[number % 2]
        lines.append(f'{shown},"{colours[number % len(colours)]}",{kind},{100 + 10 * size:.2f}')
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which two specs were searched: `kinds` (classification) and `prices` (regression)."""
    folder = tmp_path_factory.mktemp("searched")
    write_rows(folder / "rows.csv", 80)
    write_rows(folder / "new.csv", 30)
    specs = {
        "kinds": {"target": "kind", "task": "classification", "ignored": "price", "metric": "validation_error"},
        "prices": {"target": "price", "task": "regression", "ignored": "kind", "metric": "validation_rmse"},
    }
    for name, spec in specs.items():
        (folder / f"{name}.yaml").write_text(SPEC.format(name=name, **spec))
    search_in(folder, ["kinds.yaml"], ["prices.yaml"])
    return folder


@pytest.fixture
def searched(hpsearch: Command, folder: Path) -> Command:
    """The program in a copy of that folder."""
    shutil.copytree(folder, ".", dirs_exist_ok=True)
    return hpsearch


def rows_of(ended: Ended) -> list[dict[str, str]]:
    assert ended.code == 0, ended.err
    return list(csv.DictReader(io.StringIO(ended.out)))


def without(column: str, source: str = "new.csv") -> str:
    """Write a file's rows without a column."""
    with Path(source).open(newline="") as file:
        rows = list(csv.DictReader(file))
    with Path("less.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [name for name in rows[0] if name != column], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return "less.csv"


def test_classes_come_with_the_probability_of_each(searched: Command) -> None:
    ended = searched("predict", "kinds", "new.csv")
    assert ended.out.splitlines()[0] == 'predicted,"p(a, b)",p(c)'
    rows = rows_of(ended)
    assert len(rows) == 30
    for row in rows:
        a, c = float(row["p(a, b)"]), float(row["p(c)"])
        assert a + c == pytest.approx(1, abs=1e-6)
        assert row["predicted"] == ("a, b" if a >= c else "c")
        assert row["p(c)"] == str(np.float32(row["p(c)"]))


def test_a_quantity_comes_in_its_own_unit(searched: Command) -> None:
    ended = searched("predict", "prices", "new.csv")
    assert ended.out.splitlines()[0] == "predicted"
    values = [float(row["predicted"]) for row in rows_of(ended)]
    assert len(values) == 30
    assert 60 < np.mean(values) < 180


def test_predictions_that_have_the_truth_beside_them_are_compared_with_it(searched: Command) -> None:
    ended = searched("predict", "kinds", "new.csv")
    with Path("new.csv").open(newline="") as file:
        truth = [row["kind"] for row in csv.DictReader(file)]
    wrong = sum(row["predicted"] != kind for row, kind in zip(rows_of(ended), truth, strict=True))
    assert f"the file has the target: {wrong} of 30 wrong (" in ended.err
    content = json.loads(searched("predict", "kinds", "new.csv", "--json").out)
    assert content["score"] == {"error": wrong / 30, "wrong": wrong}
    assert "the file has the target: rmse " in searched("predict", "prices", "new.csv").err


def test_without_the_truth_nothing_is_compared(searched: Command) -> None:
    ended = searched("predict", "kinds", without("kind"))
    assert ended.code == 0
    assert "target" not in ended.err
    assert "30 rows predicted by trial" in ended.err


def test_a_truth_with_gaps_is_not_compared(searched: Command) -> None:
    with Path("new.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    rows[4]["kind"] = ""
    with Path("gaps.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    ended = searched("predict", "kinds", "gaps.csv")
    assert ended.code == 0
    assert "not a known value in every row: it is not compared" in ended.err


def test_unseen_categories_and_missing_values_are_noted(searched: Command) -> None:
    write_rows(Path("new.csv"), 30, colours=("red", "violet"))
    ended = searched("predict", "kinds", "new.csv")
    assert ended.code == 0
    assert "violet" in ended.err
    assert "values are missing, of 30 rows: `size` in 4" in ended.err


def test_json_holds_the_same_numbers(searched: Command) -> None:
    rows = rows_of(searched("predict", "kinds", "new.csv"))
    content = json.loads(searched("predict", "kinds", "new.csv", "--json").out)
    assert content["labels"] == ["a, b", "c"]
    assert content["predicted"] == [row["predicted"] for row in rows]
    assert content["probabilities"] == [[float(row["p(a, b)"]), float(row["p(c)"])] for row in rows]
    assert (content["run"], content["target"]) == ("kinds-001", "kind")
    content = json.loads(searched("predict", "prices", "new.csv", "--json").out)
    assert content["predicted"] == [float(row["predicted"]) for row in rows_of(searched("predict", "prices", "new.csv"))]
    assert "probabilities" not in content


def test_a_file_is_written_whole_and_an_older_one_replaced(searched: Command) -> None:
    searched("predict", "kinds", "rows.csv", "--out", "out.csv")
    assert len(Path("out.csv").read_text().splitlines()) == 81
    ended = searched("predict", "kinds", "new.csv", "--out", "out.csv")
    assert (ended.code, ended.out) == (0, "")
    assert Path("out.csv").read_text() == searched("predict", "kinds", "new.csv").out
    assert not [path for path in Path().iterdir() if path.name.startswith(".out.csv")]


@pytest.mark.parametrize(
    ("model", "content", "options"),
    [
        ("prices", "predicted\nmy own notes\n", ()),
        ("prices", "predicted\n1.5\n2.5,3.5\n", ()),
        ("prices", '{"run": "prices-001", "notes": "mine"}\n', ("--json",)),
        ("prices", 'predicted,"p(a, b)",p(c)\nc,0.25,0.75\n', ()),
        ("kinds", 'predicted,"p(a, b)",p(c)\nc,my own,notes\n', ()),
        ("kinds", 'predicted,"p(a, b)",p(c)\nc,0.25,0.75\n', ("--json",)),
    ],
)
def test_what_is_not_predictions_to_its_end_is_left_alone(
    model: str, content: str, options: tuple[str, ...], searched: Command
) -> None:
    Path("out").write_text(content)
    ended = searched("predict", model, "new.csv", "--out", "out", *options)
    assert ended.code == 2
    assert "out holds something else than older predictions, and is left alone" in ended.err
    assert Path("out").read_text() == content


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ('predicted,"p(a, b)",p(c)\nc,0.25,0.75\n', ()),
        ('{"run": "other-001", "trial": 0, "target": "kind", "predicted": ["c"]}\n', ("--json",)),
    ],
)
def test_predictions_are_replaced_by_whichever_run_they_are(
    content: str, options: tuple[str, ...], searched: Command
) -> None:
    Path("out").write_text(content)
    assert searched("predict", "kinds", "new.csv", "--out", "out", *options).code == 0
    assert Path("out").read_text() == searched("predict", "kinds", "new.csv", *options).out


def test_where_to_write_is_looked_at_before_the_run_is(searched: Command) -> None:
    assert "there is no directory no" in searched("predict", "nothing", "new.csv", "--out", "no/where").err


def test_a_link_is_followed_and_a_mode_stays(searched: Command) -> None:
    Path("private.csv").touch()
    Path("private.csv").chmod(0o600)
    Path("link.csv").symlink_to("private.csv")
    assert searched("predict", "kinds", "new.csv", "--out", "link.csv").code == 0
    assert Path("link.csv").is_symlink()
    assert Path("private.csv").read_text() == searched("predict", "kinds", "new.csv").out
    assert Path("private.csv").stat().st_mode & 0o777 == 0o600


def test_a_pipe_is_written_to_and_not_replaced(searched: Command) -> None:
    printed = searched("predict", "kinds", "new.csv").out
    os.mkfifo("pipe")
    with ThreadPoolExecutor() as reader:
        received = reader.submit(Path("pipe").read_text)
        assert searched("predict", "kinds", "new.csv", "--out", "pipe").code == 0
        assert received.result() == printed
    assert Path("pipe").is_fifo()


@pytest.mark.parametrize("out", ["runs", "new.csv", "nowhere/out.csv"])
def test_a_place_that_cannot_be_written_is_an_error(out: str, searched: Command) -> None:
    before = Path("new.csv").read_text()
    ended = searched("predict", "kinds", "new.csv", "--out", out)
    assert (ended.code, ended.out) == (2, "")
    assert out in ended.err
    assert Path("new.csv").read_text() == before


def test_columns_that_are_not_there_are_named(searched: Command) -> None:
    ended = searched("predict", "kinds", without("colour"))
    assert (ended.code, ended.out) == (2, "")
    assert "`colour`" in ended.err


def test_the_test_error_of_the_search_is_met_again_on_its_test_rows(searched: Command) -> None:
    write_rows(Path("test.csv"), 41)
    searched("run", "kinds.yaml", "--jobs", "1", "-q", "--set", "data.test=test.csv", "--set", "name=tested")
    best = json.loads(Path("runs/tested-001/best.json").read_text())
    content = json.loads(searched("predict", "tested", "test.csv", "--json").out)
    assert content["score"]["error"] == best["test"]["error"]


def test_the_embedded_digits_are_data_like_any_other(searched: Command) -> None:
    searched("run", "tiny.yaml", "--jobs", "1", "-q")
    ended = searched("predict", "tiny", "digits")
    assert len(rows_of(ended)) == 1797
    assert "the file has the target" in ended.err


class TestRunsWithoutAModel:
    def test_a_search_that_has_not_finished_has_none_yet(self, searched: Command) -> None:
        journal = Path("runs/kinds-001/journal.jsonl")
        lines = [line for line in journal.read_text().splitlines() if json.loads(line)["type"] != "finish"]
        journal.write_text("\n".join(lines) + "\n")
        Path("runs/kinds-001/models/model.json").unlink()
        ended = searched("predict", "kinds", "new.csv")
        assert ended.code == 2
        assert "has not finished" in ended.err

    def test_a_search_without_a_winner_has_none(self, searched: Command) -> None:
        diverging = ["network.learning_rate=1e30", "network.optimizer=sgd", "network.batch_norm=off", "name=bad"]
        assert searched("run", "prices.yaml", "--jobs", "1", "-q", *(f"--set={each}" for each in diverging)).code == 3
        ended = searched("predict", "bad", "new.csv")
        assert ended.code == 3
        assert "none of its trials completed" in ended.err

    def test_a_model_that_was_deleted_is_missing(self, searched: Command) -> None:
        Path("runs/kinds-001/models/model.json").unlink()
        ended = searched("predict", "kinds", "new.csv")
        assert ended.code == 4
        assert "model.json is missing" in ended.err

    @pytest.mark.parametrize("name", ["model.json", "model.npz"])
    def test_a_damaged_model_is_an_error_that_names_the_file(self, name: str, searched: Command) -> None:
        path = Path("runs/kinds-001/models") / name
        content = path.read_bytes()
        for damaged in (b"", content[: len(content) // 2], b"[]", b"\x80\x04K\x01."):
            path.write_bytes(damaged)
            ended = searched("predict", "kinds", "new.csv")
            assert (ended.code, ended.out) == (4, "")
            assert name in ended.err
            assert "bug" not in ended.err

    def test_an_unknown_run_is_an_error_that_lists_those_there_are(self, searched: Command) -> None:
        ended = searched("predict", "other", "new.csv")
        assert ended.code == 2
        assert "kinds-001" in ended.err


def test_arrays_that_are_not_those_of_the_text_beside_them_are_refused(searched: Command) -> None:
    """A crash may leave the text of one winner with the arrays of the next, or with a part of them."""
    arrays = Path("runs/kinds-001/models/model.npz")
    content = arrays.read_bytes()
    for other in (content + b" ", content[:-1], content[: len(content) // 2], b""):
        arrays.write_bytes(other)
        ended = searched("predict", "kinds", "new.csv")
        assert ended.code == 4
        assert "model.npz: not the arrays that model.json describes" in ended.err


@pytest.mark.parametrize("run", ["kinds", "runs/kinds-001/models"])
def test_a_model_of_a_search_that_goes_on_is_told_as_one(searched: Command, run: str) -> None:
    assert "has not finished" not in searched("predict", run, "new.csv").err
    journal = Path("runs/kinds-001/journal.jsonl")
    journal.write_text("".join(journal.read_text().splitlines(keepends=True)[:-1]))
    ended = searched("predict", run, "new.csv")
    assert len(rows_of(ended)) == 30
    assert "note: the search kinds-001 has not finished: trial " in ended.err
    journal.write_text("")
    assert searched("predict", "runs/kinds-001/models", "new.csv").code == 0
