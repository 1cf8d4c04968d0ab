import io
from dataclasses import replace
from pathlib import Path

import pytest
from golden import agrees
from recorded import CONFUSION, recorded_regression, recorded_run, recorded_search
from rich.console import Console, RenderableType

from hpsearch.objectives.objective import Confusion
from hpsearch.search.plan import Plan
from hpsearch.study.record import RunRecord
from hpsearch.trial import Origin, PriorTrial, Status
from hpsearch.views.export import damaged_row, list_row, run_json
from hpsearch.views.numbers.summary import summarise
from hpsearch.views.terminal.confusion import confusion_screen
from hpsearch.views.terminal.listing import runs_table
from hpsearch.views.terminal.one_trial import trial_screen
from hpsearch.views.terminal.plan import space_table
from hpsearch.views.terminal.tables import confirmation_screen, result_line, result_screen, run_screen
from hpsearch.views.words import next_commands

GOLDEN = Path(__file__).parent / "golden"
RUN = Path("runs/digits-001")


def drawn(renderable: RenderableType, width: int) -> str:
    file = io.StringIO()
    Console(file=file, width=width, highlight=False, markup=False).print(renderable)
    return file.getvalue()


@pytest.mark.parametrize("width", [60, 100])
def test_a_run_is_one_screen(width: int) -> None:
    text = drawn(run_screen(summarise(recorded_run()), width), width)
    assert agrees(text, GOLDEN / f"run_{width}.txt")
    assert max(map(len, text.splitlines())) <= width


def test_the_end_of_a_search_says_where_files_lie_and_what_to_type_next() -> None:
    summary = summarise(recorded_run())
    text = drawn(result_screen(summary, RUN, 12.34, 100), 100)
    assert agrees(text + next_commands(summary, RUN), GOLDEN / "result.txt")


def test_the_most_frequent_reasons_are_told_with_their_trials_and_the_others_counted() -> None:
    run = recorded_run()
    ends = ["b", "a", "c", "a", "d", "e", "a", "f", *["many"] * 10]
    run.history = {
        number: replace(run.history[3], trial=replace(run.history[3].trial, number=number), reason=f"Error: {reason}")
        for number, reason in enumerate(ends)
    }
    assert drawn(run_screen(summarise(run), 100), 100).splitlines()[1:7] == [
        "  10 trials (8, 9, 10, 11, 12, 13, 14, 15 and 2 more): Error: many",
        "  3 trials (1, 3, 6): Error: a",
        "  trial 0: Error: b",
        "  trial 2: Error: c",
        "  trial 4: Error: d",
        "  and 2 more reasons",
    ]


def test_the_end_of_a_search_in_one_line() -> None:
    assert result_line(summarise(recorded_run()), RUN) == (
        "runs/digits-001: trial 1, validation_error 0.08, test error 8.5 % (17 of 200 rows; 95 % interval 5.4 % to 13 %)"
    )


def test_a_confirmed_search_shows_the_winner_first_and_what_fresh_seeds_say() -> None:
    run = recorded_search()
    text = drawn(run_screen(summarise(run), 80), 80)
    assert agrees(text + next_commands(summarise(run), RUN), GOLDEN / "confirmed.txt")
    assert max(map(len, text.splitlines())) <= 80
    assert result_line(summarise(run), RUN) == (
        "runs/digits-001: trial 3, validation_error 0.08, confirmed 0.100 ± 0.006 (3 fresh seeds), "
        "test error 8.5 % (17 of 200 rows; 95 % interval 5.4 % to 13 %)"
    )


def test_a_confirmation_by_itself_shows_the_leaders_that_were_trained_again() -> None:
    run = recorded_search({3: (0.2, 0.3), 0: (0.125, 0.15)})
    summary = summarise(run, top=len(run.retrained))
    assert agrees(drawn(confirmation_screen(summary, 80), 80), GOLDEN / "confirmation.txt")


