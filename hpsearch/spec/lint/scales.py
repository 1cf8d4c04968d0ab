"""Lint of single entries: a scale that spends the draws where they tell little, or a list where a range was meant.

An argument of a function means what the network's option of its name does; of any other name nothing is known, so that a
linear scale that is written out is taken to be meant.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hpsearch.network.settings import NetworkSettings
from hpsearch.options import Option, ScaleName, options_of
from hpsearch.prose import either, percent, short
from hpsearch.space.levels import DomainError
from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.scales import TWO_DECADES
from hpsearch.spec.lint.case import Case, Problems
from hpsearch.spec.wording import written

NARROW = 3 * (1 - 1e-9)
"""The factor below which a log scale, or the scale 1-beta, hardly differs from a linear one; 0.3 / 0.1 is not quite 3."""

SHORT = 0.5
"""The beta below which a window is shorter than two steps."""

TYPICAL = [0.9, 0.999]
"""The range of a beta that is suggested where nothing says which was meant."""

FAR_APART = 10 * (1 - 1e-9)
"""The factor between two numbers from which on a list of them looks like the bounds of a range."""

_FROM_ZERO = 1000
"""Three decades are suggested for a range that begins at 0, which a log scale never reaches."""

_BETAS = {name for name, option in options_of(NetworkSettings).items() if option.scale == "1-beta"}


def on_linear_scales(case: Case) -> Problems:
    """Find numbers whose order of magnitude is searched, drawn evenly."""
    for name, domain, option in case.ranges():
        if domain.scale != "linear" or _is_beta(name, domain) or (option and _is_bounded(option)):
            continue
        if option is None and case.is_given("space", name, "scale"):
            continue
        low = float(f"{domain.high / _FROM_ZERO:.6g}") if _begins_at_zero(name, domain, option) else domain.low
        if low <= 0 or domain.high / low < TWO_DECADES:
            continue
        top = math.ceil(domain.high / 10) if isinstance(domain, Whole) else domain.high / 10
        message = f"{percent(domain.share_from(top))} of the draws of `{name}` lie between {top:g} and {domain.high:g}"
        changes = {} if low == domain.low else {"range": [low, domain.high]}
        hint = case.rewritten(name, **changes, scale="log", step=_step_on("log", domain))
        meant = "" if option else ", or scale: linear if that is meant"
        yield case.at_scale(name, f"{message}: its scale is linear", hint + meant)


def on_betas(case: Case) -> Problems:
    """Find averaging weights drawn on another scale than theirs."""
    for name, domain, _ in case.ranges():
        if not _is_beta(name, domain) or domain.scale == "1-beta":
            continue
        short_window, long_window = 1 / (1 - domain.low), 1 / (1 - domain.high)
        if long_window / short_window < NARROW:
            continue
        middle = math.sqrt(short_window * long_window)
        share = percent(domain.share_from(1 - 1 / middle))
        windows = f"windows 1 / (1 - beta) of {short(middle)} to {short(long_window)} steps"
        message = f"{share} of the draws of `{name}` have {windows}, on the scale 1-beta half of them"
        yield case.at_scale(name, message, case.rewritten(name, scale="1-beta", step=_step_on("1-beta", domain)))


def on_short_windows(case: Case) -> Problems:
    """Find averaging weights that average over next to nothing, as 1 - beta taken for a beta does."""
    for name, domain, _ in case.ranges():
        if domain.high > SHORT or case.is_refined or not (_is_beta(name, domain) or domain.scale == "1-beta"):
            continue
        longest = short(1 / (1 - domain.high))
        message = f"the windows 1 / (1 - beta) of `{name}` are at most {longest} steps, which averages next to nothing"
        meant = [float(f"{1 - bound:.12g}") for bound in (domain.high, domain.low)] if domain.low else TYPICAL
        yield case.at_scale(name, message, f"{case.rewritten(name, range=meant)} if 1 - beta was meant")


def on_narrow_log_scales(case: Case) -> Problems:
    """Find ranges so narrow that their log scale does nothing; not on those that another search has narrowed."""
    for name, domain, option in case.ranges():
        is_wide = domain.scale != "log" or domain.high / domain.low >= NARROW
        if is_wide or _is_beta(name, domain) or case.is_refined:
            continue
        upper = percent(domain.share_from((domain.low + domain.high) / 2))
        message = (
            f"`{name}` spans a factor of {short(domain.high / domain.low)}, over which a log scale does little: "
            f"{upper} of the draws lie in the upper half"
        )
        hint = f"{case.rewritten(name, range=_wider(domain, option))}, or scale: linear if so little is meant"
        yield case.at_scale(name, message, hint)


def on_two_choices(case: Case) -> Problems:
    """Find bare lists of a low and a high number, which were probably meant as bounds; who writes `choices:` means it."""
    for name, entry in case.entries.items():
        plain = case.document.value(("space", name))
        if not isinstance(plain, list) or len(plain) != 2 or not isinstance(entry.domain, Choice):
            continue
        bounds = [option for option in entry.domain.options if isinstance(option, int | float)]
        if len(bounds) == 2 and _is_far_apart(name, *bounds):
            message = f"`{name}` is {either(plain)} and nothing between: a list of values is a choice"
            kept = f"{{choices: {written(plain)}}} if that is meant"
            hint = f"write {name}: {written(_range(case, name, bounds))}, or {kept}"
            yield case.at(("space", name), message, hint)


def _is_far_apart(name: str, low: float, high: float) -> bool:
    if name in _BETAS and high < 1:
        low, high = 1 / (1 - low), 1 / (1 - high)
    return low > 0 and high / low >= FAR_APART


def _range(case: Case, name: str, bounds: Sequence[float]) -> dict[str, Any]:
    """Return a range with these bounds; its scale is written out where the default is linear."""
    option = case.option(name)
    scale: ScaleName = "log" if option is None or option.scale == "linear" else option.scale
    is_default = option is not None and option.scale == scale and not case.study.objective
    return {"range": [*bounds]} if is_default else {"range": [*bounds], "scale": scale}


def on_whole_numbers(case: Case) -> Problems:
    """Find arguments of a function that are whole numbers only because of how their bounds are written.

    From 1 on they are taken for counts, as a depth or a number of trees is.
    """
    for name, domain, _ in case.ranges():
        is_said = case.is_given("space", name, "step") or not case.study.objective
        if isinstance(domain, Whole) and domain.low < 1 and not is_said:
            between = case.rewritten(name, range=[float(domain.low), domain.high])
            hint = f"{between} to search between them too, or add step: 1 if that is meant"
            message = f"`{name}` is searched in whole numbers, as its bounds are"
            yield case.at(("space", name, "range"), message, hint)


def _is_beta(name: str, domain: Real | Whole) -> bool:
    return name in _BETAS and 0 <= domain.low < domain.high < 1


def _is_bounded(option: Option) -> bool:
    """Whether an option is a share or a small count, for which the linear scale is the right one."""
    return option.scale == "linear" and (option.below is not None or option.at_most is not None)


def _begins_at_zero(name: str, domain: Real | Whole, option: Option | None) -> bool:
    """Whether a range holds all orders of magnitude of an option that is known to be searched by these.

    A limit on the norm is not: it is compared with norms of about 1, and a small one clips all of them alike.
    """
    return name != "clip_norm" and (
        domain.low == 0 and isinstance(domain, Real) and domain.step is None and option is not None and option.scale == "log"
    )


def _step_on(scale: ScaleName, domain: Real | Whole) -> float | None:
    """Return the step of a range, None where it has none, or another scale has no room for it."""
    try:
        replace(domain, scale=scale)
    except DomainError:
        return None
    return None if domain.step == 1 else domain.step


def _wider(domain: Real | Whole, option: Option | None) -> list[float]:
    """Return bounds a factor of three further out, with one digit, as far as the option admits them."""
    wider = []
    for bound, far in ((domain.low, domain.low / 3), (domain.high, domain.high * 3)):
        rounded = float(f"{far:.1g}")
        value = max(1, round(rounded)) if isinstance(domain, Whole) else rounded
        wider.append(value if option is None or option.admits(value) else bound)
    return wider
