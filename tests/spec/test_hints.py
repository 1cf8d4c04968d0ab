"""Every hint of the corpus that gives a line to write, or a `--set`, is followed to the letter: its mistake is then gone."""

from __future__ import annotations

import copy
import re
import shlex
from dataclasses import MISSING
from pathlib import Path
from typing import Any

import pytest
from golden_specs import GOLDEN, problems_of, spec_of

from hpsearch.errors import Problem, SpecError
from hpsearch.options import defaults_of
from hpsearch.search.settings import EarlyStopping
from hpsearch.spec.declared import SECTIONS, Heading
from hpsearch.spec.document import Document, KeyPath, dump, parse
from hpsearch.spec.elsewhere import CALLED
from hpsearch.spec.overrides import FILE, override

LINE = re.compile(r"write `(?P<key>[\w-]+): (?P<value>[^`]+)`(?: under `(?P<section>[\w.]+)`| at the (?P<top>top))?")
SET = re.compile(r"--set (?P<argument>'[^']+'|\S+)\Z")
NAMED = re.compile(r"write (?P<value>\[[^`]*\])\Z")


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


def test_no_hint_to_follow_is_lost() -> None:
    assert len(CASES) == 104


VALUES = {
    name: value
    for declaration in (EarlyStopping, *SECTIONS.values(), Heading)
    for name, value in defaults_of(declaration).items()
    if value not in (None, MISSING)
} | {"name": "a", "target": "y", "group": "g", "task": "classification", "early_stopping": "off", "start": [{"l2": 1e-3}]}
"""A value that each key takes; those of sections and of functions have none."""


@pytest.mark.parametrize("section", ["", "data", "network", "search", "space"])
def test_a_key_by_another_name_loads_where_its_hint_puts_it(section: str) -> None:
    named = [(name, other) for name, others in CALLED.items() if name in VALUES for other in others.split()]
    for name, other in named:
        if not section and other == "seed":
            continue  # it is a key there
        searched = {"beta1": {"range": [0.8, 0.9]}} if name in ("l2", "learning_rate") else {"l2": {"range": [1e-6, 1e-2]}}
        plain: dict[str, Any] = {"space": searched}
        (plain.setdefault(section, {}) if section else plain)[other] = VALUES[name]
        (problem,) = problems_of(dump(plain), [])
        line = LINE.search(problem.hint)
        assert line, problem.hint
        left = mended(plain, (section, other) if section else (other,), line)
        assert problems_of(dump({key: value for key, value in left.items() if value != {}}), []) == []


def test_a_key_below_an_option_is_told_once_however_often_it_is_set() -> None:
    text = "space:\n  learning_rate: {range: [1e-4, 1]}\n"
    columns = ["data.columns.a.b=number", "data.columns.a.c=ignore"]
    told = problems_of(text, ["search.trials.x=1", "search.trials.y=2", *columns])
    assert {problem.hint for problem in told} == {
        "a name with a dot stands in braces: --set 'data.columns={a.b: number}'",
        "write --set search.trials=1",
    }
