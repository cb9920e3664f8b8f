"""Why a finalist is recommended or not: each sentence is chosen by the numbers it carries."""

from collections.abc import Sequence
from typing import Any

from experiments.errors import gettext_noop
from experiments.house_rules import has_too_few
from experiments.search.finalist import Finalist
from experiments.search.ties import difference_to
from experiments.telling import MOST_DIGITS, apart, distance, more_than_none

BEST = gettext_noop("Best AUC in cross-validation (%(auc)s) of the single models that meet every limit.")
BEST_BREAKING_NONE = gettext_noop("Best AUC in cross-validation (%(auc)s) of the single models that exceed no limit.")
BEST_OF_ALL = gettext_noop("Best AUC in cross-validation (%(auc)s) of the single models.")
BEST_BUT_FOR_BASELINE = gettext_noop("Best AUC in cross-validation (%(auc)s) of all models but the baseline.")
BEST_OF_TIES = gettext_noop(
    "AUC %(auc)s in cross-validation, not significantly below the best (%(best)s), and its probabilities are more "
    "accurate (lower log loss)."
)
LESS_OVERFIT = gettext_noop(
    "AUC %(auc)s in cross-validation, %(difference)s below the best (%(best)s), but it overfits less."
)
NEAR_THE_BEST = gettext_noop(
    "AUC %(auc)s in cross-validation, %(difference)s below the best (%(best)s). Overfitting and log loss counted "
    "as well."
)
SIMPLE_ENOUGH = gettext_noop(
    "You asked for an explainable model first. This scorecard reaches AUC %(auc)s, %(price)s below the best model; "
    "up to %(limit)s is accepted."
)
NO_MODEL_KEEPS = gettext_noop(
    "No single model meets every limit. This one exceeds: %(limits)s. Review it before you use it."
)
LIMITS_NOT_PROVEN = gettext_noop("Above a limit, but not significantly: %(limits)s.")
LIMITS_NOT_JUDGED = gettext_noop("Too few held-out rows or events to judge these limits: %(limits)s.")
NOTHING_PROVEN = gettext_noop(
    "Cross-validation itself has too few events or rows to judge (%(events)s events in %(rows)s rows): the ranking "
    "may be down to chance."
)
ONLY_ONE_KEEPS = gettext_noop(
    "Every other single model exceeds a limit. The best of them has AUC %(best)s, %(difference)s higher."
)
OTHERS_BREAK = gettext_noop("The best single model that exceeds a limit has AUC %(best)s, %(difference)s higher.")
BASELINE_AHEAD = gettext_noop(
    "The baseline, a logistic regression on five columns, has AUC %(best)s, %(difference)s higher."
)
BY_HAND = gettext_noop("Edited by hand; a run's recommendation does not change with it.")
CUT_ON_ALL = gettext_noop(
    "Its bins were cut on all training rows and stay the same in every fold, so its cross-validated figures are "
    "slightly optimistic."
)
ABOVE = gettext_noop("AUC %(difference)s above %(best)s.")
TIED = gettext_noop("A tie with %(best)s: the AUC difference of %(difference)s is not significant.")
SAME = gettext_noop("Same AUC as %(best)s.")
BEHIND = gettext_noop("AUC %(difference)s below %(best)s.")
AHEAD = gettext_noop("AUC %(difference)s above %(best)s. Overfitting and log loss counted as well.")
AHEAD_OF_EARLY = gettext_noop("AUC %(difference)s above %(best)s, but measured only after %(best)s had been chosen.")
TAKEN_EARLY = gettext_noop(
    "The search was ended early, so this model was chosen from those measured by then: AUC %(auc)s in "
    "cross-validation. With all of them measured, it would have been %(candidate)s, AUC %(other)s."
)
AHEAD_OF_CARD = gettext_noop("AUC %(difference)s above %(best)s; for an explainable model up to %(limit)s is given up.")
AHEAD_BUT_LIMITED = gettext_noop("Exceeds a limit: %(limits)s.")
ENSEMBLE_ADDS = gettext_noop(
    "Combines several models. Its AUC is %(difference)s above %(best)s, at %(times)s times the scoring time per "
    "row. Choose it only if that gain matters more to you than one model that is easier to explain and maintain."
)
ENSEMBLE_ADDS_QUICKLY = gettext_noop(
    "Combines several models. Its AUC is %(difference)s above %(best)s, at no more scoring time per row. Choose it "
    "only if that gain matters more to you than one model that is easier to explain and maintain."
)
ENSEMBLE_ADDS_NOTHING = gettext_noop("Combines several models, with no gain over %(best)s.")
NEEDS_A_MODEL = gettext_noop("The baseline is a logistic regression on five columns; a model has to beat it.")


