"""Are groups treated alike: selection, means, errors and calibration by group, and what tells the groups."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.language import joined
from common.templatetags.formatting import rate
from diagnostics.models import Inquiry, Subject
from diagnostics.queries.inquiries import looks_at
from diagnostics.queries.look import Cell, Look, bounded, number, share, whole, words
from experiments.artifact.diagnosis import ColumnFairness
from experiments.evaluation.fairness import MEAN_APART, GroupRow
from experiments.naming import GROUP_VERDICTS
from results.queries.columns import meanings_of, names_of, segment_value
from training.models import Experiment, LeaderboardRow
from training.words import SAMPLES

VERDICTS = {name: gettext_lazy(text) for name, text in GROUP_VERDICTS.items()}
TONES = {"adverse": "bad", "size": "warn", "significant": "warn", "too_few": "few"}


def look(of: Any) -> Look | None:
    """Return the groups of the column that was asked for, else of all protected columns the run has measured."""
    found = found_in(of)
    if not found:
        return None
    names, rows, notes = names_of(of.experiment), [], []
    for each in found:
        column = names.get(each.column, each.column)
        rows += [_row(of.experiment, column, each.column, group) for group in each.table.rows]
        if each.proxies:
            told = ", ".join(
                f"{names.get(proxy.column, proxy.column)} (AUC {proxy.auc:.2f})" for proxy in each.proxies[:5]
            )
            notes.append(_("%(column)s can be inferred from: %(columns)s.") % {"column": column, "columns": told})
    selected = rate(found[0].table.selected_share, 1)
    kind = _("approved") if of.experiment.is_risk else _("contacted")
    notes.append(
        _("Measured on: %(sample)s, with %(share)s of all customers %(kind)s.")
        % {"sample": SAMPLES[of.sample], "share": selected, "kind": kind}
    )
    notes.append(_("These are measures for the bank's own governance. They do not say that a use is lawful."))
    header = [
        _("Group"), _("Rows"), _("Events"), _("Selected"), _("Impact ratio (AIR)"), _("p-value"),
        _("Mean difference (SMD)"), _("True positive gap"), _("False positive gap"), _("Actual / predicted"),
        _("Verdict"),
    ]  # fmt: skip
    return Look(_lead(found), header, rows, chart="fairness", notes=notes, badge=_looked(of))


def found_in(of: Any) -> list[ColumnFairness]:
    answer = of.inquiry.answer if of.inquiry else {}
    return [ColumnFairness.from_dict(answer)] if "table" in answer else list(of.diagnosis.fairness)


def looked_at(row: LeaderboardRow) -> Inquiry | None:
    """Return the newest look that somebody took at how groups fare by this model: evidence for its approval."""
    found = looks_at(row.experiment, row, Subject.FAIRNESS)
    return next((each for each in found if "table" in each.answer), None)


def _looked(of: Any) -> str:
    found = looked_at(of.line.row)
    if found is None:
        return ""
    return _("Reviewed by %(who)s") % {"who": found.asked_by}


def _lead(found: list[ColumnFairness]) -> str:
    groups = [row for each in found for row in each.table.rows if not row.is_reference]
    adverse = [row for row in groups if row.verdict == "adverse"]
    if not [row for row in groups if row.verdict != "too_few"]:
        return _("Apart from the reference, no group has enough rows to judge.")
    if adverse:
        worst = min(adverse, key=lambda row: row.impact)
        return ngettext(
            "%(count)d group is selected less than four fifths as often as the reference, significantly; the "
            "lowest ratio is %(ratio)s.",
            "%(count)d groups are selected less than four fifths as often as the reference, significantly; the "
            "lowest ratio is %(ratio)s.",
            len(adverse),
        ) % {"count": len(adverse), "ratio": f"{worst.impact:.2f}"}
    told = _("No group is selected significantly less than four fifths as often as the reference.")
    doubtful = [row for row in groups if row.verdict == "size"]
    if doubtful:
        told = joined(
            told,
            ngettext(
                "%(count)d group is below four fifths, but not significantly.",
                "%(count)d groups are below four fifths, but not significantly.",
                len(doubtful),
            )
            % {"count": len(doubtful)},
        )
    return told


def _row(experiment: Experiment, column: str, name: str, row: GroupRow) -> list[Cell]:
    tone = TONES.get(row.verdict, "")
    label = group_name(experiment, column, name, row)
    apart = "warn" if row.mean_difference == row.mean_difference and abs(row.mean_difference) > MEAN_APART else ""
    return [
        words(label if not row.is_reference else joined(label, _("(reference)"))), whole(row.rows), whole(row.events),
        share(row.selection_rate, 1),
        bounded(row.impact, row.impact_low, row.impact_high, digits=2, tone=tone),
        number(row.p_value), number(row.mean_difference, 2, apart),
        bounded(row.true_positive_gap, row.true_positive_gap_low, row.true_positive_gap_high),
        number(row.false_positive_gap),
        bounded(row.observed_expected, row.observed_expected_low, row.observed_expected_high, digits=2),
        words(VERDICTS[row.verdict], tone),
    ]  # fmt: skip


def group_name(experiment: Experiment, column: str, name: str, row: GroupRow) -> str:
    value = segment_value(_Named(name, row), meanings_of(experiment))
    return _("%(column)s: %(value)s") % {"column": column, "value": value}


class _Named:
    """A group as ``segment_value`` names it."""

    def __init__(self, column: str, row: GroupRow) -> None:
        self.column, self.kind, self.label = column, row.kind, row.label
