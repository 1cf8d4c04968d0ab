"""The plots by what stands where; how plotext draws a frame is its own affair."""

import math
import sys
from dataclasses import replace

import pytest
from printed import printed
from recorded import recorded_run, recorded_search
from rich.console import RenderableType

from hpsearch.errors import UsageError
from hpsearch.objectives.metrics import METRICS
from hpsearch.space.parameters import Choice, Domain, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.trial import Status, Trial, TrialRecord, Value
from hpsearch.views.numbers.progress import progress
from hpsearch.views.numbers.slices import Slice, slices
from hpsearch.views.terminal.plots import check_can_plot, drawn_curve, pair_plot, progress_plot, slice_plot

ERROR, ACCURACY = METRICS["validation_error"], METRICS["validation_accuracy"]
WIDTHS = (60, 100, 160)


def lines_of(plot: RenderableType, width: int = 300, encoding: str = "utf-8") -> list[str]:
    return [line.rstrip() for line in printed(plot, width, encoding).splitlines()]


def columns_of(letter: str, lines: list[str]) -> list[int]:
    """Return where a letter stands within the frame, by column."""
    return sorted(place for line in lines[1:-1] if "│" in line for place, found in enumerate(line) if found == letter)


def sliced(domain: Domain, values: dict[Value, float], *failed: Value, averaging: tuple[str, ...] = ()) -> Slice:
    """Return the slice of complete trials with these errors, the first the best, and of failed ones."""
    ends = [(value, error, Status.COMPLETE) for value, error in values.items()]
    ends += [(value, math.nan, Status.DIVERGED) for value in failed]
    history = {
        number: TrialRecord(Trial(number, 0, (), {"x": value}), 1, status, values=(error,))
        for number, (value, error, status) in enumerate(ends)
    }
    (one,) = slices(SearchSpace({"x": Entry(domain)}), history, ERROR, averaging)
    return one


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_plot_keeps_to_its_width_and_to_the_letters_of_the_terminal(width: int, encoding: str) -> None:
    run = recorded_run()
    one = sliced(Real(1e-4, 1, "log"), {0.001: 0.1, 0.01: 0.2, 0.1: 0.3}, 1.0)
    run.sessions = [(run.start["at"], 1.0)]
    for plot in (
        drawn_curve(run, run.history[1], width),
        slice_plot(one, ERROR, 0, width),
        pair_plot(one, one, ERROR, [0, 1, 2], 0, width),
        progress_plot(progress(run), run.metric, width),
    ):
        lines = lines_of(plot, width, encoding)
        assert max(map(len, lines)) <= width
        assert 10 < len(lines) <= 23
        assert "".join(lines).isascii() is (encoding == "ascii")


def test_a_slice_stands_on_the_scale_of_its_parameter_with_the_best_marked_and_failed_ones_in_a_lane_of_their_own() -> None:
    lines = lines_of(slice_plot(sliced(Real(1e-4, 1, "log"), {0.01: 0.1, 1e-4: 0.3, 1.0: 0.3}, 0.1), ERROR, 0, 101))
    (low, high), (best,) = columns_of("•", lines), columns_of("◆", lines)
    assert best == pytest.approx((low + high) / 2, abs=1)
    (failed,) = columns_of("×", lines)
    assert failed == pytest.approx(low + 0.75 * (high - low), abs=1)
    (lane,) = [line for line in lines if line.startswith("failed┤")]
    assert "×" in lane
    assert lines[0] == "validation_error"
    assert lines[-1] == "• complete   × failed   ◆ the best, trial 0"
    assert lines[-2].strip() == "x, log scale"
    assert lines[-3].split() == ["0.0001", "0.001", "0.01", "0.1", "1"]


def test_the_ticks_of_a_beta_tell_it_with_its_window() -> None:
    one = sliced(Real(0.9, 0.999, "1-beta"), {0.99: 0.1, 0.9: 0.2, 0.999: 0.2}, averaging=("x",))
    lines = lines_of(slice_plot(one, ERROR, 0, 100))
    assert "0.990 (100)" in lines[-3]
    assert lines[-2].strip() == "x (window), 1-beta scale"
    (low, high), (best,) = columns_of("•", lines), columns_of("◆", lines)
    assert best == pytest.approx((low + high) / 2, abs=1)


def test_choices_and_whole_numbers_are_lanes() -> None:
    options = lines_of(slice_plot(sliced(Choice(["relu", "tanh"]), {"relu": 0.1, "tanh": 0.2}), ERROR, None, 80))
    assert options[-3].split() == ["relu", "tanh"]
    many = sliced(Choice([f"option_{k}" for k in range(9)]), {"option_0": 0.1, "option_8": 0.2})
    options = [f"option_{k}" for k in range(9)]
    narrow = lines_of(pair_plot(many, many, ERROR, [0], 0, 60))
    assert set(narrow[-3].split()) < set(options)
    assert f"x from left to right: {', '.join(options)}   x from bottom to top: {', '.join(options)}" in narrow[-1]
    layers = lines_of(slice_plot(sliced(Whole(1, 4), {1: 0.1, 4: 0.2}), ERROR, None, 80))
    assert layers[-3].split() == ["1", "2", "3", "4"]
    assert [columns_of("•", layers)[place] for place in (0, 1)] == [
        pytest.approx(place, abs=1) for place in (layers[-3].index("1"), layers[-3].index("4"))
    ]


