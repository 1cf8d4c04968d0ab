"""Small recorded runs that differ in what is asked for, to be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recorded import START

from hpsearch.study.record import RunRecord
from hpsearch.study.replay import replay

SPACE: dict[str, Any] = {"learning_rate": {"range": [0.001, 1.0], "scale": "log"}, "optimizer": ["adam", "momentum"]}
NETWORK: dict[str, Any] = {"epochs": 3, "l2": 0.0, "batch_size": 64}


def run_of(
    values: Sequence[float | None],
    params: Sequence[Mapping[str, Any]] = (),
    fresh: Mapping[int, Sequence[float]] | None = None,
    *,
    name: str = "one-001",
    epochs: int = 3,
    space: Mapping[str, Any] = SPACE,
    network: Mapping[str, Any] = NETWORK,
    search: Mapping[str, Any] | None = None,
    waiting: int = 0,
    stopped: Sequence[int] = (),
    **start: Any,
) -> RunRecord:
    """Return a run of a trial for each value, which ended one second after the other; None is one that failed.

    Those `stopped` were so after their first epoch; `waiting` more were begun. `fresh` holds what leaders gave with fresh
    seeds.
    """
    column = start.get("column", "validation_error")
    search = search or {"method": "random"}
    facts = {"seed": 0, "network": dict(network), "space": [list(pair) for pair in space.items()], "search": dict(search)}
    data = {**START["data"], "task": "classification", "split_sha256": "abc", "target": "label"}
    first = {
        **START,
        "run": name,
        "metrics": [column],
        "parameters": list(space),
        "averaging": [],
        "epochs": epochs,
        "data": data,
        "identified_by": facts,
        "method": search["method"],
        **start,
    }
    count = len(values) + waiting
    points = [dict(params[k]) if k < len(params) else {"learning_rate": 0.01, "optimizer": "adam"} for k in range(count)]
    kinds = {} if search["method"] == "random" else {"origin": {"kind": "elite"}}
    trials = [{"trial": k, "point": [0.5] * len(space), "params": point, **kinds} for k, point in enumerate(points)]
    journal: list[dict[str, Any]] = [
        first,
        {"type": "session", "at": "2026-11-21T10:00:00.000+00:00"},
        {"type": "plan", "stages": [count], "rungs": [epochs]},
        {"type": "stage", "stage": 0, "until": epochs, "trials": trials},
    ]
    curves: list[dict[str, Any]] = []

    def train(number: int, repetition: int, value: float | None, length: int, status: str) -> None:
        span = {"trial": number, "repetition": repetition, "from": 0, "to": length}
        curves.append({**span, "curves": {column: [value] * length}})
        begin, end = (f"2026-11-21T10:00:{second:02d}.000+00:00" for second in (number, number + 1))
        rest = {"reason": "", "size": 10, "weights": "", "checkpoint": "", "seconds": 1.0, "worker": "1"}
        journal.append({"type": "block", **span, "status": status, "started_at": begin, "finished_at": end, **rest})

    for number, value in enumerate(values):
        length = 0 if value is None else 1 if number in stopped else epochs
        train(number, 0, value, length, "failed" if value is None else "stopped" if number in stopped else "complete")
    if not waiting:
        journal.append({"type": "end", "reason": "all trials are finished", "keep": count})
    if fresh:
        seeds = len(next(iter(fresh.values())))
        journal.append({"type": "confirm", "trials": list(fresh), "seeds": seeds, "until": epochs})
        for number, again in fresh.items():
            for repetition, value in enumerate(again, 1):
                train(number, repetition, value, epochs, "complete")
    if not waiting:
        journal.append({"type": "finish", "reason": "all trials are finished"})
    return replay(journal, curves)
