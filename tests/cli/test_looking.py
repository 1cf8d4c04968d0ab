"""`list`, `show` and `verify`: the commands that read a run."""

import json
import os
import re
import shlex
import shutil
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
    assert (row["run"], row["state"], row["ended"], row["planned"]) == ("runs/tiny-001", "finished", 4, 4)


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
    assert content["best"]["trial"] == min(content["trials"], key=lambda trial: trial["value"])["trial"]


def test_a_trial_is_shown_with_its_curves(searched: Command) -> None:
    ended = searched("show", "tiny", "2")
    assert "trial 2 of tiny-001: complete, 3 epochs" in ended.out
    content = json.loads(searched("show", "tiny", "2", "--json").out)
    losses = [f"{loss:.3g}" for loss in content["curves"]["train_loss"]]
    rows = [line.split() for line in ended.out.splitlines()[-5:-2]]
    assert [(row[0], row[-1]) for row in rows] == list(zip("123", losses, strict=True))
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


def test_three_trials_are_verified_unless_some_are_named_always_the_same(hpsearch: Command) -> None:
    hpsearch("run", "tiny.yaml", "-j1", "-q", "--set", "search.trials=9")
    first = hpsearch("verify", "tiny").out
    assert len(first.splitlines()) == 3
    assert hpsearch("verify", "tiny").out == first
    every = hpsearch("verify", "tiny", "--all").out.splitlines()
    assert [line.split()[1] for line in every] == [str(number) for number in range(9)]
    assert set(first.splitlines()) < set(every)
    ended = hpsearch("verify", "tiny", "--all", "--trial", "1")
    assert (ended.code, ended.err) == (2, "error: --trial and --all name trials both; give one of them\n")


def test_a_trial_that_was_stopped_early_is_trained_as_far_as_it_came(hpsearch: Command) -> None:
    hpsearch("run", "tiny.yaml", "-j1", "-q", "--set", "search.method=coarse-to-fine")
    trials = json.loads(hpsearch("show", "tiny", "--json").out)["trials"]
    (stopped,) = [trial["trial"] for trial in trials if trial["status"] == "stopped"]
    ended = hpsearch("verify", "tiny", "--trial", str(stopped))
    assert (ended.code, ended.err) == (0, "")
    assert f"trial {stopped} of tiny-001: 1 epoch trained again, alone: the same bits in every curve and every" in ended.out


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
    content = json.loads(searched("verify", "tiny", "--trial", "3", "--trial", "0", "--json").out)
    assert content["same"] is False
    assert [(trial["trial"], trial["same"]) for trial in content["trials"]] == [(3, False), (0, True)]


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


@pytest.mark.parametrize("damage", ["directory", "brackets", "no metric"])
def test_a_damaged_run_is_listed_as_one_and_hides_no_other(searched: Command, damage: str) -> None:
    shutil.copytree("runs/tiny-001", "runs/bad-001")
    journal = Path("runs/bad-001/journal.jsonl")
    text = journal.read_text()
    journal.unlink()
    if damage == "directory":
        journal.mkdir()
    else:
        journal.write_text("[" * 100_000 if damage == "brackets" else text.replace('"metric": "validation_error", ', ""))
    ended = searched("list")
    assert ended.code == 0
    assert [line.split()[:2] for line in ended.out.splitlines()[2:]] == [["bad-001", "damaged"], ["tiny-001", "finished"]]
    assert ended.err.startswith("note: runs/bad-001/journal.jsonl: ")
    assert [row["state"] for row in json.loads(searched("list", "--json").out)] == ["damaged", "finished"]
    ended = searched("show", "bad-001")
    assert ended.code == 4
    assert "bug" not in ended.err
    again = searched("run", "tiny.yaml", "-j1", "--json")
    assert again.code == 0
    assert "note: runs/bad-001 was passed over: " in again.err
    assert json.loads(again.out)["notes"][0].startswith("runs/bad-001 was passed over: ")


def test_damage_beside_the_start_never_ends_in_a_bug(searched: Command) -> None:
    journal, curves = Path("runs/tiny-001/journal.jsonl"), Path("runs/tiny-001/curves.jsonl")
    text = curves.read_text()
    curves.write_text(re.sub(r'"curves": .*', '"curves": 5}', text, count=1))
    for arguments in (["list"], ["show", "tiny"], ["show", "tiny", "--json"]):
        ended = searched(*arguments)
        assert ended.code == 0
        assert "curves.jsonl: curves are missing or damaged; from there on they count as not trained: trials " in ended.err
    curves.unlink()
    assert "trials 0, 1, 2, 3" in searched("list").err
    curves.write_text(text)
    journal.write_text(re.sub(r'"value": [^,]*', '"value": "good"', journal.read_text(), count=1))
    assert searched("show", "tiny").err == ""
    journal.write_text(re.sub(r'"size": [^,]*', '"size": "large"', journal.read_text(), count=1))
    ended = searched("show", "tiny")
    assert ended.code == 4
    assert "a record lacks what it should hold" in ended.err


