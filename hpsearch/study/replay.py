"""From the lines of a journal to what they say: the same folding serves a live search, a resumed one, and every view.

The first complete line for a key counts: a block that was trained twice after a fault is taken once. A value is made from
its curve, not read: the line of a block holds it for people.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from hpsearch.objectives.metrics import METRICS, Metric, Select
from hpsearch.trial import Curves, Status, Trial, TrialRecord, incumbent

MALFORMED = (KeyError, TypeError, ValueError, AttributeError, OverflowError)
"""What reading plain data raises that is not of the expected form."""


@dataclass
class RunRecord:
    """All that a run's journal and curves say.

    `start` is the start record as written: identity, data, environment, and the names of metrics and parameters. `history`
    is kept in order of trial number; `scores` holds the metrics and the rows of each part by trial, for those that were
    assessed; `lost` the trials with a block whose curves are gone. `finished` is the reason the search ended, empty while it
    has not; `notes` tell what was passed over.
    """

    start: Mapping[str, Any]
    history: dict[int, TrialRecord] = field(default_factory=dict)
    plan: Mapping[str, Any] = field(default_factory=dict)
    scores: dict[int, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)
    lost: set[int] = field(default_factory=set)
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
        select: Select = self.start["select"]
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
                self.plan = {**record, **{name: [int(number) for number in record[name]] for name in ("stages", "rungs")}}
            case "stage":
                for entry in record["trials"]:
                    point, params = tuple(map(float, entry["point"])), dict(entry["params"])
                    trial = Trial(int(entry["trial"]), int(record["stage"]), point, params)
                    self.history.setdefault(trial.number, TrialRecord(trial, int(record["until"])))
            case "promote":
                for number in record["trials"]:
                    known = self.history[number]
                    self.history[number] = replace(known, until_epoch=int(record["until"]), status=Status.WAITING)
            case "again":
                known = self.history[record["trial"]]
                self.history[known.number] = TrialRecord(known.trial, known.until_epoch)
                self.lost.discard(known.number)
            case "block":
                known = self.history[record["trial"]]
                if known.status is Status.WAITING and known.epochs_done == record["from"]:
                    self._take_block(known, record, curves)
            case "assess":
                parts = {part: record[part] for part in ("validation", "test") if part in record}
                self.scores[record["trial"]] = {part: _numbers(scores) for part, scores in parts.items()}
            case "finish":
                self.finished = str(record["reason"])

    def value_of(self, curves: Curves) -> tuple[float, int]:
        """Return the value of a trial with these curves, and the epoch that counts; NaN and 0 while there is none."""
        curve = curves.get(self.metric.column, ())
        epoch = self.metric.selected_epoch(curve, self.select)
        return (self.metric.value(curve[epoch - 1]), epoch) if epoch else (math.nan, 0)

    def is_whole(self, block: Mapping[str, Any], curves: Curves) -> bool:
        """Whether these are all the curves of a block's epochs; one without epochs has none."""
        epochs = block["to"] - block["from"]
        return not epochs or (set(curves) == set(self.columns) and {len(curve) for curve in curves.values()} == {epochs})

    def _take_block(self, known: TrialRecord, record: Mapping[str, Any], curves: Curves) -> None:
        if not self.is_whole(record, curves):  # the block is as if it had not been
            self.lost.add(known.number)
            return
        curves = {name: (*known.curves.get(name, ()), *values) for name, values in curves.items()} or known.curves
        value, selected = self.value_of(curves)
        self.history[known.number] = replace(
            known,
            status=Status(record["status"]),
            reason=str(record.get("reason", "")),
            curves=curves,
            value=value,
            selected_epoch=selected,
            size=int(record["size"]),
            weights=str(record["weights"]),
            checkpoint=str(record["checkpoint"]),
            seconds=known.seconds + float(record["seconds"]),
            started_at=known.started_at or str(record["started_at"]),
            finished_at=str(record["finished_at"]),
            worker=str(record["worker"]),
        )


def replay(journal: Sequence[Mapping[str, Any]], curves: Sequence[Mapping[str, Any]]) -> RunRecord:
    """Build a run's record from its journal, which begins with a start record, and its curves.

    Raises one of `MALFORMED` when a line of the journal is not what it should be.
    """
    run = RunRecord(start=journal[0])
    by_block: dict[tuple[int, ...], Curves] = {}
    for line in curves:
        with suppress(*MALFORMED):  # a damaged line is as if it were gone
            found = read_curves(line["curves"])
            if run.is_whole(line, found):
                by_block.setdefault(_block_key(line), found)
    for record in journal[1:]:
        run.take(record, by_block.get(_block_key(record), {}))
    return run


def _block_key(record: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(record.get(key, -1) for key in ("trial", "from", "to"))


def read_curves(curves: Mapping[str, Sequence[float | None]]) -> dict[str, tuple[float, ...]]:
    """Return curves as JSON holds them, with NaN where that has null."""
    return {metric: tuple(map(_number, values)) for metric, values in curves.items()}


def _numbers(metrics: Mapping[str, float | None]) -> dict[str, float]:
    return {name: _number(value) for name, value in metrics.items()}


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
