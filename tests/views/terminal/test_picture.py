"""The picture of a search under way, as a terminal shows it."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyte
import pytest
from golden import agrees
from hypothesis import given, settings
from hypothesis import strategies as st
from printed import printed
from rich.console import Console
from searches import begin, confirming, record, under_way

from hpsearch.search.plan import Plan
from hpsearch.space.parameters import Real
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.events import Event, Finished, Trained
from hpsearch.trial import Status, Trial, TrialRecord
from hpsearch.views.terminal import live
from hpsearch.views.terminal.board import Board
from hpsearch.views.terminal.live import watching
from hpsearch.views.terminal.picture import Picture, still

GOLDEN = Path(__file__).parent / "golden"


class Clock:
    """A clock that shows the time that it is set to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def shown(events: Sequence[Event], width: int, height: int = 30, encoding: str = "utf-8") -> list[str]:
    """Return the lines that a terminal of this size shows of the picture after 100 s, those below it left out."""
    clock = Clock()
    picture = Picture("q leaves; the search goes on", clock)
    for event in events:
        picture(event)
    clock.now = 100.0
    screen = pyte.Screen(width, height)
    pyte.Stream(screen).feed(printed(picture, width, encoding, height).replace("\n", "\r\n"))
    return "\n".join(line.rstrip() for line in screen.display).rstrip().split("\n")


@pytest.mark.parametrize("width", [60, 100, 160])
def test_the_picture_is_what_was_agreed_on(width: int) -> None:
    assert agrees("\n".join(shown(under_way(), width)), GOLDEN / f"picture_{width}.txt")


def test_a_terminal_without_unicode_is_shown_letters() -> None:
    lines = shown(under_way(), 100, encoding="ascii")
    assert all(line.isascii() for line in lines)
    assert agrees("\n".join(lines), GOLDEN / "picture_100_ascii.txt")


def test_confirming_the_leaders_has_a_bar_of_its_own() -> None:
    assert agrees("\n".join(shown(confirming(), 100)), GOLDEN / "picture_confirming.txt")


@given(st.integers(20, 200), st.integers(2, 40))
@settings(max_examples=60)
def test_it_fits_into_any_window(width: int, height: int) -> None:
    rows = still(confirming()).rows(width, height - 1)
    assert len(rows) <= height - 1
    assert rows[0].text.plain.startswith("digits-001:")
    assert max(row.text.cell_len for row in rows) <= width


def test_a_low_window_keeps_the_work_the_best_and_what_warns() -> None:
    lines = shown(under_way(), 100, height=11)
    assert [line.split()[0] for line in lines] == [
        "digits-001:",
        "search",
        "fine",
        "40",
        "best",
        "trial",
        "39",
        "36",
        "33",
        "learning_rate:",
    ]
    assert [line.split()[0] for line in shown(under_way(), 100, height=5)] == ["digits-001:", "search", "trial", "39"]


def test_stages_that_are_over_become_one_line_where_there_is_little_space() -> None:
    assert sum("2 stages over" in line for line in shown(under_way(), 100, height=30)) == 0
    (line,) = [line for line in shown(under_way(), 100, height=16) if "2 stages over" in line]
    assert line.endswith("40 trials")


def test_columns_are_left_out_and_none_is_cut() -> None:
    heads = {width: shown(under_way(), width)[8].split() for width in (40, 60, 80, 100)}
    names = ["trial", "validation_error", "curve", "learning_rate", "optimizer", "momentum", "hidden_units", "[red]"]
    assert heads == {40: names[:3], 60: names[:5], 80: names[:6], 100: names}


def tried(values: Sequence[tuple[float, ...]]) -> list[Event]:
    """Return what is told of complete trials with these values of four parameters, of which only the last matters."""
    names = ("idle", "vain", "odd", "steep")
    space = SearchSpace({name: Entry(Real(0.0, 1.0)) for name in names})
    trials = [Trial(number, 0, point, dict(zip(names, point, strict=True))) for number, point in enumerate(values)]
    records = [
        TrialRecord(trial, 1, Status.COMPLETE, curves={"validation_error": (trial.point[3],)}, values=(trial.point[3],))
        for trial in trials
    ]
    start = replace(begin(), plan=Plan((99,), (1,)), parameters=names, averaging=(), space=space)
    return [start, Trained(tuple(replace(record, selected_epoch=1) for record in records), 0.5)]


def test_the_parameters_stand_in_the_order_in_which_they_matter_once_that_can_be_told() -> None:
    values = [tuple(point) for point in np.random.default_rng(0).random((15, 4)).round(3).tolist()]

    def heading(trials: int, width: int) -> list[str]:
        rows = still(tried(values[:trials])).rows(width, 40)
        return next(row.text.plain for row in rows if row.text.plain.startswith("trial")).split()[2:]

    assert heading(14, 100) == ["idle", "vain", "odd", "steep"]
    assert heading(15, 100)[0] == "steep"
    assert (heading(14, 32), heading(15, 32)) == (["idle"], ["steep"])


def test_a_column_stays_where_it_is_when_other_trials_lead() -> None:
    def place(picture: Picture, width: int) -> int:
        rows = picture.rows(width, 40)
        return next(row.text.plain.index("vain") for row in rows if row.text.plain.startswith("trial"))

    picture = Picture(clock=Clock())
    for event in tried([(0.123456, 0.5, 0.5, 0.8)]):
        picture(event)
    before = place(picture, 100)
    picture(tried([(0.5, 0.5, 0.5, 0.1)])[1])
    assert place(picture, 100) == before
    assert place(picture, 99) < before


