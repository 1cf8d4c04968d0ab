import csv
import io
import json
import shlex
import sys
from pathlib import Path

import pytest
from commands import SPEC, Command

from hpsearch.errors import Interrupted
from hpsearch.study.run_dir import RunDir

TIMING = 4
METRICS = ("validation_error", "validation_loss", "validation_accuracy", "validation_macro_f1")


def results(directory: str) -> list[list[str]]:
    """The table of trials without its timing columns, which come last."""
    text = Path(directory, "trials.csv").read_text()
    return [row[:-TIMING] for row in csv.reader(io.StringIO(text))]


def test_a_search_ends_with_its_leaders_and_leaves_its_files(hpsearch: Command) -> None:
    ended = hpsearch("run", "tiny.yaml", "--jobs", "1")
    assert ended.code == 0
    assert "4 trials: 4 complete" in ended.out
    assert "95 % interval" in ended.out
    assert "next: hpsearch show tiny-001" in ended.out
    assert ended.err.splitlines()[0] == "tiny-001: 4 trials, 1 worker"
    assert [line.split()[0] for line in ended.err.splitlines()[1:]] == ["[1/4]", "[2/4]", "[3/4]", "[4/4]"]
    run = Path("runs/tiny-001")
    assert (run / "spec.yaml").read_text() == SPEC
    for name in ("resolved.yaml", "journal.jsonl", "curves.jsonl", "best.json", "models/model.npz", "models/model.json"):
        assert (run / name).is_file(), name


def test_what_to_type_next_keeps_the_options_that_were_typed(hpsearch: Command) -> None:
    plain = hpsearch("run", "tiny.yaml").out.splitlines()[-1]
    assert plain.endswith("or: hpsearch confirm tiny-001")
    line = hpsearch("run", "tiny.yaml", "-j1", "--runs-dir", "my runs").out.splitlines()[-1]
    assert line.endswith("or: hpsearch confirm 'my runs/tiny-001' --runs-dir 'my runs' --jobs 1")
    shown, confirmed = line.removeprefix("next: ").split("    or: ")
    assert hpsearch(*shlex.split(shown)[1:]).code == 0
    assert hpsearch(*shlex.split(confirmed)[1:], "--seeds", "1", "-q").code == 0


def test_an_interrupted_search_tells_how_to_go_on_as_it_was_typed(
    hpsearch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["run", "tiny.yaml", "--jobs", "1", "--runs-dir", "my runs", "--set", "search.trials=3"]
    monkeypatch.setattr(sys, "argv", ["hpsearch", *command])
    with monkeypatch.context() as patched:
        patched.setattr(RunDir, "write_blocks", interrupting)
        ended = hpsearch(*command)
    assert ended.code == 130
    told = ended.err.partition("To go on: ")[2].splitlines()[0]
    assert shlex.split(told) == ["hpsearch", *command]
    assert hpsearch(*shlex.split(told)[1:]).code == 0
    assert len(results("my runs/tiny-001")) == 4


def test_of_a_spec_on_standard_input_it_tells_that_it_is_needed_again(
    hpsearch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["hpsearch", "run", "-"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SPEC.encode())))
    monkeypatch.setattr(RunDir, "write_blocks", interrupting)
    assert "To go on: hpsearch run -, with the same spec on standard input\n" in hpsearch("run", "-").err


def test_a_search_that_the_clock_ended_goes_on_when_it_is_given_more_time(hpsearch: Command) -> None:
    hpsearch("run", "tiny.yaml", "--set", "search.hours=1e-9")
    ended = hpsearch("run", "tiny.yaml", "--set", "search.hours=1")
    assert (ended.code, Path("runs/tiny-002").exists()) == (0, False)
    assert "4 trials: 4 complete" in ended.out


def interrupting(*_: object) -> None:
    raise Interrupted(2)


def test_another_run_has_the_same_results(hpsearch: Command) -> None:
    hpsearch("run", "tiny.yaml", "--jobs", "1")
    hpsearch("run", "tiny.yaml", "--jobs", "2", "--new")
    assert results("runs/tiny-001") == results("runs/tiny-002")


