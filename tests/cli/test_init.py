from __future__ import annotations

import json
import re
from pathlib import Path

import csv_shapes
import pytest
from commands import Command
from csv_shapes import SHAPES

QUICKLY = (
    "--set",
    "search.trials=2",
    "--set",
    "search.early_stopping=off",
    "--set",
    "network.epochs=3",
    "--jobs",
    "1",
    "-q",
)


def told(path: object) -> str:
    """Return what is said of a spec that was written, with the schema beside it."""
    width = max(len(f"hpsearch check {path}"), len("hpsearch refine latest"))
    following = (
        f"next: {f'hpsearch check {path}':<{width}}  # tells what it will do, and starts nothing",
        f"      {f'hpsearch run {path}':<{width}}  # searches; the same command again goes on where it was interrupted",
        f"      {'hpsearch refine latest':<{width}}  # then searches once more, around what worked",
    )
    return "\n".join((f"wrote {path} and hpsearch.schema.json", *following, ""))


@pytest.mark.parametrize("name", SHAPES)
def test_what_it_writes_passes_the_strict_check_and_runs_as_it_is(name: str, hpsearch: Command) -> None:
    csv_shapes.write(name, Path())
    ended = hpsearch("init", name)
    assert (ended.code, ended.out) == (0, "")
    path = f"{name.partition('.')[0]}.yaml"
    assert ended.err.endswith(told(path))
    checked = hpsearch("check", path, "--strict", "--quick", "--json")
    assert (checked.code, json.loads(checked.out)["findings"]) == (0, [])
    assert hpsearch("run", path, *QUICKLY).code == 0


def test_without_a_file_it_writes_a_spec_for_the_digits(hpsearch: Command) -> None:
    assert hpsearch("init").err == told("digits.yaml")
    assert hpsearch("run", "digits.yaml", "--dry-run").code == 0


def test_it_never_overwrites_and_says_how_to_write_elsewhere(hpsearch: Command) -> None:
    Path("digits.yaml").write_text("mine")
    ended = hpsearch("init")
    assert ended.code == 2
    way = "use it (hpsearch check digits.yaml), or write another file with --out"
    assert ended.err == f"error: digits.yaml is there already, and nothing is overwritten\n      {way}\n"
    assert Path("digits.yaml").read_text() == "mine"
    assert hpsearch("init", "--out", "other.yaml").code == 0
    assert Path("other.yaml").is_file()


def test_the_schema_is_written_beside_the_spec_where_there_is_none(hpsearch: Command) -> None:
    hpsearch("init")
    schema = json.loads(Path("hpsearch.schema.json").read_text())
    assert "space" in schema["properties"]
    Path("hpsearch.schema.json").write_text("{}")
    hpsearch("init", "--out", "other.yaml")
    assert Path("hpsearch.schema.json").read_text() == "{}"


def test_a_dash_writes_to_standard_output_and_nowhere_else(hpsearch: Command) -> None:
    before = sorted(Path().iterdir())
    ended = hpsearch("init", "--out", "-")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("# yaml-language-server: ")
    assert sorted(Path().iterdir()) == before


def test_what_is_said_of_target_task_and_trials_is_taken(hpsearch: Command) -> None:
    csv_shapes.write("semicolons.csv", Path())
    ended = hpsearch("init", "semicolons.csv", "--task", "regression", "--target", "quality", "--trials", "9")
    assert ended.err.startswith("wrote semicolons.yaml and hpsearch.schema.json\n")
    text = Path("semicolons.yaml").read_text()
    assert re.search(
        r"^  target: quality +# the column to predict, taken as asked for\n  task: regression +# a quantity\n",
        text,
        re.MULTILINE,
    )
    assert "  trials: 9 " in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("rows.csv",), "there is no such file"),
        (("boolean.csv", "--target", "okay"), "there is no column `okay` for the target"),
        (("boolean.csv", "--out", "nowhere/a.yaml"), "there is no directory nowhere"),
        (("boolean.csv", "--task", "ranking"), "'ranking' is not one of 'classification', 'regression'"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_written(
    arguments: tuple[str, ...], message: str, hpsearch: Command
) -> None:
    csv_shapes.write("boolean.csv", Path())
    before = sorted(Path().iterdir())
    ended = hpsearch("init", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert sorted(Path().iterdir()) == before
