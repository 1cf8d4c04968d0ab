"""Settings that do not go with the data are told alike, at their places, by every command that reads both."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import Command

SPEC = """\
data: {source: rows.csv, target: labl, group: persn}
space: {learning_rate: {range: [1e-3, 1e-1], scale: log}}
search: {method: random, trials: 4, start: {run: gone-001, top: 2}}
"""

TOLD = """\
error: wrong.yaml:1:34: there is no column `labl` for the target in rows.csv
    1 | data: {source: rows.csv, target: labl, group: persn}
      |                                  ^
      did you mean `label`? there are: `age`, `person`, `label`
wrong.yaml:1:47: there is no column `persn` for the group in rows.csv
    1 | data: {source: rows.csv, target: labl, group: persn}
      |                                               ^
      did you mean `person`? there are: `age`, `person`, `label`
"""

COMMANDS = (("run", "-j1"), ("run", "--dry-run"), ("check", "--quick"))


@pytest.fixture(autouse=True)
def in_a_folder_with_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [f"{number},p{number % 12},{('no', 'yes')[number % 2]}" for number in range(60)]
    Path("rows.csv").write_text("\n".join(["age,person,label", *rows, ""]), encoding="utf-8")
    Path("wrong.yaml").write_text(SPEC, encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_tells_the_same_at_the_same_places(command: tuple[str, ...], hpsearch: Command) -> None:
    ended = hpsearch(*command, "wrong.yaml")
    assert (ended.code, ended.err) == (2, TOLD)
    assert not Path("runs").exists()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_two_runs_that_are_not_there_are_told_at_once(command: tuple[str, ...], hpsearch: Command) -> None:
    search = "search: {start: {run: gone-001}, prior: {run: lost-001, trials_sha256: abc}}"
    Path("wrong.yaml").write_text(f"space: {{l2: [0.1, 0.2]}}\n{search}\n", encoding="utf-8")
    ended = hpsearch(*command, "wrong.yaml")
    assert ended.code == 2
    assert "wrong.yaml:2:23: there are no runs in runs" in ended.err
    assert "wrong.yaml:2:47: there is no run lost-001 in runs" in ended.err


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_run_that_is_not_there_is_told_where_it_is_named(command: tuple[str, ...], hpsearch: Command) -> None:
    ended = hpsearch(*command, "wrong.yaml", "--set", "data.target=label", "--set", "data.group=person")
    assert ended.code == 2
    assert "wrong.yaml:3:50: there are no runs in runs" in ended.err
    set_there = hpsearch(*command, "wrong.yaml", "--set", "data={}", "--set", "search.start.run=lost-001")
    assert set_there.code == 2
    assert "--set:1:18: there are no runs in runs" in set_there.err