@pytest.mark.parametrize("trials", [4, 3])
def test_the_same_command_again_shows_what_it_came_to_and_writes_nothing(hpsearch: Command, trials: int) -> None:
    first = hpsearch("run", "tiny.yaml", "--jobs", "1")
    before = {path: path.read_bytes() for path in Path("runs").rglob("*") if path.is_file()}
    again = hpsearch("run", "tiny.yaml", "--jobs", "1", "--set", f"search.trials={trials}")
    assert (again.code, again.out) == (0, first.out)
    told = "runs/tiny-001 has finished; it is shown, not trained again (--new, or new=True in Python, begins another)"
    assert again.err == f"note: {told}\n"
    assert {path: path.read_bytes() for path in Path("runs").rglob("*") if path.is_file()} == before
    assert hpsearch("run", "tiny.yaml", "-j1", "-q", "--assert", "validation_error <= 0").code == 1


def test_an_unfinished_run_goes_on_though_a_new_one_is_wanted(hpsearch: Command) -> None:
    hpsearch("run", "tiny.yaml", "--jobs", "1")
    journal = Path("runs/tiny-001/journal.jsonl")
    journal.write_text("".join(journal.read_text().splitlines(keepends=True)[:-3]))
    hpsearch("run", "tiny.yaml", "--jobs", "1", "--new")
    assert [path.name for path in Path("runs").glob("tiny-*")] == ["tiny-001"]


@pytest.mark.parametrize("method", ["random", "coarse-to-fine"])
def test_a_finished_run_goes_on_when_more_trials_are_asked_for(hpsearch: Command, method: str) -> None:
    run = ["run", "tiny.yaml", "--jobs", "1", "--set", f"search.method={method}"]
    hpsearch(*run)
    shorter = results("runs/tiny-001")
    ended = hpsearch(*run, "--set", "search.trials=7")
    assert "tiny-001: 7 trials, 1 worker, going on after 4" in ended.err
    longer = results("runs/tiny-001")
    assert (longer[:5], len(longer)) == (shorter, 8)
    assert "trials: 7" in Path("runs/tiny-001/resolved.yaml").read_text()
    told = "note: 3 trials more, in further stages; asked for at once, the 7 trials would have been others"
    assert (told in ended.err) == (method == "coarse-to-fine")
    hpsearch(*run, "--set", "search.trials=7", "--new")
    assert (results("runs/tiny-002") == longer) == (method == "random")


def test_in_stages_every_trial_has_its_line_and_the_poor_ones_are_stopped(hpsearch: Command) -> None:
    ended = hpsearch("run", "tiny.yaml", "-j1", "--set", "search.method=coarse-to-fine")
    assert ended.code == 0, ended.err
    assert "4 trials: 3 complete, 1 stopped" in ended.out
    lines = [line for line in ended.err.splitlines() if line.startswith("[")]
    assert [line.split()[0] for line in lines] == ["[1/4]", "[2/4]", "[3/4]", "[4/4]"]
    assert len([line for line in lines if "stopped after 1 epoch" in line]) == 1
    assert [row[1] for row in results("runs/tiny-001")] == ["stage", "0", "0", "1", "2"]


def test_the_leaders_are_confirmed_when_that_is_asked_for(hpsearch: Command) -> None:
    ended = hpsearch("run", "tiny.yaml", "-j2", "--json", "--set", "search.confirm={leaders: 2, seeds: 2}")
    assert ended.code == 0, ended.err
    confirmed = json.loads(ended.out)["best"]["confirmed"]
    assert len(confirmed["values"]) == 2
    assert confirmed["mean"] == pytest.approx(sum(confirmed["values"]) / 2)
    assert ended.err.count("confirming trial ") == 4


def test_a_target_ends_the_search_and_that_is_said(hpsearch: Command) -> None:
    ended = hpsearch("run", "tiny.yaml", "-j1", "--set", "search.target=0.9", "--set", "search.method=random")
    assert ended.code == 0, ended.err
    assert "the target is reached" in ended.out
    assert len(results("runs/tiny-001")) == 2


def test_the_resolved_spec_runs_by_itself_to_the_same_results(hpsearch: Command) -> None:
    hpsearch("run", "tiny.yaml", "--jobs", "1", "--set", "network.epochs=2")
    hpsearch("run", "runs/tiny-001/resolved.yaml", "--jobs", "1", "--new")
    assert results("runs/tiny-001") == results("runs/tiny-002")


