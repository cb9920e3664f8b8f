"""Runs every test for leaks on a table and gathers what they found."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from experiments.data.schema import ColumnSchema
from experiments.data.splitting.scheme import split_rows
from experiments.data.splitting.split import Split
from experiments.errors import BadInput
from experiments.features.single_feature import rows_looked_at
from experiments.leakage import copies, deciding_values, dominance, encoders, known_together, names, twins
from experiments.leakage.column_tests import findings_about
from experiments.leakage.column_tests import passed as column_tests_passed
from experiments.leakage.finding import Finding
from experiments.leakage.labelled_sample import LabelledSample, features_of, labelled_sample
from experiments.leakage.table_tests import WholeTable, findings_in
from experiments.spec import ExperimentSpec

__all__ = ["check_leakage"]

ONE_BY_ONE, LEFT_OUT = 0.4, 0.85
SEVERITIES = {"block": 0, "warning": 1, "passed": 2}


def check_leakage(
    frame: pd.DataFrame,
    y: np.ndarray,
    *,
    spec: ExperimentSpec,
    schema: Sequence[ColumnSchema],
    on_progress: Callable[[float], None] = lambda fraction: None,
    known_after_days: Mapping[str, int | None] | None = None,
) -> list[Finding]:
    """Run every test on the columns that would become features; at most one finding a column, the gravest.

    Columns alone are judged on up to 200,000 labelled rows, quick models on up to 20,000, both sampled by answer and
    fewer where the table is wide; copies are looked for in all rows. Columns with a role and those in
    ``spec.excluded`` are not looked at. Tests that found nothing are returned as ``passed`` with what they looked at.

    Parameters
    ----------
    frame : the whole table; for one that memory should not hold see ``check_parquet``.
    y : 1, 0 or NaN, one value a row.
    on_progress : called with the share done, between two columns or models; may raise to stop.
    known_after_days : by column, days after the observation date on which the dictionary says it is known.

    Returns
    -------
    list of Finding

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> y = (random.random(400) < 0.3).astype(float)
    >>> frame = pd.DataFrame({"income": random.normal(size=400), "late": np.where(y == 1, "paid", "open")})
    >>> found = check_leakage(frame, y, spec=ExperimentSpec(target="y", event="1"), schema=())
    >>> [(finding.code, finding.column) for finding in found if finding.severity == "block"]
    [('target_copy', 'late')]
    """
    rows = rows_looked_at(y, len(features_of(list(frame.columns), spec)))
    table = labelled_sample(frame.iloc[rows], y, rows, spec, schema)
    return run_tests(
        table, spec, frame, y, lambda names: copies.hash_frame(frame[names]), on_progress, known_after_days or {}
    )


def run_tests(
    table: LabelledSample,
    spec: ExperimentSpec,
    roles: pd.DataFrame,
    y: np.ndarray,
    hash_rows: Callable[[list[str]], np.ndarray],
    on_progress: Callable[[float], None],
    known_after_days: Mapping[str, int | None],
) -> list[Finding]:
    """Run every test on a sample, and those of whole tables on the columns with a role; see ``check_leakage``."""
    wanted = {*spec.monotone, *spec.special_values}
    table = replace(table, known_after_days=known_after_days)
    found = _columns_one_by_one(table, lambda share: on_progress(ONE_BY_ONE * share))
    found = _one_a_column(found + _proven_by_another(table, found, wanted))
    left = _modelled(table, found)
    leaned_on, carried, used = dominance.check(
        table, left, lambda share: on_progress(ONE_BY_ONE + (LEFT_OUT - ONE_BY_ONE) * share)
    )
    found = _one_a_column(found + [finding for finding in leaned_on if finding.action == "exclude"])
    asked = [
        finding
        for name in _modelled(table, found)
        for test in (deciding_values.check_column, names.check_column)
        # A dictionary that says that a column is known on the day has answered what its name asks.
        if not (test is names.check_column and known_after_days.get(name) is not None)
        and (finding := test(table, name))
    ]
    asked += [finding for finding in leaned_on if finding.action == "none"]
    found += deciding_values.check_deciding(table, asked, [name for name in _modelled(table, found) if name in used])
    found += _proven_by_many(table, found, asked, used, wanted)
    found = _one_a_column(found + asked)
    on_progress(LEFT_OUT)
    # Of thousands of columns a quick model needs only those that a first one has used.
    left = [name for name in _modelled(table, found) if name in used]
    whole = WholeTable(table, left, spec, roles, y, _split(roles, y, spec), hash_rows, known_after_days)
    controls: list[Finding] = []
    for test, finding in findings_in(whole, lambda share: on_progress(LEFT_OUT + (1 - LEFT_OUT) * share)):
        (controls if test.is_control and finding.severity == "passed" else found).append(finding)
    told = _passed(table, found, carried, controls)
    return sorted([*found, *told], key=lambda finding: SEVERITIES[finding.severity])


def _proven_by_another(table: LabelledSample, found: Sequence[Finding], wanted: Collection[str]) -> list[Finding]:
    """Find columns that are filled when a late one is, and copies of others."""
    late = [finding for finding in found if finding.code == "after_observation"]
    filled_with = known_together.check_filled_with(table, late, _modelled(table, found))
    return filled_with + twins.check_copies(table, _modelled(table, [*found, *filled_with]), wanted)


def _proven_by_many(
    table: LabelledSample,
    found: Sequence[Finding],
    asked: Sequence[Finding],
    used: Collection[str],
    wanted: Collection[str],
) -> list[Finding]:
    """Find parts of a sum that decides the answer, and what nearly repeats another column."""
    deciding = [
        str(finding.column)
        for finding in found
        if finding.action == "exclude" and finding.code in ("ablation", "single_feature", "target_copy")
    ]
    doubted = [
        str(finding.column)
        for finding in (*found, *asked)
        if finding.action == "none" and finding.severity == "warning" and finding.column
    ]
    parts = known_together.check_parts(table, deciding, list(dict.fromkeys(doubted)))
    left = [name for name in _modelled(table, [*found, *parts]) if name in used]
    return parts + twins.check_near_copies(table, left, wanted, doubted)


def _columns_one_by_one(table: LabelledSample, on_progress: Callable[[float], None]) -> list[Finding]:
    found: list[Finding] = []
    columns = list(table.frame.columns)
    for number, name in enumerate(columns):
        table.measure(name)
        found += _one_a_column(list(findings_about(table, name)))
        on_progress((number + 1) / len(columns))
    return found


def _modelled(table: LabelledSample, found: Sequence[Finding]) -> list[str]:
    """Return the columns a model would still learn from."""
    out = {finding.column for finding in found if finding.action == "exclude"}
    return [name for name in table.frame.columns if name not in out and table.types.get(name) != "text"]


def _one_a_column(found: list[Finding]) -> list[Finding]:
    """Keep the finding that takes a column out before one that only warns of it."""
    best: dict[str | None, Finding] = {}
    for finding in found:
        known = best.get(finding.column)
        if known is None or (known.action == "none" and finding.action == "exclude"):
            best[finding.column] = finding
    return sorted(best.values(), key=lambda finding: SEVERITIES[finding.severity])


def _split(roles: pd.DataFrame, y: np.ndarray, spec: ExperimentSpec) -> Split | None:
    try:
        return split_rows(roles, y, spec=spec)
    except BadInput:
        return None  # said where the split is chosen


def _passed(
    table: LabelledSample, found: Sequence[Finding], carried: Sequence[Finding], controls: Sequence[Finding]
) -> list[Finding]:
    """Say for each test that found nothing that it was made."""
    codes = {finding.code for finding in found}

    def nothing(code: str, message: str, *others: str) -> list[Finding]:
        is_found = bool(codes & {code, *others})
        return [] if is_found else [Finding(code, "passed", None, message, {}, "none", table.looked_at)]

    return [
        *column_tests_passed(table, codes),
        *(carried if "ablation" not in codes else []),
        *nothing("name", names.PASSED),
        *nothing("copy", twins.PASSED, "near_copy"),
        *nothing("duplicates", copies.PASSED, "grouped"),
        *encoders.check(),
        *controls,
    ]
