import io
import math
from dataclasses import replace
from pathlib import Path

import pytest
from recorded import recorded_run
from rich.console import Console

from hpsearch.objectives.metrics import METRICS
from hpsearch.study.events import Finished, Started, Trained
from hpsearch.trial import History
from hpsearch.views.console import animated
from hpsearch.views.live import BARS, Screen, sparkline, watching


def started(trials: int, jobs: int, history: History, metric: str = "validation_error") -> Started:
    parameters = ("learning_rate", "optimizer", "momentum", "hidden_units")
    work = 0.5 if history else 0.0
    averaging = ("momentum",)
    return Started(
        Path("runs/digits-001"), trials, jobs, METRICS[metric], "last_epoch", parameters, averaging, history, work
    )


def events() -> tuple[Started, Trained, Finished]:
    run = recorded_run()
    records = tuple(run.history.values())
    return started(4, 2, {}), Trained(records, 1.0), Finished(run.history)


def test_off_a_terminal_each_finished_trial_is_one_plain_line() -> None:
    file = io.StringIO()
    console = Console(file=file, width=200, soft_wrap=True, highlight=False, markup=False)
    with watching(console) as listen:
        for event in events():
            listen(event)
    assert file.getvalue().splitlines() == [
        "digits-001: 4 trials, 2 workers",
        "[1/4] trial 0: validation_error 0.125  (learning_rate 0.00649, optimizer adam, hidden_units 224)",
        "[2/4] trial 1: validation_error 0.08  "
        "(learning_rate 0.37, optimizer momentum, momentum 0.9987 (781), hidden_units 64 x 32)",
        "[3/4] trial 2: diverged in epoch 2  (learning_rate 0.9, optimizer momentum, momentum 0.90 (10), hidden_units 16)",
        "[4/4] trial 3: failed in epoch 0  (learning_rate 0.01, optimizer adam, hidden_units 20)",
    ]


def test_a_resumed_search_says_after_how_many_trials_it_goes_on() -> None:
    file = io.StringIO()
    run = recorded_run()
    with watching(Console(file=file, width=200, soft_wrap=True)) as listen:
        listen(started(8, 1, run.history))
    assert file.getvalue() == "digits-001: 8 trials, 1 worker, going on after 4\n"


@pytest.mark.parametrize("quiet", [False, True])
def test_notes_on_the_record_are_printed_even_when_quiet(quiet: bool) -> None:
    file = io.StringIO()
    with watching(Console(file=file, width=200, soft_wrap=True), quiet) as listen:
        listen(replace(started(4, 1, {}), notes=("curves.jsonl:3: \x1b not a record; skipped",)))
        listen(Trained(tuple(recorded_run().history.values()), 1.0))
    lines = file.getvalue().splitlines()
    assert lines[0] == "note: curves.jsonl:3: \\x1b not a record; skipped"
    assert len(lines) == (1 if quiet else 6)


def test_the_live_screen_shows_progress_leaders_and_the_best_curve() -> None:
    file = io.StringIO()
    console = Console(file=file, width=100, highlight=False)
    screen = Screen(console)
    for event in events():
        screen(event)
    console.print(screen)
    text = file.getvalue()
    assert "digits-001: 4 trials, 2 workers" in text
    assert "4/4" in text
    assert "its best (epoch)" in text
    assert f"trial 1, epoch 1 to 3: 0.3 {BARS[7]}{BARS[4]}{BARS[0]} 0.08" in text


@pytest.mark.parametrize("metric", ["validation_accuracy", "validation_macro_f1"])
def test_the_best_curve_is_in_the_metric_that_was_asked_for(metric: str) -> None:
    file = io.StringIO()
    console = Console(file=file, width=100, highlight=False)
    screen, run = Screen(console), recorded_run(metric=metric)
    screen(started(4, 2, run.history, metric))
    console.print(screen)
    assert f"trial 1, epoch 1 to 3: 0.7 {BARS[0]}{BARS[3]}{BARS[7]} 0.92" in file.getvalue()


def test_a_file_is_never_animated_even_when_colour_is_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert not animated(Console(file=io.StringIO()))


def test_a_sparkline_runs_from_the_lowest_to_the_highest_bar() -> None:
    assert sparkline([0.0, 0.5, 1.0]) == f"{BARS[0]}{BARS[4]}{BARS[7]}"
    assert sparkline([3.0, 3.0]) == BARS[0] * 2
    assert sparkline([1.0, math.nan, 0.0]) == f"{BARS[7]} {BARS[0]}"
    assert sparkline([math.nan]) == " "
    assert len(sparkline([float(k) for k in range(500)])) == 40
