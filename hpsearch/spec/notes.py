"""What is no mistake in a spec, and yet worth a word before it is run."""

from __future__ import annotations

from collections.abc import Iterator

from hpsearch.search.halving import rungs
from hpsearch.search.settings import EarlyStopping
from hpsearch.space.parameters import Whole
from hpsearch.spec.faults import Faults
from hpsearch.spec.wording import both
from hpsearch.study.study_spec import StudySpec


def notes_on(study: StudySpec, faults: Faults) -> Iterator[str]:
    """Yield a line for each thing that may not be as it was meant; `faults` holds the text."""
    yield from on_the_grid(study)
    yield from on_early_stopping(study, is_given=faults.plain(("search", "early_stopping")) is not None)
    yield from _on_whole_numbers(study, faults)
    if study.search.trial_seconds is not None and study.epochs == 1:
        yield "`trial_seconds` ends no trial: it is looked at between two epochs, and a trial has one"


def on_the_grid(study: StudySpec) -> Iterator[str]:
    """Say how few values a grid tries, where random search would try more."""
    if study.search.method != "grid":
        return
    from hpsearch.search.samplers import Grid  # late, for these take NumPy
    from hpsearch.search.strategy import search
    from hpsearch.seeds import Streams

    found = search(study.search, study.space, Streams(study.seed), study.epochs)
    counts = found.sampler.values if isinstance(found.sampler, Grid) else ()
    trials, few = found.plan.trials, dict[int, list[str]]()
    for parameter, count in zip(study.space.parameters, counts, strict=True):
        if count < min(parameter.domain.levels or trials, trials):
            few.setdefault(count, []).append(parameter.name)
    names = {count: "each parameter" if len(names) == len(counts) > 1 else both(names) for count, names in few.items()}
    tried = [f"{count} value{'s' * (count != 1)} of {names[count]}" for count in sorted(few, reverse=True)]
    if tried:
        yield f"a grid: {trials} trials try {', '.join(tried)}; at random they would try {trials}"


def on_early_stopping(study: StudySpec, *, is_given: bool) -> Iterator[str]:
    """Say that trials are too short to be stopped; one epoch is no surprise where nobody asked."""
    stopping, epochs = study.search.early_stopping, study.epochs
    if not isinstance(stopping, EarlyStopping) or (epochs == 1 and not is_given):
        return
    if len(rungs(epochs, stopping.min_epochs, stopping.reduction_factor)) == 1:
        needed = stopping.min_epochs * stopping.reduction_factor
        yield f"early stopping cannot act: it needs trials of at least {needed} epochs, and they have {epochs}"


def _on_whole_numbers(study: StudySpec, faults: Faults) -> Iterator[str]:
    """Say which arguments of a function are whole numbers only because of how their bounds are written."""
    names = [
        name
        for name, entry in study.space.entries.items()
        if study.objective and isinstance(entry.domain, Whole) and faults.plain(("space", name, "step")) is None
    ]
    if names:
        low = faults.plain(("space", names[0], "range", 0))
        yield (
            f"searched in whole numbers, as the bounds are: {both(names)}; "
            f"write {low}.0 to search between them too, or step: 1 if this is meant"
        )
