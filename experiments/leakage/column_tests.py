"""The tests that look at one column after the other: one module each, and one line in this table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from experiments.leakage import availability, calendar, emptiness, gaps, identifiers, single_column, target_copy
from experiments.leakage.finding import Finding
from experiments.leakage.labelled_sample import LabelledSample


@dataclass(frozen=True)
class ColumnTest:
    """One test of columns.

    Attributes
    ----------
    codes : of what it finds; by the first one says that it was made and found nothing.
    check : looks at a column of the sample, whose power alone and bins have been measured.
    passed : the sentence for a table in which it found nothing, or what makes the findings that say so.
    applies : whether the test can be made on a table at all.
    """

    codes: tuple[str, ...]
    check: Callable[[LabelledSample, str], Finding | None]
    passed: str | Callable[[LabelledSample], list[Finding]]
    applies: Callable[[LabelledSample], bool] = lambda table: True

    def told_passed(self, table: LabelledSample) -> list[Finding]:
        """Say that the test was made and found nothing."""
        if not self.applies(table):
            return []
        if callable(self.passed):
            return self.passed(table)
        return [Finding(self.codes[0], "passed", None, self.passed, {}, "none", table.looked_at)]


# Of two findings as grave about a column the first is told.
COLUMN_TESTS = (
    ColumnTest(("empty", "constant"), emptiness.check_column, emptiness.PASSED),
    ColumnTest(("target_copy",), target_copy.check_column, target_copy.PASSED),
    ColumnTest(("after_observation",), availability.check_column, availability.PASSED),
    ColumnTest(("missing_by_class",), gaps.check_column, gaps.PASSED),
    ColumnTest(("single_feature", "settled"), single_column.check_column, single_column.passed),
    ColumnTest(("id_like",), identifiers.check_column, identifiers.PASSED),
    ColumnTest(("month_proxy",), calendar.check_column, calendar.PASSED, lambda table: table.time is not None),
)


def findings_about(table: LabelledSample, name: str) -> Iterator[Finding]:
    """Yield what the tests find in a column, in their order."""
    for test in COLUMN_TESTS:
        if finding := test.check(table, name):
            yield finding


def passed(table: LabelledSample, codes: set[str]) -> list[Finding]:
    """Say of each test whose codes are not among those that were found that it was made."""
    return [told for test in COLUMN_TESTS if not codes & {*test.codes} for told in test.told_passed(table)]
