"""A card fitted to the bins that a person has cut: weights and coefficients are learnt, borders are not."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from experiments.errors import gettext_noop as _
from experiments.features.binning import BinningProcess
from experiments.features.bins import BinnedColumn
from experiments.features.selection import Selected
from experiments.scorecard.editing.draft import CardDraft, DraftColumn
from experiments.scorecard.editing.weighing import counts_of_rows, weighed
from experiments.scorecard.logistic import LogisticFit, fit_logistic
from experiments.scorecard.scorecard import Scorecard

TAKEN_OUT = _("%(column)s was taken out by hand.")
BELOW_FLOOR = _("%(column)s: information value %(iv)s, below the floor of %(floor)s.")
TOO_MANY = _("%(column)s is weaker than the %(limit)s strongest columns, and no more were asked for.")
SIGN = _("%(column)s: its sign flips in the joint model.")
INSIGNIFICANT = _("%(column)s is not significant (p = %(p_value)s).")


def fit_draft(
    draft: CardDraft,
    frame: pd.DataFrame,
    y: np.ndarray,
    *,
    weight: np.ndarray | None = None,
    pulse: Callable[[], None] = lambda: None,
) -> Scorecard:
    """Fit a card on rows by the bins of a draft; every coefficient of it is above 0.

    Columns that were to stay leave only where their sign flips; the others also for want of information value, number
    or significance. Columns that ``frame`` lacks are left out.
    """
    target = np.asarray(y, dtype=float)
    mass = np.ones(len(target)) if weight is None else np.asarray(weight, dtype=float)
    card = Scorecard(max_columns=draft.max_columns, scale=draft.scale)
    card.selection_log_ = [_taken_out(column) for column in draft.columns if column.wanted == "out"]
    process = BinningProcess(**card.binning)
    wanted = {column.name: column for column in draft.on_card if column.name in frame.columns}
    process.bins_ = {}
    for name, column in wanted.items():
        pulse()
        index = column.to_binned().assign(frame[name])
        counts = counts_of_rows(index, target, mass, len(column.bins))
        process.bins_[name] = weighed(column, counts, direction=draft.direction)
    names = _worth_fitting(draft, process.bins_, wanted, card.selection_log_)
    woe = process.transform(frame, names).to_numpy()
    names, chosen, model = _step_back(names, woe, target, mass, wanted=wanted, card=card)
    card.take_in(process, names, model=model)
    card.means_ = np.average(chosen, axis=0, weights=mass) if names else np.zeros(0)
    return card


def _taken_out(column: DraftColumn) -> Selected:
    return Selected(column.name, "by_hand", TAKEN_OUT, {"column": column.name})


def _worth_fitting(
    draft: CardDraft, bins: dict[str, BinnedColumn], wanted: dict[str, DraftColumn], log: list[Selected]
) -> list[str]:
    """Return the columns to fit, strongest first; what is not to stay leaves below the floor or beyond the number."""
    strongest = sorted(bins, key=lambda name: (wanted[name].wanted != "in", -(bins[name].iv - bins[name].iv_floor)))
    kept: list[str] = []
    for name in strongest:
        iv, may_leave = bins[name].iv, wanted[name].wanted != "in"
        if may_leave and iv < draft.iv_floor:
            params = {"column": name, "iv": round(iv, 4), "floor": round(draft.iv_floor, 4)}
            log.append(Selected(name, "weak", BELOW_FLOOR, params, value=iv, threshold=draft.iv_floor))
        elif may_leave and len(kept) >= draft.max_columns:
            params = {"column": name, "limit": draft.max_columns}
            log.append(Selected(name, "too_many", TOO_MANY, params, threshold=float(draft.max_columns)))
        else:
            kept.append(name)
    return sorted(kept, key=lambda name: -(bins[name].iv - bins[name].iv_floor))


def _step_back(
    names: list[str],
    woe: np.ndarray,
    y: np.ndarray,
    mass: np.ndarray,
    *,
    wanted: dict[str, DraftColumn],
    card: Scorecard,
) -> tuple[list[str], np.ndarray, LogisticFit]:
    """Fit, and take out the worst column until every coefficient is above 0 and all that may leave is significant."""
    left = list(range(len(names)))
    while True:
        model = fit_logistic(woe[:, left], y, mass, card.ridge)
        may_leave = np.array([wanted[names[place]].wanted != "in" for place in left], dtype=bool)
        out = _worst(model, may_leave, card)
        if out is None:
            return [names[place] for place in left], woe[:, left], model
        name = names[left[out]]
        card.selection_log_.append(_why_out(name, model, out, card.max_p_value))
        del left[out]


def _worst(model: LogisticFit, may_leave: np.ndarray, card: Scorecard) -> int | None:
    if model.coefficients.size == 0:
        return None
    if model.coefficients.min() <= 0:
        return int(np.argmin(model.coefficients))
    p_values = np.where(may_leave, model.p_values, -1.0)
    return int(np.argmax(p_values)) if p_values.max() > card.max_p_value else None


def _why_out(name: str, model: LogisticFit, place: int, max_p_value: float) -> Selected:
    coefficient, p_value = float(model.coefficients[place]), float(model.p_values[place])
    if coefficient <= 0:
        return Selected(name, "sign", SIGN, {"column": name}, value=coefficient, threshold=0.0)
    params = {"column": name, "p_value": round(p_value, 3)}
    return Selected(name, "insignificant", INSIGNIFICANT, params, value=p_value, threshold=max_p_value)
