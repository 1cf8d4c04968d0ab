"""The directory of a run: finding it, creating it, holding it, and writing down what happens.

    runs/digits-001/   spec.yaml resolved.yaml journal.jsonl curves.jsonl trials.csv best.json checkpoints/ models/

Everything but the journal, the curves, the two specs and the states can be made again from them. Nothing is ever pickled.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import re
import secrets
import shutil
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hpsearch.errors import RecordError, UsageError
from hpsearch.objectives.objective import Assessment, Confusion
from hpsearch.search.strategy import Plan, Promote, Start
from hpsearch.study.checkpoint import read_state, write_arrays
from hpsearch.study.confusion import confusion_csv, read_confusion
from hpsearch.study.derived import best_json, trials_csv
from hpsearch.study.dispatch import Block
from hpsearch.study.line_file import LineFile, line_of, plain, read_lines, write_whole
from hpsearch.study.replay import RunRecord, read_curves, replay
from hpsearch.study.signals import held
from hpsearch.trial import Outcome, TrialRecord

JOURNAL = "journal.jsonl"
CURVES = "curves.jsonl"
MODELS = "models"
DERIVED_EVERY_SECONDS = 5.0


def run_directories(runs_dir: Path) -> list[Path]:
    """Return the directories of all runs, by name."""
    if not runs_dir.is_dir():
        return []
    return sorted(path.parent for path in runs_dir.glob(f"*/{JOURNAL}"))


def find_run(name: str, runs_dir: Path) -> Path:
    """Return the directory of a run given as a directory, a name, a unique prefix of one, or `latest`."""
    if (Path(name) / JOURNAL).is_file():
        return Path(name)
    directories = run_directories(runs_dir)
    if not directories:
        raise UsageError(f"there are no runs in {runs_dir}; `hpsearch run CONFIG` makes one, --runs-dir names another place")
    if name == "latest":
        return max(directories, key=lambda path: (path / JOURNAL).stat().st_mtime_ns)
    exact = [path for path in directories if path.name == name]
    matches = exact or [path for path in directories if name and path.name.startswith(name)]
    if len(matches) == 1:
        return matches[0]
    listed = ", ".join(path.name for path in (matches or directories)[-8:])
    raise UsageError(
        f"{name!r} fits {len(matches)} runs: {listed}" if matches else f"no run is called {name!r}; there are: {listed}"
    )


def read_run(directory: Path) -> RunRecord:
    """Read a run's record; needs the journal and the curves only."""
    journal, notes = read_lines(directory / JOURNAL)
    if not journal or journal[0].get("type") != "start":
        raise RecordError(f"{directory / JOURNAL}: does not begin with a start record; this is not a run")
    curves, curve_notes = read_lines(directory / CURVES)
    try:
        run = replay(journal, curves)
    except (KeyError, TypeError, ValueError) as error:
        raise RecordError(f"{directory / JOURNAL}: a record lacks what it should hold: {error!r}") from error
    run.start = {**run.start, "run": directory.name}  # it may have been renamed
    run.notes += notes + curve_notes
    return run


def confusion_path(directory: Path, part: str) -> Path:
    """Return where the winner's confusion matrix on a part lies."""
    return directory / MODELS / f"confusion_{part}.csv"


def read_confusions(directory: Path, run: RunRecord) -> dict[str, Confusion]:
    """Return the winner's confusion matrices by part; none before it was assessed, and where there are no classes."""
    best = run.incumbent
    assessed = run.scores.get(best.number, {}) if best else {}
    found = {part: read_confusion(confusion_path(directory, part)) for part in assessed}
    return {part: confusion for part, confusion in found.items() if confusion is not None}


def unfinished_runs(runs_dir: Path, identity: str) -> list[Path]:
    """Return the runs of an identity that have not finished."""
    alike = []
    for directory in run_directories(runs_dir):
        with (directory / JOURNAL).open("rb") as file:
            first = file.readline()
        try:
            same = json.loads(first).get("identity") == identity
        except (ValueError, AttributeError):
            continue
        if same and not read_run(directory).finished:
            alike.append(directory)
    return alike


