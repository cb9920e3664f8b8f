"""What each column says alone, whether it moved, what it adds to the model, where it comes from and what it costs."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.language import joined
from common.templatetags.formatting import NOTHING, rate
from diagnostics.queries.look import Cell, Look, number, share, whole, words
from diagnostics.queries.sources import origins_of
from experiments.artifact.explanation import Explanation
from experiments.artifact.manifest import EXPLANATION
from experiments.evaluation.column_facts import ColumnBin, ColumnFacts
from results.queries.columns import in_words, names_of, secret_columns
from results.queries.evidence import kept_beside
from results.queries.rates import Rate, note_on, rate_of
from training.models import Experiment, LeaderboardRow

BANDS = {
    "none": gettext_lazy("none"), "weak": gettext_lazy("weak"), "medium": gettext_lazy("medium"),
    "strong": gettext_lazy("strong"), "suspicious": gettext_lazy("suspicious"),
}  # fmt: skip
FEW_BINS = {
    "missing": gettext_lazy("missing"), "other": gettext_lazy("others"), "unseen": gettext_lazy("new level"),
}  # fmt: skip


def look(of: Any) -> Look | None:
    """Return every column; of one that is asked for, its bins."""
    found = of.diagnosis.columns
    if not found:
        return None
    wanted = set() if of.asked.get("column") in secret_columns(of.experiment) else {of.asked.get("column")}
    asked = next((facts for facts in found if facts.column in wanted), None)
    return _bins(of.experiment, asked) if asked else _all(of, found)


def _all(of: Any, found: tuple[ColumnFacts, ...]) -> Look:
    names, origins = names_of(of.experiment), origins_of(of.experiment)
    weight = weights_of(of.line.row)
    ordered = sorted(found, key=lambda facts: (-(weight.get(facts.column) or 0), -facts.iv))
    header = [
        _("Column"), _("Importance"), _("IV"), _("IV by chance"), _("Strength"), _("IV, held-out"), "PSI",
        _("PSI by chance"), _("Missing"), _("Missing, held-out"), _("Source"), _("Cost per query"),
    ]  # fmt: skip
    rows = []
    for facts in ordered:
        origin = origins.get(facts.column)
        rows.append([
            words(names.get(facts.column, facts.column)), share(weight.get(facts.column), 1), number(facts.iv),
            number(facts.iv_floor), words(BANDS[facts.iv_band], "warn" if facts.iv_band == "suspicious" else ""),
            number(facts.later_iv), number(facts.psi, 4, "bad" if facts.is_shift else ""), number(facts.psi_limit, 4),
            share(facts.missing, 1), share(facts.later_missing, 1),
            words(origin.source if origin and origin.source else NOTHING),
            number(float(origin.cost) if origin and origin.cost is not None else None, 4),
        ])  # fmt: skip
    moved = [names.get(facts.column, facts.column) for facts in found if facts.is_shift]
    lead = ngettext(
        "This model uses %(read)d of %(count)d column.", "This model uses %(read)d of %(count)d columns.",
        len(found),
    ) % {"read": sum((weight.get(facts.column) or 0) > 0 for facts in found), "count": len(found)}  # fmt: skip
    if moved:
        told = ngettext(
            "%(count)d column has shifted on held-out rows: %(names)s.",
            "%(count)d columns have shifted on held-out rows: %(names)s.",
            len(moved),
        ) % {"count": len(moved), "names": ", ".join(moved[:5])}
        lead = joined(lead, told)
    else:
        lead = joined(lead, _("No column has shifted significantly on held-out rows."))
    return Look(
        lead, header, rows, chart="columns", notes=[_("Held-out rows are counted in the bins of the training rows.")]
    )


def weights_of(row: LeaderboardRow) -> dict[str, float]:
    """Return the share of each column in what a model does; nothing of columns that it was not shown."""
    explained = kept_beside(row, EXPLANATION, Explanation)
    if explained.factors:
        return {factor.column: factor.share or 0.0 for factor in explained.factors}
    found = explained.importance
    return dict(zip(found.columns, found.shares, strict=True)) if found else {}


def _bins(experiment: Experiment, facts: ColumnFacts) -> Look:
    name = names_of(experiment).get(facts.column, facts.column)
    header = [
        _("Values"), _("Rows"), _("Event rate"), "WOE", _("Rows, held-out"), _("Event rate, held-out"),
        _("Contribution to PSI"),
    ]  # fmt: skip
    lead = _("%(column)s: IV %(iv)s (%(band)s), PSI %(psi)s.") % {
        "column": name, "iv": f"{facts.iv:.3f}", "band": BANDS[facts.iv_band], "psi": f"{facts.psi:.3f}",
    }  # fmt: skip
    if facts.later_missing - facts.missing > 0.05:
        lead = joined(lead, _("%(share)s are missing in held-out rows.") % {"share": rate(facts.later_missing, 1)})
    note = note_on(rate for bin_ in facts.bins for rate in rates_in(bin_))
    rows = [_bin(experiment, facts.column, bin_) for bin_ in facts.bins]
    return Look(lead, header, rows, chart="bins", notes=[note] if note else [])


def _bin(experiment: Experiment, column: str, bin_: ColumnBin) -> list[Cell]:
    first, later = (share(rate.value, tone="few" if rate.is_uncertain else "") for rate in rates_in(bin_))
    return [
        words(bin_name(experiment, column, bin_.label)), whole(bin_.rows), first, number(bin_.woe),
        whole(bin_.later_rows), later, number(bin_.psi, 4),
    ]  # fmt: skip


def rates_in(bin_: ColumnBin) -> tuple[Rate, Rate]:
    """Return the event rates of a bin on training and on held-out rows, as people may be told them."""
    return rate_of(bin_.event_rate, rows=bin_.rows), rate_of(bin_.later_event_rate, rows=bin_.later_rows)


def bin_name(experiment: Experiment, column: str, label: str) -> str:
    """Return what a bin is called: a range, or a level in the reader's words."""
    return str(FEW_BINS.get(label) or in_words(experiment, column, label))