def test_a_column_is_wider_where_it_holds_an_error() -> None:
    run = recorded_search()
    (line,) = [line for line in drawn(run_screen(summarise(run), 56), 56).splitlines() if "confirmed (" in line]
    assert line.split() == ["confirmed", "(3", "seeds)", "0.100", "±", "0.006"]


def test_a_trial_of_one_epoch_had_no_better_one() -> None:
    run = recorded_search({})
    run.history[3] = replace(run.history[3], selected_epoch=1)
    run.history[0] = replace(run.history[0], selected_epoch=1)
    assert "its best" not in drawn(run_screen(summarise(run), 80), 80)


def test_a_second_score_of_the_test_part_is_told_to_be_one() -> None:
    text = drawn(run_screen(summarise(recorded_search(tests=2)), 120), 120)
    assert "the test part was scored for the 2nd time in this lineage: it flatters more each time" in text
    child = recorded_run(parent={"run": "digits-000", "directory": "/runs/digits-000", "tests": 10})
    assert "for the 11th time in this lineage" in drawn(run_screen(summarise(child), 120), 120)


def test_a_refined_run_tells_its_parent_and_whose_trials_it_learnt_from() -> None:
    run = recorded_run(parent={"run": "digits-000", "directory": "/runs/digits-000", "tests": 0})
    assert drawn(run_screen(summarise(run), 100), 100).splitlines()[3] == "refined from digits-000"
    run.prior = tuple(PriorTrial(name, 0, (0.5,), (0.1,), Status.COMPLETE) for name in ("b", "a", "a"))
    assert drawn(run_screen(summarise(run), 100), 100).splitlines()[3] == (
        "refined from digits-000; 1 trial of b and 2 trials of a count as evidence"
    )
    run.prior = run.prior[:1]
    assert drawn(run_screen(summarise(run), 100), 100).splitlines()[3].endswith("; 1 trial of b counts as evidence")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (1, "whether it is better than digits-000 is not known: the best of that was not trained to the end here"),
        (3, "nothing better than digits-000 was found: its best, given to this search, is the best here too"),
        (0, ""),
    ],
)
def test_a_refined_search_says_when_it_is_no_better_than_its_parent(given: int, said: str) -> None:
    """Trial 1 was stopped, 3 is the winner, 0 another that came to the end."""
    run = recorded_search({})
    begun_with(run, given)
    best = dict(run.history[given].trial.params)
    run.start = {**run.start, "parent": {"run": "digits-000", "directory": "", "tests": 1, "best": best}}
    summary = summarise(run, ancestors=["digits-000", "digits"])
    told = [line for line in drawn(run_screen(summary, 120), 120).splitlines() if "better than" in line]
    assert told == ([said] if said else [])
    assert run_json(RUN, run, {})["beats_its_start"] == {1: None, 3: False, 0: True}[given]


def begun_with(run: RunRecord, given: int) -> None:
    record = run.history[given]
    run.history[given] = replace(record, trial=replace(record.trial, origin=Origin("start")))


@pytest.mark.parametrize("best", [None, {"learning_rate": 0.7, "optimizer": "adam", "hidden_units": 64}])
def test_another_trial_that_was_given_is_not_taken_for_the_best_of_the_parent(best: dict[str, object] | None) -> None:
    run = recorded_search({}, parent={"run": "digits-000", "directory": "", "tests": 1, "best": best})
    begun_with(run, 3)
    text = drawn(run_screen(summarise(run), 120), 120)
    assert "whether it is better than digits-000 is not known" in text
    assert "nothing better" not in text
    assert run_json(RUN, run, {})["beats_its_start"] is None


@pytest.mark.parametrize(("given", "is_told"), [(3, True), (0, False), (1, False)])
def test_a_search_of_its_own_says_when_it_is_no_better_than_what_it_was_given(given: int, is_told: bool) -> None:
    run = recorded_search({})
    begun_with(run, given)
    text = drawn(run_screen(summarise(run), 120), 120)
    assert ("nothing better than what it was given to begin with was found" in text) is is_told


