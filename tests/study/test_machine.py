from __future__ import annotations

import os
import platform
from pathlib import Path

import numpy as np
import pytest
from joblib.parallel import BACKENDS

from hpsearch.study.machine import machine_signs, memory_sign
from hpsearch.study.signs import Severity, Sign


def sign(runs: Path, about: str) -> Sign:
    (found,) = [sign for sign in machine_signs(runs) if sign.about == about]
    return found


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_versions_and_what_bits_depend_on_are_told(tmp_path: Path) -> None:
    assert sign(tmp_path, "NumPy").facts["version"] == np.__version__
    assert sign(tmp_path, "Python").facts["version"] == platform.python_version()
    blas = [sign for sign in machine_signs(tmp_path) if sign.about == "BLAS"]
    assert blas
    assert all(sign.text.endswith(f"threads: {sign.facts['num_threads']}; a worker runs one") for sign in blas)


def test_as_many_cores_are_told_as_there_will_be_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    assert sign(tmp_path, "cores").facts == {"usable": 1, "machine": os.cpu_count()}


@pytest.mark.parametrize("name", ["memory.max", "memory/memory.limit_in_bytes"])
def test_a_limit_of_memory_is_told_where_it_is_less_than_there_is(name: str, tmp_path: Path) -> None:
    write(tmp_path / name, "64000000\n")
    assert memory_sign(tmp_path).facts["limit"] == 64_000_000
    assert memory_sign(tmp_path).text.endswith(", limited to 64 MB here")
    write(tmp_path / name, f"{2**63 - 4096}\n")
    assert memory_sign(tmp_path).facts["limit"] is None
    assert memory_sign(tmp_path).facts["total"] > 0


def test_runs_are_counted_with_their_size_and_nothing_is_left_where_they_are_kept(tmp_path: Path) -> None:
    for name in ("a-001", "a-002"):
        write(tmp_path / name / "journal.jsonl", "x" * 600)
    found = sign(tmp_path, "runs")
    assert (found.facts["count"], found.facts["bytes"]) == (2, 1200)
    assert found.text == f"2 in {tmp_path} (1.2 kB)"
    assert sign(tmp_path, "keeping runs").text == f"files in {tmp_path} can be written, locked and synced"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-001", "a-002"]


def test_a_directory_that_is_not_there_yet_is_judged_by_where_it_would_be_and_not_made(tmp_path: Path) -> None:
    runs = tmp_path / "deep" / "runs"
    assert sign(runs, "keeping runs").text == f"files in {tmp_path} can be written, locked and synced"
    assert sign(runs, "runs").text == f"none in {runs}"
    assert sign(runs, "disk").facts["free"] > 0
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_place_for_runs(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = sign(tmp_path / "file", "keeping runs")
    assert (found.severity, found.text) == (Severity.NOTE, f"{tmp_path / 'file'} is no directory: no run can be kept")


@pytest.mark.parametrize(("call", "doing"), [("fcntl.flock", "locked"), ("os.fsync", "synced")])
def test_what_the_disk_cannot_do_is_told(call: str, doing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(f"hpsearch.study.machine.{call}", refused)
    found = sign(tmp_path, "keeping runs")
    assert (found.severity, found.facts) == (Severity.NOTE, {"fault": doing})
    assert found.text.startswith(f"files in {tmp_path} cannot be {doing}: Operation not supported; ")


def test_workers_are_processes_or_where_there_are_none_threads_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sign(tmp_path, "workers").facts["kind"] == "processes"
    monkeypatch.delitem(BACKENDS, "loky")
    assert "Python has no multiprocessing here" in sign(tmp_path, "workers").text
    monkeypatch.setenv("JOBLIB_MULTIPROCESSING", "0")
    found = sign(tmp_path, "workers")
    assert (found.severity, found.facts["kind"]) == (Severity.NOTE, "threads")
    assert "JOBLIB_MULTIPROCESSING=0" in found.text
