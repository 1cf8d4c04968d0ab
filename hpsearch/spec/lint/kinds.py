"""The table of all kinds of lint by their codes, and the doors: `lint` for `check`, `notes` for what `run` tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from hpsearch.errors import Problem
from hpsearch.spec.faults import in_the_text
from hpsearch.spec.lint import conditions, scales, search, training
from hpsearch.spec.lint.case import Case, Problems
from hpsearch.spec.load import LoadedSpec

if TYPE_CHECKING:
    from hpsearch.study.preview import Memory


@dataclass(frozen=True)
class Lint:
    """What a code means, how it is found, and whether `run` tells it too."""

    meaning: str
    check: Callable[[Case], Problems]
    is_told_by_run: bool = False


LINTS: Final[Mapping[str, Lint]] = {
    "linear-scale": Lint(
        "A linear scale over two decades or more: nine tenths of the draws lie in the highest one.",
        scales.on_linear_scales,
    ),
    "beta-scale": Lint(
        "An averaging weight on a linear or log scale: long windows 1 / (1 - beta) are hardly ever drawn.",
        scales.on_betas,
    ),
    "short-windows": Lint(
        "An averaging weight whose windows 1 / (1 - beta) are all shorter than 2 steps; 1 - beta was probably meant.",
        scales.on_short_windows,
    ),
    "narrow-log-scale": Lint(
        "A log scale over less than a factor of 3, where it does little; refined specs may have them.",
        scales.on_narrow_log_scales,
    ),
    "two-choices": Lint(
        "A list of two numbers a factor of 10 or more apart: a range was probably meant, as nothing between them is tried.",
        scales.on_two_choices,
    ),
    "whole-numbers": Lint(
        "An argument of a function from 0 or less on that is whole only because its bounds are written so.",
        scales.on_whole_numbers,
        is_told_by_run=True,
    ),
    "grid": Lint(
        "A grid that tries few values of each parameter, where random search tries a new one in every trial.",
        search.on_grids,
        is_told_by_run=True,
    ),
    "few-trials": Lint(
        "Fewer than 3 trials for each parameter that counts in a trial, and fewer than 59 in all.",
        search.on_few_trials,
    ),
    "no-early-stopping": Lint(
        "Trials with too few epochs for early stopping to compare any before their end.",
        search.on_trials_too_short,
        is_told_by_run=True,
    ),
    "trial-seconds": Lint(
        "A limit on the seconds of trials that have one epoch: it is looked at between two epochs only.",
        search.on_limits_of_single_epochs,
        is_told_by_run=True,
    ),
    "same-start": Lint(
        "Points in `start` that are the same trial.",
        search.on_equal_starts,
    ),
    "target": Lint(
        "A target that no trial can reach, such as an error below 0, or that a blind guess reaches.",
        search.on_targets,
    ),
    "plateau": Lint(
        "A plateau of as many trials as there are, or more: it never ends the search.",
        search.on_long_plateaus,
    ),
    "never-active": Lint(
        "A parameter, or a value in its `when`, that the conditions of its parents rule out.",
        conditions.on_conditions_that_never_hold,
    ),
    "always-active": Lint(
        "A condition that names every value of its parent, so that it decides nothing.",
        conditions.on_conditions_that_always_hold,
    ),
    "one-layer": Lint(
        "A parameter that is drawn per layer, of networks that have a single hidden layer.",
        conditions.on_single_layers,
    ),
    "batch-above-rows": Lint(
        "Mini-batches with more rows than there are for training: they all train alike.",
        training.on_batches_above_the_rows,
    ),
    "tiny-batches": Lint(
        "Batch norm on mini-batches of fewer than 8 rows, whose means and variances are mostly chance.",
        training.on_tiny_batches,
    ),
    "long-warmup": Lint(
        "A warm-up of as many epochs as a trial has, or more: the learning rate is never used as it is.",
        training.on_long_warmups,
    ),
    "order-of-importance": Lint(
        "Adam's constants searched before the learning rate, or others while it has its default.",
        training.on_the_order,
    ),
    "memory": Lint(
        "Networks and data that may need more memory than the machine has, with so many workers.",
        training.on_memory,
    ),
    "few-validation-rows": Lint(
        "Fewer than 100 validation rows of a share below 0.2: one row is over 1 % of the metric.",
        training.on_few_validation_rows,
    ),
}
"""All lints by their codes."""


@dataclass(frozen=True)
class Finding:
    """A lint at one place of a spec; `code` is one of LINTS."""

    code: str
    problem: Problem

    def __str__(self) -> str:
        return str(replace(self.problem, message=f"{self.problem.message} [{self.code}]"))


def lint(loaded: LoadedSpec, facts: Mapping[str, Any], memory: Memory | None = None, jobs: int = 1) -> tuple[Finding, ...]:
    """Return what a search may waste, in the order of the text; `facts` are those of the study's subject."""
    return _found(Case(loaded.study, loaded.document, facts, memory, jobs), LINTS)


def notes(loaded: LoadedSpec, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what `run` tells before it searches, in the order of the text."""
    told = {code: lint for code, lint in LINTS.items() if lint.is_told_by_run}
    return tuple(finding.problem.message for finding in _found(Case(loaded.study, loaded.document, facts), told))


def _found(case: Case, lints: Mapping[str, Lint]) -> tuple[Finding, ...]:
    found = [Finding(code, problem) for code, lint in lints.items() for problem in lint.check(case)]
    return tuple(sorted(found, key=lambda finding: in_the_text(finding.problem)))
