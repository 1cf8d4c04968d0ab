"""Lint of the training: mini-batches that don't fit the rows or batch norm, warm-up, the order of importance, rows."""

from __future__ import annotations

import math

from hpsearch.data.settings import USUAL_SHARE
from hpsearch.network.settings import NetworkSettings
from hpsearch.objectives.metrics import metric_for
from hpsearch.prose import both, counted, percent, short, size_text
from hpsearch.space.conditions import conditions_of
from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.spec.declared import Declared
from hpsearch.spec.document import KeyPath
from hpsearch.spec.lint.case import Case, Problems
from hpsearch.spec.ranges import example

FIRST = "learning_rate"
THEN = ("momentum", "hidden_units", "batch_size", "hidden_layers", "learning_rate_decay")
LAST = ("beta1", "beta2", "epsilon", "batch_norm_momentum", "batch_norm_epsilon")
"""The order of importance of DeepLearning.AI's course on improving deep networks, week 3: the learning rate; momentum,
hidden units, mini-batch size; layers, decay; Adam's constants hardly ever. Here the second and the third rank are one, as
both come after the learning rate, and batch norm's constants stand beside Adam's: that is our own addition."""

TINY = 8
"""Rows of a mini-batch below which the mean that batch norm takes off is off by over a third of a deviation."""

FEW_ROWS = 100
"""Validation rows below which a single one is more than 1 % of a metric that counts rows."""

FLOOR = 0.01
"""The share of the draws below which they are not worth a word."""

_BATCH, _WARMUP = "batch_size", "warmup_epochs"


def on_the_order(case: Case) -> Problems:
    """Find what is searched before the learning rate.

    Adam's constants always; what comes between only where the learning rate stands nowhere, so that nobody has chosen it.
    """
    if case.study.objective or FIRST in case.entries or case.is_refined:
        return
    is_fixed = case.is_given("network", FIRST)
    later = [name for name in case.entries if name in LAST or (name in THEN and not is_fixed)]
    if not later:
        return
    are, rate = "are" if later[1:] else "is", case.study.network.learning_rate
    message = (
        f"{both(f'`{name}`' for name in later)} {are} searched and `{FIRST}`, which matters most, is not: "
        f"it is {rate:g} in all {case.search.plan.asked} trials"
    )
    moved = ", and take it away from `network`" if is_fixed else ""
    hint = f"write {FIRST}: {example(Declared.by(NetworkSettings, FIRST))} under `space` too{moved}"
    yield case.at_key(("space", later[0]), message, hint)


def on_batches_above_the_rows(case: Case) -> Problems:
    """Find mini-batches that are larger than all training rows."""
    if case.study.objective:
        return
    rows = _training_rows(case)
    if _BATCH not in case.entries:
        size = case.study.network.batch_size
        if size > rows:
            message = f"`{_BATCH}` is {size}, and there are {rows} training rows: every epoch is a single step"
            yield case.at(("network", _BATCH), message, _fixed(case, rows / 2))
    elif (share := case.entries[_BATCH].domain.share_from(rows + 1)) >= FLOOR:
        message = f"{percent(share)} of the draws of `{_BATCH}` lie above the {rows} training rows: they all train alike"
        yield case.at(_blamed(case, 1, rows + 1, math.inf), message, _within(case))


def on_tiny_batches(case: Case) -> Problems:
    """Find mini-batches too small for batch norm; all rows in one are never too few."""
    if case.study.objective or not _is_normalised(case):
        return
    least = _least(case)
    off = "" if "batch_norm" in case.entries else ", or batch_norm: off under `network`"
    if _BATCH not in case.entries:
        size = case.study.network.batch_size
        if size < least:
            message = f"`{_BATCH}` is {size}: {_error_of_mean(size)}"
            yield case.at(("network", _BATCH), message, _fixed(case, 32) + off)
    elif (share := 1 - case.entries[_BATCH].domain.share_from(least)) >= FLOOR:
        message = f"{percent(share)} of the draws of `{_BATCH}` lie below {least}: {_error_of_mean(_smallest(case))}"
        yield case.at(_blamed(case, 0, 0, least - 1), message, _within(case) + off)


