from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from hpsearch.data.readers import read_table
from hpsearch.errors import DataError

TEXT = b"a,y\n1,x\n2,z\n"


def fault_of(path: Path | str) -> str:
    with pytest.raises(DataError) as caught:
        read_table(str(path))
    return str(caught.value)


def test_a_packed_file_holds_the_same_table_as_the_plain_one(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(TEXT)
    (tmp_path / "b.CSV.GZ").write_bytes(gzip.compress(TEXT))
    plain, zipped = (read_table(str(tmp_path / name)) for name in ("a.csv", "b.CSV.GZ"))
    assert plain.columns["a"].numbers.tolist() == zipped.columns["a"].numbers.tolist() == [1, 2]
    assert plain.lines.tolist() == zipped.lines.tolist() == [2, 3]


def test_the_hash_is_that_of_the_files_bytes(tmp_path: Path) -> None:
    zipped = gzip.compress(TEXT)
    (tmp_path / "a.csv.gz").write_bytes(zipped)
    assert read_table(str(tmp_path / "a.csv.gz")).sha256 == hashlib.sha256(zipped).hexdigest()


def test_further_texts_may_mean_missing(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,y\n-999,x\n2,unknown\n")
    table = read_table(str(tmp_path / "a.csv"), ["-999", " unknown "])
    assert table.columns["a"].missing.tolist() == [True, False]
    assert table.columns["y"].missing.tolist() == [False, True]


def test_an_npz_file_is_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", y=np.arange(3))
    assert read_table(str(tmp_path / "a.npz")).columns["y"].numbers.tolist() == [0, 1, 2]


def test_the_digits_are_embedded() -> None:
    table = read_table("digits")
    assert len(table) == 1797
    assert len(table.columns) == 65
    assert table.columns["pixel_0_2"].numbers[:3].tolist() == [5, 0, 0]


def test_a_file_that_is_not_there_is_named_in_full_with_its_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "train.csv").write_bytes(TEXT)
    (tmp_path / "trainn.txt").write_bytes(TEXT)
    monkeypatch.chdir(tmp_path)
    message = f"{tmp_path / 'trian.csv'}: there is no such file\n      did you mean train.csv?"
    assert fault_of("trian.csv") == message


def test_a_misspelt_digits_is_understood(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "digit").endswith("did you mean digits?")


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "no" / "a.csv").endswith(f"nor is there a directory {tmp_path / 'no'}")


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    assert fault_of(tmp_path).startswith(f"{tmp_path}: this is a directory")


def test_a_path_through_a_file_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(TEXT)
    assert fault_of(tmp_path / "a.csv" / "b.csv").endswith("cannot be read: Not a directory")


def test_a_path_that_no_file_can_have_cannot_be_read(tmp_path: Path) -> None:
    assert "cannot be read: " in fault_of(tmp_path / "a\0b.csv")
    assert "cannot be read: File name too long" in fault_of(tmp_path / ("x" * 300 + ".csv"))


@pytest.mark.parametrize("name", ["a.tsv", "a.parquet", "a", "a.gz"])
def test_another_ending_is_an_error_that_tells_the_formats(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(TEXT)
    message = fault_of(tmp_path / name)
    assert "the file's ending tells no format" in message
    assert ".csv.gz and .npz" in message


@pytest.mark.parametrize(
    "data",
    [TEXT, b"", gzip.compress(TEXT, mtime=0)[:-9], gzip.compress(TEXT, mtime=0)[:12] + b"zzzzzzzz"],
    ids=["text", "empty", "cut", "damaged"],
)
def test_what_cannot_be_unpacked_is_an_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.csv.gz").write_bytes(data)
    message = fault_of(tmp_path / "a.csv.gz")
    assert "cannot be unpacked as gzip" in message or "the file is empty" in message


def test_control_characters_in_a_path_are_escaped(tmp_path: Path) -> None:
    assert "\\x1b[31m.csv: there is no such file" in fault_of(tmp_path / "\x1b[31m.csv")
