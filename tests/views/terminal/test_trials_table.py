from pathlib import Path

import pytest
from golden import agrees
from printed import printed
from recorded import recorded_run, recorded_search

from hpsearch.views.numbers.timeline import Lane, Task, Timeline
from hpsearch.views.numbers.trials import Trials, trials
from hpsearch.views.terminal.trials import trials_screen
from hpsearch.views.terminal.workers import workers_screen

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("width", [60, 100, 160])
def test_trials_are_rows_and_columns_without_room_are_named(width: int) -> None:
    run = recorded_run()
    text = printed(trials_screen(run, trials(run), width), width)
    assert agrees(text, GOLDEN / f"trials_{width}.txt")
    assert max(map(len, text.splitlines())) <= width


def test_of_many_columns_without_room_the_first_are_named_and_the_others_counted() -> None:
    run = recorded_run()
    many = Trials(("trial", *(f"p{k}" for k in range(40))), ((0, *[None] * 40),))
    named = ", ".join(f"p{k}" for k in range(20))
    told = printed(trials_screen(run, many, 9), 300).splitlines()[-1]
    assert told == f"no room for {named} and 20 more; --cols chooses, --csv has them all"


def test_columns_that_are_wanted_stay_as_long_as_any() -> None:
    run = recorded_run()
    heading = printed(trials_screen(run, trials(run), 60, ("train_loss", "hidden_units")), 60).splitlines()[0]
    assert {"train_loss", "hidden_units", "validation_error"} < set(heading.split())
    assert "status" not in heading


def test_all_is_shown_where_there_is_room() -> None:
    run = recorded_search()
    text = printed(trials_screen(run, trials(run), 400), 400)
    assert "no room" not in text
    assert "2026-11-21 10:00:01" in text
    assert text.splitlines()[2].split()[:4] == ["3", "1", "1", "complete"]


def test_a_run_without_trials_is_a_heading() -> None:
    run = recorded_run()
    assert printed(trials_screen(run, trials(run).first(0), 200), 200).startswith("trial ")


TASKS = (Task("7", (0, 1), 0, 2, 1.0, 3.0), Task("7", (2,), 0, 1, 3.0, 4.0))
LINE = Timeline((Lane(TASKS, 0.75), Lane((Task("8", (3,), 0, 1, 0.0, 1.5),), 0.375)), 4.0, (0.0, 2.0))


def test_a_worker_is_a_row_that_is_dark_where_it_trained() -> None:
    assert [line.rstrip() for line in printed(workers_screen(LINE, 41), 41, "ascii").splitlines()] == [
        "2 workers, busy 56 % of 4.0 s; ^ is where",
        "another command went on",
        "worker 1 |    ############| 75 %, 2 tasks",
        "worker 2 |######          | 38 %, 1 task",
        "                  ^",
        "          0 s        4.0 s",
    ]


@pytest.mark.parametrize("width", [60, 100, 160])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_the_rows_of_workers_keep_to_the_width(width: int, encoding: str) -> None:
    text = printed(workers_screen(LINE, width), 300, encoding)
    assert max(map(len, text.splitlines()[1:])) <= width
    assert text.isascii() is (encoding == "ascii")


def test_without_times_there_is_a_sentence() -> None:
    assert printed(workers_screen(Timeline((), 0.0, ()), 80), 80) == "no worker's time is on record\n"
