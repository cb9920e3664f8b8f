"""What the page of reasons shows: factors, one factor, one customer, segments."""

from typing import Any

from django.utils.translation import gettext as _

from common.language import listed, reader_language
from experiments.explanation.reason_codes.book import Reason
from experiments.explanation.reason_codes.sentences import STATES
from results.queries.columns import meanings_of, names_of, segment_value
from results.queries.derived_columns import derived_columns_of
from results.queries.evidence import evidence_of
from results.queries.explanation import example_of
from results.queries.factors import factors_of
from results.queries.leaderboard import LeaderboardLine, value_of
from training.models import Experiment
from training.words import EXAMPLES, RISK_EXAMPLES, sentence, words_for

FACTORS_SHOWN = 10
SEGMENTS_SHOWN = 12


def why_of(experiment: Experiment, line: LeaderboardLine, explained: dict[str, Any], asked: Any) -> dict[str, Any]:
    """Return what the page of reasons shows."""
    factors = factors_of(experiment, explained)
    columns = [(factor.column, factor.label) for factor in factors if factor.column in explained.get("dependence", {})]
    column = asked.get("column", "")
    if column not in dict(columns):
        column = columns[0][0] if columns else ""
    chosen = example_of(explained, asked.get("customer", ""))
    greatest = max((factor.share or 0 for factor in factors), default=0) or 1
    examples = RISK_EXAMPLES if experiment.is_risk else EXAMPLES
    return {
        "explained": bool(factors),
        "factors": [(factor, 100 * (factor.share or 0) / greatest) for factor in factors[:FACTORS_SHOWN]],
        "columns": columns,
        "column": column,
        "column_label": dict(columns).get(column, column),
        "column_reading": next((factor.sentence for factor in factors if factor.column == column), ""),
        "customer": chosen,
        "customer_names": [(name, examples.get(name, name)) for name in explained.get("examples") or {}],
        "customer_reading": _customer_reading(experiment, chosen),
        "reasons": [_reason(experiment, reason) for reason in (chosen or {}).get("reasons", [])[:4]],
        "segments": _segments(experiment, evidence_of(line.row).get("segments") or []),
        "overall_auc": value_of(line.tested, "auc"),
        "unit": explained.get("unit", ""),
        "has_derived": bool(derived_columns_of(experiment, line)),
    }


def _customer_reading(experiment: Experiment, chosen: dict[str, Any] | None) -> str:
    if not chosen or chosen.get("probability") is None:
        return ""
    return words_for(experiment).of_100_such % {"count": f"{100 * chosen['probability']:.0f}"}


def _reason(experiment: Experiment, stored: dict[str, Any]) -> dict[str, Any]:
    """Tell a reason as a file of scores does, in the bank's own words where its dictionary has some."""
    if stored["state"] not in STATES:
        return {"text": sentence(stored["message"], {}), "effect": None, "also": ""}
    reason = Reason(stored["column"], stored["state"], stored.get("value", ""), stored.get("phi") or 0.0)
    told = reason.text(experiment.spec.get("labels", {}), reader_language(), meanings_of(experiment))
    names = names_of(experiment)
    also = listed(names.get(column, column) for column in stored.get("also", []))
    return {"text": told, "effect": stored.get("phi"), "also": also}


def _segments(experiment: Experiment, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Name the segments; the weak ones come first, as the engine sorted them."""
    names = names_of(experiment)
    # Those too small to judge stand last, in grey, with nothing but their counts.
    return [
        row
        | {
            "name": _("%(column)s: %(value)s")
            % {"column": names.get(row["column"], row["column"]), "value": segment_value(row, meanings_of(experiment))}
        }
        for row in rows[:SEGMENTS_SHOWN]
    ]
