"""Anybody's Python function as an objective: called with the parameters by name, it gives the value to minimise.

It returns a number, or a mapping that holds the metric; or it is a generator and yields one of these per epoch. A generator
cannot go on where it stopped in another process: sent further, it runs again from its first epoch, and must give what is on
record. What it prints goes to standard error; whatever it raises ends its trial and nothing else; what it changes of the
process is taken back.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Generator, Sequence
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import islice
from reprlib import repr as shown
from typing import Any

import numpy as np

from hpsearch.errors import Interrupted, SettingError, UsageError
from hpsearch.objectives.calling import SEED, NoResult, is_async, misfits, numbers, takes_seed
from hpsearch.objectives.carried import function_hash
from hpsearch.objectives.foreign_code import called, told
from hpsearch.objectives.loading import Function, load, source_hash
from hpsearch.objectives.objective import Assessment, Deadline
from hpsearch.objectives.settings import PythonSettings
from hpsearch.seeds import Purpose, Streams
from hpsearch.trial import Outcome, Params, State, Status, Trial

SEEDS = 2**31
"""Seeds are whole numbers from 0 up to this: some libraries take no larger ones."""

CURVE = "curve/"
"""What the name of a curve begins with in a state."""


@dataclass(frozen=True)
class PythonObjective:
    """Trials are calls of the function that the settings name, or of `function`, which then travels with its code.

    `metric` names the number that is minimised, one of the `metrics`. Raises UsageError where there is no such function.
    """

    settings: PythonSettings
    metric: str
    streams: Streams
    function: Function | None = None
    resumable: bool = field(default=False, init=False)
    _source: str = field(default="", init=False)

    def __post_init__(self) -> None:
        python, path = self.settings.python, self.settings.path
        source = source_hash(python, path) if self.function is None else function_hash(self.function)
        object.__setattr__(self, "_source", source)  # once, here: every process must find this very source
        self._callable()

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of the curves: those that the settings list, or the metric."""
        return self.settings.metrics or (self.metric,)

    @property
    def is_seeded(self) -> bool:
        """Whether the function takes a seed."""
        return takes_seed(self._callable())

    def source_sha256(self) -> str:
        """Return the hash of the function's source; it stands where that of the data does for networks."""
        return self._source

    def check(self, parameters: Collection[str]) -> None:
        """Raise UsageError if the function cannot be called in a trial in which all parameters of the space are active.

        Where names are the reason it is a SettingError with all of them.
        """
        if is_async(self._callable()):
            raise UsageError(
                f"`{self._name}` is async, and nothing here awaits it",
                f"search a plain function that does, for instance one that returns asyncio.run({self._name}(...))",
            )
        if mistakes := list(misfits(self._callable(), parameters, self._name)):
            raise SettingError(*mistakes)

    def group_key(self, params: Params) -> str:
        """Return the same for all trials."""
        return self.settings.python

    def population_size(self, params: Params) -> int:
        """Return 1: trials share nothing."""
        return 1

    def cost(self, params: Params) -> float:
        """Return 1: nothing is known of what an epoch takes."""
        return 1.0

    def memory(self, trials: Sequence[Trial]) -> int:
        """Return 0: nothing is known of it."""
        return 0

    def advance(
        self, trials: Sequence[Trial], states: Sequence[State | None], until_epoch: int, deadline: Deadline
    ) -> list[Outcome]:
        """Call the function for each trial.

        A state holds the curves so far; what is complete needs none. Raises RecordError when the source file has changed
        meanwhile.
        """
        return [self._advanced(trial, state, until_epoch, deadline) for trial, state in zip(trials, states, strict=True)]

    def assess(self, params: Params, state: State) -> dict[str, Assessment]:
        """Return nothing: there is no data."""
        return {}

    def model(self, params: Params, state: State) -> None:
        """Return None: there is no model."""

    def _callable(self) -> Function:
        return self.function or load(self.settings.python, self.settings.path, self._source)

    @property
    def _name(self) -> str:
        return self.settings.python.partition(":")[2]

    def _advanced(self, trial: Trial, state: State | None, until_epoch: int, deadline: Deadline) -> Outcome:
        recorded = {name: tuple(state[CURVE + name].tolist()) if state else () for name in self.metrics}
        rows, status, reason = self._run(trial, until_epoch, recorded[self.metric], deadline)
        done = len(recorded[self.metric])
        epochs_done, new = max(done, len(rows)), {}
        if rows[done:]:
            new = {name: tuple(row[name] for row in rows[done:]) for name in self.metrics}
        if status is not Status.WAITING:
            return Outcome(trial.number, epochs_done, new, state=None, status=status, reason=reason)
        is_complete = epochs_done == self.settings.epochs
        whole = {CURVE + name: np.array([*recorded[name], *new.get(name, ())]) for name in self.metrics}
        status = Status.COMPLETE if is_complete else Status.WAITING
        return Outcome(trial.number, epochs_done, new, state=None if is_complete else whole, status=status)

    def _run(
        self, trial: Trial, until_epoch: int, recorded: Sequence[float], deadline: Deadline
    ) -> tuple[list[dict[str, float]], Status, str]:
        """Return what each epoch gave, and how that ended and why; `recorded` is what it must give again."""
        function = self._callable()
        rows: list[dict[str, float]] = []
        try:
            with called(), closing(self._epochs(function, trial, until_epoch)) as epochs:
                for row in epochs:
                    value = row[self.metric]
                    _compare(value, len(rows) + 1, recorded)
                    rows.append(row)
                    if not math.isfinite(value):
                        return rows, Status.DIVERGED, f"`{self.metric}` was {value} in epoch {len(rows)}"
                    if len(rows) > len(recorded) and deadline():
                        break
        except NoResult as error:
            return rows, Status.FAILED, str(error)
        except BaseException as error:  # SystemExit too: it would end the worker
            if (interruption := _interruption(error)) is not None:
                raise interruption from None
            return rows, Status.FAILED, told(error)
        return rows, Status.WAITING, ""

    def _epochs(self, function: Function, trial: Trial, until_epoch: int) -> Generator[dict[str, float], None, None]:
        """Call the function, and yield what it gives for each epoch, from the first."""
        result, epochs = function(**self._arguments(function, trial)), self.settings.epochs
        if not isinstance(result, Generator):
            if epochs > 1:
                raise NoResult(
                    f"it returned {shown(result)}; with `epochs: {epochs}` it must yield a value for each of them"
                )
            yield numbers(result, self.metric, self.metrics)
            return
        yielded = 0
        with closing(result):
            for value in islice(result, until_epoch):
                yield numbers(value, self.metric, self.metrics)
                yielded += 1
        if yielded < until_epoch:
            raise NoResult(f"it yielded {yielded} of {epochs} epochs")

    def _arguments(self, function: Function, trial: Trial) -> dict[str, Any]:
        """Return what the function is called with: copies, since the trial's own values are on record."""
        arguments: dict[str, Any] = deepcopy(dict(trial.params))
        if takes_seed(function) and SEED not in arguments:
            streams, number = self.streams.repetition(trial.repetition), 0 if trial.repetition else trial.number
            arguments[SEED] = int(streams.generator(Purpose.OBJECTIVE, number).integers(SEEDS))
        if mistake := next(misfits(function, arguments, self._name), None):
            raise NoResult(f"{mistake.message}; active in this trial are {', '.join(trial.params)}")
        return arguments


def _interruption(error: BaseException | None) -> Interrupted | None:
    """Return the interruption that an exception is, or in answer to which it was raised."""
    while error is not None and not isinstance(error, Interrupted):
        error = error.__cause__ or error.__context__
    return error


def _compare(value: float, epoch: int, recorded: Sequence[float]) -> None:
    """Hold what an epoch gave against what is on record of it; raises NoResult where that is something else."""
    if epoch <= len(recorded) and value != recorded[epoch - 1]:
        was = recorded[epoch - 1]
        raise NoResult(f"not reproducible: run again it gave {value!r} in epoch {epoch}, on record is {was!r}")
