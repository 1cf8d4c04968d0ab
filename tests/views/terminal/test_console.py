"""What is printed cannot steer the terminal, whatever it is and wherever it came from; and what fits is told."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from recorded import recorded_run
from rich.console import Group, RenderableType
from rich.text import Text

from hpsearch.objectives.objective import Confusion
from hpsearch.views.numbers.summary import summarise
from hpsearch.views.terminal.confusion import confusion_screen
from hpsearch.views.terminal.console import fits, note, output, print_data, print_json
from hpsearch.views.terminal.one_trial import trial_screen
from hpsearch.views.terminal.tables import plain_table, result_line, result_screen, run_screen

STEERING = "\x1b[31ma\u202e"
SHOWN = "\\x1b[31ma\\u202e"


def table_of(cell: str) -> RenderableType:
    table = plain_table("name", "value")
    table.add_row(cell, "1")
    return table


@pytest.mark.parametrize("printed", [STEERING, Text(STEERING), Group(STEERING), table_of(STEERING)])
def test_control_characters_are_shown_not_sent(printed: RenderableType, capsys: pytest.CaptureFixture[str]) -> None:
    output().print(printed)
    written = capsys.readouterr().out
    assert SHOWN in written
    assert not set(written) & set(STEERING) - set(SHOWN)


def test_a_note_is_escaped_and_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    note(f"a file called {STEERING}\nis not read")
    assert capsys.readouterr() == ("", f"note: a file called {SHOWN}\nis not read\n")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_data_for_other_programs_are_the_same_in_any_encoding(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content, written = {"é×…│": f"漢字 {STEERING}\x7f"}, io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding))
    print_json(content)
    print_data("é×…│,漢字\n")
    lines = written.getvalue().decode().splitlines()
    assert json.loads(lines[0]) == content
    assert "\x1b" not in lines[0]
    assert lines[1:] == ["é×…│,漢字"]


def test_a_column_is_as_wide_as_what_is_shown_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    output().print(table_of(STEERING))
    heading, _, row = (line.rstrip() for line in capsys.readouterr().out.splitlines())
    assert len(heading) == len(row)
    assert row.startswith(SHOWN)


def test_what_fits_is_told_of_what_is_shown() -> None:
    width = len(SHOWN) + 2 + len("value")
    assert [fits(table_of(STEERING), columns) for columns in (width + 1, width)] == [True, False]


def test_names_labels_and_reasons_of_a_run_are_shown_not_sent(capsys: pytest.CaptureFixture[str]) -> None:
    run, directory = recorded_run(run=STEERING), Path("runs") / STEERING
    run.history[3] = replace(run.history[3], reason=f"ValueError: {STEERING}")
    confusion = Confusion((STEERING, "b"), ((1, 2), (3, 4)))
    screens = (
        trial_screen(run, run.history[0]),
        trial_screen(run, run.history[3]),
        run_screen(summarise(run), 100),
        result_screen(summarise(run), directory, 1.0, 100),
        result_line(summarise(run), directory),
        confusion_screen("test", confusion, 100),
        confusion_screen("test", confusion, 10),
    )
    for screen in screens:
        output().print(screen)
        written = capsys.readouterr().out
        assert SHOWN in written
        assert "\x1b" not in written
