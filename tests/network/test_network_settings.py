from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from hpsearch.network.settings import NetworkSettings


def test_one_number_of_units_serves_every_hidden_layer() -> None:
    assert NetworkSettings(hidden_units=7, hidden_layers=3).widths == (7, 7, 7)


def test_a_list_of_units_names_each_hidden_layer() -> None:
    assert NetworkSettings(hidden_units=[8, 4], hidden_layers=2).widths == (8, 4)


def test_settings_are_frozen() -> None:
    settings = NetworkSettings()
    with pytest.raises(FrozenInstanceError):
        settings.epochs = 3  # type: ignore[misc]  # the mistake is the test
