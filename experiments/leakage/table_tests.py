"""The tests that look at a whole table once its columns are judged: one module each, and one line in this table."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.data.splitting.split import Split
from experiments.leakage import availability, control, copies, ripening
from experiments.leakage.finding import Finding
from experiments.leakage.labelled_sample import LabelledSample
from experiments.spec import ExperimentSpec


@dataclass(frozen=True)
class WholeTable:
    """What the tests of a whole table look at.

    Attributes
    ----------
    sample : labelled rows, on which columns were judged. left : its columns that a quick model would use.
    roles, y : columns with a role and the answer, of all rows. split : of these, None where none can be made.
    hash_rows : gives one number a row for some columns, of all rows.
    known_after_days : by column, days after the observation date on which the dictionary says it is known.
    """

    sample: LabelledSample
    left: list[str]
    spec: ExperimentSpec
    roles: pd.DataFrame
    y: np.ndarray
    split: Split | None
    hash_rows: Callable[[list[str]], np.ndarray]
    known_after_days: Mapping[str, int | None]


@dataclass(frozen=True)
class TableTest:
    """One test of a whole table; of a control it is told last that nothing was found."""

    check: Callable[[WholeTable], list[Finding]]
    is_control: bool = False


TABLE_TESTS = (
    TableTest(lambda whole: availability.check_dictionary(whole.sample, whole.known_after_days)),
    TableTest(lambda whole: copies.check(whole.sample, whole.spec, whole.roles, whole.split, whole.hash_rows)),
    TableTest(lambda whole: control.check_shuffled(whole.sample, whole.left), is_control=True),
    TableTest(lambda whole: control.check_believable(whole.sample, whole.left, whole.split), is_control=True),
    TableTest(lambda whole: ripening.check(whole.sample, whole.spec, whole.roles, whole.y), is_control=True),
)


def findings_in(whole: WholeTable, on_progress: Callable[[float], None]) -> Iterator[tuple[TableTest, Finding]]:
    """Yield what the tests find, in their order; ``on_progress`` is told the share of them that is done."""
    for number, test in enumerate(TABLE_TESTS, start=1):
        for finding in test.check(whole):
            yield test, finding
        on_progress(number / len(TABLE_TESTS))
