"""Every mistake that stands in golden/ is told the same when the key at fault is given by `--set`, at a place in there."""

import json
from pathlib import Path
from typing import Any

import pytest
from golden_specs import GOLDEN, spec_of

from hpsearch.errors import Problem, SpecError
from hpsearch.spec.document import Document, KeyPath, parse
from hpsearch.spec.load import load_spec

NOT_OF_ONE_KEY = (
    *("five_mistakes", "no_space", "function_of_no_space", "elsewhere_parameters"),
    *("several_in_one_choice", "several_in_one_function", "several_in_one_range", "several_in_a_renamed_section"),
    *("several_start_points", "space_with_dots"),
)
"""Files with several mistakes, or with one that is about what is missing from the file."""


def is_of_one_key(text: str) -> bool:
    """Whether a spec is a mapping, each of whose keys stands there once."""
    try:
        return not parse(text, "spec.yaml").problems
    except SpecError:
        return False


TEXTS = {
    path.stem: text
    for path in GOLDEN
    for text, overrides in [spec_of(path)]
    if not overrides and path.stem not in NOT_OF_ONE_KEY
}


def mistakes(text: str, *overrides: str) -> tuple[Problem, ...]:
    with pytest.raises(SpecError) as caught:
        load_spec(text, "spec.yaml", overrides, Path("/specs"))
    return caught.value.problems


def keys_to(document: Document, problem: Problem) -> list[str]:
    """Return the keys that lead to what a problem blames, as far as they are no indices."""
    places = [*document.values.items(), *document.keys.items()]
    blamed = [path for path, place in places if (place.line, place.column) == (problem.line, problem.column)]
    deepest: KeyPath = max(blamed, key=len)
    keys = list(deepest)
    return [str(key) for key in keys[: next((n for n, key in enumerate(keys) if isinstance(key, int)), len(keys))]]


def split(plain: Any, keys: list[str]) -> tuple[str, str]:
    """Return the spec without a key, and the override that sets it."""
    rest = json.loads(json.dumps(plain))
    holder = rest
    for key in keys[:-1]:
        holder = holder[key]
    value = holder.pop(keys[-1])
    return json.dumps(rest), f"{'.'.join(keys)}={json.dumps(value).replace('NaN', '.nan').replace('Infinity', '.inf')}"


@pytest.mark.parametrize("name", [name for name, text in TEXTS.items() if is_of_one_key(text)])
def test_a_mistake_is_told_at_its_place_in_the_override(name: str) -> None:
    (in_the_file,) = mistakes(TEXTS[name])
    document = parse(TEXTS[name], "spec.yaml")
    keys = keys_to(document, in_the_file)
    for depth in range(1, len(keys) + 1):
        rest, override = split(document.plain, keys[:depth])
        (problem,) = mistakes(rest, override)
        assert (problem.file, problem.line) == ("--set", 1)
        assert problem.message == in_the_file.message
        assert 1 <= problem.column <= len(override)
