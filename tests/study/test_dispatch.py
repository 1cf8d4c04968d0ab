from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_objective import EPOCHS, FakeObjective, waiting
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

from hpsearch.errors import DataError, HpsearchError, RecordError
from hpsearch.objectives.foreign_code import LONGEST_TRACEBACK
from hpsearch.study.checkpoint import read_state, weights_hash
from hpsearch.study.dispatch import TASKS_PER_WORKER, Block, Task, cut, one_blas_thread, run_task
from hpsearch.trial import Status, TrialRecord

HERE = Path("checkpoints")


def numbers(tasks: Sequence[Task]) -> list[list[int]]:
    return [[trial.number for trial in task.trials] for task in tasks]


class TestCut:
    @given(
        trials=st.lists(
            st.tuples(st.integers(0, 2), st.sampled_from([0.5, 1.0, 4.0]), st.integers(0, EPOCHS - 1)),
            min_size=1,
            max_size=25,
        ),
        jobs=st.integers(1, 5),
        largest=st.integers(1, 6),
    )
    def test_no_trial_is_lost_and_alike_ones_go_together_the_costliest_first(
        self, trials: list[tuple[int, float, int]], jobs: int, largest: int
    ) -> None:
        records = [
            waiting(number, {"group": group, "cost": cost}, done, f"file-{number}" if done else "")
            for number, (group, cost, done) in enumerate(trials)
        ]
        tasks = cut(FakeObjective(largest), records, jobs, HERE)
        assert sorted(number for task in numbers(tasks) for number in task) == list(range(len(trials)))
        assert len(tasks) >= min(TASKS_PER_WORKER * jobs, len(trials))
        costs = [
            sum(float(str(t.params["cost"])) * (task.until_epoch - task.epochs_done) for t in task.trials) for task in tasks
        ]
        assert costs == sorted(costs, reverse=True)
        assert len({task.result for task in tasks}) == len(tasks)
        for task in tasks:
            assert len(task.trials) <= largest
            assert {records[t.number].trial.params["group"] for t in task.trials} == {task.trials[0].params["group"]}
            assert {records[t.number].epochs_done for t in task.trials} == {task.epochs_done}
            assert task.checkpoints == tuple(records[t.number].checkpoint for t in task.trials)
            assert (task.until_epoch, task.directory) == (EPOCHS, HERE)

    def test_trials_of_one_cost_fill_populations_in_order(self) -> None:
        tasks = cut(FakeObjective(largest=3), [waiting(number) for number in range(8)], 1, HERE)
        assert numbers(tasks) == [[0, 1, 2], [3, 4, 5], [6, 7]]
        assert [task.result for task in tasks] == [f"trial-0000{n}-from-0000.npz" for n in (0, 3, 6)]

    def test_trials_of_like_cost_go_together(self) -> None:
        costs = [1.0, 9.0, 2.0, 8.0, 3.0, 7.0]
        records = [waiting(number, {"cost": cost}) for number, cost in enumerate(costs)]
        assert numbers(cut(FakeObjective(largest=3), records, 1, HERE)) == [[1, 3, 5], [0, 2, 4]]

    def test_the_largest_task_is_halved_until_every_worker_has_two(self) -> None:
        records = [waiting(number) for number in range(8)]
        assert numbers(cut(FakeObjective(largest=64), records, 1, HERE)) == [[0, 2, 4, 6], [1, 3, 5, 7]]
        assert numbers(cut(FakeObjective(largest=64), records, 2, HERE)) == [[0, 4], [1, 5], [2, 6], [3, 7]]
        assert len(cut(FakeObjective(largest=64), records, 8, HERE)) == 8

    def test_a_trial_that_has_come_further_costs_what_is_left(self) -> None:
        records = [waiting(0, {"cost": 3.0}, epochs_done=3, checkpoint="x"), waiting(1, {"cost": 1.0})]
        assert numbers(cut(FakeObjective(), records, 1, HERE)) == [[1], [0]]

    def test_trainings_with_other_seeds_are_other_tasks_with_files_of_their_own(self) -> None:
        """Of three leaders with two fresh seeds each, one half trained in its first."""
        records = [
            replace(waiting(number), trial=replace(waiting(number).trial, repetition=repetition))
            for number in range(3)
            for repetition in (1, 2)
        ]
        half = waiting(0, {}, 2, "half")
        records[0] = replace(half, trial=replace(half.trial, repetition=1))
        tasks = cut(FakeObjective(), records, 1, HERE)
        assert [(numbers([task]), {trial.repetition for trial in task.trials}) for task in tasks] == [
            ([[0, 1, 2]], {2}),
            ([[1, 2]], {1}),
            ([[0]], {1}),
        ]
        assert [task.result for task in tasks] == [
            "trial-00000-r2-from-0000.npz",
            "trial-00001-r1-from-0000.npz",
            "trial-00000-r1-from-0002.npz",
        ]

    def test_a_drivers_token_sets_its_files_apart(self) -> None:
        (task,) = cut(FakeObjective(), [waiting(0, {}, 2, "x")], 1, HERE, token="ab12")
        assert task.result == "trial-00000-from-0002-ab12.npz"

    def test_a_task_takes_its_workers_share_of_half_the_memory_at_most(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 10, "SC_PHYS_PAGES": 100}.__getitem__)
        records = [waiting(number) for number in range(12)]
        assert max(map(len, numbers(cut(FakeObjective(largest=12), records, 1, HERE)))) == 3
        assert max(map(len, numbers(cut(FakeObjective(largest=12), records, 2, HERE)))) == 2
        assert numbers(cut(FakeObjective(largest=12), records[:2], 100, HERE)) == [[0], [1]]


