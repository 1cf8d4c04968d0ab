"""Promise 2 to the letter: a search in stages is crashed at every single write, and what is left is crashed again.

Every task returns after one epoch, so that there are states of all ages to be lost. What was crashed goes on in a command
that crashes as well, at a write drawn at random, and in a third one to its end.
"""

from __future__ import annotations

import itertools
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parent.parent / "study"))

from crashes import Crash, CrashingDisk
from studies import best, finished, journal, make_staged, run, states, table, tasks_of

from hpsearch.search.settings import Confirm


@pytest.mark.slow
@pytest.mark.parametrize("line_stays", [True, False])
def test_a_search_in_stages_survives_a_crash_at_any_write(line_stays: bool, tmp_path: Path) -> None:
    study = make_staged(tmp_path, trials=12, confirm=Confirm(leaders=3, seeds=2))
    draw = np.random.default_rng(int(line_stays))
    with tasks_of(seconds=-1):
        whole = run(study, tmp_path / "whole")
        for write in itertools.count(1):
            runs = tmp_path / f"runs-{write}"
            with CrashingDisk(write, line_stays).in_place(), suppress(Crash):
                run(study, runs)
                break
            with CrashingDisk(int(draw.integers(1, 60)), line_stays).in_place(), suppress(Crash):
                run(study, runs)
            directory = finished(runs) or run(study, runs)
            assert table(directory) == table(whole), write
            assert best(directory) == best(whole), write
            assert len(states(directory)) == len(states(whole)), write
            for kind in ("plan", "stage", "promote", "end", "confirm", "block", "assess"):
                assert len(journal(directory, kind)) == len(journal(whole, kind)), (write, kind)
    assert write > 100
