"""Run directories that somebody tampered with, and texts that would steer a terminal: all looked at without harm."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import SPEC, Command, Ended

STEERING = "\x1b[2J\x1b]52;c;aGk=\x07\u202e\u2066\x9b\r\x7f"
"""Clears the screen, sets the clipboard, rings, writes from right to left, and goes back to the start of the line."""

STEERING_IN_YAML = '"\\e[2J\\e]52;c;aGk=\\a\\u202E\\u2066\\x9b\\r\\x7f"'


def assert_harmless(ended: Ended, *codes: int) -> None:
    """Check that a command ended with one of the codes, said so in words, and nothing that steers a terminal."""
    assert ended.code in codes, ended
    assert "bug in hpsearch" not in ended.err
    said = ended.out + ended.err
    assert [letter for letter in said if letter not in "\n\t" and unicodedata.category(letter) in ("Cc", "Cf")] == []


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a finished run of two classes, whose names steer a terminal."""
    from hpsearch.cli.main import main

    folder = tmp_path_factory.mktemp("finished")
    rows = [f"{n / 60},{'red' if n % 3 else STEERING},{'yes' if n % 2 else STEERING}" for n in range(60)]
    (folder / "rows.csv").write_text("\n".join([f"x,c{STEERING},y", *rows]).replace("\r", ""))
    (folder / "spec.yaml").write_text(SPEC + "data: {source: rows.csv, target: y}\n")
    with pytest.raises(SystemExit, match="0"):
        main(["run", str(folder / "spec.yaml"), "--jobs", "1", "--quiet", "--runs-dir", str(folder / "runs")])
    return folder


@pytest.fixture
def run(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that run, in the working directory."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(finished, tmp_path, dirs_exist_ok=True)
    return Path("runs/tiny-001")


def looked_at(hpsearch: Command) -> Iterator[Ended]:
    """Yield how each command that looks at the run ends."""
    for command in (["show", "tiny-001"], ["show", "tiny-001", "1"], ["list"]):
        yield hpsearch(*command)
        yield hpsearch(*command, "--json")
    yield hpsearch("predict", "tiny-001", "rows.csv", "--out", "predicted.csv")


@pytest.mark.usefixtures("run")
def test_classes_and_columns_that_steer_a_terminal_are_shown_escaped(hpsearch: Command) -> None:
    for ended in looked_at(hpsearch):
        assert_harmless(ended, 0)
    assert "\\x1b[2J" in hpsearch("show", "tiny-001").out
    labels = json.loads(hpsearch("show", "tiny-001", "--json").out)["confusion"]["test"]["labels"]
    assert STEERING.replace("\r", "") in labels
    assert_harmless(hpsearch("run", "spec.yaml", "--new", "--jobs", "1"), 0)


def test_names_and_choices_that_steer_a_terminal_are_shown_escaped(tmp_path: Path, hpsearch: Command) -> None:
    (tmp_path / "steered.py").write_text(
        f"def f(x):\n    if x == 'bad':\n        raise ValueError({STEERING!r})\n    return len(x)\n"
    )
    space = f"space: {{x: [{STEERING_IN_YAML}, bad]}}\n"
    (tmp_path / "f.yaml").write_text(f"objective: {{python: steered:f}}\n{space}search: {{method: grid}}\n")
    ended = hpsearch("run", "f.yaml", "--jobs", "1")
    assert_harmless(ended, 0)
    assert "\\x1b[2J" in ended.err
    for more in ([], ["0"], ["1"], ["--json"]):
        assert_harmless(hpsearch("show", "latest", *more), 0)


def test_directories_whose_names_steer_a_terminal_are_shown_escaped(run: Path, hpsearch: Command) -> None:
    run.rename(run.with_name(f"{STEERING}\n-001"))
    assert_harmless(hpsearch("list"), 0)
    assert_harmless(hpsearch("show", "latest"), 0)
    assert "\\x1b[2J" in hpsearch("show", "other").err
    assert_harmless(hpsearch("run", f"{STEERING}.yaml"), 2)


@pytest.mark.parametrize("name", ["..", "/etc", "a/../../b", "", "\n", "spec.yaml", "/dev/zero", STEERING, "x" * 5000])
@pytest.mark.usefixtures("run")
def test_what_is_no_run_is_told_shortly(name: str, hpsearch: Command) -> None:
    ended = hpsearch("show", name)
    assert_harmless(ended, 2)
    assert len(ended.err) < 1_000


@pytest.mark.parametrize("kind", ["pipe", "device", "directory"])
@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("journal.jsonl", "show tiny-001"),
        ("curves.jsonl", "show tiny-001"),
        ("models/confusion_test.csv", "show tiny-001"),
        ("models/model.json", "predict tiny-001 rows.csv"),
        ("models/model.npz", "predict tiny-001 rows.csv"),
        ("resolved.yaml", "verify tiny-001"),
        ("lock", "run spec.yaml --jobs 1 --set search.trials=5"),
        *((name, "doctor tiny-001") for name in ("journal.jsonl", "lock", "trials.csv", "best.json", "resolved.yaml")),
    ],
)
def test_what_is_no_file_in_a_run_is_never_waited_for(
    kind: str, name: str, command: str, run: Path, hpsearch: Command
) -> None:
    (run / name).unlink()
    if kind == "pipe":
        os.mkfifo(run / name)
    elif kind == "device":
        (run / name).symlink_to("/dev/zero")
    else:
        (run / name).mkdir()
    assert_harmless(hpsearch(*command.split()), *((0, 1) if "doctor" in command else (2, 4)))
    assert_harmless(hpsearch("list"), 0)


