"""What cannot be searched is told where the spec says it, or as an argument of a call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from commands import Command

from hpsearch import search
from hpsearch.errors import UsageError

SPEC = """\
name: mine
objective: {python: "mine:train"}
space: {w: [0.0, 1.0]}
search: {method: random, trials: 2}
"""


@pytest.mark.parametrize("command", [("mine.yaml",), ("mine.yaml", "--dry-run")])
def test_a_function_that_needs_more_than_the_space_has_is_told_where_it_is_named(
    command: tuple[str, ...], hpsearch: Command
) -> None:
    Path("mine.yaml").write_text(SPEC)
    Path("mine.py").write_text("def train(w, depth): return w * depth\n")
    ended = hpsearch("run", *command)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines() == [
        "error: mine.yaml:3:1: train() needs `depth`",
        "    3 | space: {w: [0.0, 1.0]}",
        "      | ^",
        "      search it too, or give a default in the function",
    ]
    assert not Path("runs").exists()


def test_a_directory_that_does_not_exist_is_told_where_it_is_named(hpsearch: Command) -> None:
    Path("mine.yaml").write_text(SPEC.replace('"mine:train"', '"mine:train", path: nowhere'))
    Path("mine.py").write_text("def train(w): return w\n")
    ended = hpsearch("check", "mine.yaml", "--quick")
    assert ended.code == 2
    first, *_, last = ended.err.splitlines()
    assert first == f"error: mine.yaml:2:41: there is no directory {Path('nowhere').absolute()}"
    assert last == "      write the one in which the module lies, or take it away if that is the spec's own"


def test_what_is_set_wrongly_is_told_of_the_argument_and_more_lines_stand_below(hpsearch: Command) -> None:
    Path("mine.yaml").write_text(SPEC)
    Path("mine.py").write_text("async def wait(w): return w\n")
    ended = hpsearch("run", "mine.yaml", "--set", "objective.python=mine:wait")
    assert ended.code == 2
    first, *_, last = ended.err.splitlines()
    assert first == "error: --set:1:18: `wait` is async, and nothing here awaits it"
    assert last == "      search a plain function that does, for instance one that returns asyncio.run(wait(...))"


@pytest.mark.parametrize("given", [3, 0, False, b"runs", ["runs"]])
def test_a_place_for_the_runs_that_is_no_path_is_refused(given: Any) -> None:
    with pytest.raises(UsageError, match="`runs_dir` must be a path, not"):
        search(lambda w: w, {"w": (0.0, 1.0)}, trials=2, jobs=1, runs_dir=given)
