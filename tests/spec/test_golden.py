"""Every file in golden/ is a spec with its mistakes, a line of dashes, and what is said about them, to the letter.

A first line `$ --set a.b=value` gives overrides. To write the messages anew, for reading in the diff:

    UPDATE_GOLDEN=1 pytest tests/spec/test_golden.py
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from hpsearch.errors import SpecError
from hpsearch.spec.load import load_spec

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.txt"))
SEPARATOR = "\n----------\n"

SEVERAL = {
    "five_mistakes": 5,
    "several_in_one_choice": 3,
    "several_in_one_function": 7,
    "several_in_one_range": 5,
}
"""Files with several mistakes, all of them told: none hides another."""


def told_about(spec: str) -> SpecError:
    """Load a spec that must be wrong and return the error."""
    overrides = []
    if spec.startswith("$ "):
        command, spec = spec.split("\n", 1)
        overrides = [word for word in shlex.split(command[2:]) if word != "--set"]
    with pytest.raises(SpecError) as caught:
        load_spec(spec, "spec.yaml", overrides, Path("/specs"))
    return caught.value


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_mistakes_are_told_as_in_the_golden_file(path: Path) -> None:
    spec, _, expected = path.read_text(encoding="utf-8").partition(SEPARATOR)
    told = f"{told_about(spec + chr(10))}\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(spec + SEPARATOR + told, encoding="utf-8")
    else:
        assert told == expected


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_file_named_for_one_mistake_has_one_problem(path: Path) -> None:
    spec = path.read_text(encoding="utf-8").partition(SEPARATOR)[0]
    assert len(told_about(spec + "\n").problems) == SEVERAL.get(path.stem, 1)


def test_there_are_golden_files() -> None:
    assert len(GOLDEN) >= 25
