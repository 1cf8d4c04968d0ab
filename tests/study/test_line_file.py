from __future__ import annotations

import errno
import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.errors import Interrupted, RecordError
from hpsearch.study.files import write_whole
from hpsearch.study.line_file import LineFile, plain, read_lines

FULL = OSError(errno.ENOSPC, "No space left on device")
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


def append(path: Path, *records: dict[str, Any]) -> None:
    with LineFile(path) as file:
        for record in records:
            file.append(record)


def records(path: Path) -> list[dict[str, Any]]:
    return [{name: value for name, value in record.items() if name != "v"} for record in read_lines(path)[0]]


def test_records_come_back_in_order_each_on_a_line_with_the_format_version(path: Path) -> None:
    append(path, {"type": "plan", "stages": [4]}, {"type": "finish", "reason": "größer\nals"})
    assert path.read_text() == (
        '{"v": 1, "type": "plan", "stages": [4]}\n{"v": 1, "type": "finish", "reason": "größer\\nals"}\n'
    )
    assert read_lines(path) == (
        [{"v": 1, "type": "plan", "stages": [4]}, {"v": 1, "type": "finish", "reason": "größer\nals"}],
        [],
    )


@given(record=st.dictionaries(st.text().filter(lambda name: name != "v"), PLAIN, max_size=4))
def test_whatever_json_can_hold_comes_back_bit_for_bit(
    record: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("lines") / "file.jsonl"
    append(path, record, record)
    assert repr(records(path)) == repr([record, record])


def test_what_is_no_finite_number_is_written_as_null(path: Path) -> None:
    append(path, {"a": math.nan, "b": [math.inf, 1.5, (-math.inf,)], "c": {"d": math.nan}})
    assert json.loads(path.read_text(), parse_constant=pytest.fail) == {
        "v": 1,
        "a": None,
        "b": [None, 1.5, [None]],
        "c": {"d": None},
    }


def test_plain_makes_lists_of_tuples_and_texts_of_keys_and_leaves_the_rest_alone() -> None:
    assert plain({1: (1, 2.5), "x": [True, None, "t"]}) == {"1": [1, 2.5], "x": [True, None, "t"]}


def test_a_file_goes_on_where_it_ended(path: Path) -> None:
    append(path, {"a": 1})
    append(path, {"a": 2})
    assert records(path) == [{"a": 1}, {"a": 2}]


def test_no_file_holds_no_records(path: Path) -> None:
    assert read_lines(path) == ([], [])


class TestTornTail:
    def test_a_last_line_torn_at_any_byte_is_skipped_with_a_note_and_cut_before_the_next(self, path: Path) -> None:
        append(path, {"a": 1})
        good = path.stat().st_size
        append(path, {"b": "zwei é"})
        whole = path.read_bytes()
        for length in range(good + 1, len(whole)):
            path.write_bytes(whole[:length])
            assert records(path) == [{"a": 1}]
            assert read_lines(path)[1] == ["journal.jsonl: the last line is not complete and was skipped"]
            append(path, {"c": 3})
            assert read_lines(path)[1] == []
            assert records(path) == [{"a": 1}, {"c": 3}]

    def test_a_file_that_is_one_torn_line_begins_anew(self, path: Path) -> None:
        path.write_bytes(b'{"v": 1, "ty')
        append(path, {"a": 1})
        assert records(path) == [{"a": 1}]


class TestOtherLines:
    @pytest.mark.parametrize("line", [b"garbage", b"{}", b"[1]", b"7", b"null", b'"v"', b"\xff\xfe", b"", b'{"v": 1'])
    def test_an_inner_line_that_is_no_record_is_skipped_with_its_number(self, line: bytes, path: Path) -> None:
        append(path, {"a": 1})
        path.write_bytes(path.read_bytes() + line + b"\n")
        append(path, {"a": 2})
        assert records(path) == [{"a": 1}, {"a": 2}]
        assert read_lines(path)[1] == ["journal.jsonl:2: not a record; skipped"]

    @pytest.mark.parametrize("version", [2, 0, "1", None])
    def test_a_line_of_another_format_version_is_refused(self, version: object, path: Path) -> None:
        append(path, {"a": 1})
        path.write_text(path.read_text() + json.dumps({"v": version, "a": 2}) + "\n")
        with pytest.raises(RecordError) as raised:
            read_lines(path)
        assert str(raised.value) == f"{path}:2: format version {version!r}; this hpsearch reads version 1"

    def test_a_file_that_cannot_be_read_or_opened_is_a_record_error(self, tmp_path: Path) -> None:
        with pytest.raises(RecordError, match="cannot be read: Is a directory"):
            read_lines(tmp_path)
        with pytest.raises(RecordError, match="cannot be opened for writing: Is a directory"):
            LineFile(tmp_path)


class TestFullDisk:
    """A full disk writes a part of a line and then refuses the rest."""

    @pytest.mark.parametrize("accepted", [0, 1, 10])
    def test_a_line_that_cannot_be_written_in_full_leaves_the_file_as_it_was(self, accepted: int, path: Path) -> None:
        with LineFile(path) as file:
            file.append({"a": 1})
            before = path.read_bytes()
            with patch.object(os, "write", filling([accepted])), pytest.raises(RecordError) as raised:
                file.append({"a": 2})
            assert str(raised.value) == f"{path}: cannot be written: No space left on device"
            assert path.read_bytes() == before
            file.append({"a": 3})
        assert records(path) == [{"a": 1}, {"a": 3}]

    def test_a_line_that_goes_to_the_disk_in_pieces_is_whole(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with LineFile(path) as file:
            monkeypatch.setattr(os, "write", filling([3, 1, 10**6]))
            file.append({"a": 1})
        assert records(path) == [{"a": 1}]

    def test_a_line_that_cannot_be_synced_leaves_the_file_as_it_was(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        append(path, {"a": 1})
        before = path.read_bytes()
        with LineFile(path) as file:
            monkeypatch.setattr(os, "fsync", raising(FULL))
            with pytest.raises(RecordError):
                file.append({"a": 2})
        assert path.read_bytes() == before

    def test_a_signal_between_writing_and_syncing_leaves_the_file_as_it_was(self, path: Path) -> None:
        with LineFile(path) as file:
            with patch.object(os, "fsync", raising(Interrupted(2))), pytest.raises(Interrupted):
                file.append({"a": "a line of some length"})
            file.append({"b": 1})
            with patch.object(os, "write", filling([5])), pytest.raises(RecordError):
                file.append({"c": 1})
        assert path.read_text() == '{"v": 1, "b": 1}\n'


class TestWriteWhole:
    def test_it_replaces_a_file_by_a_text_or_by_bytes(self, tmp_path: Path) -> None:
        write_whole(tmp_path / "x.json", "alt é\n")
        write_whole(tmp_path / "x.json", "neu é\n")
        write_whole(tmp_path / "y.npz", b"\x00\xff")
        assert (tmp_path / "x.json").read_bytes() == "neu é\n".encode()
        assert (tmp_path / "y.npz").read_bytes() == b"\x00\xff"
        assert sorted(p.name for p in tmp_path.iterdir()) == ["x.json", "y.npz"]

    @pytest.mark.parametrize("step", ["fsync", "replace"])
    def test_a_failure_leaves_the_old_file_and_nothing_beside_it(
        self, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "best.json"
        write_whole(path, "old")
        monkeypatch.setattr(os, step, raising(FULL))
        with pytest.raises(RecordError) as raised:
            write_whole(path, "new")
        assert str(raised.value) == f"{path}: cannot be written: No space left on device"
        assert path.read_text() == "old"
        assert list(tmp_path.iterdir()) == [path]

    def test_a_signal_leaves_the_old_file_and_nothing_beside_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "best.json"
        write_whole(path, "old")
        monkeypatch.setattr(os, "fsync", raising(Interrupted(15)))
        with pytest.raises(Interrupted):
            write_whole(path, "new")
        assert path.read_text() == "old"
        assert list(tmp_path.iterdir()) == [path]

    def test_the_new_file_is_synced_before_it_takes_the_old_ones_name_and_the_name_afterwards(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "best.json"
        write_whole(path, "old")
        seen = []
        monkeypatch.setattr(os, "fsync", lambda _: seen.append(path.read_text()))
        write_whole(path, "new")
        assert seen == ["old", "new"]


def raising(error: BaseException) -> Any:
    def raise_it(*_: object) -> None:
        raise error

    return raise_it


def filling(accepted: Sequence[int]) -> Any:
    """Return an `os.write` that takes so many bytes at most in each call, and then finds the disk full."""
    write, left = os.write, list(accepted)

    def short_write(descriptor: int, content: bytes) -> int:
        if not left:
            raise FULL
        return write(descriptor, content[: left.pop(0)])

    return short_write


def test_a_byte_of_a_path_that_is_no_text_comes_back_as_it_was(path: Path) -> None:
    name = os.fsdecode(b"q\xff")
    append(path, {"type": "stop", "reason": name})
    assert records(path) == [{"type": "stop", "reason": name}]
    write_whole(path, json.dumps({"command": name}, ensure_ascii=False))
    assert json.loads(path.read_text()) == {"command": name}
