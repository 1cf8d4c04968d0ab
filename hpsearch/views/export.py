"""The numbers of a run as plain data for `--json`.

`run` is a directory; in files that are taken elsewhere, and beside predictions, it is the run's name. `value` is minimised,
a `score` is the metric as people read it. `trials` are trials, `n_trials` counts them, as `ended` and `planned` do. `best`
is the winning trial, but among the `leaders` of a comparison the best score that one had; `confirmed` is what training
leaders again gave, of a run all of them, else what it says of the winner. `epochs` counts epochs, `epoch` is the one that
counts, `seconds` are those that it took, `size` counts a network's trained parameters. `reason` says why a search or a
trial ended. What is not known, NaN and the infinities are null.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hpsearch.objectives.objective import Confusion
from hpsearch.space.search_space import SearchSpace
from hpsearch.study.derived import best_json
from hpsearch.study.line_file import plain
from hpsearch.study.record import RunRecord
from hpsearch.study.signs import Sign
from hpsearch.trial import Origin, TrialRecord
from hpsearch.views.numbers.comparison import Comparison, Side
from hpsearch.views.numbers.importance import FEWEST_TOLD, Matters
from hpsearch.views.numbers.slices import crowded_edges
from hpsearch.views.numbers.summary import repetitions, summarise
from hpsearch.views.numbers.under_way import UnderWay, stage_standings


def result_json(directory: Path, run: RunRecord, seconds: float, space: SearchSpace | None = None) -> dict[str, Any]:
    """Return what `run` says at its end: the directory, `best`, `counts` by status, `crowded`, `seconds`, and `notes`."""
    best = best_json(run, str(directory))
    return {
        "run": str(directory),
        "best": json.loads(best) if best else None,
        "counts": run.counts,
        "crowded": crowded_json(run, space),
        "seconds": round(seconds, 3),
        "notes": _notes(run),
    }


def run_json(
    directory: Path, run: RunRecord, confusions: Mapping[str, Confusion], space: SearchSpace | None = None
) -> dict[str, Any]:
    """Return a run with all its trials, curves apart; `confusions` are the winner's by part."""
    best = best_json(run, str(directory))
    content = {
        **_standing(directory, run),
        "reason": run.ended or None,
        "metric": run.metric.name,
        "select": run.select,
        "by_the_clock": run.by_the_clock,
        "parent": run.parent or None,
        "beats_its_start": summarise(run).beaten,
        "evidence": dict(Counter(trial.run for trial in run.prior)),
        "plan": asdict(run.plan) if run.plan else None,
        "counts": run.counts,
        "best": json.loads(best) if best else None,
        "confirmed": confirmation_json(run),
        "crowded": crowded_json(run, space),
        "tests": run.tests,
        "confusion": {part: asdict(confusion) for part, confusion in confusions.items()},
        "data": run.start["data"],
        "environment": run.start["environment"],
        "notes": _notes(run),
        "trials": [_trial(record) for record in run.history.values()],
    }
    return dict(plain(content))


def crowded_json(run: RunRecord, space: SearchSpace | None) -> list[dict[str, Any]] | None:
    """Return the ends of ranges where the best trials lie; None where the space is not known."""
    return [asdict(one) for one in crowded_edges(space, run.history)] if space else None


def trial_json(run: RunRecord, record: TrialRecord) -> dict[str, Any]:
    """Return a trial with where its point came from, its curves, and its trainings with fresh seeds."""
    again = [
        {"repetition": training.trial.repetition, "status": training.status.value, "value": training.value}
        for training in repetitions(run, record.number)
    ]
    content = {**_trial(record), "point": record.trial.point, "origin": _origin(record.trial.origin)}
    return dict(plain({**content, "curves": record.curves, "repetitions": again}))


def metrics_of(run: RunRecord, record: TrialRecord) -> dict[str, float]:
    """Return a trial's metrics at the epoch that counts."""
    return {name: record.selected(name) for name in run.columns}


def confirmation_json(run: RunRecord) -> list[dict[str, Any]]:
    """Return the leaders that were trained again, as the search ranked them, with values that are minimised."""
    leaders = run.confirmation.leaders if run.confirmation else ()
    content = [
        {
            "trial": leader.trial,
            "picked": leader.picked,
            "values": leader.fresh,
            "mean": leader.mean,
            "standard_error": leader.error,
            "size": leader.size,
        }
        for leader in leaders
    ]
    return list(plain(content))


def importance_json(matters: Matters) -> dict[str, Any]:
    """Return the same as plain data: numbers where there are trials enough, of those that stand out; else the top name."""
    enough = matters.trials >= FEWEST_TOLD
    content = {
        "n_trials": matters.trials,
        "zoomed": matters.zoomed,
        "first": matters.parameters[0].name if matters.parameters else None,
        "parameters": [asdict(parameter) for parameter in matters.parameters] if enough else None,
    }
    return dict(plain(content))


