"""`list`, `show` and `verify`: the commands that read a run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Command


@pytest.fixture
def searched(hpsearch: Command) -> Command:
    hpsearch("run", "tiny.yaml", "--jobs", "1", "-q")
    return hpsearch


def test_the_list_of_no_runs_says_how_to_make_one(hpsearch: Command) -> None:
    ended = hpsearch("list")
    assert (ended.code, ended.out) == (0, "")
    assert "hpsearch run CONFIG" in ended.err
    assert json.loads(hpsearch("list", "--json").out) == []


def test_the_list_has_a_row_for_each_run(searched: Command) -> None:
    assert "tiny-001" in searched("list").out
    (row,) = json.loads(searched("list", "--json").out)
    assert (row["run"], row["state"], row["ended"], row["planned"]) == ("tiny-001", "finished", 4, 4)


@pytest.mark.parametrize("name", ["tiny-001", "tiny", "latest", "runs/tiny-001"])
def test_a_run_is_found_by_name_beginning_or_directory(searched: Command, name: str) -> None:
    assert "4 trials: 4 complete" in searched("show", name).out


def test_an_unknown_run_is_an_error_that_lists_those_there_are(searched: Command) -> None:
    ended = searched("show", "other")
    assert ended.code == 2
    assert "tiny-001" in ended.err


def test_a_run_as_json_has_all_its_trials(searched: Command) -> None:
    content = json.loads(searched("show", "tiny", "--json").out)
    assert [trial["trial"] for trial in content["trials"]] == [0, 1, 2, 3]
    assert content["best"]["trial"] in range(4)


def test_a_trial_is_shown_with_its_curves(searched: Command) -> None:
    ended = searched("show", "tiny", "2")
    assert "trial 2 of tiny-001: complete, 3 epochs" in ended.out
    content = json.loads(searched("show", "tiny", "2", "--json").out)
    assert len(content["curves"]["train_loss"]) == 3
    assert content["params"].keys() == {"learning_rate", "hidden_units"}


def test_an_unknown_trial_is_an_error_that_says_how_many_there_are(searched: Command) -> None:
    ended = searched("show", "tiny", "9")
    assert ended.code == 2
    assert "no trial 9; it has 4" in ended.err


def test_the_winners_confusions_on_the_test_part_are_shown(searched: Command) -> None:
    text = searched("show", "tiny").out
    assert "judged by validation_error of the last epoch" in text
    assert "test part: rows of each class (down) by the class they were taken for (across)" in text
    confusion = json.loads(searched("show", "tiny", "--json").out)["confusion"]
    assert list(confusion) == ["validation", "test"]
    assert confusion["test"]["labels"] == [str(digit) for digit in range(10)]
    last = text.splitlines()[-1].split()
    assert last == ["9", *(str(count) if count else "." for count in confusion["test"]["counts"][9])]
    Path("runs/tiny-001/models/confusion_test.csv").unlink()
    assert "validation part: rows of each class" in searched("show", "tiny").out


def test_a_damaged_confusion_matrix_is_an_error_with_its_file(searched: Command) -> None:
    Path("runs/tiny-001/models/confusion_test.csv").write_text("nothing\n")
    ended = searched("show", "tiny")
    assert ended.code == 4
    assert "confusion_test.csv: is no confusion matrix" in ended.err


def test_showing_needs_no_derived_file(searched: Command) -> None:
    before = searched("show", "tiny").out
    Path("runs/tiny-001/trials.csv").unlink()
    Path("runs/tiny-001/best.json").unlink()
    assert searched("show", "tiny").out == before


def test_a_trial_trained_again_alone_has_the_same_bits(searched: Command) -> None:
    ended = searched("verify", "tiny", "--trial", "3")
    assert ended.code == 0
    assert "3 epochs trained again, alone: the same bits" in ended.out


def test_the_command_in_best_json_works_as_it_stands(searched: Command) -> None:
    command = json.loads(Path("runs/tiny-001/best.json").read_text())["command"].split()
    assert command[0] == "hpsearch"
    assert searched(*command[1:]).code == 0


def test_a_bit_that_differs_from_the_record_exits_with_1(searched: Command) -> None:
    curves = Path("runs/tiny-001/curves.jsonl")
    lines = [json.loads(line) for line in curves.read_text().splitlines()]
    next(line for line in lines if line["trial"] == 3)["curves"]["train_loss"][1] += 1e-15
    curves.write_text("".join(json.dumps(line) + "\n" for line in lines))
    ended = searched("verify", "tiny", "--trial", "3")
    assert ended.code == 1
    assert "train_loss: epoch 2 gave" in ended.err
    assert json.loads(searched("verify", "tiny", "--trial", "3", "--json").out)["same"] is False


def test_a_torn_journal_can_still_be_shown(searched: Command) -> None:
    journal = Path("runs/tiny-001/journal.jsonl")
    journal.write_bytes(journal.read_bytes()[:-5])
    ended = searched("show", "tiny")
    assert ended.code == 0
    assert "the last line is not complete" in ended.err


@pytest.mark.usefixtures("searched")
def test_a_reader_that_leaves_stops_nothing_and_hears_no_complaint() -> None:
    read, write = os.pipe()
    os.close(read)
    for arguments in (["show", "tiny"], ["show", "tiny", "--json"], ["list"]):
        command = [sys.executable, "-c", "from hpsearch.cli.main import main; main()", *arguments]
        done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    os.close(write)


def test_a_resolved_spec_that_was_changed_is_not_trained_again(searched: Command) -> None:
    resolved = Path("runs/tiny-001/resolved.yaml")
    resolved.write_text(resolved.read_text().replace("seed: 0", "seed: 1", 1))
    ended = searched("verify", "tiny", "--trial", "0")
    assert ended.code == 4
    assert "it has been changed since" in ended.err
