from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any, get_args, get_type_hints

import pytest
from network_examples import make_examples

from hpsearch.network.settings import NetworkSettings
from hpsearch.network.training import Member, advance
from hpsearch.options import options_of
from hpsearch.seeds import Streams

OTHER_VALUES: dict[str, Any] = {
    "momentum": 0.5,
    "learning_rate_decay": 0.5,
    "weight_decay": 0.5,
    "beta1": 0.5,
    "beta2": 0.5,
    "epsilon": 0.1,
    "batch_norm_momentum": 0.5,
    "batch_norm_epsilon": 0.1,
    "batch_norm_statistics": "exact",
}
"""For each option that is used with values of others only, a value that is not its default."""

USES = [
    (name, other, value)
    for name, option in options_of(NetworkSettings).items()
    for other in option.used_with
    for value in get_args(get_type_hints(NetworkSettings)[other])
]


def losses(**options: Any) -> tuple[float, ...]:
    """Return what two epochs of a small network come to."""
    settings = NetworkSettings(hidden_units=4, hidden_layers=1, batch_size=16, **options)
    (progress,) = advance([Member(settings, 0)], make_examples(0), Streams(0), 2)
    return progress.curves["validation_loss"]


@pytest.mark.parametrize(("name", "other", "value"), USES)
def test_an_option_has_an_effect_under_the_values_that_it_is_used_with_and_under_no_others(
    name: str, other: str, value: str
) -> None:
    useful = options_of(NetworkSettings)[name].used_with[other]
    changes = losses(**{other: value}) != losses(**{other: value, name: OTHER_VALUES[name]})
    assert changes is (value in useful)


def test_all_other_options_have_no_condition() -> None:
    assert OTHER_VALUES.keys() == {name for name, option in options_of(NetworkSettings).items() if option.used_with}


def test_one_number_of_units_serves_every_hidden_layer() -> None:
    assert NetworkSettings(hidden_units=7, hidden_layers=3).widths == (7, 7, 7)


def test_a_list_of_units_names_each_hidden_layer() -> None:
    assert NetworkSettings(hidden_units=[8, 4], hidden_layers=2).widths == (8, 4)


def test_settings_are_frozen() -> None:
    settings = NetworkSettings()
    with pytest.raises(FrozenInstanceError):
        settings.epochs = 3  # type: ignore[misc]  # the mistake is the test


@pytest.mark.parametrize(
    "name", ["optimizer", "activation", "batch_norm", "batch_norm_statistics", "learning_rate_schedule"]
)
def test_an_unknown_name_is_refused(name: str) -> None:
    changes: dict[str, Any] = {name: "foo"}
    with pytest.raises(ValueError, match=f"{name} is one of .*, not 'foo'"):
        NetworkSettings(**changes)