def test_a_moved_data_file_can_be_told_to_verify(hpsearch: Command) -> None:
    rows = "".join(f"{k % 7},{k % 5},{'yes' if k % 7 > 3 else 'no'}\n" for k in range(60))
    Path("rows.csv").write_text("a,b,good\n" + rows)
    data = ["--set", "data.source=rows.csv", "--set", "data.target=good"]
    assert hpsearch("run", "tiny.yaml", "-j1", "-q", *data).code == 0
    Path("moved.csv").write_bytes(Path("rows.csv").read_bytes())
    Path("rows.csv").unlink()
    # The program keeps what it has loaded: a process of its own has to load it again.
    command = [sys.executable, "-c", "from hpsearch.cli.main import main; main()", "verify", "tiny", "--trial", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert "if it has moved, its new path may be written into the run's resolved.yaml" in done.stderr
    resolved = Path("runs/tiny-001/resolved.yaml")
    resolved.write_text(resolved.read_text().replace("rows.csv", "moved.csv"))
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_project_that_was_moved_as_a_whole_can_be_verified(hpsearch: Command) -> None:
    Path("before/data").mkdir(parents=True)
    rows = "".join(f"{k % 7},{k % 5},{'yes' if k % 7 > 3 else 'no'}\n" for k in range(60))
    Path("before/data/rows.csv").write_text("a,b,good\n" + rows)
    data = ["--set", "data.source=before/data/rows.csv", "--set", "data.target=good"]
    assert hpsearch("run", "tiny.yaml", "-j1", "-q", "--runs-dir", "before/runs", *data).code == 0
    Path("before").rename("after")
    ended = hpsearch("verify", "after/runs/tiny-001", "--trial", "0")
    assert (ended.code, ended.err) == (0, "")
    Path("after/data/rows.csv").write_text("a,b,good\n" + rows.replace("3,3", "3,2"))
    command = [sys.executable, "-c", "from hpsearch.cli.main import main; main()", "verify", "after/runs/tiny-001"]
    done = subprocess.run([*command, "--trial", "0"], capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert "the data has changed since the run began" in done.stderr


def test_notes_on_the_data_are_told_everywhere(hpsearch: Command) -> None:
    Path("rows.csv").write_text("a,b,good\n" + "".join(f"{k % 7},,{'yes' if k % 7 > 3 else 'no'}\n" for k in range(60)))
    run = ["run", "tiny.yaml", "-j1", "--set", "data.source=rows.csv", "--set", "data.target=good"]
    told = "note: `b` "
    for arguments in (
        run,
        [*run, "-q"],
        [*run, "--json"],
        [*run, "--dry-run"],
        [*run, "--dry-run", "--json"],
        ["show", "latest"],
    ):
        ended = hpsearch(*arguments)
        assert ended.code == 0
        assert ended.err.count(told) == 1, arguments
        if "--json" in arguments:
            assert json.loads(ended.out)["notes"][0].startswith("`b` ")
    assert json.loads(hpsearch("show", "latest", "--json").out)["notes"][0].startswith("`b` ")


def test_a_single_epoch_is_one(hpsearch: Command) -> None:
    Path("rows.csv").write_text("a,good\n" + "".join(f"{k % 7},{'yes' if k % 7 > 3 else 'no'}\n" for k in range(60)))
    run = ["run", "tiny.yaml", "-j1", "--set", "data.source=rows.csv", "--set", "data.target=good"]
    run += ["--set", "network.epochs=1", "--set", "search.trials=1"]
    assert "data: 1 input, " in hpsearch(*run, "--dry-run").out
    assert "1 epoch in total" in hpsearch(*run, "--dry-run").out
    assert "\n1 epoch in " in hpsearch(*run).out
    assert "1 epoch trained again" in hpsearch("verify", "tiny", "--trial", "0").out


def test_an_empty_directory_for_the_runs_is_wrong_usage(hpsearch: Command) -> None:
    ended = hpsearch("run", "tiny.yaml", "--runs-dir", "")
    assert ended.code == 2
    assert "an empty text is no directory" in ended.err


def test_runs_may_lie_where_the_name_is_no_text(hpsearch: Command) -> None:
    place = os.fsdecode(b"q\xff")
    try:
        Path(place).mkdir()
    except OSError:
        pytest.skip("this file system takes names that are text only")
    assert hpsearch("run", "tiny.yaml", "-j1", "-q", "--runs-dir", place).code == 0
    command = shlex.split(json.loads(Path(place, "tiny-001", "best.json").read_text())["command"])
    assert hpsearch(*command[1:]).code == 0
