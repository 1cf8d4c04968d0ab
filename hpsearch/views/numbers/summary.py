"""A run in numbers: how its trials ended, the leaders, what confirming gave, the test score."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hpsearch.objectives.metrics import Metric, Select
from hpsearch.objectives.objective import Confusion
from hpsearch.space.search_space import SearchSpace
from hpsearch.study.confirmation import Confirmation, Confirmed
from hpsearch.study.record import RunRecord
from hpsearch.trial import TrialRecord, Value, can_win, headline, leaders
from hpsearch.views.numbers.slices import Crowded, crowded_edges

NORMAL_95 = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution."""


@dataclass(frozen=True)
class Fresh:
    """What training a leader again gave, in the metric as it was asked for: the mean over `seeds`, and its standard error.

    `judged` is the mean of all its trainings, that of the search among them. With one seed the error is NaN. Where some did
    not come to their end, `unfinished`, the means are infinitely bad.
    """

    mean: float
    error: float
    judged: float
    seeds: int
    unfinished: int


@dataclass(frozen=True)
class Leader:
    """A trial on the leaderboard, in the metric as it was asked for.

    `score` is the metric at the epoch that counts, `selected_epoch`; `last` at the last epoch; `best` the best it had, in
    `best_epoch`. `fresh` is there where it was trained again.
    """

    trial: int
    params: Mapping[str, Value]
    score: float
    selected_epoch: int
    last: float
    best: float
    best_epoch: int
    fresh: Fresh | None = None


@dataclass(frozen=True)
class Finding:
    """What training the leaders again says, in the metric as it was asked for.

    The search's own pick, its score then and with fresh seeds; `too_good` by how much it had looked better than it is,
    `share` the same as a share of its score, NaN where that says nothing. `winner` is the best of the `trained` leaders,
    `alike` those that can't be told from it, `cheapest` the one of them with the fewest parameters, `size`.
    """

    pick: int
    picked: float
    fresh: Fresh
    too_good: float
    share: float
    winner: int
    trained: int
    alike: tuple[int, ...]
    cheapest: int
    size: int


@dataclass(frozen=True)
class ErrorScore:
    """A classifier on the test part: `wrong` of `rows`, the 95 % interval of the error, and macro F1, which may be NaN."""

    error: float
    wrong: int
    rows: int
    low: float
    high: float
    macro_f1: float = math.nan


@dataclass(frozen=True)
class FitScore:
    """A regression on the test part: the root mean squared error in the target's unit, and the explained share r2."""

    rmse: float
    r2: float


@dataclass(frozen=True)
class Summary:
    """A run in numbers.

    `task` is that of the data, or `python` of a function. `planned` are the trials of its plan, fewer than were `asked` for
    where some were trained in full; `ended` says why the search ended, empty before that, and `finished` whether all is done
    that follows; `by_the_clock` how much time or trouble decided, and not the spec. `counts` are by status; `reasons` what
    made trials fail, in a line each, with their numbers, the most frequent first. The winner is the first of the `leaders`;
    `seeded` says whether fresh seeds could confirm it. `tests` says how often the test part was scored up to now, in this
    run and in those that it was refined from; `parent` is the last of these. `beaten` says whether the winner is better than
    the parent's best, or than what the search was given where it has no parent, None where that has no value here; and
    `evidence` counts the parents' trials that this search learnt from, by run. `crowded` are the ends of ranges where the
    best trials lie; none where the space is not known.
    """

    run: str
    task: str
    metric: str
    select: Select
    parameters: tuple[str, ...]
    averaging: tuple[str, ...]
    trials: int
    planned: int
    asked: int
    ended: str
    finished: bool
    by_the_clock: Mapping[str, int]
    epochs: int
    counts: Mapping[str, int]
    reasons: Mapping[str, tuple[int, ...]]
    leaders: tuple[Leader, ...]
    seeded: bool
    confirmed: Finding | None
    test: ErrorScore | FitScore | None
    tests: int
    parent: str
    beaten: bool | None
    evidence: Mapping[str, int]
    crowded: tuple[Crowded, ...]


def summarise(run: RunRecord, space: SearchSpace | None = None, *, top: int = 5, ancestors: Sequence[str] = ()) -> Summary:
    """Return a run in numbers, with its `top` leaders."""
    records, confirmation = list(run.history.values()), run.confirmation
    return Summary(
        run=run.name,
        task=str(run.start["data"].get("task", "")),
        metric=run.metric.name,
        select=run.select,
        parameters=tuple(run.parameters),
        averaging=tuple(run.averaging),
        trials=len(records),
        planned=run.plan.trials if run.plan else len(records),
        asked=run.plan.asked if run.plan else len(records),
        ended=run.ended,
        finished=bool(run.finished),
        by_the_clock=run.by_the_clock,
        epochs=sum(record.epochs_done for record in (*records, *run.repetitions.values())),
        counts=run.counts,
        reasons=_reasons(records),
        leaders=tuple(leader(record, run.metric, confirmation) for record in _winner_first(run)[:top]),
        seeded=bool(run.start.get("seeded", True)),
        confirmed=finding(confirmation, run.metric) if confirmation else None,
        test=final_score(run.test),
        tests=run.tests,
        parent=", itself from ".join(ancestors) or run.parent,
        beaten=_is_beaten(run),
        evidence=dict(Counter(trial.run for trial in run.prior)),
        crowded=crowded_edges(space, run.history) if space else (),
    )


