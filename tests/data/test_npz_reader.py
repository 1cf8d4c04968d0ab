from __future__ import annotations

import contextlib
import io
import zipfile
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.data.npz_reader import read_npz
from hpsearch.data.table import MISSING_TEXTS, Table
from hpsearch.errors import DataError


def packed(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def table_of(data: bytes, *missing: str) -> Table:
    return read_npz(data, "data.npz", "hash", (*MISSING_TEXTS, *missing))


def fault_of(data: bytes) -> str:
    with pytest.raises(DataError) as caught:
        table_of(data)
    return str(caught.value)


def test_an_array_is_a_column_and_a_matrix_one_per_place() -> None:
    table = table_of(packed(age=np.array([3, 4]), x=np.arange(12).reshape(2, 2, 3), y=np.array(["b", "a"])))
    assert list(table.columns) == ["age", *(f"x[{j}]" for j in range(6)), "y"]
    assert table.columns["age"].numbers.tolist() == [3, 4]
    assert table.columns["x[4]"].numbers.tolist() == [4, 10]
    assert [table.columns["y"].text(row) for row in range(2)] == ["b", "a"]
    assert len(table) == 2


def test_booleans_are_texts() -> None:
    column = table_of(packed(y=np.array([True, False]))).columns["y"]
    assert [column.text(row) for row in range(2)] == ["true", "false"]


def test_nan_and_the_missing_texts_mean_missing() -> None:
    data = packed(x=np.array([1.5, np.nan, -999]), s=np.array(["a", " NA", "-999"]), n=np.array([7, -999, 8]))
    table = table_of(data, "-999")
    assert table.columns["x"].missing.tolist() == [False, True, True]
    assert table.columns["s"].missing.tolist() == [False, True, True]
    assert table.columns["n"].missing.tolist() == [False, True, False]


def test_infinity_may_be_declared_missing() -> None:
    assert table_of(packed(x=np.array([1.5, np.inf])), "inf").columns["x"].missing.tolist() == [False, True]


def test_whole_numbers_as_texts_have_no_point_and_keep_every_digit() -> None:
    texts = table_of(packed(a=np.array([2.0, 0.5, np.nan]), b=np.array([2**53 + 1, 1, 1]))).columns
    assert texts["a"].texts.levels.texts == ("0.5", "2")
    assert texts["a"].texts.codes.tolist() == [1, 0, -1]
    assert texts["b"].texts.levels.texts == ("1", "9007199254740993")


def test_missing_numbers_are_told_from_others_by_every_digit() -> None:
    near = np.array([2**60, 2**60 + 1, -1])
    column = table_of(packed(a=near, b=near.astype(np.float64)), "-1", str(2**60 + 1), "0.5", "inf", "9" * 400).columns["a"]
    assert column.missing.tolist() == [False, True, True]
    assert column.texts.levels.texts == ("1152921504606846976",)
    assert table_of(packed(a=np.array([3, 255], np.uint8)), "-1", "3.0").columns["a"].missing.tolist() == [True, False]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "(",
        "  1\n 2",
        "{[]: 1}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999999999, 9)}",
    ],
)
def test_a_header_that_makes_no_sense_is_an_error_of_data(header: str) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("y.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + bytes(16))
    assert fault_of(stream.getvalue()).startswith("data.npz: cannot be read as .npz: ")


def test_pickled_objects_are_never_loaded() -> None:
    assert "Object arrays cannot be loaded" in fault_of(packed(x=np.array([1, None], object)))


def test_arrays_of_other_lengths_are_named() -> None:
    message = fault_of(packed(x=np.ones((5, 2)), y=np.ones(4)))
    assert message == "data.npz: the arrays differ in their number of rows: `x` has 5, `y` has 4"


@pytest.mark.parametrize("array", [np.ones(2, complex), np.array(["2020-01-01"], "datetime64[D]"), np.array([b"a"])])
def test_an_array_of_neither_numbers_nor_texts_is_an_error(array: Any) -> None:
    assert fault_of(packed(x=array)).startswith("data.npz: `x` holds neither numbers, booleans nor texts")


def test_a_member_that_is_no_array_is_an_error() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("readme", "hello")
    assert "`readme` holds neither" in fault_of(stream.getvalue())


def test_two_arrays_may_not_give_one_column() -> None:
    assert fault_of(packed(**{"x": np.ones((2, 1)), "x[0]": np.ones(2)})) == "data.npz: two arrays give a column `x[0]`"


@pytest.mark.parametrize("data", [packed(), packed(x=np.ones(0)), packed(x=np.float64(3))])
def test_an_archive_without_rows_is_an_error(data: bytes) -> None:
    assert fault_of(data) == "data.npz: there are no rows"


@pytest.mark.parametrize("data", [b"", b"zzz", b"\x93NUMPY"])
def test_another_file_is_not_taken_for_an_archive(data: bytes) -> None:
    assert fault_of(data).startswith("data.npz: this is not an .npz archive")


@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=3), st.booleans())
def test_a_damaged_archive_is_read_or_is_an_error_of_data(place: int, damage: bytes, cut: bool) -> None:
    data = bytearray(packed(x=np.ones((3, 2)), y=np.arange(3)))
    place %= len(data)
    data[place : len(data) if cut else place + len(damage)] = damage
    with contextlib.suppress(DataError):
        assert len(table_of(bytes(data))) > 0
