from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import pytest
from fake_objective import FakeObjective, waiting

from hpsearch.errors import DataError
from hpsearch.study.dispatch import Block, cut
from hpsearch.study.workers import Workers
from hpsearch.trial import Status, TrialRecord


def results(blocks: Sequence[Block]) -> list[tuple[int, int, Status]]:
    return [(block.outcome.trial, block.outcome.epochs_done, block.outcome.status) for block in blocks]


def outcomes(folder: Path, jobs: int, records: Sequence[TrialRecord], told: list[str] | None = None) -> dict[int, Any]:
    """Run records on workers; return what must not depend on them, by trial."""
    folder.mkdir()
    objective, tell = FakeObjective(graves=folder), (told if told is not None else []).append
    blocks = [block for task in Workers(objective, jobs, tell).run(cut(objective, records, jobs, folder)) for block in task]
    return {
        block.outcome.trial: (replace(block.outcome, seconds=0.0, reason=""), block.from_epoch, block.weights)
        for block in blocks
    }


class TestWorkers:
    def test_two_workers_give_what_one_job_in_this_process_gives(self, tmp_path: Path) -> None:
        records = [waiting(n, {"cost": 1.0 + n % 3, "group": n % 2, "raises": 2 if n == 5 else 0}) for n in range(9)]
        alone = outcomes(tmp_path / "alone", 1, records)
        assert alone == outcomes(tmp_path / "together", 2, records)
        assert sorted(alone) == list(range(9))
        assert [number for number, (outcome, _, _) in alone.items() if outcome.status is Status.FAILED] == [5]
        missing = [*records, waiting(9, {"data": "rows.csv"})]
        for jobs in (1, 2):
            with pytest.raises(DataError, match=r"rows\.csv: is missing"):
                outcomes(tmp_path / f"missing-{jobs}", jobs, missing)

    def test_a_ctrl_c_on_the_terminal_is_kept_from_workers_from_their_first_moment(self, tmp_path: Path) -> None:
        """In a process of its own, whose first workers these are."""
        program = (
            "import pathlib, sys\nfrom fake_objective import SignalsObjective, waiting\n"
            "from hpsearch.study.dispatch import cut\nfrom hpsearch.study.workers import Workers\n"
            "tested = SignalsObjective()\n"
            "(blocks,) = Workers(tested, 2).run(cut(tested, [waiting(0)], 2, pathlib.Path(sys.argv[1])))\n"
            "print(blocks[0].outcome.reason.splitlines()[-1], '; here', tested.kept_back())"
        )
        command = [sys.executable, "-c", program, str(tmp_path)]
        done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
        assert done.stdout == "RuntimeError: kept back [2] ; here []\n"

    def test_without_processes_joblibs_warning_is_kept_back(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(joblib._parallel_backends, "mp", None)
        records = [waiting(0), waiting(1)]
        assert sorted(outcomes(tmp_path / "threads", 2, records)) == [0, 1]

    def test_one_job_trains_a_task_only_when_its_result_is_asked_for(self, tmp_path: Path) -> None:
        finished = Workers(FakeObjective(1), 1).run(cut(FakeObjective(1), [waiting(0), waiting(1)], 1, tmp_path))
        assert list(tmp_path.iterdir()) == []
        assert results(next(finished)) == [(0, 4, Status.COMPLETE)]
        assert [path.name for path in tmp_path.iterdir()] == ["trial-00000-from-0000.npz"]


class TestDeaths:
    """Worker processes are killed while they train."""

    def test_a_process_that_is_killed_once_or_twice_costs_nothing_but_time(self, tmp_path: Path) -> None:
        calm = [waiting(number) for number in range(9)]
        expected = outcomes(tmp_path / "calm", 1, calm)
        deadly = [waiting(number, {"kills": {4: 2, 7: 1}.get(number, 0)}) for number in range(9)]
        told: list[str] = []
        assert outcomes(tmp_path / "deadly", 2, deadly, told) == expected
        assert told[0].startswith("a worker process died (SIGKILL(-9): killed, perhaps for want of memory); the ")

    def test_a_trial_whose_process_died_three_times_has_crashed_and_the_others_go_on(self, tmp_path: Path) -> None:
        records = [waiting(number, {"kills": 99 * (number == 4)}) for number in range(9)]
        told: list[str] = []
        found = outcomes(tmp_path / "found", 2, records, told)
        assert [number for number, (outcome, _, _) in found.items() if outcome.status is Status.CRASHED] == [4]
        assert sorted(found) == list(range(9))
        assert len(list((tmp_path / "found").glob("4-*"))) == 3
        reason = "its worker process died 3 times (SIGKILL(-9): killed, perhaps for want of memory)"
        assert told[-1] == f"trial 4 crashed: {reason}"

    def test_a_crash_keeps_the_epochs_that_are_on_record_and_says_why(self, tmp_path: Path) -> None:
        tmp_path.joinpath("begun").mkdir()
        records = [waiting(0, {"kills": 99})]
        workers = Workers(FakeObjective(graves=tmp_path), 2)
        ((block,),) = workers.run(cut(FakeObjective(), records, 2, tmp_path))
        assert (block.outcome.status, block.outcome.epochs_done, block.from_epoch) == (Status.CRASHED, 0, 0)
        assert (block.checkpoint, block.outcome.curves) == ("", {})
        assert block.outcome.reason.startswith("its worker process died 3 times")

    def test_where_nobody_is_at_fault_by_itself_fewer_workers_go_on(self, tmp_path: Path) -> None:
        records = [waiting(number, {"kills": int(number == 0)}) for number in range(40)]
        told: list[str] = []
        assert sorted(outcomes(tmp_path / "found", 4, records, told)) == list(range(40))
        assert told[1] == "none of them is at fault by itself: going on with 2 workers for now"
