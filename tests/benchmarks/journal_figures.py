"""What a run's journal tells of its workers: how many networks stood side by side, and how long nobody trained.

A task is what one worker trained from one start on: the blocks that share the worker and the time it began.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Figures:
    """Figures of one search.

    `networks_per_step` is the mean over the steps that populations took. The idle shares are of the workers' time in which
    they had no task: in the whole search, the workers' start included, and between the first task's start and the last one's
    end.
    """

    search_seconds: float
    training_seconds: float
    tasks: float
    networks_per_task: float
    networks_per_step: float
    idle_of_search: float
    idle_of_training: float


def figures(journal: Path, search_seconds: float, jobs: int) -> Figures:
    """Return the figures of a run that took `search_seconds`."""
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    params = {t["trial"]: t["params"] for r in records if r["type"] == "stage" for t in r["trials"]}
    rows = records[0]["data"]["rows"]["train"]
    tasks: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        if record["type"] == "block":
            tasks[record["worker"], record["started_at"]].append(record)
    begins = [datetime.fromisoformat(blocks[0]["started_at"]) for blocks in tasks.values()]
    ends = [datetime.fromisoformat(blocks[0]["finished_at"]) for blocks in tasks.values()]
    busy = sum((end - begin).total_seconds() for begin, end in zip(begins, ends, strict=True))
    training = (max(ends) - min(begins)).total_seconds()
    steps = network_steps = 0.0
    for blocks in tasks.values():
        batches = rows / params[blocks[0]["trial"]].get("batch_size", 1)  # what all tasks share cancels out
        epochs = [block["to"] - block["from"] for block in blocks]
        steps += batches * max(epochs)
        network_steps += batches * sum(epochs)
    return Figures(
        search_seconds=search_seconds,
        training_seconds=training,
        tasks=len(tasks),
        networks_per_task=sum(map(len, tasks.values())) / len(tasks),
        networks_per_step=network_steps / steps,
        idle_of_search=1 - busy / (jobs * search_seconds),
        idle_of_training=1 - busy / (jobs * training),
    )
