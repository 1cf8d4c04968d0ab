"""Every command that shows something: on terminals of three widths, in the environments there are, and to a pipe."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from golden import agrees
from recorded import START, search_lines
from seen import Program

from hpsearch.study.line_file import line_of

GOLDEN = Path(__file__).parent / "golden" / "looks"
WIDTHS = (60, 100, 160)
COLOURLESS = {160: {"NO_COLOR": "1"}}
"""Only the widest terminal has no colours."""

ASCII = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
WIDEST = {"FORCE_COLOR": "1", "COLUMNS": "400"}
COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:[349][0-8]|10[0-7])(?:;[0-9;]*)?m")

ODD = "[/b]:up:</b>\x1b[31m"
FUNCTION = """\
name: valley
objective: {python: "hpsearch.objectives.functions:branin"}
space: {x1: {range: [-5.0, 10.0]}, x2: {range: [0.0, 15.0]}}
search: {method: random, trials: 12}
"""
NETWORK = """\
name: tiny
network: {epochs: 2}
space:
  learning_rate: {range: [1e-3, 1e-1], scale: log}
  hidden_units: {range: [8, 32], scale: log}
  optimizer: [adam, momentum]
  momentum: {range: [0.8, 0.99], scale: 1-beta, when: {optimizer: momentum}}
