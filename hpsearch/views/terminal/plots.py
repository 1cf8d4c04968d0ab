"""Plots on the terminal: learning curves, slices and the incumbent, drawn by plotext, which is an extra.

Everything is placed in the unit square here, on the scales of the numbers; plotext joins and frames it, and knows no scale.
Where a console has letters only, lines are drawn of these.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.text import Text

from hpsearch.errors import UsageError
from hpsearch.objectives.metrics import Metric
from hpsearch.prose import counted, first_of
from hpsearch.space.parameters import Choice
from hpsearch.study.record import RunRecord
from hpsearch.trial import Status, TrialRecord
from hpsearch.views.format import metric_value, metric_values, printable, value_text, value_texts
from hpsearch.views.numbers.axis import ScoreAxis, score_axis
from hpsearch.views.numbers.progress import Milestone
from hpsearch.views.numbers.slices import Dot, Slice
from hpsearch.views.numbers.ticks import round_numbers, ticks
from hpsearch.views.terminal.sparks import sparkline

WIDEST, HEIGHT, CURVE_HEIGHT = 120, 20, 14
TOP_SHARE, FEWEST_TOP = 10, 5
BELOW = -0.15
"""Where the lane of those without a score lies, below the axis."""


@dataclass(frozen=True)
class Marks:
    """Points of the unit square, drawn as one character, or joined by a line where there is none."""

    points: Sequence[tuple[float, float]]
    letter: str = ""


@dataclass(frozen=True)
class Axis:
    """What stands along a side of the plot: its name, and labels by their place."""

    name: str
    labels: Sequence[tuple[float, str]]


def can_plot() -> bool:
    """Whether plotext is there."""
    try:
        import plotext  # noqa: F401  # asked for, not used
    except ImportError:
        return False
    return True


def check_can_plot() -> None:
    """Raise UsageError unless plotext is there."""
    if not can_plot():
        raise UsageError("plots on the terminal need plotext: pip install 'hpsearch[plot]'")


@dataclass(frozen=True)
class Plot:
    """Marks in so many columns and lines, the later ones over the earlier; a line is one of dots, or of letters."""

    marks: Sequence[Marks]
    x: Axis
    y: Axis
    width: int
    height: int

    def __post_init__(self) -> None:
        """Raise UsageError where plotext is not there."""
        check_can_plot()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        yield Text(_drawn(self, "*" if options.ascii_only else "braille"))


def _drawn(plot: Plot, line: str) -> str:
    from plotext import figure, terminal

    x, y = plot.x, plot.y
    terminal.limit(False, False)  # the width is known
    figure.clear()
    figure.plot_size(min(plot.width, WIDEST), plot.height)
    figure.theme("colorless")
    for mark in plot.marks:
        across, up = [point[0] for point in mark.points], [point[1] for point in mark.points]
        signal = figure.signal(across, up, marker=mark.letter or line)
        figure.draw(signal if mark.letter else signal.lines())
    lowest = min((point[1] for mark in plot.marks for point in mark.points), default=0.0)
    for side, axis, low in (("x", x, -0.02), ("y", y, min(lowest, 0.0) - 0.03)):
        figure.ruler(side).lim(low, 1.02 if side == "x" else 1.05)
        figure.ruler(side).ticks([place for place, _ in axis.labels], [printable(text) for _, text in axis.labels])
    figure.label(printable(x.name), "x")
    lines = [y.name, *(line.rstrip() for line in figure.build().string(colorless=True).rstrip().splitlines())]
    return "\n".join(lines)


def drawn_curve(run: RunRecord, record: TrialRecord, width: int) -> RenderableType:
    """Return the curve of a trial as a plot; where plotext is missing as a line, with how to have the plot."""
    scores = _curve(run, record)
    if len(scores) < 2 or can_plot():
        return curve_plot(run, record, width) if len(scores) > 1 else Text()
    return Text(f"{sparkline(scores)}  as a plot: pip install 'hpsearch[plot]'")


def curve_plot(run: RunRecord, record: TrialRecord, width: int) -> RenderableType:
    """Return the metric of a trial over its epochs, with a mark at the epoch that counts; nothing without a number.

    Epochs that were too bad to be shown where they are, as the first ones often are, are counted below.
    """
    metric, last, scores = run.metric, record.epochs_done, _curve(run, record)
    axis = score_axis(scores, higher_is_better=metric.higher_is_better)
    if axis is None:
        return Text()
    points = [(_along(epoch, last), axis.place(score)) for epoch, score in enumerate(scores, 1) if math.isfinite(score)]
    marks = [Marks(points)]
    selected = record.selected_epoch
    if selected and math.isfinite(scores[selected - 1]):
        marks.append(Marks([(_along(selected, last), axis.place(scores[selected - 1]))], "◆"))
    y = _scores(metric, axis, CURVE_HEIGHT)
    plot = Plot(marks, _counts("epoch", last), y, width, CURVE_HEIGHT)
    return Group(plot, *map(Text, _beyond(axis, metric, "epoch")))


def _curve(run: RunRecord, record: TrialRecord) -> list[float]:
    """Return the metric after each epoch, as it was asked for."""
    metric = run.metric
    return [metric.shown(metric.value(recorded)) for recorded in record.curves.get(metric.column, ())]


def slice_plot(one: Slice, metric: Metric, best: int | None, width: int) -> Group:
    """Return the metric over a parameter, on the scale that it was drawn on; `best` is the trial to be marked."""
    scored = [dot.score for dot in one.dots if not _is_failed(dot)]
    axis = score_axis(scored, higher_is_better=metric.higher_is_better)
    shown = [dot for dot in one.dots if _is_failed(dot) or math.isfinite(dot.score)]
    kinds = {
        "· not trained to the end": [d.trial for d in shown if d.status in (Status.STOPPED, Status.WAITING)],
        "• complete": [d.trial for d in shown if d.status is Status.COMPLETE and not _is_failed(d)],
        "× failed": [d.trial for d in shown if _is_failed(d)],
    }
    y = _scores(metric, axis, HEIGHT, with_lane=bool(kinds["× failed"]))
    placed = {dot.trial: (dot.place, _height(dot, axis)) for dot in shown}
    x = _parameter_axis(one, width)
    told = [*(_beyond(axis, metric) if axis else []), *_without_label(one, x, "left to right")]
    return _with_legend(placed, kinds, best, (x, y), told, width)


def pair_plot(across: Slice, up: Slice, metric: Metric, ranked: Sequence[int], best: int | None, width: int) -> Group:
    """Return where trials lay in two parameters that both count in them; of the `ranked` the best tenth is told apart.

    These are the trials that can win, best first.
    """
    heights = {dot.trial: dot.place for dot in up.dots}
    both = [dot for dot in across.dots if dot.trial in heights]
    there = {dot.trial for dot in both}
    ranked = [trial for trial in ranked if trial in there]
    top = ranked[: max(FEWEST_TOP, len(ranked) // TOP_SHARE)]
    kinds = {
        "× failed": [dot.trial for dot in both if _is_failed(dot)],
        "· a trial": [dot.trial for dot in both if not _is_failed(dot)],
        f"• the {f'{len(top)} ' if top[1:] else ''}best by {metric.name}": top,
    }
    x = _parameter_axis(across, width)
    y = Axis(up.name, _labels(up, HEIGHT // 3))
    placed = {dot.trial: (dot.place, heights[dot.trial]) for dot in both}
    told = [*_without_label(across, x, "left to right"), *_without_label(up, y, "bottom to top")]
    return _with_legend(placed, kinds, best, (x, y), told, width)


def progress_plot(ended: Sequence[Milestone], metric: Metric, width: int) -> Group:
    """Return the score of each trial in the order in which they ended, and the incumbent's as a line."""
    axis = score_axis([one.score for one in ended], higher_is_better=metric.higher_is_better)
    if axis is None:
        return Group(Text("no trial has a score yet"))
    last = len(ended)
    best = [(one.n_trials, one.best) for one in ended if one.incumbent is not None]
    edges = [(trials, score) for (_, score), (trials, _) in pairwise(best)]
    steps = sorted(chain(edges, best), key=lambda point: point[0])
    scored = [(one.n_trials, one.score) for one in ended if math.isfinite(one.score)]
    better = [(one.n_trials, one.best) for one in ended if one.is_better]
    marks = [
        Marks([(_along(trials, last), axis.place(score)) for trials, score in points], letter)
        for points, letter in ((steps, ""), (scored, "·"), (better, "◆"))
    ]
    plot = Plot(marks, _counts("trials ended", last), _scores(metric, axis, HEIGHT), width, HEIGHT)
    return Group(plot, Text("   ".join(["· a trial", "◆ a new best one", *_beyond(axis, metric)])))