def test_what_nothing_can_confirm_is_told_to_be_refined() -> None:
    run = recorded_search({}, seeded=False)
    assert "or: hpsearch refine digits-001" in next_commands(summarise(run), RUN)
    assert "or: hpsearch confirm digits-001" in next_commands(summarise(recorded_search({})), RUN)


def test_a_search_that_has_not_ended_or_has_no_parent_says_nothing_of_one() -> None:
    run = recorded_search({}, parent={"run": "digits-000", "directory": "", "tests": 1})
    run.ended = run.finished = ""
    assert "better than" not in drawn(run_screen(summarise(run), 100), 100)
    assert "better than" not in drawn(run_screen(summarise(recorded_search({})), 100), 100)


def test_fewer_trials_that_were_trained_in_full_are_said_to_cost_what_more_would_have() -> None:
    run = recorded_search({})
    run.plan = Plan((3, 3), (1, 3), coarse_rungs=(1, 3), in_full=(1,))
    told = "5 trials for the epochs of 6: trials got worse in later epochs, so stages took fewer of them, all to the end"
    assert told in drawn(run_screen(summarise(run), 120), 120)


def test_a_search_that_ended_early_or_not_at_all_says_so() -> None:
    run = recorded_run()
    run.ended = run.finished = "the target is reached"
    assert "ended with 4 of 4 trials: the target is reached" in drawn(run_screen(summarise(run), 100), 100)
    run.finished = ""
    assert "not finished; the command that began it goes on with it" in drawn(run_screen(summarise(run), 100), 100)
    run.ended = ""
    assert "not finished; the command that began it goes on with it" in drawn(run_screen(summarise(run), 100), 100)


def test_where_the_best_epoch_counts_the_screen_says_which_and_what_the_last_was() -> None:
    run = recorded_run(best_epochs=True)
    assert agrees(drawn(run_screen(summarise(run), 100), 100), GOLDEN / "run_best_epochs.txt")
    assert agrees(drawn(trial_screen(run, run.history[0]), 100), GOLDEN / "trial_best_epoch.txt")


def test_a_regression_is_shown_in_the_unit_of_its_target() -> None:
    run = recorded_regression(rmse=123456.7)
    text = drawn(run_screen(summarise(run), 100), 100) + "\n" + drawn(trial_screen(run, run.history[0]), 100)
    assert agrees(text + "\n" + drawn(runs_table([list_row(RUN, run)], 120), 120), GOLDEN / "regression.txt")
    assert "class" not in text
    assert "%" not in text
    assert result_line(summarise(recorded_regression(rmse=36.417)), RUN) == (
        "runs/digits-001: trial 1, validation_rmse 2.913, test rmse 3.1 (r2 0.87)"
    )


def test_a_search_judged_by_macro_f1_tells_that_of_the_test_part() -> None:
    run = recorded_run(metric="validation_macro_f1", column="validation_macro_f1")
    assert ", test macro F1 0.9, error 8.5 % (17 of 200 rows;" in result_line(summarise(run), RUN)


def test_a_confusion_matrix_is_a_table_where_it_fits_and_a_list_of_the_worst_elsewhere() -> None:
    assert agrees(drawn(confusion_screen("test", CONFUSION, 100), 100), GOLDEN / "confusion.txt")
    listed = drawn(confusion_screen("test", CONFUSION, 12), 80)
    assert listed.splitlines() == [
        "test part, the most frequent confusions:",
        "  7 taken for 9: 7 times",
        "  4 taken for 9: 3 times",
        "  9 taken for 4: 3 times",
        "  9 taken for 7: 3 times",
        "  4 taken for 7: 1 time",
    ]


