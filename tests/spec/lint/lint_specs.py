"""Specs to be judged, with the facts of data of any size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from hpsearch.network.settings import Task
from hpsearch.spec.lint.kinds import Finding, lint
from hpsearch.spec.load import LoadedSpec, load_spec

ROOT = Path(__file__).parents[3]
DIGITS = {"train": 1077, "validation": 360, "test": 360}
RATE = "  learning_rate: {range: [1e-4, 1]}\n"
FUNCTION = 'objective: {python: "mine:train"}\n'

Given: TypeAlias = tuple[LoadedSpec, Mapping[str, Any]]


def given(text: str, *overrides: str, rows: dict[str, int] = DIGITS, task: Task = "classification") -> Given:
    """Return a spec, and the facts of data of ten classes, or of a quantity with a deviation of 2, with so many rows."""
    loaded = load_spec(text, "spec.yaml", overrides)
    if loaded.study.objective:
        return loaded, {"task": "python"}
    target = {"classes": 10} if task == "classification" else {"classes": 0, "target_deviation": 2.0}
    return replace(loaded, study=loaded.study.for_task(task)), {"task": task, "rows": rows, **target}


def found(text: str, *overrides: str, rows: dict[str, int] = DIGITS, task: Task = "classification") -> tuple[Finding, ...]:
    """Return the findings in a spec."""
    return lint(*given(text, *overrides, rows=rows, task=task))


def codes(text: str, *overrides: str, rows: dict[str, int] = DIGITS, task: Task = "classification") -> list[str]:
    """Return the codes of the findings."""
    return [finding.code for finding in found(text, *overrides, rows=rows, task=task)]


def in_space(*lines: str) -> str:
    """Return a spec that searches the learning rate, and these."""
    return "space:\n" + RATE + "".join(f"  {line}\n" for line in lines)