def _with_legend(
    placed: Mapping[int, tuple[float, float]],
    kinds: Mapping[str, Sequence[int]],
    best: int | None,
    axes: tuple[Axis, Axis],
    told: Sequence[str],
    width: int,
) -> Group:
    """Return a plot of trials of several kinds, named by the character that they are drawn as, and what else is `told`."""
    marked = {**kinds, f"◆ the best, trial {best}": [best] if best is not None and best in placed else []}
    there = {name: trials for name, trials in marked.items() if trials}
    marks = [Marks([placed[trial] for trial in trials], name[0]) for name, trials in there.items()]
    return Group(Plot(marks, *axes, width, HEIGHT), Text("   ".join([*there, *told]) or "no trial to be drawn"))


def _beyond(axis: ScoreAxis, metric: Metric, what: str = "trial") -> list[str]:
    """Return how many scores are too bad to be shown where they are."""
    edge, worse = (axis.low, "below") if metric.higher_is_better else (axis.high, "above")
    return [f"{counted(axis.beyond, what)} {worse} {metric_value(metric.name, edge)} at the edge"] if axis.beyond else []


def _is_failed(dot: Dot) -> bool:
    """Whether a trial went wrong, or ended with no number."""
    return dot.status.is_failure or (dot.status.ended and not math.isfinite(dot.score))


