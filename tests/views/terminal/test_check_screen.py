"""The looks of a check, at a fixed width; what they show is made up or drawn from a small study."""

from __future__ import annotations

from dataclasses import replace

import pytest
from previewed import PARAMS, SPACE, previewed
from rich.console import Console

from hpsearch.data.profile import ColumnProfile
from hpsearch.search.plan import Plan
from hpsearch.space.parameters import Choice
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.estimate import Disk, Estimate
from hpsearch.study.histograms import histograms
from hpsearch.study.preview import Memory, Preview
from hpsearch.views.numbers.looked import Looked
from hpsearch.views.terminal.check import check_screen, draw_lines

NOTHING = Looked()


@pytest.fixture
def ahead() -> Preview:
    return previewed()


def shown(ahead: Preview, looked: Looked = NOTHING, width: int = 100) -> list[str]:
    console = Console(width=width, highlight=False, color_system=None)
    with console.capture() as capture:
        console.print(check_screen(ahead, looked))
    return [line.rstrip() for line in capture.get().splitlines()]


def test_the_screen_is_this(ahead: Preview) -> None:
    assert shown(ahead) == [
        "parameter                scale           its 4 trials",
        "────────────────────────────────────────────────────────────────────────────────────────────────────",
        "learning_rate            log             0.001 █ 3  0.01 ▃ 1  0.1",
        "optimizer                choice          adam █ 2  momentum █ 2",
        "momentum (window)        1-beta          0.90 (10) █ 1  0.990 (100) █ 1  0.9990 (1000)",
        "                                         if optimizer: momentum (50 %)",
        "hidden_layers            linear, whole   1 █ 3  2 ▃ 1",
        "hidden_units per layer   choice          16 █ 4  32 ▂ 1",
        "",
        "data:   64 inputs, classification of label (10 classes); rows: 1079 train, 359 validation, 359 test",
        "plan:   4 trials of 3 epochs, 12 epochs in total",
        "        judged by validation_error of the last epoch",
        "chance: 19 % that 4 trials drawn from the whole space hold one of its best 5 % (1 - 0.95^4)",
        "groups: your choices make 2 groups of 2 networks, alike in depth and batch size; with 2 workers they",
        "        train 1 at a time",
        "time:   about 2 min 10 s with 2 workers, from a short training measured just now",
        "memory: up to 72 MB a worker, with the data, 210 MB in all",
        "disk:   about 9.7 kB of record and 21 kB of model, and at most 340 kB of states at a time",
    ]


def test_a_narrow_screen_breaks_between_the_parts_of_a_range(ahead: Preview) -> None:
    lines = shown(ahead, width=60)
    assert max(map(len, lines)) <= 60
    assert any(line.endswith("0.90 (10) █ 1") for line in lines)


def test_a_condition_that_is_wider_than_the_screen_breaks_between_its_words(ahead: Preview) -> None:
    when = {"optimizer": ("momentum", "nesterov"), "learning_rate_schedule": ("exponential", "inverse_time")}
    (momentum,) = (own for own in ahead.histograms if own.is_beta)
    lines = shown(replace(ahead, histograms=(replace(momentum, when=when),)), width=60)
    assert max(map(len, lines)) <= 60
    words = " ".join(lines).split()
    assert {"optimizer:", "nesterov", "learning_rate_schedule:", "exponential", "inverse_time"} <= set(words)


def test_of_many_draws_the_shares_are_shown(ahead: Preview) -> None:
    many = replace(ahead, counted=1000, source="the whole space", histograms=histograms(SPACE, PARAMS * 250, ["momentum"]))
    lines = shown(many)
    assert lines[0].endswith("1,000 draws of the whole space")
    assert lines[2].endswith("0.001 █ 75 %  0.01 ▃ 25 %  0.1")


def test_the_balance_of_the_classes_is_a_line(ahead: Preview) -> None:
    looked = Looked(("no", "yes"), {"train": (90, 4), "validation": (5, 1)})
    assert "        the most frequent class is no with 95 % of the rows, the rarest yes with 5 % of the rows" in shown(
        ahead, looked
    )


