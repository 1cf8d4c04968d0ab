from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from commands import Command

RUN = Path("runs/tiny-001")


@pytest.fixture
def searched(hpsearch: Command) -> Command:
    hpsearch("run", "tiny.yaml", "--jobs", "1", "-q")
    return hpsearch


def test_without_a_run_the_machine_is_looked_at(hpsearch: Command) -> None:
    ended = hpsearch("doctor")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0] == "this machine"
    names = [line[:14].strip() for line in lines[1:] if line[0] != " "]
    assert [name for name in names if name != "BLAS"] == [
        *("hpsearch", "Python", "NumPy", "cores", "memory", "disk", "runs", "keeping runs", "workers"),
    ]
    assert not Path("runs").exists()


def test_a_run_that_is_whole_is_fine(searched: Command) -> None:
    ended = searched("doctor", "tiny")
    assert (ended.code, ended.err) == (0, "")
    assert "\nruns/tiny-001\n" in ended.out
    assert re.search(r"^model +whole: of trial \d", ended.out, re.MULTILINE)
    assert re.search(r"^driver +no command works on it now", ended.out, re.MULTILINE)
    assert "note" not in ended.out.split("runs/tiny-001\n")[1]


def test_notes_end_with_0_and_damage_with_1_and_what_is_damaged(searched: Command) -> None:
    with (RUN / "journal.jsonl").open("a") as file:
        file.write('{"v": 1')
    noted = searched("doctor", "tiny")
    assert (noted.code, noted.err) == (0, "")
    assert re.search(r"^journal.jsonl +note +the last line is torn \(7 bytes\)", noted.out, re.MULTILINE)
    (RUN / "models" / "model.npz").unlink()
    damaged = searched("doctor", "tiny")
    assert (damaged.code, damaged.err) == (1, "error: runs/tiny-001 is damaged: model\n")
    assert re.search(r"^model +DAMAGE +runs/tiny-001/models/model.npz: cannot be read", damaged.out, re.MULTILINE)


@pytest.mark.parametrize("damage", ["gone", "halved"])
def test_a_spec_from_which_nothing_can_be_trained_again_is_damage(searched: Command, damage: str) -> None:
    resolved = RUN / "resolved.yaml"
    if damage == "gone":
        resolved.unlink()
    else:
        resolved.write_text(resolved.read_text()[:200])
    ended = searched("doctor", "tiny")
    assert (ended.code, ended.err) == (1, "error: runs/tiny-001 is damaged: resolved.yaml\n")


def test_as_json_there_are_the_same_signs_with_facts(searched: Command) -> None:
    content = json.loads(searched("doctor", "--json").out)
    assert (content["run"], content["machine"][0]["about"]) == (None, "hpsearch")
    lost, *others = (RUN / "curves.jsonl").read_text().splitlines(keepends=True)
    (RUN / "curves.jsonl").write_text("".join(others))
    ended = searched("doctor", "tiny", "--json")
    run = json.loads(ended.out)["run"]
    assert (ended.code, run["run"], run["damaged"]) == (1, "runs/tiny-001", True)
    (found,) = [sign for sign in run["signs"] if sign["severity"] == "damage"]
    assert (found["about"], found["facts"]) == ("curves", {"lost": [json.loads(lost)["trial"]]})


def test_an_unknown_format_version_is_told_as_damage(searched: Command) -> None:
    journal = RUN / "journal.jsonl"
    journal.write_text(journal.read_text().replace('{"v": 1', '{"v": 9'))
    ended = searched("doctor", "tiny")
    assert (ended.code, ended.err) == (1, "error: runs/tiny-001 is damaged: record\n")
    assert "journal.jsonl:1: format version 9" in ended.out


def test_terminal_escapes_in_a_record_are_shown_escaped(searched: Command) -> None:
    journal = RUN / "journal.jsonl"
    journal.write_text(journal.read_text().replace('"reason": "all trials', '"reason": "\\u001b[31m all trials'))
    ended = searched("doctor", "tiny")
    assert "\\x1b[31m all trials are finished" in ended.out
    assert "\x1b" not in ended.out


def test_an_unknown_run_is_wrong_usage(searched: Command) -> None:
    ended = searched("doctor", "other")
    assert (ended.code, ended.out) == (2, "")
    assert "tiny-001" in ended.err
