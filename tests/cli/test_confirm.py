import json
from pathlib import Path

import pytest
from commands import Command

from hpsearch.errors import Interrupted
from hpsearch.study.run_dir import RunDir

RANDOM = ("--set", "search.method=random")


@pytest.fixture
def searched(hpsearch: Command) -> Command:
    assert hpsearch("run", "tiny.yaml", "-j1", "-q", *RANDOM).code == 0
    return hpsearch


def trained_again(err: str) -> list[str]:
    return [line for line in err.splitlines() if line.startswith("confirming ")]


def test_the_leaders_are_trained_again_and_the_winner_is_the_best_of_them(searched: Command) -> None:
    ended = searched("confirm", "tiny", "--leaders", "2", "--seeds", "2", "-j1")
    assert ended.code == 0
    assert len(trained_again(ended.err)) == 4
    lines = ended.out.splitlines()
    assert lines[0] == "tiny-001: the 2 best of 4 trials, trained again with fresh seeds"
    assert [line.split()[0] for line in lines if line.startswith(("confirmed (2 seeds)", "mean of all 3"))] == [
        "confirmed",
        "mean",
    ]
    assert "(2 fresh seeds): " in ended.out
    best = json.loads(Path("runs/tiny-001/best.json").read_text())
    assert len(best["confirmed"]["values"]) == 2
    (row,) = json.loads(searched("list", "--json").out)
    assert row["confirmed_score"] == best["confirmed"]["mean"]
    assert "mean of all 3" in searched("show", "tiny").out


def test_what_is_on_record_is_not_trained_again(searched: Command) -> None:
    first = searched("confirm", "tiny", "--leaders", "2", "--seeds", "2", "-j1")
    again = searched("confirm", "tiny", "--leaders", "2", "--seeds", "2", "-j1")
    assert (again.code, trained_again(again.err), again.out) == (0, [], first.out)
    more = searched("confirm", "tiny", "--leaders", "2", "--seeds", "3", "-j1")
    assert len(trained_again(more.err)) == 2


def test_a_second_one_that_is_cut_off_leaves_the_first_shown(searched: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    searched("confirm", "tiny", "--leaders", "2", "--seeds", "2", "-j1", "-q")
    shown, (row,) = searched("show", "tiny", "--json").out, json.loads(searched("list", "--json").out)
    best = Path("runs/tiny-001/best.json").read_text()
    with monkeypatch.context() as patched:
        patched.setattr(RunDir, "write_blocks", interrupting)
        assert searched("confirm", "tiny", "--leaders", "3", "--seeds", "4", "-j1", "-q").code == 130
    after = json.loads(searched("show", "tiny", "--json").out)
    assert (after["confirmed"], after["best"]) == (json.loads(shown)["confirmed"], json.loads(shown)["best"])
    assert Path("runs/tiny-001/best.json").read_text() == best
    assert json.loads(searched("list", "--json").out) == [row | {"state": "unfinished"}]
    assert "confirmed (2 seeds)" in searched("show", "tiny").out
    searched("confirm", "tiny", "--leaders", "3", "--seeds", "4", "-j1", "-q")
    assert "confirmed (4 seeds)" in searched("show", "tiny").out


def interrupting(*_: object) -> None:
    raise Interrupted(2)


def test_a_smaller_one_says_that_it_takes_nothing_back(searched: Command) -> None:
    first = searched("confirm", "tiny", "--leaders", "3", "--seeds", "2", "-j1")
    again = searched("confirm", "tiny", "--leaders", "1", "--seeds", "1", "-j1")
    assert (again.out, trained_again(again.err)) == (first.out, [])
    assert "note: 3 leaders with 2 fresh seeds: fewer than the last confirmation had would say less" in again.err


def test_two_leaders_and_three_seeds_are_the_default_of_a_short_run(searched: Command) -> None:
    assert len(trained_again(searched("confirm", "tiny", "-j2").err)) == 6


def test_json_has_every_leader_and_quiet_is_one_line(searched: Command) -> None:
    ended = searched("confirm", "tiny", "--leaders", "3", "--seeds", "2", "-j1", "--json", "-q")
    content = json.loads(ended.out)
    assert ended.err == ""
    assert set(content) == {"run", "best", "confirmed", "seconds", "notes"}
    assert [len(leader["values"]) for leader in content["confirmed"]] == [2, 2, 2]
    picked = [leader["picked"] for leader in content["confirmed"]]
    assert picked == sorted(picked)
    judged = {leader["trial"]: leader["picked"] + sum(leader["values"]) for leader in content["confirmed"]}
    assert content["best"]["trial"] == min(judged, key=lambda trial: judged[trial])
    line = searched("confirm", "tiny", "--leaders", "3", "--seeds", "2", "-j1", "-q").out
    assert line.startswith(f"runs/tiny-001: trial {content['best']['trial']}, validation_error ")
    assert "(2 fresh seeds)" in line
    assert len(line.splitlines()) == 1


def test_a_trial_tells_what_training_it_again_gave(searched: Command) -> None:
    searched("confirm", "tiny", "--leaders", "1", "--seeds", "2", "-j1", "-q")
    best = json.loads(Path("runs/tiny-001/best.json").read_text())["trial"]
    assert "trained again with 2 fresh seeds: " in searched("show", "tiny", str(best)).out
    again = json.loads(searched("show", "tiny", str(best), "--json").out)["repetitions"]
    assert [(training["repetition"], training["status"]) for training in again] == [(1, "complete"), (2, "complete")]


ENDINGS = ("end", "assess", "finish")


def test_an_unfinished_run_is_not_confirmed(searched: Command) -> None:
    journal = Path("runs/tiny-001/journal.jsonl")
    lines = journal.read_text().splitlines()
    journal.write_text("\n".join(line for line in lines if json.loads(line)["type"] not in ENDINGS) + "\n")
    ended = searched("confirm", "tiny", "-j1")
    assert ended.code == 2
    assert "has not finished its search" in ended.err


def test_a_run_in_which_nothing_completed_has_nothing_to_confirm(hpsearch: Command) -> None:
    settings = ["network.optimizer=sgd", "network.batch_norm=off", "space.learning_rate.range=[1e20, 1e25]"]
    overrides = [part for setting in settings for part in ("--set", setting)]
    assert hpsearch("run", "tiny.yaml", "-j1", "-q", *RANDOM, *overrides).code == 3
    ended = hpsearch("confirm", "tiny", "-j1", "-q")
    assert ended.code == 3
    assert "no trial of tiny-001 completed" in ended.err


def test_a_run_whose_spec_was_changed_is_not_trained_again(searched: Command) -> None:
    resolved = Path("runs/tiny-001/resolved.yaml")
    resolved.write_text(resolved.read_text().replace("seed: 0", "seed: 1", 1))
    ended = searched("confirm", "tiny", "-j1")
    assert ended.code == 4
    assert "it has been changed since" in ended.err


@pytest.mark.parametrize("option", ["--leaders", "--seeds", "--jobs"])
def test_counts_are_at_least_one(searched: Command, option: str) -> None:
    assert searched("confirm", "tiny", option, "0").code == 2
