"""Specs and data files made to break a reader: each is refused with a clear error, soon, and in bounded memory."""

from __future__ import annotations

import gzip
import io
import os
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from commands import Command
from test_hostile import assert_clear

from hpsearch.data.table import MAX_BYTES, MOST_COLUMNS

SPACE = "space: {learning_rate: {range: [1e-4, 1]}}\n"


def laughing(value: str, line: str) -> str:
    """Return ten levels of aliases, each with ten of the level below."""
    lines = [f"a0: &a0 {value}", *(line.format(i, ", ".join([f"*a{i - 1}"] * 10)) for i in range(1, 10))]
    return "\n".join(lines)


WIDE = f"{{{', '.join(f'k{n}: 1' for n in range(2000))}}}"
HUGE_SPECS = {
    "aliases": (laughing("[x]", "a{0}: &a{0} [{1}]"), "aliases write out"),
    "merges": (laughing("{x: 1}", "a{0}: &a{0} {{<<: [{1}]}}"), "aliases write out"),
    "wide merges": (f"a: &a {WIDE}\nb: {{<<: [{', '.join(['*a'] * 2000)}]}}", "aliases write out"),
    "values": (f"{SPACE}seed: [{'1, ' * 10_001}]", "more than 10,000 keys and values"),
    "keys": (SPACE + "".join(f"k{n}: 1\n" for n in range(60)), "\nand 10 more mistakes\n"),
    "very many keys": (SPACE + "".join(f"k{n}: 1\n" for n in range(300)), "\nand at least 150 more mistakes\n"),
    "flow": ("space: " + "[" * 100_000, "nested deeper than 20"),
    "blocks": ("\n".join(" " * depth + "a:" for depth in range(400)), "nested deeper than 20"),
    "a scalar": (f"{SPACE}seed: {'x' * 900_000}", "not the text 'xxx"),
    "a key": (f"{SPACE}? {'x' * 900_000}\n: 1", "a key must be a word of up to 200 letters"),
    "a tag": (f"{SPACE}seed: !{'x' * 900_000} 1", "the tag !xxx"),
    "digits": (f"{SPACE}seed: {'9' * 900_000}", "cannot be read as int"),
    "bytes": ("#" * 1_000_001, "larger than 1,000,000 bytes"),
}


@pytest.mark.parametrize("case", HUGE_SPECS)
def test_a_spec_of_huge_parts_gets_a_short_error(case: str, tmp_path: Path, hpsearch: Command) -> None:
    spec, words = HUGE_SPECS[case]
    (tmp_path / "spec.yaml").write_text(spec)
    ended = hpsearch("run", "spec.yaml")
    assert ended.code == 2
    assert words in ended.err
    assert len(ended.err) < 20_000
    assert_clear(ended, "spec.yaml")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-32-be"])
def test_a_spec_in_another_encoding_is_told_to_be_saved_in_utf_8(encoding: str, tmp_path: Path, hpsearch: Command) -> None:
    (tmp_path / "spec.yaml").write_bytes(SPACE.encode(encoding))
    ended = hpsearch("run", "spec.yaml")
    assert ended.code == 2
    assert "save the file in the encoding UTF-8" in ended.err


def test_a_key_of_an_override_is_not_repeated_at_any_length(hpsearch: Command) -> None:
    ended = hpsearch("run", "tiny.yaml", "--set", f"{'x' * 100_000}=1")
    assert ended.code == 2
    assert len(ended.err) < 1_000


def test_a_name_cannot_lead_out_of_the_runs(hpsearch: Command) -> None:
    for name in ("../x", "/x", ".", "..", "-x", "a\nb", "x" * 65, "é", ""):
        ended = hpsearch("run", "tiny.yaml", "--set", f"name={name!r}".replace("'", '"'))
        assert ended.code == 2
        assert "must be a name for a directory" in ended.err
    assert not Path("runs").exists()


def refused(hpsearch: Command, file: str, content: bytes) -> str:
    """Return the error that a data file gives."""
    Path(file).write_bytes(content)
    Path("spec.yaml").write_text(f"data: {{source: {file}, target: y}}\n{SPACE}")
    ended = hpsearch("run", "spec.yaml")
    assert ended.code == 2
    assert_clear(ended, file)
    assert not Path("runs").exists()
    return ended.err


def test_a_header_of_a_million_columns_is_refused(hpsearch: Command) -> None:
    names = ",".join(f"c{n}" for n in range(1_000_000))
    assert "1,000,000 columns or more; at most 100,000" in refused(hpsearch, "rows.csv", f"{names}\n".encode())
    assert "1,000,000 columns or more" in refused(hpsearch, "rows.csv", b"," * 999_999)