def why(chosen: Finalist, rows: Sequence[Finalist], pool: Sequence[Finalist], price: float | None) -> Any:
    """Return why a finalist is recommended, as ``{message, params}`` with further sentences in ``also``.

    Parameters
    ----------
    rows : all finalists. pool : the single models it was chosen among, itself included.
    price : AUC it may cost to be explainable, where the scorecard was taken for being so; else None.
    """
    baseline = next((row for row in rows if row.learner == "baseline" and row not in pool), None)
    is_behind_baseline = baseline is not None and baseline.auc > chosen.auc
    told = _why_of_pool(chosen, pool, price, is_behind_baseline=is_behind_baseline)
    also = _of_limits(chosen, rows, pool)
    if chosen.unproven_limits:
        also.append(said(LIMITS_NOT_PROVEN, limits=", ".join(chosen.unproven_limits)))
    if baseline is not None and is_behind_baseline:
        also.append(_compared(BASELINE_AHEAD, baseline.auc, chosen.auc))
    also += _of_counts(chosen)
    return {**told, "also": also} if also else told


def _of_counts(chosen: Finalist) -> list[dict[str, Any]]:
    """Say what cannot be judged on so few rows or events."""
    found = []
    if chosen.unjudged_limits:
        sample = "out_of_time" if "out_of_time" in chosen.metrics else "held_out"
        found.append(said(LIMITS_NOT_JUDGED, limits=", ".join(chosen.unjudged_limits), held_out_kind=sample))
    validation = chosen.metrics["validation"]
    if has_too_few(validation):
        counts = validation["counts"]
        found.append(said(NOTHING_PROVEN, events=f"{counts['events']:,}", rows=f"{counts['rows']:,}"))
    return found


def _why_of_pool(
    chosen: Finalist, pool: Sequence[Finalist], price: float | None, *, is_behind_baseline: bool
) -> dict[str, Any]:
    top = max(pool, key=lambda row: row.auc)
    if chosen.auc >= top.auc:
        if is_behind_baseline:
            return said(BEST_BUT_FOR_BASELINE, auc=f"{chosen.auc:.4f}")
        is_free = chosen.broken_limits or not chosen.evidence["limits"]
        kept = BEST if chosen.keeps_all_limits else BEST_BREAKING_NONE
        return said(BEST_OF_ALL if is_free else kept, auc=f"{chosen.auc:.4f}")
    if price is not None:
        return said(
            SIMPLE_ENOUGH, auc=f"{chosen.auc:.4f}", price=_distance(top.auc, chosen.auc, price), limit=f"{price:g}"
        )
    if is_tied(top, chosen) and chosen.log_loss < top.log_loss:
        best, own = apart(top.auc, chosen.auc, digits=4)
        return said(BEST_OF_TIES, auc=own, best=best)
    return _compared(LESS_OVERFIT if top.overfit > chosen.overfit else NEAR_THE_BEST, top.auc, chosen.auc, auc=True)


def _of_limits(chosen: Finalist, rows: Sequence[Finalist], pool: Sequence[Finalist]) -> list[dict[str, Any]]:
    """Say what the limits decided: that no model meets them, or that a better one was passed over for them."""
    if chosen.broken_limits:
        return [said(NO_MODEL_KEEPS, limits=", ".join(chosen.broken_limits))]
    singles = [row for row in rows if row not in pool and row.learner not in ("ensemble", "baseline")]
    best = max((row.auc for row in singles), default=0.0)
    if best <= chosen.auc:
        return []
    return [_compared(ONLY_ONE_KEEPS if len(pool) == 1 else OTHERS_BREAK, best, chosen.auc)]


def why_not(row: Finalist, chosen: Finalist, price: float | None) -> dict[str, Any]:
    """Return how a finalist stands beside the recommended one; ``price`` as for ``why``."""
    if row.learner == "ensemble":
        return _offer(row, chosen)
    if row.learner == "baseline":
        is_ahead = row.auc > chosen.auc
        return _compared(BASELINE_AHEAD, row.auc, chosen.auc) if is_ahead else said(NEEDS_A_MODEL)
    if row.broken_limits and row.auc > chosen.auc:
        return said(AHEAD_BUT_LIMITED, limits=", ".join(row.broken_limits))
    params = {"best": chosen.candidate, "difference": _distance(chosen.auc, row.auc, price)}
    if is_tied(row, chosen):
        return said(TIED, **params)
    if row.auc == chosen.auc:
        return said(SAME, best=chosen.candidate)
    if row.auc < chosen.auc:
        return said(BEHIND, **params)
    return said(AHEAD, **params) if price is None else said(AHEAD_OF_CARD, **params, limit=f"{price:g}")


