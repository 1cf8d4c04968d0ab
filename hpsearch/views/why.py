"""Why a trial was tried: where its point came from, in a sentence."""

from __future__ import annotations

import math

from hpsearch.prose import both, percent
from hpsearch.study.first_points import RECORDED_AS
from hpsearch.study.record import RunRecord
from hpsearch.trial import Origin, Params, TrialRecord
from hpsearch.views.format import number, stage_name, value_texts

_WITHOUT_MODEL = {
    "drawn": "drawn at random from the whole space",
    "explorer": "an explorer, drawn at random from the whole space",
    "grid": "a point of the grid",
    "sobol": "a point of Sobol's sequence",
}


def why(run: RunRecord, record: TrialRecord) -> str:
    """Return where the point of a trial came from, with its stage where there are several."""
    trial, origin = record.trial, record.trial.origin
    if origin.kind == "elite":
        text = _copied(origin, trial.params, run.averaging)
    elif origin.kind == "box":
        text = f"drawn from a box round {_elite(origin)}, the best until then, 1 / {2**trial.stage} as wide as the space"
    elif origin.kind == "start":
        text = f"given{_leader(run, record.number)}, as one of the points to try first"
    else:
        text = _WITHOUT_MODEL.get(origin.kind, origin.kind)
    if run.plan is None or len(run.plan.stages) == 1:
        return text
    stage, _ = run.plan.stage_at(record.number)
    return f"{stage_name(run.plan, stage, run.method)}: {text}"


def _leader(run: RunRecord, number: int) -> str:
    """Return whose values they are, where another run's leaders were to be tried first."""
    first = run.start.get(RECORDED_AS)
    return f" what trial {first['trials'][number]} of {first['run']} had" if first else ""


def _copied(origin: Origin, params: Params, averaging: list[str]) -> str:
    text = f"a copy of {_elite(origin)}"
    moves = [_move(name, origin.before, params, averaging) for name in origin.moved]
    if moves:
        text += f" in which {both(moves)} {'was' if len(moves) == 1 else 'were'} moved"
    return text + _improvement(origin)


def _elite(origin: Origin) -> str:
    return f"trial {origin.elite}" + (f" of {origin.elite_run}" if origin.elite_run else "")


def _move(name: str, before: Params, now: Params, averaging: list[str]) -> str:
    """Return a parameter with its old and new value; one that is inactive has none."""
    written = value_texts([params[name] for params in (before, now) if name in params], is_beta=name in averaging)
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
    return f"{text} of the logarithm ({percent(-math.expm1(-origin.improvement))})"
