"""Whether a run's record is whole, and what the next command would do about what is not.

A reader among others: nothing is written, nothing repaired, and a command that works on the run meanwhile notices nothing.
Damage is what is on record no longer: lines, curves, states that are needed, the winner's model. What a crash leaves behind
and the next command clears away is worth a note.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from hpsearch.errors import HpsearchError, RecordError, reason_of
from hpsearch.prose import first_of, size_text
from hpsearch.study.confusion import read_confusions
from hpsearch.study.derived import derived_files
from hpsearch.study.environment import changed_since
from hpsearch.study.files import BESIDE, encoded, open_regular
from hpsearch.study.line_file import scan_lines
from hpsearch.study.lineage import ReadStudy
from hpsearch.study.record import RunRecord
from hpsearch.study.runs import CURVES, JOURNAL, MODELS, driver_of, read_run
from hpsearch.study.saved_model import read_model
from hpsearch.study.signs import Severity, Sign, size_of, total_size
from hpsearch.study.states import holds_state, kept_states, needing_state, task_files

NEXT = "the command that began it, given again,"
"""Who mends what can be mended."""

TRAINED_AGAIN = f"{NEXT} trains them again"
"""What becomes of trainings that are lost: a run that lacks some has not finished."""


def run_signs(directory: Path, read_study: ReadStudy) -> tuple[Sign, ...]:
    """Return how a run stands; a record or a spec that cannot be read is a sign too."""
    driver = _driver(directory)
    try:
        run = read_run(directory)
    except RecordError as error:
        text = f"{error}; the next search of its spec passes it over and begins another run"
        signs = [Sign("record", text, Severity.DAMAGE), *_unreadable(directory)]
    else:
        signs = [*_signs(directory, run, is_driven=driver.facts["holder"] is not None), _spec(directory, run, read_study)]
    return (*signs, driver, _size(directory))


def _signs(directory: Path, run: RunRecord, *, is_driven: bool) -> Iterator[Sign]:
    yield _state_of(run, is_driven=is_driven)
    for name in (JOURNAL, CURVES):
        yield from _lines(directory / name, run)
    yield _curves(run)
    yield _states(directory, run)
    yield _orphans(directory, run, is_driven=is_driven)
    yield from _half_written(directory, is_driven=is_driven)
    yield _model(directory, run)
    if not is_driven:  # it writes them every few seconds
        yield _derived(directory, run)
    yield _environment(run)


def _state_of(run: RunRecord, *, is_driven: bool) -> Sign:
    planned = run.plan.trials if run.plan else None
    facts = {"finished": run.finished or None, "ended": run.n_ended, "planned": planned}
    if run.finished:
        return Sign("search", f"finished, trials: {len(run.history)}; {run.finished}", facts=facts)
    told = f"unfinished, trials that have ended: {run.n_ended} of {'?' if planned is None else planned}"
    if is_driven:
        return Sign("search", told, facts=facts)
    return Sign("search", f"{told}; {NEXT} goes on with it", Severity.NOTE, facts)


def _lines(file: Path, run: RunRecord) -> Iterator[Sign]:
    """Yield what is wrong with the lines of a file, or how many there are."""
    lines = scan_lines(file)
    facts = {"records": len(lines.records), "unreadable": lines.unreadable, "torn_bytes": lines.torn}
    if lines.unreadable:
        is_made_up_for = bool(run.finished) if file.name == JOURNAL else not run.lost
        after = "what they held is on record again" if is_made_up_for else f"{NEXT} trains again what they held"
        text = f"no records in lines {first_of(lines.unreadable)}, which are passed over: {after}"
        yield Sign(file.name, text, Severity.NOTE if is_made_up_for else Severity.DAMAGE, facts)
    if lines.torn:
        text = f"the last line is torn ({size_text(lines.torn)}); the next command that goes on with the run cuts it off"
        yield Sign(file.name, text, Severity.NOTE, facts)
    if not lines.unreadable and not lines.torn:
        yield Sign(file.name, f"every line is a record: {len(lines.records):,}", facts=facts)


def _unreadable(directory: Path) -> Iterator[Sign]:
    """Yield which lines of a record are none that cannot be read for another reason, or for this one."""
    with suppress(RecordError):
        for name in (JOURNAL, CURVES):
            if lines := scan_lines(directory / name).unreadable:
                yield Sign(name, f"no records in lines {first_of(lines)}", Severity.DAMAGE, {"unreadable": lines})


def _curves(run: RunRecord) -> Sign:
    lost = run.lost_trials
    facts = {"lost": lost}
    if not lost:
        return Sign("curves", "all there", facts=facts)
    text = f"missing or damaged, so they count as not trained: trials {first_of(lost)}; {TRAINED_AGAIN}"
    return Sign("curves", text, Severity.DAMAGE, facts)


def _states(directory: Path, run: RunRecord) -> Sign:
    """Return whether the states are there without which trainings cannot go on."""
    checkpoints, needing = directory / "checkpoints", needing_state(run)
    gone = [record for record in needing if not holds_state(checkpoints, record)]
    if gone:  # a driver deletes states once the record says that others take their place
        needed = {(record.trial.key, record.checkpoint) for record in needing_state(read_run(directory))}
        gone = [record for record in gone if (record.trial.key, record.checkpoint) in needed]
    there = {path.name for path in _files(checkpoints)}
    missing = sorted({record.number for record in gone if record.checkpoint not in there})
    damaged = sorted({record.number for record in gone if record.checkpoint in there})
    facts = {"needed": len(needing), "missing": missing, "damaged": damaged}
    if not gone:
        return Sign("states", f"needed: {len(needing)}, all whole" if needing else "none is needed", facts=facts)
    kinds = (f"{kind}: trials {first_of(of)}" for kind, of in (("missing", missing), ("damaged", damaged)) if of)
    return Sign("states", f"needed, but {', '.join(kinds)}; {TRAINED_AGAIN}", Severity.DAMAGE, facts)


def _orphans(directory: Path, run: RunRecord, *, is_driven: bool) -> Sign:
    """Return the files with states that the record has no use for: from tasks in hand when a command died."""
    checkpoints = directory / "checkpoints"
    there = task_files(checkpoints) if checkpoints.is_dir() else set()
    orphans = sorted(there - kept_states(run))
    size = total_size([checkpoints / name for name in orphans])
    facts = {"files": orphans, "bytes": size}
    if not orphans:
        return Sign("orphans", "no states but those that may be needed", facts=facts)
    text = f"states that nothing needs: {len(orphans)} ({size_text(size)})"
    if is_driven:
        return Sign("orphans", f"{text}, which may be in the making", facts=facts)
    told = f"{text}, left by a command that was killed; {NEXT} deletes them"
    return Sign("orphans", told, Severity.NOTE, facts)


def _half_written(directory: Path, *, is_driven: bool) -> Iterator[Sign]:
    """Yield which files were being written when a command died, if there are any."""
    files = [file for folder in ("", MODELS) for file in _files(directory / folder) if BESIDE.fullmatch(file.name)]
    if files and not is_driven:
        names = [str(file.relative_to(directory)) for file in files]
        text = f"left by a command that was killed: {first_of(names)} ({size_text(total_size(files))}); nothing reads them"
        yield Sign("half-written", text, Severity.NOTE, {"files": names, "bytes": total_size(files)})


def _model(directory: Path, run: RunRecord) -> Sign:
    """Return whether the winner's model and its confusion matrices are whole."""
    if run.is_of_function:
        return Sign("model", "none: a Python function was searched")
    if run.kept is None:
        over = run.finished and run.winner is None
        return Sign("model", "none: no trial completed" if over else "none yet: it is kept when the search is over")
    try:
        trial = read_model(directory / MODELS / "model.json").trial
        read_confusions(directory, run)
    except RecordError as error:
        fault = str(error)
    else:
        fault = "" if trial == run.kept else f"{MODELS}/model.json is of trial {trial}, on record is trial {run.kept}"
    if not fault:
        return Sign("model", f"whole: of trial {run.kept}", facts={"trial": run.kept})
    now = read_run(directory)  # a driver may have begun to keep another since
    if now.winner is None or now.winner.number != now.kept:
        return Sign("model", f"{fault}; {NEXT} keeps the winner's anew", Severity.NOTE)
    return Sign("model", f"{fault}; the search is over, so that only another one (--new) keeps a model", Severity.DAMAGE)


