"""Where a search stands, in words: what every line and every picture of its progress says alike."""

from __future__ import annotations

from hpsearch.prose import counted
from hpsearch.search.plan import Plan
from hpsearch.study.events import Started
from hpsearch.views.numbers.under_way import StageStanding


def heading(event: Started) -> str:
    """Return what a search is: its run, its trials, its workers, and after how many trials it goes on."""
    resumed = sum(record.status.ended for record in event.history.values())
    workers = f", {counted(event.jobs, 'worker')}" if event.jobs else ""
    text = f"{event.directory.name}: {counted(event.plan.trials, 'trial')}{workers}"
    if resumed >= event.plan.trials:
        return f"{text}, all of them finished"
    return text + (f", going on after {resumed}" if event.history else "")


def rung_text(plan: Plan, standing: StageStanding) -> str:
    """Return which rung a stage is at, or why it has none; nothing where that goes without saying."""
    if why := in_full(plan, standing.stage):
        return why
    if standing.rungs > 1 and standing.begun:
        return f"rung {standing.rung} of {standing.rungs}: to epoch {standing.until_epoch}"
    return ""


def in_full(plan: Plan, stage: int) -> str:
    """Return why a stage is trained without early stopping, where it was to be with it; else nothing."""
    if stage not in plan.in_full:
        return ""
    *_, compared, end = plan.rungs
    return f"all to epoch {end}, as trials got worse after epoch {compared}"
