"""The finalists in order, their ties, and the recommended one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from experiments.evaluation.objective import RANKINGS
from experiments.learners import FAMILIES
from experiments.search.finalist import Finalist
from experiments.search.reasons import against, is_tied, why, why_by_hand, why_not, why_not_taken_early, why_taken_early
from experiments.spec import ExperimentSpec

PRICE_OF_SIMPLICITY = 0.01
# Models this near in AUC, and within chance of each other, are told apart by log loss, which chance moves less.
NEARLY_AS_GOOD = 0.002


def rank(finalists: list[Finalist], spec: ExperimentSpec, *, taken: str = "") -> list[Finalist]:
    """Order by the ranking of the target kind, mark ties with the recommended one, and give each its reason.

    Parameters
    ----------
    taken : the candidate that was recommended before the others were measured: it stays so, and where the rule would
        now take another, its reason says which.
    """
    ordered = sorted(finalists, key=lambda row: _place(row, spec))
    pool = _pool(ordered)
    best = choose(ordered, spec)
    chosen = next((row for row in ordered if row.candidate == taken), best)
    if chosen is not best:
        return _ranked_behind(ordered, chosen, best)
    price = PRICE_OF_SIMPLICITY if chosen is _simple_enough(pool, spec) else None
    return _ranked(
        ordered, chosen, lambda row: why(row, ordered, pool, price) if row is chosen else why_not(row, chosen, price)
    )


def _ranked_behind(ordered: list[Finalist], chosen: Finalist, best: Finalist) -> list[Finalist]:
    """Rank the others behind a model that was chosen before the rule's own choice had been measured."""
    return _ranked(
        ordered, chosen, lambda row: why_taken_early(row, best) if row is chosen else why_not_taken_early(row, chosen)
    )


def rank_beside(new: Finalist, known: list[Finalist], spec: ExperimentSpec) -> list[Finalist]:
    """Return all finalists in order, a card made by hand among them; what was recommended stays so, with its reason."""
    chosen = next(row for row in known if row.is_recommended)
    against_chosen = _set_against(new, chosen)
    placed = replace(
        against_chosen, is_tie=is_tied(against_chosen, chosen), reason=why_by_hand(against_chosen, chosen),
    )  # fmt: skip
    ordered = sorted([*known, placed], key=lambda row: _place(row, spec))
    return [replace(row, rank=number) for number, row in enumerate(ordered, start=1)]


def _ranked(ordered: list[Finalist], chosen: Finalist, reason_of: Callable[[Finalist], Any]) -> list[Finalist]:
    return [
        replace(
            _set_against(row, chosen),
            rank=number,
            is_recommended=row is chosen,
            is_tie=row is not chosen and is_tied(row, chosen),
            reason=reason_of(row),
        )
        for number, row in enumerate(ordered, start=1)
    ]


def _set_against(row: Finalist, chosen: Finalist) -> Finalist:
    """Keep a finalist's difference from the recommended one as its tie is judged: among all compared with that one."""
    difference = None if row is chosen else against(row, chosen)
    if difference is None:
        return row
    kept = {**row.evidence["difference"], chosen.candidate: difference}
    return replace(row, evidence={**row.evidence, "difference": kept})


def _place(row: Finalist, spec: ExperimentSpec) -> tuple[float, int, int, str]:
    """Return what orders the rows: the ranking, of equals the one that reads fewer columns, then the simpler family."""
    value = round(row.objective, RANKINGS[spec.ranked_by].digits)
    return -value, row.evidence["features"], FAMILIES[row.learner].simplicity, row.candidate


def choose(finalists: list[Finalist], spec: ExperimentSpec) -> Finalist:
    """Return the best single model within the limits, or the scorecard when it was asked for and is good enough.

    Best is the highest AUC less a trace of overfit; of models that cannot be told apart from it, the lowest log loss.
    """
    pool = _pool(finalists)
    card = _simple_enough(pool, spec)
    if card is not None:
        return card
    best = max(pool, key=lambda row: row.merit)
    near = [row for row in pool if row.auc >= best.auc - NEARLY_AS_GOOD and is_tied(best, row)]
    return min([best, *near], key=lambda row: row.log_loss) if near else best


def _simple_enough(pool: list[Finalist], spec: ExperimentSpec) -> Finalist | None:
    """Return the scorecard if one was asked for and costs no more AUC than that is worth."""
    cards = [row for row in pool if row.learner == "scorecard" and spec.explainable_first]
    dearest = max(row.auc for row in pool) - PRICE_OF_SIMPLICITY
    return next((card for card in cards if card.auc >= dearest), None)


def _pool(finalists: list[Finalist]) -> list[Finalist]:
    """Return the single models that compete: those that meet all limits, or all of them where none does."""
    singles = [row for row in finalists if row.learner != "ensemble"] or finalists
    models = [row for row in singles if row.learner != "baseline"] or singles
    return [row for row in models if not row.broken_limits] or models
