"""What a process may take of its machine, and what it has taken."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hpsearch.study.resources import memory, peak_memory, total_memory

GROWING = """
from hpsearch.study.resources import peak_memory
before = peak_memory()
b"x" * int("50_000_000")
print(peak_memory() - before)
"""


def test_the_most_that_was_held_counts_though_it_was_given_back() -> None:
    """In a process of its own: this one may have held more before."""
    ended = subprocess.run([sys.executable, "-c", GROWING], capture_output=True, text=True, check=True)
    assert 40_000_000 < int(ended.stdout) < 100_000_000


def test_on_linux_it_is_what_the_process_itself_held(tmp_path: Path) -> None:
    status = tmp_path / "status"
    status.write_text("Name:\tpython\nVmPeak:\t  900 kB\nVmHWM:\t   123 kB\nVmRSS:\t  45 kB\n")
    assert peak_memory(status) == 123 * 1024


def test_elsewhere_the_operating_system_is_asked_and_answers_in_bytes(tmp_path: Path) -> None:
    assert 10_000_000 < peak_memory(tmp_path / "none") < 100_000_000_000


def test_a_container_may_have_less_memory_than_its_machine(tmp_path: Path) -> None:
    assert memory(tmp_path) == total_memory()
    (tmp_path / "memory.max").write_text("1000\n")
    assert memory(tmp_path) == 1000
    (tmp_path / "memory.max").write_text("max\n")
    assert memory(tmp_path) == total_memory()