def new_directory(runs_dir: Path, name: str) -> Path:
    """Create the next numbered directory of a name. Numbers are never used twice, not even after a run was deleted."""
    numbers = runs_dir / ".numbers"
    try:
        numbers.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{runs_dir}: runs cannot be kept here: {error.strerror}") from error
    pattern = re.compile(re.escape(name) + r"-(\d+)")
    taken = [int(match[1]) for path in runs_dir.iterdir() if (match := pattern.fullmatch(path.name))]
    counter = numbers / name
    last = counter.read_text().strip() if counter.exists() else ""
    number = max([0, *taken, int(last) if last.isdecimal() else 0]) + 1
    while True:
        write_whole(counter, f"{number}\n")
        directory = runs_dir / f"{name}-{number:03d}"
        try:
            directory.mkdir()
        except FileExistsError:  # another driver was faster
            number += 1
            continue
        return directory


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold a run for this process; the kernel lets go of it however the process ends."""
    with (directory / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            raise UsageError(f"{directory} is being searched by {file.read().strip() or 'another process'}") from error
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        yield


class RunDir:
    """The one writer of a run. Each method writes its fact to the disk before it returns, and folds it into `run`."""

    def __init__(self, directory: Path, run: RunRecord) -> None:
        self.directory, self.run = directory, run
        self.token = secrets.token_hex(4)
        self.checkpoints = directory / "checkpoints"
        self.checkpoints.mkdir(exist_ok=True)
        self._journal, self._curves = LineFile(directory / JOURNAL), LineFile(directory / CURVES)
        self._files = {path.name for path in self.checkpoints.iterdir()}  # with those of tasks that never were recorded
        self._prune()
        self._derived_at = 0.0

    @classmethod
    def create(cls, directory: Path, texts: Mapping[str, str], start: Mapping[str, Any]) -> RunDir:
        """Begin a run in an empty directory: its texts by file name, then the start record."""
        _write_texts(directory, texts)
        record = {"type": "start", "run": directory.name, **start}
        # Written whole: a journal exists exactly when it has its start record.
        write_whole(directory / JOURNAL, line_of(record))
        return cls(directory, RunRecord(plain(record)))

    @classmethod
    def open(cls, directory: Path, texts: Mapping[str, str]) -> RunDir:
        """Open a run to go on with it; its texts may ask for more trials than they did."""
        run = read_run(directory)
        _write_texts(directory, texts)
        return cls(directory, run)

    def close(self) -> None:
        """Bring the derived files up to date and close."""
        self.write_derived()
        self._journal.close()
        self._curves.close()

    def write_plan(self, plan: Plan) -> None:
        """Record the plan."""
        self._append({"type": "plan", "stages": list(plan.stages), "rungs": list(plan.rungs)})

    def write_stage(self, start: Start) -> None:
        """Record the trials of a stage, before any of them is trained."""
        trials = [{"trial": t.number, "point": list(t.point), "params": dict(t.params)} for t in start.trials]
        self._append({"type": "stage", "stage": start.trials[0].stage, "until": start.until_epoch, "trials": trials})

    def write_promotion(self, promote: Promote) -> None:
        """Record that trials go on."""
        self._append({"type": "promote", "trials": list(promote.trials), "until": promote.until_epoch})

    def write_blocks(self, blocks: Sequence[Block]) -> tuple[TrialRecord, ...]:
        """Record what a task gave, curves first, and return its trials as they now stand."""
        with held():
            for block in blocks:
                self._write_block(block)
            self._prune()
        if time.monotonic() - self._derived_at > DERIVED_EVERY_SECONDS:
            self.write_derived()
        return tuple(self.run.history[block.outcome.trial] for block in blocks)

    def write_assessment(self, trial: int, parts: Mapping[str, Assessment]) -> None:
        """Record how a trial does on each part; confusion matrices go to files of their own, before the fact."""
        (self.directory / MODELS).mkdir(exist_ok=True)
        for name, part in parts.items():
            if part.confusion is not None:
                write_whole(confusion_path(self.directory, name), confusion_csv(part.confusion))
        scores = {name: {**part.metrics, "rows": part.rows} for name, part in parts.items()}
        self._append({"type": "assess", "trial": trial, **scores})

    def write_finish(self, reason: str) -> None:
        """Record that the search is over."""
        self._append({"type": "finish", "reason": reason})

    def write_stop(self, reason: str) -> None:
        """Record that this command ended before the search did."""
        self._append({"type": "stop", "reason": reason})

    def write_derived(self) -> None:
        """Write trials.csv and best.json anew."""
        write_whole(self.directory / "trials.csv", trials_csv(self.run))
        best = best_json(self.run, str(self.directory))
        if best is not None:
            write_whole(self.directory / "best.json", best)
        self._derived_at = time.monotonic()

    def write_model(self, description: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
        """Write the winner: model.json beside model.npz."""
        models = self.directory / MODELS
        models.mkdir(exist_ok=True)
        write_arrays(models / "model.npz", arrays)
        content = {"arrays": "model.npz", **description}
        write_whole(models / "model.json", json.dumps(plain(content), indent=2, ensure_ascii=False) + "\n")

    def state(self, record: TrialRecord) -> dict[str, NDArray[Any]]:
        """Return a trial's state from its checkpoint."""
        return read_state(self.checkpoints / record.checkpoint, record.number)

    def _append(self, record: Mapping[str, Any]) -> None:
        with held():
            self._journal.append(record)
            self.run.take(plain(record), {})

    def _write_block(self, block: Block) -> None:
        outcome = block.outcome
        value, selected = self._judged(outcome)
        span = {"trial": outcome.trial, "from": block.from_epoch, "to": outcome.epochs_done}
        self._curves.append({**span, "curves": outcome.curves})
        record = {
            "type": "block",
            **span,
            "status": outcome.status.value,
            "value": value,
            "selected": selected,
            "reason": outcome.reason,
            "size": outcome.size,
            "weights": block.weights,
            "checkpoint": block.checkpoint,
            "seconds": round(outcome.seconds, 6),
            "started_at": block.started_at,
            "finished_at": block.finished_at,
            "worker": block.worker,
        }
        self._journal.append(record)
        self.run.take(plain(record), read_curves(plain(outcome.curves)))
        self._files.add(block.checkpoint)

    def _judged(self, outcome: Outcome) -> tuple[float, int]:
        """Return a trial's value with its new epochs, and the epoch that counts; NaN and 0 while there is none."""
        metric, before = self.run.metric, self.run.history[outcome.trial].curves
        curve = (*before.get(metric.column, ()), *outcome.curves.get(metric.column, ()))
        epoch = metric.selected_epoch(curve, self.run.select)
        return (metric.value(curve[epoch - 1]), epoch) if epoch else (math.nan, 0)

    def _prune(self) -> None:
        """Delete the states that no waiting trial and no winner needs."""
        best = self.run.incumbent
        needed = {record.checkpoint for record in self.run.history.values() if not record.status.ended}
        needed.add(best.checkpoint if best else "")
        for name in self._files - needed - {""}:
            (self.checkpoints / name).unlink(missing_ok=True)  # a trial that failed has no file
        self._files &= needed


def _write_texts(directory: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        write_whole(directory / name, text)


def remove_unbegun(directory: Path) -> None:
    """Delete a directory in which no run began."""
    if not (directory / JOURNAL).exists():
        shutil.rmtree(directory, ignore_errors=True)
