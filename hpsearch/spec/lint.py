"""Lint: what a spec may say, and what yet wastes most of a search.

Each kind has a code, and each finding a place, a number that is computed from this very spec, its data and its plan, and a
hint that can be pasted. Nothing is trained or read here. A finding that is also a note of the loaded spec has its words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from hpsearch.errors import Problem
from hpsearch.search.plan import Plan
from hpsearch.spec import lint_scales, lint_search, lint_training
from hpsearch.spec.load import LoadedSpec
from hpsearch.spec.overrides import FILE as OVERRIDE
from hpsearch.spec.remarks import Case, Remark, Remarks

LINTS: Final[Mapping[str, str]] = {
    "linear-scale": "A linear scale over two decades or more: nine tenths of the draws lie in the highest one.",
    "beta-scale": "An averaging weight on a linear or log scale: long windows 1 / (1 - beta) are hardly ever drawn.",
    "narrow-log-scale": "A log scale over less than a factor of 3, where it does little; refined specs may have them.",
    "grid": "A grid that tries few values of each parameter, where random search tries a new one in every trial.",
    "few-trials": "Fewer than 3 trials for each parameter that counts in a trial, and fewer than 59 in all.",
    "never-active": "A parameter, or a value in its `when`, that the conditions of its parents rule out.",
    "always-active": "A condition that names every value of its parent, so that it decides nothing.",
    "batch-above-rows": "Mini-batches with more rows than there are for training: they all train alike.",
    "tiny-batches": "Batch norm on mini-batches of fewer than 8 rows, whose means and variances are mostly chance.",
    "no-early-stopping": "Trials with too few epochs for early stopping to compare any before their end.",
    "order-of-importance": "Adam's constants searched before the learning rate, or others while it has its default.",
    "few-validation-rows": "Fewer than 100 validation rows of a share below 0.2: one row is over 1 % of the metric.",
}
"""The codes, and what each means."""

_CHECKS: Final[Mapping[str, Callable[[Case], Remarks]]] = {
    "linear-scale": lint_scales.on_linear_scales,
    "beta-scale": lint_scales.on_betas,
    "narrow-log-scale": lint_scales.on_narrow_log_scales,
    "grid": lint_search.on_grids,
    "few-trials": lint_search.on_few_trials,
    "never-active": lint_search.on_conditions_that_never_hold,
    "always-active": lint_search.on_conditions_that_always_hold,
    "batch-above-rows": lint_training.on_batches_above_the_rows,
    "tiny-batches": lint_training.on_tiny_batches,
    "no-early-stopping": lint_search.on_trials_too_short,
    "order-of-importance": lint_training.on_the_order,
    "few-validation-rows": lint_training.on_few_validation_rows,
}


@dataclass(frozen=True)
class Finding:
    """A lint at one place of a spec; `code` is one of LINTS."""

    code: str
    problem: Problem

    def __str__(self) -> str:
        return str(replace(self.problem, message=f"{self.problem.message} [{self.code}]"))


def lint(loaded: LoadedSpec, facts: Mapping[str, Any], plan: Plan) -> tuple[Finding, ...]:
    """Return what a search may waste, in the order of the text, what is in `--set` last.

    `facts` are those of the study's subject, `plan` is what it means to do.
    """
    case = Case(loaded.study, loaded.document, facts, plan)
    return tuple(sorted(_findings(case), key=lambda it: (it.problem.file == OVERRIDE, it.problem.line, it.problem.column)))


def _findings(case: Case) -> Iterator[Finding]:
    for code, check in _CHECKS.items():
        for remark in check(case):
            yield Finding(code, _placed(remark, case))


def _placed(remark: Remark, case: Case) -> Problem:
    place = case.document.keys.get(remark.path) if remark.at_key else None
    return (place or case.document.place(remark.path)).problem(remark.message, remark.hint)
