"""Options from the environment: those that mean the same in every command; what is typed wins."""

import json
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
    if isinstance(option, click.Option)
]
VARIABLES = {str(option.envvar) for _, option in OPTIONS if option.envvar}
TYPED = {"OUT", "DATA", "TARGET", "TASK", "NAME", "TRIAL", "TRIALS", "TOP", "AROUND", "ALL", "DRY_RUN", "NEW", "SCHEMA"}
"""Options that say what a command works on, or do something else in each: they have no variable."""


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
    return plan["n_trials"], plan["rungs"]


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


@pytest.mark.parametrize("text", ['data.missing=["a;b", c];seed=1', "data.missing=['a;b', c] ; seed=1"])
def test_a_semicolon_in_quotes_separates_nothing(hpsearch: Command, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("HPSEARCH_SET", f"{text};search.nothing=it's; search.trials=it's")
    told = hpsearch("check", "tiny.yaml", "--quick").err
    assert told.count("HPSEARCH_SET:1:") == 2
    assert "search.nothing=it's\n" in told


@pytest.mark.parametrize(("name", "meant"), [("HPSEARCH_JOSB", "HPSEARCH_JOBS"), ("HPSEARCH_RUN_DIR", "HPSEARCH_RUNS_DIR")])
def test_a_variable_that_is_misspelt_is_noted(
    hpsearch: Command, monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    monkeypatch.setenv("HPSEARCH_WHATEVER", "1")
    monkeypatch.setenv(name, "1")
    ended = hpsearch("list")
    assert ended.err.splitlines()[0] == f"note: nothing reads the variable {name}; did you mean {meant}?"
    assert "WHATEVER" not in ended.err


def test_a_value_keeps_the_spaces_within_it(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPSEARCH_SET", "space={learning_rate: [0.1, 0.2, 0.3], activation: [relu, tanh]}")
    ended = hpsearch("run", "tiny.yaml", "--dry-run", "--set", "space={l2: [0.1, 0.2]}")
    assert "l2" in ended.out
    assert hpsearch("run", "tiny.yaml", "--dry-run").out.count("activation") == 1


def test_several_values_are_read_as_the_option_reads_each(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPSEARCH_ASSERT", "validation_error <= 1; errors < 1")
    assert "Invalid value for HPSEARCH_ASSERT: 'errors' is not a metric" in hpsearch("run", "tiny.yaml").err


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


def test_a_variable_means_the_same_in_every_command() -> None:
    meanings: dict[str, set[tuple[str, ...]]] = {}
    for _, option in OPTIONS:
        if option.envvar:
            meaning = (*option.opts, repr(option.type.to_info_dict()), str(option.is_flag), str(option.help))
            meanings.setdefault(str(option.envvar), set()).add(meaning)
    assert {name: len(found) for name, found in meanings.items()} == dict.fromkeys(VARIABLES, 1)


def test_a_variable_is_called_as_its_option_is_and_help_tells_of_it(hpsearch: Command) -> None:
    for told, option in OPTIONS:
        if option.envvar:
            long = max(option.opts, key=len).removeprefix("--").replace("-", "_").upper()
            assert option.envvar == f"HPSEARCH_{long}", told
            words = hpsearch(told.split()[0], "--help").out.split()
            assert f"HPSEARCH_{long}" in {word.strip("[];") for word in words}, told


def test_what_a_command_works_on_is_typed() -> None:
    assert {f"HPSEARCH_{word}" for word in TYPED} & VARIABLES == set()
    has_one = {max(option.opts, key=len) for _, option in OPTIONS if option.envvar}
    assert [told for told, option in OPTIONS if max(option.opts, key=len) in has_one and not option.envvar] == []


def test_a_variable_for_one_command_changes_no_file_of_another(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as --out had one, `init` wrote a spec there, and `predict` put rows in its place."""
    for word in TYPED:
        monkeypatch.setenv(f"HPSEARCH_{word}", "new.yaml")
    assert hpsearch("init").code == 0
    assert Path("digits.yaml").is_file()
    assert not Path("new.yaml").exists()
    assert hpsearch("check", "tiny.yaml", "--quick", "-j1").code == 0


def test_every_option_that_may_be_given_several_times_can_be_so_in_its_variable() -> None:
    assert [told for told, option in OPTIONS if option.multiple is not isinstance(option, Several)] == []


def test_arguments_are_typed(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "RUN", "SHELL"):
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
