"""What becomes of the model when a source is dropped, a source is missing, or a number is a little off."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diagnostics.queries.look import READ_AGAIN, Cell, Look, bounded, number, share, whole, words
from diagnostics.queries.refitted import notes_on_refit
from experiments.naming import STRESSED_ON_ROWS_OF_FIT, STRESSES
from experiments.scoring.sensitivity import StressRow
from results.queries.columns import names_of

KINDS = {name: gettext_lazy(text) for name, text in STRESSES.items()}
SHORT = {"without": gettext_lazy("without"), "missing": gettext_lazy("missing"), "noise": gettext_lazy("noise")}
MATTERS = 0.005


def look(of: Any) -> Look | None:
    """Return what a worker found; nothing until somebody has asked."""
    answer = of.inquiry.answer if of.inquiry else {}
    if "rows" not in answer:
        return None
    rows = stressed(answer)
    names = names_of(of.experiment)
    header = [
        _("Test"), _("To"), _("Columns"), _("AUC after"), _("Change of AUC"), _("KS after"),
        _("Change of the mean probability"), _("Customers who change decile"),
    ]  # fmt: skip
    notes = [
        _("Refitted: the same algorithm with the same settings on the same rows, with and without the source."),
        _("Noise: a normal error of a tenth of the column's standard deviation."),
        str(READ_AGAIN),
    ]
    if any(row.kind == "without" for row in rows):
        notes += notes_on_refit(of, answer.get("refitted", of.line.row.learner))
    if answer.get("trained_on") == "all":
        notes.append(_(STRESSED_ON_ROWS_OF_FIT))
    if not any(row.kind == "missing" for row in rows):
        notes.append(
            _("The data dictionary names no sources for the columns; fill them in to see what each source is worth.")
        )
    return Look(
        _lead(rows, names), header, [_row(row, names) for row in rows], chart="sensitivity", notes=notes
    )  # fmt: skip


def stressed(answer: dict[str, Any]) -> list[StressRow]:
    return [StressRow.from_dict(each) for each in answer["rows"]]


def _lead(rows: list[StressRow], names: dict[str, str]) -> str:
    hurt = [row for row in rows if row.auc_change_high < 0 and row.auc_change < -MATTERS]
    if not rows:
        return _("The model uses no column that can be stress-tested.")
    if not hurt:
        return _("No stress test lowers AUC significantly by more than 0.005.")
    worst = min(hurt, key=lambda row: row.auc_change)
    told = {"what": KINDS[worst.kind], "name": names.get(worst.name, worst.name), "auc": f"{-worst.auc_change:.3f}"}
    return _("The largest loss is from “%(what)s” (%(name)s): AUC falls by %(auc)s.") % told


def _row(row: StressRow, names: dict[str, str]) -> list[Cell]:
    tone = "bad" if row.auc_change_high < 0 and row.auc_change < -MATTERS else ""
    return [
        words(KINDS[row.kind]), words(names.get(row.name, row.name)), whole(row.columns), number(row.auc),
        bounded(row.auc_change, row.auc_change_low, row.auc_change_high, tone=tone), number(row.ks),
        number(row.mean_change, 4), share(row.moved, 1),
    ]  # fmt: skip
