"""Every file in golden/ is a spec with its mistakes, a line of dashes, and what is said about them, to the letter.

To write the messages anew, for reading in the diff:

    UPDATE_GOLDEN=1 pytest tests/spec/test_golden.py
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from golden_specs import GOLDEN, SEPARATOR, problems_of, spec_of

from hpsearch.errors import SpecError
from hpsearch.spec.load import load_spec

SEVERAL = {
    "five_mistakes": 5,
    "several_in_a_renamed_section": 4,
    "several_in_one_choice": 3,
    "several_in_one_function": 7,
    "several_in_one_range": 5,
    "several_start_points": 6,
}
"""Files with several mistakes, all of them told: none hides another."""

NUMBER = 303
"""How many files there are."""


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_mistakes_are_told_as_in_the_golden_file(path: Path) -> None:
    spec, _, expected = path.read_text(encoding="utf-8").partition(SEPARATOR)
    text, overrides = spec_of(path)
    with pytest.raises(SpecError) as caught:
        load_spec(text, "spec.yaml", overrides, Path("/specs"))
    told = f"{caught.value}\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(spec + SEPARATOR + told, encoding="utf-8")
    else:
        assert told == expected


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_file_named_for_one_mistake_has_one_problem(path: Path) -> None:
    assert len(problems_of(*spec_of(path))) == SEVERAL.get(path.stem, 1)


def test_no_golden_file_is_lost() -> None:
    assert len(GOLDEN) == NUMBER
