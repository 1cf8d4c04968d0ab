"""`hpsearch run CONFIG --dry-run`: what the same command without it would do."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hpsearch.study.outlook import Outlook


def show_plan(ahead: Outlook, as_json: bool) -> None:
    """Print which run a search goes on with, if any, and what it means to do."""
    from hpsearch.study.loop import averaging_weights
    from hpsearch.views.console import messages, note, output, print_json
    from hpsearch.views.plan import data_line, space_table
    from hpsearch.views.tables import judged

    if as_json:
        print_json(_json(ahead))
        return
    for text in ahead.notes:
        note(text)
    console, study = output(), ahead.subject.study
    console.print(space_table(study.space.describe(), averaging_weights(study)))
    console.print(f"\n{data_line(ahead.subject.facts)}")
    for line in _lines(ahead):
        console.print(line)
    console.print(judged(str(study.metric), study.select))
    messages().print("nothing was started")


def _lines(ahead: Outlook) -> Iterator[str]:
    from hpsearch.views.format import printable
    from hpsearch.views.plan import plan_line, plan_lines

    run = ahead.run
    settings = replace(ahead.subject.study.search, confirm=ahead.confirm)
    if run and not ahead.is_over:
        yield f"goes on with {printable(str(ahead.directory))}: {ahead.ended} of its trials have ended"
    if run and run.plan and run.plan != ahead.plan:
        yield f"recorded {plan_line(run.plan, settings)}"
    yield from plan_lines(ahead.plan, settings, ahead.confirm.leaders or 0, _evidence(ahead))


def _json(ahead: Outlook) -> dict[str, Any]:
    from hpsearch.views.export import plan_json

    content = plan_json(ahead.subject.study, ahead.plan, ahead.subject.facts, ahead.confirm)
    run = ahead.run
    begun = run and {"run": str(ahead.directory), "ended": ahead.ended, "planned": run.plan.trials if run.plan else 0}
    found = {"goes_on_with": begun, "evidence": _evidence(ahead), "notes": [*content["notes"], *ahead.notes]}
    return {**content, **found}


def _evidence(ahead: Outlook) -> Counter[str]:
    return Counter(trial.run for trial in ahead.prior)
