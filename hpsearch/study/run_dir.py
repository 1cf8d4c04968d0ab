"""The directory of a run: writing down what happens.

    runs/digits-001/   spec.yaml resolved.yaml journal.jsonl curves.jsonl trials.csv best.json checkpoints/ models/

Everything but the journal, the curves, the two specs and the states can be made again from them. Nothing is ever pickled.
"""

from __future__ import annotations

import heapq
import json
import math
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hpsearch.errors import RecordError
from hpsearch.objectives.objective import Assessment, Confusion
from hpsearch.search.halving import passed_over
from hpsearch.search.plan import Done, Plan, Promote, Start
from hpsearch.study.checkpoint import read_state, weights_hash, write_arrays
from hpsearch.study.confirmation import Retraining
from hpsearch.study.confusion import confusion_csv, read_confusion
from hpsearch.study.derived import best_json, trials_csv
from hpsearch.study.dispatch import Block
from hpsearch.study.line_file import LineFile, line_of, plain, write_whole
from hpsearch.study.replay import RunRecord, read_curves
from hpsearch.study.runs import CURVES, JOURNAL, read_run
from hpsearch.study.signals import held
from hpsearch.trial import DRAWN, Curves, Origin, PriorTrial, TrialRecord, can_win, rank

MODELS = "models"
DERIVED_EVERY_SECONDS = 5.0
PRUNED_EVERY_SECONDS, MANY_TRIALS = 0.5, 500
"""Going through many trials after each of as many short tasks would take longer than the tasks."""

_OF_A_TASK = re.compile(r"\.?trial-[0-9a-z-]+\.npz(\.[0-9]+)?")
"""The files of tasks, whole or as they were being written; no others are ever deleted."""

KEPT_LEADERS = 5
"""The best trials whose states are kept: one of them will be the winner."""


def confusion_path(directory: Path, part: str) -> Path:
    """Return where the winner's confusion matrix on a part lies."""
    return directory / MODELS / f"confusion_{part}.csv"


def read_confusions(directory: Path, run: RunRecord) -> dict[str, Confusion]:
    """Return the winner's confusion matrices by part; none before it was assessed, and where there are no classes."""
    best = run.winner
    assessed = run.scores.get(best.number, {}) if best else {}
    found = {part: read_confusion(confusion_path(directory, part)) for part in assessed}
    return {part: confusion for part, confusion in found.items() if confusion is not None}


def needing_state(run: RunRecord) -> list[TrialRecord]:
    """Return the trainings that cannot go on without their state.

    Of the trials that have ended only the winner needs its own, until its model is kept; a function's leaves none.
    """
    needing = _going_on(run)
    if run.winner is not None and run.winner.number != run.kept:
        needing.append(run.winner)
    return [record for record in needing if record.checkpoint]


def _going_on(run: RunRecord) -> list[TrialRecord]:
    """Return the trainings that wait, without those that cannot be among the best of their stage any more."""
    waiting = [record for record in run.history.values() if not record.status.ended]
    if waiting and run.plan and waiting[0].number < run.plan.trials:
        _, numbers = run.plan.stage_at(waiting[0].number)
        stage = [run.history[number] for number in numbers if number in run.history]
        out = passed_over(stage, run.plan.reduction_factor, run.plan.given)
        waiting = [record for record in waiting if record.number not in out]
    return [*waiting, *(record for record in run.repetitions.values() if not record.status.ended)]


def holds_state(checkpoints: Path, record: TrialRecord) -> bool:
    """Whether a training's state is there, and has the weights on record."""
    try:
        return weights_hash(read_state(checkpoints / record.checkpoint, record.number)) == record.weights
    except RecordError:
        return False


def kept_states(run: RunRecord) -> set[str]:
    """Return the files with the states of all trainings that wait or may go on, and of the trials that may win."""
    kept = {record.checkpoint for record in _going_on(run)}
    kept |= {run.history[number].checkpoint for number in run.cut_off}  # they go on if the search does
    complete = filter(can_win, run.history.values())
    kept |= {record.checkpoint for record in heapq.nsmallest(KEPT_LEADERS, complete, key=rank)}
    retrained = {number for retraining in run.retrainings for number in retraining.trials}
    kept |= {run.history[number].checkpoint for number in retrained}
    return kept - {""}  # a trial that failed has no file


