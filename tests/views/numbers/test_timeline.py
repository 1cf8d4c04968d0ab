from dataclasses import replace

import pytest
from recorded import recorded_run, recorded_search

from hpsearch.study.record import RunRecord, Span
from hpsearch.views.numbers.timeline import Lane, Task, Timeline, shares, timeline

DAY = "2026-11-21T"


def run_of(sessions: list[tuple[str, float]], *spans: tuple[int, str, str, str]) -> RunRecord:
    """Return a run whose commands began at these times of a day, with spans of an epoch: (trial, worker, begin, end)."""
    run = recorded_run()
    run.sessions = [(f"{DAY}{at}.000+00:00", seconds) for at, seconds in sessions]
    times = ((trial, worker, f"{DAY}{begin}.000+00:00", f"{DAY}{end}.000+00:00") for trial, worker, begin, end in spans)
    run.spans = [Span(trial, 0, 0, 1, worker, begin, end) for trial, worker, begin, end in times]
    return run


def test_a_worker_is_a_lane_of_what_it_trained_in_one_go() -> None:
    line = timeline(
        run_of(
            [("10:00:00", 10.0)],
            (1, "7", "10:00:01", "10:00:03"),
            (0, "7", "10:00:01", "10:00:03"),
            (2, "8", "10:00:02", "10:00:10"),
            (3, "7", "10:00:03", "10:00:06"),
        )
    )
    assert [[(task.trials, task.epochs, task.begin, task.end) for task in lane.tasks] for lane in line.lanes] == [
        [((0, 1), 2, 1.0, 3.0), ((3,), 1, 3.0, 6.0)],
        [((2,), 1, 2.0, 10.0)],
    ]
    assert [lane.busy for lane in line.lanes] == [0.5, 0.8]
    assert line.busy == pytest.approx(0.65)
    assert (line.seconds, line.begins) == (10.0, (0.0,))


def test_the_pause_between_two_commands_is_left_out_and_new_processes_take_the_places_of_old_ones() -> None:
    line = timeline(
        run_of(
            [("10:00:00", 4.0), ("12:00:00", 6.0)],
            (0, "7", "10:00:00", "10:00:04"),
            (1, "8", "10:00:01", "10:00:04"),
            (2, "9", "12:00:00", "12:00:06"),
            (3, "7", "12:00:01", "12:00:02"),
        )
    )
    assert [[(task.worker, task.begin, task.end) for task in lane.tasks] for lane in line.lanes] == [
        [("7", 0.0, 4.0), ("9", 4.0, 10.0)],
        [("8", 1.0, 4.0), ("7", 5.0, 6.0)],
    ]
    assert line.begins == (0.0, 4.0)
    assert line.lanes[0].busy == 1.0


def test_tasks_of_threads_in_one_process_lie_in_lanes_of_their_own() -> None:
    run = run_of([("10:00:00", 4.0)], (0, "7", "10:00:00", "10:00:03"), (1, "7", "10:00:01", "10:00:04"))
    assert [[task.trials for task in lane.tasks] for lane in timeline(run).lanes] == [[(0,)], [(1,)]]


def test_trainings_with_fresh_seeds_are_tasks_too() -> None:
    run = recorded_search()
    run.sessions = [(run.start["at"], 1.0)]
    (lane,) = timeline(run).lanes[:1]
    assert {task.repetition for one in timeline(run).lanes for task in one.tasks} == {0, 1, 2, 3}
    assert lane.tasks[0].seconds == 1.0


def test_without_a_time_at_which_a_command_began_there_is_nothing_to_tell() -> None:
    assert timeline(recorded_run()) == Timeline((), 0.0, ())
    assert Timeline((), 0.0, ()).busy == 0.0


def test_a_search_of_no_time_at_all_is_no_mistake() -> None:
    line = timeline(run_of([("10:00:00", 0.0)], (0, "7", "10:00:00", "10:00:00")))
    assert [lane.busy for lane in line.lanes] == [0.0]
    assert shares(line.lanes[0], 0.0, 3) == [0.0] * 3


def test_the_shares_of_a_lane_add_up_to_the_time_of_its_tasks() -> None:
    tasks = (Task("7", (0,), 0, 1, 1.0, 3.0), Task("7", (1,), 0, 1, 3.5, 8.0))
    assert shares(Lane(tasks, 0.0), 8.0, 4) == pytest.approx([0.5, 0.75, 1.0, 1.0])
    assert sum(shares(Lane(tasks, 0.0), 8.0, 13)) * 8 / 13 == pytest.approx(6.5)
    assert shares(Lane((replace(tasks[0], begin=8.0, end=8.0),), 0.0), 8.0, 2) == [0.0, 0.0]
