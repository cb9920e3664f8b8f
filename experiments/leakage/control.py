"""Two controls with a quick model: it must not predict shuffled targets, nor the true ones too well."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.data.splitting.split import Split
from experiments.errors import gettext_noop
from experiments.features.single_feature import ranking_auc
from experiments.kinds import KINDS
from experiments.leakage.finding import Finding, three
from experiments.leakage.labelled_sample import LabelledSample, null_auc_error
from experiments.leakage.quick_model import (
    FOLDS,
    cross_validate,
    deal_folds,
    encode,
    fit_and_score,
    rows_for_a_model,
)
from experiments.telling import apart

SURE = 3.0
Z = 1.96
AGAIN = 3
# Folds are fitted on shared rows, so their mean varies more than that of samples apart: 1.25 to 1.4 times as measured.
SHARED_ROWS = 1.4
SEED = 20
TOO_GOOD_AUC, TOO_GOOD_KS = 0.95, 0.6

SHUFFLED = gettext_noop(
    "With the target shuffled, a quick model still finds a pattern (AUC %(auc)s; chance is 0.5 ± %(limit)s). That "
    "is a fault in the program, not in the data, and no result can be trusted. Please report it."
)
SHUFFLED_PASSED = gettext_noop(
    "With the target shuffled, a quick model finds nothing, as expected (AUC %(auc)s, within 0.5 ± %(limit)s)."
)
TOO_GOOD = gettext_noop(
    "A quick model on the remaining columns reaches AUC %(auc)s and KS %(ks)s on unseen rows. For most businesses "
    "that is too good to be true: check whether any of the strongest columns (%(names)s) is known only later."
)
TOO_GOOD_PASSED = gettext_noop(
    "A quick model on the remaining columns reaches a plausible AUC %(auc)s and KS %(ks)s on unseen rows."
)


def check_shuffled(table: LabelledSample, columns: Sequence[str]) -> list[Finding]:
    """Train on permuted answers: AUC must be 0.5 within three standard errors.

    One permutation in 370 is outside by chance, so three more must be too before a warning is given.
    """
    rows = rows_for_a_model(table.y, len(columns))
    if not columns or min(table.y[rows].sum(), (1 - table.y[rows]).sum()) < 2 * FOLDS:
        return []
    matrix, y = encode(table.frame.iloc[rows], columns), table.y[rows]
    random = np.random.default_rng(SEED)
    limit = SURE * _error_of_mean(y)
    auc = cross_validate(matrix, random.permutation(y)).auc
    if abs(auc - 0.5) > limit:
        limit = SURE * _error_of_mean(y) / np.sqrt(AGAIN)
        auc = float(np.mean([cross_validate(matrix, random.permutation(y)).auc for _ in range(AGAIN)]))
    digits = len(apart(abs(auc - 0.5), limit)[0]) - 2
    params = {"auc": f"{auc:.{digits}f}", "limit": f"{limit:.{digits}f}"}
    evidence = {"auc": auc, "limit": limit, "looked_at_rows": len(rows)}
    if abs(auc - 0.5) > limit:
        return [Finding("shuffled_target", "block", None, SHUFFLED, params, "none", evidence)]
    return [Finding("shuffled_target", "passed", None, SHUFFLED_PASSED, params, "none", evidence)]


def _error_of_mean(y: np.ndarray) -> float:
    fold_of = deal_folds(y)
    errors = []
    for fold in range(FOLDS):
        events = float(y[fold_of == fold].sum())
        errors.append(null_auc_error(events, float((fold_of == fold).sum() - events)))
    return SHARED_ROWS * float(np.sqrt(np.mean(np.square(errors)) / FOLDS))


def check_believable(table: LabelledSample, columns: Sequence[str], split: Split | None) -> list[Finding]:
    """Warn where a quick model on all columns left reaches AUC 0.95, or KS 0.6 for a default, on the rows set aside."""
    if split is None or not columns:
        return []
    train, aside = (_sampled(table, rows, len(columns)) for rows in (split.train, split.held_out))
    y, both = table.y, np.concatenate([train, aside])
    if min(*_classes(y[train]), *_classes(y[aside])) < 2:
        return []
    matrix = encode(table.frame.iloc[both], columns)
    scores, gain = fit_and_score(matrix.iloc[: len(train)], y[train], matrix.iloc[len(train) :])
    auc, ks = ranking_auc(scores, y[aside]), _ks(scores, y[aside])
    params = {"auc": three(auc), "ks": three(ks)}
    strongest = [str(columns[place]) for place in np.argsort(-gain)[:3]]
    evidence: dict[str, Any] = {"auc": auc, "ks": ks, "strongest": strongest, "test": split.held_out_kind,
                "looked_at_columns": len(columns), "looked_at_rows": len(both)}  # fmt: skip
    evidence |= {"auc_error": _auc_error(auc, y[aside]), "ks_error": null_auc_error(*_classes(y[aside])) * np.sqrt(3)}
    # Few rows are set aside of a small table: what chance may have carried over the line is not too good.
    is_auc_too_good = auc - Z * evidence["auc_error"] > TOO_GOOD_AUC
    if is_auc_too_good or (KINDS[table.kind].ranking == "ks" and ks - Z * evidence["ks_error"] > TOO_GOOD_KS):
        params["names"] = ", ".join(strongest)
        return [Finding("too_good", "warning", None, TOO_GOOD, params, "none", evidence)]
    return [Finding("too_good", "passed", None, TOO_GOOD_PASSED, params, "none", evidence)]


def _sampled(table: LabelledSample, rows: np.ndarray, column_count: int) -> np.ndarray:
    """Return places in the sample of some of these rows."""
    places = np.flatnonzero(np.isin(table.rows, rows))
    return places[rows_for_a_model(table.y[places], column_count)]


def _classes(y: np.ndarray) -> tuple[float, float]:
    return float(y.sum()), float(len(y) - y.sum())


def _auc_error(auc: float, y: np.ndarray) -> float:
    """Return the standard error of an AUC (Hanley and McNeil, 1982)."""
    events, others = _classes(y)
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (events - 1) * (q1 - auc**2) + (others - 1) * (q2 - auc**2)
    return float(np.sqrt(max(variance, 0.0) / max(1.0, events * others)))


def _ks(scores: np.ndarray, y: np.ndarray) -> float:
    order = np.argsort(scores, kind="stable")
    scores, answers = scores[order], y[order]
    last = np.append(scores[1:] != scores[:-1], True)
    events = np.cumsum(answers) / max(1.0, answers.sum())
    others = np.cumsum(1 - answers) / max(1.0, (1 - answers).sum())
    return float(np.abs(events - others)[last].max())