@pytest.mark.parametrize("name", ["journal.jsonl", "curves.jsonl", "lock"])
def test_what_a_link_leads_to_is_not_written_to(name: str, run: Path, hpsearch: Command) -> None:
    elsewhere = Path("elsewhere")
    (run / name).rename(elsewhere)
    (run / name).symlink_to(elsewhere.absolute())
    before = elsewhere.read_bytes()
    ended = hpsearch("run", "spec.yaml", "--jobs", "1", "--set", "search.trials=5")
    assert_harmless(ended, 4)
    assert "is a symbolic link" in ended.err
    assert elsewhere.read_bytes() == before


def test_a_run_that_a_link_leads_to_is_one_of_the_runs(run: Path, hpsearch: Command) -> None:
    run.rename("kept")
    run.symlink_to(Path("kept").absolute())
    assert_harmless(hpsearch("show", "tiny-001"), 0)
    assert_harmless(hpsearch("run", "spec.yaml", "--jobs", "1", "--set", "search.trials=5"), 0)
    assert len(Path("kept/trials.csv").read_text().splitlines()) == 6


def test_pruning_deletes_no_files_but_those_of_tasks(run: Path, hpsearch: Command) -> None:
    shutil.rmtree(run / "checkpoints")
    mine = Path("mine")
    mine.mkdir()
    for name in ("thesis.tex", "trial-1.npz.bak", "trial.npz"):
        (mine / name).write_text("work of years")
    (mine / "trial-00000-from-0000-1f2e3d4c.npz").write_text("of a task that was given up")
    (run / "checkpoints").symlink_to(mine.absolute())
    outside = Path("outside.npz")
    outside.write_text("mine too")
    journal = (run / "journal.jsonl").read_text().replace('"checkpoint": "trial-', '"checkpoint": "../../../outside.npz#')
    (run / "journal.jsonl").write_text(journal)
    assert_harmless(hpsearch("run", "spec.yaml", "--jobs", "1", "--set", "search.trials=5"), 0)
    assert {"thesis.tex", "trial-1.npz.bak", "trial.npz"} <= {path.name for path in mine.iterdir()}
    assert not (mine / "trial-00000-from-0000-1f2e3d4c.npz").exists()
    assert outside.read_text() == "mine too"


@pytest.mark.parametrize("runs", ["a file", "a link to nowhere"])
def test_runs_that_can_be_no_directory_are_told(runs: str, hpsearch: Command) -> None:
    if runs == "a file":
        Path("runs").write_text("")
    else:
        Path("runs").symlink_to("nowhere/at/all")
    ended = hpsearch("run", "tiny.yaml", "--jobs", "1")
    assert_harmless(ended, 2)
    assert "runs" in ended.err


def test_a_line_of_any_length_or_depth_is_no_harm(run: Path, hpsearch: Command) -> None:
    with (run / "journal.jsonl").open("a") as journal:
        for noise in (
            "[" * 100_000,
            '{"a":' * 100_000,
            '"' + "x" * 5_000_000 + '"',
            '{"v": 1, "type": "x", "n": ' + "9" * 5000,
        ):
            journal.write(noise + "\n")
    ended = hpsearch("show", "tiny-001")
    assert_harmless(ended, 0)
    assert ended.err.count("not a record; skipped") == 4


