from pathlib import Path
from typing import Any

import pytest
from golden import agrees
from rich.console import Console
from side_by_side import NETWORK, SPACE, run_of

from hpsearch.study.record import RunRecord
from hpsearch.views.numbers.comparison import compare
from hpsearch.views.terminal.comparison import comparison_screen
from hpsearch.views.terminal.verdict import commands, verdicts

GOLDEN = Path(__file__).parent / "golden"


def drawn(runs: dict[Path, RunRecord], width: int) -> str:
    console = Console(width=width, markup=False, highlight=False, emoji=False)
    with console.capture() as capture:
        console.print(comparison_screen(compare(runs), width))
    return capture.get()


def two_runs(other: str = "wide-002") -> dict[Path, RunRecord]:
    """A random search and one that learnt, with another range, a parameter more, and one that is fixed."""
    rates = [0.003, 0.01, 0.02, 0.2, 0.5, 0.9]
    params = [{"learning_rate": rate, "optimizer": "adam", "batch_size": 64} for rate in rates]
    random = run_of(
        [0.12, 0.1, 0.105, 0.3, 0.5, 0.9],
        params,
        {1: (0.11, 0.1, 0.12)},
        name="random-001",
        space={**SPACE, "batch_size": [32, 64]},
    )
    space = {
        "learning_rate": {"range": [1e-4, 0.1], "scale": "log"},
        "optimizer": ["adam", "momentum"],
        "momentum": {"range": [0.8, 0.99], "scale": "1-beta", "when": {"optimizer": "momentum"}},
    }
    params = [{"learning_rate": r / 10, "optimizer": "momentum", "momentum": 0.8 + r / 10} for r in (0.09, 0.01, 0.02, 0.03)]
    learnt = run_of(
        [0.2, 0.04, 0.05, 0.06, 0.07],
        [*params, {"learning_rate": 0.001, "optimizer": "momentum", "momentum": 0.95}],
        {1: (0.05, 0.04, 0.045), 2: (0.06, 0.05, 0.05)},
        name=other,
        space=space,
        network={**NETWORK, "batch_size": 128},
        search={"method": "coarse-to-fine"},
        averaging=["momentum"],
        parent={"run": "wide-001", "directory": "/runs/wide-001", "tests": 1},
    )
    return {Path("runs/random-001"): random, Path(f"runs/{other}"): learnt}


@pytest.mark.parametrize("width", [60, 100, 160])
def test_two_runs_stand_side_by_side(width: int) -> None:
    text = drawn(two_runs(), width)
    assert max(map(len, text.splitlines())) <= width
    assert agrees(text, GOLDEN / f"comparison_{width}.txt")


def test_where_names_have_no_room_runs_are_told_by_letters() -> None:
    lines = drawn(two_runs("a-run-with-a-very-long-name-001"), 80).splitlines()
    assert lines[:3] == [
        "runs, judged by validation_error of the last epoch on the same 200 rows",
        "  A  runs/random-001",
        "  B  runs/a-run-with-a-very-long-name-001",
    ]
    assert "B: refined from wide-001" in lines


def test_two_runs_of_one_name_are_told_by_letters() -> None:
    runs = {Path("runs/one-001"): run_of([0.1]), Path("old/one-001"): run_of([0.2])}
    assert drawn(runs, 120).splitlines()[1:3] == ["  A  runs/one-001", "  B  old/one-001"]


def told(one: RunRecord, other: RunRecord) -> list[str]:
    comparison = compare({Path("runs/a-001"): one, Path("runs/b-001"): other})
    return [line for line in verdicts(comparison, ["a", "b"]) if line] + commands(comparison)


def test_a_difference_within_the_interval_is_no_more_than_noise() -> None:
    first, second, *_ = told(run_of([0.1], fresh={0: (0.1, 0.12, 0.11)}), run_of([0.1], fresh={0: (0.11, 0.1, 0.13)}))
    assert first.endswith("with fresh seeds, 95 % interval -0.0279 to +0.0345: no more than noise")
    assert second == "fresh seeds vary what is drawn at random, not the rows; the interval is Welch's"


@pytest.mark.parametrize(("metric", "better"), [("validation_error", "b"), ("validation_accuracy", "b")])
def test_the_better_one_is_named_whichever_way_the_metric_goes(metric: str, better: str) -> None:
    one = run_of([0.3], fresh={0: (0.3, 0.31)}, metric=metric)
    line, *_ = told(one, run_of([0.1], fresh={0: (0.1, 0.11)}, metric=metric))
    assert line.endswith(f": {better} is better, by more than noise")


def test_what_is_not_known_is_told_with_the_command_that_tells_it() -> None:
    lines = told(run_of([0.1]), run_of([0.2], fresh={0: (0.2,)}))
    assert lines == [
        "validation_error of b minus that of a: +0.1 in the search",
        "whether that is more than noise is not known: "
        "a: not trained again with fresh seeds; b: trained again with one fresh seed only",
        "as 200 rows are a sample, a difference of up to 0.069 may be theirs "
        "(an upper bound: both are judged on the same rows)",
        "to know: hpsearch confirm a-001",
        "to know: hpsearch confirm b-001 --seeds 3",
    ]


def test_equal_values_with_fresh_seeds_have_no_spread_to_judge_by() -> None:
    line, *_ = told(run_of([0.1], fresh={0: (0.1, 0.1)}), run_of([0.2], fresh={0: (0.2, 0.2)}))
    assert line.endswith("+0.1 with fresh seeds, but each of them gave the same, so there is no spread to judge it by")


def test_a_function_without_a_seed_repeats() -> None:
    (line,) = told(*(run_of([value], seeded=False, metric="loss", column="loss", data=FUNCTION) for value in (1.0, 0.5)))
    assert line == "loss of b minus that of a: -0.5; without a seed to vary, the same comes out again"


FUNCTION: dict[str, Any] = {"task": "python", "notes": [], "function": "mine:f", "fingerprint": "a"}


def test_a_run_without_a_winner_is_told_to_have_none() -> None:
    assert told(run_of([None]), run_of([0.2])) == ["a: no trial came to its end, so there is no winner to compare"]


def test_runs_that_cannot_be_compared_are_told_so_first() -> None:
    data = {**run_of([0.1]).start["data"], "split_sha256": "other"}
    runs = {Path("runs/one-001"): run_of([0.1]), Path("runs/two-001"): run_of([0.1], name="two-001", data=data)}
    lines = drawn(runs, 120).splitlines()
    assert lines[0] == "one-001 and two-001, judged by validation_error of the last epoch"
    assert lines[1].startswith("not to be compared: one-001 and two-001 are judged on different rows")


def test_bounds_that_look_alike_are_told_in_full() -> None:
    spaces = ({"x": {"range": bounds, "scale": "linear"}} for bounds in ([0, 10], [0.0, 10.0]))
    runs = [run_of([0.1], [{"x": 5}], space=space, name=f"{n}-001") for n, space in enumerate(spaces)]
    text = drawn({Path(run.name): run for run in runs}, 120)
    assert "{'range': [0, 10], 'scale': 'linear'}   {'range': [0.0, 10.0], 'scale': 'linear'}" in text


def test_the_names_and_values_of_a_function_are_shown_as_they_are() -> None:
    params = [{"[red]x": name} for name in ("[bold]a", "</script>")]
    space = {"[red]x": ["[bold]a", "</script>"]}
    runs = {Path(f"{n}-001"): run_of([0.1], [params[n]], space=space, name=f"{n}-001") for n in range(2)}
    text = drawn(runs, 100)
    assert "[red]x                [bold]a   </script>" in text
