"""What a run may use, and what of it can be repeated."""

import pytest

from experiments.errors import FinishNow
from experiments.progress import StageStarted, Tick
from experiments.search.run import Run
from experiments.search.time_policy import OutOfTime
from experiments.spec import SearchBudget


def _ignore(event):
    return None


def test_a_decision_is_kept_and_made_again_in_a_repetition():
    first = Run.begun(SearchBudget(60), _ignore)
    assert first.decisions.decide("seeds", lambda: 3) == 3
    again = Run.begun(SearchBudget(60), _ignore, replayed=first.decisions.made)
    assert again.decisions.decide("seeds", lambda: 4) == 3
    assert again.decisions.decide("rows", lambda: 50) == 50
    assert again.decisions.recall("rows") is None
    assert not again.clock.is_timed


def test_a_wish_to_finish_counts_from_the_next_phase_and_ends_what_can_be_left():
    def finish(event):
        if isinstance(event, Tick):
            raise FinishNow

    run = Run.begun(SearchBudget(None, 5), finish)
    run.time.settle_wish_to_finish("shortlist")
    run.time.pulse()
    assert (run.listener.is_asked_to_finish, run.time.is_hurried) == (True, False)
    with pytest.raises(OutOfTime), run.time.until(None):
        run.time.pulse()
    run.time.settle_wish_to_finish("members")
    assert run.time.is_hurried
    assert run.decisions.made == {"hurried shortlist": False, "hurried members": True}


def test_during_a_search_a_wish_to_finish_is_raised_once():
    def finish(event):
        raise FinishNow

    run = Run.begun(SearchBudget(60), finish)
    with run.listener.searching():
        with pytest.raises(FinishNow):
            run.time.pulse()
        run.listener._last_tick = 0.0
        run.time.pulse()


def test_slowness_is_what_fits_took_by_the_clock_for_what_they_took_of_a_core():
    run = Run.begun(SearchBudget(60), _ignore)
    assert run.clock.slowness == 1.0
    run.clock.worked(6.0, 3.0)
    assert run.clock.slowness == 2.0
    run.clock.worked(100.0, 1.0)
    assert run.clock.slowness == 4.0


def test_what_must_be_done_at_the_end_takes_longer_on_a_busy_machine_but_never_more_than_half():
    run = Run.begun(SearchBudget(100), _ignore)
    assert run.time.end_of_choice == 100.0
    run.time.must_do, run.time.kept_back = 5.0, 8.0
    assert (run.time.latest_end_of_choice, run.time.end_of_choice) == (95.0, 87.0)
    assert 0.0 < run.time.spare <= 87.0
    run.clock.worked(9.0, 3.0)
    assert (run.time.latest_end_of_choice, run.time.end_of_choice) == (85.0, 77.0)
    run.time.must_do = 90.0
    assert (run.time.end_of_choice, run.time.latest_end_of_choice) == (50.0, 50.0)
    run.clock.set_used(60.0)
    assert run.time.spare == 0.0


def test_without_a_clock_there_is_always_time_to_spare():
    run = Run.begun(SearchBudget(None, 5), _ignore)
    assert run.time.spare == float("inf")


def test_a_stage_that_goes_on_is_told_once():
    told = []
    run = Run.begun(SearchBudget(60), told.append)
    for stage in ("prepare", "first_model", "first_model", "search", "first_model"):
        run.listener.begin(stage)
    assert told == [StageStarted(stage) for stage in ("prepare", "first_model", "search", "first_model")]
