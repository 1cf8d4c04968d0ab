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
    return [line for lines in verdicts(comparison, ["a", "b"]) for line in lines] + commands(comparison)


def test_a_difference_whose_interval_holds_none_could_be_chance() -> None:
    """The interval is that of scipy.stats.ttest_ind(equal_var=False)."""
    runs = run_of([0.1], fresh={0: (0.1, 0.12, 0.11)}), run_of([0.1], fresh={0: (0.11, 0.1, 0.13)})
    for one, other, better in ((*runs, "a looks better than b"), (*runs[::-1], "b looks better than a")):
        first, second, *_ = told(one, other)
        assert first == (
            f"{better} by 0.00333, validation_error 0.11 against 0.113 with fresh seeds: "
            "this could be chance, the 95 % interval of the difference is -0.0279 to 0.0345"
        )
        assert second == (
            "fresh seeds vary what is drawn at random, not the rows; the interval is Welch's; more of them would narrow it"
        )


@pytest.mark.parametrize(
    ("metric", "scores"),
    [
        ("validation_error", "validation_error 0.105 against 0.305"),
        ("validation_accuracy", "validation_accuracy 0.895 against 0.695"),
    ],
)
@pytest.mark.parametrize("better", ["a", "b"])
def test_the_better_one_is_named_whichever_way_the_metric_goes(metric: str, scores: str, better: str) -> None:
    runs = run_of([0.3], fresh={0: (0.3, 0.31)}, metric=metric), run_of([0.1], fresh={0: (0.1, 0.11)}, metric=metric)
    line, *_ = told(*(runs if better == "b" else runs[::-1]))
    worse = "a" if better == "b" else "b"
    assert line == (
        f"{better} is better than {worse} by 0.2, {scores} with fresh seeds: "
        "more than noise, the 95 % interval of the difference is 0.17 to 0.23"
    )


def test_equal_scores_are_told_to_be_equally_good_and_close_ones_apart() -> None:
    assert told(run_of([0.1]), run_of([0.1]))[0] == "a and b are equally good, validation_error 0.1 in the search"
    assert told(run_of([0.10001]), run_of([0.1]))[0] == (
        "b is better than a by 1e-05, validation_error 0.1 against 0.10001 in the search"
    )


def test_what_is_not_known_is_told_with_the_command_that_tells_it() -> None:
    lines = told(run_of([0.1]), run_of([0.2], fresh={0: (0.2,)}))
    assert lines == [
        "a is better than b by 0.1, validation_error 0.1 against 0.2 in the search",
        "whether that is more than noise is not known: "
        "a: not trained again with fresh seeds; b: trained again with one fresh seed only",
        "as 200 rows are a sample, a difference of up to 0.069 may be theirs "
        "(an upper bound: both are judged on the same rows)",
        "to know: hpsearch confirm a-001",
        "to know: hpsearch confirm b-001 --seeds 3",
    ]


def test_equal_values_with_fresh_seeds_have_no_spread_to_judge_by() -> None:
    line, *_ = told(run_of([0.1], fresh={0: (0.1, 0.1)}), run_of([0.2], fresh={0: (0.2, 0.2)}))
    assert line.endswith("with fresh seeds: each gave the same with every seed, so there is no spread to judge that by")


def test_a_function_without_a_seed_repeats() -> None:
    lines = told(*(run_of([value], seeded=False, metric="loss", column="loss", data=FUNCTION) for value in (1.0, 0.5)))
    assert lines == ["b is better than a by 0.5, loss 0.5 against 1", "without a seed to vary, the same comes out again"]
    same = [run_of([1.0], seeded=False, metric="loss", column="loss", data=FUNCTION) for _ in range(2)]
    assert told(*same)[0] == "a and b are equally good, loss 1"


FUNCTION: dict[str, Any] = {"task": "python", "notes": [], "function": "mine:f", "fingerprint": "a"}


def test_a_run_without_a_winner_is_told_to_have_none() -> None:
    assert told(run_of([None]), run_of([0.2])) == ["a: no trial came to its end, so there is no winner to compare"]


