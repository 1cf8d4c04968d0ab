"""What training the leaders again says, in words, from the numbers of `summary`."""

from __future__ import annotations

from hpsearch.prose import both, counted, percent
from hpsearch.views.format import measured, metric_value
from hpsearch.views.numbers.summary import Finding, Fresh, Summary

JUST_AS_GOOD = 0.0005
"""A share of the score below which nothing is said to have looked too good."""


def fresh_cell(fresh: Fresh | None) -> str:
    """Return what training a leader again gave, for a table."""
    if fresh is None:
        return ""
    if fresh.unfinished:
        return f"{fresh.unfinished} of {fresh.seeds} failed"
    return measured(fresh.mean, fresh.error)


def judged_cell(fresh: Fresh | None, metric: str) -> str:
    """Return what decides who wins: the mean of all trainings of a leader."""
    return metric_value(metric, fresh.judged) if fresh and not fresh.unfinished else ""


def confirmation_lines(summary: Summary) -> list[str]:
    """Return how good the search's pick looked and is, who won, and who can't be told apart; nothing without it."""
    finding = summary.confirmed
    if finding is None:
        return []
    lines = [_pick(finding, summary)]
    if finding.winner != finding.pick:
        lines.append(_winner(summary))
    if finding.trained > 1:
        lines.append(_alike(finding))
    return lines if summary.task == "python" else [*lines, "seeds vary weights, batches and dropout, not the split"]


def _pick(finding: Finding, summary: Summary) -> str:
    picked = f"trial {finding.pick}: picked at {metric_value(summary.metric, finding.picked)}"
    fresh, seeds = finding.fresh, counted(finding.fresh.seeds, "fresh seed")
    if fresh.unfinished:
        return f"{picked}; of its trainings with {seeds} {fresh.unfinished} did not come to the end"
    return f"{picked}, confirmed {measured(fresh.mean, fresh.error)} ({seeds}): {_optimism(finding, summary)}"


def _optimism(finding: Finding, summary: Summary) -> str:
    if finding.too_good == 0 or abs(finding.share) < JUST_AS_GOOD:
        return "it is as good as it looked"
    if finding.too_good < 0:
        return "it is better than it looked"
    much = percent(finding.share) if finding.share < 1 else metric_value(summary.metric, finding.too_good)
    return f"the best of {counted(summary.trials, 'trial')} looked {much} too good"


def _winner(summary: Summary) -> str:
    best = summary.leaders[0]
    score, fresh = metric_value(summary.metric, best.score), fresh_cell(best.fresh)
    return (
        f"trial {best.trial} is the best in the mean of all its trainings: {score} in the search, {fresh} with fresh seeds"
    )


def _alike(finding: Finding) -> str:
    if finding.fresh.seeds == 1:
        return "one seed cannot tell the leaders apart"
    if len(finding.alike) == 1:
        others = "the other leader" if finding.trained == 2 else f"the {finding.trained - 1} other leaders"
        return f"trial {finding.winner} can be told apart from {others}"
    text = f"trials {both(finding.alike)} cannot be told apart"
    return f"{text}; the cheapest is {finding.cheapest} ({finding.size:,} parameters)" if finding.size else text
