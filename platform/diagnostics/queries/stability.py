"""Does it hold: the measures month by month, with what chance does to them."""

from math import isnan
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.language import joined
from common.templatetags.formatting import metric
from diagnostics.queries.look import Cell, Look, bounded, number, share, whole, words
from experiments.evaluation.by_period import PeriodRow
from experiments.house_rules import is_shift
from results.queries.evidence import evidence_of

METRICS = {
    "auc": "AUC", "ks": "KS", "psi": "PSI", "event_rate": gettext_lazy("Event rate"),
    "observed_expected": gettext_lazy("Actual / predicted"),
}  # fmt: skip


def look(of: Any) -> Look | None:
    """Return the months of a model; nothing where the table has no date."""
    months = evidence_of(of.line.row).by_period
    if not months:
        return None
    header = [
        _("Month"), _("Sample kind"), _("Rows"), _("Events"), _("Event rate"), "AUC", "KS", "PSI",
        _("Actual / predicted"),
    ]  # fmt: skip
    return Look(_lead(months), header, [_row(month) for month in months], chart="stability", notes=_notes(months))


def _row(month: PeriodRow) -> list[Cell]:
    few = "" if month.is_enough else "few"
    kind = _("out of time") if month.is_out_of_time else _("development")
    told = kind if month.is_mature else joined(kind, _("(not mature)"))
    shifted = is_shift(month.psi, month.psi_limit)
    off = not isnan(month.observed_expected_low) and not (
        month.observed_expected_low <= 1 <= month.observed_expected_high
    )
    return [
        words(month.period), words(told, "" if month.is_mature else "few"), whole(month.rows), whole(month.events),
        share(month.event_rate, tone=few), bounded(month.auc, month.auc_low, month.auc_high, tone=few),
        bounded(month.ks, month.ks_low, month.ks_high, tone=few),
        number(month.psi, 4, tone="bad" if shifted else ""),
        bounded(month.observed_expected, month.observed_expected_low, month.observed_expected_high, digits=2,
                tone=few or ("warn" if off else "")),
    ]  # fmt: skip


def _lead(months: tuple[PeriodRow, ...]) -> str:
    judged = [month for month in months if month.is_enough and month.is_mature]
    if not judged:
        return _("No month has enough events to judge the model by.")
    worst, best = min(judged, key=lambda month: month.auc), max(judged, key=lambda month: month.auc)
    told = _("AUC lies between %(low)s (%(worst)s) and %(high)s (%(best)s).") % {
        "low": metric(worst.auc), "worst": worst.period, "high": metric(best.auc), "best": best.period,
    }  # fmt: skip
    shifted = [month for month in months if is_shift(month.psi, month.psi_limit)]
    if not shifted:
        return joined(told, _("The score has not shifted significantly in any month."))
    return joined(
        told,
        ngettext(
            "The score has shifted in %(count)d month, most in %(month)s: PSI %(psi)s.",
            "The score has shifted in %(count)d months, most in %(month)s: PSI %(psi)s.",
            len(shifted),
        )
        % {"count": len(shifted), **_most(shifted)},
    )


def _most(months: list[PeriodRow]) -> dict[str, str]:
    most = max(months, key=lambda month: month.psi)
    return {"month": most.period, "psi": metric(most.psi, 2)}


def _notes(months: tuple[PeriodRow, ...]) -> list[str]:
    told = [_("Ribbons are 95% intervals of one month. Months in grey have too few events to judge.")]
    if any(not month.is_mature for month in months):
        told.append(_("Hatched months are not mature: the outcome of part of their rows is not known yet."))
    return told