def test_json_is_one_object_on_standard_output(hpsearch: Command) -> None:
    ended = hpsearch("run", "tiny.yaml", "--jobs", "1", "--json", "--quiet")
    content = json.loads(ended.out)
    assert set(content) == {"run", "best", "counts", "crowded", "seconds", "notes"}
    assert content["run"] == "runs/tiny-001"
    assert content["counts"] == {"complete": 4}
    assert content["best"]["command"] == f"hpsearch verify runs/tiny-001 --trial {content['best']['trial']}"
    assert ended.err == ""


def test_quiet_is_one_line(hpsearch: Command) -> None:
    ended = hpsearch("run", "tiny.yaml", "--jobs", "1", "-q")
    assert ended.out.startswith("runs/tiny-001: trial ")
    assert len(ended.out.splitlines()) == 1
    assert ended.err == ""


def test_a_dry_run_shows_the_plan_and_leaves_nothing(hpsearch: Command, tmp_path: Path) -> None:
    ended = hpsearch("run", "tiny.yaml", "--dry-run")
    assert ended.code == 0
    assert "learning_rate   0.001 to 0.1   log" in ended.out
    assert "4 trials of 3 epochs, 12 epochs in total" in ended.out
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.yaml"]


def test_a_dry_run_says_what_is_predicted_and_how_it_is_judged(hpsearch: Command) -> None:
    ended = hpsearch("run", "tiny.yaml", "--dry-run", "--set", "select=best_epoch")
    assert "data: 64 inputs, classification of label (10 classes); rows: 1079 train" in ended.out
    assert "judged by validation_error of the best epoch" in ended.out


def test_a_dry_run_tells_which_run_it_would_go_on_with_and_what_follows(hpsearch: Command) -> None:
    run = ["run", "tiny.yaml", "-j1", "--set", "search.method=coarse-to-fine"]
    hpsearch(*run)
    before = Path("runs/tiny-001/journal.jsonl").read_bytes()
    new = hpsearch(*run, "--dry-run")
    assert "goes on with" not in new.out
    more = hpsearch(*run, "--dry-run", "--set", "search.trials=7")
    assert more.code == 0
    assert "goes on with runs/tiny-001: 4 of its trials have ended\n" in more.out
    assert "recorded plan: 4 trials: 2 drawn from the whole space, then 2 stages of 1; " in more.out
    assert "\nplan: 7 trials: 2 drawn from the whole space, then 5 stages of 1; " in more.out
    assert "note: 3 trials more, in further stages; asked for at once" in more.err
    content = json.loads(hpsearch(*run, "--dry-run", "--json", "--set", "search.trials=7").out)
    assert content["goes_on_with"] == {"run": "runs/tiny-001", "ended": 4, "planned": 4}
    assert (content["stages"], content["notes"]) == ([2, 1, 1, 1, 1, 1], [more.err.splitlines()[0].removeprefix("note: ")])
    assert json.loads(hpsearch(*run, "--dry-run", "--json", "--new").out)["goes_on_with"] is None
    assert Path("runs/tiny-001/journal.jsonl").read_bytes() == before
    assert not Path("runs/tiny-002").exists()


def test_a_dry_run_of_what_the_record_does_not_allow_is_refused_as_the_run_would_be(hpsearch: Command) -> None:
    hpsearch("run", "tiny.yaml", "-j1", "-q")
    journal = Path("runs/tiny-001/journal.jsonl")
    endings = ("end", "assess", "finish")
    lines = [line for line in journal.read_text().splitlines() if json.loads(line)["type"] not in endings]
    journal.write_text("\n".join(lines) + "\n")
    unfinished = hpsearch("run", "tiny.yaml", "--dry-run")
    assert "goes on with runs/tiny-001: 4 of its trials have ended\nplan: 4 trials" in unfinished.out
    fewer = hpsearch("run", "tiny.yaml", "--dry-run", "--set", "search.trials=3")
    assert fewer.code == 2
    assert "has begun 4 trials, more than search.trials: 3" in fewer.err


