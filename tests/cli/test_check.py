from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from commands import Command

SOUND = """\
space: {learning_rate: {range: [1e-3, 1e-1]}}
search: {method: random, trials: 60}
"""

GRID = ("--set", "search.method=grid")


@pytest.fixture(autouse=True)
def same_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process has held so far differs a little from call to call."""
    monkeypatch.setattr("hpsearch.study.preview.peak_memory", lambda: 70_000_000)


def test_one_screen_tells_the_space_the_data_and_the_plan_and_nothing_is_written(hpsearch: Command, tmp_path: Path) -> None:
    ended = hpsearch("check", "tiny.yaml", "--jobs", "2")
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[0].split() == ["parameter", "scale", "its", "4", "trials"]
    assert re.fullmatch(r"learning_rate +log +0.001 (. )?\d  0.01 (. )?\d  0.1 *", lines[2])
    assert re.findall(r"^(\w+): ", ended.out, re.MULTILINE) == ["data", "plan", "chance", "groups", "time", "memory", "disk"]
    assert "plan:   4 trials of 3 epochs, 12 epochs in total" in ended.out
    assert "chance: 19 % that 4 trials drawn from the whole space hold one of its best 5 % (1 - 0.95^4)" in ended.out
    assert "groups: your choices make 1 group of 4 networks" in ended.out
    assert " with 2 workers, from a short training measured just now" in ended.out
    assert len(lines) < 50
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.yaml"]


def test_quick_leaves_the_time_out(hpsearch: Command) -> None:
    assert re.search(r"^time: +not measured *$", hpsearch("check", "tiny.yaml", "--quick").out, re.MULTILINE)


def test_a_finding_is_shown_with_its_place_and_only_strict_makes_it_an_error(hpsearch: Command) -> None:
    ended = hpsearch("check", "tiny.yaml", "--quick", *GRID)
    assert (ended.code, ended.err) == (0, "")
    assert "[grid]" in ended.out
    assert "--set:1:15: a grid: " in ended.out
    strict = hpsearch("check", "tiny.yaml", "--quick", "--strict", *GRID)
    assert strict.code == 1
    assert strict.out == ended.out
    assert strict.err.startswith("error: ")
    assert "grid" in strict.err


def test_a_spec_without_a_finding_passes_the_strict_check(hpsearch: Command) -> None:
    Path("sound.yml").write_text(SOUND)
    ended = hpsearch("check", "sound.yml", "--quick", "--strict")
    assert ended.out.endswith("\nno findings: nothing seems to waste a part of the search\n")
    assert (ended.code, ended.err) == (0, "")


def test_mistakes_are_those_of_every_command(hpsearch: Command) -> None:
    arguments = ("tiny.yaml", "--set", "search.trials=0")
    ended, dry = hpsearch("check", *arguments), hpsearch("run", *arguments, "--dry-run")
    assert (ended.code, ended.out, ended.err) == (2, "", dry.err)


def test_a_spec_on_standard_input_is_checked_too(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = hpsearch("check", "tiny.yaml", "--quick").out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(Path("tiny.yaml").read_bytes())))
    assert hpsearch("check", "-", "--quick").out.replace("stdin:", "tiny.yaml:") == expected


def test_draws_are_the_trials_that_a_run_begins_with(hpsearch: Command) -> None:
    content = json.loads(hpsearch("check", "tiny.yaml", "--quick", "--json", "--draws", "3").out)
    hpsearch("run", "tiny.yaml", "--jobs", "1", "-q")
    trials = json.loads(hpsearch("show", "tiny", "--json").out)["trials"]
    assert [(first["trial"], first["params"]) for first in content["first_trials"]] == [
        (trial["trial"], trial["params"]) for trial in trials[:3]
    ]
    text = hpsearch("check", "tiny.yaml", "--quick", "--draws", "9").out
    assert f"\ntrial 3: learning_rate {trials[3]['params']['learning_rate']:.3g}, hidden_units " in text
    assert "can be told now" not in text


def test_later_stages_depend_on_results(hpsearch: Command) -> None:
    text = hpsearch("check", "tiny.yaml", "--quick", "--draws", "9", "--set", "search.method=coarse-to-fine").out
    assert "\nonly the first 2 trials can be told now: those of later stages depend on results" in text
    assert "1,000 draws of the whole space" in text


def test_json_holds_everything_in_one_object(hpsearch: Command) -> None:
    content = json.loads(hpsearch("check", "tiny.yaml", "--jobs", "1", "--json", "--data").out)
    rate = content["space"]["learning_rate"]
    assert (rate["kind"], rate["scale"], rate["active"], rate["when"]) == ("real", "log", 1.0, {})
    assert [(part["from"], part["to"]) for part in rate["draws"]] == [(0.001, 0.01), (0.01, 0.1)]
    assert sum(part["count"] for part in rate["draws"]) == 4
    assert content["draws"] == {"counted": 4, "of": "the first stage"}
    assert (content["n_trials"], content["epochs"], content["groups"]["groups"], content["jobs"]) == (4, 12, 1, 1)
    assert content["chance_of_the_best_5_percent"] == pytest.approx(1 - 0.95**4)
    assert content["seconds"] > 0
    assert content["memory_bytes"]["worker"] > 0
    assert content["disk_bytes"]["states"] > 0
    assert sum(content["data"]["classes"]["train"].values()) == content["data"]["rows"]["train"]
    assert content["data"]["columns"][0] == {"name": "pixel_0_0", "role": "number", "missing": 0, "levels": 1}
    quick = json.loads(hpsearch("check", "tiny.yaml", "--quick", "--json", *GRID).out)
    assert quick["seconds"] is None
    assert "columns" not in quick["data"]
    (finding,) = [finding for finding in quick["findings"] if finding["code"] == "grid"]
    assert (finding["file"], finding["line"], finding["column"]) == ("--set", 1, 15)


def test_the_data_are_shown_whole_when_asked_for(hpsearch: Command) -> None:
    text = hpsearch("check", "tiny.yaml", "--quick", "--data").out
    assert re.search(r"^pixel_0_0 to pixel_7_7 \(64 columns\) +number +0 +1 to 17 *$", text, re.MULTILINE)
    assert re.search(r"^label +target +0 +10 *$", text, re.MULTILINE)
    assert re.search(r"^8 +104 +35 +35 +9.7 % *$", text, re.MULTILINE)


def test_of_a_function_the_time_is_not_known(hpsearch: Command) -> None:
    Path("bowl.yaml").write_text(
        "objective: {python: 'hpsearch.objectives.functions:branin'}\n"
        "space: {x1: {range: [-5.0, 10.0]}, x2: {range: [0.0, 15.0]}}\n"
    )
    ended = hpsearch("check", "bowl.yaml", "--data")
    assert ended.code == 0
    assert "objective: the Python function hpsearch.objectives.functions:branin" in ended.out
    assert "not estimated: how long a function takes is not known before it is called" in ended.out


def test_a_run_that_is_under_way_is_not_asked(hpsearch: Command) -> None:
    before = hpsearch("check", "tiny.yaml", "--quick").out
    hpsearch("run", "tiny.yaml", "--jobs", "1", "-q")
    assert hpsearch("check", "tiny.yaml", "--quick").out == before


def test_whole_draws_are_folded_to_the_width(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = hpsearch("check", "tiny.yaml", "--quick", "--draws", "1").out.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("trial 0:"))
    assert lines[first + 1].startswith("  ")
    assert max(map(len, lines[first : first + 2])) <= 40