def _reasons(records: Iterable[TrialRecord]) -> dict[str, tuple[int, ...]]:
    """Return the trials that failed, by number, under the reason that they have in common."""
    found: dict[str, list[int]] = {}
    for record in records:
        if record.status.is_failure:
            found.setdefault(headline(record.reason), []).append(record.number)
    return {reason: tuple(found[reason]) for reason in sorted(found, key=lambda reason: -len(found[reason]))}


def _is_beaten(run: RunRecord) -> bool | None:
    """Return whether the winner is none of the trials it is held against, if one of those has come to its end.

    These are the trials that the search was given to begin with; of a refined one that with the params of the parent's best.
    """
    given = [record for record in run.history.values() if record.trial.origin.kind == "start" and can_win(record)]
    if parent := run.start.get("parent"):
        given = [record for record in given if record.trial.params == parent.get("best")]
    return run.winner not in given if run.winner and given else None


def _winner_first(run: RunRecord) -> list[TrialRecord]:
    best, winner = leaders(run.history.values()), run.winner
    return best if winner is None else [winner, *(record for record in best if record.number != winner.number)]


def leader(record: TrialRecord, metric: Metric, confirmation: Confirmation | None = None) -> Leader:
    """Return a trial as a line of the leaderboard, with what a confirmation says of it."""

    def shown(epoch: int) -> float:
        return metric.shown(metric.value(record.at(metric.column, epoch)))

    last = record.epochs_done
    best = metric.best_epoch(record.curves.get(metric.column, ())) or last
    again = next((c for c in confirmation.leaders if c.trial == record.number), None) if confirmation else None
    return Leader(
        trial=record.number,
        params=record.trial.params,
        score=metric.shown(record.value),
        selected_epoch=record.selected_epoch,
        last=shown(last),
        best=shown(best),
        best_epoch=best,
        fresh=fresh(again, metric) if again else None,
    )


def repetitions(run: RunRecord, number: int) -> list[TrialRecord]:
    """Return the trainings of a trial with fresh seeds, in order."""
    return [record for key, record in sorted(run.repetitions.items()) if key[0] == number]


def fresh(confirmed: Confirmed, metric: Metric) -> Fresh:
    """Return what training a leader again gave."""
    unfinished = sum(not math.isfinite(value) for value in confirmed.fresh)
    return Fresh(
        mean=metric.shown(confirmed.mean),
        error=confirmed.error,
        judged=metric.shown(confirmed.judged),
        seeds=len(confirmed.fresh),
        unfinished=unfinished,
    )


def finding(confirmation: Confirmation, metric: Metric) -> Finding:
    """Return what training the leaders again says.

    A share is told of what is better when lower and above 0 only: of 99 % that are right, half a percent says little.
    """
    pick, cheapest, too_good = confirmation.leaders[0], confirmation.cheapest, confirmation.optimism
    has_share = pick.picked > 0 and math.isfinite(too_good) and not metric.higher_is_better
    return Finding(
        pick=pick.trial,
        picked=metric.shown(pick.picked),
        fresh=fresh(pick, metric),
        too_good=too_good,
        share=too_good / pick.picked if has_share else math.nan,
        winner=confirmation.winner.trial,
        trained=len(confirmation.leaders),
        alike=tuple(leader.trial for leader in confirmation.alike),
        cheapest=cheapest.trial,
        size=cheapest.size,
    )


def binomial_interval(wrong: int, rows: int) -> tuple[float, float]:
    """Return the 95 % interval of a share `wrong` / `rows`.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference"; it stays within 0 and 1
    and is honest for small counts, where the usual p +- 1.96 sqrt(p (1 - p) / n) is not.
    """
    p, z2 = wrong / rows, NORMAL_95**2 / rows
    centre = (p + z2 / 2) / (1 + z2)
    half = math.sqrt(p * (1 - p) * z2 + z2**2 / 4) / (1 + z2)
    return max(0.0, centre - half), min(1.0, centre + half)


def final_score(test: Mapping[str, float]) -> ErrorScore | FitScore | None:
    """Return the score on the test part, an error with its interval; None if there is none."""
    if not test:
        return None
    if "rmse" in test:
        return FitScore(test["rmse"], test.get("r2", math.nan))
    if "error" not in test:
        return None
    rows = int(test["rows"])
    wrong = round(test["error"] * rows)
    low, high = binomial_interval(wrong, rows)
    f1 = test.get("macro_f1", math.nan)
    return ErrorScore(error=test["error"], wrong=wrong, rows=rows, low=low, high=high, macro_f1=f1)


def most_confused(confusion: Confusion, top: int) -> list[tuple[str, str, int]]:
    """Return the most frequent confusions as (true class, the class it was taken for, rows), at most `top`."""
    labels = confusion.labels
    wrong = [
        (labels[true], labels[taken], count)
        for true, counts in enumerate(confusion.counts)
        for taken, count in enumerate(counts)
        if count and taken != true
    ]
    return sorted(wrong, key=lambda entry: -entry[2])[:top]
