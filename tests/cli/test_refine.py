import errno
import json
import os
import shutil
from pathlib import Path

import pytest
from commands import Command

from hpsearch import search
from hpsearch.objectives.settings import PythonSettings
from hpsearch.space.parameters import Real, Whole
from hpsearch.spec.load import read_spec
from hpsearch.study.runs import read_run

FUNCTIONS = """\
import random


def edge(x, y, kind):
    return 0.01 + (x - 1.2) ** 2 + 0.3 * (y - 0.2) ** 2 + (0.5 if kind == "b" else 0)


def noise(x, y, kind, seed):
    return 1 + random.Random(seed).random()
"""
EDGE = """\
objective: {python: "mine:edge"}
space:
  x: {range: [0.0, 1.0]}
  y: {range: [0.001, 1.0]}
  kind: [a, b]
search: {trials: 30}
"""


@pytest.fixture
def searched(hpsearch: Command) -> Command:
    """The program where a function has been searched whose optimum lies beyond an edge."""
    Path("mine.py").write_text(FUNCTIONS)
    Path("edge.yaml").write_text(EDGE)
    Path("noise.yaml").write_text(EDGE.replace("mine:edge", "mine:noise"))
    assert hpsearch("run", "edge.yaml", "-j1", "-q").code == 0
    return hpsearch


def best_of(directory: str) -> float:
    value = json.loads(Path(directory, "best.json").read_text())["value"]
    assert isinstance(value, float)
    return value


def test_an_optimum_beyond_an_edge_is_found_by_the_refined_search(searched: Command) -> None:
    ended = searched("refine", "edge", "-j1")
    assert ended.code == 0, ended.err
    assert "x is widened: the best lies at the upper edge, so the range goes beyond it" in ended.out
    assert "written to edge-001-refined.yaml" in ended.err
    assert best_of("runs/edge-001") > 0.04
    assert best_of("runs/edge-001-refined-001") < 0.011
    parent, child = read_run(Path("runs/edge-001")), read_run(Path("runs/edge-001-refined-001"))
    winner = parent.winner
    assert winner is not None
    assert child.history[0].trial.params == winner.trial.params
    assert child.history[0].value == winner.value
    assert len(child.history) == 30
    assert {trial.run for trial in child.prior} == {"edge-001"}
    assert all(trial.kind == parent.history[trial.number].trial.origin.kind for trial in child.prior)
    assert "refined from edge-001" in ended.out


def test_what_is_written_stands_alone_and_does_the_same(searched: Command) -> None:
    assert searched("refine", "latest", "-j1", "-q").code == 0
    assert searched("run", "edge-001-refined.yaml", "-j2", "-q", "--new").code == 0
    tables = [Path(f"runs/edge-001-refined-00{k}/trials.csv").read_text().splitlines() for k in (1, 2)]
    first, second = ([row.rsplit(",", 4)[0] for row in table] for table in tables)
    assert first == second
    assert read_spec("edge-001-refined.yaml").study == read_spec("runs/edge-001-refined-001/resolved.yaml").study


def test_a_dry_run_only_writes_and_never_over_another_file(searched: Command) -> None:
    ended = searched("refine", "edge-001", "--dry-run")
    assert ended.code == 0
    assert "written to edge-001-refined.yaml; next: hpsearch run edge-001-refined.yaml\n" in ended.out
    assert "nothing was started" in ended.err
    assert not Path("runs/edge-001-refined-001").exists()
    text = Path("edge-001-refined.yaml").read_text()
    assert "# Refined from edge-001, from 30 finished trials: of the " in text
    assert "  # widened: the best lies at the upper edge" in text
    searched("refine", "edge-001", "--dry-run")
    assert not Path("edge-001-refined-2.yaml").exists()  # it holds the very same
    searched("refine", "edge-001", "--dry-run", "--trials", "12")
    assert "trials: 12\n" in Path("edge-001-refined-2.yaml").read_text()
    assert Path("edge-001-refined.yaml").read_text() == text


def test_a_dry_run_as_json_holds_the_reasons(searched: Command) -> None:
    ended = searched("refine", "edge-001", "--dry-run", "--json", "-q", "--name", "closer")
    content = json.loads(ended.out)
    assert content["spec"] == "closer.yaml"
    assert content["found"] is True
    assert content["parameters"]["x"]["verdict"] == "widened"
    assert "x is widened" not in ended.err
    assert read_spec("closer.yaml").study.name == "closer"
    assert searched("refine", "edge-001", "--dry-run", "-q", "--name", "nearer.yaml").code == 0
    assert Path("nearer.yaml").exists()


