from __future__ import annotations

import hashlib
import json
import math
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hpsearch.errors import RecordError, UsageError
from hpsearch.objectives.objective import Assessment, Confusion
from hpsearch.search.plan import Done, Plan, Promote, Start
from hpsearch.study.confirmation import Retraining
from hpsearch.study.confusion import read_confusions
from hpsearch.study.dispatch import Block
from hpsearch.study.run_dir import RunDir
from hpsearch.study.runs import (
    choosing,
    find_run,
    locked,
    new_directory,
    read_run,
    remove_unbegun,
    run_directories,
)
from hpsearch.trial import Origin, Outcome, PriorTrial, Status, Trial

START: dict[str, Any] = {
    "identity": "abc",
    "metric": "validation_error",
    "column": "validation_error",
    "select": "last_epoch",
    "metrics": ["validation_error", "validation_loss", "train_loss"],
    "parameters": ["a"],
    "averaging": [],
    "at": "2026-11-21T10:00:00+00:00",
    "data": {"sha256": "hash", "fingerprint": "print", "notes": []},
    "environment": {},
}

GIVEN_UP = "trial-00007-from-0000-1f2e3d4c.npz"
"""The file of a task whose result nobody waited for."""


def numbered(runs: Path, name: str) -> Path:
    """Create the next directory of a name, as a process that is about to begin a run does."""
    with choosing(runs):
        return new_directory(runs, name)


def begin(runs: Path, name: str = "x", trials: int = 4, **facts: object) -> RunDir:
    """Begin a run of trials that wait to be trained until epoch 2."""
    run_dir = RunDir.create(numbered(runs, name), {"spec.yaml": "name: x\n"}, {**START, **facts})
    run_dir.write_plan(Plan((trials,), (2,)))
    run_dir.write_stage(Start(tuple(Trial(n, 0, (n / 8,), {"a": n + 0.5}) for n in range(trials)), 2))
    return run_dir


def block(
    run_dir: RunDir,
    trial: int,
    status: Status,
    value: float = 0.5,
    file: str = "",
    begin: int = 0,
    end: int = 2,
    repetition: int = 0,
) -> Block:
    """Return a block; its checkpoint is put on the disk."""
    if file:
        (run_dir.checkpoints / file).write_bytes(b"state")
    epochs = end - begin
    curves = dict.fromkeys(START["metrics"], (1.0,) * (epochs - 1) + (value,))
    outcome = Outcome(trial, end, curves, None, status, "why", 7, 0.25)
    return Block(outcome, begin, "hash", file, "begun", "ended", "4711", repetition)


def checkpoints(run_dir: RunDir) -> set[str]:
    return {path.name for path in run_dir.checkpoints.iterdir()}


