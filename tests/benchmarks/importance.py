"""Does importance tell what matters? Shares from a search's trials, beside the truth from the objectives without noise.

Two truths, from many random points: the main effect is the share of the variance of the ranks of the values that a parameter
explains on its own; the local one is a parameter's share of what is lost on average when it is redrawn in one of the best
tenth of the points. Optuna's evaluators are judged by the first. Shares are rounded to 0.001, so that inert parameters are
equal; a rank correlation counts equal ones with their mean rank.

A truth takes many thousand values, so objectives that have to be trained are left out.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import click
from machine import THREADS, table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from quality.objectives import Objective

    from hpsearch.search.evidence import Evidence

    Array: TypeAlias = "NDArray[np.float64]"

Truth: TypeAlias = Literal["main effect", "local"]
Shares: TypeAlias = "dict[Truth, Array]"

EIGHT = (
    "network",
    "network, six inert, noisy",
    "mlp segment",
    "mlp vehicle",
    "fcnet protein_structure",
    "fcnet slice_localization",
    "curves digits",
    "curves hard_digits",
)
"""Those of the tuned half that the measures were chosen by; the others of it may be tuned on from here on."""

POINTS, CELLS = 100_000, 20
"""For the truths: random points, and the parts that a number's range is cut into."""


@dataclass(frozen=True)
class Score:
    """How a measure did on one search: its rank correlation with the truth, and whether both have the same first."""

    objective: str
    measure: str
    method: str
    trials: int
    seed: int
    correlation: float
    top: bool


