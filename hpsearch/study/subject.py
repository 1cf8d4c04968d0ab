"""What a study searches: its objective, ready to be called, and the facts about it that a run records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpsearch.data.dataset import Dataset
from hpsearch.data.lookup import UnfitData
from hpsearch.errors import Mistake, RecordError, SettingError, UsageError
from hpsearch.objectives.calling import SEED
from hpsearch.objectives.metrics import Metric, metric_for, metric_named, unfit_metric
from hpsearch.objectives.network_objective import NetworkObjective, dataset
from hpsearch.objectives.objective import Objective
from hpsearch.objectives.python_objective import PythonObjective
from hpsearch.objectives.settings import PythonSettings
from hpsearch.search.plan import Plan
from hpsearch.search.strategy import Search, search
from hpsearch.seeds import Streams
from hpsearch.study.study_spec import StudySpec
from hpsearch.trial import PriorTrial


@dataclass(frozen=True)
class Subject:
    """A study whose metric is named, and its objective.

    `facts` describe the data, or what stands in its place: `sha256`, the hash of what results depend on besides the spec,
    `fingerprint`, `notes`, and more of a data set. `rows` are those of the validation part, 0 without one.
    """

    study: StudySpec
    objective: Objective
    facts: Mapping[str, Any]
    rows: int = 0

    @property
    def metric(self) -> Metric:
        """What the search minimises."""
        return metric_named(str(self.study.metric), of_function=self.study.objective is not None)

    @property
    def target(self) -> float | None:
        """The value, minimised, that is good enough to end the search, if there is one."""
        target = self.study.search.target
        # What is better when higher is its own complement: shown and value change places by the same formula.
        return None if target is None else self.metric.shown(target)

    def confirmed_leaders(self, trials: int) -> int:
        """Return how many leaders of so many trials are retrained; none by default where there are no seeds to vary."""
        confirm = self.study.search.confirm
        count = confirm.count(trials) if self.is_seeded or confirm.leaders is not None else 0
        return min(count, trials)

    @property
    def is_seeded(self) -> bool:
        """Whether fresh seeds can make a difference; not to a function that takes none, or whose seed is searched."""
        return self.objective.is_seeded and SEED not in self.study.space.names

    def search(self, prior: Sequence[PriorTrial] = (), recorded: Plan | None = None) -> Search:
        """Return the search that the study asks for; `recorded` is the plan that was made before."""
        return search(
            self.study.search,
            self.study.space,
            Streams(self.study.seed),
            self.study.epochs,
            floor=self.metric.least(self.rows),
            target=self.target,
            prior=prior,
            recorded=recorded,
        )


def subject_of(study: StudySpec, function: Callable[..., Any] | None = None, fingerprint: str = "") -> Subject:
    """Return the subject of a study; `function` is its Python objective where it is at hand.

    Raises SettingError for settings that do not go with the data, or with the function that they name. With a fingerprint
    the data, or the function's source, must be what it was when a run recorded it; else RecordError.
    """
    if study.objective is not None:
        if study.objective.path and not fingerprint and not Path(study.objective.path).is_dir():
            message = f"there is no directory {study.objective.path}"
            hint = "write the one in which the module lies, or take it away if that is the spec's own"
            raise SettingError(Mistake(("objective", "path"), message, hint))
        objective = _function(study, study.objective, function)
        digest = objective.source_sha256()
        if fingerprint and digest != fingerprint:
            raise RecordError(f"{study.objective.python}: its source, or what that uses, has changed since the run began")
        facts = {"task": "python", "sha256": digest, "fingerprint": digest, "notes": [], "function": study.objective.python}
        return Subject(study, objective, facts)
    data = _data(study, fingerprint)
    study = study.for_task(data.task)
    select_by = metric_for(data.task, study.metric).column if study.select == "best_epoch" else None
    network = NetworkObjective(study.data, data.fingerprint, study.network, Streams(study.seed), select_by)
    return Subject(study, network, _described(data), data.rows["validation"])


def _function(study: StudySpec, settings: PythonSettings, function: Callable[..., Any] | None) -> PythonObjective:
    try:
        objective = PythonObjective(settings, str(study.metric), Streams(study.seed), function)
        objective.check(study.space.names)
    except SettingError:
        raise
    except UsageError as error:
        if function is not None:  # a program's own, which no setting names
            raise
        raise SettingError(Mistake.told_by(error, "objective", "python")) from None
    return objective


def _data(study: StudySpec, fingerprint: str) -> Dataset:
    """Return the data of a study; the SettingError of data that do not fit tells of a metric that doesn't, too."""
    try:
        return dataset(study.data, fingerprint)
    except UnfitData as error:
        metric = unfit_metric(error.task, study.metric) if error.task else ()
        raise SettingError(*error.mistakes, *metric) from None


def _described(data: Dataset) -> dict[str, Any]:
    quantity = {} if data.classes else {"target_deviation": data.target_deviation}
    return {
        "task": data.task,
        "target": data.target,
        "sha256": data.source_sha256,
        "split_sha256": data.split_sha256,
        "fingerprint": data.fingerprint,
        "rows": data.rows,
        "features": data.features,
        "classes": data.classes,
        **quantity,
        "notes": list(data.notes),
    }
