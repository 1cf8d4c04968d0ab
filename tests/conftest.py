"""What every test runs under: one BLAS thread, as training does; no disk to wait for, no chance; and the program."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from commands import SPEC, Command, Ended
from hypothesis import settings
from threadpoolctl import threadpool_limits

from hpsearch.cli.main import main

settings.register_profile("hpsearch", deadline=None, derandomize=True, max_examples=50)
settings.register_profile(
    "nightly", parent=settings.get_profile("hpsearch"), max_examples=1000, derandomize=False, print_blob=True
)
settings.load_profile("hpsearch")


@pytest.fixture(scope="session", autouse=True)
def one_blas_thread() -> Iterator[None]:
    """Two threads give other float32 bits than one."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session", autouse=True)
def no_disk_is_waited_for() -> Iterator[None]:
    """What is tested is the order of the writes, not that they last."""
    with patch.object(os, "fsync", lambda _: None):
        yield


def pytest_xdist_auto_num_workers() -> int:
    """One more than the cores that may be used, as some tests wait for a process."""
    usable = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return usable + 1


@pytest.fixture
def hpsearch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """The program, in an empty working directory that holds `tiny.yaml`."""
    monkeypatch.chdir(tmp_path)
    # readline, which pytest imports, exports the columns of its terminal.
    for variable in [name for name in os.environ if name.startswith("HPSEARCH_") or name == "COLUMNS"]:
        monkeypatch.delenv(variable)
    (tmp_path / "tiny.yaml").write_text(SPEC)

    def run(*arguments: str) -> Ended:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        captured = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, captured.out, captured.err)

    return run