def test_a_column_stays_when_no_leader_has_that_parameter_until_the_window_has_another_width() -> None:
    board, started = Board(), begin()

    def heading(number: int, width: int) -> str:
        return board.lines([record(number, 9, 9, Status.COMPLETE)], started, started.parameters, width)[0]

    assert "momentum" not in heading(4, 120)
    with_it = heading(3, 120)
    assert "momentum" in with_it
    assert heading(4, 120) == with_it
    assert "momentum" not in heading(4, 119)


def test_a_bar_gets_no_longer_when_what_is_said_of_it_gets_shorter() -> None:
    clock = Clock()
    picture = Picture(clock=clock)

    def bar_and_text() -> tuple[int, str]:
        (line,) = [row.text.plain for row in picture.rows(60, 40) if row.text.plain.startswith("  search")]
        _, drawn, text = line.split(maxsplit=2)
        return len(drawn), text

    start, trained = tried([(0.5, 0.5, 0.5, 0.5)])
    assert isinstance(trained, Trained)
    picture(start)
    picture(trained)
    clock.now = 100.0
    length, told = bar_and_text()
    picture(replace(trained, work_done=1.0))
    length_then, told_then = bar_and_text()
    assert len(told_then) < len(told)
    assert length_then == length


def test_while_none_has_come_to_its_end_those_are_shown_that_are_ahead() -> None:
    events: list[Event] = [begin(), Trained((record(0, 1, 3, Status.WAITING), record(5, 2, 3, Status.WAITING)), 0.1)]
    lines = shown(events, 100)
    head = next(place for place, line in enumerate(lines) if line.startswith("trial"))
    assert [line.split()[:3] for line in lines[head : head + 3]] == [
        ["trial", "validation_error", "epochs"],
        ["5", "0.283", "2"],
        ["0", "0.9", "1"],
    ]


def test_the_edge_is_warned_of_from_forty_trials_on() -> None:
    def warned(trials: int) -> bool:
        events: list[Event] = [
            begin(),
            Trained(tuple(record(number, 9, 9, Status.COMPLETE) for number in range(trials)), 0.5),
        ]
        told = "learning_rate: all of the best 5 are at its upper end, 1; better ones may lie beyond"
        return told in shown(events, 120)

    assert (warned(39), warned(40)) == (False, True)


def test_trials_that_are_given_up_are_shown_no_more() -> None:
    events = [*under_way(), Finished({0: record(0, 9, 9, Status.COMPLETE)})]
    assert "1 of 50 trials ended: 1 complete" in shown(events, 100)


@pytest.mark.parametrize("stays", [False, True])
def test_the_last_picture_stays_only_where_it_is_wanted(stays: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    file = Terminal()
    console = Console(file=file, force_terminal=True, width=100, height=30, highlight=False, markup=False)
    with watching(console, stays=stays, clock=Clock()) as listen:
        for event in under_way():
            listen(event)
    console.print("the end")
    screen = pyte.Screen(100, 30)
    pyte.Stream(screen).feed(file.getvalue().replace("\n", "\r\n"))
    lines = [line.rstrip() for line in screen.display if line.strip()]
    assert not screen.cursor.hidden
    assert lines[-1] == "the end"
    assert (lines[0] == "digits-001: 50 trials, 2 workers") == stays
    assert (len(lines) == 1) != stays


class Terminal(io.StringIO):
    """A stream that says of itself that it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_what_breaks_while_it_is_drawn_is_raised_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(live, "FRAME_SECONDS", 0.001)
    broken = threading.Event()

    def clock() -> float:
        if threading.current_thread() is not threading.main_thread():
            broken.set()
            raise ZeroDivisionError("a broken clock")
        return 0.0

    file = Terminal()
    console = Console(file=file, force_terminal=True, width=100, height=30)

    def watched(error: Exception | None = None) -> None:
        broken.clear()
        with watching(console, clock=clock) as listen:
            listen(begin())
            assert broken.wait(60)
            if error:
                raise error

    with pytest.raises(ZeroDivisionError, match="a broken clock"):
        watched()
    assert file.getvalue().rindex("\x1b[?25h") > file.getvalue().rindex("\x1b[?25l")
    with pytest.raises(KeyError, match="of its own"):
        watched(KeyError("of its own"))


@pytest.mark.parametrize(("variable", "coloured"), [("NO_COLOR", False), ("FORCE_COLOR", True)])
def test_colours_are_shown_or_not_as_the_environment_says(
    variable: str, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv(variable, "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=100, height=30, highlight=False, markup=False)
    console.print(still(under_way()))
    assert ("\x1b[33m" in file.getvalue()) == coloured


def test_what_is_done_of_a_bar_is_green_once_all_is_and_the_rest_is_dim() -> None:
    texts = [row.text for row in still(under_way()).rows(100, 29) if "━" in row.text.plain]
    spans = {
        text.plain.split("  ")[1]: [(text.plain[begin:end], style) for begin, end, style in text.spans if begin < end]
        for text in texts
    }
    assert spans["coarse stage"] == [("━" * 38, "green")]
    assert spans["fine stage 2 of 2"] == [("━" * 5, "cyan"), ("─" * 33, "dim")]
