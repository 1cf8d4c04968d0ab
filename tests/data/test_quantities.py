from __future__ import annotations

import statistics
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.data.csv_reader import read_csv
from hpsearch.data.npz_reader import column_of
from hpsearch.data.quantities import TargetScale, quantities
from hpsearch.data.table import MISSING_TEXTS, Table
from hpsearch.errors import UsageError


def table_of(targets: Sequence[object]) -> Table:
    lines = ["a;y", *(f"1;{target}" for target in targets)]
    return read_csv("\n".join(lines).encode(), "data.csv", "hash", MISSING_TEXTS)


def fault_of(targets: Sequence[object]) -> str:
    with pytest.raises(UsageError) as caught:
        quantities(table_of(targets), "y")
    return str(caught.value)


def test_the_values_are_read_in_full() -> None:
    values = quantities(table_of(["0.1", "-2", "1e3", "01"]), "y")
    assert values.dtype == np.float64
    assert values.tolist() == [0.1, -2, 1000, 1]


def test_a_text_is_an_error_at_its_line() -> None:
    message = "data.csv:3: the target 'much\\x1b' is no number\n      regression needs numbers: mend or remove such rows"
    assert fault_of([1, "much\x1b", 2]) == message


def test_a_decimal_comma_is_told_as_such() -> None:
    assert fault_of([1, "1,5"]) == "data.csv:3: the target '1,5' is no number\n      a number has a point, and no comma"


@pytest.mark.parametrize("text", ["inf", "-inf", "1e999", "3.5e38"])
def test_a_target_without_end_is_an_error_at_its_line(text: str) -> None:
    assert fault_of([1, 2, text]).startswith(f"data.csv:4: the target '{text}' is infinite or too large for float32")


def test_an_infinite_target_in_an_array_is_an_error_at_its_row() -> None:
    table = Table("a.npz", {"y": column_of(np.array([1.0, -np.inf]), ())}, np.arange(2), has_lines=False, sha256="hash")
    with pytest.raises(UsageError, match=r"a\.npz: row 1 \(from 0\): the target '-inf' is infinite"):
        quantities(table, "y")


def test_a_row_without_a_target_is_an_error_at_its_line() -> None:
    assert fault_of([1, "", 2]).startswith("data.csv:3: no value of the target `y`; 1 row has none")


def test_the_scale_is_the_mean_and_the_deviation_of_the_population() -> None:
    assert TargetScale.fit(table_of([1, 2, 3, 4, 5]), "y") == TargetScale(3.0, 2**0.5)


def test_other_rows_go_through_the_scale_of_the_training_part() -> None:
    values = TargetScale(2.0, 4.0).standardised(table_of([2, 6, 0.5]), "y")
    assert values.dtype == np.float32
    assert values.tolist() == [0, 1, -0.375]


@pytest.mark.parametrize("targets", [["2.5", "2.50"], ["7"], ["1e-200", "2e-200"]])
def test_a_training_part_whose_targets_do_not_differ_is_an_error(targets: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        TargetScale.fit(table_of(targets), "y")
    message = f"data.target: all training rows have the same target, or nearly so: `y` is '{targets[0]}'"
    assert str(caught.value) == f"{message}\n      predict another column"


def test_a_target_of_another_world_is_an_error_at_its_line() -> None:
    with pytest.raises(
        UsageError, match=r"data\.csv:3: the target '1e10' is more than 1e\+15 deviations away from the mean"
    ):
        TargetScale(0.0, 1e-9).standardised(table_of([1, "1e10"]), "y")


@given(st.lists(st.floats(-1e30, 1e30, allow_subnormal=False), min_size=2, max_size=30))
def test_the_standardised_training_part_has_mean_0_and_deviation_1(targets: list[float]) -> None:
    table = table_of(list(map(repr, targets)))
    try:
        scale = TargetScale.fit(table, "y")
    except UsageError:
        assert max(targets) - min(targets) < 1e-150
        return
    assert scale.mean == pytest.approx(statistics.fmean(targets), rel=1e-12, abs=1e-12 * max(map(abs, targets)))
    values = scale.standardised(table, "y")
    assert np.isfinite(values).all()
    if scale.deviation > 1e-6 * max(map(abs, targets)):  # else the rounding of the mean shows
        assert values.mean(dtype=np.float64) == pytest.approx(0, abs=1e-6)
        assert values.std(dtype=np.float64) == pytest.approx(1, abs=1e-6)
        again = values.astype(np.float64) * scale.deviation + scale.mean  # float32 could not hold 1e-120
        np.testing.assert_allclose(again, targets, atol=1e-6 * max(map(abs, targets)))
