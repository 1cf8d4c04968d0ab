from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from hpsearch.errors import RecordError
from hpsearch.study.checkpoint import read_state, weights_hash, write_arrays, write_states

STATES = {
    3: {"weights_1": np.arange(6, dtype=np.float32).reshape(2, 3), "training/epochs": np.array([5])},
    31: {"weights_1": np.full((1, 2), np.nan), "training/square/bias_out": np.zeros(0)},
}


def test_a_state_comes_back_with_its_names_types_and_bits(tmp_path: Path) -> None:
    write_states(tmp_path / "task.npz", STATES)
    for trial, state in STATES.items():
        found = read_state(tmp_path / "task.npz", trial)
        assert found.keys() == state.keys()
        for name, array in state.items():
            assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
            assert found[name].tobytes() == array.tobytes()


def test_the_arrays_are_named_by_trial_and_name(tmp_path: Path) -> None:
    write_states(tmp_path / "task.npz", STATES)
    with np.load(tmp_path / "task.npz", allow_pickle=False) as arrays:
        assert arrays.files == ["3/weights_1", "3/training/epochs", "31/weights_1", "31/training/square/bias_out"]


def test_a_file_without_the_trial_is_a_record_error(tmp_path: Path) -> None:
    write_states(tmp_path / "task.npz", STATES)
    with pytest.raises(RecordError, match=r"task\.npz: holds no state of trial 1; the same command, given again,"):
        read_state(tmp_path / "task.npz", 1)


@pytest.mark.parametrize("content", [b"", b"PK no archive", b"\x93NUMPY"])
def test_a_file_that_is_no_archive_is_a_record_error(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "task.npz").write_bytes(content)
    with pytest.raises(RecordError, match=r"task\.npz: cannot be read"):
        read_state(tmp_path / "task.npz", 3)


def test_a_torn_archive_is_a_record_error(tmp_path: Path) -> None:
    write_states(tmp_path / "task.npz", STATES)
    content = (tmp_path / "task.npz").read_bytes()
    for length in range(0, len(content), 97):
        (tmp_path / "task.npz").write_bytes(content[:length])
        with pytest.raises(RecordError):
            read_state(tmp_path / "task.npz", 3)


def test_a_missing_file_is_a_record_error(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="cannot be read"):
        read_state(tmp_path / "task.npz", 3)


def test_objects_are_never_pickled(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        write_arrays(tmp_path / "x.npz", {"a": np.array([{}])})
    assert list(tmp_path.iterdir()) == []


def test_the_hash_covers_names_types_shapes_and_bytes_in_the_order_of_the_names() -> None:
    state = {"b": np.array([[1.5, 2.0]], np.float32), "a": np.array([7])}
    text = b"a <i8 (1,)\n" + np.array([7]).tobytes() + b"b <f4 (1, 2)\n" + np.array([1.5, 2.0], np.float32).tobytes()
    assert weights_hash(state) == hashlib.sha256(text).hexdigest()


def test_the_hash_sees_a_single_bit_but_not_what_only_training_needs() -> None:
    state = {"w": np.zeros(4, np.float32), "training/epochs": np.array([1])}
    same = {"training/epochs": np.array([2]), "w": np.zeros((4, 2), np.float32)[:, 0]}
    other = {"w": np.array([0, 0, 0, -0.0], np.float32)}
    assert weights_hash(state) == weights_hash(same)
    assert weights_hash(state) != weights_hash(other)