@pytest.mark.parametrize(("classes", "title"), [(12, "rows of each class"), (13, "the most frequent confusions")])
def test_a_matrix_has_at_most_twelve_classes(classes: int, title: str) -> None:
    counts = tuple(tuple(int(row == column) for column in range(classes)) for row in range(classes))
    text = drawn(confusion_screen("test", Confusion(tuple(map(str, range(classes))), counts), 200), 200)
    assert title in text.splitlines()[0]
    assert classes == 12 or text.splitlines()[1] == "  none"


@pytest.mark.parametrize("number", range(4))
def test_a_trial_is_one_screen(number: int) -> None:
    run = recorded_run()
    assert agrees(drawn(trial_screen(run, run.history[number]), 100), GOLDEN / f"trial_{number}.txt")


@pytest.mark.parametrize("number", [1, 3])
def test_a_trial_of_a_staged_search_tells_why_it_was_tried_and_why_it_ended(number: int) -> None:
    run = recorded_search()
    assert agrees(drawn(trial_screen(run, run.history[number]), 80), GOLDEN / f"staged_trial_{number}.txt")


def test_a_training_with_a_fresh_seed_that_diverged_is_told_as_that() -> None:
    run = recorded_search({3: (0.07, float("nan")), 0: (0.3, 0.2)})
    assert "trained again with 2 fresh seeds: 0.07 and diverged\n" in drawn(trial_screen(run, run.history[3]), 100)


def test_the_list_of_runs_leaves_the_day_out_where_it_would_not_fit() -> None:
    run = recorded_search(run="digits-002", parent={"run": "digits-001", "directory": "", "tests": 0})
    rows = [list_row(RUN, recorded_run()), list_row(Path("runs/digits-002"), run)]
    assert "2026-11-21" in drawn(runs_table(rows, 80), 80)
    narrow = drawn(runs_table(rows, 60), 60)
    assert max(len(line.rstrip()) for line in narrow.splitlines()) <= 60
    assert narrow.splitlines()[-1] == "no room for started"
    assert narrow.splitlines()[-2].split() == [
        "digits-002",
        "finished",
        "5",
        "of",
        "5",
        "error",
        "0.08",
        "error",
        "8.5",
        "%",
    ]
    assert [(row["confirmed_score"], row["parent"]) for row in rows] == [(None, None), (pytest.approx(0.1), "digits-001")]


def test_trainings_that_wait_are_counted_not_listed() -> None:
    run = recorded_search()
    for key in ((3, 2), (3, 3)):
        run.repetitions[key] = replace(run.repetitions[key], status=Status.WAITING)
    assert "trained again with 3 fresh seeds: 0.09 and 2 waiting\n" in drawn(trial_screen(run, run.history[3]), 100)


def test_a_function_has_no_trained_parameters() -> None:
    run = recorded_search({})
    assert "trained parameters" not in drawn(trial_screen(run, replace(run.history[3], size=0)), 80)


def test_the_runs_are_a_table() -> None:
    assert agrees(drawn(runs_table([list_row(RUN, recorded_run())], 120), 120), GOLDEN / "runs.txt")


def test_the_space_is_a_table_with_scales_and_conditions() -> None:
    space = {
        "learning_rate": {"range": [1e-4, 1.0], "scale": "log"},
        "optimizer": ["adam", "momentum"],
        "momentum": {"range": [0.9, 0.999], "scale": "1-beta", "when": {"optimizer": "momentum"}},
        "hidden_units": {"range": [16, 256], "scale": "log", "step": 16, "per": "layer"},
    }
    assert agrees(drawn(space_table(space, ["momentum"]), 100), GOLDEN / "space.txt")


def test_a_damaged_run_is_a_row_of_the_list() -> None:
    text = drawn(runs_table([damaged_row(RUN), list_row(RUN, recorded_run())], 120), 120)
    assert text.splitlines()[2].split() == ["digits-001", "damaged"]
