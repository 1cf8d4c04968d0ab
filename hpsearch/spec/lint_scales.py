"""Lint of single ranges: a scale that spends the draws where they tell little.

An argument of a function means what the network's option of its name does; of any other name nothing is known, so that a
linear scale that is written out is taken to be meant.
"""

from __future__ import annotations

import math
from dataclasses import replace

from hpsearch.network.settings import NetworkSettings
from hpsearch.options import Option, ScaleName, options_of
from hpsearch.space.levels import DomainError
from hpsearch.space.parameters import Real, Whole
from hpsearch.spec.draws import share_from
from hpsearch.spec.remarks import Case, Remark, Remarks, percent, short

DECADES = 100 * (1 - 1e-9)
"""High over low from which on a range spans two decades; a little less, for 0.3 / 0.1 is not quite 3 in floating point."""

NARROW = 3 * (1 - 1e-9)
"""The factor below which a log scale, or the scale 1-beta, hardly differs from a linear one."""

_FROM_ZERO = 1000
"""Three decades are suggested for a range that begins at 0, which a log scale never reaches."""

_BETAS = {name for name, option in options_of(NetworkSettings).items() if option.scale == "1-beta"}


def on_linear_scales(case: Case) -> Remarks:
    """Remark on numbers whose order of magnitude is searched, drawn evenly."""
    for name, domain, option in case.ranges():
        if domain.scale != "linear" or _is_beta(name, domain) or (option and _is_bounded(option)):
            continue
        if option is None and case.is_given("space", name, "scale"):
            continue
        low = domain.high / _FROM_ZERO if _begins_at_zero(domain, option) else domain.low
        if low <= 0 or domain.high / low < DECADES:
            continue
        top = math.ceil(domain.high / 10) if isinstance(domain, Whole) else domain.high / 10
        message = f"{percent(share_from(domain, top))} of the draws of `{name}` lie between {top:g} and {domain.high:g}"
        changes = {} if low == domain.low else {"range": [low, domain.high]}
        hint = case.rewritten(name, **changes, scale="log", step=_step_on("log", domain))
        meant = "" if option else ", or scale: linear if that is meant"
        yield Remark(case.scale_path(name), f"{message}: its scale is linear", hint + meant)


def on_betas(case: Case) -> Remarks:
    """Remark on averaging weights drawn on another scale than theirs."""
    for name, domain, _ in case.ranges():
        if not _is_beta(name, domain) or domain.scale == "1-beta":
            continue
        short_window, long_window = 1 / (1 - domain.low), 1 / (1 - domain.high)
        if long_window / short_window < NARROW:
            continue
        middle = math.sqrt(short_window * long_window)
        share = percent(share_from(domain, 1 - 1 / middle))
        windows = f"windows 1 / (1 - beta) of {short(middle)} to {short(long_window)} steps"
        message = f"{share} of the draws of `{name}` have {windows}, on the scale 1-beta half of them"
        yield Remark(case.scale_path(name), message, case.rewritten(name, scale="1-beta", step=_step_on("1-beta", domain)))


def on_narrow_log_scales(case: Case) -> Remarks:
    """Remark on ranges so narrow that their log scale does nothing; not on those that another search has narrowed."""
    for name, domain, option in case.ranges():
        is_wide = domain.scale != "log" or domain.high / domain.low >= NARROW
        if is_wide or _is_beta(name, domain) or case.is_refined:
            continue
        upper = percent(share_from(domain, (domain.low + domain.high) / 2))
        message = (
            f"`{name}` spans a factor of {short(domain.high / domain.low)}, over which a log scale does little: "
            f"{upper} of the draws lie in the upper half"
        )
        hint = f"{case.rewritten(name, range=_wider(domain, option))}, or scale: linear if so little is meant"
        yield Remark(case.scale_path(name), message, hint)


def _is_beta(name: str, domain: Real | Whole) -> bool:
    return name in _BETAS and 0 <= domain.low < domain.high < 1


def _is_bounded(option: Option) -> bool:
    """Whether an option is a share or a small count, for which the linear scale is the right one."""
    return option.scale == "linear" and (option.below is not None or option.at_most is not None)


def _begins_at_zero(domain: Real | Whole, option: Option | None) -> bool:
    """Whether a range holds all orders of magnitude of an option that is known to be searched by these."""
    return (
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