class TestNumbers:
    def test_numbers_count_up_for_each_name(self, tmp_path: Path) -> None:
        names = [numbered(tmp_path / "runs", name).name for name in ("a", "a", "b", "a", "a-b")]
        assert names == ["a-001", "a-002", "b-001", "a-003", "a-b-001"]

    def test_a_number_never_comes_again_not_even_after_all_runs_were_deleted(self, tmp_path: Path) -> None:
        for number in (1, 2, 3):
            directory = numbered(tmp_path, "a")
            assert directory.name == f"a-00{number}"
            directory.rmdir()

    def test_directories_that_came_from_elsewhere_are_counted(self, tmp_path: Path) -> None:
        for name in ("a-007", "a-0x9", "a-b-020", "ab-030", f"a-{'9' * 200}"):
            (tmp_path / name).mkdir()
        assert numbered(tmp_path, "a").name == "a-008"

    def test_after_999_come_four_digits(self, tmp_path: Path) -> None:
        (tmp_path / "a-999").mkdir()
        assert [numbered(tmp_path, "a").name for _ in range(2)] == ["a-1000", "a-1001"]

    @pytest.mark.parametrize("content", ["", "many", "7\n8", "\udcff", "-3", "9" * 5000])
    def test_a_damaged_counter_counts_for_nothing(self, content: str, tmp_path: Path) -> None:
        (tmp_path / ".numbers").mkdir()
        (tmp_path / ".numbers" / "a").write_text(content, errors="surrogateescape")
        (tmp_path / "a-004").mkdir()
        assert numbered(tmp_path, "a").name == "a-005"

    def test_a_place_that_holds_no_runs_is_a_usage_error(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(UsageError, match=r"file: runs cannot be kept here: Not a directory$"):
            numbered(tmp_path / "file", "a")


class TestFindRun:
    @pytest.fixture
    def runs(self, tmp_path: Path) -> Path:
        """Four runs; b-001 was written last."""
        for name in ("digits", "digits", "digital", "b"):
            begin(tmp_path / "runs", name).close()
        for order, name in enumerate(("digits-002", "digital-001", "digits-001", "b-001")):
            os.utime(tmp_path / "runs" / name / "journal.jsonl", ns=(0, 10**9 * (order + 1)))
        return tmp_path / "runs"

    @pytest.mark.parametrize(
        ("given", "found"),
        [
            ("digits-001", "digits-001"),
            ("b", "b-001"),
            ("digita", "digital-001"),
            ("digits-002", "digits-002"),
            ("latest", "b-001"),
        ],
    )
    def test_a_run_is_found_by_its_name_a_unique_beginning_or_as_the_latest(
        self, given: str, found: str, runs: Path
    ) -> None:
        assert find_run(given, runs) == runs / found

    def test_a_directory_is_a_run_wherever_it_lies(self, runs: Path, tmp_path: Path) -> None:
        assert find_run(str(runs / "digits-001"), tmp_path / "elsewhere") == runs / "digits-001"

    def test_a_whole_name_counts_although_others_begin_with_it(self, runs: Path) -> None:
        (runs / "b-001").rename(runs / "digits-00")
        assert find_run("digits-00", runs).name == "digits-00"

    def test_a_beginning_of_several_names_is_refused_with_the_names(self, runs: Path) -> None:
        with pytest.raises(UsageError) as raised:
            find_run("digit", runs)
        assert str(raised.value) == "'digit' fits 3 runs: digital-001, digits-001, digits-002"

    @pytest.mark.parametrize("name", ["nothing", "igits-02", "digits-003", ""])
    def test_a_name_that_fits_none_is_refused_with_what_there_is(self, name: str, runs: Path) -> None:
        with pytest.raises(UsageError) as raised:
            find_run(name, runs)
        meant = "did you mean digits-002? " if "igits" in name else ""
        there = "b-001, digital-001, digits-001, digits-002"
        assert str(raised.value) == f"no run is called {name!r}\n      {meant}there are: {there}"

    def test_of_many_names_the_last_eight_are_listed_and_the_others_counted(self, tmp_path: Path) -> None:
        for _ in range(10):
            begin(tmp_path, "x").close()
        with pytest.raises(UsageError) as raised:
            find_run("x", tmp_path)
        assert str(raised.value) == f"'x' fits 10 runs: {', '.join(f'x-{number:03d}' for number in range(3, 11))} and 2 more"

    def test_where_there_are_no_runs_the_message_says_how_to_make_one(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"there are no runs in .*; `hpsearch run CONFIG` makes one"):
            find_run("latest", tmp_path)

    def test_only_directories_with_a_journal_are_runs(self, runs: Path) -> None:
        (runs / "a-001").mkdir()
        names = [path.name for path in run_directories(runs)]
        assert names == ["b-001", "digital-001", "digits-001", "digits-002"]
        assert run_directories(runs / "nowhere") == []


class TestUnbegun:
    def test_only_a_directory_in_which_no_run_began_is_removed(self, tmp_path: Path) -> None:
        begun, unbegun = begin(tmp_path), numbered(tmp_path, "x")
        (unbegun / "spec.yaml").write_text("")
        begun.close()
        remove_unbegun(begun.directory)
        remove_unbegun(unbegun)
        assert begun.directory.exists()
        assert not unbegun.exists()


class TestLock:
    def test_a_second_holder_is_told_the_process_and_the_host(self, tmp_path: Path) -> None:
        with locked(tmp_path):
            for _ in range(2):
                with pytest.raises(UsageError) as raised, locked(tmp_path):
                    pass
                holder = f"process {os.getpid()} on {socket.gethostname()}"
                assert str(raised.value) == f"{tmp_path} is being searched by {holder}"
        with locked(tmp_path):
            pass

    def test_the_lock_dies_with_its_holder(self, tmp_path: Path) -> None:
        program = (
            "import sys, pathlib\nfrom hpsearch.study.runs import locked\n"
            "with locked(pathlib.Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()"
        )
        command, pipe = [sys.executable, "-c", program, str(tmp_path)], subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            with pytest.raises(UsageError, match=f"process {holder.pid} on"), locked(tmp_path):
                pass
            holder.send_signal(signal.SIGKILL)
        with locked(tmp_path):
            assert (tmp_path / "lock").read_text().startswith(f"process {os.getpid()} on")


class TestRecord:
    def test_what_is_written_is_what_is_read(self, tmp_path: Path) -> None:
        run_dir = begin(tmp_path)
        run_dir.write_blocks([block(run_dir, 0, Status.COMPLETE, 0.25), block(run_dir, 2, Status.WAITING, end=1)])
        run_dir.write_promotion(Promote((2,), (), 9))
        part = Assessment({"error": 0.5, "loss": 1.5, "macro_f1": 0.25}, 3, Confusion(("a", "b"), ((1, 0), (2, 0))))
        run_dir.write_assessment(0, {"validation": part, "test": part})
        run_dir.write_finish("all trials are finished")
        run_dir.close()
        read = read_run(run_dir.directory)
        assert (read.history, read.test) == (run_dir.run.history, run_dir.run.test)
        assert read.finished == "", "a trial waits"
        assert read.test == {"error": 0.5, "loss": 1.5, "macro_f1": 0.25, "rows": 3}
        assert read_confusions(run_dir.directory, read) == {"validation": part.confusion, "test": part.confusion}
        assert (read.start, read.plan) == ({"v": 1, **run_dir.run.start}, run_dir.run.plan)
        assert (read.history[0].value, read.history[2].until_epoch, read.notes) == (0.25, 9, [])

    def test_a_value_that_is_no_finite_number_is_the_same_live_and_read_back(self, tmp_path: Path) -> None:
        run_dir = begin(tmp_path)
        run_dir.write_blocks([block(run_dir, 0, Status.DIVERGED, math.inf), block(run_dir, 1, Status.DIVERGED, math.nan)])
        run_dir.close()
        live = (run_dir.directory / "trials.csv").read_text()
        RunDir.open(run_dir.directory).close()
        assert (run_dir.directory / "trials.csv").read_text() == live
        assert live.splitlines()[1].startswith("0,0,0,diverged,,,,,2,1,0.5,")

    def test_the_journal_line_by_line(self, tmp_path: Path) -> None:
        run_dir = begin(tmp_path, trials=1)
        run_dir.write_blocks([block(run_dir, 0, Status.COMPLETE, 0.25)])
        run_dir.write_stop("interrupted", 15)
        run_dir.close()
        lines = (run_dir.directory / "journal.jsonl").read_text().splitlines()
        assert json.loads(lines[0]) == {"v": 1, "type": "start", "run": "x-001", **START}
        assert lines[1:] == [
            '{"v": 1, "type": "plan", "stages": [1], "rungs": [2], "factor": 3, "given": 0, "decisions": 0}',
            '{"v": 1, "type": "stage", "stage": 0, "until": 2, '
            '"trials": [{"trial": 0, "point": [0.0], "params": {"a": 0.5}}], "decisions": 1}',
            '{"v": 1, "type": "block", "trial": 0, "from": 0, "to": 2, "status": "complete", "value": 0.25, '
            '"selected": 2, "reason": "why", "size": 7, "weights": "hash", "checkpoint": "", "seconds": 0.25, '
            '"started_at": "begun", "finished_at": "ended", "worker": "4711", "decisions": 2}',
            '{"v": 1, "type": "stop", "reason": "interrupted", "signal": 15, "decisions": 2}',
        ]

    def test_the_decisions_line_by_line(self, tmp_path: Path) -> None:
        run_dir = begin(tmp_path, trials=3)
        written = len((run_dir.directory / "journal.jsonl").read_text().splitlines())
        near = Origin("elite", 2, "parent-001", ("a",), 0.125, logarithmic=True, before={"a": 0.5})
        trials = Trial(3, 1, (0.5,), {"a": 1.5}, near), Trial(4, 1, (0.25,), {"a": 2.5}, Origin("explorer"))
        prior = PriorTrial("parent-001", 2, (1.25,), (0.5, math.nan), Status.STOPPED)
        run_dir.write_prior([prior, PriorTrial("parent-001", 3, (0.5,), (0.25,), Status.COMPLETE, "elite")])
        run_dir.write_stage(Start(trials, 2))
        run_dir.write_blocks([block(run_dir, number, Status.WAITING, 0.1, end=2 - number) for number in (0, 1)])
        run_dir.write_promotion(Promote((0,), (1,), 9))
        run_dir.write_end(Done("the 2 h are over", 4))
        run_dir.write_confirm(Retraining((0,), 2), 9)
        run_dir.write_finish("the 2 h are over")
        run_dir.close()
        lines = (run_dir.directory / "journal.jsonl").read_text().splitlines()[written:]
        assert [line for line in lines if '"type": "block"' not in line] == [
            '{"v": 1, "type": "prior", "trials": '
            '[{"run": "parent-001", "trial": 2, "point": [1.25], "values": [0.5, null], "status": "stopped"}, '
            '{"run": "parent-001", "trial": 3, "point": [0.5], "values": [0.25], "status": "complete", '
            '"kind": "elite"}], "decisions": 2}',
            '{"v": 1, "type": "stage", "stage": 1, "until": 2, "trials": ['
            '{"trial": 3, "point": [0.5], "params": {"a": 1.5}, "origin": {"kind": "elite", "elite": 2, '
            '"run": "parent-001", "moved": ["a"], "before": {"a": 0.5}, "improvement": 0.125, "log": true}}, '
            '{"trial": 4, "point": [0.25], "params": {"a": 2.5}, "origin": {"kind": "explorer"}}], "decisions": 3}',
            '{"v": 1, "type": "promote", "trials": [0], "stopped": [1], "until": 9, "decisions": 4}',
            '{"v": 1, "type": "end", "reason": "the 2 h are over", "keep": 4, "stopped": [[0, 2], [2, 0], [3, 0]], '
            '"decisions": 5}',
            '{"v": 1, "type": "confirm", "trials": [0], "seeds": 2, "until": 9, "decisions": 6}',
            '{"v": 1, "type": "finish", "reason": "the 2 h are over", "decisions": 7}',
        ]
        read = read_run(run_dir.directory)
        assert read.history == run_dir.run.history
        assert (read.history[3].trial, sorted(read.history)) == (trials[0], [0, 1, 2, 3])
        assert [(r.status, r.reason, r.until_epoch) for r in read.history.values()] == [
            (Status.STOPPED, "the 2 h are over", 2),
            (Status.STOPPED, "not among the best third of its stage after 2 epochs", 2),
            (Status.STOPPED, "the 2 h are over", 0),
            (Status.STOPPED, "the 2 h are over", 0),
        ]
        assert (read.prior[0].run, read.prior[0].point, read.prior[0].status) == ("parent-001", (1.25,), Status.STOPPED)
        assert read.prior[0].values[0] == 0.5
        assert math.isnan(read.prior[0].values[1])
        assert [known.kind for known in read.prior] == ["", "elite"]

    def test_the_curves_have_one_line_for_each_block_synced_before_the_blocks(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run_dir = begin(tmp_path, trials=2)
        synced: list[list[int]] = []
        files = [run_dir.directory / name for name in ("curves.jsonl", "journal.jsonl")]
        monkeypatch.setattr(os, "fsync", lambda _: synced.append([path.read_text().count("\n") for path in files]))
        run_dir.write_blocks([block(run_dir, 0, Status.COMPLETE, 0.25), block(run_dir, 1, Status.WAITING, 0.75, end=1)])
        run_dir.close()
        assert synced[:4] == [[1, 3], [1, 4], [2, 4], [2, 5]]
        assert (run_dir.directory / "curves.jsonl").read_text() == (
            '{"v": 1, "trial": 0, "from": 0, "to": 2, "curves": '
            '{"validation_error": [1.0, 0.25], "validation_loss": [1.0, 0.25], "train_loss": [1.0, 0.25]}}\n'
            '{"v": 1, "trial": 1, "from": 0, "to": 1, "curves": '
            '{"validation_error": [0.75], "validation_loss": [0.75], "train_loss": [0.75]}}\n'
        )

    def test_blocks_return_their_trials_as_they_now_stand(self, tmp_path: Path) -> None:
        run_dir = begin(tmp_path)
        records = run_dir.write_blocks([block(run_dir, 3, Status.COMPLETE), block(run_dir, 1, Status.WAITING, end=1)])
        run_dir.close()
        assert [(r.number, r.status, r.epochs_done) for r in records] == [(3, Status.COMPLETE, 2), (1, Status.WAITING, 1)]

    def test_the_texts_are_kept_and_kept_anew_when_a_run_goes_on(self, tmp_path: Path) -> None:
        run_dir = begin(tmp_path)
        run_dir.close()
        assert (run_dir.directory / "spec.yaml").read_text() == "name: x\n"
        again = RunDir.open(run_dir.directory)
        again.write_texts({"spec.yaml": "name: x  # more trials\n"})
        again.close()
        assert (run_dir.directory / "spec.yaml").read_text() == "name: x  # more trials\n"

    def test_lines_that_are_no_records_are_noted(self, tmp_path: Path) -> None:
        run_dir = begin(tmp_path)
        run_dir.close()
        for name in ("journal.jsonl", "curves.jsonl"):
            path = run_dir.directory / name
            path.write_text(path.read_text() + "garbage\n{")
        assert read_run(run_dir.directory).notes == [
            "journal.jsonl: the last line is not complete and was skipped",
            "journal.jsonl:4: not a record; skipped",
            "curves.jsonl: the last line is not complete and was skipped",
            "curves.jsonl:1: not a record; skipped",
        ]

    def test_a_renamed_directory_is_a_run_of_its_new_name(self, tmp_path: Path) -> None:
        run_dir = begin(tmp_path)
        run_dir.close()
        assert read_run(run_dir.directory.rename(tmp_path / "kept")).name == "kept"

    def test_a_directory_that_is_no_run_is_a_record_error(self, tmp_path: Path) -> None:
        with pytest.raises(RecordError, match="does not begin with a start record; this is not a run"):
            read_run(tmp_path)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("metric", None),
            ("metric", "speed"),
            ("metric", []),
            ("select", None),
            ("metrics", 5),
            ("data", []),
            ("at", None),
            ("identity", 1),
        ],
    )
    def test_a_start_record_that_lacks_what_it_should_hold_is_a_record_error(
        self, name: str, value: object, tmp_path: Path
    ) -> None:
        run_dir = begin(tmp_path)
        run_dir.close()
        path = run_dir.directory / "journal.jsonl"
        first, *others = path.read_text().splitlines(keepends=True)
        path.write_text(json.dumps({**json.loads(first), name: value}) + "\n" + "".join(others))
        with pytest.raises(RecordError, match=rf"journal\.jsonl: the start record holds nothing usable as {name}$"):
            read_run(run_dir.directory)

    def test_runs_are_in_the_order_of_their_numbers(self, tmp_path: Path) -> None:
        for name in ("s-1000", "s-999", "s-b-2", "s-b-10", "a"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "journal.jsonl").touch()
        assert [path.name for path in run_directories(tmp_path)] == ["a", "s-999", "s-1000", "s-b-2", "s-b-10"]

    @pytest.mark.parametrize(
        "damage",
        [
            "",
            '{"v": 1}\n',
            "[" * 100_000 + "\n",
            '{"v": 1, "trial": 0, "from": 0, "to": 2, "curves": 5}\n',
            '{"v": 1, "trial": 0, "from": 0, "to": 2, "curves": {"validation_error": [1, 2]}}\n',
            '{"v": 1, "trial": 0, "from": 0, "to": "two", "curves": {}}\n',
        ],
    )
    def test_a_trial_whose_curves_are_lost_counts_as_not_trained_and_is_noted(self, damage: str, tmp_path: Path) -> None:
        run_dir = begin(tmp_path)
        run_dir.write_blocks([block(run_dir, 0, Status.COMPLETE, 0.1), block(run_dir, 1, Status.COMPLETE, 0.2)])
        run_dir.close()
        curves = run_dir.directory / "curves.jsonl"
        curves.write_text(damage + curves.read_text().splitlines(keepends=True)[1])
        read = read_run(run_dir.directory)
        assert (read.history[0].status, read.history[0].epochs_done) == (Status.WAITING, 0)
        assert read.incumbent is read.history[1]
        assert read.notes[-1] == (
            "curves.jsonl: curves are missing or damaged; from there on they count as not trained: trials 0"
        )

    def test_a_record_that_lacks_what_it_should_hold_is_a_record_error(self, tmp_path: Path) -> None:
        run_dir = begin(tmp_path)
        run_dir.close()
        with (run_dir.directory / "journal.jsonl").open("a") as file:
            file.write('{"v": 1, "type": "block", "trial": 0}\n')
        with pytest.raises(RecordError, match="a record lacks what it should hold: KeyError"):
            read_run(run_dir.directory)


