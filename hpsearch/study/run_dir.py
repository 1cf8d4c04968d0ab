"""The directory of a run: writing down what happens.

    runs/digits-001/   spec.yaml resolved.yaml journal.jsonl curves.jsonl trials.csv best.json checkpoints/ models/

Everything but the journal, the curves, the two specs and the states can be made again from them. Nothing is ever pickled.
"""

from __future__ import annotations

import itertools
import json
import math
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hpsearch.objectives.objective import Assessment
from hpsearch.prose import first_of
from hpsearch.search.plan import Done, Plan, Promote, Start
from hpsearch.study.checkpoint import read_state, write_arrays
from hpsearch.study.confirmation import Retraining
from hpsearch.study.confusion import confusion_csv, confusion_path
from hpsearch.study.derived import derived_files
from hpsearch.study.dispatch import Block
from hpsearch.study.entries import described_prior_trial, described_trial, longer, read_curves
from hpsearch.study.files import write_whole
from hpsearch.study.line_file import LineFile, line_of, plain
from hpsearch.study.record import RunRecord
from hpsearch.study.replay import take
from hpsearch.study.runs import CURVES, JOURNAL, MODELS, read_run
from hpsearch.study.signals import held
from hpsearch.study.states import holds_state, kept_states, needing_state, task_files
from hpsearch.trial import Curves, PriorTrial, TrialRecord

DERIVED_EVERY_SECONDS = 5.0
PRUNED_EVERY_SECONDS, MANY_TRIALS = 0.5, 500
"""Going through many trials after each of as many short tasks would take longer than the tasks."""


