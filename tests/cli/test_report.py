"""`report`: a page about a run."""

import json
import sys
import webbrowser
from pathlib import Path

import pytest
from commands import Command


@pytest.fixture
def searched(hpsearch: Command) -> Command:
    assert hpsearch("run", "tiny.yaml", "--jobs", "1", "-q").code == 0
    return hpsearch


def test_the_page_lies_in_the_directory_of_its_run_and_its_path_is_told(searched: Command) -> None:
    ended = searched("report", "tiny")
    assert (ended.code, ended.out) == (0, "runs/tiny-001/report.html\n")
    page = Path("runs/tiny-001/report.html").read_bytes()
    assert b"<title>tiny-001" in page
    assert b"learning_rate: {range: [1e-3, 1e-1], scale: log}" in page  # the spec as it was given
    assert json.loads(searched("report", "tiny", "--json").out) == {"report": "runs/tiny-001/report.html"}
    assert Path("runs/tiny-001/report.html").read_bytes() == page
    assert "tiny-001" in searched("doctor", "tiny").out  # the page is in nobody's way


def test_it_can_be_written_elsewhere(searched: Command) -> None:
    assert searched("report", "tiny", "--out", "page.html").out == "page.html\n"
    assert Path("page.html").read_text().startswith("<!doctype html>")
    assert not Path("runs/tiny-001/report.html").exists()
    for run in ("tiny", "other"):  # where to write is looked at before the run is
        ended = searched("report", run, "-o", "nowhere/page.html")
        assert (ended.code, ended.err) == (2, "error: nowhere/page.html cannot be written: there is no directory nowhere\n")


@pytest.mark.parametrize("path", ["tiny.yaml", "runs/tiny-001/journal.jsonl", "runs/tiny-001/report.html"])
def test_nothing_else_is_written_over(path: str, searched: Command) -> None:
    Path("another").write_text("another's\n")
    Path("runs/tiny-001/report.html").symlink_to(Path("another").resolve())
    before = Path(path).read_bytes()
    ended = searched("report", "tiny", "--out", path)
    assert ended.code == 2
    assert path in ended.err
    assert Path(path).read_bytes() == before
    assert Path("another").read_text() == "another's\n"


def test_it_is_opened_in_a_browser_if_there_is_one(searched: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def first_time(address: str) -> bool:
        opened.append(address)
        return len(opened) == 1

    monkeypatch.setattr(webbrowser, "open", first_time)
    assert searched("report", "tiny", "--open").err == ""
    assert opened == [Path("runs/tiny-001/report.html").resolve().as_uri()]
    assert "no browser could be started" in searched("report", "tiny", "--open").err


def test_without_its_library_nothing_is_written(searched: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    ended = searched("report", "tiny")
    assert ended.code == 2
    assert "pip install 'hpsearch[report]'" in ended.err
    assert not Path("runs/tiny-001/report.html").exists()


def test_a_run_whose_spec_was_changed_has_a_page_without_what_is_about_parameters(searched: Command) -> None:
    Path("runs/tiny-001/resolved.yaml").unlink()
    assert searched("report", "tiny").code == 0
    page = Path("runs/tiny-001/report.html").read_text()
    assert "Nothing can be said of the parameters" in page
    assert "Where the good range is" not in page


def test_an_unknown_run_is_an_error(searched: Command) -> None:
    ended = searched("report", "other")
    assert ended.code == 2
    assert "tiny-001" in ended.err
