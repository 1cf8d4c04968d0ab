"""A regression from a CSV file, from the plan to the screens: no word of classes, and errors in the unit of the target."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from commands import Command

SPEC = """\
name: houses
data: {source: houses.csv, target: price}
network: {epochs: 12, batch_size: 16}
space:
  learning_rate: {range: [1e-2, 1e-1]}
  hidden_units: {range: [8, 16]}
search: {trials: 4}
"""
COLUMNS = ["validation_rmse", "validation_loss", "validation_r2", "train_loss"]


@pytest.fixture
def houses(hpsearch: Command) -> Command:
    """The program, beside a file of 200 prices around 250,000 and a spec."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((200, 5))
    price = 250_000 + x @ [40_000, -20_000, 5_000, 0, 0] + 10_000 * np.sin(2 * x[:, 3]) + 2_000 * rng.standard_normal(200)
    lines = [",".join(f"{value:.4f}" for value in (*row, y)) for row, y in zip(x, price, strict=True)]
    Path("houses.csv").write_text("\n".join(["a,b,c,d,e,price", *lines]) + "\n")
    Path("houses.yaml").write_text(SPEC)
    return hpsearch


def rows_of(directory: str) -> list[dict[str, str]]:
    with Path(directory, "trials.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_plan_names_the_target_and_the_metric(houses: Command) -> None:
    ended = houses("run", "houses.yaml", "--dry-run")
    assert ended.code == 0, ended.err
    assert "data: 5 inputs, regression of price (deviation " in ended.out
    assert "judged by validation_rmse of the last epoch" in ended.out
    assert "class" not in ended.out


def test_a_search_ends_with_an_rmse_in_the_targets_unit_and_r2(houses: Command) -> None:
    ended = houses("run", "houses.yaml", "-j1", "--assert", "test_r2 >= 0.5", "--assert", "validation_rmse <= 40000")
    assert ended.code == 0, ended.err
    best = json.loads(Path("runs/houses-001/best.json").read_text())
    assert (best["metric"], best["select"], best["epoch"]) == ("validation_rmse", "last_epoch", 12)
    assert list(best["test"]) == ["rmse", "loss", "r2"]
    assert 2_000 < best["test"]["rmse"] < 40_000
    assert f"test rmse {float(format(best['test']['rmse'], '.4g')):.0f} (r2 0." in ended.out
    assert "%" not in ended.out
    assert list(rows_of("runs/houses-001")[0])[5:9] == COLUMNS
    assert "metric: validation_rmse\nselect: last_epoch\n" in Path("runs/houses-001/resolved.yaml").read_text()
    assert sorted(path.name for path in Path("runs/houses-001/models").iterdir()) == ["model.json", "model.npz"]


@pytest.mark.parametrize("metric", ["validation_rmse", "validation_loss", "validation_r2"])
@pytest.mark.parametrize("select", ["last_epoch", "best_epoch"])
def test_every_metric_of_a_quantity_can_be_searched_by(houses: Command, metric: str, select: str) -> None:
    ended = houses("run", "houses.yaml", "-j1", "-q", "--json", "--set", f"metric={metric}", "--set", f"select={select}")
    assert ended.code == 0, ended.err
    best, rows = json.loads(ended.out)["best"], rows_of("runs/houses-001")
    for row in rows:
        shown = float(row[metric])
        assert float(row["value"]) == (1 - shown if metric == "validation_r2" else shown)
    assert best["value"] == min(float(row["value"]) for row in rows)
    assert houses("verify", "houses", "--trial", "2").code == 0


def test_the_screens_speak_of_no_classes(houses: Command) -> None:
    houses("run", "houses.yaml", "-j1", "-q")
    screens = [houses("show", "houses").out, houses("show", "houses", "1").out, houses("list").out]
    assert all("class" not in screen and "confus" not in screen and "%" not in screen for screen in screens)
    assert "rmse" in screens[2]
    content = json.loads(houses("show", "houses", "--json").out)
    assert content["confusion"] == {}
    assert (content["data"]["task"], content["data"]["target"], content["data"]["classes"]) == ("regression", "price", 0)
    (row,) = json.loads(houses("list", "--json").out)
    assert row["test_rmse"] == content["best"]["test"]["rmse"]


@pytest.mark.parametrize(("option", "said"), [("--set", "metric=validation_error"), ("--assert", "test_error <= 0.1")])
def test_a_metric_of_classes_starts_nothing(houses: Command, option: str, said: str) -> None:
    ended = houses("run", "houses.yaml", option, said)
    assert ended.code == 2
    assert "validation_rmse" in ended.err
    assert not Path("runs").exists()