def test_json_is_one_object_on_standard_output(searched: Command) -> None:
    ended = searched("refine", "edge-001", "-j1", "--json", "--trials", "8")
    content = json.loads(ended.out)
    assert content["run"] == "runs/edge-001-refined-001"
    assert content["counts"] == {"complete": 8}
    assert "x is widened" in ended.err


def test_what_is_set_is_written_and_said_to_be_given(searched: Command) -> None:
    overrides = ["--set", "space.y.range=[0.1, 0.4]", "--set", "search.confirm={leaders: 0}"]
    ended = searched("refine", "edge-001", "--dry-run", *overrides)
    assert ended.code == 0, ended.err
    text = Path("edge-001-refined.yaml").read_text()
    assert "  # given with --set\n  y: {range: [0.1, 0.4], scale: linear}\n" in text
    assert "confirm: {leaders: 0}\n" in text


def test_a_parameter_of_real_numbers_stays_one_when_its_range_is_given_in_whole_ones(searched: Command) -> None:
    assert searched("refine", "edge-001", "--dry-run", "--set", "space.x.range=[0, 2]").code == 0
    study = read_spec("edge-001-refined.yaml").study
    assert study.space.entries["x"].domain == Real(0.0, 2.0)
    assert isinstance(study.search.start, tuple)  # the best lies in it, though it is no whole number


def test_the_command_to_go_on_with_keeps_what_was_given(searched: Command) -> None:
    shutil.move("runs", "kept")
    ended = searched("refine", "edge-001", "--dry-run", "--runs-dir", "kept", "-j1")
    assert ended.out.endswith("next: hpsearch run edge-001-refined.yaml --runs-dir kept --jobs 1\n")
    assert searched(*ended.out.rpartition("next: hpsearch ")[2].split(), "-q", "--dry-run").code == 0


def test_a_function_that_only_its_program_has_is_refused_before_anything_is_written(hpsearch: Command) -> None:
    Path("mine.py").write_text("def bowl(w):\n    return (w - 1) ** 2\n")
    search(lambda w: (w - 1) ** 2, {"w": (-10.0, 20.0)}, trials=12, jobs=1, name="bowl")
    files = set(Path().iterdir())
    for dry in ((), ("--dry-run",)):
        ended = hpsearch("refine", "bowl-001", *dry)
        assert (ended.code, ended.out) == (2, "")
        assert "exists only in the Python program that defines it" in ended.err
        assert "put the function into a module" in ended.err
        assert set(Path().iterdir()) == files
    named = hpsearch("refine", "bowl-001", "--dry-run", "--set", "objective.python=mine:bowl")
    assert named.code == 0, named.err
    assert read_spec("bowl-001-refined.yaml").study.objective == PythonSettings("mine:bowl", path=str(Path.cwd()))


def test_a_best_trial_outside_of_what_is_set_is_not_trained_again(searched: Command) -> None:
    ended = searched("refine", "edge-001", "--dry-run", "--set", "space.x.range=[0.0, 0.3]")
    assert "lies outside of the new space" in ended.err
    assert "start" not in Path("edge-001-refined.yaml").read_text()


def test_the_trial_that_the_box_is_put_round_is_trained_again_too(searched: Command) -> None:
    assert searched("refine", "edge-001", "--dry-run", "--around", "3", "--set", "space.x.range=[0.0, 2.0]").code == 0
    start = read_spec("edge-001-refined.yaml").study.search.start
    record = read_run(Path("runs/edge-001"))
    assert isinstance(start, tuple)
    assert dict(start[-1]) == record.history[3].trial.params


def test_noise_is_said_to_be_noise_and_the_ranges_become_wider(searched: Command) -> None:
    searched("run", "noise.yaml", "-j1", "-q", "--set", "search.trials=60")
    ended = searched("refine", "noise-001", "--dry-run")
    assert "no better region was found: of the 42 trials near the good ones" in ended.out
    assert "x is widened: no region is better than another" in ended.out
    assert "range: [-0.3, 1.3]" in Path("noise-001-refined.yaml").read_text()


