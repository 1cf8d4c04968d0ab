"""A confirmation that was made by hand is made again when the run grows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from studies import make_study, run

from hpsearch.search.settings import Confirm, SearchSettings
from hpsearch.study.outlook import outlook
from hpsearch.study.runs import read_run
from hpsearch.study.session import confirm_study
from hpsearch.study.study_spec import StudySpec
from hpsearch.study.subject import subject_of
from hpsearch.trial import leaders


def of_trials(folder: Path, trials: int, confirm: Confirm) -> StudySpec:
    return replace(make_study(folder), search=SearchSettings("random", trials, confirm=confirm))


@pytest.mark.parametrize(("confirm", "is_made"), [(Confirm(), True), (Confirm(leaders=0), False)])
def test_no_less_than_it_was_unless_the_spec_turns_it_off(confirm: Confirm, is_made: bool, tmp_path: Path) -> None:
    study, more = of_trials(tmp_path, 4, confirm), of_trials(tmp_path, 9, confirm)
    directory = run(study, tmp_path / "runs")
    confirm_study(subject_of(study), directory, 1, 3, 4)
    told = outlook(subject_of(more), tmp_path / "runs").confirm
    assert (told.leaders, told.seeds) == ((3, 4) if is_made else (0, 3))
    assert run(more, tmp_path / "runs") == directory
    grown = read_run(directory)
    assert len(grown.history) == 9
    if not is_made:
        assert grown.confirmation is None
        return
    assert grown.confirmation is not None
    best = [record.number for record in leaders(grown.history.values())[:3]]
    assert [leader.trial for leader in grown.confirmation.leaders] == best
    assert grown.confirmation.seeds == 4
