"""Every column of the table: kept or dropped, by which step, and why."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from checks.models import CheckedColumn, ColumnRole, Finding
from common.language import joined
from diagnostics.queries.columns import weights_of
from diagnostics.queries.look import Look, number, words
from results.queries.columns import names_of
from results.queries.evidence import evidence_of
from training.words import sentences


def look(of: Any) -> Look | None:
    """Return what became of each column, in the order of the file."""
    experiment = of.experiment
    names, spec = names_of(experiment), experiment.asked
    checked = list(experiment.data_check.columns.select_related("column"))
    findings = {
        finding.column_id: finding
        for finding in experiment.data_check.findings.exclude(severity=Finding.Severity.PASSED)
        if finding.column_id
    }
    weight = weights_of(of.line.row)
    card = evidence_of(of.line.row).scorecard
    selected = {each.column: each for each in card.selection} if card else {}
    withheld = set(spec.protected) if spec.without_protected else set()
    rows, kept = [], 0
    for each in checked:
        name = each.column.name
        state, step, why = _fate(each, findings.get(each.column_id), selected.get(name), name in withheld, weight)
        kept += state == "kept"
        label = {"kept": _("kept"), "dropped": _("dropped"), "role": _("not a feature")}[state]
        rows.append([
            words(names.get(name, name)), words(label, "" if state == "kept" else "few"), words(step), words(why),
            number(each.information_value), number(each.single_auc),
        ])  # fmt: skip
    lead = ngettext(
        "This model keeps %(kept)d of %(count)d column.", "This model keeps %(kept)d of %(count)d columns.",
        len(checked),
    ) % {"kept": kept, "count": len(checked)}  # fmt: skip
    header = [_("Column"), _("State"), _("Step"), _("Why"), _("IV alone"), _("AUC alone")]
    told = joined(
        lead,
        _("The table gives the reason for every other column."),
        _("IV and AUC here come from the data check; those on the Columns tab come from the training rows only."),
    )
    return Look(told, header, rows)


def _fate(
    each: CheckedColumn, finding: Finding | None, selected: Any, is_withheld: bool, weight: dict[str, float]
) -> tuple[str, str, str]:
    """Return what became of a column, the step that decided, and its reason."""
    name = each.column.name
    if each.role != ColumnRole.FEATURE:
        return "role", _("Data check"), _("It is used as: %(role)s.") % {"role": each.get_role_display()}
    if each.excluded or each.excluded_by_system:
        step = _("Data check") if each.excluded_by_system else _("A person")
        why = sentences({"message": finding.message, "params": finding.params}) if finding else ""
        return "dropped", step, why or _("It was removed by hand.")
    if is_withheld:
        return "dropped", _("Plan"), _("It is protected, and the plan leaves protected columns out.")
    if selected is not None and not selected.is_kept and not weight.get(name):
        return "dropped", _("Scorecard selection"), sentences(selected.sentence)
    if weight.get(name):
        share = f"{100 * weight[name]:.1f}%"
        return "kept", _("Model"), _("It makes up %(share)s of the model's effect.") % {"share": share}
    if name not in weight:
        return "dropped", _("Reading"), _("It has only one value, or no values to learn from.")
    return "dropped", _("Model"), _("The model does not use it.")