@pytest.mark.slow
def test_a_header_may_have_as_many_columns_as_can_be_read(hpsearch: Command) -> None:
    names = ",".join(f"c{n}" for n in range(MOST_COLUMNS))
    assert "no column `y`" in refused(hpsearch, "rows.csv", f"{names}\n{'1,' * (MOST_COLUMNS - 1)}1\n".encode())


def test_a_line_without_an_end_and_a_quote_without_another_are_told(hpsearch: Command) -> None:
    assert "more than 131,072 characters" in refused(hpsearch, "rows.csv", b"a" * 5_000_000)
    assert "more than 131,072 characters" in refused(hpsearch, "rows.csv", b'a,y\n"1,2\n' + b"1,2\n" * 100_000)


@pytest.mark.parametrize("name", ["rows.csv", "rows.csv.gz", "rows.npz"])
def test_data_from_a_pipe_or_a_device_are_refused_unread(name: str, tmp_path: Path, hpsearch: Command) -> None:
    (tmp_path / "spec.yaml").write_text(f"data: {{source: {name}, target: y}}\n{SPACE}")
    os.mkfifo(tmp_path / name)
    assert "a pipe or a device" in hpsearch("run", "spec.yaml").err
    (tmp_path / name).unlink()
    (tmp_path / name).symlink_to("/dev/zero")
    assert "a pipe or a device" in hpsearch("run", "spec.yaml").err


@pytest.mark.parametrize("name", ["rows.csv", "rows.npz"])
def test_a_file_that_is_too_large_is_refused_by_its_size(name: str, tmp_path: Path, hpsearch: Command) -> None:
    (tmp_path / "spec.yaml").write_text(f"data: {{source: {name}, target: y}}\n{SPACE}")
    with (tmp_path / name).open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # takes no room on the disk
    ended = hpsearch("run", "spec.yaml")
    assert ended.code == 2
    assert "the file has 1,000,000,001 bytes; at most 1,000,000,000 can be read" in ended.err


@pytest.mark.slow
def test_a_gzip_bomb_is_refused_when_it_has_unpacked_to_the_limit(hpsearch: Command) -> None:
    packing = zlib.compressobj(9, zlib.DEFLATED, 31)
    content = b"".join([*(packing.compress(bytes(10_000_000)) for _ in range(200)), packing.flush()])
    assert "unpack to more than 1,000,000,000" in refused(hpsearch, "rows.csv.gz", content)


def test_a_gzip_file_with_a_torn_end_or_more_after_it_is_refused(hpsearch: Command) -> None:
    whole = gzip.compress(b"a,y\n1,2\n" * 100)
    for content in (whole[:-20], whole + b"more", whole[:-8] + bytes(8), b"a,y\n1,2\n"):
        assert "cannot be unpacked as gzip" in refused(hpsearch, "rows.csv.gz", content)


def packed(**entries: bytes) -> bytes:
    """Return an archive of entries as they are."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries.items():
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()


def array(header: str) -> bytes:
    """Return a stored array with a header of its own and 480 bytes of content."""
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header) + 1) + header.encode() + b"\n" + bytes(480)


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("<f8", "(60, 100000000000)"),
        ("<f8", "(-60,)"),
        ("<f8", "(4294967296, 4294967296)"),
        ("<f8", "(60," + "1," * 80 + ")"),
        ("<U2000000000", "(60,)"),
        ("<U0", "(60, 100000000)"),
        ("|O", "(60,)"),
        ("|V0", "(60000000000,)"),
    ],
)
def test_an_array_that_claims_what_it_does_not_hold_is_refused(kind: str, shape: str, hpsearch: Command) -> None:
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    y = io.BytesIO()
    np.save(y, np.arange(60) % 2)
    refused(hpsearch, "rows.npz", packed(x=array(header), y=y.getvalue()))


def test_an_archive_that_claims_to_unpack_to_gigabytes_is_refused(hpsearch: Command) -> None:
    content = bytearray(packed(x=array("{'descr': '<f8', 'fortran_order': False, 'shape': (60,), }")))
    size_at = content.find(b"PK\x01\x02") + 24
    content[size_at : size_at + 4] = struct.pack("<I", 0xFFFFFFF0)
    assert "unpack to 4,294,967,280 bytes" in refused(hpsearch, "rows.npz", bytes(content))


def test_arrays_of_one_name_are_refused(hpsearch: Command) -> None:
    file = io.BytesIO()
    np.savez(file, x=np.zeros((60, 2)), y=np.arange(60) % 2)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("x", "another")
    assert "two of its arrays have one name" in refused(hpsearch, "rows.npz", file.getvalue())
