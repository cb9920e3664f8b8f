"""What a split says of itself where it is not what was asked for."""

import numpy as np
import pandas as pd

from experiments.data.splitting.by_time import FEWER_FOLDS
from experiments.data.splitting.scheme import split_rows
from experiments.spec import ExperimentSpec, ValidationScheme


def test_folds_that_an_embargo_leaves_no_room_for_are_told_with_their_dates() -> None:
    days = pd.date_range("2025-01-01", "2025-09-30", freq="D").repeat(4)
    y = np.tile([1.0, 0.0, 0.0, 1.0], len(days) // 4)
    frame = pd.DataFrame({"day": days, "x": np.arange(len(days)), "bad": y})
    scheme = ValidationScheme(scheme="time", folds=4, embargo_days=30)

    split = split_rows(frame, y, spec=ExperimentSpec("bad", "1", time_column="day", validation=scheme))

    (note,) = [note["params"] for note in split.notes if note["message"] == FEWER_FOLDS]
    starts = [str(days[valid].min().date()) for _fit, valid in split.folds]
    assert len(split.folds) < 4
    assert note == {"asked": 4, "folds": len(split.folds), "starts": ", ".join(starts), "days": 30}


def test_folds_that_all_fit_are_told_without_a_note() -> None:
    days = pd.date_range("2025-01-01", "2025-09-30", freq="D").repeat(4)
    y = np.tile([1.0, 0.0, 0.0, 1.0], len(days) // 4)
    frame = pd.DataFrame({"day": days, "x": np.arange(len(days)), "bad": y})
    scheme = ValidationScheme(scheme="time", folds=4, embargo_days=5)

    split = split_rows(frame, y, spec=ExperimentSpec("bad", "1", time_column="day", validation=scheme))

    assert (len(split.folds), [note for note in split.notes if note["message"] == FEWER_FOLDS]) == (4, [])
