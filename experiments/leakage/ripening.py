"""Immature months: the newest ones, whose customers have not been observed long enough for their outcome."""

import numpy as np
import pandas as pd

from experiments.data.maturity import TOO_FEW, count_months, end_of_records, look_for_immature
from experiments.leakage.finding import Finding, Severity
from experiments.leakage.labelled_sample import LabelledSample
from experiments.spec import ExperimentSpec


def check(table: LabelledSample, spec: ExperimentSpec, roles: pd.DataFrame, y: np.ndarray) -> list[Finding]:
    """Warn where the event rate falls towards the end of the file as it does in months watched too briefly.

    Parameters
    ----------
    roles : at least the column of dates, all rows. y : 1, 0 or NaN, one value a row of it.
    """
    if spec.time_column not in roles or table.time is None:
        return []
    dates = [table.frame[name] for name in table.frame if pd.api.types.is_datetime64_any_dtype(table.frame[name])]
    found = look_for_immature(
        count_months(roles[spec.time_column], y),
        spec.kind,
        records_until=end_of_records(table.time, dates) if dates else None,
    )
    if found.message == TOO_FEW:
        return []
    evidence = dict(found.evidence or {})
    if found.is_immature:
        evidence |= {
            "months": list(found.months), "newest_kept": found.newest_kept, "known_until": found.known_until,
            "performance_months": found.window, "observed_at": spec.time_column,
        }  # fmt: skip
    severity: Severity = "warning" if found.is_immature else "passed"
    return [Finding("ripening", severity, None, found.message, found.params, "none", evidence)]
