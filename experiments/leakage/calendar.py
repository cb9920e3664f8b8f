"""Columns that tell older rows from newer ones: a model would learn the calendar from them."""

import numpy as np

from experiments.errors import gettext_noop
from experiments.features.single_feature import Bins, as_numbers, cross_fitted_auc, is_ordered, ranking_auc
from experiments.leakage.finding import Finding, take_out, three
from experiments.leakage.labelled_sample import LabelledSample

MONTH_AUC = 0.90

MONTH_PROXY = gettext_noop(
    "%(column)s reveals the month (it separates older from newer rows with AUC %(auc)s), so a model would learn "
    "the calendar from it. It was taken out."
)
PASSED = gettext_noop("No column reveals the month.")


def check_column(table: LabelledSample, name: str) -> Finding | None:
    """Ask how well a column alone tells the later half of the sample from the earlier (adversarial validation)."""
    if table.time is None or table.types.get(name) == "text":
        return None
    known = table.time.notna().to_numpy()
    newer = (table.time > table.time.median()).to_numpy()[known].astype(float)
    if not 0 < newer.mean() < 1:
        return None
    auc = cross_fitted_auc(_recounted(table.bins[name], known, newer), newer)
    series = table.frame[name][known]
    if is_ordered(series):
        ranked = ranking_auc(as_numbers(series), newer)
        auc = max(auc, ranked, 1 - ranked)
    if auc <= MONTH_AUC:
        return None
    return take_out("month_proxy", "warning", name, MONTH_PROXY, {"auc": three(auc)}, {"auc": auc})


def _recounted(bins: Bins, known: np.ndarray, newer: np.ndarray) -> Bins:
    """Return the same bins with another question asked of them."""
    codes = bins.codes[known]
    events = np.bincount(codes, weights=newer, minlength=len(bins.names))
    return Bins(codes, events, np.bincount(codes, minlength=len(bins.names)) - events, bins.names)
