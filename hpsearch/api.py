"""Searching from Python: `hpsearch.search` does for a function at hand what `hpsearch run` does for a spec.

What is asked for is written as a spec and read as one. So everything means what it means in a file, mistakes are told alike,
and the run that is left can be looked at like any other. To be verified, confirmed and refined by commands, the function
must stand in a module; one that only the program has can be called by nobody else.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpsearch.errors import NoTrialCompleted, UsageError
from hpsearch.objectives.loading import named
from hpsearch.objectives.settings import MAIN
from hpsearch.spec.document import dump
from hpsearch.spec.lint.kinds import notes
from hpsearch.spec.load import LoadedSpec, load_spec
from hpsearch.study.record import RunRecord
from hpsearch.study.resources import cores
from hpsearch.study.runs import runs_directory
from hpsearch.study.sending import check_sendable
from hpsearch.study.session import run_study
from hpsearch.study.study_spec import NAME
from hpsearch.study.subject import subject_of
from hpsearch.trial import TrialRecord
from hpsearch.views.terminal.console import messages, note
from hpsearch.views.terminal.live import watching

HERE = "hpsearch.search()"
"""What the spec is called in messages."""


@dataclass(frozen=True)
class SearchResult:
    """What a search found: the winner's parameters, its value and its number, and the record of all trials.

    The value is that of the search; `run.confirmation` tells what retraining with fresh seeds gave, where that was done.
    """

    best: Mapping[str, Any]
    value: float
    trial: int
    directory: Path
    run: RunRecord = field(repr=False)

    @property
    def trials(self) -> tuple[TrialRecord, ...]:
        """All started trials, by number: each with its `trial.params`, `value`, `status`, `reason` and `curves`."""
        return tuple(self.run.history.values())


def search(
    objective: Callable[..., Any] | str,
    space: Mapping[str, Any],
    *,
    trials: int | None = None,
    seed: int = 0,
    jobs: int | None = None,
    name: str | None = None,
    runs_dir: str | os.PathLike[str] | None = None,
    epochs: int = 1,
    metric: str | None = None,
    metrics: Sequence[str] | None = None,
    quiet: bool = True,
    new: bool = False,
    fail_fast: bool = False,
    **search_options: Any,
) -> SearchResult:
    """Search the parameters with which a function gives the smallest value.

    `objective` is called with the parameters by name, and a `seed` if it takes one. It returns a number, or a mapping with
    the `metric`; a generator yields one of them per epoch, up to `epochs`. `"package.module:function"` names one to import.
    `space` has an entry for each parameter: a tuple `(low, high)`, a list of choices, or a mapping as in a spec, such as
    `{"range": (1e-4, 1), "scale": "log"}`. `metrics` are the names of the numbers to record. `search_options` are the other
    options of a spec's `search`. `jobs` are worker processes, one per core unless given; the trials do not depend on them.
    A lambda, or what is defined in another function or in the program itself, is sent to them with what it carries.

    Called again after an interruption, which raises KeyboardInterrupt, it goes on; after its end it gives what it found at
    once, unless a `new` run is wanted; in another process too, as long as the function is the same. Of one in a module its
    file counts; of any other its code, and what that uses of its program: functions, classes, the values of variables, and
    the files of modules that are not installed.

    Raises SpecError and UsageError for what cannot be searched, or not be sent to workers, NoTrialCompleted where no trial
    came to its end, and with `fail_fast` CheckFailed at the first trial that fails: the same call without it goes on.
    """
    workers = _workers(jobs)
    if not isinstance(runs_dir, str | os.PathLike | None):
        raise UsageError(f"`runs_dir` must be a path, not {runs_dir!r:.80}")
    if not isinstance(space, Mapping):
        raise UsageError(f"`space` must be a mapping with an entry for each parameter, not {space!r:.80}")
    if search_options.get("early_stopping") is False:  # a word in a spec, where `off` is no boolean
        search_options["early_stopping"] = "off"
    if search_options.get("prior") is not None or isinstance(search_options.get("start"), Mapping):
        raise UsageError("other runs can be begun from in a spec, with `hpsearch run`; here `start` takes a list of points")
    python, path, function = _reference(objective)
    given = {
        "name": name or _name(python),
        "seed": seed,
        "objective": {"python": python, "path": path, "epochs": epochs, "metrics": metrics or (metric and [metric])},
        "space": {parameter: _entry(entry) for parameter, entry in space.items()},
        "search": {"trials": trials, **search_options},
        "metric": metric,
    }
    loaded = load_spec(dump(_plain(given)), HERE)
    directory, run = _run(loaded, function, runs_directory(runs_dir), workers, quiet=quiet, new=new, fail_fast=fail_fast)
    winner = run.winner
    if winner is None:
        reasons = [record.reason.strip() for record in run.history.values() if record.reason]
        why = f"the first one tells: {reasons[0]}" if reasons else run.ended
        raise NoTrialCompleted(f"no trial of {directory} completed; {why}")
    return SearchResult(best=winner.trial.params, value=winner.value, trial=winner.number, directory=directory, run=run)


def _workers(jobs: int | None) -> int:
    if jobs is None:
        return cores()
    try:
        count = operator.index(jobs)
    except TypeError:
        raise UsageError(f"`jobs` must be a whole number, not {jobs!r}") from None
    if count < 1:
        raise UsageError(f"`jobs` must be at least 1, not {count}")
    return count


def _run(
    loaded: LoadedSpec,
    function: Callable[..., Any] | None,
    runs_dir: Path,
    jobs: int,
    *,
    quiet: bool,
    new: bool,
    fail_fast: bool,
) -> tuple[Path, RunRecord]:
    subject = subject_of(loaded.study, function=function)
    if function is not None and min(jobs, loaded.study.search.trials) > 1:
        check_sendable(function)
    console = messages()
    for text in notes(loaded, subject.facts):
        note(text, console)
    texts = {"spec.yaml": loaded.given, "resolved.yaml": loaded.resolved}
    with watching(console, quiet) as listen:
        return run_study(subject, texts, runs_dir, jobs, listen, new=new, fail_fast=fail_fast)


def _reference(objective: Callable[..., Any] | str) -> tuple[str, str | None, Callable[..., Any] | None]:
    """Return the name of a function, the directory to import it from, and itself if only this program has it."""
    if isinstance(objective, str):
        return objective, str(Path.cwd()), None
    if not callable(objective):
        raise UsageError(f"the objective must be a function or its name, not of the type {type(objective).__name__}")
    found = named(objective)
    if found is not None:
        return *found, None
    own = getattr(objective, "__name__", "")
    return f"{MAIN}:{own if own.isidentifier() else 'function'}", None, objective


def _name(python: str) -> str:
    """Return what runs are called that have no name: as the function is."""
    own = python.replace(":", ".").rpartition(".")[2]
    return own if NAME.match(own) else "search"


def _entry(entry: object) -> object:
    return {"range": entry} if isinstance(entry, tuple) else entry


def _plain(value: Any) -> Any:
    """Return what a spec can hold of a value: what is None in a mapping is left out, numbers of NumPy become Python's."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise UsageError(
        f"a spec holds numbers, texts, lists and mappings, not {value!r:.80} of the type {type(value).__name__}"
    )
