"""One trial on the terminal: what it is, why it was tried, how it went, and what training it again gave."""

from __future__ import annotations

import math
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hpsearch.prose import both, counted
from hpsearch.study.record import RunRecord
from hpsearch.trial import Status, TrialRecord
from hpsearch.views.format import duration, measured, metric_value, parameter
from hpsearch.views.numbers.events import End, Promotion, Training, events
from hpsearch.views.numbers.summary import leader, repetitions
from hpsearch.views.terminal.tables import plain_table
from hpsearch.views.why import why


def trial_screen(run: RunRecord, record: TrialRecord, curve: RenderableType | None = None) -> Group:
    """Return one trial: its parameters, why it was tried, what happened, and its curves, epoch by epoch.

    `curve` is a drawing of it.
    """
    parts: list[RenderableType] = [Text(_heading(run, record), style="bold"), Text(why(run, record)), _facts(run, record)]
    if record.status is Status.STOPPED:
        parts.append(Text(f"stopped: {record.reason}"))
    elif record.reason:
        parts.append(Text(record.reason, style="red"))
    if again := repetitions(run, record.number):
        parts.append(Text(_trained_again(run, record, again)))
    if happened := _happened(run, record):
        parts += [Text(), happened]
    parts += [Text(), curve] if curve else []
    parts += [Text(), _curves(run, record)] if record.epochs_done else []
    return Group(*parts)


def _heading(run: RunRecord, record: TrialRecord) -> str:
    metric = run.metric
    head = f"trial {record.number} of {run.name}: {record.status.value}, {counted(record.epochs_done, 'epoch')}"
    if not math.isfinite(record.value) or record.status not in (Status.COMPLETE, Status.STOPPED):
        return head
    return f"{head}, {metric.name} {metric_value(metric.name, metric.shown(record.value))} in epoch {record.selected_epoch}"


def _facts(run: RunRecord, record: TrialRecord) -> Table:
    facts = Table.grid(padding=(0, 2))
    for name, value in record.trial.params.items():
        facts.add_row(f"  {name}", parameter(name, value, run.averaging))
    if record.size:
        facts.add_row("  trained parameters", f"{record.size:,}")
    facts.add_row("  time", duration(record.seconds))
    return facts


def _happened(run: RunRecord, record: TrialRecord) -> Table | None:
    """Return what is on record of a trial, a row each, with the day where it is another than in the row above."""
    rows = [(event.begin if isinstance(event, Training) else "", _told(event)) for event in events(run, record)]
    if not any(at for at, _ in rows):
        return None
    table = plain_table("UTC", "what happened", justify="left")
    day = ""
    for at, text in rows:
        table.add_row(at[11:19] if at[:10] == day else at[:19].replace("T", " "), text)
        day = at[:10] or day
    return table


def _told(event: Training | Promotion | End) -> str:
    match event:
        case Promotion(until_epoch=until):
            return f"promoted, to train until epoch {until}"
        case End(epoch, status):
            return f"{status} after {counted(epoch, 'epoch')}"
    first, last = event.from_epoch + 1, event.to_epoch
    text = f"epoch {last}" if first == last else f"epochs {first} to {last}" if first < last else "no epoch"
    seconds = (datetime.fromisoformat(event.end) - datetime.fromisoformat(event.begin)).total_seconds()
    text += f" in {duration(seconds)} on worker {event.worker}"
    text += f", beside {counted(event.beside, 'other')}" if event.beside else ""
    return f"fresh seed {event.repetition}: {text}" if event.repetition else text


def _trained_again(run: RunRecord, record: TrialRecord, again: list[TrialRecord]) -> str:
    """Return what fresh seeds gave, one by one, and their mean once all have ended."""
    metric = run.metric
    ended = [training for training in again if training.status.ended]
    told = [
        metric_value(metric.name, metric.shown(training.value))
        if training.status is Status.COMPLETE
        else training.status.value
        for training in ended
    ]
    told += [f"{len(again) - len(ended)} waiting"] if len(ended) < len(again) else []
    text = f"trained again with {counted(len(again), 'fresh seed')}: {both(told)}"
    fresh = leader(record, metric, run.confirmation).fresh
    return text if fresh is None or fresh.unfinished else f"{text}; mean {measured(fresh.mean, fresh.error)}"


def _curves(run: RunRecord, record: TrialRecord) -> Table:
    table = plain_table("epoch", *run.columns)
    for epoch in range(1, record.epochs_done + 1):
        cells = (metric_value(name, record.at(name, epoch)) for name in run.columns)
        table.add_row(str(epoch), *cells, style="bold" if epoch == record.selected_epoch else None)
    return table
