"""Optuna's searches, as they come.

Each is asked and told by hand, so that all methods see the same observations. A run gives the regret of the best observed
trial at several marks on the way: what it does next does not depend on where it will end.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpsearch.space.parameters import Choice, Domain, Real, Whole
from hpsearch.space.search_space import SearchSpace
from hpsearch.trial import Params, Value
from quality.curves import EPOCHS, CurveSurface
from quality.objectives import Objective

if TYPE_CHECKING:
    import optuna

SAMPLERS = ("tpe", "gp", "cma", "random")
PRUNERS = ("hyperband", "asha")
FACTOR = 3


def quiet() -> None:
    """Silence Optuna's reports and its warnings about what is experimental or falls back."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", module="optuna")


def sampler(name: str, seed: int) -> optuna.samplers.BaseSampler:
    """Return one of SAMPLERS with its defaults; the Gaussian process is told that there is noise."""
    from optuna import samplers

    match name:
        case "tpe":
            return samplers.TPESampler(seed=seed)
        case "gp":
            return samplers.GPSampler(seed=seed, deterministic_objective=False)
        case "cma":
            return samplers.CmaEsSampler(seed=seed)
        case _:
            return samplers.RandomSampler(seed=seed)


def pruner(name: str) -> optuna.pruners.BasePruner:
    """Return one of PRUNERS, with the reduction factor of the package."""
    from optuna import pruners

    if name == "hyperband":
        return pruners.HyperbandPruner(min_resource=1, max_resource=EPOCHS, reduction_factor=FACTOR)
    return pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=FACTOR)


def suggested(trial: optuna.trial.Trial, space: SearchSpace) -> Params:
    """Let a trial suggest a value of every parameter that its other values make active."""
    domains = {parameter.name: parameter.domain for parameter in space.parameters}
    params: dict[str, Value] = {}
    while missing := [name for name in space.active(params) if name not in params]:
        for name in missing:
            params[name] = _suggest(trial, name, domains[name])
    return params


def _suggest(trial: optuna.trial.Trial, name: str, domain: Domain) -> Value:
    chosen: Any
    if isinstance(domain, Choice):
        options: list[Any] = list(domain.options)
        chosen = trial.suggest_categorical(name, options)
    elif isinstance(domain, Whole):
        chosen = trial.suggest_int(name, domain.low, domain.high, log=domain.scale == "log")
    elif isinstance(domain, Real) and domain.scale == "1-beta":
        chosen = 1 - trial.suggest_float(name, 1 - domain.high, 1 - domain.low, log=True)
    else:
        assert isinstance(domain, Real)
        chosen = trial.suggest_float(name, domain.low, domain.high, log=domain.scale == "log")
    value: Value = chosen
    return value


def by_trials(objective: Objective, name: str, seed: int, marks: Sequence[int], together: int = 1) -> dict[int, float]:
    """Search with one of SAMPLERS, asked for so many trials together; return the regret after `marks` trials."""
    import optuna

    study = optuna.create_study(sampler=sampler(name, seed))
    tried: list[tuple[float, int, Params]] = []
    while len(tried) < max(marks):
        trials = [study.ask() for _ in range(min(together, max(marks) - len(tried)))]
        asked = [suggested(trial, objective.space) for trial in trials]
        for trial, params in zip(trials, asked, strict=True):
            value = objective.observe(params, seed, len(tried))
            tried.append((value, len(tried), params))
            study.tell(trial, value)
    return {mark: objective.regret(min(tried[:mark], key=lambda one: one[:2])[2]) for mark in marks}


@dataclass(frozen=True)
class Ended:
    """A trial that trained to the end or was stopped: what had been spent by then, how far it came, what it was worth."""

    spent: int
    epochs: int
    value: float
    params: Params


def by_epochs(objective: CurveSurface, name: str, seed: int, marks: Sequence[int], stopper: str) -> dict[int, float]:
    """Search with one of SAMPLERS and one of PRUNERS; return the regret at the cost of `marks` full trainings.

    The winner is the best of the trials that had gone furthest by then.
    """
    import optuna

    study = optuna.create_study(sampler=sampler(name, seed), pruner=pruner(stopper), study_name=f"seed {seed}")
    ended: list[Ended] = []
    while not ended or ended[-1].spent < max(marks) * EPOCHS:
        trial = study.ask()
        params = suggested(trial, objective.space)
        curve = objective.observe_curve(params, seed, len(ended)).tolist()
        epochs = _epochs(trial, curve)
        spent = epochs + (ended[-1].spent if ended else 0)
        ended.append(Ended(spent, epochs, curve[epochs - 1], params))
        if epochs == EPOCHS:
            study.tell(trial, curve[-1])
        else:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    return {mark: objective.regret(_winner(ended, mark * EPOCHS).params) for mark in marks}


def _epochs(trial: optuna.trial.Trial, curve: Sequence[float]) -> int:
    """Report epoch after epoch, and return how many there are until the trial is pruned."""
    for epoch, value in enumerate(curve, start=1):
        trial.report(value, epoch)
        if epoch < len(curve) and trial.should_prune():
            return epoch
    return len(curve)


def _winner(ended: Sequence[Ended], budget: int) -> Ended:
    return min((one for one in ended if one.spent <= budget), key=lambda one: (-one.epochs, one.value))
