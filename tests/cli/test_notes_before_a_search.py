"""What is worth a word is told once, by every command that goes by it, on the screen and in JSON."""

import json
from pathlib import Path

import pytest
from commands import Command

TOO_SHORT = "early stopping cannot act: it needs trials of at least 9 epochs, and they have 3"
SPEC = """\
data: {source: rows.csv, target: good}
network: {epochs: 3, batch_size: 16}
space: {learning_rate: {range: [1e-3, 1e-1]}}
search: {method: random, trials: 3, early_stopping: {min_epochs: 3}}
"""


@pytest.fixture
def short(hpsearch: Command) -> Command:
    Path("short.yaml").write_text(SPEC)
    rows = (f"{row % 7},,{'yes' if row % 7 > 3 else 'no'}\n" for row in range(60))
    Path("rows.csv").write_text("a,b,good\n" + "".join(rows))
    return hpsearch


@pytest.mark.parametrize("options", [["--dry-run"], ["--dry-run", "--json"], ["-j1", "-q"], ["-j1", "--json"]])
def test_run_tells_notes_on_the_spec_and_on_the_data_once(short: Command, options: list[str]) -> None:
    ended = short("run", "short.yaml", *options)
    assert ended.code == 0
    assert ended.err.count(f"note: {TOO_SHORT}") == 1
    assert ended.err.count("note: `b` ") == 1
    if "--dry-run" in options and "--json" in options:
        told = json.loads(ended.out)["notes"]
        assert told[0] == TOO_SHORT
        assert told[1].startswith("`b` ")


def test_check_tells_a_note_on_the_spec_as_a_finding_and_nothing_twice(short: Command) -> None:
    ended = short("check", "short.yaml", "--quick")
    assert ended.out.count(TOO_SHORT) == 1
    assert f"short.yaml:4:53: {TOO_SHORT} [no-early-stopping]" in ended.out
    assert ended.err.count("note: ") == ended.err.count("note: `b` ") == 1
    content = json.loads(short("check", "short.yaml", "--quick", "--json").out)
    assert [note[:4] for note in content["notes"]] == ["`b` "]
    assert [finding["code"] for finding in content["findings"]] == ["no-early-stopping"]
