"""One way to write each kind of number. Three significant digits are what people read; the record has them all."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from hpsearch.data.messages import escaped
from hpsearch.prose import short
from hpsearch.search.plan import Plan
from hpsearch.search.settings import Method, is_staged
from hpsearch.trial import Value

OF_CHOICE = "choice"
"""What stands in the place of a scale."""

DIGITS = 17
"""Significant digits that tell any two floats apart."""

Written = TypeVar("Written")


def told_apart(values: Sequence[Written], write: Callable[[Written, int], str]) -> list[str]:
    """Write values with as many more digits as it takes until those that differ read differently; `write` takes how many.

    Where no digits help, as with `true` and a text of that name, there are no more than usual.
    """
    different = sum(value not in values[:place] for place, value in enumerate(values))
    tries = ([write(value, more) for value in values] for more in range(DIGITS))
    usual = next(tries)
    return next((texts for texts in chain([usual], tries) if len(set(texts)) >= different), usual)


def number(value: float, more: int = 0) -> str:
    """Write a number with three significant digits, a whole one with all: 0.0195, 0.00649, 1.2e-05, 359, 1080."""
    return str(value) if isinstance(value, int) or 3 + more >= DIGITS else short(value, 3 + more)


def quantity(value: float, more: int = 0) -> str:
    """Write a number in the target's own unit: four significant digits, no power of ten up to 1e15."""
    return str(value) if 4 + more >= DIGITS else short(value, 4 + more, 1e15)


def metric_value(name: str, value: float, more: int = 0) -> str:
    """Write a metric's value; an rmse is a quantity."""
    return quantity(value, more) if name.endswith("rmse") else number(value, more)


def metric_values(name: str, values: Sequence[float]) -> list[str]:
    """Write several values of a metric, those that differ so that they read differently."""
    return told_apart(values, lambda value, more: metric_value(name, value, more))


def measured(mean: float, error: float) -> str:
    """Write a mean and its standard error, which has one digit: 0.076 ± 0.002; without an error the mean alone."""
    if not math.isfinite(mean) or not math.isfinite(error):
        return number(mean)
    if error <= 0:
        return f"{number(mean)} ± 0"
    error = float(f"{error:.0e}")
    digits = -math.floor(math.log10(error))
    if not -15 < digits < 7:
        return f"{mean:.3g} ± {error:.0e}"
    # A mean that rounds to 0 has no sign.
    return f"{round(mean, digits) + 0.0:.{max(digits, 0)}f} ± {error:.{max(digits, 0)}f}"


def share(part: float, error: float) -> str:
    """Write a share of a whole and its standard error, in per cent: 12 % ± 4; neither is told finer than to 0.1 %."""
    return measured(100 * part, 100 * max(error, 0.001) if error else 0.0).replace(" ±", " % ±")


def window(beta: float) -> str:
    """Write the window 1 / (1 - beta) over which an average with weight beta looks back."""
    if beta >= 1:
        return "inf"
    steps = round(1 / (1 - beta), 6)
    return f"{steps:.0f}" if steps >= 100 else number(steps)


def beta(value: float, more: int = 0) -> str:
    """Write an averaging weight with two digits of what it lacks to 1, and its window: `0.9987 (781)`."""
    digits = 1 - math.floor(math.log10(round(1 - value, 12))) if value < 1 - 1e-12 else 3
    return f"{value:.{max(2, digits) + more}f} ({window(value)})"


def value_text(value: Value, *, is_beta: bool = False, more: int = 0) -> str:
    """Write a value so that something is seen, with so many `more` digits; that of a beta with its window."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return beta(value, more) if is_beta else number(value, more)
    text = " x ".join(map(str, value)) if isinstance(value, list) else str(value)
    return escaped(text) if text.strip(" ") else "(blank)" if text else "(empty)"


def value_texts(values: Sequence[Value], *, is_beta: bool, more: int = 0) -> list[str]:
    """Write several values of one hyperparameter, those that differ so that they read differently."""
    return told_apart(values, lambda value, extra: value_text(value, is_beta=is_beta, more=more + extra))


def parameter(name: str, value: Value, averaging: Collection[str]) -> str:
    """Write the value of a hyperparameter by its name; `averaging` names the betas."""
    return value_text(value, is_beta=name in averaging)


def domain_text(described: Mapping[str, Any], *, is_beta: bool, more: int = 0) -> str:
    """Write what a domain holds, from its description, with so many `more` digits."""
    if "choices" in described:
        return ", ".join(value_texts(described["choices"], is_beta=is_beta, more=more))
    step = f" in steps of {number(described['step'], more)}" if described.get("step", 1) != 1 else ""
    return " to ".join(value_texts(described["range"], is_beta=is_beta, more=more)) + step


def scale_text(described: Mapping[str, Any]) -> str:
    """Return the scale of a domain, from its description; a choice has none."""
    return str(described.get("scale", OF_CHOICE))


def parameters(params: Mapping[str, Value], averaging: Collection[str]) -> str:
    """Write all hyperparameters in one line."""
    return ", ".join(f"{escaped(name)} {parameter(name, value, averaging)}" for name, value in params.items())


def duration(seconds: float) -> str:
    """Write a time span as people say it: 12 ms, 0.8 s, 42 s, 3 min 05 s, 2 h 10 min."""
    if seconds < 0.1:
        return f"{round(1000 * seconds)} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 1:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def printable(text: str) -> str:
    """Escape what is not printable but for line ends and tabs, so that a text from a file cannot steer the terminal."""
    return text if text.isprintable() else "".join(c if c in "\n\t\xa0" else escaped(c) for c in text)


def stage_name(plan: Plan, stage: int, method: Method) -> str:
    """Return what a stage is called: its number is that of the record, where the coarse one is 0.

    Where no stage learns from another they are brackets of early stopping, counted from 1.
    """
    if not is_staged(method):
        return f"bracket {stage + 1} of {len(plan.stages)}"
    return f"fine stage {stage} of {len(plan.stages) - 1}" if stage else "coarse stage"


def run_argument(directory: Path) -> str:
    """Write what to type for a run: its name where commands look by themselves, else its directory."""
    return shlex.quote(directory.name if directory.parent == Path("runs") else str(directory))


def ordinal(count: int) -> str:
    """Write a place in a row: 1st, 2nd, 3rd, 4th, 11th."""
    ending = "th" if count % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    return f"{count}{ending}"
