from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.data.columns import InputKind, column_kinds
from hpsearch.data.csv_reader import read_csv
from hpsearch.data.npz_reader import column_of
from hpsearch.data.preprocessing import CategoryInput, NumberInput, Preprocessing, Scaling
from hpsearch.data.table import MISSING_TEXTS, Table
from hpsearch.errors import DataError


def table_of(**columns: Sequence[object]) -> Table:
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    return read_csv("\n".join(lines).encode(), "data.csv", "hash", MISSING_TEXTS)


def fitted(table: Table, scaling: Scaling = "standardise", **declared: InputKind) -> Preprocessing:
    return Preprocessing.fit(table, column_kinds(table, declared, ()), scaling)


def encoded(train: Table, table: Table | None = None, scaling: Scaling = "standardise") -> list[list[float]]:
    rows: list[list[float]] = fitted(train, scaling).encode(table or train).tolist()
    return rows


def test_numbers_are_standardised_with_the_deviation_of_the_population() -> None:
    train = table_of(a=[1, 2, 3, 4, 5], b=[0, 0, 0, 0, 1])
    preprocessing = fitted(train)
    assert preprocessing.inputs[0] == NumberInput("a", fill=3.0, subtract=3.0, divide=2.0**0.5, indicator=False)
    root = np.float32(2**0.5)
    expected = np.array([-2 / 2**0.5, -1 / 2**0.5, 0, 1 / 2**0.5, root], np.float32)
    np.testing.assert_array_equal(preprocessing.encode(train)[:, 0], expected)


def test_other_rows_go_through_the_numbers_of_the_training_part() -> None:
    assert encoded(table_of(a=[0, 4], b=[0, 1]), table_of(b=[0], a=[10])) == [[4, -1]]  # mean 2, deviation 2


def test_scale_maps_the_training_range_to_0_and_1() -> None:
    assert encoded(table_of(a=[10, 20], b=[5, 6]), table_of(a=[15, 30], b=[5, 5]), "scale") == [[0.5, 0], [2, 0]]


def test_none_leaves_numbers_as_they_are() -> None:
    assert encoded(table_of(a=[10, 20.5], b=[5, 6]), scaling="none") == [[10, 5], [20.5, 6]]


def test_a_missing_number_becomes_the_training_mean_with_an_indicator() -> None:
    train = table_of(a=[0, 4, ""], b=[0, 1, 0])
    preprocessing = fitted(train)
    assert preprocessing.feature_names == ("a", "a: missing", "b")
    assert preprocessing.encode(train)[:, :2].tolist() == [[-1, 0], [1, 0], [0, 1]]
    assert encoded(train, scaling="none")[2][:2] == [2, 1]


def test_where_no_training_row_misses_a_number_there_is_no_indicator() -> None:
    assert encoded(table_of(a=[0, 4], b=[0, 1]), table_of(a=[""], b=[0])) == [[0, -1]]


@pytest.mark.parametrize("value", [7, 0.1, 1e-300, 3e38])
def test_a_constant_number_becomes_0_as_deviation_0_counts_as_1(value: float) -> None:
    train = table_of(a=[value] * 7, b=range(7))
    entry = fitted(train).inputs[0]
    assert isinstance(entry, NumberInput)
    assert (entry.subtract, entry.divide) == (value, 1)
    assert fitted(train).encode(train)[:, 0].tolist() == [0] * 7
    assert fitted(train, "scale").encode(train)[:, 0].tolist() == [0] * 7


def test_levels_are_ordered_by_frequency_then_by_text_and_rare_ones_are_other() -> None:
    train = table_of(c=["b", "b", "a", "a", "z", "z", "z", "rare"], n=range(8))
    preprocessing = fitted(train)
    assert preprocessing.inputs[0] == CategoryInput("c", ("z", "a", "b"), missing_level=False)
    assert preprocessing.feature_names == ("c=z", "c=a", "c=b", "c: other", "n")
    codes = preprocessing.encode(table_of(c=["z", "a", "b", "rare", "new", ""], n=[0] * 6))[:, :4]
    assert codes.tolist() == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 1]]


def test_missing_is_a_level_of_its_own_when_the_training_part_has_it() -> None:
    train = table_of(c=["a", "a", "", "x"], n=range(4))
    preprocessing = fitted(train)
    assert preprocessing.feature_names == ("c=a", "c: missing", "c: other", "n")
    assert preprocessing.encode(train)[:, :3].tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_at_most_fifty_levels_have_a_feature() -> None:
    train = table_of(c=[f"level{number:02}" for number in range(60)] * 2, n=range(120))
    entry = fitted(train).inputs[0]
    assert isinstance(entry, CategoryInput)
    assert entry.levels == tuple(f"level{number:02}" for number in range(50))


def test_levels_of_rows_outside_the_training_part_are_unknown() -> None:
    table = table_of(c=["a", "a", "b", "b"], n=range(4))
    train = table.take(np.array([0, 1, 2]))
    assert fitted(train).encode(table)[:, :2].tolist() == [[1, 0], [1, 0], [0, 1], [0, 1]]


def test_numbers_of_an_array_can_be_a_category() -> None:
    table = Table("a.npz", {"c": column_of(np.array([3.0, 3.0, 0.5, np.nan]), ())}, np.arange(4), False, "hash")
    preprocessing = fitted(table, c="category")
    assert preprocessing.feature_names == ("c=3", "c: missing", "c: other")
    assert preprocessing.encode(table).tolist() == [[1, 0, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0]]


