"""What became of a trial, in order: which worker trained it when and how far, where it was promoted, how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from hpsearch.study.record import RunRecord, Span
from hpsearch.trial import TrialRecord


@dataclass(frozen=True)
class Training:
    """Epochs that a worker trained it for in one go, `beside` so many other trials.

    It had `from_epoch` epochs before and `to_epoch` after, and a fresh seed where `repetition` is not 0. Times are ISO 8601
    in UTC.
    """

    from_epoch: int
    to_epoch: int
    worker: str
    begin: str
    end: str
    beside: int
    repetition: int
    event: Literal["trained"] = "trained"


@dataclass(frozen=True)
class Promotion:
    """After `epoch` it was among those of its stage that went on, to `until_epoch`."""

    epoch: int
    until_epoch: int
    event: Literal["promoted"] = "promoted"


@dataclass(frozen=True)
class End:
    """It came to an end after `epoch`, complete or not."""

    epoch: int
    status: str
    event: Literal["ended"] = "ended"


def events(run: RunRecord, record: TrialRecord) -> tuple[Training | Promotion | End, ...]:
    """Return what is on record of a trial; decisions have no time there, and stand where they had their effect."""
    return tuple(_events(run, record))


def _events(run: RunRecord, record: TrialRecord) -> Iterator[Training | Promotion | End]:
    spans = [span for span in run.spans if span.trial == record.number]
    promotions = [Promotion(*promotion) for promotion in run.promotions.get(record.number, ())]
    for span in spans:
        if span.repetition == 0:
            while promotions and promotions[0].epoch <= span.from_epoch:
                yield promotions.pop(0)
            yield _trained(run, span)
    yield from promotions
    if record.status.ended:
        yield End(record.epochs_done, record.status.value)
    yield from (_trained(run, span) for span in spans if span.repetition)


def _trained(run: RunRecord, span: Span) -> Training:
    beside = len({other.trial for other in run.spans if other.is_beside(span)} - {span.trial})
    return Training(span.from_epoch, span.to_epoch, span.worker, span.begin, span.end, beside, span.repetition)