def on_long_warmups(case: Case) -> Problems:
    """Find warm-ups that are not over when a trial is."""
    if case.study.objective:
        return
    epochs, fixed = case.study.epochs, case.study.network.warmup_epochs
    usual = case.fixed(_WARMUP, epochs // 10)
    if _WARMUP not in case.entries:
        if fixed >= epochs:
            message = f"`{_WARMUP}` is {fixed} and a trial has {counted(epochs, 'epoch')}: the warm-up is never over"
            yield case.at(("network", _WARMUP), message, usual)
        return
    domain = case.entries[_WARMUP].domain
    if (share := domain.share_from(epochs)) >= FLOOR:
        message = f"{percent(share)} of the draws of `{_WARMUP}` are {epochs} or more, and a trial has as many epochs"
        if isinstance(domain, Whole) and domain.low < epochs // 2:
            usual = case.rewritten(_WARMUP, range=[domain.low, epochs // 2])
        yield case.at(("space", _WARMUP), f"{message}: the warm-up is never over", usual)


def on_few_validation_rows(case: Case) -> Problems:
    """Find a small share of the rows where a usual one would tell the trials apart better."""
    share = case.study.data.validation
    if case.study.objective or isinstance(share, str) or share >= USUAL_SHARE:
        return
    rows, metric = case.facts["rows"]["validation"], metric_for(case.facts["task"], case.study.metric)
    if metric.is_share and rows < FEW_ROWS:
        message = f"there are {rows} validation rows, so a single one is {percent(1 / rows)} of {metric.name}"
        hint = f"write validation: {USUAL_SHARE}, which is about {round(rows / share * USUAL_SHARE)} rows"
        yield case.at(("data", "validation"), message, hint)


def on_memory(case: Case) -> Problems:
    """Find networks and data that the memory of the machine has no room for; known to `check` alone, not to `run`."""
    need, jobs = case.memory, case.jobs
    if need is None or need.needed(jobs) <= need.available:
        return
    needed = f"{counted(jobs, 'worker')} may need {size_text(need.needed(jobs))} of memory"
    message = f"{needed} for networks and data, and there are {size_text(need.available)}"
    size = next((name for name in ("hidden_units", _BATCH) if name in case.entries), "")
    smaller = f"let `{size}` go less high" if size else f"write a smaller `hidden_units` or `{_BATCH}`"
    fewer = need.room(jobs)
    hint = f"search with --jobs {fewer}, or {smaller}" if fewer else f"{smaller}, or search on fewer rows"
    yield case.at(("space", size) if size else ("network", "hidden_units"), message, hint)


def _training_rows(case: Case) -> int:
    return int(case.facts["rows"]["train"])


def _least(case: Case) -> int:
    """Return the fewest rows that a mini-batch should have."""
    return min(TINY, _training_rows(case)) if _is_normalised(case) else 2


def _is_normalised(case: Case) -> bool:
    """Whether batch norm can be on beside a mini-batch of any size."""
    if "batch_norm" not in case.entries:
        return case.study.network.batch_norm != "off"
    above = conditions_of(_BATCH, case.entries) if _BATCH in case.entries else {}
    return above.get("batch_norm") != ("off",)


def _error_of_mean(rows: int) -> str:
    """Say how wrong the mean of a mini-batch is: its standard error is the deviation over the root of the rows."""
    return f"the mean of {rows} rows, which batch norm takes off, is wrong by {short(1 / math.sqrt(rows), 2)} deviations"


def _smallest(case: Case) -> int:
    domain = case.entries[_BATCH].domain
    sizes = domain.options if isinstance(domain, Choice) else [domain.decode(0.0)]
    return min(size for size in sizes if isinstance(size, int))


def _blamed(case: Case, bound: int, low: float, high: float) -> KeyPath:
    """Return where the first choice between two sizes stands, or a bound of the range."""
    path: KeyPath = ("space", _BATCH)
    domain = case.entries[_BATCH].domain
    if not isinstance(domain, Choice):
        return (*path, "range", bound)
    path = (*path, "choices") if case.is_given(*path, "choices") else path
    sizes = enumerate(domain.options)
    return (*path, next(index for index, size in sizes if isinstance(size, int) and low <= size <= high))


def _within(case: Case) -> str:
    """Return a hint: the mini-batches that are neither tiny nor above the rows, or two such where too few of them are."""
    domain, low, high = case.entries[_BATCH].domain, _least(case), _training_rows(case)
    if isinstance(domain, Choice):
        kept = [size for size in domain.options if isinstance(size, int) and low <= size <= high]
        if len(kept) > 1:
            return case.rewritten(_BATCH, choices=kept)
    elif isinstance(domain, Real | Whole) and max(low, domain.low) < min(high, domain.high):
        return case.rewritten(_BATCH, range=[max(low, domain.low), min(high, domain.high)])
    top = _power_of_two(min(high, 64))
    if top // 2 >= low:
        return case.rewritten(_BATCH, choices=[top // 2, top], range=None, scale=None, step=None)
    return _fixed(case, high)


def _fixed(case: Case, most: float) -> str:
    """Return a hint: one size, a power of two up to a number, or all rows where these are few."""
    rows = _training_rows(case)
    size = _power_of_two(min(most, rows))
    return case.fixed(_BATCH, size if size >= _least(case) else max(rows, 2))


def _power_of_two(most: float) -> int:
    """Return the largest power of two, from 2, up to a number."""
    return 1 << max(1, math.floor(math.log2(max(most, 2))))
