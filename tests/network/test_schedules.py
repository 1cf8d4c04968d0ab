from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from network_examples import SCHEDULE_NAMES

from hpsearch.network.schedules import learning_rate, learning_rates
from hpsearch.network.settings import NetworkSettings, Schedule


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("none", [0.2, 0.2, 0.2]),
        ("inverse_time", [0.2, 0.2 / 1.5, 0.1]),
        ("exponential", [0.2, 0.2 / math.sqrt(math.e), 0.2 / math.e]),
        ("cosine", [0.2, 0.15, 0.05]),  # cos 0, cos 60 degrees, cos 120 degrees
    ],
)
def test_alpha_falls_from_epoch_to_epoch(schedule: Schedule, expected: list[float]) -> None:
    settings = NetworkSettings(learning_rate=0.2, learning_rate_schedule=schedule, learning_rate_decay=0.5, epochs=3)
    assert [learning_rate(settings, epoch) for epoch in range(3)] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("schedule", [name for name in SCHEDULE_NAMES if name != "cosine"])
def test_a_decay_of_0_keeps_alpha_exactly(schedule: Schedule) -> None:
    settings = NetworkSettings(learning_rate=0.3, learning_rate_schedule=schedule, learning_rate_decay=0.0)
    assert [learning_rate(settings, epoch) for epoch in (0, 1, 1000)] == [0.3] * 3


def test_the_cosine_knows_no_rate_and_rests_at_0_after_the_last_epoch() -> None:
    settings = NetworkSettings(learning_rate=0.3, learning_rate_schedule="cosine", learning_rate_decay=9.0, epochs=10)
    alphas = [learning_rate(settings, epoch) for epoch in range(13)]
    assert alphas[0] == 0.3
    assert alphas[5] == pytest.approx(0.15)
    assert all(a > b for a, b in pairwise(alphas[:11]))
    assert alphas[10:] == pytest.approx([0, 0, 0], abs=1e-16)


@pytest.mark.parametrize("schedule", SCHEDULE_NAMES)
def test_alpha_grows_with_every_mini_batch_of_the_warm_up_and_falls_afterwards(schedule: Schedule) -> None:
    settings = NetworkSettings(
        learning_rate=0.6, learning_rate_schedule=schedule, learning_rate_decay=0.5, warmup_epochs=2, epochs=6
    )
    steps = 3
    alphas = np.concatenate([learning_rates(settings, epoch, epoch * steps + 1, steps) for epoch in range(6)])
    np.testing.assert_allclose(alphas[: 2 * steps], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], rtol=1e-14)
    unwarmed = NetworkSettings(learning_rate=0.6, learning_rate_schedule=schedule, learning_rate_decay=0.5, epochs=4)
    after = np.repeat([learning_rate(unwarmed, epoch) for epoch in range(4)], steps)
    np.testing.assert_allclose(alphas[2 * steps :], after, rtol=1e-14)


@pytest.mark.parametrize("schedule", SCHEDULE_NAMES)
def test_without_a_warm_up_all_mini_batches_of_an_epoch_have_its_alpha(schedule: Schedule) -> None:
    settings = NetworkSettings(learning_rate=0.3, learning_rate_schedule=schedule, learning_rate_decay=0.2, epochs=5)
    for epoch in range(5):
        alphas = learning_rates(settings, epoch, 4 * epoch + 1, 4)
        assert alphas.tolist() == [learning_rate(settings, epoch)] * 4


def test_a_warm_up_as_long_as_the_training_never_ends_in_a_division_by_0() -> None:
    settings = NetworkSettings(learning_rate=0.4, learning_rate_schedule="cosine", warmup_epochs=3, epochs=3)
    alphas = np.concatenate([learning_rates(settings, epoch, 2 * epoch + 1, 2) for epoch in range(3)])
    np.testing.assert_allclose(alphas, 0.4 * np.arange(1, 7) / 6, rtol=1e-14)