def confirm_json(directory: Path, run: RunRecord, seconds: float) -> dict[str, Any]:
    """Return what `confirm` says: the directory, `best`, all leaders that were trained again, `seconds`, and `notes`."""
    result = result_json(directory, run, seconds)
    return {
        "run": result["run"],
        "best": result["best"],
        "confirmed": confirmation_json(run),
        "seconds": result["seconds"],
        "notes": result["notes"],
    }


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Return runs side by side."""
    return dict(plain({**asdict(comparison), "sides": [_side(side) for side in comparison.sides]}))


def _side(side: Side) -> dict[str, Any]:
    content = asdict(side)
    summary = content.pop("summary")
    del summary["run"]
    summary["n_trials"] = summary.pop("trials")
    summary["epochs_with_fresh_seeds"] = summary.pop("epochs")
    summary["beats_its_start"] = summary.pop("beaten")
    for told in summary["leaders"]:
        told["epoch"] = told.pop("selected_epoch")
    standing = {
        "run": content.pop("directory"),
        "state": _state(summary.pop("finished")),
        "reason": summary.pop("ended") or None,
        "parent": summary.pop("parent") or None,
    }
    return {**standing, **content, "unknown": side.unknown or None, "summary": summary}


def list_row(directory: Path, run: RunRecord) -> dict[str, Any]:
    """Return a run as one row of `list`."""
    best, confirmation = run.winner, run.confirmation
    content = {
        **_standing(directory, run),
        "metric": run.metric.name,
        "score": run.metric.shown(best.value) if best else None,
        "confirmed_score": run.metric.shown(confirmation.winner.mean) if confirmation else None,
        "test_error": run.test.get("error"),
        "test_rmse": run.test.get("rmse"),
        "started": run.start["at"],
        "parent": run.parent or None,
    }
    return dict(plain(content))


def damaged_row(directory: Path) -> dict[str, Any]:
    """Return a run whose record cannot be read as one row of `list`."""
    unknown = ("ended", "planned", "metric", "score", "confirmed_score", "test_error", "test_rmse", "started", "parent")
    return {"run": str(directory), "state": "damaged", **dict.fromkeys(unknown)}


def winner_metrics(run: RunRecord) -> dict[str, float]:
    """Return the winner's metrics, at the epoch that counts, by the names that assertions use, as far as measured."""
    best = run.winner
    metrics = metrics_of(run, best) if best else {}
    metrics |= {f"test_{name}": value for name, value in run.test.items() if name != "rows"}
    errors = {name: value for name, value in metrics.items() if name.endswith("_error")}
    return metrics | {name.replace("_error", "_accuracy"): 1 - value for name, value in errors.items()}


def health_json(machine: Sequence[Sign], directory: Path | None, found: Sequence[Sign]) -> dict[str, Any]:
    """Return the signs as plain data; `run` is null where none was looked at."""
    run = {
        "run": str(directory),
        "damaged": any(sign.is_damage for sign in found),
        "signs": [asdict(sign) for sign in found],
    }
    return dict(plain({"machine": [asdict(sign) for sign in machine], "run": run if directory else None}))


def _origin(origin: Origin) -> dict[str, Any]:
    return {**asdict(origin), "elite": origin.elite if origin.elite >= 0 else None, "elite_run": origin.elite_run or None}


def _state(finished: str | bool) -> str:
    return "finished" if finished else "unfinished"


def _standing(directory: Path, run: RunRecord) -> dict[str, Any]:
    """Return how far a run is."""
    return {
        "run": str(directory),
        "state": _state(run.finished),
        "ended": run.n_ended,
        "planned": run.plan.trials if run.plan else None,
    }


def _notes(run: RunRecord) -> list[str]:
    """Return what is worth knowing of the data and of the record."""
    return [*run.start["data"]["notes"], *run.notes]


def _trial(record: TrialRecord) -> dict[str, Any]:
    return {
        "trial": record.number,
        "stage": record.trial.stage,
        "status": record.status.value,
        "reason": record.reason or None,
        "value": record.value,
        "epoch": record.selected_epoch or None,
        "epochs": record.epochs_done,
        "params": dict(record.trial.params),
        "seconds": record.seconds or None,
    }


def under_way_json(directory: Path, search: UnderWay, driver: str | None) -> dict[str, Any]:
    """Return how far a search is that was told of at time 0; `driver` is the process that works on it now, if any."""
    started, best = search.started, search.best
    if started is None:
        return {"run": str(directory), "driver": driver, "planned": None, "ended": 0}
    return dict(
        plain(
            {
                "run": str(directory),
                "driver": driver,
                "planned": started.plan.trials,
                "ended": search.ended,
                "counts": search.counts,
                "epochs": search.epochs,
                "work_done": search.work_done,
                "seconds": search.elapsed(0.0),
                "seconds_left": search.left(0.0),
                "stages": [asdict(standing) for standing in stage_standings(started.plan, search.history)],
                "confirming": [record.status.value for record in search.repetitions.values()],
                "best": best and {"trial": best.number, "value": best.value, "params": dict(best.trial.params)},
            }
        )
    )
