"""Shell completion: runs, specs, keys, and the scripts that shells source."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import BashComplete, ShellComplete, ZshComplete
from commands import Command

from hpsearch.cli.program import hpsearch as program


def completed(*words: str) -> list[str]:
    """Return what the last of some words could become."""
    shell = ShellComplete(program, {}, "hpsearch", "_HPSEARCH_COMPLETE")
    return [item.value for item in shell.get_completions(list(words[:-1]), words[-1])]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with three runs, of which `digits-002` is the oldest."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HPSEARCH_RUNS_DIR", raising=False)
    for age, name in enumerate(["wine-001", "digits-001", "digits-002"]):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "journal.jsonl").write_text("")
        os.utime(tmp_path / "runs" / name / "journal.jsonl", (1e9 - age, 1e9 - age))
    return tmp_path / "runs"


@pytest.mark.parametrize("command", ["show", "refine", "verify", "confirm", "predict", "doctor"])
@pytest.mark.usefixtures("runs")
def test_a_run_is_completed_the_newest_first(command: str) -> None:
    assert completed(command, "") == ["wine-001", "digits-001", "digits-002", "latest"]
    assert completed(command, "d") == ["digits-001", "digits-002"]
    assert completed(command, "la") == ["latest"]


def test_runs_are_those_of_the_directory_that_is_named(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs.rename(runs.with_name("elsewhere"))
    assert completed("show", "") == []
    assert completed("show", "--runs-dir", "elsewhere", "w") == ["wine-001"]
    monkeypatch.setenv("HPSEARCH_RUNS_DIR", "elsewhere")
    assert completed("show", "w") == ["wine-001"]


@pytest.mark.usefixtures("runs")
def test_a_name_that_no_script_could_pass_on_is_left_out() -> None:
    Path("runs/wine-001").rename("runs/my wine")
    Path("runs/digits-001").rename("runs/a\nb")
    Path("runs/digits-002").rename("runs/a\\b")
    assert completed("show", "") == ["my wine", "latest"]


def bash(script: str, *words: str) -> list[str]:
    """Return what bash offers for the last of some words, as its own splitting gives them."""
    Path("program").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m hpsearch\n')
    Path("program").chmod(0o755)
    ask = (
        'eval "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }\n'
        "_hpsearch_completion ./program; printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    asked = ["bash", "-c", ask, "bash", script, *words]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split("\n")[:-1]


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("--set", "=", "search.tr"), ["search.trials=", "search.trial_seconds="]),
        (("--set", "search.tr"), ["search.trials=", "search.trial_seconds="]),
        (("--set", "seed", "=", "1", "my"), ["my\\ spec.yaml"]),
        (("--set", "=", "objective.python", "=", "a", ":", "b", "my\\ s"), ["my\\ spec.yaml"]),
        (("--runs-dir", "=", "elsewhere", "m"), ["my\\ spec.yaml"]),
    ],
)
def test_bash_completes_behind_an_equals_sign_and_names_with_blanks(
    hpsearch: Command, words: tuple[str, ...], offered: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my spec.yaml").write_text("")
    assert bash(hpsearch("completion", "bash").out, "hpsearch", "run", *words) == offered


def test_a_spec_is_completed_here_and_one_level_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("configs/old").mkdir(parents=True)
    for name in ("b.yaml", "a.yml", "data.csv", ".hidden.yaml", "configs/c.yaml", "configs/old/d.yaml"):
        Path(name).write_text("")
    assert completed("run", "") == ["a.yml", "b.yaml", "configs/c.yaml"]
    assert completed("run", "configs/") == ["configs/c.yaml", "configs/old/d.yaml"]
    assert completed("check", "b") == ["b.yaml"]
    assert completed("predict", "latest", "") == ["data.csv"]


def test_where_no_spec_fits_the_shell_completes_any_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (item,) = ShellComplete(program, {}, "hpsearch", "_").get_completions(["run"], "x/y")
    assert (item.value, item.type) == ("x/y", "file")


def test_the_keys_of_the_spec_are_completed() -> None:
    assert completed("run", "--set", "search.tr") == ["search.trials=", "search.trial_seconds="]
    assert completed("refine", "--set", "search.early_stopping.m") == ["search.early_stopping.min_epochs="]
    assert completed("run", "--set", "space.be") == ["space.beta1=", "space.beta2="]
    assert completed("run", "--set", "space.l2.s") == ["space.l2.scale=", "space.l2.step="]
    assert completed("check", "--set", "s")[:2] == ["seed=", "select="]
    assert "space.l2=" in completed("run", "--set", "")
    assert "space.l2.scale=" not in completed("run", "--set", "")


def test_commands_and_options_are_completed() -> None:
    assert completed("compl") == ["completion"]
    assert completed("run", "--fail") == ["--fail-fast"]


@pytest.mark.parametrize(
    ("shell", "part"),
    [("bash", "complete -o nosort"), ("zsh", "compdef _hpsearch_completion hpsearch"), ("fish", "complete --no-files")],
)
def test_the_script_of_a_shell_is_printed(hpsearch: Command, shell: str, part: str) -> None:
    ended = hpsearch("completion", shell)
    assert ended.code == 0
    assert part in ended.out
    assert "_HPSEARCH_COMPLETE" in ended.out


def test_no_space_follows_a_key_that_waits_for_its_value(hpsearch: Command) -> None:
    bash = hpsearch("completion", "bash").out
    added = bash.index('COMPREPLY+=("$(printf \'%q\' "$value")")\n')
    assert bash[added:].splitlines()[1].strip() == '[[ "$value" == *= ]] && compopt -o nospace'
    zsh = [line.strip() for line in hpsearch("completion", "zsh").out.splitlines()]
    keys = zsh.index("compadd -U -V unsorted -S '' -- ${(M)completions:#*=}")
    assert zsh[keys + 1 : keys + 3] == ["completions=(${completions:#*=})", "compadd -U -V unsorted -a completions"]
    fish = hpsearch("completion", "fish").out  # fish itself adds none after `=`
    assert "(commandline -t)" in fish
    assert 'complete --no-files --command hpsearch --arguments "(_hpsearch_completion)"' in fish


@pytest.mark.parametrize(("shell", "base"), [("bash", BashComplete), ("zsh", ZshComplete)])
def test_a_script_that_could_not_be_changed_is_not_printed(
    hpsearch: Command, monkeypatch: pytest.MonkeyPatch, shell: str, base: type[ShellComplete]
) -> None:
    monkeypatch.setattr(base, "source_template", "another script")
    ended = hpsearch("completion", shell)
    assert (ended.code, ended.out) == (4, "")
    assert "this version of click" in ended.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_that_the_shell_understands(hpsearch: Command, shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    script = tmp_path / "script"
    script.write_text(hpsearch("completion", shell).out)
    assert subprocess.run([shell, "-n", str(script)], check=True, capture_output=True, text=True).stderr == ""


@pytest.mark.parametrize("words", ["hpsearch show ", "hpsearch run --set search.tr", "hpsearch run "])
@pytest.mark.usefixtures("runs")
def test_completion_imports_no_numpy(words: str) -> None:
    code = (
        "import sys, atexit; atexit.register(lambda: print('NUMPY' if 'numpy' in sys.modules else 'light'))\n"
        "from hpsearch.cli.main import main; main([])"
    )
    told = {"_HPSEARCH_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **told}, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "light"
    assert done.stderr == ""