class RunDir:
    """The one writer of a run. Each method writes its fact to the disk before it returns, and folds it into `run`."""

    def __init__(self, directory: Path, run: RunRecord) -> None:
        self.directory, self.run = directory, run
        self.token = secrets.token_hex(4)
        self.checkpoints = directory / "checkpoints"
        self.checkpoints.mkdir(exist_ok=True)
        self._journal, self._curves = LineFile(directory / JOURNAL), LineFile(directory / CURVES)
        self._files = self._on_disk()  # with those of tasks that never were recorded
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
            self.write_again(number, repetition)
        if lost:
            numbers = ", ".join(str(number) for number in sorted({number for number, _ in lost}))
            run.notes.append(f"trained again, as their curves or states were lost: trials {numbers}")

    def write_again(self, trial: int, repetition: int = 0, *, alone: bool = False) -> None:
        """Record that a trial begins again; `alone` where what it is to be told is how long it takes by itself."""
        self._append({"type": "again", **_named(trial, repetition), **({"alone": True} if alone else {})})

    def write_session(self) -> None:
        """Record that a command begins to work on the run."""
        self._append({"type": "session", "at": datetime.now(UTC).isoformat(timespec="milliseconds")})

    def write_prior(self, trials: Sequence[PriorTrial]) -> None:
        """Record the trials of earlier runs that count as evidence."""
        entries = [
            {
                "run": t.run,
                "trial": t.number,
                "point": list(t.point),
                "values": list(t.values),
                "status": t.status.value,
                **({"kind": t.kind} if t.kind else {}),
            }
            for t in trials
        ]
        self._append({"type": "prior", "trials": entries})

    def write_plan(self, plan: Plan) -> None:
        """Record the plan."""
        facts = {"stages": plan.stages, "rungs": plan.rungs, "factor": plan.reduction_factor, "given": plan.given}
        if plan.coarse_rungs:
            facts |= {"coarse_rungs": plan.coarse_rungs, "in_full": plan.in_full}
        self._append({"type": "plan", **facts})

    def write_stage(self, start: Start) -> None:
        """Record the trials of a stage, before any of them is trained."""
        trials = [
            {"trial": t.number, "point": list(t.point), "params": dict(t.params), **_described(t.origin)}
            for t in start.trials
        ]
        self._append({"type": "stage", "stage": start.trials[0].stage, "until": start.until_epoch, "trials": trials})

    def write_promotion(self, promote: Promote) -> None:
        """Record that trials go on, and that others of their stage do not."""
        facts = {"trials": list(promote.trials), "stopped": list(promote.stopped), "until": promote.until_epoch}
        with held():
            self._append({"type": "promote", **facts})
            self._prune()

    def write_end(self, done: Done) -> None:
        """Record that the search is over, and why: which trials are its own, and after how many epochs some were stopped."""
        kept = [record for record in self.run.history.values() if record.number < done.keep]
        stopped = [[record.number, record.epochs_done] for record in kept if not record.status.ended]
        facts = {"reason": done.reason, "keep": done.keep, **({"stopped": stopped} if stopped else {})}
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
        return tuple(self._training(block) for block in blocks)

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
            self._files = self._on_disk()  # with those of tasks that were given up
            self._prune()

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
        digest = write_arrays(models / "model.npz", arrays)
        content = {"arrays": "model.npz", "arrays_sha256": digest, **description}
        write_whole(models / "model.json", json.dumps(plain(content), indent=2, ensure_ascii=False) + "\n")

    def state(self, record: TrialRecord) -> dict[str, NDArray[Any]]:
        """Return a trial's state from its checkpoint."""
        return read_state(self.checkpoints / record.checkpoint, record.number)

    def _on_disk(self) -> set[str]:
        return {path.name for path in self.checkpoints.iterdir() if _OF_A_TASK.fullmatch(path.name)}

    def _training(self, block: Block) -> TrialRecord:
        number, repetition = block.outcome.trial, block.repetition
        return self.run.repetitions[number, repetition] if repetition else self.run.history[number]

    def _append(self, record: Mapping[str, Any]) -> None:
        with held():
            self._take(record, {})

    def _take(self, record: Mapping[str, Any], curves: Curves) -> None:
        record = {**record, "decisions": self.run.decisions}
        self._journal.append(record)
        self.run.take(plain(record), curves)

    def _write_block(self, block: Block) -> None:
        outcome = block.outcome
        known = self._training(block).curves
        curves = {name: (*known.get(name, ()), *curve) for name, curve in outcome.curves.items()} or known
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
            **({"beside": block.beside} if block.beside else {}),
        }
        self._take(record, read_curves(plain(outcome.curves)))
        self._files.add(block.checkpoint)

    def _prune(self) -> None:
        """Delete the states that are kept no longer."""
        kept = kept_states(self.run)
        self._pruned_at = time.monotonic()
        for name in self._files - kept - {""}:
            (self.checkpoints / name).unlink(missing_ok=True)
        self._files &= kept


def _named(trial: int, repetition: int) -> dict[str, int]:
    """Return how a fact names a training."""
    return {"trial": trial, "repetition": repetition} if repetition else {"trial": trial}


def _described(origin: Origin) -> dict[str, Any]:
    """Return how a fact tells where a point came from; nothing of one that was drawn at random."""
    if origin == DRAWN:
        return {}
    facts: dict[str, Any] = {"kind": origin.kind}
    if origin.elite >= 0:
        facts |= {"elite": origin.elite}
    if origin.elite_run:
        facts |= {"run": origin.elite_run}
    if origin.moved:
        facts |= {"moved": list(origin.moved)}
    if origin.before:
        facts |= {"before": dict(origin.before)}
    if math.isfinite(origin.improvement):
        facts |= {"improvement": origin.improvement, "log": origin.logarithmic}
    return {"origin": facts}
