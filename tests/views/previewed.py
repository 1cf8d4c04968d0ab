"""A search that is about to begin, made up, for what shows it."""

from __future__ import annotations

from functools import cache

from hpsearch.data.settings import DataSettings
from hpsearch.network.settings import NetworkSettings
from hpsearch.search.plan import Plan
from hpsearch.search.settings import SearchSettings
from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.estimate import Disk, Estimate
from hpsearch.study.histograms import histograms
from hpsearch.study.outlook import Outlook
from hpsearch.study.preview import Groups, Memory, Preview
from hpsearch.study.study_spec import StudySpec
from hpsearch.study.subject import Subject, subject_of
from hpsearch.trial import Params, Trial

SPACE = SearchSpace(
    {
        "learning_rate": Entry(Real(0.001, 0.1, "log")),
        "optimizer": Entry(Choice(["adam", "momentum"])),
        "momentum": Entry(Real(0.9, 0.999, "1-beta"), when={"optimizer": ("momentum",)}),
        "hidden_layers": Entry(Whole(1, 2)),
        "hidden_units": Entry(Choice([16, 32]), layers=2),
    }
)
PARAMS: list[Params] = [
    {"learning_rate": 0.002, "optimizer": "adam", "hidden_layers": 1, "hidden_units_1": 16},
    {"learning_rate": 0.003, "optimizer": "adam", "hidden_layers": 2, "hidden_units_1": 16, "hidden_units_2": 16},
    {"learning_rate": 0.02, "optimizer": "momentum", "momentum": 0.95, "hidden_layers": 1, "hidden_units_1": 32},
    {"learning_rate": 0.005, "optimizer": "momentum", "momentum": 0.998, "hidden_layers": 1, "hidden_units_1": 16},
]


@cache
def _subject() -> Subject:
    search = SearchSettings(method="random", trials=4)
    return subject_of(StudySpec("digits", 0, DataSettings(), NetworkSettings(epochs=3), SPACE, search))


def previewed() -> Preview:
    """Return what a search of four trials comes to, of which all is known."""
    return Preview(
        outlook=Outlook(_subject(), Plan((4,), (3,)), prior=(), directory=None, run=None, first=None, notes=()),
        jobs=2,
        is_quick=False,
        first=tuple(Trial(number, 0, (), params) for number, params in enumerate(PARAMS)),
        histograms=histograms(SPACE, PARAMS, ["momentum"]),
        counted=4,
        source="the first stage",
        groups=Groups(networks=4, groups=2, populations=4),
        memory=Memory(worker=72_100_000, driver=70_000_000, available=8 * 10**9),
        disk=Disk(record=9_654, model=21_000, states=335_304),
        seconds=Estimate(127.4, 180.0),
    )
