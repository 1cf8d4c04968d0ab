"""The picture of a search under way: how far it is, its leaders with their curves, and what is worth knowing meanwhile.

It is as wide and as high as the window: lines that do not fit end with a whole word, columns of the leaderboard that do not
fit are left out, and rows that do not fit go by their `Priority`, the lowest first. The parameters stand in the order of the
spec until it is known how much they matter, and then in that order.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from rich.console import Console, ConsoleOptions
from rich.text import Text

from hpsearch.data.messages import escaped
from hpsearch.prose import counted
from hpsearch.study.events import Event, Started
from hpsearch.trial import History, TrialRecord, headline, leaders
from hpsearch.views.format import duration, metric_value, printable, stage_name
from hpsearch.views.numbers.importance import FEWEST_NAMED, by_importance
from hpsearch.views.numbers.progress import incumbents
from hpsearch.views.numbers.slices import Crowded, crowded_edges
from hpsearch.views.numbers.under_way import StageStanding, UnderWay, farthest, stage_standings
from hpsearch.views.terminal.board import Board
from hpsearch.views.terminal.sparks import CURVE_WIDTH, bar, filled, fitted, sparkline
from hpsearch.views.terminal.standing import heading, rung_text
from hpsearch.views.words import edge_line

TOP, BAR_WIDTH, SHORTEST_BAR = 8, 40, 8

GOES_ON, OVER, TO_COME = "cyan", "green", "dim"
"""The styles of a bar: of what is done while more is to come, of what is done when all is, and of the rest."""

RESTS = 20
"""Facts are found out anew after so many times as long as it took."""


class Priority(IntEnum):
    """How long a row stays in a window that gets lower: the last of these go first."""

    ALWAYS = 0
    COUNTS = 1
    STAGE = 2
    EDGE = 3
    BEST = 4
    LEADERS = 5
    OTHER_STAGES = 6
    FAILURE = 7
    MORE_LEADERS = 8
    SPACE = 9


@dataclass(frozen=True)
class Row:
    """A line of the picture."""

    text: Text
    priority: Priority


@dataclass(frozen=True)
class _Bar:
    """A line with a bar: what it is of, the share, and what to say of it, in full and in short."""

    label: str
    share: float
    full: str
    short: str
    priority: Priority


@dataclass(frozen=True)
class _Facts:
    """What takes a while to find out, and changes with events only: of the search as it was `started`, or replanned."""

    started: Started
    parameters: Sequence[str]
    standings: tuple[StageStanding, ...]
    leaders: Sequence[TrialRecord]
    bests: Sequence[float]
    edges: Sequence[Crowded]


class Picture:
    """What a console shows of a search: it takes in events, and is drawn anew whenever it is printed."""

    def __init__(self, hint: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self._hint, self._clock = hint, clock
        self._search = UnderWay()
        self._heard, self._facts_at = 0, -1
        self._is_last = self._is_over = False
        self._rests_until = -math.inf
        self._longest = 0
        """Of what was said of a bar: a bar that got longer again would not be calm."""
        self._known: _Facts | None = None
        self._board, self._next = Board(), FEWEST_NAMED
        self._parameters: Sequence[str] = ()

    def __call__(self, event: Event) -> None:
        """Take in an event; the next time that it is drawn shows it."""
        self._search.take(event, self._clock())
        self._heard += 1

    def end(self, *, stays: bool) -> None:
        """Let what is drawn from now on show all that was told, and name no keys; or nothing, unless it `stays`."""
        self._hint, self._rests_until = "", -math.inf
        self._is_last, self._is_over = True, not stays

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        for row in self.rows(options.max_width, console.height - 1):
            row.text.no_wrap, row.text.overflow = True, "ignore"
            yield row.text

    def rows(self, width: int, height: int) -> list[Row]:
        """Return the rows for a window."""
        started = self._search.started
        if started is None or self._is_over:
            return []
        facts = self._facts(started)
        rows = list(self._rows(facts, width, fold=False))
        if len(rows) > height:
            rows = list(self._rows(facts, width, fold=True))
        while len(rows) > max(height, 1) and (last := max(row.priority for row in rows)) > Priority.ALWAYS:
            rows.pop(max(place for place, row in enumerate(rows) if row.priority == last))
        return rows[: max(height, 1)]

    def _facts(self, started: Started) -> _Facts:
        """Return what follows from the events until now."""
        if self._known is None or (self._facts_at != self._heard and self._clock() >= self._rests_until):
            self._facts_at = self._heard  # before: the events go on meanwhile
            history = dict(self._search.history)
            parameters, shown = self._by_importance(started, history), started.metric.shown
            begin = self._clock()
            self._known = _Facts(
                started,
                parameters,
                stage_standings(started.plan, history),
                (leaders(history.values()) or farthest(history))[:TOP],
                [shown(best.value) for _, best in incumbents(history) if best],
                crowded_edges(started.space, history) if started.space else (),
            )
            # Of thousands of trials it takes long: the search is to have the processor.
            self._rests_until = self._clock() + RESTS * (self._clock() - begin)
        return self._known

    def _by_importance(self, started: Started, history: History) -> Sequence[str]:
        """Return the parameters in the order in which they matter, found anew whenever twice as many trials have ended.

        The first picture does not wait for that, unless it is the last.
        """
        ended = sum(record.status.ended for record in history.values())
        if started.space and ended >= self._next and (self._known or self._is_last):
            self._next = 2 * ended
            self._parameters = by_importance(history, started.space) or self._parameters
        return self._parameters or started.parameters

    def _rows(self, facts: _Facts, width: int, *, fold: bool) -> Iterator[Row]:
        started = facts.started
        yield self._row(heading(started), width, Priority.ALWAYS, "bold")
        yield from self._bars([self._whole(), *self._stages(facts, fold=fold), *self._confirming()], width)
        yield self._row(self._counts(started, width), width, Priority.COUNTS)
        if facts.bests:
            yield self._row(self._bests(started, facts.bests, width), width, Priority.BEST)
        if facts.leaders:
            yield Row(Text(), Priority.SPACE)
            yield from self._leaders(facts, width)
        told = list(self._told(started, facts))
        if told or self._hint:
            yield Row(Text(), Priority.SPACE)
        for text, priority, style in told:
            yield self._row(text, width, priority, style)
        if self._hint:
            yield self._row(self._hint, width, Priority.SPACE, "dim")

    def _row(self, text: str, width: int, priority: Priority, style: str = "") -> Row:
        return Row(Text(fitted(printable(text).replace("\n", " "), width), style=style), priority)

    def _whole(self) -> _Bar:
        now, done = self._clock(), self._search.work_done
        left = self._search.left(now)
        spent = duration(self._search.elapsed(now))
        share = f"{math.floor(100 * done)} %"
        short = f"{share}, {spent}" if math.isnan(left) else f"{share}, {duration(left)} left"
        full = short if math.isnan(left) else f"{share}, {spent}, about {duration(left)} left"
        return _Bar("search", done, full, short, Priority.ALWAYS)

    def _stages(self, facts: _Facts, *, fold: bool) -> Iterator[_Bar]:
        plan, standings = facts.started.plan, facts.standings
        if len(standings) == standings[0].rungs == 1:  # its bar would be that of the search
            return
        over = [standing for standing in standings if standing.is_over]
        to_come = [standing for standing in standings if not standing.begun]
        if fold and len(over) > 1:
            yield _folded(over, "over")
        for standing in standings:
            if fold and ((standing.is_over and len(over) > 1) or (not standing.begun and len(to_come) > 1)):
                continue
            rung, trials = rung_text(plan, standing), counted(standing.trials, "trial")
            ended = f"{standing.ended} of {trials}" if standing.begun and not standing.is_over else trials
            full = f"{ended}, {rung}" if rung and not standing.is_over else ended
            priority = Priority.STAGE if standing.begun and not standing.is_over else Priority.OTHER_STAGES
            name = stage_name(plan, standing.stage, facts.started.method) if len(standings) > 1 else "trials"
            yield _Bar(name, standing.share, full, ended, priority)
        if fold and len(to_come) > 1:
            yield _folded(to_come, "to come")

    def _confirming(self) -> Iterator[_Bar]:
        trainings = list(self._search.repetitions.values())
        if trainings:
            ended = sum(record.status.ended for record in trainings)
            text = f"{ended} of {counted(len(trainings), 'training')} with fresh seeds"
            yield _Bar("confirming", ended / len(trainings), text, f"{ended} of {len(trainings)}", Priority.STAGE)

    def _bars(self, bars: Sequence[_Bar], width: int) -> Iterator[Row]:
        label = max(len(one.label) for one in bars)
        room = width - 2 - label - 2 - 2
        self._longest = max(self._longest, *(len(one.full) for one in bars))
        length = room - self._longest
        if length < SHORTEST_BAR:
            length = room - max(len(one.short) for one in bars)
        length = min(BAR_WIDTH, max(SHORTEST_BAR, length))
        for one in bars:
            drawn, begin = bar(one.share, length), 2 + label + 2
            text = one.full if length + len(one.full) <= room else one.short
            row = self._row(f"  {one.label:{label}}  {drawn}  {text}", width, one.priority)
            done = begin + filled(one.share, length)
            row.text.stylize(GOES_ON if one.share < 1 else OVER, begin, done)
            row.text.stylize(TO_COME, done, begin + length)
            yield row

    def _counts(self, started: Started, width: int) -> str:
        counts = self._search.counts
        told = ", ".join(f"{count} {status}" for status, count in counts.items())
        full = f"{sum(counts.values())} of {counted(started.plan.trials, 'trial')} ended{': ' if told else ''}{told}"
        return full if len(full) <= width or not told else told

    def _bests(self, started: Started, bests: Sequence[float], width: int) -> str:
        first, last = (metric_value(started.metric.name, value) for value in (bests[0], bests[-1]))
        begin, end = f"best so far, trial by trial: {first} ", f" {last}"
        if width < len(begin) + len(end) + CURVE_WIDTH // 2:
            begin = f"best so far: {first} "
        length = max(2, min(CURVE_WIDTH, width - len(begin) - len(end)))
        return begin + sparkline(bests, length) + end

    def _leaders(self, facts: _Facts, width: int) -> Iterator[Row]:
        head, *rows = self._board.lines(facts.leaders, facts.started, facts.parameters, width)
        yield Row(Text(head, style="bold"), Priority.ALWAYS)
        for place, row in enumerate(rows):
            priority = Priority.ALWAYS if place == 0 else Priority.LEADERS if place < 3 else Priority.MORE_LEADERS
            yield Row(Text(row), priority)

    def _told(self, started: Started, facts: _Facts) -> Iterator[tuple[str, Priority, str]]:
        for edge in facts.edges:
            yield edge_line(edge, started.averaging), Priority.EDGE, "yellow"
        if failed := self._search.failed:
            why = escaped(headline(failed.reason))
            yield f"trial {failed.number} {failed.status.value}: {why}", Priority.FAILURE, "red"


def still(events: Iterable[Event]) -> Picture:
    """Return the picture after some events, to be printed once."""
    now = time.monotonic()
    picture = Picture(clock=lambda: now)
    for event in events:
        picture(event)
    picture.end(stays=True)
    return picture


def _folded(standings: Sequence[StageStanding], what: str) -> _Bar:
    """Return one bar for several stages, all of them over or to come."""
    trials = counted(sum(standing.trials for standing in standings), "trial")
    share = sum(standing.share for standing in standings) / len(standings)
    return _Bar(f"{len(standings)} stages {what}", share, trials, trials, Priority.OTHER_STAGES)
