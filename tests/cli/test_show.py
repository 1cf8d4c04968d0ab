"""`show`: what matters in a run, and why a trial was tried."""

import json
from pathlib import Path

import pytest
from commands import Command

SETTINGS = ("network.epochs=1", "search.confirm.leaders=0", "search.early_stopping=off")


@pytest.fixture
def searched(hpsearch: Command) -> Command:
    """A run of twenty trials of one epoch, most of them in fine stages."""
    overrides = [
        part for setting in (*SETTINGS, "search.method=coarse-to-fine", "search.trials=20") for part in ("--set", setting)
    ]
    assert hpsearch("run", "tiny.yaml", "-j1", "-q", *overrides).code == 0
    return hpsearch


def test_a_trial_tells_its_stage_and_what_was_moved_in_which_copy(searched: Command) -> None:
    assert "coarse stage: drawn at random from the whole space" in searched("show", "tiny", "0").out
    content = json.loads(searched("show", "tiny", "9", "--json").out)
    origin = content["origin"]
    assert (content["stage"], origin["kind"]) == (1, "elite")
    text = " ".join(searched("show", "tiny", "9").out.split())
    assert f"fine stage 1 of 6: a copy of trial {origin['elite']} in which " in text
    assert all(f"{name} (" in text for name in origin["moved"])
    assert "; expected improvement at the time " in text


def test_a_run_tells_how_to_ask_what_matters_and_does(searched: Command) -> None:
    assert searched("show", "tiny").out.splitlines()[-1] == "which parameters matter: hpsearch show tiny-001 --importance"
    last = searched("show", "tiny", "--importance").out.splitlines()[-1]
    assert last == "learning_rate probably matters most; from 50 trials on there are numbers"
    content = json.loads(searched("show", "tiny", "--importance", "--json").out)["importance"]
    assert content == {"n_trials": 20, "zoomed": True, "first": "learning_rate", "parameters": None}
    assert "importance" not in json.loads(searched("show", "tiny", "--json").out)


@pytest.mark.parametrize("damage", ["missing", "changed", "no spec"])
def test_without_the_spec_that_was_run_the_rest_is_shown_with_a_note(searched: Command, damage: str) -> None:
    resolved = Path("runs/tiny-001/resolved.yaml")
    if damage == "missing":
        resolved.unlink()
    else:
        resolved.write_text("seed: [" if damage == "no spec" else resolved.read_text().replace("seed: 0", "seed: 1", 1))
    ended = searched("show", "tiny", "--importance")
    assert ended.code == 0
    assert ended.err.startswith("note: what matters cannot be told: ")
    assert "20 trials: 20 complete" in ended.out
    assert json.loads(searched("show", "tiny", "--importance", "--json").out)["importance"] is None


def test_importance_is_about_a_run(searched: Command) -> None:
    ended = searched("show", "tiny", "3", "--importance")
    assert ended.code == 2
    assert ended.err == "error: one at a time: TRIAL and --importance\n"


def test_fifty_trials_give_numbers(hpsearch: Command) -> None:
    overrides = [part for setting in (*SETTINGS, "search.trials=50", "search.method=random") for part in ("--set", setting)]
    hpsearch("run", "tiny.yaml", "-j1", "-q", *overrides)
    lines = hpsearch("show", "tiny", "--importance").out.splitlines()
    (head,) = [place for place, line in enumerate(lines) if line.startswith("importance ")]
    assert [line.split()[0] for line in lines[head + 2 : head + 4]] == ["learning_rate", "hidden_units"]
    assert all(line.count(" % ± ") == 2 for line in lines[head + 2 : head + 4])
    assert not any(line.startswith("later trials") for line in lines)