def test_a_random_search_is_refined_by_one_that_learns(searched: Command) -> None:
    searched("run", "edge.yaml", "-j1", "-q", "--set", "search.method=random", "--set", "name=drawn")
    ended = searched("refine", "drawn-001", "-j1", "-q")
    assert ended.code == 0
    assert "a random search learns nothing from earlier trials: the refined one is coarse-to-fine" in ended.err
    assert len(read_run(Path("runs/drawn-001-refined-001")).prior) > 5


def test_without_the_parent_it_can_be_run_without_its_trials(searched: Command) -> None:
    searched("refine", "edge-001", "--dry-run", "--trials", "8")
    shutil.rmtree("runs/edge-001")
    ended = searched("run", "edge-001-refined.yaml", "-j1", "-q")
    assert ended.code == 2
    assert "edge-001-refined.yaml:17:16: there is no run edge-001 in runs\n" in ended.err
    assert "      to search without its trials: --set search.prior=null\n" in ended.err
    assert searched("run", "edge-001-refined.yaml", "-j1", "-q", "--set", "search.prior=null").code == 0
    assert read_run(Path("runs/edge-001-refined-001")).prior == ()


def test_a_run_that_lies_elsewhere_is_found_by_its_directory(searched: Command) -> None:
    shutil.move("runs", "kept")
    assert searched("refine", "kept/edge-001", "-j1", "-q", "--trials", "8").code == 0
    child = read_run(Path("runs/edge-001-refined-001"))
    assert child.start["parent"]["directory"] == str(Path("kept/edge-001").absolute())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--set", "space.z.rage=[0, 1]"), "--set:1:9: unknown key `rage`"),
        (("--set", "search.trails=3"), "did you mean trials?"),
        (("--around", "300"), "there is no trial 300"),
        (("--around", "3", "--top", "3"), "exclude each other"),
        (("--name", "a/b"), "--name 'a/b'"),
        (("--trials", "3", "--set", "search.trials=5"), "--trials and --set search.trials= exclude each other"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    searched: Command, arguments: tuple[str, ...], said: str
) -> None:
    files = set(Path().iterdir())
    ended = searched("refine", "edge-001", *arguments)
    assert ended.code == 2
    assert said in ended.err
    assert set(Path().iterdir()) == files


def test_a_run_of_few_trials_is_refused(hpsearch: Command) -> None:
    hpsearch("run", "tiny.yaml", "-j1", "-q")
    ended = hpsearch("refine", "tiny")
    assert ended.code == 2
    assert "4 trials have finished: with fewer than 10" in ended.err


def test_networks_on_data_are_refined(hpsearch: Command) -> None:
    rows = [f"{k % 7},{'red' if k % 3 else 'blue'},{k},{'yes' if k % 7 > 3 else 'no'}" for k in range(90)]
    Path("data").mkdir()
    Path("data/rows.csv").write_text("\n".join(["size,colour,age,good", *rows]) + "\n")
    Path("rows.yaml").write_text(
        "data: {source: data/rows.csv, target: good}\nnetwork: {epochs: 3, hidden_layers: 1}\n"
        "space:\n  learning_rate: {range: [1e-5, 1e-3]}\n  optimizer: [adam, momentum]\n"
        "  momentum: {range: [0.8, 0.99], when: {optimizer: momentum}}\n  hidden_units: {range: [4, 16]}\n"
        "search: {trials: 24}\n"
    )
    assert hpsearch("run", "rows.yaml", "-j1", "-q").code == 0
    ended = hpsearch("refine", "rows-001", "-j1", "-q", "--trials", "9")
    assert ended.code == 0, ended.err
    text = Path("rows-001-refined.yaml").read_text()
    assert "data: " in text.replace("data:\n", "data: ")
    assert "source: data/rows.csv" in text
    assert "epochs: 3" in text
    child = read_run(Path("runs/rows-001-refined-001"))
    assert len(child.prior) >= 5
    best = read_run(Path("runs/rows-001")).winner
    assert best is not None
    assert child.history[0].trial.params == best.trial.params
    assert best_of("runs/rows-001-refined-001") <= best_of("runs/rows-001") + 0.1


NETWORKS = """\
data: digits
network: {epochs: 1, hidden_layers: 1, hidden_units: 4}
space:
  learning_rate: {range: [1e-3, 1e-1]}
  optimizer: [adam, momentum]
  momentum: {range: [0.8, 0.99], when: {optimizer: momentum}}
search: {trials: 12, early_stopping: off}
"""