def task_of(folder: Path, *records: TrialRecord) -> Task:
    """Return the records as one task, whatever `cut` would make of them."""
    (task,) = cut(FakeObjective(len(records)), records[:1], 1, folder)
    checkpoints = tuple(record.checkpoint for record in records)
    return replace(task, trials=tuple(record.trial for record in records), checkpoints=checkpoints)


def results(blocks: Sequence[Block]) -> list[tuple[int, int, Status]]:
    return [(block.outcome.trial, block.outcome.epochs_done, block.outcome.status) for block in blocks]


class TestRunTask:
    def test_trials_come_back_as_blocks_in_their_order(self, tmp_path: Path) -> None:
        blocks = run_task(FakeObjective(), task_of(tmp_path, waiting(4), waiting(2)))
        assert results(blocks) == [(4, 4, Status.COMPLETE), (2, 4, Status.COMPLETE)]
        assert blocks[0].outcome.curves == {"validation_error": (1 / 5, 1 / 6, 1 / 7, 1 / 8)}
        assert {block.outcome.state is None for block in blocks} == {True}
        assert {(block.from_epoch, block.checkpoint, block.worker) for block in blocks} == {
            (0, "trial-00004-from-0000.npz", str(os.getpid()))
        }
        assert all(block.started_at <= block.finished_at for block in blocks)
        assert blocks[1].started_at[10:11] == "T"
        assert blocks[1].started_at.endswith("+00:00")

    def test_blocks_name_the_repetition(self, tmp_path: Path) -> None:
        records = [replace(waiting(n), trial=replace(waiting(n).trial, repetition=3)) for n in (4, 2)]
        blocks = run_task(FakeObjective(), task_of(tmp_path, *records))
        assert [(block.outcome.trial, block.repetition) for block in blocks] == [(4, 3), (2, 3)]
        assert {block.repetition for block in run_task(FakeObjective(), task_of(tmp_path, waiting(0)))} == {0}

    def test_the_hash_is_of_the_state_that_is_on_disk(self, tmp_path: Path) -> None:
        blocks = run_task(FakeObjective(), task_of(tmp_path, waiting(0), waiting(1)))
        for block in blocks:
            state = read_state(tmp_path / block.checkpoint, block.outcome.trial)
            assert state["sum"][0] == pytest.approx(sum(block.outcome.curves["validation_error"]))
            assert weights_hash(state) == block.weights

    def test_a_complete_trial_keeps_only_what_predicts(self, tmp_path: Path) -> None:
        task = task_of(tmp_path, waiting(0))
        run_task(FakeObjective(), replace(task, until_epoch=3))
        assert read_state(tmp_path / task.result, 0).keys() == {"sum", "training/epochs"}
        run_task(FakeObjective(), task)
        assert read_state(tmp_path / task.result, 0).keys() == {"sum"}

    def test_after_the_deadline_trials_come_back_waiting_and_go_on_to_the_same_end(self, tmp_path: Path) -> None:
        straight = run_task(FakeObjective(), task_of(tmp_path, waiting(0), waiting(3)))
        records, seen = [waiting(0), waiting(3)], []
        while records:
            blocks = run_task(FakeObjective(), replace(task_of(tmp_path, *records), seconds=-1))
            seen.append(results(blocks))
            records = [
                waiting(block.outcome.trial, epochs_done=block.outcome.epochs_done, checkpoint=block.checkpoint)
                for block in blocks
                if block.outcome.status is Status.WAITING
            ]
        assert seen == [[(n, e, Status.WAITING if e < 4 else Status.COMPLETE) for n in (0, 3)] for e in (1, 2, 3, 4)]
        assert [block.weights for block in blocks] == [block.weights for block in straight]
        assert [block.from_epoch for block in blocks] == [3, 3]

    def test_the_time_is_shared_by_cost(self, tmp_path: Path) -> None:
        cheap, dear = run_task(FakeObjective(), task_of(tmp_path, waiting(0), waiting(1, {"cost": 3.0})))
        assert dear.outcome.seconds == pytest.approx(3 * cheap.outcome.seconds)
        assert cheap.outcome.seconds > 0

    def test_a_trial_that_raises_fails_alone_with_the_end_of_its_traceback(self, tmp_path: Path) -> None:
        records = [waiting(0), waiting(1, {"raises": 2}), waiting(2)]
        blocks = run_task(FakeObjective(), task_of(tmp_path, *records))
        assert results(blocks) == [(0, 4, Status.COMPLETE), (1, 0, Status.FAILED), (2, 4, Status.COMPLETE)]
        reason = blocks[1].outcome.reason
        assert len(reason) <= LONGEST_TRACEBACK == 4000
        assert reason.endswith("very bad\n")
        assert (blocks[1].outcome.curves, blocks[1].weights, blocks[1].checkpoint) == ({}, "", "")
        together = run_task(FakeObjective(), task_of(tmp_path, records[0], records[2]))
        assert [block.weights for block in together] == [blocks[0].weights, blocks[2].weights]

    def test_a_trial_that_raises_later_keeps_the_age_it_had(self, tmp_path: Path) -> None:
        first = run_task(FakeObjective(), replace(task_of(tmp_path, waiting(1, {"raises": 2})), seconds=-1))
        begun = waiting(1, {"raises": 2}, 1, first[0].checkpoint)
        (block,) = run_task(FakeObjective(), task_of(tmp_path, begun))
        assert results([block]) == [(1, 1, Status.FAILED)]
        assert block.from_epoch == 1

    def test_a_state_that_is_not_as_old_as_the_record_says_is_not_trained_on(self, tmp_path: Path) -> None:
        (first,) = run_task(FakeObjective(), replace(task_of(tmp_path, waiting(0)), seconds=-1))
        with pytest.raises(RecordError, match="a state is not as old as the record says"):
            run_task(FakeObjective(), task_of(tmp_path, waiting(0, {}, 2, first.checkpoint)))

    def test_when_no_trial_has_a_state_there_is_no_file(self, tmp_path: Path) -> None:
        run_task(FakeObjective(), task_of(tmp_path, waiting(0, {"raises": 1})))
        assert list(tmp_path.iterdir()) == []

    def test_what_is_no_trials_fault_is_raised(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"rows\.csv: is missing"):
            run_task(FakeObjective(), task_of(tmp_path, waiting(0), waiting(1, {"data": "rows.csv"})))
        with pytest.raises(HpsearchError, match=r"lost\.npz: cannot be read"):
            run_task(FakeObjective(), task_of(tmp_path, waiting(0, {}, 2, "lost.npz")))


def test_one_blas_thread_is_one_thread_and_afterwards_as_many_as_before() -> None:
    def threads() -> set[int]:
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    with threadpool_limits(2):
        before = threads()
        with one_blas_thread():
            assert threads() <= {1}
        assert threads() == before


def test_the_fake_objective_depends_on_a_trials_own_arguments_only() -> None:
    one = FakeObjective().advance([waiting(3).trial], [None], 2, lambda: False)[0]
    many = FakeObjective().advance([waiting(n).trial for n in (1, 3, 4)], [None] * 3, 2, lambda: False)[1]
    assert one.state is not None
    assert many.state is not None
    assert one.curves == many.curves
    assert np.array_equal(one.state["sum"], many.state["sum"])
