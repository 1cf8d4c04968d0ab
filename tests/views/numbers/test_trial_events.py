from dataclasses import replace

from recorded import recorded_run, recorded_search

from hpsearch.views.numbers.events import End, Promotion, Training, events


def test_a_trial_tells_who_trained_it_where_it_was_promoted_and_how_it_ended() -> None:
    run = recorded_search({})
    told = events(run, run.history[3])
    assert [type(event) for event in told] == [Training, Promotion, Training, End]
    assert told[0] == Training(0, 1, "1", "2026-11-21T10:00:00.000+00:00", "2026-11-21T10:00:01.000+00:00", 4, 0)
    assert told[1:2] + told[3:] == (Promotion(1, 3), End(3, "complete"))


def test_a_trial_that_was_stopped_was_not_promoted() -> None:
    run = recorded_search({})
    assert [event.event for event in events(run, run.history[1])] == ["trained", "ended"]


def test_a_promotion_that_waits_stands_last() -> None:
    run = recorded_search({})
    run.spans = run.spans[:1]
    run.promotions = {0: [(1, 3)]}
    waiting = replace(recorded_search({}).history[0], status=run.history[0].status.WAITING)
    assert [event.event for event in events(run, waiting)] == ["trained", "promoted"]


def test_fresh_seeds_come_after_the_end_of_the_search() -> None:
    run = recorded_search()
    told = [event.repetition for event in events(run, run.history[3]) if isinstance(event, Training)]
    assert told == [0, 0, 1, 2, 3]


def test_trials_side_by_side_are_counted_once_each() -> None:
    run = recorded_run()
    (trained, _) = events(run, run.history[0])
    assert isinstance(trained, Training)
    assert trained.beside == 3
