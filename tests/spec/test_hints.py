"""Every hint of the corpus that gives a line to write, or a `--set`, is followed to the letter: its mistake is then gone."""

from __future__ import annotations

import copy
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from test_golden import GOLDEN, SEPARATOR

from hpsearch.errors import Problem, SpecError
from hpsearch.spec.document import Document, KeyPath, dump, parse
from hpsearch.spec.load import load_spec
from hpsearch.spec.overrides import FILE, override

LINE = re.compile(r"write `(?P<key>[\w-]+): (?P<value>[^`]+)`(?: under `(?P<section>[\w.]+)`| at the (?P<top>top))?")
SET = re.compile(r"--set (?P<argument>'[^']+'|\S+)\Z")
NAMED = re.compile(r"write (?P<value>\[[^`]*\])\Z")


def spec_of(path: Path) -> tuple[str, list[str]]:
    """Return the spec of a golden file, and its overrides."""
    spec = path.read_text(encoding="utf-8").partition(SEPARATOR)[0] + "\n"
    command, spec = spec.split("\n", 1) if spec.startswith("$ ") else ("", spec)
    return spec, [word for word in shlex.split(command[2:]) if word != "--set"]


def problems_of(text: str, overrides: list[str]) -> list[Problem]:
    try:
        load_spec(text, "spec.yaml", overrides, Path("/specs"))
    except SpecError as error:
        return list(error.problems)
    return []


def document_of(text: str, overrides: list[str]) -> Document | None:
    try:
        document = parse(text, "spec.yaml")
        for argument in overrides:
            document = override(document, argument)
    except SpecError:
        return None
    return None if document.problems else document


def path_of(document: Document, problem: Problem) -> KeyPath:
    """Return the innermost path that stands where a problem is."""
    places = [*document.keys.items(), *document.values.items()]
    here = (problem.file, problem.line, problem.column)
    return max((path for path, place in places if (place.file, place.line, place.column) == here), key=len)


def at(plain: Any, path: KeyPath) -> Any:
    for key in path:
        plain = plain[key]
    return plain


def mended(plain: Any, blamed: KeyPath, hint: re.Match[str]) -> Any:
    """Return plain data in which the blamed entry, or the one of that name that holds it, is replaced by the line."""
    plain = copy.deepcopy(plain)
    names = [index for index, key in enumerate(blamed) if isinstance(key, str)]
    replaced = next((index for index in names if blamed[index] == hint["key"]), names[-1])
    home, old = at(plain, blamed[:replaced]), blamed[replaced]
    value = parse(f"v: {hint['value']}", "hint").plain["v"]
    if hint["section"] or hint["top"]:
        del home[old]
        home = plain
        for section in (hint["section"] or "").split(".") if hint["section"] else []:
            home = home.setdefault(section, {})
        home[hint["key"]] = value
        return plain
    order = [(hint["key"], value) if key == old else (key, kept) for key, kept in home.items()]
    home.clear()
    home.update(order)
    return plain


def in_its_list(plain: Any, blamed: KeyPath, value: Any) -> Any:
    """Return plain data in which the list that holds the blamed value is replaced."""
    plain = copy.deepcopy(plain)
    at(plain, blamed[:-2])[blamed[-2]] = value
    return plain


WRONG_IN_TWO_WAYS = ("function_is_a_word", "set_below_a_value")
"""Specs whose value is wrong itself, which can be told only once it stands in its place."""

CASES = [
    (path, index)
    for path in GOLDEN
    for index, problem in enumerate(problems_of(*spec_of(path)))
    if LINE.search(problem.hint) or SET.search(problem.hint) or NAMED.search(problem.hint)
    if document_of(*spec_of(path)) is not None or problem.file == FILE
    if "for example" not in problem.hint
]


@pytest.mark.parametrize(("path", "index"), CASES, ids=[f"{path.stem}-{index}" for path, index in CASES])
def test_a_hint_that_is_followed_ends_its_mistake(path: Path, index: int) -> None:
    text, overrides = spec_of(path)
    problem = problems_of(text, overrides)[index]
    if found := SET.search(problem.hint):
        left = problems_of(text, shlex.split(found["argument"]))
    else:
        document = document_of(text, overrides)
        assert document is not None
        blamed = path_of(document, problem)
        if line := LINE.search(problem.hint):
            plain = mended(document.plain, blamed, line)
        else:
            plain = in_its_list(document.plain, blamed, parse(f"v: {problem.hint[6:]}", "hint").plain["v"])
        left = problems_of(dump({key: value for key, value in plain.items() if value != {}}), [])
    assert problem.message not in [other.message for other in left]
    assert len(left) < len(problems_of(text, overrides)) or path.stem in WRONG_IN_TWO_WAYS


def test_there_are_many_hints_to_follow() -> None:
    assert len(CASES) >= 60


def test_a_key_below_an_option_is_told_once_however_often_it_is_set() -> None:
    text = "space:\n  learning_rate: {range: [1e-4, 1]}\n"
    columns = ["data.columns.a.b=number", "data.columns.a.c=ignore"]
    told = problems_of(text, ["search.trials.x=1", "search.trials.y=2", *columns])
    assert {problem.hint for problem in told} == {
        "a name with a dot stands in braces: --set 'data.columns={a.b: number}'",
        "write --set search.trials=1",
    }
