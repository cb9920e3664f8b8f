"""Columns that predict the outcome too well by themselves."""

from typing import Any

from experiments.errors import gettext_noop
from experiments.leakage.finding import Finding, take_out, three, warn
from experiments.leakage.labelled_sample import LabelledSample

BLOCKING_AUC, WARNING_AUC = 0.95, 0.85
WARNING_IV, WARNING_IV_AUC = 3.0, 0.75
NOTABLE_IV = 0.5

TOO_STRONG = gettext_noop(
    "%(column)s alone almost determines the target (AUC %(auc)s). Almost nothing known beforehand is that strong, "
    "so it was taken out. If it is known on the day of scoring, put it back."
)
STRONG = gettext_noop(
    "%(column)s alone is very strong (AUC %(auc)s). Make sure that it is known on the day of scoring, before the "
    "outcome."
)
PASSED = gettext_noop("No single column is suspiciously strong; the strongest, %(column)s, has AUC %(auc)s.")


def check_column(table: LabelledSample, name: str) -> Finding | None:
    """Block at AUC above 0.95, ask at AUC above 0.85 or information value above 3.

    A few pure bins make an information value of any size, so that it decides nothing. One above 0.5 is not even a
    warning: the best honest column of most credit files has it (the state of the last payment, the current account).
    It is told with what passed.
    """
    auc, iv = table.power[name]
    if auc is None or iv is None:
        return None
    evidence = {"auc": auc, "iv": iv}
    if auc > BLOCKING_AUC:
        return take_out("single_feature", "block", name, TOO_STRONG, {"auc": three(auc)}, evidence)
    if auc > WARNING_AUC or (iv > WARNING_IV and auc > WARNING_IV_AUC):
        return warn("single_feature", name, STRONG, {"auc": three(auc)}, evidence)
    return None


def passed(table: LabelledSample) -> list[Finding]:
    """Name the strongest column, and all whose information value deserves a second look."""
    if not table.power:
        return []
    strongest = max(table.power, key=table.auc)
    params = {"column": strongest, "auc": three(table.auc(strongest))}
    notable: dict[str, Any] = {name: iv for name, (_, iv) in table.power.items() if iv is not None and iv > NOTABLE_IV}
    evidence = {**table.looked_at, "auc": table.auc(strongest), "iv_above_half": notable}
    return [Finding("single_feature", "passed", None, PASSED, params, "none", evidence)]