def test_leaders_of_another_run_are_told_of_with_what_does_not_fit(hpsearch: Command) -> None:
    hpsearch("run", "tiny.yaml", "-j1", "-q")
    run = ["run", "tiny.yaml", "-j1", "-q", "--set", "name=next", "--set", "space.learning_rate.range=[0.2, 0.5]"]
    run += ["--set", "search.start={run: tiny, top: 2}"]
    dry, ended = hpsearch(*run, "--dry-run"), hpsearch(*run)
    assert ended.code == 0, ended.err
    assert ", which the space holds" in ended.err
    assert dry.err == ended.err + "nothing was started\n"
    assert "4 trials of 3 epochs (2 of them given)" in dry.out
    assert hpsearch("verify", "next", "--trial", "0").code == 0
    assert hpsearch("confirm", "next", "--leaders", "1", "--seeds", "1", "-j1", "-q").code == 0


def test_a_dry_run_as_json_is_the_resolved_study(hpsearch: Command) -> None:
    content = json.loads(hpsearch("run", "tiny.yaml", "--dry-run", "--json").out)
    assert content["study"]["network"]["epochs"] == 3
    assert (content["study"]["metric"], content["study"]["select"]) == ("validation_error", "last_epoch")
    assert content["n_trials"] == 4
    assert sum(content["rows"].values()) == 1797


@pytest.mark.parametrize("claim", ["validation_error <= 1", "test_accuracy>0", "train_loss < 100"])
def test_a_claim_that_holds_changes_nothing(hpsearch: Command, claim: str) -> None:
    assert hpsearch("run", "tiny.yaml", "--jobs", "1", "--assert", claim).code == 0


def test_a_claim_that_does_not_hold_exits_with_1_after_the_results(hpsearch: Command) -> None:
    ended = hpsearch("run", "tiny.yaml", "--jobs", "1", "--assert", "validation_error <= 0.0001")
    assert ended.code == 1
    assert "4 complete" in ended.out
    assert "validation_error <= 0.0001 does not hold: it is 0." in ended.err


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("validation_eror < 1", "did you mean validation_error?"),
        ("nonsense", "not of the form"),
        ("test_loss < x", "not a number"),
    ],
)
def test_a_claim_that_cannot_be_read_starts_nothing(hpsearch: Command, claim: str, said: str) -> None:
    ended = hpsearch("run", "tiny.yaml", "--assert", claim)
    assert ended.code == 2
    assert said in ended.err
    assert not Path("runs").exists()


def test_a_wrong_spec_starts_nothing_and_points_at_the_line(hpsearch: Command) -> None:
    Path("wrong.yaml").write_text(SPEC.replace("learning_rate", "learnin_rate"))
    ended = hpsearch("run", "wrong.yaml")
    assert ended.code == 2
    assert "wrong.yaml:4:3:" in ended.err
    assert "learning_rate" in ended.err
    assert not Path("runs").exists()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("select", ["last_epoch", "best_epoch"])
