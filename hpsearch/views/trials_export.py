"""The trials of a run for other programs: all that is known of them as JSON lines, and which older exports are of a run.

The CSV is `trials.csv` itself, which `study` writes.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from hpsearch.study.derived import columns
from hpsearch.study.line_file import plain
from hpsearch.study.record import RunRecord
from hpsearch.trial import TrialRecord
from hpsearch.views.export import metrics_of, trial_json


def trials_jsonl(run: RunRecord) -> str:
    """Return all that is known of each trial, as a JSON object on a line of its own, in ASCII; by number."""
    lines = [json.dumps(_line(run, record), allow_nan=False) for _, record in sorted(run.history.items())]
    return "".join(f"{line}\n" for line in lines)


def is_csv_of(run: RunRecord, content: bytes) -> bool:
    """Whether a text is the `trials.csv` of a run, as it is or has been."""
    try:
        table = csv.DictReader(io.StringIO(content.decode(), newline=""))
        return table.fieldnames == columns(run) and _are_of(run, table)
    except (ValueError, csv.Error):  # no text, or no table
        return False


def is_jsonl_of(run: RunRecord, content: bytes) -> bool:
    """Whether a text is the `trials_jsonl` of a run, as it is or has been."""
    try:
        lines = [json.loads(line) for line in content.splitlines()]
    except (ValueError, RecursionError):
        return False
    return all(isinstance(line, dict) and line.get("run") == run.name for line in lines) and _are_of(run, lines)


def _are_of(run: RunRecord, rows: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the trials of a run began when these rows say, as far as they had begun: no two runs share that."""
    began = {str(number): record.started_at for number, record in run.history.items()}
    known = [(row.get("started_at"), began.get(str(row.get("trial")))) for row in rows]
    return all(now is not None and before in (None, "", now) for before, now in known)


def _line(run: RunRecord, record: TrialRecord) -> dict[str, Any]:
    content = {
        "run": run.name,
        **trial_json(run, record),
        "metric": run.metric.name,
        "metrics": metrics_of(run, record),
        "size": record.size or None,
        "started_at": record.started_at or None,
        "finished_at": record.finished_at or None,
        "worker": record.worker or None,
    }
    return dict(plain(content))
