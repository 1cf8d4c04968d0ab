"""Which run a command works on, what it begins with, and who may."""

from __future__ import annotations

import errno
import os
import platform
import shutil
import socket
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from studies import (
    TEXTS,
    Listener,
    blobs,
    failing_at,
    interrupted,
    journal,
    make_study,
    run,
    table,
)

from hpsearch.data.dataset import load_dataset
from hpsearch.errors import RecordError, UsageError
from hpsearch.study.events import Event, Started
from hpsearch.study.run_dir import RunDir
from hpsearch.study.session import run_study
from hpsearch.study.subject import subject_of


class TestWhichRun:
    def test_fewer_trials_than_have_begun_are_refused_and_change_nothing(self, tmp_path: Path) -> None:
        directory = interrupted(make_study(tmp_path, trials=6), tmp_path / "runs", at=1)
        before = {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}
        with pytest.raises(
            UsageError, match=r"blobs-001 is unfinished and has begun 6 trials, .*ask for at least 6, or delete"
        ):
            run_study(subject_of(make_study(tmp_path, trials=3)), {"spec.yaml": "fewer"}, tmp_path / "runs", 1)
        after = {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}
        assert {**after, "lock": b"", "trials.csv": b""} == {**before, "lock": b"", "trials.csv": b""}
        whole = run(make_study(tmp_path), tmp_path / "whole")
        assert table(run(make_study(tmp_path), tmp_path / "runs")) == table(whole)

    def test_of_two_drivers_at_once_the_second_is_told_who_searches(self, tmp_path: Path) -> None:
        """The second one comes while the first is about to begin its run."""
        study = make_study(tmp_path)
        told: list[BaseException] = []

        def second() -> None:
            try:
                run(study, tmp_path / "runs")
            except UsageError as error:
                told.append(error)

        thread = threading.Thread(target=second)
        create = RunDir.create

        def begin(*arguments: Any) -> RunDir:
            thread.start()
            return create(*arguments)

        class Waiting(Listener):
            def __call__(self, event: Event) -> None:
                if isinstance(event, Started):
                    thread.join()

        with patch.object(RunDir, "create", begin):
            directory = run(study, tmp_path / "runs", listen=Waiting())
        assert [path.name for path in (tmp_path / "runs").glob("blobs-*")] == ["blobs-001"]
        assert str(told[0]) == f"{directory} is being searched by process {os.getpid()} on {socket.gethostname()}"

    def test_a_renamed_study_goes_on_with_its_run(self, tmp_path: Path) -> None:
        directory = interrupted(make_study(tmp_path), tmp_path / "runs", at=1)
        assert run(replace(make_study(tmp_path), name="clouds"), tmp_path / "runs") == directory

    def test_another_seed_or_other_data_are_another_run(self, tmp_path: Path) -> None:
        directory = interrupted(make_study(tmp_path), tmp_path / "runs", at=1)
        assert run(replace(make_study(tmp_path), seed=1), tmp_path / "runs") != directory
        blobs(tmp_path, rows=93)
        listener = Listener()
        assert run(make_study(tmp_path), tmp_path / "runs", listen=listener) != directory
        assert isinstance(listener.events[0], Started)
        told = f"a new run, not {directory}, which is unfinished: its data has changed since"
        assert listener.events[0].notes == (told,)

    def test_of_two_unfinished_runs_none_is_taken(self, tmp_path: Path) -> None:
        directory = interrupted(make_study(tmp_path), tmp_path / "runs", at=1)
        shutil.copytree(directory, tmp_path / "runs" / "copy-001")
        with pytest.raises(UsageError, match=r"2 unfinished runs of this spec: .*blobs-001, .*copy-001; delete those"):
            run(make_study(tmp_path), tmp_path / "runs")


class TestBeginning:
    def test_the_start_says_what_the_run_is_and_what_its_bits_depend_on(self, tmp_path: Path) -> None:
        study = make_study(tmp_path)
        (start,) = journal(run(study, tmp_path / "runs"), "start")
        data = load_dataset(study.data)
        assert start["identity"] == study.identity(data.source_sha256)
        assert {name: start[name] for name in ("run", "seed", "metric", "column", "epochs")} == {
            "run": "blobs-001",
            "seed": 0,
            "metric": "validation_error",
            "column": "validation_error",
            "epochs": 3,
        }
        assert start["select"] == "last_epoch"
        assert start["metrics"] == ["validation_error", "validation_loss", "validation_macro_f1", "train_loss"]
        assert start["parameters"] == ["learning_rate", "optimizer", "momentum", "hidden_layers"]
        assert start["averaging"] == ["momentum"]
        assert start["data"] == {
            "task": "classification",
            "target": "y",
            "sha256": data.source_sha256,
            "split_sha256": data.split_sha256,
            "fingerprint": data.fingerprint,
            "rows": {"train": 54, "validation": 18, "test": 18},
            "features": 4,
            "classes": 3,
            "notes": [],
        }
        assert start["environment"]["numpy"] == np.__version__
        assert start["environment"]["python"] == platform.python_version()

    def test_the_texts_are_kept_byte_for_byte(self, tmp_path: Path) -> None:
        directory = run(make_study(tmp_path), tmp_path / "runs")
        assert {name: (directory / name).read_text() for name in TEXTS} == TEXTS

    def test_a_metric_of_another_task_starts_nothing(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="validation_rmse is no metric of that"):
            run(replace(make_study(tmp_path), metric="validation_rmse"), tmp_path / "runs")
        assert not (tmp_path / "runs").exists()

    @pytest.mark.parametrize("sync", [1, 2, 3, 5, 7])
    def test_a_run_that_could_not_begin_leaves_no_directory(self, sync: int, tmp_path: Path) -> None:
        """The first two syncs are those of the counter, then come two for each text and two for the start record."""
        full = OSError(errno.ENOSPC, "No space left on device")
        with patch.object(os, "fsync", failing_at(sync, os.fsync, full)), pytest.raises(RecordError):
            run(make_study(tmp_path), tmp_path / "runs")
        assert list((tmp_path / "runs").glob("blobs-*")) == []
