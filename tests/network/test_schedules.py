from __future__ import annotations

import math

import pytest
from network_examples import SCHEDULE_NAMES

from hpsearch.network.schedules import learning_rate
from hpsearch.network.settings import NetworkSettings, Schedule


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("none", [0.2, 0.2, 0.2]),
        ("inverse_time", [0.2, 0.2 / 1.5, 0.1]),
        ("exponential", [0.2, 0.2 / math.sqrt(math.e), 0.2 / math.e]),
    ],
)
def test_alpha_falls_from_epoch_to_epoch(schedule: Schedule, expected: list[float]) -> None:
    settings = NetworkSettings(learning_rate=0.2, learning_rate_schedule=schedule, learning_rate_decay=0.5)
    assert [learning_rate(settings, epoch) for epoch in range(3)] == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("schedule", SCHEDULE_NAMES)
def test_a_decay_of_0_keeps_alpha_exactly(schedule: Schedule) -> None:
    settings = NetworkSettings(learning_rate=0.3, learning_rate_schedule=schedule, learning_rate_decay=0.0)
    assert [learning_rate(settings, epoch) for epoch in (0, 1, 1000)] == [0.3] * 3