class RunDir:
    """The one writer of a run. Each method writes its fact to the disk before it returns, and folds it into `run`."""

    def __init__(self, directory: Path, run: RunRecord) -> None:
        self.directory, self.run = directory, run
        self._token, self._calls = secrets.token_hex(4), itertools.count()
        self.checkpoints = directory / "checkpoints"
        self.checkpoints.mkdir(exist_ok=True)
        self._journal, self._curves = LineFile(directory / JOURNAL), LineFile(directory / CURVES)
        self._files = task_files(self.checkpoints)  # with those of tasks that never were recorded
        self._prune()
        self._derived_at = 0.0

    @classmethod
    def create(cls, directory: Path, texts: Mapping[str, str], start: Mapping[str, Any]) -> RunDir:
        """Begin a run in an empty directory: its texts by file name, then the start record."""
        for name, text in texts.items():
            write_whole(directory / name, text)
        record = {"type": "start", "run": directory.name, **start}
        # Written whole: a journal exists exactly when it has its start record.
        write_whole(directory / JOURNAL, line_of(record))
        return cls(directory, RunRecord(plain(record)))

    @classmethod
    def open(cls, directory: Path) -> RunDir:
        """Open a run to go on with it."""
        return cls(directory, read_run(directory))

    def close(self) -> None:
        """Bring the derived files up to date and close."""
        self.write_derived()
        self._journal.close()
        self._curves.close()

    def token(self) -> str:
        """Return what sets the files of one call apart: those of another driver too, as a worker may outlive it."""
        return f"{self._token}{next(self._calls)}"

    def write_texts(self, texts: Mapping[str, str]) -> None:
        """Keep the texts of a command that goes on with the run, by file name: they may ask for more trials than before."""
        for name, text in texts.items():
            write_whole(self.directory / name, text)

    def restart_lost(self) -> None:
        """Record that trials whose curves or states are gone or damaged begin again: that gives them the same bits."""
        run = self.run
        gone = {record.trial.key for record in needing_state(run) if not holds_state(self.checkpoints, record)}
        lost = sorted(run.lost | gone)
        for number, repetition in lost:
            self._append({"type": "again", **_named(number, repetition)})
        if lost:
            told = first_of(sorted({number for number, _ in lost}))
            run.notes.append(f"trained again, as their curves or states were lost: trials {told}")

    def write_alone(self, trials: Sequence[int]) -> None:
        """Record that trials begin again, each in no company, so that its time is its own."""
        with held():
            self._append({"type": "alone", "trials": list(trials)})
            self._prune()

    def write_session(self, jobs: int) -> None:
        """Record that a command begins to work on the run, with so many workers."""
        self._append({"type": "session", "at": datetime.now(UTC).isoformat(timespec="milliseconds"), "jobs": jobs})

    def write_prior(self, trials: Sequence[PriorTrial]) -> None:
        """Record the trials of earlier runs that count as evidence."""
        self._append({"type": "prior", "trials": list(map(described_prior_trial, trials))})

    def write_plan(self, plan: Plan) -> None:
        """Record the plan."""
        facts = {"stages": plan.stages, "rungs": plan.rungs, "factor": plan.reduction_factor, "given": plan.given}
        if plan.coarse_rungs:
            facts |= {"coarse_rungs": plan.coarse_rungs, "in_full": plan.in_full}
        self._append({"type": "plan", **facts})

    def write_stage(self, start: Start) -> None:
        """Record the trials of a stage, before any of them is trained."""
        facts = {"stage": start.trials[0].stage, "until": start.until_epoch}
        self._append({"type": "stage", **facts, "trials": list(map(described_trial, start.trials))})

    def write_promotion(self, promote: Promote) -> None:
        """Record that trials go on, and that others of their stage do not."""
        facts = {"trials": list(promote.trials), "stopped": list(promote.stopped), "until": promote.until_epoch}
        with held():
            self._append({"type": "promote", **facts})
            for record in map(self.run.history.__getitem__, promote.trials):
                # Passed over once, and now among the best, because a better one began again and did not come as far.
                if record.checkpoint and not (self.checkpoints / record.checkpoint).exists():
                    self._append({"type": "again", **_named(record.number, 0)})
            self._prune()

    def write_end(self, done: Done) -> None:
        """Record that the search is over, and why: which trials are its own, and after how many epochs some were stopped."""
        kept = [record for record in self.run.history.values() if record.number < done.keep]
        stopped = [[record.number, record.epochs_done] for record in kept if not record.status.ended]
        facts = {"reason": done.reason, "keep": done.keep, **({"stopped": stopped} if stopped else {})}
        if done.by_the_clock:
            facts["clock"] = True
        with held():
            self._append({"type": "end", **facts})
            self._prune()

    def write_reopening(self) -> None:
        """Record that the search goes on, though it had ended, and with it the trials that its end stopped."""
        self._append({"type": "reopen"})

    def write_confirm(self, retraining: Retraining, until_epoch: int) -> None:
        """Record which leaders are retrained."""
        facts = {"trials": list(retraining.trials), "seeds": retraining.seeds, "until": until_epoch}
        self._append({"type": "confirm", **facts})

    def write_blocks(self, blocks: Sequence[Block]) -> tuple[TrialRecord, ...]:
        """Record what a task gave, curves first, and return its trials as they now stand."""
        with held():
            for block in blocks:
                self._write_block(block)
            if len(self.run.history) < MANY_TRIALS or time.monotonic() - self._pruned_at > PRUNED_EVERY_SECONDS:
                self._prune()
        if time.monotonic() - self._derived_at > DERIVED_EVERY_SECONDS:
            self.write_derived()
        return tuple(self.run.training(*block.key) for block in blocks)

    def write_assessment(self, trial: int, parts: Mapping[str, Assessment]) -> None:
        """Record how a trial does on each part; confusion matrices go to files of their own, before the fact."""
        (self.directory / MODELS).mkdir(exist_ok=True)
        for name, part in parts.items():
            if part.confusion is not None:
                write_whole(confusion_path(self.directory, name), confusion_csv(part.confusion))
        scores = {name: {**part.metrics, "rows": part.rows} for name, part in parts.items()}
        self._append({"type": "assess", "trial": trial, **scores})

    def write_finish(self, reason: str) -> None:
        """Record that all is done, for the reason that the search ended."""
        self.write_derived()  # before: no command comes back to a finished run
        with held():
            self._append({"type": "finish", "reason": reason})
            self._files = task_files(self.checkpoints)  # with those of tasks that were given up
            self._prune()

    def write_stop(self, reason: str, signal: int = 0) -> None:
        """Record that this command ended before the search did, and the number of the signal that it answered, if any."""
        self._append({"type": "stop", "reason": reason, **({"signal": signal} if signal else {})})

    def write_derived(self) -> None:
        """Write trials.csv and best.json anew."""
        for name, text in derived_files(self.run, self.directory).items():
            write_whole(self.directory / name, text)
        self._derived_at = time.monotonic()

    def write_model(self, description: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
        """Write the winner: model.json beside model.npz."""
        models = self.directory / MODELS
        models.mkdir(exist_ok=True)
        digest = write_arrays(models / "model.npz", arrays)
        content = {"arrays": "model.npz", "arrays_sha256": digest, **description}
        write_whole(models / "model.json", json.dumps(plain(content), indent=2, ensure_ascii=False) + "\n")

    def state(self, record: TrialRecord) -> dict[str, NDArray[Any]]:
        """Return a trial's state from its checkpoint."""
        return read_state(self.checkpoints / record.checkpoint, record.number)

    def _append(self, record: Mapping[str, Any]) -> None:
        with held():
            self._take(record, {})

    def _take(self, record: Mapping[str, Any], curves: Curves) -> None:
        record = {**record, "decisions": self.run.decisions}
        self._journal.append(record)
        take(self.run, plain(record), curves)

    def _write_block(self, block: Block) -> None:
        outcome = block.outcome
        curves = longer(self.run.training(*block.key).curves, outcome.curves)
        values, selected = self.run.values_of(curves)
        span = {**_named(outcome.trial, block.repetition), "from": block.from_epoch, "to": outcome.epochs_done}
        self._curves.append({**span, "curves": outcome.curves})
        record = {
            "type": "block",
            **span,
            "status": outcome.status.value,
            "value": values[-1] if values else math.nan,
            "selected": selected,
            "reason": outcome.reason,
            "size": outcome.size,
            "weights": block.weights,
            "checkpoint": block.checkpoint,
            "seconds": round(outcome.seconds, 6),
            "started_at": block.started_at,
            "finished_at": block.finished_at,
            "worker": block.worker,
            **({"shared": True} if block.is_shared else {}),
        }
        self._take(record, read_curves(plain(outcome.curves)))
        self._files.add(block.checkpoint)

    def _prune(self) -> None:
        """Delete the states that are kept no longer."""
        kept = kept_states(self.run)
        self._pruned_at = time.monotonic()
        for name in self._files - kept - {""}:
            with suppress(OSError):  # what is no file, or gone, is in nobody's way
                (self.checkpoints / name).unlink()
        self._files &= kept


def _named(trial: int, repetition: int) -> dict[str, int]:
    """Return how a fact names a training."""
    return {"trial": trial, "repetition": repetition} if repetition else {"trial": trial}
