import io
from pathlib import Path

import pytest
from golden import agrees
from recorded import CONFUSION, recorded_regression, recorded_run
from rich.console import Console, RenderableType

from hpsearch.objectives.objective import Confusion
from hpsearch.views.export import damaged_row, list_row
from hpsearch.views.summary import summarise
from hpsearch.views.tables import (
    confusion_screen,
    next_commands,
    result_line,
    result_screen,
    run_screen,
    runs_table,
    space_table,
    trial_screen,
)

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


def test_the_end_of_a_search_in_one_line() -> None:
    assert result_line(summarise(recorded_run()), RUN) == (
        "runs/digits-001: trial 1, validation_error 0.08, test error 8.5 % (17 of 200 rows; 95 % interval 5.4 % to 13 %)"
    )


def test_where_the_best_epoch_counts_the_screen_says_which_and_what_the_last_was() -> None:
    run = recorded_run(best_epochs=True)
    assert agrees(drawn(run_screen(summarise(run), 100), 100), GOLDEN / "run_best_epochs.txt")
    assert agrees(drawn(trial_screen(run, run.history[0]), 100), GOLDEN / "trial_best_epoch.txt")


def test_a_regression_is_shown_in_the_unit_of_its_target() -> None:
    run = recorded_regression(rmse=123456.7)
    text = drawn(run_screen(summarise(run), 100), 100) + "\n" + drawn(trial_screen(run, run.history[0]), 100)
    assert agrees(text + "\n" + drawn(runs_table([list_row(RUN, run)]), 120), GOLDEN / "regression.txt")
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


def test_escapes_in_a_label_are_shown_not_sent() -> None:
    confusion = Confusion(("\x1b]0;a\x07", "b"), ((1, 2), (3, 4)))
    for width in (100, 10):
        assert "\x1b" not in drawn(confusion_screen("test", confusion, width), 100)


@pytest.mark.parametrize("number", range(4))
def test_a_trial_is_one_screen(number: int) -> None:
    run = recorded_run()
    assert agrees(drawn(trial_screen(run, run.history[number]), 100), GOLDEN / f"trial_{number}.txt")


def test_the_runs_are_a_table() -> None:
    assert agrees(drawn(runs_table([list_row(RUN, recorded_run())]), 120), GOLDEN / "runs.txt")


def test_the_space_is_a_table_with_scales_and_conditions() -> None:
    space = {
        "learning_rate": {"range": [1e-4, 1.0], "scale": "log"},
        "optimizer": ["adam", "momentum"],
        "momentum": {"range": [0.9, 0.999], "scale": "1-beta", "when": {"optimizer": "momentum"}},
        "hidden_units": {"range": [16, 256], "scale": "log", "step": 16, "per": "layer"},
    }
    assert agrees(drawn(space_table(space, ["momentum"]), 100), GOLDEN / "space.txt")


def test_escapes_in_the_name_of_a_run_are_shown_not_sent() -> None:
    run = recorded_run(run="\x1b[31mred")
    directory = Path("runs/\x1b[31mred")
    for shown in (trial_screen(run, run.history[0]), result_screen(summarise(run), directory, 1.0, 100)):
        assert "\x1b" not in drawn(shown, 100)
    for text in (result_line(summarise(run), directory), next_commands(summarise(run), directory)):
        assert "\x1b" not in text


def test_a_damaged_run_is_a_row_of_the_list() -> None:
    text = drawn(runs_table([damaged_row(RUN), list_row(RUN, recorded_run())]), 120)
    assert text.splitlines()[2].split() == ["digits-001", "damaged"]


def test_escapes_in_a_reason_are_shown_not_sent() -> None:
    run = recorded_run()
    record = run.history[3]
    object.__setattr__(record, "reason", "ValueError: \x1b]0;title\x07")
    assert "\x1b" not in drawn(trial_screen(run, record), 100)
    assert "\x1b" not in drawn(run_screen(summarise(run), 100), 100)
