"""Options from the environment: every option of every command, what is typed first."""

import json
import os
from pathlib import Path

import click
import pytest
from commands import Command

from hpsearch.cli.program import hpsearch as program
from hpsearch.cli.variables import Several

OPTIONS = [
    (f"{name} {option.opts[0]}", option)
    for name, command in program.commands.items()
    for option in command.params
    if isinstance(option, click.Option) and not option.is_eager
]
WORDS = """
    ALL AROUND ASSERT DATA DRAWS DRY_RUN FAIL_FAST IMPORTANCE JOBS JSON LEADERS MISSING NAME NEW OUT QUICK QUIET RUNS_DIR
    SEEDS SET STRICT TARGET TASK TOP TRIAL TRIALS
    COLS CSV PLOT REVERSE SKIP_UNCHANGED SORT WHERE
"""
VARIABLES = {f"HPSEARCH_{word}" for word in WORDS.split()}


def test_an_option_comes_from_the_environment(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPSEARCH_RUNS_DIR", "elsewhere")
    monkeypatch.setenv("HPSEARCH_JOBS", "1")
    monkeypatch.setenv("HPSEARCH_QUIET", "1")
    ended = hpsearch("run", "tiny.yaml")
    assert ended.code == 0
    assert Path("elsewhere/tiny-001").is_dir()
    assert not Path("runs").exists()
    assert ended.out.count("\n") == 1


def planned(hpsearch: Command, *arguments: str) -> tuple[int, list[int]]:
    """Return the trials and the rungs of a plan."""
    plan = json.loads(hpsearch("run", "tiny.yaml", "--dry-run", "--json", *arguments).out)
    return plan["trials"], plan["rungs"]


def test_what_is_typed_wins_and_adds_nothing_to_what_the_variable_says(
    hpsearch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HPSEARCH_SET", "search.trials=3; network.epochs=1")
    assert planned(hpsearch) == (3, [1])
    assert planned(hpsearch, "--set", "search.trials=2") == (2, [3])


@pytest.mark.parametrize(
    "text",
    ["search.trials=2;network.epochs=1", " search.trials=2 ; ; network.epochs=1;", "search.trials=2\nnetwork.epochs=1\n"],
)
def test_several_values_stand_on_lines_or_between_semicolons(
    hpsearch: Command, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("HPSEARCH_SET", text)
    assert planned(hpsearch) == (2, [1])


def test_a_value_keeps_the_spaces_within_it(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPSEARCH_SET", "space={learning_rate: [0.1, 0.2, 0.3], activation: [relu, tanh]}")
    ended = hpsearch("run", "tiny.yaml", "--dry-run", "--set", "space={l2: [0.1, 0.2]}")
    assert "l2" in ended.out
    assert hpsearch("run", "tiny.yaml", "--dry-run").out.count("activation") == 1


def test_several_values_are_read_as_the_option_reads_each(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPSEARCH_TRIAL", "1;two")
    assert "Invalid value for HPSEARCH_TRIAL: 'two' is not a valid integer range." in hpsearch("verify", "latest").err


@pytest.mark.parametrize(("text", "is_json"), [("1", True), ("true", True), ("yes", True), ("0", False), ("off", False)])
def test_a_switch_can_be_said_to_be_on_or_off(
    hpsearch: Command, monkeypatch: pytest.MonkeyPatch, text: str, is_json: bool
) -> None:
    monkeypatch.setenv("HPSEARCH_JSON", text)
    ended = hpsearch("list")
    assert (ended.out == "[]\n") is is_json
    assert ("there are no runs" in ended.err) is not is_json


def test_what_is_empty_is_not_given(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, "")
    assert "there are no runs in runs;" in hpsearch("list").err
    assert planned(hpsearch) == (4, [3])


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("HPSEARCH_JOBS", "two", "Invalid value for HPSEARCH_JOBS: 'two' is not a valid integer range."),
        ("HPSEARCH_JOBS", "0", "Invalid value for HPSEARCH_JOBS: 0 is not in the range x>=1."),
        ("HPSEARCH_QUIET", "perhaps", "Invalid value for HPSEARCH_QUIET: 'perhaps' is not a valid boolean."),
        ("HPSEARCH_ASSERT", "errors < 1", "Invalid value for HPSEARCH_ASSERT: 'errors' is not a metric"),
        ("HPSEARCH_RUNS_DIR", "tiny.yaml", "Invalid value for HPSEARCH_RUNS_DIR: Directory 'tiny.yaml' is a file."),
    ],
)
def test_a_wrong_value_names_its_variable(
    hpsearch: Command, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(variable, value)
    ended = hpsearch("run", "tiny.yaml")
    assert ended.code == 2
    assert told in ended.err
    assert "--" not in ended.err.partition("Error:")[2]


@pytest.mark.parametrize("in_the_variable", ["1", "two"])
def test_a_wrong_value_that_was_typed_names_the_option_whatever_the_variable_says(
    hpsearch: Command, monkeypatch: pytest.MonkeyPatch, in_the_variable: str
) -> None:
    monkeypatch.setenv("HPSEARCH_JOBS", in_the_variable)
    assert "Invalid value for '--jobs' / '-j': 'two'" in hpsearch("run", "tiny.yaml", "--jobs", "two").err


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_mistake_in_an_override_from_the_environment_names_its_variable(
    hpsearch: Command, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("HPSEARCH_SET", "network.epochs=2; search.trails=10")
    Path("wrong.yaml").write_text(Path("tiny.yaml").read_text() + "sede: 1\n")
    ended = hpsearch(command, "wrong.yaml")
    assert ended.code == 2
    assert "HPSEARCH_SET:1:8: unknown key `trails` in `search`" in ended.err
    assert "wrong.yaml:7:1: unknown key `sede`" in ended.err
    assert "--set:" not in ended.err


def test_a_mistake_in_an_override_that_was_typed_is_not_blamed_on_the_variable(
    hpsearch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HPSEARCH_SET", "search.trails=10")
    ended = hpsearch("run", "tiny.yaml", "--set", "search.trails=10")
    assert "--set:1:8: unknown key `trails` in `search`" in ended.err
    assert "HPSEARCH_SET" not in ended.err


def test_every_option_has_the_variable_of_its_long_name() -> None:
    assert {option.envvar for _, option in OPTIONS} == VARIABLES
    for told, option in OPTIONS:
        long = max(option.opts, key=len)
        assert f"--{str(option.envvar).removeprefix('HPSEARCH_').lower().replace('_', '-')}" == long, told


def test_every_option_that_may_be_given_several_times_can_be_so_in_its_variable() -> None:
    assert [told for told, option in OPTIONS if option.multiple is not isinstance(option, Several)] == []
    assert {option.envvar for _, option in OPTIONS if option.multiple} == {
        *("HPSEARCH_ASSERT", "HPSEARCH_MISSING", "HPSEARCH_SET", "HPSEARCH_TRIAL"),
        *("HPSEARCH_COLS", "HPSEARCH_PLOT", "HPSEARCH_WHERE"),
    }


def test_arguments_and_what_does_something_else_do_not_come_from_the_environment(
    hpsearch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CONFIG", "RUN", "VERSION", "SCHEMA", "HELP", "SHELL"):
        monkeypatch.setenv(f"HPSEARCH_{name}", "1")
    assert "Missing argument 'RUN'" in hpsearch("show").err
    assert "Missing argument 'CONFIG'" in hpsearch("check").err
    assert "Missing argument 'SHELL'" in hpsearch("completion").err


def test_what_is_asked_instead_is_answered_whatever_the_variables_say(
    hpsearch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HPSEARCH_JOBS", "two")
    assert hpsearch("check", "--help").code == 0
    assert json.loads(hpsearch("check", "--schema").out)["title"] == "The spec of an hpsearch search"


def test_a_command_to_type_next_repeats_what_was_typed_only(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPSEARCH_RUNS_DIR", "elsewhere")
    ended = hpsearch("run", "tiny.yaml", "-j1", "--set", "search.trials=2", "--set", "network.epochs=1")
    assert ended.code == 0
    assert "--jobs 1" in ended.out
    assert "--runs-dir" not in ended.out


def test_help_tells_of_the_environment_where_there_are_options(hpsearch: Command) -> None:
    assert "HPSEARCH_RUNS_DIR=DIR" in hpsearch("list", "--help").out
    assert "HPSEARCH_RUNS_DIR" not in hpsearch("completion", "--help").out
    assert [name for name in os.environ if name.startswith("HPSEARCH_")] == []