def test_every_metric_of_classes_can_be_searched_by(hpsearch: Command, metric: str, select: str) -> None:
    settings = ["--set", f"metric={metric}", "--set", f"select={select}"]
    if "error" in metric or "loss" in metric:
        ended = hpsearch("run", "tiny.yaml", "-j1", "--json", "-q", *settings)
    else:
        ended = hpsearch("run", "tiny.yaml", "-j1", "--json", "-q", *settings, "--assert", f"{metric} >= 0.5")
    assert ended.code == 0, ended.err
    best = json.loads(ended.out)["best"]
    with Path("runs/tiny-001/trials.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    values = [float(row["value"]) for row in rows]
    assert best["value"] == min(values)
    assert (best["metric"], best["select"]) == (metric, select)
    assert best["epoch"] == (int(rows[best["trial"]]["best_epoch"]) if select == "best_epoch" else 3)
    assert f"metric: {metric}\nselect: {select}\n" in Path("runs/tiny-001/resolved.yaml").read_text()


def test_a_metric_of_another_task_starts_nothing_and_points_at_the_line(hpsearch: Command) -> None:
    Path("wrong.yaml").write_text(SPEC + "metric: validation_r2\n")
    ended = hpsearch("run", "wrong.yaml")
    assert ended.code == 2
    assert "wrong.yaml:7:9: the target calls for classification, and validation_r2 is no metric of that" in ended.err
    assert "validation_macro_f1" in ended.err
    assert not Path("runs").exists()


def test_a_claim_about_a_metric_of_another_task_starts_nothing(hpsearch: Command) -> None:
    ended = hpsearch("run", "tiny.yaml", "--assert", "test_rmse <= 3")
    assert ended.code == 2
    assert "test_rmse is not measured in classification; there are validation_error," in ended.err
    assert not Path("runs").exists()


def test_wrong_data_starts_nothing_and_points_at_the_line(hpsearch: Command) -> None:
    Path("rows.csv").write_text("a,b,label\n1,2,x\n3,y\n")
    ended = hpsearch("run", "tiny.yaml", "--set", "data.source=rows.csv", "--set", "data.target=label")
    assert ended.code == 2
    assert "rows.csv:3:" in ended.err
    assert not Path("runs").exists()


def test_an_override_with_an_unknown_key_names_the_nearest(hpsearch: Command) -> None:
    ended = hpsearch("run", "tiny.yaml", "--set", "search.trails=3")
    assert ended.code == 2
    assert "--set" in ended.err
    assert "trials" in ended.err


def test_when_every_trial_diverges_that_is_said_and_the_exit_code_is_3(hpsearch: Command) -> None:
    settings = ["network.optimizer=sgd", "network.batch_norm=off", "space.learning_rate.range=[1e20, 1e25]"]
    overrides = [part for setting in settings for part in ("--set", setting)]
    ended = hpsearch("run", "tiny.yaml", "--jobs", "1", *overrides)
    assert ended.code == 3
    assert "4 diverged" in ended.out
    assert "4 trials (0, 1, 2, 3): the loss was no longer a finite number in epoch 1" in ended.out
    assert "no trial of tiny-001 completed; `hpsearch show tiny-001` tells more" in ended.err
    ended = hpsearch("run", "tiny.yaml", "--jobs", "1", "--runs-dir", "my runs", *overrides)
    assert "`hpsearch show 'my runs/tiny-001'` tells more" in ended.err


def test_a_csv_works_with_three_lines_of_data(hpsearch: Command) -> None:
    rows = [
        f"{k % 7},{'red' if k % 3 else 'blue'},{'' if k % 11 == 0 else k},{'yes' if k % 7 > 3 else 'no'}" for k in range(120)
    ]
    Path("rows.csv").write_text("\n".join(["size,colour,age,good", *rows]) + "\n")
    Path("rows.yaml").write_text(
        "data:\n  source: rows.csv\n  target: good\nspace:\n  learning_rate: {range: [1e-3, 1e-1]}\nsearch: {trials: 3}\n"
    )
    ended = hpsearch("run", "rows.yaml", "--jobs", "1", "--assert", "test_error <= 0.2")
    assert ended.code == 0, ended.err


def test_runs_go_where_the_environment_says(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPSEARCH_RUNS_DIR", "elsewhere")
    hpsearch("run", "tiny.yaml", "--jobs", "1", "-q")
    assert Path("elsewhere/tiny-001/journal.jsonl").is_file()


def test_that_the_best_crowd_the_end_of_a_range_is_told_on_the_way_at_the_end_and_by_show(hpsearch: Command) -> None:
    Path("steep.py").write_text("def train(x):\n    return -x\n")
    Path("steep.yaml").write_text(
        "objective: {python: 'steep:train'}\nspace: {x: {range: [0.0, 1.0]}}\nsearch: {method: random, trials: 40}\n"
    )
    told = "x: 4 of the best 5 are at its upper end, 1; better ones may lie beyond"
    ended = hpsearch("run", "steep.yaml", "-j1")
    assert ended.out.splitlines().count(told) == 1
    assert ended.err.splitlines().count(told) == 1
    assert told in hpsearch("show", "steep").out
    crowded = [{"name": "x", "end": "upper", "bound": 1.0, "count": 4, "best": 5}]
    assert json.loads(hpsearch("run", "steep.yaml", "--json").out)["crowded"] == crowded
    assert json.loads(hpsearch("show", "steep", "--json").out)["crowded"] == crowded
