"""Commands on a run whose function only the program has that searched it: they look at it, and say why they can't train."""

import json
from pathlib import Path

import pytest
from commands import Command

from hpsearch import search


@pytest.fixture
def searched(hpsearch: Command) -> Command:
    """The program, beside the finished run of a function that was defined in another one."""

    def bowl(w: float, seed: int) -> float:
        return (w - 1.0) ** 2 + seed / 2**45

    search(bowl, {"w": (-10.0, 20.0)}, trials=6, jobs=1)
    return hpsearch


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify", "bowl-001", "--trial", "2"),
        ("confirm", "bowl-001"),
        ("run", "runs/bowl-001/spec.yaml"),
        ("run", "runs/bowl-001/resolved.yaml"),
        ("run", "runs/bowl-001/spec.yaml", "--dry-run"),
    ],
)
def test_a_command_that_would_have_to_call_it_says_at_once_why_it_cannot_and_what_can_be_done(
    searched: Command, arguments: tuple[str, ...]
) -> None:
    files = {path: path.stat().st_mtime_ns for path in Path().rglob("*")}
    ended = searched(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert "`__main__:bowl` exists only in the Python program that defines it" in ended.err
    assert "the same call of hpsearch.search in that program goes on with an unfinished run" in ended.err
    assert "put the function into a module" in ended.err
    assert {path: path.stat().st_mtime_ns for path in Path().rglob("*")} == files


def test_what_is_on_record_is_shown(searched: Command) -> None:
    assert "6 trials: 6 complete" in searched("show", "bowl-001").out
    assert "trial 3 of bowl-001: complete" in searched("show", "bowl-001", "3").out
    (row,) = json.loads(searched("list", "--json").out)
    assert (row["run"], row["state"]) == ("runs/bowl-001", "finished")


def test_there_is_no_model_to_predict_with(searched: Command) -> None:
    ended = searched("predict", "bowl-001", "rows.csv")
    assert ended.code == 2
    assert "runs/bowl-001 has no model: it searched a Python function" in ended.err
