"""What a run says of what it began with: its parent's best, other trials of it, and trials that count as evidence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import Command

from hpsearch.study.runs import read_run

BOWL = """\
def bowl(x, y):
    return 1 + (x - 0.5) ** 2 + (y - 0.3) ** 2
"""
SPEC = """\
objective: {python: "mine:bowl"}
space: {x: {range: [0.0, 1.0]}, y: {range: [0.0, 1.0]}}
search: {trials: 24}
"""


@pytest.fixture
def searched(hpsearch: Command) -> Command:
    """The program where the lowest point of a bowl has been looked for."""
    Path("mine.py").write_text(BOWL)
    Path("bowl.yaml").write_text(SPEC)
    assert hpsearch("run", "bowl.yaml", "-j1", "-q").code == 0
    return hpsearch


def best_params(run: str) -> dict[str, object]:
    best = read_run(Path("runs") / run).winner
    assert best is not None
    return dict(best.trial.params)


def test_a_refined_run_is_held_against_the_best_of_its_parent(searched: Command) -> None:
    ended = searched("refine", "bowl-001", "-j1", "--trials", "1")
    assert ended.code == 0, ended.err
    assert "nothing better than bowl-001 was found: its best, given to this search, is the best here too" in ended.out
    assert read_run(Path("runs/bowl-001-refined-001")).start["parent"]["best"] == best_params("bowl-001")
    assert json.loads(searched("show", "latest", "--json").out)["beats_its_start"] is False


def test_another_trial_of_the_parent_that_was_given_is_not_its_best(searched: Command) -> None:
    away = "space={x: {range: [0.0, 0.2]}, y: {range: [0.8, 1.0]}}"
    assert searched("refine", "bowl-001", "--dry-run", "--set", away, "--trials", "1").code == 0
    text = Path("bowl-001-refined.yaml").read_text()
    begin = "  start: [{x: 0.1, y: 0.9}]\n"
    Path("away.yaml").write_text(text.replace("search:\n", f"search:\n{begin}"))
    ended = searched("run", "away.yaml", "-j1")
    assert ended.code == 0, ended.err
    assert "whether it is better than bowl-001 is not known" in ended.out
    assert "nothing better" not in ended.out
    assert json.loads(searched("show", "latest", "--json").out)["beats_its_start"] is None


def test_a_run_that_was_given_points_says_when_it_found_nothing_better(searched: Command) -> None:
    start = ["--set", "search.start=[{x: 0.5, y: 0.3}]", "--set", "search.trials=12"]
    ended = searched("run", "bowl.yaml", "-j1", *start)
    assert "nothing better than what it was given to begin with was found" in ended.out


def test_a_plan_counts_the_trials_that_are_evidence_and_only_those(searched: Command) -> None:
    searched("refine", "bowl-001", "--dry-run")
    evidence = json.loads(searched("run", "bowl-001-refined.yaml", "--dry-run", "--json").out)["evidence"]
    assert 5 < evidence["bowl-001"] < 24  # the others lie far outside of the space
    planned = searched("run", "bowl-001-refined.yaml", "--dry-run")
    assert f"{evidence['bowl-001']} trials of bowl-001 count as evidence, and as none of these trials" in planned.out
    Path("mine.py").write_text(BOWL.replace("1 +", "2 +"))
    planned = searched("run", "bowl-001-refined.yaml", "--dry-run")
    assert "the trials of bowl-001 don't count as evidence" in planned.err
    assert "as evidence" not in planned.out
    assert json.loads(searched("run", "bowl-001-refined.yaml", "--dry-run", "--json").out)["evidence"] == {}


def test_a_function_without_a_seed_is_told_to_be_refined_and_not_to_be_confirmed(searched: Command) -> None:
    ended = searched("run", "bowl.yaml", "-j1", "--set", "search.trials=25")
    assert "or: hpsearch refine bowl-001" in ended.out
    Path("mine.py").write_text(BOWL.replace("x, y", "x, y, seed"))
    ended = searched("run", "bowl.yaml", "-j1")
    assert "or: hpsearch confirm bowl-002" in ended.out


def test_names_that_a_leader_of_another_run_lacks_are_told(searched: Command) -> None:
    Path("mine.py").write_text(BOWL.replace("x, y", "x, y, z"))
    start = ["--set", "space.z.range=[0.0, 1.0]", "--set", "search.start={run: bowl-001, top: 1}"]
    planned = searched("run", "bowl.yaml", "--dry-run", *start)
    assert "of bowl-001: it has no z, which is drawn" in planned.err