def test_a_higher_score_stands_higher() -> None:
    one = sliced(Whole(1, 2), {1: 0.1, 2: 0.3})
    shown = replace(one, dots=tuple(replace(dot, score=ACCURACY.shown(dot.score)) for dot in one.dots))
    for these, metric, is_first in ((one, ERROR, False), (shown, ACCURACY, True)):
        text = "\n".join(lines_of(slice_plot(these, metric, 0, 80))[:-2])
        assert (text.index("◆") < text.index("•")) is is_first


def test_trials_that_are_hopeless_are_at_the_edge_and_counted() -> None:
    one = sliced(Real(0, 1), {0.1: 0.0, 0.2: 0.1, 0.3: 0.2, 0.4: 1e12})
    assert lines_of(slice_plot(one, ERROR, 0, 80))[-1].endswith("1 trial above 0.22 at the edge")


def test_a_slice_of_nothing_but_failed_trials_is_drawn() -> None:
    lines = lines_of(slice_plot(sliced(Real(0, 1), {}, 0.1, 0.9), ERROR, None, 60))
    assert len(columns_of("×", lines)) == 2
    assert lines[-1] == "× failed"


def test_two_parameters_show_where_the_best_lie() -> None:
    one = sliced(Real(0, 1), {0.1 * k: 0.01 * k for k in range(1, 10)}, 0.95)
    lines = lines_of(pair_plot(one, one, ERROR, range(9), 0, 100))
    assert (len(columns_of("•", lines)), len(columns_of("·", lines)), len(columns_of("×", lines))) == (4, 4, 1)
    assert lines[-1] == "× failed   · a trial   • the 5 best by validation_error   ◆ the best, trial 0"
    assert lines_of(pair_plot(one, one, ERROR, [3], None, 100))[-1].endswith("   • the best by validation_error")


def test_of_tied_trials_those_stand_out_that_rank_first() -> None:
    one = sliced(Real(0, 1), dict.fromkeys((0.1 * k for k in range(1, 8)), 0.2))
    places = columns_of("•", lines_of(pair_plot(one, one, ERROR, [6, 5, 4, 3, 2, 1, 0], None, 100)))
    others = columns_of("·", lines_of(pair_plot(one, one, ERROR, [6, 5, 4, 3, 2, 1, 0], None, 100)))
    assert max(others) < min(places)


def test_two_parameters_that_never_count_together_are_told_to_have_no_trial() -> None:
    one, other = sliced(Real(0, 1), {0.5: 0.1}), replace(sliced(Real(0, 1), {}), dots=())
    assert lines_of(pair_plot(one, other, ERROR, [0], 0, 80))[-1] == "no trial to be drawn"


def test_the_incumbent_is_a_line_over_the_trials_that_ended() -> None:
    run = recorded_run()
    run.sessions = [(run.start["at"], 1.0)]
    lines = lines_of(progress_plot(progress(run), run.metric, 80), encoding="ascii")
    assert lines[-1] == ". a trial   # a new best one"
    assert lines[-3].split() == ["1", "2", "3", "4"]
    assert sum(line.count("#") for line in lines[:-1]) == 2
    assert lines_of(progress_plot((), run.metric, 80)) == ["no trial has a score yet"]


def test_a_curve_is_marked_at_the_epoch_that_counts() -> None:
    run = recorded_run(best_epochs=True)
    lines = lines_of(drawn_curve(run, run.history[0], 80), encoding="ascii")
    (mark,) = [line.index("#") for line in lines if "#" in line]
    assert mark == pytest.approx(lines[-2].index("2"), abs=1)
    assert lines[0] == "validation_error"


def test_a_curve_with_a_hopeless_epoch_says_that_it_stands_at_the_edge() -> None:
    run = recorded_run()
    record = replace(run.history[0], curves={"validation_error": (1e6, 0.4, 0.3, 0.2)})
    assert lines_of(drawn_curve(run, record, 80))[-1] == "1 epoch above 0.42 at the edge"


def test_a_trial_without_two_epochs_or_without_numbers_is_no_mistake() -> None:
    run = recorded_run()
    assert lines_of(drawn_curve(run, run.history[3], 80)) == [""]
    assert lines_of(drawn_curve(run, run.history[2], 80))[-2].split() == ["1", "2"]
    bad = replace(run.history[0], curves={"validation_error": (math.nan, math.nan)})
    assert lines_of(drawn_curve(run, bad, 80)) == [""]


def test_texts_that_are_empty_or_steer_a_terminal_are_drawn_so_that_they_are_seen() -> None:
    one = sliced(Choice(["[red]a", "\x1b[31m", "", " "]), {"[red]a": 0.1, "\x1b[31m": 0.2, "": 0.3, " ": 0.4})
    for plot in (slice_plot(one, ERROR, 0, 80), pair_plot(one, one, ERROR, [0], 0, 80)):
        assert lines_of(plot)[-3].split() == ["[red]a", "\\x1b[31m", "(empty)", "(blank)"]


def test_without_plotext_a_curve_is_a_line_and_plots_say_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "plotext", None)
    run = recorded_search({})
    (line,) = lines_of(drawn_curve(run, run.history[0], 80), encoding="ascii")
    assert line == "#:_  as a plot: pip install 'hpsearch[plot]'"
    with pytest.raises(UsageError, match=r"pip install 'hpsearch\[plot\]'"):
        check_can_plot()