def test_columns_alike_are_one_line_and_others_each_their_own(ahead: Preview) -> None:
    pixels = [ColumnProfile(f"p{number}", "number", 0, 3 + number) for number in range(5)]
    columns = (*pixels, ColumnProfile("city", "category", 7, 12), ColumnProfile("label", "target", 0, 2))
    looked = Looked(("a", "b"), {"train": (3, 4), "test": (2, 1)}, columns)
    lines = [line.split() for line in shown(ahead, looked)]
    assert ["p0", "to", "p4", "(5", "columns)", "number", "0", "3", "to", "7"] in lines
    assert ["city", "category", "7", "12"] in lines
    assert ["class", "train", "test", "share"] in lines
    assert ["b", "4", "1", "50", "%"] in lines


def test_long_tables_are_cut_off_and_say_so(ahead: Preview) -> None:
    labels = tuple(f"c{number}" for number in range(30))
    columns = tuple(ColumnProfile(f"x{number}", "category", number, 4) for number in range(40))
    lines = shown(ahead, Looked(labels, {"train": (1,) * 30}, columns))
    assert "and 15 lines more: --json has them all" in lines
    assert "and 5 more: --json has them all" in lines


def test_a_single_worker_is_all_that_there_is(ahead: Preview) -> None:
    assert "memory: up to 72 MB a worker, with the data" in shown(replace(ahead, jobs=1))


def test_groups_of_a_part_of_the_trials_say_which(ahead: Preview) -> None:
    longer = replace(ahead, outlook=replace(ahead.outlook, plan=Plan((4, 4), (3,))))
    assert "alike in depth and batch size, in the first 4 trials;" in " ".join(shown(longer, width=200))
    grid = " ".join(shown(replace(longer, source="the whole grid"), width=200))
    assert "alike in depth and batch size, in 4 draws of the whole grid;" in grid


def test_of_a_long_choice_the_first_values_are_shown(ahead: Preview) -> None:
    space = SearchSpace({"x": Entry(Choice(list(range(40))))})
    text = " ".join(shown(replace(ahead, histograms=histograms(space, [{"x": 3}], []))))
    assert "3 █ 1" in text
    assert "  15 0  and 24 values more" in text


def test_a_search_that_may_turn_to_costlier_networks_may_take_longer(ahead: Preview) -> None:
    longer = "about 2 min 10 s with 2 workers, or 3 min 20 s if the costliest networks turn out best"
    lines = shown(replace(ahead, seconds=Estimate(127.4, 200.0)), width=160)
    assert f"time:   {longer}, from a short training measured just now" in lines


def test_what_was_not_measured_is_said_with_the_reason(ahead: Preview) -> None:
    assert "time:   not measured" in shown(replace(ahead, seconds=None, is_quick=True))
    assert "time:   not measured: an epoch of the cheapest network takes seconds" in shown(replace(ahead, seconds=None))
    short = replace(ahead, seconds=None, memory=Memory(worker=9 * 10**9, driver=8 * 10**9, available=8 * 10**9))
    assert "time:   not measured: there is too little memory" in shown(short)
    assert "disk:   about 9.7 kB of record" in shown(replace(ahead, disk=Disk(9_654, None, None)))


def test_trials_are_written_out_by_number(ahead: Preview) -> None:
    assert draw_lines(ahead, 2) == [
        "trial 0: learning_rate 0.002, optimizer adam, hidden_layers 1, hidden_units_1 16",
        "trial 1: learning_rate 0.003, optimizer adam, hidden_layers 2, hidden_units_1 16, hidden_units_2 16",
    ]
    assert "momentum 0.950 (20)" in draw_lines(ahead, 4)[2]
    staged = replace(ahead, outlook=replace(ahead.outlook, plan=Plan((4, 5), (3,))))
    assert draw_lines(staged, 6)[4] == "only the first 4 trials can be told now: those of later stages depend on results"
