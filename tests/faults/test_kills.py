"""Drivers and workers are killed at many instants; afterwards everything is as if nothing had happened."""

from __future__ import annotations

import random
import signal
import socket
from pathlib import Path

import pytest
from killed import Command, assert_same, directory, journal, run

CAMPAIGN = [pytest.param(seed, marks=pytest.mark.slow) for seed in range(30)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one job from start to finish in one go."""
    folder = tmp_path_factory.mktemp("whole")
    assert run(folder, "--jobs", "1").code == 0
    return folder


def test_a_driver_that_is_killed_again_and_again_comes_to_the_same_end(whole: Path, tmp_path: Path) -> None:
    total = len(journal(whole))
    for jobs, share in ((2, 0.15), (1, 0.5), (2, 0.85)):
        command = Command(tmp_path, "--jobs", str(jobs))
        assert command.reached(round(share * total))
        command.send(signal.SIGKILL)
        assert command.end().code == -signal.SIGKILL
        assert command.orphans() == []
    assert run(tmp_path, "--jobs", "1").code == 0
    assert_same(tmp_path, whole)


@pytest.mark.parametrize("seed", CAMPAIGN)
def test_a_driver_killed_at_a_random_instant(seed: int, whole: Path, tmp_path: Path) -> None:
    draw = random.Random(seed)
    command = Command(tmp_path, "--jobs", str(1 + seed % 2))
    assert command.reached(draw.randrange(len(journal(whole))))
    command.lasted(draw.uniform(0, 0.05))
    command.send(signal.SIGKILL)
    command.end()
    assert command.orphans() == []
    assert run(tmp_path, "--jobs", str(1 + seed // 2 % 2)).code == 0
    assert_same(tmp_path, whole)


def killing_workers(folder: Path, at: list[int], draw: random.Random) -> int:
    """Run to the end, killing a worker whenever the journal has so many lines; return how many were killed."""
    command, killed = Command(folder, "--jobs", "2"), 0
    for lines in at:
        if command.reached(lines):
            killed += command.kill_worker(draw.choice)
    assert command.end().code == 0
    assert command.orphans() == []
    return killed


def test_workers_that_are_killed_cost_nothing_but_time(whole: Path, tmp_path: Path) -> None:
    assert killing_workers(tmp_path, [8, 30], random.Random(0)) == 2
    assert_same(tmp_path, whole)


@pytest.mark.parametrize("seed", CAMPAIGN)
def test_a_worker_killed_at_a_random_instant(seed: int, whole: Path, tmp_path: Path) -> None:
    draw = random.Random(seed)
    killing_workers(tmp_path, [draw.randrange(4, len(journal(whole)))], draw)
    assert_same(tmp_path, whole)


@pytest.mark.parametrize("seed", [0, *CAMPAIGN[1:]])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_command_with_all_that_had_finished(
    number: signal.Signals, code: int, seed: int, whole: Path, tmp_path: Path
) -> None:
    draw = random.Random(seed)
    command = Command(tmp_path, "--jobs", str(1 + seed % 2))
    assert command.reached(draw.randrange(3, len(journal(whole)) - 3))
    command.send(number)
    ended = command.end()
    if ended.code:  # it may have finished just before
        assert ended.code == code
        assert "To go on: hpsearch run faults.yaml" in ended.err
        assert journal(tmp_path, "stop")[-1]["signal"] == number
    assert command.orphans() == []
    assert run(tmp_path, "--jobs", str(1 + seed // 2 % 2)).code == 0
    assert_same(tmp_path, whole)


@pytest.mark.parametrize("jobs", [1, *(pytest.param(1 + n % 2, marks=pytest.mark.slow) for n in range(20))])
def test_of_two_drivers_at_once_one_works_and_the_other_is_told_who_does(jobs: int, whole: Path, tmp_path: Path) -> None:
    both = [Command(tmp_path, "--jobs", str(jobs)) for _ in range(2)]
    ended = [command.end() for command in both]
    assert len(journal(tmp_path, "session")) == 1
    (session_of,) = {int((directory(tmp_path) / "lock").read_text().split()[1])} & {command.pid for command in both}
    for command, end in zip(both, ended, strict=True):
        if command.pid == session_of:
            assert end.code == 0
        elif end.code:
            holder = f"process {session_of} on {socket.gethostname()}"
            assert (end.code, end.err) == (2, f"error: {Path('runs/faults-001')} is being searched by {holder}\n")
        else:  # it came after the other had finished
            assert "has finished; it is shown" in end.err
    assert_same(tmp_path, whole)


@pytest.mark.parametrize("limit", [4_000, *(pytest.param(n, marks=pytest.mark.slow) for n in range(6_000, 40_000, 3_000))])
def test_a_file_that_may_not_grow_any_more_stops_the_run_and_loses_nothing(limit: int, whole: Path, tmp_path: Path) -> None:
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, -1)); "
    ended = Command(tmp_path, "--jobs", "1", before=limited).end()
    assert ended.code in (0, 4)
    assert "Traceback" not in ended.err
    assert "bug" not in ended.err
    if ended.code:
        assert str(directory(tmp_path).name) in ended.err
    assert run(tmp_path, "--jobs", "1").code == 0
    assert_same(tmp_path, whole)
