from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from searched import SPACE, searched

from hpsearch.study.record import RunRecord
from hpsearch.views.export import importance_json
from hpsearch.views.numbers.importance import what_matters
from hpsearch.views.page.overviews import MAIN, NEAR, importance
from hpsearch.views.terminal.importance import importance_hint, importance_screen


def drawn(run: RunRecord) -> list[str]:
    with (console := Console(width=100, highlight=False)).capture() as captured:
        console.print(importance_screen(what_matters(run, SPACE)))
    return [line.rstrip() for line in captured.get().splitlines()]


def test_fifty_trials_with_a_number_give_numbers_the_most_important_parameter_first() -> None:
    lines = drawn(searched(52, diverged=2))
    assert lines[0].split() == ["importance", "main", "effect", "near", "the", "best"]
    assert [line.split()[0] for line in lines[2:4]] == ["steep", "idle"]
    assert float(lines[2].split()[1]) > 90
    assert lines[2].split()[2:4] == ["%", "±"]
    assert 0 < float(lines[2].split()[4]) < 10
    assert len(lines) == 7
    content = importance_json(what_matters(searched(50), SPACE))
    assert (content["n_trials"], content["first"], content["zoomed"]) == (50, "steep", False)
    assert content["parameters"][0]["main_effect"] > 0.9
    assert content["parameters"][0].keys() == {"name", "main_effect", "local", "main_error", "local_error"}


def test_the_page_tells_the_same_shares_and_errors() -> None:
    table = {line.split()[0]: " ".join(line.split()[1:]) for line in drawn(searched(50))[2:4]}
    rows = importance(what_matters(searched(50), SPACE))["data"]["values"]
    told = [row["told"].partition(": ") for row in rows]
    main, near = (
        {name: text.removeprefix(what) for name, _, text in told if text.startswith(what)} for what in (MAIN, NEAR)
    )
    assert table == {name: " ".join(f"{main[name]}{near[name]}".split()) for name in ("steep", "idle")}


@pytest.mark.parametrize(("trials", "numbers"), [(20, None), (60, [])])
def test_in_noise_no_name_is_told(trials: int, numbers: list[object] | None) -> None:
    run = searched(trials)
    noise = np.random.default_rng(1).random(trials).tolist()
    run.history = {n: replace(record, values=(noise[n],)) for n, record in run.history.items()}
    assert drawn(run) == [f"importance: no parameter stands out among {trials} trials: shuffled values might look the same"]
    content = importance_json(what_matters(run, SPACE))
    assert (content["first"], content["parameters"]) == (None, numbers)


def test_fewer_give_the_top_name_only() -> None:
    assert drawn(searched(51, diverged=2)) == ["steep probably matters most; from 50 trials on there are numbers"]
    content = importance_json(what_matters(searched(15), SPACE))
    assert (content["first"], content["parameters"]) == ("steep", None)


def test_still_fewer_say_nothing() -> None:
    assert drawn(searched(20, diverged=6)) == ["importance: 14 trials with a number say nothing; from 15 on they may"]
    assert importance_json(what_matters(searched(14), SPACE))["first"] is None


def test_trials_that_lie_near_good_ones_are_told_to_underrate_what_was_settled() -> None:
    assert drawn(searched(50, kind="elite"))[-1].startswith("later trials lie near the good ones")


@pytest.mark.parametrize(("trials", "hint"), [(14, ""), (15, "which parameters matter: hpsearch show a-001 --importance")])
def test_a_run_says_how_to_ask_once_there_are_trials_enough(trials: int, hint: str) -> None:
    assert importance_hint(searched(trials), Path("runs/a-001")) == hint