class TestCheckpoints:
    def test_states_are_kept_for_waiting_trials_and_for_the_five_leaders(self, tmp_path: Path) -> None:
        run_dir = begin(tmp_path, trials=8)
        for number, value in enumerate([0.5, 0.4, 0.3, 0.2, 0.1]):
            run_dir.write_blocks([block(run_dir, number, Status.COMPLETE, value, f"{number}")])
        run_dir.write_blocks(
            [block(run_dir, 5, Status.COMPLETE, 0.6, "pair"), block(run_dir, 6, Status.WAITING, 0.9, "pair", end=1)]
        )
        assert checkpoints(run_dir) == {"0", "1", "2", "3", "4", "pair"}
        run_dir.write_blocks([block(run_dir, 6, Status.COMPLETE, 0.35, "6", begin=1)])
        assert checkpoints(run_dir) == {"1", "2", "3", "4", "6"}
        run_dir.write_blocks([block(run_dir, 7, Status.DIVERGED, 0.01)])
        assert checkpoints(run_dir) == {"1", "2", "3", "4", "6"}
        run_dir.close()

    def test_a_promotion_lets_go_of_the_states_of_those_that_stop(self, tmp_path: Path) -> None:
        run_dir = begin(tmp_path)
        run_dir.write_blocks([block(run_dir, number, Status.WAITING, 0.1 * number, f"{number}") for number in range(4)])
        run_dir.write_promotion(Promote((0, 1), (2, 3), 9))
        assert checkpoints(run_dir) == {"0", "1"}
        run_dir.close()

    def test_the_end_lets_go_of_the_states_of_what_it_drops_and_keeps_those_of_what_it_stopped(self, tmp_path: Path) -> None:
        run_dir = begin(tmp_path)
        run_dir.write_blocks([block(run_dir, 0, Status.COMPLETE, 0.5, "0"), block(run_dir, 3, Status.COMPLETE, 0.1, "3")])
        run_dir.write_blocks([block(run_dir, 1, Status.WAITING, 0.5, "1", end=1)])
        run_dir.write_end(Done("the target is reached", 3))
        assert checkpoints(run_dir) == {"0", "1"}
        run_dir.close()

    def test_the_states_of_the_confirmed_leaders_are_kept_and_those_of_their_trainings_are_not(self, tmp_path: Path) -> None:
        run_dir = begin(tmp_path, trials=7)
        for number in range(7):
            run_dir.write_blocks([block(run_dir, number, Status.COMPLETE, 0.1 * number, f"{number}")])
        assert checkpoints(run_dir) == {"0", "1", "2", "3", "4"}
        run_dir.write_end(Done("all trials are finished", 7))
        run_dir.write_confirm(Retraining((0,), 2), 2)
        run_dir.write_blocks([block(run_dir, 0, Status.WAITING, file="again", end=1, repetition=2)])
        assert checkpoints(run_dir) == {"0", "1", "2", "3", "4", "again"}
        (run_dir.checkpoints / GIVEN_UP).write_bytes(b"by a task whose result nobody waited for")
        run_dir.write_blocks([block(run_dir, 0, Status.COMPLETE, 0.25, "end", begin=1, repetition=2)])
        run_dir.write_blocks([block(run_dir, 0, Status.COMPLETE, 0.35, "first", repetition=1)])
        assert run_dir.run.confirmation is not None
        assert run_dir.run.confirmation.winner.fresh == (0.35, 0.25)
        assert checkpoints(run_dir) == {"0", "1", "2", "3", "4", GIVEN_UP}
        run_dir.write_finish("all trials are finished")
        assert checkpoints(run_dir) == {"0", "1", "2", "3", "4"}
        run_dir.close()

    def test_a_state_gives_way_to_the_next_of_the_same_trial(self, tmp_path: Path) -> None:
        run_dir = begin(tmp_path, trials=1)
        run_dir.write_blocks([block(run_dir, 0, Status.WAITING, file="a", end=1)])
        run_dir.write_blocks([block(run_dir, 0, Status.COMPLETE, file="b", begin=1)])
        run_dir.close()
        assert checkpoints(run_dir) == {"b"}

    def test_a_run_that_goes_on_drops_the_states_that_never_came_to_the_journal(self, tmp_path: Path) -> None:
        run_dir = begin(tmp_path)
        run_dir.write_blocks([block(run_dir, 0, Status.WAITING, file="a", end=1)])
        run_dir.close()
        for name in (GIVEN_UP, f".{GIVEN_UP}.4711"):
            (run_dir.checkpoints / name).write_bytes(b"torn")
        RunDir.open(run_dir.directory).close()
        assert checkpoints(run_dir) == {"a"}

    def test_a_trial_whose_state_is_not_the_recorded_one_begins_again(self, tmp_path: Path) -> None:
        run_dir = begin(tmp_path)
        run_dir.write_blocks(
            [block(run_dir, 0, Status.COMPLETE, 0.1, "a"), block(run_dir, 1, Status.WAITING, 0.5, "b", end=1)]
        )
        run_dir.close()
        again = RunDir.open(run_dir.directory)
        again.restart_lost()
        again.close()
        read = read_run(run_dir.directory)
        for run in (again.run, read):
            assert {(r.status, r.epochs_done, r.checkpoint) for r in run.history.values()} == {(Status.WAITING, 0, "")}
        assert again.run.notes == ["trained again, as their curves or states were lost: trials 0, 1"]

    def test_the_model_is_a_plain_description_beside_its_arrays(self, tmp_path: Path) -> None:
        run_dir = begin(tmp_path)
        run_dir.write_model({"format": 2, "trial": 0, "settings": {"l2": 0.5}, "labels": ("ä", "b")}, {})
        run_dir.close()
        assert sorted(path.name for path in (run_dir.directory / "models").iterdir()) == ["model.json", "model.npz"]
        text = (run_dir.directory / "models" / "model.json").read_text()
        digest = hashlib.sha256((run_dir.directory / "models" / "model.npz").read_bytes()).hexdigest()
        model = {
            "format": 2,
            "arrays": "model.npz",
            "arrays_sha256": digest,
            "trial": 0,
            "settings": {"l2": 0.5},
            "labels": ["ä", "b"],
        }
        assert json.loads(text) == model
        assert "ä" in text


def test_without_a_complete_trial_there_is_no_best_json(tmp_path: Path) -> None:
    run_dir = begin(tmp_path)
    run_dir.write_blocks([block(run_dir, 0, Status.DIVERGED)])
    run_dir.close()
    assert (run_dir.directory / "trials.csv").read_text().count("\n") == 5
    assert not (run_dir.directory / "best.json").exists()
