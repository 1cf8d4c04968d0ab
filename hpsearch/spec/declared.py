"""Which keys a spec has: the dataclasses that declare them, and the sections in which they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass
from typing import Annotated, Any, Final

from hpsearch.data.settings import DataSettings
from hpsearch.network.settings import NetworkSettings
from hpsearch.objectives.metrics import MetricName, Select
from hpsearch.objectives.settings import PythonSettings
from hpsearch.options import Option, defaults_of, kinds_of, options_of
from hpsearch.search.settings import SearchSettings
from hpsearch.spec.document import KeyPath
from hpsearch.spec.wording import declaration_of

OBJECTIVE: Final = "objective"

SECTIONS: Final[Mapping[str, type]] = {
    "data": DataSettings,
    "network": NetworkSettings,
    OBJECTIVE: PythonSettings,
    "search": SearchSettings,
}
"""The sections of a spec that are settings, and where their options are declared."""

OF_A_NETWORK: Final = ("data", "network")
"""The sections that stand in a spec without `objective`, and in no other."""

SEARCHABLE = [name for name, option in options_of(NetworkSettings).items() if option.searchable]
"""The options of a network that the space may hold."""

ENTRY_KEYS: Mapping[str, str] = {
    "range": "two bounds, [low, high]: the values themselves, never exponents",
    "scale": "what gets equal shares of the draws: linear, equal distances; log, each decade; 1-beta, for averaging "
    "weights, each factor of the window 1 / (1 - beta)",
    "step": "the distance between neighbouring values, counted from the lower bound",
    "choices": "the values to choose from",
    "when": "other parameters, and the values of theirs with which this one counts",
    "per": "layer: each hidden layer has a value of its own",
}
"""What may be said of a name of the space."""


@dataclass(frozen=True)
class Heading:
    """The options at the top level of a spec."""

    name: Annotated[str, Option("what its runs are called; the file's name unless given", searchable=False)] = ""
    seed: Annotated[int, Option("seed of every random stream but the split's", at_least=0, searchable=False)] = 0
    metric: Annotated[
        MetricName | None,
        Option(
            "what the search makes as good as it can: of classes the error, of a quantity the rmse, unless it is given",
            searchable=False,
        ),
    ] = None
    select: Annotated[
        Select, Option("the epoch of a trial whose metric and weights count: its last, or its best", searchable=False)
    ] = "last_epoch"


@dataclass(frozen=True)
class Declared:
    """A name with the type of its values, without bounds, and with the option that has these.

    `section` is where it stands when it has one value, if it is a name of the space and there is such a section.
    """

    name: str
    kind: Any
    option: Option
    section: str = ""

    @classmethod
    def by(cls, declaration: type, name: str) -> Declared:
        """Return what a dataclass declares of one of its options."""
        return cls(name, kinds_of(declaration)[name], options_of(declaration)[name])


def required_options(declaration: type) -> list[str]:
    """Return the options without a default."""
    return [name for name, default in defaults_of(declaration).items() if default is MISSING]


def has_function(plain: Mapping[str, Any]) -> bool:
    """Whether a spec is one for a Python function."""
    return OBJECTIVE in plain


def homes_of(name: str, plain: Mapping[str, Any]) -> Iterator[KeyPath]:
    """Yield the mappings of a spec in which a key may stand, the outermost first, `()` for the top."""
    absent = OF_A_NETWORK if has_function(plain) else (OBJECTIVE,)
    sections = {section: declaration for section, declaration in SECTIONS.items() if section not in absent}
    if name in (*options_of(Heading), *sections, "space"):
        yield ()
    for section, declaration in sections.items():
        if name in options_of(declaration):
            yield (section,)
    for section, declaration in sections.items():
        for option, kind in kinds_of(declaration).items():
            if (nested := declaration_of(kind)) is not None and name in options_of(nested):
                yield section, option
