"""A journal or curves that were cut at any byte, or hold a line that can't be read: the same results, or a clear refusal."""

from __future__ import annotations

import itertools
import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

sys.path.append(str(Path(__file__).parent.parent / "study"))

from studies import best, interrupted, journal, make_staged, make_study, run, table, tasks_of

from hpsearch.errors import RecordError
from hpsearch.search.settings import Confirm
from hpsearch.study import dispatch
from hpsearch.study.replay import is_decision
from hpsearch.study.runs import read_run
from hpsearch.study.study_spec import StudySpec

FILES = ("journal.jsonl", "curves.jsonl")
GARBAGE = b"\x00 no record \xff"


@dataclass(frozen=True)
class Case:
    """A run, finished or not, its study, and the table and the winner that the study comes to."""

    directory: Path
    study: StudySpec
    comes_to: tuple[list[dict[str, str]], dict[str, Any]]

    def same_again(self, damaged: Path) -> None:
        """Check that the study comes to the same end when it goes on with a damaged run, whose record is whole then."""
        directory = run(self.study, damaged.parent)
        assert directory == damaged
        assert (table(directory), best(directory)) == self.comes_to
        after = read_run(directory)
        assert (bool(after.finished), after.lost) == (True, set())


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Case]]:
    folder = tmp_path_factory.mktemp("damaged")
    study = make_staged(folder, trials=12, confirm=Confirm(leaders=2, seeds=1))
    with tasks_of(seconds=-1):
        finished, cut_off = run(study, folder / "finished"), interrupted(study, folder / "cut-off", at=16)
        comes_to = table(finished), best(finished)
        yield {
            "finished": Case(finished, study, comes_to),
            "cut_off": Case(cut_off, study, comes_to),
            "judged": judged(folder),
        }


def judged(folder: Path) -> Case:
    """Return a run in which the clock ended trials, and which went on after its end."""
    study = make_study(folder, trials=6)
    first = replace(study.search, trials=3, trial_seconds=0.9)
    looks = itertools.count()
    with patch.object(dispatch, "time", SimpleNamespace(monotonic=lambda: next(looks))):
        run(replace(study, search=first), folder / "judged")
    for search in (replace(study.search, target=1.0), study.search):
        directory = run(replace(study, search=search), folder / "judged")
    kinds = {line["type"] for line in journal(directory)}
    assert {"alone", "reopen", "end"} <= kinds
    assert {"timeout", "complete"} == {line["status"] for line in table(directory)}
    return Case(directory, study, (table(directory), best(directory)))


def damaged(folder: Path, source: Path, name: str, content: bytes) -> Path:
    """Return a copy of a run with other content in one of its files."""
    shutil.copytree(source, folder / "runs" / source.name)
    (folder / "runs" / source.name / name).write_bytes(content)
    return folder / "runs" / source.name


def cuts(content: bytes) -> range:
    """Return the lengths that cut off a byte of the last two lines, and more."""
    return range(content.rindex(b"\n", 0, content.rindex(b"\n", 0, -1)) + 1, len(content))


@pytest.mark.parametrize("every", [401, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("which", ["finished", "cut_off", "judged"])
@pytest.mark.parametrize("name", FILES)
def test_a_record_cut_at_any_byte_of_its_last_lines_comes_to_the_same_end(
    name: str, which: str, every: int, cases: dict[str, Case], tmp_path: Path
) -> None:
    case = cases[which]
    source = case.directory
    content = (source / name).read_bytes()
    for length in cuts(content)[::every]:
        case.same_again(damaged(tmp_path / str(length), source, name, content[:length]))
        shutil.rmtree(tmp_path / str(length))


def lines_to_damage(content: bytes, all_of_them: bool) -> list[int]:
    """Return the numbers from 0 of all lines but the first, or of the first and the last of each kind."""
    kinds = [json.loads(line).get("type", "curves") for line in content.splitlines()]
    ends = {kinds.index(kind) for kind in kinds} | {len(kinds) - 1 - kinds[::-1].index(kind) for kind in kinds}
    return [number for number in range(1, len(kinds)) if all_of_them or number in ends]


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("which", ["finished", "cut_off", "judged"])
@pytest.mark.parametrize("name", FILES)
def test_a_line_that_cannot_be_read_is_made_good_or_refused(
    name: str, which: str, every: bool, cases: dict[str, Case], tmp_path: Path
) -> None:
    case = cases[which]
    source = case.directory
    lines = (source / name).read_bytes().splitlines(keepends=True)
    for number in lines_to_damage(b"".join(lines), every):
        content = b"".join([*lines[:number], GARBAGE, b"\n", *lines[number + 1 :]])
        directory = damaged(tmp_path / str(number), source, name, content)
        told = f"{name}:{number + 1}: not a record; skipped"
        if name == "journal.jsonl" and is_decision(json.loads(lines[number])) and number + 1 < len(lines):
            with pytest.raises(RecordError) as raised:
                read_run(directory)
            assert str(raised.value) == (
                f"{directory / name}: a decision that later lines rely on is missing ({told}); "
                f"put the file back from a copy, or delete {directory} and search anew"
            )
        else:
            assert told in read_run(directory).notes
            case.same_again(directory)
