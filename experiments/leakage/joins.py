"""Joins that change the number of rows, or let later rows in."""

from collections.abc import Mapping

from experiments.errors import gettext_noop
from experiments.leakage.finding import Finding

__all__ = ["check_join"]

EXPLODED = gettext_noop(
    "The join turned %(before)s rows into %(after)s: a key of a joined table is not unique. No row may be added "
    "or lost. Choose a unique key, or aggregate the rows."
)
LATER_ROWS = gettext_noop(
    "%(count)s rows of %(table)s are later than the observation date of the rows they were joined to, so they were "
    "not known then. Name the table's date column, and they are left out."
)
PASSED = gettext_noop(
    "The join kept all %(rows)s rows and used nothing later than a row's observation date; %(refused)s later rows "
    "were left out."
)


def check_join(
    rows_before: int, rows_after: int, *, later_rows: Mapping[str, int] | None = None, refused_rows: int = 0
) -> list[Finding]:
    """Judge a join.

    Parameters
    ----------
    rows_before, rows_after : of the base table and of the result.
    later_rows : child rows, by table, that entered though they are later than the observation date.
    refused_rows : later child rows that were left out, of all tables.

    Returns
    -------
    list of Finding

    Examples
    --------
    >>> [finding.severity for finding in check_join(100, 100)]
    ['passed']
    """
    later = {table: count for table, count in (later_rows or {}).items() if count}
    evidence = {"rows_before": rows_before, "rows_after": rows_after, "refused_rows": refused_rows}
    findings = []
    if rows_after != rows_before:
        params = {"before": rows_before, "after": rows_after}
        findings.append(Finding("join_explosion", "block", None, EXPLODED, params, "none", evidence))
    for table, count in later.items():
        params_of_table = {"table": table, "count": count}
        findings.append(
            Finding("join_explosion", "block", None, LATER_ROWS, params_of_table, "none", evidence | params_of_table)
        )
    if findings:
        return findings
    told = {"rows": rows_after, "refused": refused_rows}
    return [Finding("join_explosion", "passed", None, PASSED, told, "none", evidence)]
