"""The same bits from one process, from several, and from threads: with everything that a network can be in the space."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from killed import Command, journal, results

from hpsearch.network.settings import Activation, BatchNorm, Optimizer, Schedule, Statistics


def names(literal: object) -> str:
    """Return the texts of a type in a YAML list; `off` would be a truth value without quotes."""
    return str([str(name) for name in get_args(literal)])


SPEC = f"""\
name: faults
seed: 3
network: {{epochs: 3}}
space:
  learning_rate: {{range: [1e-4, 1e-1]}}
  optimizer: {names(Optimizer)}
  momentum: {{range: [0.8, 0.99], when: {{optimizer: [momentum, nesterov]}}}}
  beta1: {{range: [0.8, 0.99], when: {{optimizer: [adam, adamw]}}}}
  beta2: {{range: [0.9, 0.9999], when: {{optimizer: [adam, adamw, rmsprop]}}}}
  epsilon: {{range: [1e-9, 1e-6], scale: log, when: {{optimizer: [adam, adamw, rmsprop]}}}}
  weight_decay: {{range: [1e-4, 1e-1], scale: log, when: {{optimizer: adamw}}}}
  activation: {names(Activation)}
  batch_norm: {names(BatchNorm)}
  batch_norm_statistics: {{choices: {names(Statistics)}, when: {{batch_norm: [before, after]}}}}
  batch_norm_momentum: {{range: [0.5, 0.99], when: {{batch_norm: [before, after], batch_norm_statistics: averages}}}}
  learning_rate_schedule: {names(Schedule)}
  learning_rate_decay: {{range: [0.01, 1.0], scale: log, when: {{learning_rate_schedule: [inverse_time, exponential]}}}}
  dropout: {{range: [0.0, 0.5]}}
  clip_norm: {{range: [0.5, 5.0], scale: log}}
  l2: {{range: [1e-6, 1e-2], scale: log}}
  hidden_layers: {{range: [1, 3]}}
  hidden_units: {{range: [4, 16], per: layer}}
  batch_size: {{range: [32, 128]}}
search: {{trials: 36, confirm: {{leaders: 1, seeds: 2}}}}
"""
"""Of this seed every name and every parameter has a trial."""

THREADS = "import os; os.environ['JOBLIB_MULTIPROCESSING'] = '0'; "
"""joblib's own switch for systems without processes."""


def searched(folder: Path, jobs: int, before: str = "") -> dict[tuple[int, int, int], str]:
    """Search; return the hash of each training's weights after each of its blocks."""
    command = Command(folder, "--jobs", str(jobs), spec=SPEC, before=before)
    assert command.end().code == 0
    assert command.orphans() == []
    return {
        (block["trial"], block.get("repetition", 0), block["to"]): block["weights"] for block in journal(folder, "block")
    }


def test_processes_and_threads_give_the_bits_of_one_process(tmp_path: Path) -> None:
    weights = searched(tmp_path / "one", 1)
    rows, _ = results(tmp_path / "one")
    for name, literal in [("optimizer", Optimizer), ("activation", Activation), ("batch_norm", BatchNorm)]:
        assert {row[name] for row in rows} == set(get_args(literal))
    assert {row["batch_norm_statistics"] for row in rows} == {"", *get_args(Statistics)}
    assert {row["learning_rate_schedule"] for row in rows} == set(get_args(Schedule))
    assert all(any(row[name] for row in rows) for name in rows[0])
    assert searched(tmp_path / "two", 2) == weights
    assert searched(tmp_path / "threads", 2, THREADS) == weights
    for folder in ("two", "threads"):
        assert results(tmp_path / folder) == results(tmp_path / "one")
    workers = {row["worker"] for row in journal(tmp_path / "threads", "block")}
    assert len(workers) == 1
    assert len({row["worker"] for row in journal(tmp_path / "two", "block")}) == 2


@pytest.mark.slow
@pytest.mark.parametrize(("jobs", "before"), [(3, ""), (3, THREADS), (5, "")])
def test_any_number_of_workers_gives_the_bits_of_one_process(jobs: int, before: str, tmp_path: Path) -> None:
    weights = searched(tmp_path / "one", 1)
    assert searched(tmp_path / "many", jobs, before) == weights
    assert results(tmp_path / "many") == results(tmp_path / "one")
