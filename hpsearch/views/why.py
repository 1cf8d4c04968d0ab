"""Why a trial was tried: where its point came from, in a sentence."""

from __future__ import annotations

import math

from hpsearch.search.settings import is_staged
from hpsearch.study.replay import RunRecord
from hpsearch.trial import Origin, Params, TrialRecord
from hpsearch.views.format import listed, number, parameter, percent, printable

_WITHOUT_MODEL = {
    "drawn": "drawn at random from the whole space",
    "explorer": "an explorer, drawn at random from the whole space",
    "start": "given, as one of the points to try first",
    "grid": "a point of the grid",
    "sobol": "a point of Sobol's sequence",
}


def why(run: RunRecord, record: TrialRecord) -> str:
    """Return where the point of a trial came from, with its stage where there are several."""
    trial, origin = record.trial, record.trial.origin
    if origin.kind == "elite":
        text = _copied(run, origin, trial.params)
    elif origin.kind == "box":
        text = f"drawn from a box round {_elite(origin)}, the best until then, 1 / {2**trial.stage} as wide as the space"
    else:
        text = _WITHOUT_MODEL.get(origin.kind, printable(origin.kind))
    if run.plan is None or len(run.plan.stages) == 1:
        return text
    # Stages of a search that learns nothing are trials that were asked for later; the first of them is no coarse one.
    coarse = trial.stage == 0 and is_staged(run.start.get("method", "coarse-to-fine"))
    return f"stage {trial.stage}{', the coarse one' if coarse else ''}: {text}"


def _copied(run: RunRecord, origin: Origin, params: Params) -> str:
    text = f"a copy of {_elite(origin)}"
    known = None if origin.elite_run else run.history.get(origin.elite)
    averaging = run.start["averaging"]
    moves = [_move(name, known.trial.params if known else None, params, averaging) for name in origin.moved]
    if moves:
        text += f" in which {listed(moves)} {'was' if len(moves) == 1 else 'were'} moved"
    return text + _improvement(origin)


def _elite(origin: Origin) -> str:
    return f"trial {origin.elite}" + (f" of {printable(origin.elite_run)}" if origin.elite_run else "")


def _move(name: str, before: Params | None, now: Params, averaging: list[str]) -> str:
    """Return a parameter with its old and new value, as far as they are known; one that is inactive has none."""
    values = [before[name]] if before is not None and name in before else []
    values += [now[name]] if name in now else []
    written = [parameter(name, value, averaging) for value in values]
    if len(written) == 2:
        return f"{name} ({written[0]} -> {written[1]})"
    if name in now:
        return f"{name} (now {written[0]})"
    return f"{name} (not used any more)"


def _improvement(origin: Origin) -> str:
    """Return the expected improvement; one of a logarithm is about a share."""
    if math.isnan(origin.improvement):
        return ""
    text = f"; expected improvement at the time {number(origin.improvement)}"
    if not origin.logarithmic:
        return text
    return f"{text} of the logarithm ({percent(-math.expm1(-origin.improvement), 2)})"
