"""Lint of the training: mini-batches that don't fit the rows or batch norm, the order of importance, validation rows."""

from __future__ import annotations

import math

from hpsearch.network.settings import NetworkSettings
from hpsearch.objectives.metrics import metric_for
from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.spec.document import KeyPath
from hpsearch.spec.draws import share_from
from hpsearch.spec.effects import conditions_of
from hpsearch.spec.ranges import example
from hpsearch.spec.remarks import Case, Remark, Remarks, percent, short
from hpsearch.spec.settings import Declared
from hpsearch.spec.wording import both

FIRST = "learning_rate"
THEN = ("momentum", "hidden_units", "batch_size", "hidden_layers", "learning_rate_decay")
LAST = ("beta1", "beta2", "epsilon", "batch_norm_momentum", "batch_norm_epsilon")
"""The order of importance, as in DeepLearning.AI's course on improving deep networks, week 3; no other has a place in it."""

TINY = 8
"""Rows of a mini-batch below which the mean that batch norm takes off is off by over a third of a deviation."""

FEW_ROWS = 100
"""Validation rows below which a single one is more than 1 % of a metric that counts rows."""

USUAL_SHARE = 0.2

_BATCH = "batch_size"


def on_the_order(case: Case) -> Remarks:
    """Remark on what is searched before the learning rate.

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
        f"it is {rate:g} in all {case.plan.asked} trials"
    )
    moved = ", and take it away from `network`" if is_fixed else ""
    hint = f"write {FIRST}: {example(Declared.by(NetworkSettings, FIRST))} under `space` too{moved}"
    yield Remark(("space", later[0]), message, hint, at_key=True)


def on_batches_above_the_rows(case: Case) -> Remarks:
    """Remark on mini-batches that are larger than all training rows."""
    if case.study.objective:
        return
    rows = _training_rows(case)
    if _BATCH not in case.entries:
        size = case.study.network.batch_size
        if size > rows and case.is_given("network", _BATCH):
            message = f"`{_BATCH}` is {size}, and there are {rows} training rows: every epoch is a single step"
            yield Remark(("network", _BATCH), message, _fixed(case, rows / 2))
    elif share := share_from(case.entries[_BATCH].domain, rows + 1):
        message = f"{percent(share)} of the draws of `{_BATCH}` lie above the {rows} training rows: they all train alike"
        yield Remark(_blamed(case, 1, rows + 1, math.inf), message, _within(case))


def on_tiny_batches(case: Case) -> Remarks:
    """Remark on mini-batches too small for batch norm; all rows in one are never too few."""
    if case.study.objective or not _is_normalised(case):
        return
    least = _least(case)
    off = "" if "batch_norm" in case.entries else ", or batch_norm: off under `network`"
    if _BATCH not in case.entries:
        size = case.study.network.batch_size
        if size < least:
            message = f"`{_BATCH}` is {size}: {_error_of_mean(size)}"
            yield Remark(("network", _BATCH), message, _fixed(case, 32) + off)
    elif share := 1 - share_from(case.entries[_BATCH].domain, least):
        message = f"{percent(share)} of the draws of `{_BATCH}` lie below {least}: {_error_of_mean(_smallest(case))}"
        yield Remark(_blamed(case, 0, 0, least - 1), message, _within(case) + off)


def on_few_validation_rows(case: Case) -> Remarks:
    """Remark on a small share of the rows where a usual one would tell the trials apart better."""
    share = case.study.data.validation
    if case.study.objective or isinstance(share, str) or share >= USUAL_SHARE:
        return
    rows, metric = case.facts["rows"]["validation"], metric_for(case.facts["task"], case.study.metric)
    if metric.is_share and rows < FEW_ROWS:
        message = f"there are {rows} validation rows, so a single one is {percent(1 / rows)} of {metric.name}"
        hint = f"write validation: {USUAL_SHARE}, which is about {round(rows / share * USUAL_SHARE)} rows"
        yield Remark(("data", "validation"), message, hint)


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
    return f"{_fixed(case, high)} under `network`"


def _fixed(case: Case, most: float) -> str:
    """Return a hint: one size, a power of two up to a number, or all rows where these are few."""
    rows = _training_rows(case)
    size = _power_of_two(min(most, rows))
    return f"write {_BATCH}: {size if size >= _least(case) else rows}"


def _power_of_two(most: float) -> int:
    """Return the largest power of two, from 2, up to a number."""
    return 1 << max(1, math.floor(math.log2(max(most, 2))))
