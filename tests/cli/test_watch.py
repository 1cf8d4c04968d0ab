"""`hpsearch watch`, where nobody works on the run any more; a search under way is watched in test_window.py."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from commands import Command
from rich.console import RenderableType
from threadpoolctl import threadpool_info, threadpool_limits

from hpsearch.study.events import Event
from hpsearch.views.terminal import picture


def unfinished(directory: Path) -> None:
    """Cut a run off after its second block."""
    lines = (directory / "journal.jsonl").read_text().splitlines(keepends=True)
    blocks = [place for place, line in enumerate(lines) if '"type": "block"' in line]
    (directory / "journal.jsonl").write_text("".join(lines[: blocks[1] + 1]))


def test_a_finished_run_is_shown_and_it_is_said_that_nothing_more_comes(hpsearch: Command) -> None:
    hpsearch("run", "tiny.yaml", "--jobs", "1", "--quiet")
    shown = hpsearch("watch", "tiny")
    assert shown.code == 0
    assert shown.err == "tiny-001 has finished; more: hpsearch show tiny-001\n"
    first, *trials = shown.out.splitlines()
    assert first == "tiny-001: 4 trials, 1 worker"
    assert [line.split(": ")[0] for line in trials] == [
        f"[{count}/4] trial {number}" for count, number in enumerate(by_end(Path("runs/tiny-001")), 1)
    ]


def by_end(directory: Path) -> list[str]:
    """Return the trials of a run by when they ended."""
    with (directory / "trials.csv").open(newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (row["finished_at"], int(row["trial"])))
    return [row["trial"] for row in rows]


def test_once_shows_the_picture_and_waits_for_nothing(hpsearch: Command) -> None:
    hpsearch("run", "tiny.yaml", "--jobs", "1", "--quiet")
    shown = hpsearch("watch", "latest", "--once")
    assert shown.code == 0
    lines = shown.out.splitlines()
    assert lines[0] == "tiny-001: 4 trials, 1 worker"
    assert "100 %" in lines[1]
    assert "4 of 4 trials ended: 4 complete" in lines
    assert "\x1b" not in shown.out


def test_once_computes_on_one_blas_thread_as_all_that_judges_a_run(
    hpsearch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    hpsearch("run", "tiny.yaml", "--jobs", "1", "--quiet")
    threads: list[int] = []
    still = picture.still

    def counted(events: list[Event]) -> RenderableType:
        threads.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return still(events)

    monkeypatch.setattr(picture, "still", counted)
    with threadpool_limits(limits=2):
        assert hpsearch("watch", "tiny", "--once").code == 0
    assert set(threads) <= {1}  # some systems have a BLAS whose threads nobody counts


def test_a_run_that_nobody_goes_on_with_is_told_of_and_the_command_fails(hpsearch: Command) -> None:
    hpsearch("run", "tiny.yaml", "--jobs", "1", "--quiet")
    unfinished(Path("runs/tiny-001"))
    told = "tiny-001 is not finished, and no command works on it; the command that began it goes on with it"
    shown = hpsearch("watch", "tiny")
    assert (shown.code, shown.err) == (1, f"error: {told}\n")
    once = hpsearch("watch", "tiny", "--once")
    assert (once.code, once.err) == (0, f"{told}\n")
    assert "2 of 4 trials ended: 2 complete" in once.out.splitlines()
    for stop, why in (
        ({"reason": "a worker died\nmore of it"}, "on it: a worker died"),
        ({"reason": ""}, "on it: no reason is on record"),
        ({"reason": "x", "signal": 15}, "on it: it was interrupted by signal 15"),
    ):
        with Path("runs/tiny-001/journal.jsonl").open("a") as file:
            file.write(json.dumps({"v": 1, "type": "stop", **stop}) + "\n")
        assert f"{why}; the command that began it goes on with it\n" in hpsearch("watch", "tiny", "--once").err


def test_a_run_that_has_not_begun_is_told_of(hpsearch: Command) -> None:
    hpsearch("run", "tiny.yaml", "--jobs", "1", "--quiet")
    journal = Path("runs/tiny-001/journal.jsonl")
    journal.write_text(journal.read_text().splitlines()[0] + "\n")
    shown = hpsearch("watch", "tiny")
    told = "tiny-001 has not begun, and no command works on it; the command that began it goes on with it"
    assert (shown.code, shown.out, shown.err) == (1, "", f"error: {told}\n")
    assert json.loads(hpsearch("watch", "tiny", "--json").out)["planned"] is None


def test_json_tells_how_it_stands(hpsearch: Command) -> None:
    hpsearch("run", "tiny.yaml", "--jobs", "1", "--quiet")
    unfinished(Path("runs/tiny-001"))
    shown = hpsearch("watch", "tiny", "--json")
    told = json.loads(shown.out)
    assert shown.err == ""
    assert {name: told[name] for name in ("driver", "planned", "ended", "counts", "epochs", "confirming")} == {
        "driver": None,
        "planned": 4,
        "ended": 2,
        "counts": {"complete": 2},
        "epochs": 6,
        "confirming": [],
    }
    assert told["work_done"] == pytest.approx(0.5)
    assert told["stages"][0]["ended"] == 2
    assert set(told["best"]["params"]) == {"learning_rate", "hidden_units"}


def test_a_run_that_is_not_there_is_wrong_usage(hpsearch: Command) -> None:
    assert hpsearch("watch", "nothing").code == 2