def test_runs_that_cannot_be_compared_are_told_so_first() -> None:
    data = {**run_of([0.1]).start["data"], "split_sha256": "other"}
    values = [0.1, 0.2, 0.3, 0.4, 0.5]
    runs = {Path("runs/one-001"): run_of(values), Path("runs/two-001"): run_of(values, name="two-001", data=data)}
    lines = drawn(runs, 120).splitlines()
    assert lines[:2] == ["one-001 and two-001, judged by validation_error of the last epoch", ""]
    assert lines[2].startswith("not to be compared: one-001 and two-001 are judged on different rows")
    assert not any(line.startswith(("complete trials", "the best after")) for line in lines)
    assert not any("[=" in line for line in lines)


def boxes(*values: list[float], metric: str = "validation_error") -> list[str]:
    """Return the pictures of where the trials of runs lie, and what stands below them."""
    runs = [run_of(own, name=f"{place}-001", metric=metric) for place, own in enumerate(values)]
    lines = drawn({Path(run.name): run for run in runs}, 76).splitlines()
    begin = next(place for place, line in enumerate(lines) if line.startswith("worst")) + 2
    return lines[begin : lines.index("", begin)]


GOOD = [0.1, 0.2, 0.3, 0.4, 0.5]


@pytest.mark.parametrize(
    ("metric", "best", "worst"), [("validation_error", "0.1", "0.5"), ("validation_accuracy", "0.9", "0.5")]
)
def test_the_best_end_of_the_axis_is_on_the_left(metric: str, best: str, worst: str) -> None:
    one, two, below, key = boxes(GOOD, GOOD[::-1], metric=metric)
    assert one[5:] == two[5:] == f"  |{'-' * 16}[{'=' * 16}#{'=' * 16}]{'-' * 16}|"
    assert below == f"       {best}{' ' * 63}{worst}"
    assert key == "[=#=] the middle half with the median, |--| all from the best to the worst"


def test_a_trial_far_beyond_the_others_stands_at_the_end_of_the_axis() -> None:
    one, two, below, _, told = boxes([*GOOD, 1e9], GOOD)
    assert (one[-1], two[-1]) == (">", "|")
    assert below.split() == ["0.1", "0.54"]
    assert told == "1 trial beyond the axis at >"


def test_a_run_of_too_few_trials_for_a_box_is_named() -> None:
    one, _, _, told = boxes(GOOD, GOOD[:4])
    assert one.startswith("0-001  |")
    assert told == "1-001: a box takes 5 complete trials"


def test_trials_that_are_all_equal_stand_in_the_middle() -> None:
    one, _, below, _ = boxes([0.2] * 5, [0.2] * 5)
    assert one == f"0-001{' ' * 36}#"
    assert below.split() == ["0.1", "0.3"]


def test_whole_numbers_are_told_from_others() -> None:
    spaces = ({"x": {"range": bounds, "scale": "linear"}} for bounds in ([0, 10], [0.0, 10.0]))
    runs = [run_of([0.1], [{"x": 5}], space=space, name=f"{n}-001") for n, space in enumerate(spaces)]
    text = drawn({Path(run.name): run for run in runs}, 120)
    assert "x       0 to 10, linear, whole numbers   0 to 10, linear" in text


def test_bounds_values_and_settings_that_round_alike_are_told_in_more_digits() -> None:
    runs = [
        run_of(
            [0.1] * 5,
            [{"x": x}] * 5,
            space={"x": {"range": [0.0, end], "scale": "linear"}},
            search={"method": "random", "start": [{"x": x, "a": "long" * 10, "b": end}]},
            name=f"{n}-001",
        )
        for n, (end, x) in enumerate([(10.0001, 5.00001), (10.0002, 5.00002)])
    ]
    lines = [" ".join(line.split()) for line in drawn({Path(run.name): run for run in runs}, 200).splitlines()]
    assert "x 0 to 10.0001, linear 0 to 10.0002, linear" in lines
    assert "x 5.00001 5.00002" in lines
    assert any(line.startswith("search.start x 5.0000") and line.endswith("b 10.0002") for line in lines)


def test_the_names_and_values_of_a_function_are_shown_as_they_are() -> None:
    params = [{"[red]x": name} for name in ("[bold]a", "</script>")]
    space = {"[red]x": ["[bold]a", "</script>"]}
    runs = {Path(f"{n}-001"): run_of([0.1], [params[n]], space=space, name=f"{n}-001") for n in range(2)}
    text = drawn(runs, 100)
    assert "[red]x                [bold]a   </script>" in text