def _derived(directory: Path, run: RunRecord) -> Sign:
    """Return whether the files that are made from the record say what it says."""
    expected = {name: encoded(text) for name, text in derived_files(run, directory).items()}
    found = {name: _content(directory / name) for name in expected}
    missing = [name for name in expected if found[name] is None]
    stale = [name for name in expected if name not in missing and _said(name, found[name]) != _said(name, expected[name])]
    facts = {"missing": missing, "stale": stale}
    if not missing and not stale:
        return Sign("derived files", "trials.csv and best.json say what the record says", facts=facts)
    kinds = "; ".join(f"{kind}: {first_of(names)}" for kind, names in facts.items() if names)
    after = "`hpsearch show --json` has what the record says" if run.finished else f"{NEXT} writes them anew"
    return Sign("derived files", f"{kinds}; {after}", Severity.NOTE, facts)


def _environment(run: RunRecord) -> Sign:
    changed = changed_since(run.start["environment"])
    if not changed:
        return Sign("environment", "what bits depend on is as it was", facts={"changed": []})
    text = f"bits may differ from those on record: {'; '.join(changed)}"
    return Sign("environment", text, Severity.NOTE, {"changed": list(changed)})


def _spec(directory: Path, run: RunRecord, read_study: ReadStudy) -> Sign:
    """Return whether the spec is there from which trials can be trained again."""
    try:
        read_study(directory, run)
    except HpsearchError as error:
        return Sign("resolved.yaml", str(error), Severity.DAMAGE)
    return Sign("resolved.yaml", "the spec that was run")


def _driver(directory: Path) -> Sign:
    """Return which process works on a run now, if any."""
    try:
        who = driver_of(directory)
    except OSError as error:
        text = f"whether a command works on it now cannot be told: lock: {reason_of(error)}"
        return Sign("driver", text, Severity.NOTE, {"holder": None})
    return Sign("driver", f"{who or 'no command'} works on it now", facts={"holder": who})


def _size(directory: Path) -> Sign:
    size = size_of(directory)
    return Sign("size", size_text(size), facts={"bytes": size})


def _said(name: str, content: bytes | None) -> Any:
    """Return what a file says; of best.json without the command, which names the directory as it was called then."""
    if name != "best.json" or content is None:
        return content
    with suppress(ValueError, RecursionError):
        said = json.loads(content)
        return {key: value for key, value in said.items() if key != "command"} if isinstance(said, dict) else said
    return content


def _content(path: Path) -> bytes | None:
    try:
        with open_regular(path) as file:
            return file.read()
    except OSError:
        return None


def _files(directory: Path) -> list[Path]:
    """Return the files of a directory by name, none if it is not there."""
    with suppress(OSError):
        return sorted(path for path in directory.iterdir() if not path.is_dir())
    return []
