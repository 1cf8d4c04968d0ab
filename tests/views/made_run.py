"""A run of as many trials as one likes, with all that a look may meet: two stages, failures, texts that are markup."""

from __future__ import annotations

import math

import numpy as np
from recorded import recorded_run

from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.record import RunRecord
from hpsearch.trial import Status, Trial, TrialRecord

MARKUP = "</script><script>document.title = 'taken over'</script> <b>&amp; [red]\u2028end"
SPACE = SearchSpace(
    {
        "learning_rate": Entry(Real(1e-4, 1, "log")),
        "optimizer": Entry(Choice(["adam", MARKUP])),
        "momentum": Entry(Real(0.9, 0.999, "1-beta"), {"optimizer": (MARKUP,)}),
        "hidden_units": Entry(Whole(16, 256, "log")),
    }
)
EPOCHS = 9


def made_run(trials: int) -> RunRecord:
    """Return a run of so many trials: of ten one diverged and one failed, four were stopped early."""
    run = recorded_run(parameters=list(SPACE.names), averaging=["momentum"], method="random")
    points = np.random.default_rng(0).random((trials, SPACE.dimensions)).tolist()
    run.history = {number: _record(number, tuple(point), number >= trials // 2) for number, point in enumerate(points)}
    run.scores, run.spans = {}, []
    return run


def _record(number: int, point: tuple[float, ...], late: bool) -> TrialRecord:
    params = SPACE.decode(point)
    trial = Trial(number, int(late), point, params)
    end = 0.02 + 0.2 * abs(point[0] - 0.6)
    status, epochs, reason = {
        0: (Status.DIVERGED, 3, "the loss was no longer a finite number in epoch 3"),
        1: (Status.FAILED, 0, f"Traceback\n  of some lines\nValueError: {MARKUP.replace(chr(0x2028), '')}"),
    }.get(number % 10, (Status.STOPPED, 3, "behind") if number % 10 < 6 else (Status.COMPLETE, EPOCHS, ""))
    curve = tuple(end + 0.8 * math.exp(-epoch) for epoch in range(1, epochs + 1))
    if status is Status.DIVERGED:
        curve = (*curve[:-1], math.nan)
    return TrialRecord(
        trial,
        EPOCHS,
        status,
        reason,
        curves=dict.fromkeys(("validation_error", "validation_loss", "validation_macro_f1", "train_loss"), curve)
        if epochs
        else {},
        values=curve,
        selected_epoch=epochs,
        seconds=0.125,
        finished_at=f"2026-11-21T10:{number // 60 % 60:02d}:{number % 60:02d}+00:00",
    )
