"""Where the model is weaker: by any column, or two crossed."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diagnostics.queries.look import Cell, Look, bounded, number, share, whole, words
from experiments.evaluation.crossed_segments import CrossedRow
from experiments.evaluation.segments import SegmentRow
from results.queries.columns import meanings_of, names_of, segment_value
from results.queries.evidence import evidence_of
from training.models import Experiment

MOST_SHOWN = 60


def look(of: Any) -> Look | None:
    """Return the segments that were asked for, else those that the run has measured."""
    rows = rows_of(of)
    if rows is None:
        return None
    weak = [row for _name, row in rows if row.is_weak]
    judged = [row for _name, row in rows if row.is_enough]
    if not judged:
        lead = _("No segment has enough rows and events to judge.")
    elif weak:
        lead = ngettext(
            "In %(weak)d of %(judged)d segments the model is significantly worse; it is marked in red.",
            "In %(weak)d of %(judged)d segments the model is significantly worse; they are marked in red.",
            len(weak),
        ) % {"weak": len(weak), "judged": len(judged)}
    else:
        lead = ngettext(
            "The model is not significantly worse in the one segment that can be judged.",
            "The model is significantly worse in none of the %(judged)d segments that can be judged.",
            len(judged),
        ) % {"judged": len(judged)}
    header = [
        _("Segment"), _("Rows"), _("Events"), _("Share"), _("Event rate"), "AUC", "KS", _("Lift"),
        _("Actual / predicted"), _("Judged by"),
    ]  # fmt: skip
    notes = [
        _(
            "Red: AUC significantly below that of all rows, by more than 0.02; or, where the customers of a segment "
            "are alike by score, actual / predicted significantly off, by more than 10%."
        )
    ]
    return Look(lead, header, [_row(name, row) for name, row in rows[:MOST_SHOWN]], chart="segments", notes=notes)


def rows_of(of: Any) -> list[tuple[str, SegmentRow]] | None:
    answer = of.inquiry.answer if of.inquiry else {}
    if "rows" in answer:
        return [(_named(of.experiment, row), row) for row in map(_segment, answer["rows"])]
    if "crossed" in answer:
        pairs = [CrossedRow.from_dict(each) for each in answer["crossed"]]
        return [
            (_("%(one)s and %(other)s") % {
                "one": _named(of.experiment, pair.row), "other": _named(of.experiment, pair.other)
            }, pair.row)
            for pair in pairs
        ]  # fmt: skip
    found = evidence_of(of.line.row).segments
    return [(_named(of.experiment, row), row) for row in found] or None


def _segment(stored: dict[str, Any]) -> SegmentRow:
    nothing = float("nan")
    values: dict[str, Any] = {
        name: nothing if value is None and name not in ("low", "high") else value for name, value in stored.items()
    }
    return SegmentRow(**values)


def _named(experiment: Experiment, row: SegmentRow) -> str:
    name = names_of(experiment).get(row.column, row.column)
    return _("%(column)s: %(value)s") % {"column": name, "value": segment_value(row, meanings_of(experiment))}


def _row(name: str, row: SegmentRow) -> list[Cell]:
    tone = "bad" if row.is_weak else "" if row.is_enough else "few"
    by_ranking = row.judged_by == "ranking"
    return [
        words(name, tone), whole(row.rows), whole(row.events), share(row.share, 1), share(row.event_rate),
        bounded(row.auc, row.auc_low, row.auc_high, tone=tone if by_ranking else ""), number(row.ks),
        number(row.lift, 2),
        bounded(row.observed_expected, row.observed_expected_low, row.observed_expected_high, digits=2,
                tone="" if by_ranking else tone),
        words(_("ranking") if by_ranking else _("calibration")),
    ]  # fmt: skip
