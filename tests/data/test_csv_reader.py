from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.data.csv_reader import read_csv
from hpsearch.data.table import MISSING_TEXTS, Table, Texts
from hpsearch.errors import DataError


def table_of(data: str | bytes, missing: tuple[str, ...] = MISSING_TEXTS) -> Table:
    return read_csv(data.encode() if isinstance(data, str) else data, "data.csv", "hash", missing)


def values(table: Table, name: str) -> list[str | None]:
    column = table.columns[name]
    assert isinstance(column, Texts)
    return [None if code < 0 else column.levels.texts[code] for code in column.codes.tolist()]


def fault_of(data: str | bytes) -> str:
    with pytest.raises(DataError) as caught:
        table_of(data)
    return str(caught.value)


def test_columns_are_found_by_name_and_values_are_stripped() -> None:
    table = table_of("a, b ,c\n1, x,2.5\n 3 ,y ,-1e-3\n")
    assert list(table.columns) == ["a", "b", "c"]
    assert values(table, "a") == ["1", "3"]
    assert values(table, "b") == ["x", "y"]
    assert table.columns["c"].numbers.tolist() == [2.5, -0.001]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_taken_from_the_header(delimiter: str) -> None:
    table = table_of(f"a{delimiter}b\n1{delimiter}2\n")
    assert values(table, "b") == ["2"]


