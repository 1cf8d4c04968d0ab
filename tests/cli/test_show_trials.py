"""`show` with trials as rows, with plots, and a trial with what happened to it."""

import csv
import io
import json
import sys
from pathlib import Path

import pytest
from commands import Command

from hpsearch.prose import short

FUNCTION = """\
def train(x, kind, n, seed=0):
    if x > 8:
        raise ValueError(f"[red]{x}[/red] </script> \\x1b[31m")
    loss = float("nan") if kind == "" else (x - 2) ** 2 + n
    return {"loss": loss, "score": x}
"""
SPEC = """\
name: odd
objective: {python: "odd:train", metrics: [loss, score]}
space:
  x: {range: [-5.0, 10.0]}
  kind: ["", "[bold]a", "true", 5, true]
  n: {range: [1, 500], scale: log}
search: {method: random, trials: 16}
"""


@pytest.fixture
def searched(hpsearch: Command) -> Command:
    """A run of a function of which some trials fail and some diverge."""
    Path("odd.py").write_text(FUNCTION)
    Path("odd.yaml").write_text(SPEC)
    assert hpsearch("run", "odd.yaml", "-j1", "-q").code == 0
    return hpsearch


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_all_trials_as_csv_are_the_table_of_the_run(searched: Command) -> None:
    table = Path("runs/odd-001/trials.csv").read_text()
    assert searched("show", "odd", "--csv", "--sort", "trial").out == table
    losses = [row["loss"] for row in rows(searched("show", "odd", "--csv", "--cols", "loss").out)]
    told = [float(loss) for loss in losses if loss]
    assert told == sorted(told)
    assert "" in losses
    assert losses[: len(told)] == [repr(loss) for loss in told]


def test_a_selection_is_the_same_as_csv_and_as_json(searched: Command) -> None:
    asked = ("show", "odd", "--where", "x<5", "--where", "kind!=5", "--sort", "-n", "--top", "2", "--cols", "n,kind,x")
    as_csv, as_json = rows(searched(*asked, "--csv").out), json.loads(searched(*asked, "--json").out)
    assert [{name: str(cell) for name, cell in row.items()} for row in as_json] == as_csv
    assert list(as_csv[0]) == ["trial", "n", "kind", "x"]
    assert as_json[0]["n"] > as_json[1]["n"]
    assert all(row["x"] < 5 and row["kind"] != 5 for row in as_json)


def test_rows_come_in_the_order_that_is_asked_for(searched: Command) -> None:
    def numbers(*options: str) -> list[float]:
        return [row["x"] for row in json.loads(searched("show", "odd", "--json", "--cols", "x", *options).out)]

    up = numbers("--sort", "x")
    assert up == sorted(up)
    assert numbers("--sort", "n", "--sort", "-x") == up[::-1]


def test_on_a_screen_three_digits_are_shown_and_what_has_no_room_is_named(
    searched: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    lines = searched("show", "odd", "--where", "status=failed", "--cols", "*").out.splitlines()
    assert lines[0].split()[:3] == ["trial", "stage", "rung"]
    assert max(map(len, lines[: lines.index("") if "" in lines else 3])) <= 60
    assert any(line.startswith("no room for ") for line in lines)
    lines = searched("show", "odd", "--where", "kind=[bold]a", "--skip-unchanged", "--cols", "kind,x").out.splitlines()
    exact = rows(searched("show", "odd", "--where", "kind=[bold]a", "--cols", "x", "--csv").out)
    assert lines[0].split() == ["trial", "x"]
    assert [line.split() for line in lines[2:]] == [[row["trial"], short(float(row["x"]))] for row in exact]
    assert any(short(float(row["x"])) != row["x"] for row in exact)


@pytest.mark.parametrize(
    ("typed", "kinds"),
    [
        ("kind=5", {5}),
        ("kind='true'", {"true"}),
        ("kind=true", {True}),
        ("kind=", {""}),
        ("kind<6", {5}),
        ("kind>'6'", {"[bold]a", "true"}),
    ],
)
def test_a_choice_is_found_by_its_kind_and_not_by_its_look(searched: Command, typed: str, kinds: set[object]) -> None:
    asked = ("show", "odd", "--where", typed, "--cols", "kind")
    found = {(row["kind"], type(row["kind"])) for row in json.loads(searched(*asked, "--json").out)}
    assert found == {(kind, type(kind)) for kind in kinds}


def test_csv_that_is_typed_wins_over_json_in_a_variable(searched: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = searched("show", "odd", "--csv", "--top", "2").out
    monkeypatch.setenv("HPSEARCH_JSON", "1")
    assert searched("show", "odd", "--csv", "--top", "2").out == plain
    assert len(json.loads(searched("show", "odd", "--sort", "x", "--top", "2").out)) == 2


def test_where_no_trial_is_like_that_it_says_what_there_is(searched: Command) -> None:
    ended = searched("show", "odd", "--where", "n>1000", "--where", "kind='5'")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err.startswith("note: no trial of odd-001 is like that\n      n: from ")
    assert ended.err.endswith("kind: 5, true, '', [bold]a, 'true'\n")
    assert searched("show", "odd", "--where", "n>1000", "--json").out == "[]\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--where", "los<1"], "did you mean `loss`?"),
        (["--sort", ""], "there is no column ''"),
        (["--sort", "los"], "did you mean `loss`?"),
        (["--cols", "los*"], ""),
        (["--cols", "lss"], "did you mean `loss`?"),
        (["--where", "loss"], "'loss' is no comparison: write 'learning_rate < 0.1', or 'status=diverged'"),
        (["--where", "status=divergd"], "did you mean `diverged`?"),
        (["--where", "kind='5'"], ""),
        (["--where", "x=plain"], "x holds numbers, and that is a text"),
        (["--csv", "--json"], "one at a time: --csv and --json"),
        (["--csv", "--importance"], "one at a time: --csv and --importance"),
        (["--plot", "x", "--sort", "x"], "one at a time: --sort and --plot"),
        (["3", "--csv"], "one at a time: TRIAL and --csv"),
        (["3", "--plot", "x"], "one at a time: TRIAL and --plot"),
        (["--plot", "x", "--top", "5"], "--top counts leaders or rows, and has no effect on a plot"),
        (["3", "--top", "5"], "has no effect on one trial"),
        (["--json", "--top", "5"], "has no effect on --json of a run"),
        (["--cols", ","], "',' names nothing"),
        (["--plot", ""], "'' names nothing"),
        (["--plot", "y"], "there is no parameter 'y'"),
        (["--plot", "knd"], "did you mean `kind`?"),
        (["--plot", "x,x"], "--plot draws one parameter, or two different ones"),
        (["--plot", "x,n,kind"], "--plot draws one parameter, or two"),
        (["--plot", "x", "--plot", "progress"], "--plot draws one parameter, or two"),
    ],
)
def test_what_there_is_not_is_a_mistake(searched: Command, options: list[str], said: str) -> None:
    ended = searched("show", "odd", *options)
    assert ended.code == (2 if said else 0)
    assert said in ended.err


