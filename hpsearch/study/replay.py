"""From the lines of a journal to what they say: the same folding serves a live search, a resumed one, and every view.

The first complete line for a key counts: a block that was trained twice after a fault is taken once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hpsearch.objectives.metrics import METRICS, Metric, Select
from hpsearch.trial import Curves, Status, Trial, TrialRecord, incumbent


@dataclass
class RunRecord:
    """All that a run's journal and curves say.

    `start` is the start record as written: identity, data, environment, and the names of metrics and parameters. `history`
    is kept in order of trial number; `scores` holds the metrics and the rows of each part by trial, for those that were
    assessed. `finished` is the reason the search ended, empty while it has not.
    """

    start: Mapping[str, Any]
    history: dict[int, TrialRecord] = field(default_factory=dict)
    plan: Mapping[str, Any] = field(default_factory=dict)
    scores: dict[int, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)
    finished: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The run's name, such as digits-001."""
        return str(self.start["run"])

    @property
    def metric(self) -> Metric:
        """What the search minimises."""
        return METRICS[self.start["metric"]]

    @property
    def select(self) -> Select:
        """Which epoch of a trial counts."""
        select: Select = self.start.get("select", "last_epoch")
        return select

    @property
    def columns(self) -> list[str]:
        """The names of the curves, in the order of their columns."""
        return list(self.start["metrics"])

    @property
    def parameters(self) -> list[str]:
        """The searched parameters, in the order of the spec."""
        return list(self.start["parameters"])

    @property
    def incumbent(self) -> TrialRecord | None:
        """The best complete trial, if there is one."""
        return incumbent(self.history.values())

    @property
    def test(self) -> Mapping[str, float]:
        """The incumbent's metrics on the test part and its rows; empty without such a part, or until it was assessed."""
        best = self.incumbent
        return self.scores.get(best.number, {}).get("test", {}) if best else {}

    def take(self, record: Mapping[str, Any], curves: Curves) -> None:
        """Fold one journal record in; `curves` are those of its block. Unknown kinds are left alone."""
        match record["type"]:
            case "plan":
                self.plan = record
            case "stage":
                for entry in record["trials"]:
                    trial = Trial(entry["trial"], record["stage"], tuple(entry["point"]), entry["params"])
                    self.history.setdefault(trial.number, TrialRecord(trial, record["until"]))
            case "promote":
                for number in record["trials"]:
                    known = self.history[number]
                    self.history[number] = replace(known, until_epoch=record["until"], status=Status.WAITING)
            case "block":
                known = self.history[record["trial"]]
                # Without its curves a trial can't go on from where a block ended: that block is as if it had not been.
                whole = bool(curves) or Status(record["status"]).ended
                if whole and known.status is Status.WAITING and known.epochs_done == record["from"]:
                    self.history[record["trial"]] = _after_block(known, record, curves)
            case "assess":
                parts = {part: record[part] for part in ("validation", "test") if part in record}
                self.scores[record["trial"]] = {part: _numbers(scores) for part, scores in parts.items()}
            case "test":  # the older record, of the test part only
                scores = {name: record[name] for name in ("error", "loss", "rows")}
                self.scores[record["trial"]] = {"test": _numbers(scores)}
            case "finish":
                self.finished = record["reason"]


def replay(journal: Sequence[Mapping[str, Any]], curves: Sequence[Mapping[str, Any]]) -> RunRecord:
    """Build a run's record from its journal, which begins with a start record, and its curves."""
    by_block: dict[tuple[int, ...], Curves] = {}
    for line in curves:
        by_block.setdefault(_block_key(line), read_curves(line["curves"]))
    run = RunRecord(start=journal[0])
    for record in journal[1:]:
        run.take(record, by_block.get(_block_key(record), {}))
    return run


def _after_block(known: TrialRecord, record: Mapping[str, Any], curves: Curves) -> TrialRecord:
    before = {metric: known.curves.get(metric, ()) for metric in curves}
    return replace(
        known,
        status=Status(record["status"]),
        reason=record.get("reason", ""),
        curves={metric: before[metric] + tuple(values) for metric, values in curves.items()} or known.curves,
        value=_number(record["value"]),
        selected_epoch=record.get("selected", record["to"]),
        size=record["size"],
        weights=record["weights"],
        checkpoint=record["checkpoint"],
        seconds=known.seconds + record["seconds"],
        started_at=known.started_at or record["started_at"],
        finished_at=record["finished_at"],
        worker=record["worker"],
    )


def _block_key(record: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(record.get(key, -1) for key in ("trial", "from", "to"))


def read_curves(curves: Mapping[str, Sequence[float | None]]) -> dict[str, tuple[float, ...]]:
    """Return curves as JSON holds them, with NaN where that has null."""
    return {metric: tuple(map(_number, values)) for metric, values in curves.items()}


def _numbers(metrics: Mapping[str, float | None]) -> dict[str, float]:
    return {name: _number(value) for name, value in metrics.items()}


def _number(value: float | None) -> float:
    return math.nan if value is None else value
