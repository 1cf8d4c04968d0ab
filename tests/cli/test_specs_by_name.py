"""CONFIG: a file by its name, standard input, and what is said of a name that is none."""

import io
from pathlib import Path

import pytest
from commands import Command


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize(("given", "meant"), [("tny.yaml", "tiny.yaml"), ("tiny", "tiny.yaml"), ("./tiny.yml", "tiny.yaml")])
def test_a_spec_that_is_not_there_is_told_with_the_one_that_is(
    hpsearch: Command, command: str, given: str, meant: str
) -> None:
    ended = hpsearch(command, given)
    told = f"error: the spec {given} cannot be read: No such file or directory; did you mean {meant}?\n"
    assert (ended.code, ended.err) == (2, told)


def test_the_spec_that_is_meant_is_told_with_its_directory(hpsearch: Command) -> None:
    Path("configs").mkdir()
    Path("tiny.yaml").rename("configs/tiny.yml")
    assert "did you mean configs/tiny.yml?" in hpsearch("check", "configs/tiny.yaml").err
    assert "did you mean" not in hpsearch("check", "configs/other.yaml").err
    assert hpsearch("check", "nowhere/tiny.yml").err.endswith("cannot be read: No such file or directory\n")


def test_of_a_directory_the_specs_in_it_are_told(hpsearch: Command) -> None:
    Path("configs").mkdir()
    assert hpsearch("check", "configs").err.endswith("configs cannot be read: Is a directory; there is no spec in it\n")
    for name in ("b.yml", "a.yaml", "data.csv"):
        Path("configs", name).write_text("")
    assert hpsearch("check", "configs").err.endswith("Is a directory; name one of the specs in it: a.yaml, b.yml\n")


def test_a_spec_may_end_in_yml_or_come_from_standard_input(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    content = Path("tiny.yaml").read_bytes()
    Path("tiny.yaml").rename("tiny.yml")
    assert hpsearch("run", "tiny.yml", "--dry-run").code == 0
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert hpsearch("run", "-", "--dry-run").code == 0
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"seed=0\n")))
    assert "stdin:1:5: a colon gives a key its value, not `=`" in hpsearch("check", "-").err


def test_a_command_that_is_not_there_is_told_with_the_one_that_is(hpsearch: Command) -> None:
    assert "No such command 'chek'. Did you mean 'check'?" in hpsearch("chek").err
