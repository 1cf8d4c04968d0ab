"""Everything that is wrong with a domain is told, not only what is found first."""

from hpsearch.space.levels import range_faults
from hpsearch.space.parameters import choice_faults


def test_bounds_may_be_swapped_and_outside_of_the_scale() -> None:
    assert [error.argument for error in range_faults(1.0, 0.0, "log")] == ["low", "high"]
    assert [error.argument for error in range_faults(-1.0, 0.0, "log")] == ["low", "high"]
    assert [error.argument for error in range_faults(0.0, 0.0, "log")] == ["high", "low", "high"]
    assert [error.argument for error in range_faults(2.0, 0.5, "1-beta")] == ["low", "low"]


def test_bounds_that_cannot_be_told_apart_are_told_once_they_are_right_otherwise() -> None:
    assert [error.argument for error in range_faults(-1e308, 1e308, "linear")] == ["high"]
    assert list(range_faults(0.1, 1.0, "log")) == []


def test_every_option_that_comes_again_is_told_by_its_number() -> None:
    assert [error.argument for error in choice_faults({0: 8, 2: 8, 5: 8.0, 6: True, 7: 1})] == ["2", "5"]
    assert [error.argument for error in choice_faults({0: 8})] == ["options"]
    assert list(choice_faults({0: 8}, is_complete=False)) == []
