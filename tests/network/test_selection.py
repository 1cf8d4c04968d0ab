"""The selected epoch: the last, or with `select_by` the best so far."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from network_examples import assert_same_arrays, assert_same_progress, joined, make_examples, start, through_a_file

from hpsearch.network.settings import CURVES, HIGHER_IS_BETTER, NetworkSettings
from hpsearch.network.training import BEST, Arrays, Member, Progress, advance, selected
from hpsearch.seeds import Streams

STREAMS = Streams(4)
EPOCHS = 14

RESTLESS = [
    NetworkSettings(hidden_units=12, batch_size=8, learning_rate=0.1, optimizer="adam"),
    NetworkSettings(hidden_units=12, batch_size=8, learning_rate=0.5, optimizer="nesterov", batch_norm="after", dropout=0.2),
    NetworkSettings(hidden_units=12, batch_size=8, learning_rate=0.2, optimizer="sgd", batch_norm="off"),
    NetworkSettings(hidden_units=5, batch_size=8, learning_rate=0.05, batch_norm_statistics="exact"),
]
"""They learn fast, and then jump about."""

CLASSES_AND_CURVES = [(3, name) for name in CURVES["classification"]] + [(0, name) for name in CURVES["regression"]]


def run(classes: int, until: int, select_by: str | None) -> list[Progress]:
    return advance(start(RESTLESS), make_examples(3, classes=classes), STREAMS, until, select_by=select_by)


@lru_cache(maxsize=2)
def stopped(classes: int) -> list[list[Progress]]:
    """Return the networks after 1, 2, ... epochs, without any selection."""
    return [run(classes, until, None) for until in range(1, EPOCHS + 1)]


def state_of(progress: Progress) -> Arrays:
    assert progress.state is not None
    return progress.state


def best_epoch(progress: Progress, curve: str) -> int:
    """Return the first of the best epochs, counted from 1."""
    values = np.array(progress.curves[curve])
    return int(np.argmax(values) if curve in HIGHER_IS_BETTER else np.argmin(values)) + 1


@pytest.mark.parametrize(("classes", "curve"), CLASSES_AND_CURVES)
def test_the_best_arrays_are_those_of_a_run_stopped_at_the_best_epoch(classes: int, curve: str) -> None:
    found = run(classes, EPOCHS, curve)
    epochs = [best_epoch(progress, curve) for progress in found]
    assert any(1 < epoch < EPOCHS for epoch in epochs)
    for k, (progress, epoch) in enumerate(zip(found, epochs, strict=True)):
        state = state_of(progress)
        then = stopped(classes)[epoch - 1][k]
        assert_same_arrays(selected(state), selected(state_of(then)))
        assert {name for name in state if name.startswith(BEST)} == {f"best/{name}" for name in selected(state_of(then))}


@pytest.mark.parametrize(("classes", "curve"), CLASSES_AND_CURVES)
def test_looking_for_the_best_changes_nothing_else(classes: int, curve: str) -> None:
    for with_best, plain in zip(run(classes, EPOCHS, curve), stopped(classes)[-1], strict=True):
        arrays = {name: array for name, array in state_of(with_best).items() if name in state_of(plain)}
        assert_same_progress(replace(with_best, state=arrays), plain)


@pytest.mark.parametrize("curve", ["validation_error", "validation_macro_f1"])
def test_the_first_of_equals_is_the_best(curve: str) -> None:
    examples = make_examples(3, validation=6)
    found = advance(start(RESTLESS), examples, STREAMS, EPOCHS, select_by=curve)
    ties = 0
    for k, progress in enumerate(found):
        epoch = best_epoch(progress, curve)
        ties += progress.curves[curve].count(progress.curves[curve][epoch - 1]) > 1
        then = advance(start(RESTLESS), examples, STREAMS, epoch)[k]
        assert_same_arrays(selected(state_of(progress)), selected(state_of(then)))
    assert ties


@pytest.mark.parametrize(("classes", "curve"), [(3, "validation_macro_f1"), (0, "validation_loss")])
def test_the_best_survives_a_resume_through_a_file(classes: int, curve: str) -> None:
    examples, members, blocks = make_examples(3, classes=classes), start(RESTLESS), []
    for until in (3, 4, EPOCHS):
        blocks.append(advance(members, examples, STREAMS, until, select_by=curve))
        members = [replace(m, state=through_a_file(p.state)) for m, p in zip(members, blocks[-1], strict=True)]
    for k, expected in enumerate(run(classes, EPOCHS, curve)):
        assert_same_progress(joined([block[k] for block in blocks]), expected)


def test_the_best_is_nobody_elses_when_a_neighbour_diverges() -> None:
    wild = replace(RESTLESS[2], learning_rate=1e20, activation="leaky_relu")
    examples = make_examples(3)
    members = [Member(wild, 99), *start(RESTLESS)]
    together = advance(members, examples, STREAMS, EPOCHS, select_by="validation_loss")
    assert (together[0].diverged, together[0].state) == (True, None)
    for one, other in zip(together[1:], run(3, EPOCHS, "validation_loss"), strict=True):
        assert_same_progress(one, other)


def test_without_select_by_the_last_epoch_is_selected() -> None:
    for progress in stopped(3)[-1]:
        state = state_of(progress)
        assert not any(name.startswith(BEST) for name in state)
        assert_same_arrays(selected(state), {n: a for n, a in state.items() if not n.startswith("training/")})
        assert {"weights_1", "weights_out", "bias_out"} <= selected(state).keys()


def test_selected_arrays_have_their_plain_names() -> None:
    last, best = np.zeros(2), np.ones(2)
    state = {"weights_1": last, "training/weight": last}
    assert_same_arrays(selected(state), {"weights_1": last})
    state |= {"best/weights_1": best, "training/best_value": np.array([0.5])}
    assert_same_arrays(selected(state), {"weights_1": best})
