"""A disk that is full from some write on, and later is not: the command stops with what it had, and goes on from there."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from killed import PROGRAM, SMALL, assert_same, journal
from killed import run as command

sys.path.append(str(Path(__file__).parent.parent / "study"))

from studies import best, facts, make_staged, run, table, tasks_of

from hpsearch.errors import RecordError
from hpsearch.search.settings import Confirm
from hpsearch.study.runs import read_run


class FullDisk:
    """A disk that takes so many writes and syncs, half of the next write, and nothing more."""

    def __init__(self, left: int) -> None:
        self._left, self._write, self._halved = left, os.write, False

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the process write to this disk."""
        with patch.object(os, "write", self.write), patch.object(os, "fsync", self.sync):
            yield

    def write(self, descriptor: int, content: bytes) -> int:
        """Write, or find the disk full."""
        if self._left <= 0 and not self._halved:
            self._halved = True
            return self._write(descriptor, content[: len(content) // 2])
        self.sync(descriptor)
        return self._write(descriptor, content)

    def sync(self, _descriptor: int) -> None:
        """Find the disk full, if it is."""
        self._left -= 1
        if self._left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(("first", "step"), [(40, 160), pytest.param(0, 1, marks=pytest.mark.slow)])
def test_a_disk_that_is_full_at_any_write_stops_the_search_and_loses_nothing(first: int, step: int, tmp_path: Path) -> None:
    study = make_staged(tmp_path, trials=12, confirm=Confirm(leaders=2, seeds=1))
    with tasks_of(seconds=-1):
        whole = run(study, tmp_path / "whole")
        for writes in itertools.count(first, step):
            runs = tmp_path / f"runs-{writes}"
            stopped = ""
            with FullDisk(writes).in_place():
                try:
                    run(study, runs)
                except RecordError as error:
                    stopped = str(error)
            if not stopped:
                break
            assert "No space left on device" in stopped
            for path in runs.glob("blobs-*"):
                assert not [note for note in read_run(path).notes if "lost" in note]
            if not any(facts(path)[-1]["type"] == "finish" for path in runs.glob("blobs-*")):
                run(study, runs)
            (directory,) = runs.glob("blobs-*")
            assert table(directory) == table(whole), writes
            assert best(directory) == best(whole), writes
            assert len(facts(directory)) >= len(facts(whole)), writes
            shutil.rmtree(runs)
    assert writes > 100


MOUNTED = "mount -t tmpfs -o size={}k none runs && "
IN_A_NAMESPACE = ["unshare", "--map-root-user", "--mount", "sh", "-c"]


def can_mount(folder: Path) -> bool:
    """Whether this process may mount a file system of its own."""
    try:
        probe = subprocess.run(
            [*IN_A_NAMESPACE, f"mount -t tmpfs none '{folder}'"], capture_output=True, timeout=60, check=False
        )
    except FileNotFoundError:
        return False
    return probe.returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("kilobytes", [12, 24, 32, 40, 48])
def test_a_file_system_that_is_full_and_freed_makes_no_difference(kilobytes: int, tmp_path: Path) -> None:
    """The run is carried out of the file system, which is gone with its namespace, at the end."""
    if not can_mount(tmp_path):
        pytest.skip("this process may not mount a file system of its own (unshare --map-root-user --mount)")
    whole, small = tmp_path / "whole", tmp_path / "small"
    assert command(whole, "--jobs", "1", spec=SMALL).code == 0
    (small / "runs").mkdir(parents=True)
    (small / "faults.yaml").write_text(SMALL)
    script = (
        f"mount -t tmpfs -o size={kilobytes}k none runs || exit 99\n"
        '"$@" 2> first; echo $? > codes\n'
        "mount -o remount,size=9m runs || exit 99\n"
        '"$@" 2> second; echo $? >> codes\n'
        "cp -r runs out\n"
    )
    program = [sys.executable, "-c", PROGRAM, "run", "faults.yaml", "--jobs", "2"]
    subprocess.run([*IN_A_NAMESPACE, script, "sh", *program], cwd=small, capture_output=True, timeout=120, check=True)
    assert (small / "codes").read_text().split() == ["4", "0"]
    assert "No space left on device" in (small / "first").read_text()
    assert "Traceback" not in (small / "first").read_text() + (small / "second").read_text()
    (small / "runs").rmdir()
    (small / "out").rename(small / "runs")
    assert journal(small, "finish")
    assert_same(small, whole)
