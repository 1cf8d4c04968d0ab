"""Options from the environment: every option of every command, what is typed first."""

import json
from pathlib import Path

import click
import pytest
from commands import Command

from hpsearch.cli.environment import is_setting, variable_of
from hpsearch.cli.program import hpsearch as program

OPTIONS = [option for command in program.commands.values() for option in command.params if isinstance(option, click.Option)]


def test_an_option_comes_from_the_environment(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPSEARCH_RUNS_DIR", "elsewhere")
    monkeypatch.setenv("HPSEARCH_JOBS", "1")
    monkeypatch.setenv("HPSEARCH_QUIET", "1")
    ended = hpsearch("run", "tiny.yaml")
    assert ended.code == 0
    assert Path("elsewhere/tiny-001").is_dir()
    assert ended.out.count("\n") == 1


def test_what_is_typed_wins(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPSEARCH_RUNS_DIR", "elsewhere")
    monkeypatch.setenv("HPSEARCH_SET", "search.trials=3")
    ended = hpsearch("run", "tiny.yaml", "--dry-run", "--json", "--runs-dir", "here", "--set", "search.trials=2")
    assert json.loads(ended.out)["trials"] == 2


@pytest.mark.parametrize("text", ["search.trials=2; network.epochs=1", "search.trials=2\nnetwork.epochs=1\n"])
def test_several_values_stand_on_lines_or_between_semicolons(
    hpsearch: Command, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("HPSEARCH_SET", text)
    plan = json.loads(hpsearch("run", "tiny.yaml", "--dry-run", "--json").out)
    assert (plan["trials"], plan["rungs"]) == (2, [1])


def test_a_switch_can_be_said_to_be_off(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPSEARCH_JSON", "0")
    assert "there are no runs" in hpsearch("list").err


def test_what_is_empty_is_not_given(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPSEARCH_RUNS_DIR", "")
    assert "there are no runs in runs;" in hpsearch("list").err


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("HPSEARCH_JOBS", "two", "Invalid value for HPSEARCH_JOBS: 'two'"),
        ("HPSEARCH_JOBS", "0", "Invalid value for HPSEARCH_JOBS: 0 is not in the range x>=1."),
        ("HPSEARCH_QUIET", "perhaps", "Invalid value for HPSEARCH_QUIET: 'perhaps'"),
        ("HPSEARCH_ASSERT", "errors < 1", "Invalid value for HPSEARCH_ASSERT: 'errors' is not a metric"),
    ],
)
def test_a_wrong_value_names_its_variable(
    hpsearch: Command, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(variable, value)
    ended = hpsearch("run", "tiny.yaml")
    assert ended.code == 2
    assert told in ended.err


def test_a_wrong_value_that_was_typed_names_the_option(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPSEARCH_JOBS", "1")
    assert "Invalid value for '--jobs' / '-j': 'two'" in hpsearch("run", "tiny.yaml", "--jobs", "two").err


def test_a_mistake_in_an_override_from_the_environment_names_its_variable(
    hpsearch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HPSEARCH_SET", "network.epochs=2; search.trails=10")
    ended = hpsearch("run", "tiny.yaml")
    assert ended.code == 2
    assert "HPSEARCH_SET:1:8: unknown key `trails` in `search`" in ended.err


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_option_has_a_variable_but_those_that_do_something_else(option: click.Option) -> None:
    assert is_setting(option) is (option.name != "schema")
    assert variable_of(option).startswith("HPSEARCH_")


def test_the_variable_is_the_long_name_of_the_option() -> None:
    names = {option.name: variable_of(option) for option in OPTIONS}
    assert names["runs_dir"] == "HPSEARCH_RUNS_DIR"
    assert names["overrides"] == "HPSEARCH_SET"
    assert names["as_json"] == "HPSEARCH_JSON"
    assert names["jobs"] == "HPSEARCH_JOBS"


def test_arguments_and_the_version_do_not_come_from_the_environment(
    hpsearch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CONFIG", "RUN", "VERSION", "SCHEMA", "HELP"):
        monkeypatch.setenv(f"HPSEARCH_{name}", "1")
    assert "Missing argument 'RUN'" in hpsearch("show").err
    assert "Missing argument 'CONFIG'" in hpsearch("check").err


def test_help_tells_of_the_environment_where_there_are_options(hpsearch: Command) -> None:
    assert "HPSEARCH_RUNS_DIR=DIR" in hpsearch("list", "--help").out
    assert "HPSEARCH_RUNS_DIR" not in hpsearch("completion", "--help").out
