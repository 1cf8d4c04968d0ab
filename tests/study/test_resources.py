"""What a process may take of its machine, and what it has taken."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hpsearch.study.resources import memory, peak_memory, total_memory


def test_the_most_that_was_held_counts_whether_it_was_given_back_or_not() -> None:
    before = peak_memory()
    np.ones(max(before, 100_000_000), np.uint8).sum()
    assert peak_memory() > before


def test_on_linux_it_is_what_the_process_itself_held(tmp_path: Path) -> None:
    status = tmp_path / "status"
    status.write_text("Name:\tpython\nVmPeak:\t  900 kB\nVmHWM:\t   123 kB\nVmRSS:\t  45 kB\n")
    assert peak_memory(status) == 123 * 1024


def test_elsewhere_the_operating_system_is_asked(tmp_path: Path) -> None:
    assert peak_memory(tmp_path / "none") > 0


def test_a_container_may_have_less_memory_than_its_machine(tmp_path: Path) -> None:
    assert memory(tmp_path) == total_memory()
    (tmp_path / "memory.max").write_text("1000\n")
    assert memory(tmp_path) == 1000
    (tmp_path / "memory.max").write_text("max\n")
    assert memory(tmp_path) == total_memory()
