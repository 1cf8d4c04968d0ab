"""`hpsearch run CONFIG --dry-run`: what the same command without it would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hpsearch.study.outlook import Outlook


def show_plan(ahead: Outlook, told: Sequence[str], as_json: bool) -> None:
    """Print which run a search goes on with, if any, what it means to do, and notes: what is `told` comes first."""
    from hpsearch.views.ahead_export import outlook_json
    from hpsearch.views.terminal.console import messages, note, output, print_json
    from hpsearch.views.terminal.plan import outlook_lines, space_table

    told = (*told, *ahead.notes)
    for text in told:
        note(text)
    if as_json:
        print_json({**outlook_json(ahead), "notes": told})
        return
    console, study = output(), ahead.subject.study
    console.print(space_table(study.space.describe(), study.averaging), "")
    for line in outlook_lines(ahead):
        console.print(line)
    messages().print("nothing was started")
