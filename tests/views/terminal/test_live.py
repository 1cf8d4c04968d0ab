import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from recorded import recorded_run, recorded_search
from rich.console import Console

from hpsearch.objectives.metrics import METRICS
from hpsearch.search.plan import Plan
from hpsearch.study.events import Event, Finished, Started, Trained
from hpsearch.trial import History, Status, TrialRecord
from hpsearch.views.terminal.console import animated
from hpsearch.views.terminal.lines import Lines
from hpsearch.views.terminal.live import watching
from hpsearch.views.terminal.picture import still
from hpsearch.views.terminal.sparks import BARS, SHARE


def started(trials: int, jobs: int, history: History, metric: str = "validation_error") -> Started:
    parameters = ("learning_rate", "optimizer", "momentum", "hidden_units")
    work = 0.5 if history else 0.0
    averaging = ("momentum",)
    return Started(
        Path("runs/digits-001"),
        Plan((trials,), (3,)),
        jobs,
        METRICS[metric],
        "last_epoch",
        parameters,
        averaging,
        history,
        work,
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


def waiting(record: TrialRecord, until: int, epochs: int = 0) -> TrialRecord:
    """Return a record as it stood when it had so many epochs."""
    curves = {name: curve[:epochs] for name, curve in record.curves.items()}
    return replace(record, status=Status.WAITING, until_epoch=until, curves=curves, values=record.values[:epochs], reason="")


def staged_events() -> list[Started | Trained | Finished]:
    """What a search in two stages with early stopping tells, its decisions too, and how it is confirmed."""
    run = recorded_search()
    ended, again = run.history, run.repetitions
    plan = Plan((3, 2), (1, 3))

    def stage(numbers: range, best: int) -> list[Trained]:
        begun = tuple(waiting(ended[number], 1) for number in numbers)
        first = tuple(waiting(ended[number], 1, 1) for number in numbers)
        stopped = tuple(ended[number] for number in numbers if number != best)
        return [
            Trained(begun, 0.0),
            Trained(first, 0.1),
            Trained((*stopped, waiting(ended[best], 3, 1)), 0.1),
            Trained((waiting(ended[best], 3, 2),), 0.15),
            Trained((ended[best],), 0.2),
        ]

    trainings = tuple(again.values())
    confirming = [Trained(tuple(waiting(record, 3) for record in trainings), 0.4), Trained(trainings[:4], 0.8)]
    begin = replace(started(5, 2, {}), plan=plan)
    return [begin, *stage(range(3), 0), *stage(range(3, 5), 3), *confirming, Trained(trainings[4:], 1.0), Finished(ended)]


def test_a_stage_is_announced_and_a_trial_has_a_line_when_it_ends_and_none_when_it_is_promoted() -> None:
    file = io.StringIO()
    with watching(Console(file=file, width=200, soft_wrap=True, highlight=False, markup=False)) as listen:
        for event in staged_events():
            listen(event)
    lines = [line.partition("  (")[0] for line in file.getvalue().splitlines()]
    assert lines == [
        "digits-001: 5 trials, 2 workers",
        "coarse stage: 3 trials",
        "[1/5] trial 1: validation_error 0.5, stopped after 1 epoch",
        "[2/5] trial 2: validation_error 0.6, stopped after 1 epoch",
        "[3/5] trial 0: validation_error 0.125",
        "fine stage 1 of 1: 2 trials",
        "[4/5] trial 4: validation_error 0.7, stopped after 1 epoch",
        "[5/5] trial 3: validation_error 0.08",
        *(
            f"confirming trial 3, fresh seed {seed}: validation_error {value}"
            for seed, value in [(1, 0.09), (2, 0.1), (3, 0.11)]
        ),
        *(
            f"confirming trial 0, fresh seed {seed}: validation_error {value}"
            for seed, value in [(1, 0.095), (2, 0.085), (3, 0.09)]
        ),
    ]


def test_the_parts_of_a_search_that_does_not_learn_are_brackets() -> None:
    file = io.StringIO()
    begin, *rest = staged_events()
    assert isinstance(begin, Started)
    with watching(Console(file=file, width=200, soft_wrap=True, highlight=False, markup=False)) as listen:
        for event in (replace(begin, method="random"), *rest):
            listen(event)
    lines = [line for line in file.getvalue().splitlines() if "stage" in line or "bracket" in line]
    assert lines == ["bracket 1 of 2: 3 trials", "bracket 2 of 2: 2 trials"]


def test_when_all_trials_are_on_record_that_is_said() -> None:
    file = io.StringIO()
    with watching(Console(file=file, width=200, soft_wrap=True)) as listen:
        listen(started(4, 1, recorded_run().history))
    assert file.getvalue() == "digits-001: 4 trials, 1 worker, all of them finished\n"


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
        listen(replace(started(4, 1, {}), notes=("curves.jsonl:3: not a record; skipped",)))
        listen(Trained(tuple(recorded_run().history.values()), 1.0))
    lines = file.getvalue().splitlines()
    assert lines[0] == "note: curves.jsonl:3: not a record; skipped"
    assert len(lines) == (1 if quiet else 6)


def test_a_file_is_never_animated_even_when_colour_is_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert not animated(Console(file=io.StringIO()))


@pytest.mark.parametrize(
    ("heard", "counted", "doing"),
    [
        (2, "0 of 5 trials ended", "coarse stage      0 of 3 trials, rung 1 of 2: to epoch 1"),
        (4, "2 of 5 trials ended: 2 stopped", "coarse stage      2 of 3 trials, rung 2 of 2: to epoch 3"),
        (7, "3 of 5 trials ended: 1 complete, 2 stopped", "fine stage 1 of 1 0 of 2 trials, rung 1 of 2: to epoch 1"),
        (10, "4 of 5 trials ended: 1 complete, 3 stopped", "fine stage 1 of 1 1 of 2 trials, rung 2 of 2: to epoch 3"),
        (12, "5 of 5 trials ended: 2 complete, 3 stopped", "confirming        0 of 6 trainings with fresh seeds"),
        (13, "5 of 5 trials ended: 2 complete, 3 stopped", "confirming        4 of 6 trainings with fresh seeds"),
    ],
)
def test_the_picture_says_which_stage_and_rung_it_is_at(heard: int, counted: str, doing: str) -> None:
    lines = pictured(staged_events()[:heard])
    assert counted in lines
    assert doing.split() in [[word for word in line.split() if word[0] not in SHARE] for line in lines]


def pictured(events: Sequence[Event], width: int = 100) -> list[str]:
    file = io.StringIO()
    console = Console(file=file, width=width, height=40, highlight=False, markup=False)
    console.print(still(events))
    return file.getvalue().splitlines()


def test_trainings_with_fresh_seeds_are_no_leaders() -> None:
    lines = pictured(staged_events())
    head = next(place for place, line in enumerate(lines) if line.startswith("trial"))
    assert [line.split()[:2] for line in lines[head + 1 :]] == [["3", "0.08"], ["0", "0.125"]]


def test_a_plan_of_one_stage_tells_of_its_rungs_only() -> None:
    begin, *events = staged_events()[:5]
    assert isinstance(begin, Started)

    def third(rungs: tuple[int, ...]) -> str:
        return pictured([replace(begin, plan=Plan((5,), rungs)), *events])[2]

    assert third((1, 3)).endswith("  2 of 5 trials, rung 2 of 2: to epoch 3")
    assert third((3,)) == "2 of 5 trials ended: 2 stopped"


def test_a_stage_that_is_trained_in_full_says_why() -> None:
    begin, *events = staged_events()[:7]
    assert isinstance(begin, Started)
    plan = Plan((3, 4), (1, 3), coarse_rungs=(1, 3), in_full=(1,))
    lines = pictured([replace(begin, plan=plan), *events])
    assert any(line.endswith("all to epoch 3, as trials got worse after epoch 1") for line in lines)


@pytest.mark.parametrize("metric", ["validation_accuracy", "validation_macro_f1"])
def test_curves_are_in_the_metric_that_was_asked_for(metric: str) -> None:
    lines = pictured([started(4, 2, recorded_run(metric=metric).history, metric)])
    (line,) = [line for line in lines if line.split()[:2] == ["1", "0.92"]]
    assert f"{BARS[0]}{BARS[3]}{BARS[7]}" in line


def test_a_sign_of_life_is_given_after_thirty_silent_seconds() -> None:
    now = 0.0
    file = io.StringIO()
    lines = Lines(Console(file=file, width=200, soft_wrap=True, highlight=False), lambda: now)

    def at(seconds: float) -> list[str]:
        nonlocal now
        now = seconds
        file.truncate(file.seek(0))
        lines.beat()
        return file.getvalue().splitlines()

    assert at(1000.0) == []  # nothing has begun
    events = staged_events()
    lines(events[0])
    assert [at(1000.0), at(1029.0)] == [[], []]
    assert at(1030.0) == ["0 of 5 trials ended, 0 epochs done; 30 s"]
    assert at(1059.0) == []
    for event in events[1:6]:
        lines(event)
    assert at(1060.0) == []  # a trial that ended was told of just now
    best = "best validation_error 0.125 (trial 0)"
    assert at(1090.0) == [f"3 of 5 trials ended, 5 epochs done, {best}; 1 min 30 s, about 6 min 00 s left"]
