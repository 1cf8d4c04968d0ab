"""A journal or curves that were cut at any byte, or hold a line that can't be read: the same results, or a clear refusal."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent / "study"))

from crashes import unsynced
from studies import best, interrupted, make_staged, run, table, tasks_of

from hpsearch.errors import RecordError
from hpsearch.search.settings import Confirm
from hpsearch.study.runs import read_run
from hpsearch.study.study_spec import StudySpec

FILES = ("journal.jsonl", "curves.jsonl")
DECISIONS = {"plan", "stage", "promote", "end", "confirm"}
GARBAGE = b"\x00 no record \xff"


@dataclass(frozen=True)
class Runs:
    """A study, the directory of its finished run, and that of one that was cut off after its first stage."""

    study: StudySpec
    finished: Path
    cut_off: Path

    def same_again(self, damaged: Path) -> None:
        """Check that the study comes to the same end when it goes on with a damaged run, whose record is whole then."""
        directory = run(self.study, damaged.parent)
        assert directory == damaged
        assert table(directory) == table(self.finished)
        assert best(directory) == best(self.finished)
        after = read_run(directory)
        assert (after.finished, after.lost) == (read_run(self.finished).finished, set())


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    folder = tmp_path_factory.mktemp("damaged")
    study = make_staged(folder, trials=12, confirm=Confirm(leaders=2, seeds=1))
    with unsynced(), tasks_of(seconds=-1):
        finished, cut_off = run(study, folder / "finished"), interrupted(study, folder / "cut-off", at=16)
        yield Runs(study, finished, cut_off)


def damaged(folder: Path, source: Path, name: str, content: bytes) -> Path:
    """Return a copy of a run with other content in one of its files."""
    shutil.copytree(source, folder / "runs" / source.name)
    (folder / "runs" / source.name / name).write_bytes(content)
    return folder / "runs" / source.name


def cuts(content: bytes) -> range:
    """Return the lengths that cut off a byte of the last two lines, and more."""
    return range(content.rindex(b"\n", 0, content.rindex(b"\n", 0, -1)) + 1, len(content))


@pytest.mark.parametrize("every", [151, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("which", ["finished", "cut_off"])
@pytest.mark.parametrize("name", FILES)
def test_a_record_cut_at_any_byte_of_its_last_lines_comes_to_the_same_end(
    name: str, which: str, every: int, runs: Runs, tmp_path: Path
) -> None:
    source: Path = getattr(runs, which)
    content = (source / name).read_bytes()
    for length in cuts(content)[::every]:
        runs.same_again(damaged(tmp_path / str(length), source, name, content[:length]))
        shutil.rmtree(tmp_path / str(length))


def lines_to_damage(content: bytes, all_of_them: bool) -> list[int]:
    """Return the numbers from 0 of all lines but the first, or of the first and the last of each kind."""
    kinds = [json.loads(line).get("type", "curves") for line in content.splitlines()]
    ends = {kinds.index(kind) for kind in kinds} | {len(kinds) - 1 - kinds[::-1].index(kind) for kind in kinds}
    return [number for number in range(1, len(kinds)) if all_of_them or number in ends]


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("which", ["finished", "cut_off"])
@pytest.mark.parametrize("name", FILES)
def test_a_line_that_cannot_be_read_is_made_good_or_refused(
    name: str, which: str, every: bool, runs: Runs, tmp_path: Path
) -> None:
    source: Path = getattr(runs, which)
    lines = (source / name).read_bytes().splitlines(keepends=True)
    for number in lines_to_damage(b"".join(lines), every):
        content = b"".join([*lines[:number], GARBAGE, b"\n", *lines[number + 1 :]])
        directory, told = (
            damaged(tmp_path / str(number), source, name, content),
            f"{name}:{number + 1}: not a record; skipped",
        )
        if json.loads(lines[number]).get("type") in DECISIONS and number + 1 < len(lines):
            with pytest.raises(RecordError) as raised:
                read_run(directory)
            assert str(raised.value) == (
                f"{directory / name}: a decision that later lines rely on is missing ({told}); "
                f"put the file back from a copy, or delete {directory} and search anew"
            )
        else:
            assert told in read_run(directory).notes
            runs.same_again(directory)


def test_a_start_that_cannot_be_read_is_no_run(runs: Runs, tmp_path: Path) -> None:
    _, rest = (runs.finished / FILES[0]).read_bytes().split(b"\n", 1)
    directory = damaged(tmp_path, runs.finished, FILES[0], GARBAGE + b"\n" + rest)
    with pytest.raises(RecordError, match="does not begin with a start record; this is not a run"):
        read_run(directory)
