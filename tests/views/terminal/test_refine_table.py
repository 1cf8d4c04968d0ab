from __future__ import annotations

import io
from dataclasses import replace

from refined import REFINEMENT
from rich.console import Console

from hpsearch.space.parameters import Real
from hpsearch.views.terminal.refine_table import comments, refine_screen


def printed(width: int) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(refine_screen(REFINEMENT, ["beta1", "momentum"], console.width))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_table_tells_old_and_new_ranges_and_below_it_why() -> None:
    text = printed(120)
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in text.splitlines()[3:8] if line.split()}
    assert rows["learning_rate"] == "log 0.0001 to 1 0.01 to 5 0.5 to 0.988 7 of 8 upper"
    assert rows["beta1"] == "1-beta 0.90 (10) to 0.9990 (1000) the same 0.950 (20) to 0.9987 (769) 8 of 8"
    assert rows["optimizer"] == "choice adam, momentum adam only adam 8 of 8"
    assert "from 40 finished trials: of the 30 trials near the good ones 90 % beat the median" in text
    assert "learning_rate is widened: why" in text
    assert "momentum is left out: it counts only where optimizer is momentum, which is gone" in text


def test_ranges_that_differ_by_less_than_is_usually_told_read_differently() -> None:
    narrowed = replace(REFINEMENT.advice[0], new=Real(1.0001e-4, 1.0, "log"), span=(0.50001, 0.50002))
    console = Console(file=io.StringIO(), width=120, color_system=None)
    console.print(refine_screen(replace(REFINEMENT, advice=(narrowed,)), [], console.width))
    assert isinstance(console.file, io.StringIO)
    row = next(line for line in console.file.getvalue().splitlines() if line.startswith("learning_rate"))
    assert " ".join(row.split()[2:-4]) == "0.0001 to 1 0.00010001 to 1 0.50001 to 0.50002"


def test_nothing_is_cut_off_at_80_columns() -> None:
    text = printed(80)
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    assert all(word in text for word in ("learning_rate", "(1000)", "upper", "8 of 8"))


def test_one_trial_that_the_ranges_are_put_round_is_called_what_it_is() -> None:
    round_one = replace(REFINEMENT, round_one="trial 17 (place 12 of 40)")
    console = Console(file=io.StringIO(), width=120, color_system=None)
    console.print(refine_screen(round_one, [], console.width))
    assert isinstance(console.file, io.StringIO)
    assert "trial 17" in console.file.getvalue().splitlines()[2]
    assert "elites" not in console.file.getvalue()
    rate = comments(round_one, [])["learning_rate"]
    assert rate[1] == "was 0.0001 to 1 (log); trial 17 (place 12 of 40) has 0.5 to 0.988; 7 of 8 leaders lie here"


def test_each_parameter_has_its_comment() -> None:
    told = comments(REFINEMENT, ["beta1", "momentum"])
    assert told["learning_rate"] == [
        "widened: why",
        "was 0.0001 to 1 (log); the elites have 0.5 to 0.988; 7 of 8 leaders lie here",
    ]
    assert told["beta1"][1] == "the elites have 0.950 (20) to 0.9987 (769); 8 of 8 leaders lie here"
    assert told["optimizer"][0] == "optimizer is fixed: no leader has momentum (tried 9 times)"
    assert told["momentum"][0].startswith("momentum is left out: ")
