"""`compare`: runs side by side, as commands made them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import Command


@pytest.fixture
def searched(hpsearch: Command) -> Command:
    """The program where a spec was searched with two seeds, and with a metric of another kind."""
    hpsearch("run", "tiny.yaml", "-j1", "-q")
    hpsearch("run", "tiny.yaml", "-j1", "-q", "--set", "seed=1", "--set", "space.learning_rate.range=[1e-3, 1.0]")
    hpsearch("run", "tiny.yaml", "-j1", "-q", "--set", "metric=validation_loss", "--set", "search.trials=1")
    return hpsearch


def test_two_runs_are_compared_with_what_to_type_to_know_more(searched: Command) -> None:
    ended = searched("compare", "tiny-001", "runs/tiny-002")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0] == "tiny-001 and tiny-002, judged by validation_error of the last epoch on the same 359 rows"
    assert "learning_rate   0.001 to 0.1, log   0.001 to 1, log" in [line.rstrip() for line in lines]
    assert lines[-2:] == ["to know: hpsearch confirm tiny-001", "to know: hpsearch confirm tiny-002"]
    for line in lines[-2:]:
        assert searched(*line.split()[3:], "--leaders", "1", "--seeds", "2", "-j1", "-q").code == 0
    text = searched("compare", "tiny-001", "tiny-002").out
    assert " with fresh seeds: " in text
    assert "the 95 % interval of the difference is " in text
    assert "to know" not in text


def test_a_comparison_as_json_holds_all_numbers(searched: Command) -> None:
    content = json.loads(searched("compare", "tiny-001", "tiny-002", "--json").out)
    told = [(side["run"], side["state"], side["reason"], side["parent"]) for side in content["sides"]]
    assert told == [(f"runs/tiny-00{number}", "finished", "all trials are finished", None) for number in (1, 2)]
    assert content["settings"] == [{"name": "seed", "cells": [0, 1]}]
    assert [row["spent"] for row in content["after_trials"]] == [1, 2, 4]
    (difference,) = content["differences"]
    scores = [side["summary"]["leaders"][0]["score"] for side in content["sides"]]
    assert difference["search"] == scores[1] - scores[0]
    summary = content["sides"][0]["summary"]
    shown = json.loads(searched("show", "tiny-001", "--json").out)
    assert summary["n_trials"] == len(shown["trials"]) == 4
    assert summary["leaders"][0]["epoch"] == shown["best"]["epoch"]
    assert summary["beats_its_start"] == shown["beats_its_start"]
    assert difference["fresh"] is None


def test_a_comparison_needs_nothing_but_the_records(searched: Command) -> None:
    before = searched("compare", "tiny-001", "tiny-002").out
    for name in ("resolved.yaml", "spec.yaml", "trials.csv", "best.json"):
        Path("runs/tiny-001", name).unlink()
    assert searched("compare", "tiny-001", "tiny-002").out == before


def test_runs_that_cannot_stand_side_by_side_are_a_mistake(searched: Command) -> None:
    mistakes = {
        "tiny-001": "compare takes 2 to 6 runs; `hpsearch list` shows what there is",
        " ".join(["tiny-001"] * 7): "compare takes 2 to 6 runs",
        "tiny-001 runs/tiny-001": "one run is named twice: tiny-001, runs/tiny-001",
        "tiny-001 tiny-003": "runs that are judged by different metrics cannot be compared: "
        "tiny-001 by validation_error, tiny-003 by validation_loss",
        "tiny-001 other": "no run is called 'other'",
    }
    for names, error in mistakes.items():
        ended = searched("compare", *names.split())
        assert (ended.code, ended.out) == (2, "")
        assert error in ended.err


def test_a_start_record_without_a_usable_space_is_an_error_that_names_the_runs(searched: Command) -> None:
    journal = Path("runs/tiny-001/journal.jsonl")
    first, *lines = journal.read_text().splitlines(keepends=True)
    start = json.loads(first)
    start["identified_by"]["space"] = [["learning_rate", {"range": [1], "scale": "log"}]]
    journal.write_text("".join([json.dumps(start) + "\n", *lines]))
    ended = searched("compare", "tiny-001", "tiny-002")
    assert ended.code == 4
    assert "runs/tiny-001, runs/tiny-002: a start record does not hold what it should" in ended.err
