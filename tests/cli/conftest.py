from __future__ import annotations

from pathlib import Path

import pytest
from commands import SPEC, Command, Ended

from hpsearch.cli.main import main


@pytest.fixture
def hpsearch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """The program, in an empty working directory that holds `tiny.yaml`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HPSEARCH_RUNS_DIR", raising=False)
    (tmp_path / "tiny.yaml").write_text(SPEC)

    def run(*arguments: str) -> Ended:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        captured = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, captured.out, captured.err)

    return run
