"""What `import hpsearch` gives: a run's model, and nothing heavy before it is asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from commands import Command

import hpsearch
from hpsearch.errors import RecordError, UsageError

PIXELS = np.zeros((2, 64))


@pytest.fixture
def searched(hpsearch: Command) -> Path:
    """A finished search in the working directory; returns its directory."""
    assert hpsearch("run", "tiny.yaml", "--jobs", "1", "-q").code == 0
    return Path("runs/tiny-001")


def test_the_package_imports_nothing_until_it_is_asked() -> None:
    program = "import sys, hpsearch; print(dir(hpsearch)); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    names, loaded = done.stdout.splitlines()
    assert "'load_model'" in names
    assert "'Model'" in names
    assert set(loaded.split()) & {"numpy", "click", "yaml", "pydantic", "rich", "joblib", "threadpoolctl"} == set()


def test_all_that_is_offered_is_there() -> None:
    for name in hpsearch.__all__:
        assert getattr(hpsearch, name).__name__.rpartition(".")[2] == name
        assert name in dir(hpsearch)


def test_a_name_that_is_not_offered_is_an_error_that_names_it() -> None:
    with pytest.raises(AttributeError, match="module 'hpsearch' has no attribute 'load_modle'"):
        getattr(hpsearch, "load_modle")  # noqa: B009 # the name is wrong on purpose, which a type checker would see


def test_a_model_is_found_by_directory_folder_file_and_name(searched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = hpsearch.load_model(searched).probabilities(PIXELS).tolist()
    for run in (str(searched), searched / "models", searched / "models" / "model.json", "tiny-001", "tiny", "latest"):
        assert hpsearch.load_model(run).probabilities(PIXELS).tolist() == expected
    monkeypatch.chdir("/")
    with pytest.raises(UsageError, match="there are no runs in runs"):
        hpsearch.load_model("tiny")


def test_the_place_of_the_runs_may_be_given(searched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = searched.absolute().parent
    monkeypatch.chdir("/")
    assert hpsearch.load_model("tiny", runs_dir=runs).run == "tiny-001"
    monkeypatch.setenv("HPSEARCH_RUNS_DIR", str(runs))
    assert hpsearch.load_model("latest").run == "tiny-001"


def test_the_folder_of_a_model_is_all_it_needs(searched: Path, tmp_path: Path) -> None:
    expected = hpsearch.load_model(searched).predict(PIXELS).tolist()
    moved = (searched / "models").rename(tmp_path / "elsewhere")
    assert hpsearch.load_model(moved).predict(PIXELS).tolist() == expected
    with pytest.raises(RecordError, match=r"model\.json is missing"):
        hpsearch.load_model(searched)


def test_a_model_of_another_format_is_refused(searched: Path) -> None:
    file = searched / "models" / "model.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "format": 99}))
    with pytest.raises(RecordError, match=r"model\.json: a model of format 99"):
        hpsearch.load_model(searched)