def archive_of(save: Any, **arrays: Any) -> bytes:
    file = io.BytesIO()
    save(file, **arrays)
    return file.getvalue()


def test_a_record_of_many_levels_is_refused(run: Path, hpsearch: Command) -> None:
    start, *others = (run / "journal.jsonl").read_text().splitlines()
    deep = start.replace('"data": {', '"data": {"deep": ' + "[" * 900 + "]" * 900 + ", ", 1)
    (run / "journal.jsonl").write_text("\n".join([deep, *others]) + "\n")
    for ended in looked_at(hpsearch):
        assert_harmless(ended, 0, 4)


def test_a_model_that_was_tampered_with_is_refused(run: Path, hpsearch: Command) -> None:
    description, whole = json.loads((run / "models" / "model.json").read_text()), (run / "models" / "model.npz").read_bytes()
    attacks: list[tuple[dict[str, Any], bytes]] = [
        ({"arrays_sha256": "0" * 64}, whole),
        ({"arrays": "../../../../etc/passwd"}, whole),
        ({"arrays": "\0"}, whole),
        ({"settings": {}}, whole),
        ({"labels": None}, whole),
        ({"labels": [["a"], 1]}, whole),
        ({"inputs": []}, whole),
        ({"format": STEERING}, whole),
        ({}, b"no archive"),
        ({}, archive_of(np.save, arr=np.zeros(3))),
        ({}, archive_of(np.savez, weights_1=np.array([{}], dtype=object))),
        ({}, archive_of(np.savez)),
        ({}, archive_of(np.savez_compressed, weights_1=np.zeros(10_000_000, np.int8))),
    ]
    for change, arrays in attacks:
        hashed = {"arrays_sha256": hashlib.sha256(arrays).hexdigest()}
        (run / "models" / "model.json").write_text(json.dumps(description | hashed | change))
        (run / "models" / "model.npz").write_bytes(arrays)
        ended = hpsearch("predict", "tiny-001", "rows.csv", "--out", "predicted.csv")
        assert_harmless(ended, 4)
        assert "runs/tiny-001/models/" in ended.err
    assert not Path("predicted.csv").exists()


STRANGE: list[Any] = [
    *(None, True, -1, 0, 10**18, 10**400, 1e308, 5e-324, "", "NaN", "..", "/etc/passwd", "waiting", "complete", 3.7),
    *(STEERING, "x" * 10_000, "\ud800", [], {}, [[[]]], [None], [STEERING], {STEERING: STEERING}, [10**18] * 3),
]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each container within a value with each of its keys or indices."""
    if isinstance(value, dict | list):
        for key, item in list(value.items() if isinstance(value, dict) else enumerate(value)):
            yield value, key
            yield from places(item)


def damaged_records(text: str, draw: random.Random) -> str:
    """Return lines of JSON of which one to three have a strange value, lack one, are gone, or stand twice."""
    lines = text.splitlines()
    for _ in range(draw.randrange(1, 4)):
        at = draw.randrange(len(lines))
        record = json.loads(lines[at])
        within, key = draw.choice(list(places(record)))
        match draw.randrange(6):
            case 0:
                del within[key]
            case 1 if len(lines) > 1:
                del lines[at]
                continue
            case 2:
                lines.insert(draw.randrange(len(lines) + 1), lines[at])
                continue
            case _:
                within[key] = draw.choice(STRANGE)
        lines[at] = json.dumps(record)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("case", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 20))])
def test_a_record_with_strange_values_is_shown_or_refused(case: int, run: Path, hpsearch: Command) -> None:
    texts = {name: (run / name).read_text() for name in ("journal.jsonl", "curves.jsonl")}
    for number in range(10):
        draw = random.Random(1000 * case + number)
        for name, text in texts.items():
            (run / name).write_text(damaged_records(text, draw) if name == draw.choice(list(texts)) else text)
        for ended in looked_at(hpsearch):
            assert_harmless(ended, 0, 2, 4)
        assert_harmless(hpsearch("run", "spec.yaml", "--dry-run"), 0, 2)
        assert_harmless(hpsearch("refine", "tiny-001", "--dry-run"), 0, 1, 2, 3, 4)
