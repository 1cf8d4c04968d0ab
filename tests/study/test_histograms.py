from __future__ import annotations

import pytest

from hpsearch.space.parameters import Choice, Domain, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.histograms import Bin, histograms
from hpsearch.trial import Params, Value


def bins(domain: Domain, values: list[Value], *, is_beta: bool = False) -> tuple[Bin, ...]:
    space = SearchSpace({"x": Entry(domain)})
    return histograms(space, [{"x": value} for value in values], ["x"] if is_beta else [])[0].bins


def lows(domain: Domain, *, is_beta: bool = False) -> list[Value]:
    return [part.low for part in bins(domain, [], is_beta=is_beta)]


def test_a_range_of_two_decades_or_more_is_cut_at_powers_of_ten() -> None:
    assert lows(Real(1e-4, 1, "log")) == [1e-4, 1e-3, 1e-2, 0.1]
    assert lows(Real(3e-4, 0.2, "linear")) == [3e-4, 1e-3, 1e-2, 0.1]
    assert lows(Whole(16, 4096, "log")) == [16, 100, 1000]
    assert lows(Real(1e-20, 1, "log")) == [1e-20, 1e-19, 1e-16, 1e-13, 1e-10, 1e-7, 1e-4, 1e-1]


def test_a_shorter_one_is_cut_into_four_parts_that_are_alike_on_its_scale() -> None:
    assert lows(Whole(16, 256, "log")) == [16, 32, 64, 128]
    assert lows(Real(1, 16, "log")) == [1, 2, 4, 8]
    assert lows(Real(1, 3, "log")) == pytest.approx([1, 3**0.25, 3**0.5, 3**0.75])
    assert lows(Real(1, 17)) == [1, 5, 9, 13]
    assert lows(Real(-5, 10)) == [-5, -1.25, 2.5, 6.25]


def test_whole_numbers_on_a_linear_scale_are_cut_evenly_however_many_decades_they_span() -> None:
    assert lows(Whole(1, 101)) == [1, 26, 51, 76]
    assert lows(Whole(0, 1000)) == [0, 250, 500, 750]
    assert lows(Whole(1, 101, "log")) == [1, 10, 100]


def test_a_beta_is_cut_by_its_averaging_window() -> None:
    assert lows(Real(0.9, 0.999, "1-beta"), is_beta=True) == pytest.approx([0.9, 0.99])
    assert lows(Real(0.5, 0.875, "1-beta"), is_beta=True) == pytest.approx([1 - 1 / w for w in (2, 8**0.5, 4, 32**0.5)])
    assert lows(Real(0.9, 0.999, "1-beta")) != pytest.approx([0.9, 0.99])


def test_few_values_are_counted_one_by_one() -> None:
    assert bins(Whole(1, 3), [3, 1, 3]) == (Bin(1, None, 1), Bin(2, None, 0), Bin(3, None, 2))
    assert bins(Choice([1, True, [8, 4]]), [True, [8, 4], True]) == (
        Bin(1, None, 0),
        Bin(True, None, 2),
        Bin([8, 4], None, 1),
    )
    assert bins(Real(0, 0.5, step=0.25), [0.25]) == (Bin(0.0, None, 0), Bin(0.25, None, 1), Bin(0.5, None, 0))


def test_a_part_has_its_lower_bound_and_the_last_one_both() -> None:
    found = bins(Real(0.01, 1, "log"), [0.01, 0.0999, 0.1, 0.5, 1])
    assert found == (Bin(0.01, 0.1, 2), Bin(0.1, 1, 3))
    assert [part.count for part in bins(Whole(1, 9), [1, 2, 3, 4, 5, 6, 7, 8, 9])] == [2, 2, 2, 3]  # cut at 3, 5 and 7


SPACE = SearchSpace(
    {
        "optimizer": Entry(Choice(["adam", "sgd"])),
        "beta1": Entry(Real(0.5, 0.9, "1-beta"), when={"optimizer": ("adam",)}),
        "hidden_layers": Entry(Whole(1, 2)),
        "hidden_units": Entry(Choice([4, 8]), layers=2),
    }
)


def test_a_conditional_is_active_in_a_share_of_the_trials_and_layers_are_counted_together() -> None:
    trials: list[Params] = [
        {"optimizer": "adam", "beta1": 0.6, "hidden_layers": 2, "hidden_units_1": 4, "hidden_units_2": 8},
        {"optimizer": "sgd", "hidden_layers": 1, "hidden_units_1": 8},
    ]
    optimizer, beta1, layers, units = histograms(SPACE, trials, ["beta1"])
    assert (optimizer.kind, optimizer.scale, optimizer.active) == ("choice", "", 1.0)
    assert (beta1.kind, beta1.scale, beta1.is_beta, beta1.active) == ("real", "1-beta", True, 0.5)
    assert (beta1.when, sum(part.count for part in beta1.bins)) == ({"optimizer": ("adam",)}, 1)
    assert (layers.kind, layers.scale) == ("whole", "linear")
    assert (units.layers, units.active, units.bins) == (2, 1.0, (Bin(4, None, 1), Bin(8, None, 2)))
