"""What the workers of a run did, on the terminal: a row each, dark where they trained."""

from __future__ import annotations

from rich.console import Group
from rich.text import Text

from hpsearch.prose import counted, percent
from hpsearch.views.format import duration
from hpsearch.views.numbers.timeline import Timeline, shares
from hpsearch.views.terminal.sparks import SHADES

"""How much of a moment a worker trained, from not at all to all of it."""


def workers_screen(line: Timeline, width: int) -> Group:
    """Return a row for each worker over the seconds worked, and below them where a command began, if there were several."""
    if not line.lanes:
        return Group(Text("no worker's time is on record"))
    names = [f"worker {number}" for number in range(1, len(line.lanes) + 1)]
    told = [f"{percent(lane.busy)}, {counted(len(lane.tasks), 'task')}" for lane in line.lanes]
    room = max(10, width - len(names[-1]) - max(map(len, told)) - 4)
    rows = []
    for name, lane, text in zip(names, line.lanes, told, strict=True):
        bar = "".join(SHADES[round(share * (len(SHADES) - 1) + 0.49)] for share in shares(lane, line.seconds, room))
        rows.append(f"{name:<{len(names[-1])}} |{bar}| {text}")
    indent = " " * (len(names[-1]) + 2)
    begins = [min(int(begin / line.seconds * room), room - 1) if line.seconds else 0 for begin in line.begins[1:]]
    end = duration(line.seconds)
    busy = f"{counted(len(line.lanes), 'worker')}, busy {percent(line.busy)} of {end}"
    if begins:
        rows.append(indent + "".join("^" if place in begins else " " for place in range(room)).rstrip())
        busy += "; ^ is where another command went on"
    return Group(Text(busy), *map(Text, rows), Text(f"{indent}0 s{end:>{room - 3}}"))
