import io
from pathlib import Path

import pytest
from golden import agrees
from recorded import recorded_run
from rich.console import Console, RenderableType

from hpsearch.views.export import list_row
from hpsearch.views.summary import summarise
from hpsearch.views.tables import result_line, result_screen, run_screen, runs_table, space_table, trial_screen

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
    assert agrees(drawn(result_screen(summarise(recorded_run()), RUN, 12.34, 100), 100), GOLDEN / "result.txt")


def test_the_end_of_a_search_in_one_line() -> None:
    assert result_line(summarise(recorded_run()), RUN) == (
        "runs/digits-001: trial 1, validation_error 0.08, test error 8.5 % (17 of 200 rows; 95 % interval 5.4 % to 13 %)"
    )


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


def test_escapes_in_a_reason_are_shown_not_sent() -> None:
    run = recorded_run()
    record = run.history[3]
    object.__setattr__(record, "reason", "ValueError: \x1b]0;title\x07")
    assert "\x1b" not in drawn(trial_screen(run, record), 100)
    assert "\x1b" not in drawn(run_screen(summarise(run), 100), 100)
