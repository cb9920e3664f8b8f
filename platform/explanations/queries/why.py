"""What the page of reasons shows: factors, one factor, one customer, segments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from common.language import clauses, colon, listed, reader_language
from experiments.artifact.explanation import Example, Explanation, ToldReason
from experiments.evaluation.segments import SegmentRow
from experiments.explanation.reason_codes.book import Reason
from experiments.explanation.reason_codes.sentences import STATES
from explanations.queries.explanation import example_of, kept_directions
from explanations.queries.factors import factors_of
from results.queries.columns import meanings_of, names_of, secret_columns, segment_value
from results.queries.derived_columns import derived_columns_of
from results.queries.evidence import evidence_of
from results.queries.leaderboard import LeaderboardLine
from training.models import Experiment
from training.words import EXAMPLES, RISK_EXAMPLES, sentences, words_for

FACTORS_SHOWN, FACTORS_READ = 10, 3
SEGMENTS_SHOWN = 12


def why_of(experiment: Experiment, line: LeaderboardLine, explained: Explanation, asked: Any) -> dict[str, Any]:
    """Return what the page of reasons shows."""
    factors = factors_of(experiment, explained, kept_directions(line.row))
    columns = [(factor.column, factor.label) for factor in factors if factor.column in explained.dependence]
    column = asked.get("column", "")
    if column not in dict(columns):
        column = columns[0][0] if columns else ""
    name, chosen = example_of(explained, asked.get("customer", "")) or ("", None)
    greatest = max((factor.share or 0 for factor in factors), default=0) or 1
    examples = RISK_EXAMPLES if experiment.is_risk else EXAMPLES
    return {
        "explained": bool(factors),
        "factors": [(factor, 100 * (factor.share or 0) / greatest) for factor in factors[:FACTORS_SHOWN]],
        "factors_reading": clauses(
            colon().join(filter(None, (each.label, each.sentence))) for each in factors[:FACTORS_READ]
        ),
        "columns": columns,
        "column": column,
        "column_label": dict(columns).get(column, column),
        "column_reading": next((factor.sentence for factor in factors if factor.column == column), ""),
        "customer": chosen,
        "customer_name": name,
        "customer_names": [(name, examples.get(name, name)) for name in explained.examples],
        "customer_reading": _customer_reading(experiment, chosen),
        "reasons": [reason_in_words(experiment, reason) for reason in (chosen.reasons if chosen else ())[:4]],
        "compared_with": sentences(explained.reasons.baseline.told) if explained.reasons else "",
        "relied_on": [sentences(said) for said in explained.reasons.told[1:]] if explained.reasons else [],
        "are_stable": explained.reasons is not None and explained.reasons.is_stable,
        "segments": _segments(experiment, evidence_of(line.row).segments),
        "overall_auc": line.tested.value("auc"),
        "unit": explained.unit,
        "has_derived": bool(derived_columns_of(experiment, line)),
    }


def _customer_reading(experiment: Experiment, chosen: Example | None) -> str:
    if chosen is None or chosen.probability is None:
        return ""
    return words_for(experiment).of_100_such % {"count": f"{100 * chosen.probability:.0f}"}


def reason_in_words(experiment: Experiment, told: ToldReason) -> dict[str, Any]:
    """Tell a reason as a file of scores does, in the bank's own words where its dictionary has some."""
    if told.state not in STATES:
        return {"text": sentences(told.sentence), "effect": None, "also": ""}
    reason = Reason(told.column, told.state, told.value, told.phi or 0.0)
    text = reason.text(experiment.asked.labels, reader_language(), meanings=meanings_of(experiment))
    names = names_of(experiment)
    return {"text": text, "effect": told.phi, "also": listed(names.get(column, column) for column in told.also)}


@dataclass(frozen=True)
class NamedSegment:
    """A segment as the reader calls it, with its measures."""

    name: str
    measured: SegmentRow


def _segments(experiment: Experiment, rows: Sequence[SegmentRow]) -> list[NamedSegment]:
    """Name the segments; the weak ones come first, as the engine sorted them."""
    names, meanings = names_of(experiment), meanings_of(experiment)
    secret = secret_columns(experiment)
    # Those too small to judge stand last, in grey, with nothing but their counts.
    return [
        NamedSegment(
            _("%(column)s: %(value)s")
            % {"column": names.get(row.column, row.column), "value": segment_value(row, meanings)},
            row,
        )
        for row in [row for row in rows if row.column not in secret][:SEGMENTS_SHOWN]
    ]