def test_a_parameter_is_drawn_and_its_dots_are_told_as_data(searched: Command) -> None:
    lines = searched("show", "odd", "--plot", "kind").out.splitlines()
    assert lines[0] == "loss"
    assert lines[-3].split() == ["(empty)", "[bold]a", "true", "5", "True"]
    assert lines[-1].startswith("• complete   × failed   ◆ the best, trial ")
    (one,) = json.loads(searched("show", "odd", "--plot", "x", "--json").out)
    table = {int(row["trial"]): float(row["x"]) for row in rows(Path("runs/odd-001/trials.csv").read_text())}
    assert (one["name"], {dot["trial"]: dot["value"] for dot in one["dots"]}) == ("x", table)
    assert searched("show", "odd", "--plot", "x,n").out.splitlines()[0] == "n"


def test_progress_and_workers_are_drawn(searched: Command) -> None:
    assert "◆ a new best one" in searched("show", "odd", "--plot", "progress").out
    assert [end["n_trials"] for end in json.loads(searched("show", "odd", "--plot", "progress", "--json").out)] == [
        *range(1, 17)
    ]
    assert searched("show", "odd", "--plot", "workers").out.startswith("1 worker, busy ")
    line = json.loads(searched("show", "odd", "--plot", "workers", "--json").out)
    assert sum(len(task["trials"]) for lane in line["lanes"] for task in lane["tasks"]) == 16


def test_without_plotext_only_what_needs_it_is_refused(searched: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "plotext", None)
    ended = searched("show", "odd", "--plot", "x")
    assert (ended.code, ended.out) == (2, "")
    assert "pip install 'hpsearch[plot]'" in ended.err
    assert searched("show", "odd", "--plot", "workers").code == 0
    assert searched("show", "odd", "--plot", "x", "--json").code == 0


def test_a_trial_tells_what_happened_and_how_to_train_it_again(searched: Command) -> None:
    best = json.loads(Path("runs/odd-001/best.json").read_text())
    lines = searched("show", "odd", str(best["trial"])).out.splitlines()
    assert lines[-1] == f"train it again, alone, and compare every bit: {best['command']}"
    assert any(line.split() == ["complete", "after", "1", "epoch"] for line in lines)
    content = json.loads(searched("show", "odd", str(best["trial"]), "--json").out)
    assert content["command"] == best["command"]
    assert [event["event"] for event in content["events"]] == ["trained", "ended"]
    assert searched(*best["command"].split()[1:]).code == 0


def test_the_reason_of_a_failure_is_shown_in_full_and_steers_nothing(searched: Command) -> None:
    failed = json.loads(searched("show", "odd", "--where", "status=failed", "--json").out)[0]["trial"]
    text = searched("show", "odd", str(failed)).out
    assert "Traceback (most recent call last):" in text
    assert "[/red] </script> \\x1b[31m" in text
    assert "\x1b" not in text
    assert json.loads(searched("show", "odd", str(failed), "--json").out)["command"] is None