def why_taken_early(chosen: Finalist, best: Finalist) -> dict[str, Any]:
    """Return why a model is recommended that was chosen before the rule's own choice was measured."""
    told = said(TAKEN_EARLY, auc=f"{chosen.auc:.4f}", candidate=best.candidate, other=f"{best.auc:.4f}")
    also = [said(AHEAD_BUT_LIMITED, limits=", ".join(chosen.broken_limits))] if chosen.broken_limits else []
    also += _of_counts(chosen)
    return {**told, "also": also} if also else told


def why_by_hand(row: Finalist, chosen: Finalist) -> dict[str, Any]:
    """Return how a card that a person has edited stands beside the recommended finalist."""
    params = {"best": chosen.candidate, "difference": _distance(chosen.auc, row.auc)}
    if is_tied(row, chosen):
        compared = said(TIED, **params)
    elif row.auc == chosen.auc:
        compared = said(SAME, best=chosen.candidate)
    else:
        compared = said(BEHIND if row.auc < chosen.auc else ABOVE, **params)
    limited = [said(AHEAD_BUT_LIMITED, limits=", ".join(row.broken_limits))] if row.broken_limits else []
    return {**said(BY_HAND), "also": [compared, said(CUT_ON_ALL), *limited]}


def why_not_taken_early(row: Finalist, chosen: Finalist) -> dict[str, Any]:
    """Return how a finalist compares with a model that was chosen before all were measured."""
    if row.learner == "baseline" and row.auc <= chosen.auc:
        return said(NEEDS_A_MODEL)
    params = {"best": chosen.candidate, "difference": _distance(chosen.auc, row.auc)}
    if is_tied(row, chosen):
        return said(TIED, **params)
    if row.auc == chosen.auc:
        return said(SAME, best=chosen.candidate)
    return said(BEHIND if row.auc < chosen.auc else AHEAD_OF_EARLY, **params)


def _offer(ensemble: Finalist, chosen: Finalist) -> dict[str, Any]:
    if ensemble.auc <= chosen.auc:
        return said(ENSEMBLE_ADDS_NOTHING, best=chosen.candidate)
    times = ensemble.evidence["ms_per_row"] / max(chosen.evidence["ms_per_row"], 1e-9)
    params = {"best": chosen.candidate, "difference": _distance(ensemble.auc, chosen.auc)}
    if times <= 1:
        return said(ENSEMBLE_ADDS_QUICKLY, **params)
    return said(ENSEMBLE_ADDS, **params, times=f"{times:.0f}" if times >= 10 else apart(times, 1.0, digits=1)[0])


def is_tied(row: Finalist, other: Finalist) -> bool:
    """Tell whether the difference in AUC between two finalists is within chance; not where none was measured.

    Several are set against the other one, and one of many seems to differ by chance alone: so it is Holm's step that
    judges, and the interval is at its level.
    """
    difference = against(row, other)
    return difference is not None and bool(difference["low"] <= 0 <= difference["high"])


def against(row: Finalist, other: Finalist) -> dict[str, Any] | None:
    """Return what a finalist has over another in AUC, judged among all that are set against the other."""
    kept = [each.evidence.get("difference", {}) for each in (row, other)]
    return difference_to(other.candidate, row.candidate, own=kept[0], others=kept[1])


def _compared(message: str, higher: float, lower: float, *, auc: bool = False) -> dict[str, Any]:
    best, own = apart(higher, lower, digits=4)
    params = {"best": best, "difference": distance(best, own)}
    return said(message, **({"auc": own} if auc else {}), **params)


def _distance(one: float, other: float, limit: float | None = None) -> str:
    """Return how far two AUCs are apart as a reader of both finds it; within a limit that they are within."""
    for digits in range(4, MOST_DIGITS):
        shown = distance(*apart(one, other, digits=digits))
        if limit is None or abs(one - other) > limit or float(shown) <= limit:
            return shown
    return more_than_none(abs(one - other))


def said(message: str, **params: Any) -> dict[str, Any]:
    """Return a sentence in its stored form."""
    return {"message": message, "params": params}
