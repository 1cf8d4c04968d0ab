"""A run in which one parameter makes all the difference, made up, for what tells how much each matters."""

from __future__ import annotations

import math

import numpy as np
from recorded import recorded_run

from hpsearch.space.parameters import Real
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.record import RunRecord
from hpsearch.trial import Origin, Status, Trial, TrialRecord

SPACE = SearchSpace({"idle": Entry(Real(0.0, 1.0)), "steep": Entry(Real(0.0, 1.0))})


def searched(trials: int, diverged: int = 0, kind: str = "drawn") -> RunRecord:
    """Return a run in which only the second parameter makes a difference."""
    points = np.random.default_rng(0).random((trials, 2)).tolist()
    run = recorded_run(data={"notes": []})
    run.history = {}
    for number, point in enumerate(points):
        trial = Trial(number, 0, tuple(point), {}, Origin(kind))
        value = math.nan if number < diverged else 1 + point[1]
        status = Status.DIVERGED if number < diverged else Status.COMPLETE
        run.history[number] = TrialRecord(trial, 1, status, values=(value,), selected_epoch=1)
    return run