@pytest.fixture
def trained(hpsearch: Command) -> Command:
    """The program where small networks have been searched."""
    Path("nets.yaml").write_text(NETWORKS.replace("data: digits", "data: {source: rows.csv, target: good}"))
    Path("rows.csv").write_text("size,good\n" + "\n".join(f"{k % 7},{'yes' if k % 7 > 3 else 'no'}" for k in range(60)))
    assert hpsearch("run", "nets.yaml", "-j1", "-q").code == 0
    return hpsearch


def test_a_setting_that_is_given_one_value_is_searched_no_longer(trained: Command) -> None:
    ended = trained("refine", "nets-001", "--dry-run", "--set", "network.learning_rate=0.05")
    assert ended.code == 0, ended.err
    text = Path("nets-001-refined.yaml").read_text()
    assert "  # given with --set\n  learning_rate: 0.05\n" in text
    study = read_spec("nets-001-refined.yaml").study
    assert study.network.learning_rate == 0.05
    assert "learning_rate" not in study.space.names


@pytest.mark.parametrize(("optimizer", "names"), [("adam", ["learning_rate"]), ("momentum", ["learning_rate", "momentum"])])
def test_conditions_on_a_setting_that_is_given_one_value_are_settled(
    trained: Command, optimizer: str, names: list[str]
) -> None:
    ended = trained("refine", "nets-001", "--dry-run", "--set", f"network.optimizer={optimizer}")
    assert ended.code == 0, ended.err
    study = read_spec("nets-001-refined.yaml").study
    assert study.network.optimizer == optimizer
    assert set(study.space.names) <= set(names)
    assert "learning_rate" in study.space.names


def test_a_best_trial_with_other_fixed_settings_is_said_to_have_them(trained: Command) -> None:
    ended = trained("refine", "nets-001", "--dry-run", "--set", "network.hidden_units=5")
    assert "has other settings than the new spec: it is not trained again there" in ended.err
    assert "lies outside" not in ended.err


@pytest.mark.parametrize("method", ["grid", "sobol"])
def test_methods_that_learn_nothing_begin_with_the_best_too(searched: Command, method: str) -> None:
    overrides = ["--set", f"search.method={method}", "--set", "search.early_stopping=off"]
    ended = searched("refine", "edge-001", "--dry-run", *overrides)
    assert ended.code == 0, ended.err
    assert isinstance(read_spec("edge-001-refined.yaml").study.search.start, tuple)


OPTIONS = """\
objective: {python: "mine:cells"}
space: {kind: [a, b, c], depth: {range: [1, 4]}}
search: {trials: 40}
"""
CELLS = """\
def cells(kind, depth):
    return 1 + "abc".index(kind) + abs(depth - 2)
"""


@pytest.fixture
def exhausted(hpsearch: Command) -> Command:
    """The program where all twelve combinations of a space have been tried."""
    Path("mine.py").write_text(CELLS)
    Path("cells.yaml").write_text(OPTIONS)
    assert hpsearch("run", "cells.yaml", "-j1", "-q").code == 0
    return hpsearch


def test_where_every_combination_has_been_tried_there_must_be_more_to_search(exhausted: Command) -> None:
    Path("cells.yaml").write_text(OPTIONS.replace("{range: [1, 4]}", "[1, 2, 3, 4]"))
    assert exhausted("run", "cells.yaml", "-j1", "-q", "--set", "name=tried").code == 0
    ended = exhausted("refine", "tried-001", "--dry-run")
    assert ended.code == 2
    assert "every combination of values has been tried, and the best is trial " in ended.err
    assert exhausted("refine", "tried-001", "--dry-run", "--set", "space.depth=[1, 2, 3, 4, 5, 6]").code == 0


def test_whole_numbers_are_written_so_that_nobody_asks_whether_they_are_meant(exhausted: Command) -> None:
    ended = exhausted("refine", "cells-001", "--dry-run", "--set", "space.depth.range=[1, 9]", "--trials", "12")
    assert ended.code == 0, ended.err
    assert "whole numbers" not in ended.err
    text = Path("cells-001-refined.yaml").read_text()
    assert "step: 1" in text
    assert read_spec("cells-001-refined.yaml").study.space.entries["depth"].domain == Whole(1, 9)


def test_a_folder_that_cannot_be_written_is_left_with_a_way_out(searched: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Path("runs/edge-001").absolute()
    monkeypatch.setattr(os, "fsync", full_disk)
    ended = searched("refine", str(run))
    assert ended.code == 2
    assert f"cannot be written: No space left on device; refine it from another folder, as {run}" in ended.err


def full_disk(_: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