search: {method: random, trials: 5, confirm: {leaders: 2, seeds: 2}}
"""
COMMANDS = (
    "list",
    "show kept/digits-001",
    "show kept/digits-001 3",
    "show kept/odd-001",
    "show kept/odd-001 2",
    "check tiny.yaml --quick",
    "run tiny.yaml --set seed=1 --dry-run",
    "refine valley-001 --dry-run",
    "confirm tiny-001",
    "doctor",
    "doctor tiny-001",
    "watch tiny-001 --once",
    "compare kept/digits-001 kept/odd-001",
    "show tiny-001 --sort value",
    "show kept/odd-001 --sort value",
    "show tiny-001 --plot learning_rate",
    "show tiny-001 --plot progress",
    "show tiny-001 --plot workers",
)
TO_COPY = ("note: ", "written to ", "next: ", "which parameters matter: ", "train it again, ")
"""How lines begin that hold a command or a path: they are never broken."""


class Place:
    """A directory with runs, and the program in it."""

    def __init__(self, directory: Path, program: Program) -> None:
        self._directory, self._program = directory, program
        self._known: dict[tuple[str, int, frozenset[tuple[str, str]]], str] = {}

    def __call__(self, command: str, columns: int, **environment: str) -> str:
        """Return what a command that ends with 0 leaves to be seen, colours and all; 0 columns stand for a pipe."""
        key = command, columns, frozenset(environment.items())
        if key not in self._known:
            code, text = self._program.seen(*command.split(), columns=columns, cwd=self._directory, **environment)
            assert code == 0, text
            self._known[key] = text.rpartition("\x1b[2K")[2]  # what was drawn before was taken away
        return self._known[key]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    directory = tmp_path_factory.mktemp("looks")
    for name in ("digits-001", "odd-001"):
        facts = {"task": "classification", "fingerprint": "abc", "sha256": "abc", **START["data"]}
        lines = search_lines(None if name == "digits-001" else {}, identity="abc", data=facts, metric="validation_accuracy")
        if name == "odd-001":
            _make_odd(lines[0])
        (directory / "kept" / name).mkdir(parents=True)
        for file, records in zip(("journal.jsonl", "curves.jsonl"), lines, strict=True):
            (directory / "kept" / name / file).write_bytes(b"".join(map(line_of, records)))
    (directory / "valley.yaml").write_text(FUNCTION)
    (directory / "tiny.yaml").write_text(NETWORK)
    with Program() as program:
        place = Place(directory, program)
        for spec in ("valley", "tiny"):
            place(f"run {spec}.yaml -q -j1", 0)
        yield place


def _make_odd(journal: list[dict[str, Any]]) -> None:
    """Have a parameter, its values, and the reason of a failure hold what a terminal or a page might take for its own."""
    for record in journal:
        for trial in record.get("trials", ()) if record["type"] == "stage" else ():
            trial["params"] = {**trial["params"], "optimizer": ODD}
        if record["type"] == "block" and record["trial"] == 2:
            record |= {"status": "failed", "reason": f"Traceback\n  somewhere\nValueError: {ODD}"}
    journal[:] = [record for record in journal if record["type"] != "assess"]


def file_name(command: str) -> str:
    return command.replace(" --runs-dir kept", "").replace(" kept/", "_")


def plain(text: str) -> str:
    return ESCAPE.sub("", text)


def words(text: str) -> set[str]:
    """Return the words of a text; a name may be broken behind an underscore."""
    return {word.strip(",:;") for word in re.split(r"[\s_]+", plain(text)) if any(map(str.isalnum, word))}


def is_amount(word: str) -> bool:
    """Return whether a word is a number: what a machine has free is another a moment later."""
    return word.replace(".", "").isdecimal()


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("command", ["list --runs-dir kept", "show kept/digits-001", "show kept/odd-001"])
def test_a_look_is_as_it_was_reviewed(command: str, columns: int, seen: Place) -> None:
    text = plain(seen(command, columns))
    assert agrees(text, GOLDEN / f"{file_name(command)}_{columns}.txt")


@pytest.mark.parametrize("command", ["list --runs-dir kept", "show kept/digits-001"])
def test_a_look_in_letters_is_as_it_was_reviewed(command: str, seen: Place) -> None:
    assert agrees(seen(command, 60, **ASCII, TERM="dumb"), GOLDEN / f"{file_name(command)}_ascii.txt")


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("command", COMMANDS)
def test_no_line_is_wider_than_the_terminal_and_no_word_is_broken(command: str, columns: int, seen: Place) -> None:
    text = plain(seen(command, columns, **COLOURLESS.get(columns, {})))
    lines = [line for line in text.splitlines() if not line.startswith(TO_COPY)]
    assert [line for line in lines if len(line.rstrip()) > columns] == []
    assert "…" not in text
    # A wider plot has other ticks, and the name of a machine may be long.
    if "--plot" not in command and (not command.startswith("doctor") or columns > 60):
        text = re.sub(r"no room for .*?(\n\n|\Z)", "", text, flags=re.DOTALL)
        missing = words(text) - words(seen(command, 0, **WIDEST))
        assert {word for word in missing if not (command.startswith("doctor") and is_amount(word))} == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_in_a_record_steers_the_terminal(command: str, seen: Place) -> None:
    assert "</b>\x1b[31m" not in seen(command, 100)
    assert "\x1b" not in plain(seen(command, 100))


@pytest.mark.parametrize("to", ["csv", "jsonl"])
def test_an_export_steers_no_terminal_either_and_is_whole_in_a_pipe(to: str, seen: Place) -> None:
    shown, piped = (seen(f"export kept/odd-001 --to {to}", columns) for columns in (60, 0))
    assert "\x1b" not in shown
    assert "</b>\\" in shown
    assert piped.count(ODD if to == "csv" else json.dumps(ODD)) == 5


@pytest.mark.parametrize("command", COMMANDS)
def test_without_colour_there_is_none(command: str, seen: Place) -> None:
    assert COLOUR.search(seen(command, 160, **COLOURLESS[160])) is None


@pytest.mark.parametrize("command", COMMANDS)
def test_a_dumb_terminal_gets_no_codes_and_is_as_wide_as_it_is(command: str, seen: Place) -> None:
    text = seen(command, 60, TERM="dumb")
    assert "\x1b" not in text
    lines = [line for line in text.splitlines() if not line.startswith(TO_COPY)]
    assert max(len(line.rstrip()) for line in lines) <= 60


@pytest.mark.parametrize("command", COMMANDS)
def test_a_pipe_gets_no_codes_and_with_colours_forced_nothing_but_colours(command: str, seen: Place) -> None:
    assert "\x1b" not in seen(command, 0)
    assert {code[-1] for code in ESCAPE.findall(seen(command, 0, **WIDEST))} <= {"m"}


@pytest.mark.parametrize("command", COMMANDS)
def test_where_there_is_nothing_but_ascii_letters_stand_for_signs(command: str, seen: Place) -> None:
    text = seen(command, 60, **ASCII)
    assert text.isascii()
    assert "?" not in plain(text)