def truth_of(objective: Objective) -> Shares:
    """Return the shares (d,) of each kind."""
    import numpy as np

    rng = np.random.default_rng(1)
    points = rng.random((POINTS, objective.space.dimensions))
    values = objective.values(objective.rows(points))
    ranks = mean_ranks(values) / POINTS
    effects = [_explained(_cells(points[:, j], p.domain.levels), ranks) for j, p in enumerate(objective.space.parameters)]
    best = np.argsort(values, kind="stable")[: POINTS // 10]
    lost = []
    for j in range(points.shape[1]):
        redrawn = points[best].copy()
        redrawn[:, j] = rng.random(len(best))
        lost.append(float((objective.values(objective.rows(redrawn)) - values[best]).mean()))
    return {"main effect": _shares(effects), "local": _shares(lost)}


def _cells(coordinates: Array, levels: int | None) -> NDArray[np.int64]:
    import numpy as np

    count = levels if levels and levels <= CELLS else CELLS
    return np.minimum((coordinates * count).astype(np.int64), count - 1)


def _explained(cells: NDArray[np.int64], ranks: Array) -> float:
    """Return the variance of the cells' means, from the two halves of the points, whose noise is independent."""
    import numpy as np

    count, half = int(cells.max()) + 1, len(cells) // 2
    first, second = (
        np.bincount(cells[part], ranks[part], count) / np.bincount(cells[part], minlength=count) - ranks.mean()
        for part in (slice(None, half), slice(half, None))
    )
    return float((np.bincount(cells, minlength=count) * first * second).sum() / len(cells))


def _shares(parts: Sequence[float]) -> Array:
    import numpy as np

    positive = np.maximum(parts, 0)
    rounded: Array = np.round(positive / positive.sum(), 3)
    return rounded


def mean_ranks(values: Array) -> Array:
    """Return the ranks (n,) from 0; equal values share their mean rank."""
    import numpy as np

    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: Array = ((2 * ends - counts - 1) / 2)[places]
    return ranks


def correlation(a: Array, b: Array) -> float:
    """Return the rank correlation; 0 if one of them tells nothing apart."""
    a, b = (mean_ranks(x) - (len(x) - 1) / 2 for x in (a, b))
    scale = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / scale if scale else 0.0


def measured(objective: Objective, evidence: Evidence, rivals: bool) -> Iterator[tuple[str, Truth, Array]]:
    """Yield the name of each measure, the truth that it stands for, and what it says of the parameters (d,)."""
    import numpy as np

    from hpsearch.search.importance import importances

    own = importances(objective.space, evidence.points, evidence.losses)
    yield "main effect", "main effect", np.array([one.main_effect for one in own])
    yield "local", "local", np.array([one.local for one in own])
    if rivals:
        for name in ("fANOVA", "PED-ANOVA"):
            yield f"Optuna's {name}", "main effect", of_optuna(name, objective, evidence)


def of_optuna(name: str, objective: Objective, evidence: Evidence) -> Array:
    """Return what one of Optuna's evaluators says; it sees the coordinates, and options as categories."""
    import numpy as np
    import optuna

    from hpsearch.search.coordinates import Coordinates

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    coordinates = Coordinates(objective.space)
    unit, names = optuna.distributions.FloatDistribution(0, 1), objective.space.names
    distributions: dict[str, optuna.distributions.BaseDistribution] = {
        parameter: optuna.distributions.CategoricalDistribution(range(coordinates.levels[j])) if choice else unit
        for j, (parameter, choice) in enumerate(zip(names, coordinates.is_choice, strict=True))
    }
    study = optuna.create_study()
    for row, loss in zip(coordinates.model(evidence.points).tolist(), evidence.losses.tolist(), strict=True):
        values = [int(u * coordinates.levels[j]) if coordinates.is_choice[j] else u for j, u in enumerate(row)]
        params = dict(zip(names, values, strict=True))
        study.add_trial(optuna.trial.create_trial(params=params, distributions=distributions, value=loss))
    evaluators = optuna.importance
    evaluator = (
        evaluators.FanovaImportanceEvaluator(seed=0) if name == "fANOVA" else evaluators.PedAnovaImportanceEvaluator()
    )
    found = evaluators.get_param_importances(study, evaluator=evaluator)
    return np.array([found[parameter] for parameter in names])


def scores(objective: Objective, counts: Sequence[int], seeds: Sequence[int], rivals: bool) -> Iterator[Score]:
    """Yield the scores on searches of so many trials."""
    from quality.own import history_of

    from hpsearch.search.evidence import Sources
    from hpsearch.search.settings import Method

    truth = truth_of(objective)
    methods: tuple[Method, ...] = ("random", "coarse-to-fine")
    for method in methods:
        for trials in counts:
            for seed in seeds:
                evidence = Sources(floor=objective.floor).evidence(history_of(objective, method, seed, trials))
                for measure, kind, found in measured(objective, evidence, rivals):
                    top = bool(found.argmax() == truth[kind].argmax())
                    rho = correlation(found, truth[kind])
                    yield Score(objective.name, measure, method, trials, seed, rho, top)


def mean_over_objectives(values: Sequence[Sequence[float]]) -> str:
    """Return the mean of one sequence per objective, with the standard error that comes from the seeds."""
    import numpy as np

    errors = [np.std(one, ddof=1) / math.sqrt(len(one)) for one in values]
    return f"{np.mean([np.mean(one) for one in values]):.3f} +- {math.hypot(*errors) / len(errors):.3f}"


def summary(found: Sequence[Score], by_objective: bool) -> str:
    """Lay out the means of top and correlation for each measure, method and number of trials."""
    kinds = list(dict.fromkeys((score.method, score.trials, score.measure) for score in found))
    names = list(dict.fromkeys(score.objective for score in found))
    rows = [["trials", "measure", "top name right", "rank correlation"]]
    for kind in kinds:
        alike = [score for score in found if (score.method, score.trials, score.measure) == kind]
        grouped = [[score for score in alike if score.objective == name] for name in names]
        label = f"{kind[1]} {kind[0]}", kind[2]
        tops, rhos = ([[getattr(s, what) for s in group] for group in grouped] for what in ("top", "correlation"))
        rows.append([*label, mean_over_objectives(tops), mean_over_objectives(rhos)])
        if by_objective:
            each = zip(names, tops, rhos, strict=True)
            rows += [[f"  {name}", "", *(mean_over_objectives([values]) for values in pair)] for name, *pair in each]
    return table(rows)


@click.command()
@click.option("--half", type=click.Choice(["eight", "tuned", "held-out"]), default="eight", show_default=True)
@click.option("--trials", "counts", default="50 100 200", show_default=True, help="Trials of the searches.")
@click.option("--seeds", default=15, show_default=True, type=click.IntRange(min=2))
@click.option("--rivals", is_flag=True, help="Ask Optuna's evaluators as well.")
@click.option("--by-objective", is_flag=True, help="Show every objective.")
@click.option("--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write all scores to a file as well.")
def main(half: str, counts: str, seeds: int, rivals: bool, by_objective: bool, file: Path | None) -> None:
    """Compare importance with the truth, on random trials and on those of coarse to fine."""
    os.environ.update(THREADS)
    from quality import halves

    objectives = halves.held_out() if half == "held-out" else halves.tuned()
    first = halves.HELD_OUT_SEEDS if half == "held-out" else 0
    found: list[Score] = []
    for objective in objectives:
        if objective.is_cheap and (half != "eight" or objective.name in EIGHT):
            found += scores(objective, [int(count) for count in counts.split()], range(first, first + seeds), rivals)
            click.echo(f"{objective.name} is done", err=True)
    click.echo(summary(found, by_objective))
    if file is not None:
        file.write_text(json.dumps([asdict(score) for score in found], indent=1) + "\n")


if __name__ == "__main__":
    main()
