"""Trials survive a crash."""

from dataclasses import replace

import numpy as np

from experiments.search.trial import FEWER_COLUMNS, FINISHED, PRUNED, TrialLog, TrialRecord


def _record(number: int, auc: float) -> TrialRecord:
    return TrialRecord(
        number, "lightgbm", "flaml", FINISHED, {"num_leaves": number}, auc=auc, fold_aucs=(auc,), elapsed=number
    )


def test_a_log_is_read_back_as_it_was(tmp_path):
    log = TrialLog(tmp_path)
    log.add(_record(1, 0.7), np.array([0.5, np.nan]))
    log.add(_record(2, 0.8), np.array([0.1, np.nan]))
    again = TrialLog(tmp_path)
    assert again.records == log.records
    assert again.elapsed == 2
    assert again.best_of_each_learner()["lightgbm"].number == 2
    np.testing.assert_array_equal(again.margins_of(again.records[1]), [0.1, np.nan])


def test_a_line_cut_off_by_a_crash_is_forgotten(tmp_path):
    log = TrialLog(tmp_path)
    log.add(_record(1, 0.7))
    with log.path.open("a") as lines:
        lines.write('{"number": 2, "lear')
    again = TrialLog(tmp_path)
    again.add(_record(2, 0.8))
    assert [record.number for record in TrialLog(tmp_path).records] == [1, 2]


def test_equal_settings_are_recognised(tmp_path):
    log = TrialLog(tmp_path)
    log.add(_record(3, 0.7))
    assert log.find("lightgbm", {"num_leaves": 3}) == _record(3, 0.7)
    assert log.find("xgboost", {"num_leaves": 3}) is None


def test_trials_of_fewer_columns_leave_the_race_and_may_be_made_again(tmp_path):
    log = TrialLog(tmp_path)
    early = replace(_record(1, 0.9), backend="first_look")
    log.add(early, np.array([0.5, np.nan]))
    log.add(_record(2, 0.7))
    log.set_aside([early], FEWER_COLUMNS)
    for kept in (log, TrialLog(tmp_path)):
        assert kept.records == [replace(early, state=PRUNED, message=FEWER_COLUMNS), _record(2, 0.7)]
        assert kept.best_of_each_learner() == {"lightgbm": _record(2, 0.7)}
        assert kept.find("lightgbm", {"num_leaves": 1}) is None
        assert kept.find("lightgbm", {"num_leaves": 2}) == _record(2, 0.7)
    log.bring_back(log.records[:1])
    for kept in (log, TrialLog(tmp_path)):
        assert kept.best_of_each_learner() == {"lightgbm": early}


def test_a_trial_for_a_link_of_a_chain_is_kept_beside_the_race(tmp_path):
    log = TrialLog(tmp_path)
    log.add(_record(1, 0.7))
    log.add(replace(_record(2, 0.9), stage="response"))
    for kept in (log, TrialLog(tmp_path)):
        assert [one.number for one in kept.records] == [1, 2]
        assert kept.best_of_each_learner() == {"lightgbm": _record(1, 0.7)}
        assert kept.find("lightgbm", {"num_leaves": 2}) is None