def test_inputs_are_float32_row_by_row_in_memory() -> None:
    inputs = fitted(table_of(a=[1, 2], c=["x", "x"])).encode(table_of(c=["x", "y"], a=[1, 2]))
    assert inputs.dtype == np.float32
    assert inputs.flags.c_contiguous
    assert inputs.shape == (2, 3)


def test_a_table_without_a_column_is_an_error() -> None:
    with pytest.raises(DataError) as caught:
        fitted(table_of(a=[1, 2], b=[3, 4], c=["x", "x"])).encode(table_of(a=[1, 2], d=[3, 4]))
    assert str(caught.value) == (
        "data.csv: columns that the model was trained on are not there: `b`, `c`\n      there are: `a`, `d`"
    )


def test_a_text_where_a_number_was_is_an_error_at_its_line() -> None:
    with pytest.raises(DataError, match=r"data\.csv:3: 'x' is no number, and `a` is a column of numbers"):
        fitted(table_of(a=[1, 2], b=[3, 4])).encode(table_of(a=[1, "x"], b=[3, 4]))


def test_rows_that_count_as_other_are_noted_with_their_values() -> None:
    train = table_of(c=["a", "a", "b", "b", "rare"], d=["x", "x", "", "x", "x"], n=range(5))
    preprocessing = fitted(train)
    table = table_of(c=["a", "new\x1b", "rare", "", "rare"], d=["x", "", "x", "x", "x"], n=range(5))
    note = (
        "`c`: 4 of 5 rows count as `other`: in 3 a value never seen in training, or too rare there: 'new\\x1b', 'rare'; "
        "in 1 no value, where every training row has one"
    )
    assert preprocessing.unseen(table) == (note,)
    others = preprocessing.encode(table)[:, preprocessing.feature_names.index("c: other")]
    assert others.sum() == 4


def test_at_most_five_unseen_values_are_named() -> None:
    preprocessing = fitted(table_of(c=["a", "a"], n=range(2)))
    (note,) = preprocessing.unseen(table_of(c=list("bcdefghb"), n=range(8)))
    assert note.endswith(
        "count as `other`: in 8 a value never seen in training, or too rare there: 'b', 'c', 'd', 'e', 'f' and 2 more"
    )


def test_rows_that_training_knew_are_not_noted_nor_are_columns_of_numbers() -> None:
    train = table_of(c=["a", "a", "", "b", "b"], n=range(5))
    assert fitted(train).unseen(table_of(c=["b", "", "a"], n=["", 99, 1])) == ()


def test_the_other_rows_of_a_table_have_no_say_in_the_notes() -> None:
    table = table_of(c=["a", "a", "new"], n=range(3))
    assert fitted(table.take(np.arange(2))).unseen(table.take(np.arange(2))) == ()


def test_rows_without_a_column_cannot_be_looked_through() -> None:
    with pytest.raises(DataError, match="columns that the model was trained on are not there: `c`"):
        fitted(table_of(c=["a", "a"], n=range(2))).unseen(table_of(n=[1], d=[2]))


def test_the_plain_form_explains_itself() -> None:
    train = table_of(a=[0, 4, ""], c=["x", "x", "y"])
    plain = Preprocessing.fit(train, {"a": "number", "c": "category"}, "standardise", ["unknown"]).to_plain()
    assert plain["columns"] == [
        {"kind": "number", "column": "a", "fill": 2.0, "subtract": 2.0, "divide": 2.0, "indicator": True},
        {"kind": "category", "column": "c", "levels": ["x"], "missing_level": False},
    ]
    assert plain["features"] == ["a", "a: missing", "c=x", "c: other"]
    assert plain["missing_texts"] == [*MISSING_TEXTS, "unknown"]
    assert any("(x - subtract) / divide" in sentence for sentence in plain["about"])


def test_the_plain_form_of_another_version_is_refused() -> None:
    with pytest.raises(DataError, match="preprocessing of format 2; this version reads 1"):
        Preprocessing.from_plain({"format": 2})


finite = st.floats(-3.4e38, 3.4e38, width=64)
number_columns = st.lists(st.none() | finite, min_size=4, max_size=12).filter(lambda values: any(values[:4]))
text_columns = st.lists(st.sampled_from(["", "a", "b", "c d", "é"]), min_size=12, max_size=12)
scalings: st.SearchStrategy[Scaling] = st.sampled_from(["standardise", "scale", "none"])


@given(number_columns, text_columns, scalings)
def test_encoding_never_yields_nan_or_infinity_and_the_plain_form_round_trips(
    numbers: list[float | None], texts: list[str], scaling: Scaling
) -> None:
    values = ["" if number is None else repr(number) for number in numbers]
    table = table_of(a=values, c=texts[: len(values)])
    train = table.take(np.arange(4))
    preprocessing = Preprocessing.fit(train, {"a": "number", "c": "category"}, scaling)
    inputs = preprocessing.encode(table)
    assert np.isfinite(inputs).all()
    one_hot = inputs[:, len(preprocessing.inputs[0].feature_names) :]
    assert one_hot.sum(axis=1).tolist() == [1] * len(values)
    again = Preprocessing.from_plain(json.loads(json.dumps(preprocessing.to_plain(), allow_nan=False)))
    assert again == preprocessing
    assert again.encode(table).tobytes() == inputs.tobytes()