def _height(dot: Dot, axis: ScoreAxis | None) -> float:
    return BELOW if axis is None or _is_failed(dot) else axis.place(dot.score)


def _along(count: int, last: int) -> float:
    """Return the place of a count from 1 to `last`."""
    return (count - 1) / (last - 1) if last > 1 else 0.5


def _counts(name: str, last: int) -> Axis:
    """Return an axis of whole numbers from 1."""
    whole = sorted({1, *(int(count) for count in round_numbers(1, last) if count == int(count) and count > 1)})
    return Axis(name, [(_along(count, last), str(count)) for count in whole])


def _scores(metric: Metric, axis: ScoreAxis | None, height: int, *, with_lane: bool = False) -> Axis:
    scores = axis.ticks(height // 3 + 1) if axis else []
    labels = (
        [(axis.place(s), text) for s, text in zip(scores, metric_values(metric.name, scores), strict=True)] if axis else []
    )
    return Axis(metric.name, [(BELOW, "failed"), *labels] if with_lane else labels)


def _parameter_axis(one: Slice, width: int) -> Axis:
    """Return the axis of a parameter, with as many ticks as there is room for."""
    for most in range(8, 1, -1):
        labels = _labels(one, most)
        if sum(len(text) + 3 for _, text in labels) <= width - 12:
            break
    scale = getattr(one.parameter.domain, "scale", "linear")
    name = f"{one.name} (window)" if one.is_beta else one.name
    return Axis(name if scale == "linear" else f"{name}, {scale} scale", labels)


def _labels(one: Slice, most: int) -> list[tuple[float, str]]:
    found = ticks(one.parameter.domain, most)
    texts = value_texts([tick.value for tick in found], is_beta=one.is_beta)
    return [(tick.place, text) for tick, text in zip(found, texts, strict=True)]


def _without_label(one: Slice, axis: Axis, course: str) -> list[str]:
    """Return all options of a choice in their order, where there is no room to label each."""
    domain = one.parameter.domain
    if not isinstance(domain, Choice) or len(axis.labels) == domain.levels:
        return []
    return [f"{one.name} from {course}: {first_of(map(value_text, domain.options))}"]