def test_a_quoted_delimiter_in_the_header_does_not_count() -> None:
    table = table_of('"a,x,y,z";b\n"1,5";2\n')
    assert list(table.columns) == ["a,x,y,z", "b"]
    assert values(table, "a,x,y,z") == ["1,5"]


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert list(table_of(b"\xef\xbb\xbf" + "é,b\n1,2\n".encode()).columns) == ["é", "b"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_ending_is_read(ending: str) -> None:
    table = table_of(ending.join(["a,b", "1,2", "3,4"]))
    assert values(table, "b") == ["2", "4"]
    assert table.lines.tolist() == [2, 3]


def test_blank_lines_are_skipped_and_lines_still_counted() -> None:
    table = table_of("\n  \na,b\n\n1,2\n   \n3,4\n\n")
    assert values(table, "a") == ["1", "3"]
    assert table.lines.tolist() == [5, 7]


def test_a_file_of_blank_lines_after_the_header_has_no_rows() -> None:
    assert fault_of("a,b\n\n   \n\n") == "data.csv: there are no rows, only a header"


def test_a_row_with_a_newline_in_quotes_stands_on_its_first_line() -> None:
    table = table_of('a,b\n"x\ny",1\nz,2\n')
    assert values(table, "a") == ["x\ny", "z"]
    assert table.lines.tolist() == [2, 4]


@pytest.mark.parametrize("text", ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?", "  ", " NA "])
def test_the_usual_texts_mean_missing(text: str) -> None:
    table = table_of(f"a,b\n{text},1\n")
    assert values(table, "a") == [None]
    assert table.columns["a"].missing.tolist() == [True]


def test_an_empty_field_in_a_file_of_one_column_is_a_missing_value() -> None:
    assert values(table_of('a\n1\n""\n\n2\n'), "a") == ["1", None, "2"]


def test_texts_equal_once_stripped_are_one_level() -> None:
    column = table_of("a,b\nx,1\n x ,1\nx,1\n").columns["a"]
    assert isinstance(column, Texts)
    assert column.levels.texts == ("x",)
    assert column.counts.tolist() == [3]


def test_a_ragged_row_is_an_error_at_its_line() -> None:
    assert fault_of("a,b,c\n1,2,3\n\n1,2\n") == "data.csv:4: 2 fields, where 3 are expected"


def test_a_ragged_row_far_down_is_found() -> None:
    assert fault_of("a,b\n" + "1,2\n" * 9000 + "1,2,3\n").startswith("data.csv:9002: 3 fields")


def test_duplicate_names_are_an_error() -> None:
    way = "if this is a row of data, write one of names above it"
    assert fault_of("a,b, a\n1,2,3\n") == f"data.csv:1: names that stand twice in the header: `a`\n      {way}"


def test_a_name_missing_in_the_middle_is_an_error() -> None:
    assert fault_of("a,,c\n1,2,3\n") == "data.csv:1: field 2 of the header has no name"


def test_an_unnamed_first_column_is_left_out_with_a_note() -> None:
    table = table_of(",a,b\n0,1,2\n1,3,4\n")
    assert list(table.columns) == ["a", "b"]
    assert values(table, "a") == ["1", "3"]
    assert table.notes == ("the first column has no name: taken for names of the rows, and left out",)


def test_one_field_more_in_every_row_is_taken_for_row_names() -> None:
    table = table_of("a,b\nr1,1,2\nr2,3,4\n")
    assert values(table, "b") == ["2", "4"]
    assert len(table.notes) == 1


def test_one_field_more_in_the_first_row_only_is_an_error() -> None:
    assert "data.csv:3: 2 fields, where 3 are expected" in fault_of("a,b\n1,2,3\n4,5\n")


def test_delimiters_that_end_the_rows_alone_are_not_taken_for_row_names() -> None:
    assert fault_of("a,b\n1,2,\n3,4,\n") == "data.csv:2: every row ends with a delimiter that the header lacks"


@pytest.mark.parametrize("data", ["", "  \n\n"])
def test_an_empty_file_is_an_error(data: str) -> None:
    assert fault_of(data) == "data.csv: the file is empty"


def test_a_header_alone_is_an_error() -> None:
    assert fault_of("a,b\n") == "data.csv: there are no rows, only a header"


def test_other_encodings_are_named_by_line_and_byte() -> None:
    assert fault_of(b"a,b\n1,2\ncaf\xe9,3\n").startswith("data.csv:3: byte 11 of the file, 0xe9, is not UTF-8")


def test_a_nul_byte_is_an_error_at_its_line() -> None:
    assert fault_of(b"a,b\n1,\x002\n") == "data.csv:2: a NUL byte, which no text has"


@pytest.mark.parametrize(
    ("start", "advice"), [(b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "export it as CSV"), (b"\xff\xfea\0", "UTF-16")]
)
def test_what_is_not_csv_is_named(start: bytes, advice: str) -> None:
    assert advice in fault_of(start + b"abc")


def test_a_quote_that_never_closes_is_an_error_where_it_opens() -> None:
    assert fault_of('a,b\n1,2\n3,"x\n4,5\n').startswith("data.csv:3: cannot be read as CSV: unexpected end of data")


@pytest.mark.parametrize("data", ['"' + "a," * 100_000, "x" * 140_000 + ",b\n1,2\n"])
def test_a_field_without_end_is_an_error(data: str) -> None:
    message = fault_of(data)
    assert message.startswith("data.csv:1: a field of more than 131,072 characters, which is no value to learn from\n")
    assert "may not be closed" in message


def test_names_in_messages_are_escaped() -> None:
    assert "`\\x1b[31m`" in fault_of("\x1b[31m,\x1b[31m\n1,2\n")


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
tables = st.integers(2, 4).flatmap(
    lambda width: st.tuples(
        st.lists(words.map(str.strip).filter(bool), min_size=width, max_size=width, unique=True),
        st.lists(st.lists(words, min_size=width, max_size=width), min_size=1, max_size=6),
    )
)


@given(tables, st.sampled_from(["\n", "\r\n"]))
def test_a_table_written_by_the_csv_module_reads_back_the_same(
    table: tuple[list[str], list[list[str]]], ending: str
) -> None:
    header, rows = table
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerows([header, *rows])
    read = table_of(b"\xef\xbb\xbf" + stream.getvalue().encode(), missing=("",))
    assert list(read.columns) == header
    for name, texts in zip(header, zip(*rows, strict=True), strict=True):
        assert values(read, name) == [text.strip() or None for text in texts]
    assert np.all(np.diff(read.lines) >= 1)
