"""How the summary of a scoring reads on a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from common.masking import mask
from common.templatetags.formatting import told
from experiments.house_rules import is_great_shift, is_shift, may_hide_a_shift
from experiments.kinds import KINDS
from experiments.scoring.findings import Finding, scoring_findings
from experiments.sentence import Sentence

LISTED = 12
ICONS = {"warn": "alert-triangle", "info": "info-circle", "good": "circle-check"}


@dataclass(frozen=True)
class CoverLine:
    """One thing the cover check met: a state, a sentence, and the columns it concerns with their counts."""

    tone: str
    icon: str
    sentence: str
    consequence: str
    details: list[tuple[str, str]]
    more: int = 0


def shown_bands(summary: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return each band with its share here and in development, and what the letter means."""
    meanings = band_meanings(kind)
    largest = max((band["share"] for band in summary["bands"]), default=0) or 1
    return [
        {**band, "meaning": meanings.get(band["band"], ""), "width": round(100 * band["share"] / largest)}
        for band in summary["bands"]
    ]


def band_meanings(kind: str) -> dict[str, str]:
    if KINDS[kind].is_risk:
        return {"A": gettext("safest"), "E": gettext("riskiest")}
    return {"A": gettext("most likely"), "E": gettext("least likely")}


def shown_psi(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return the score PSI with a reading; a shift counts only when it is large and more than chance explains."""
    psi = summary["psi"]
    if may_hide_a_shift(psi["value"], psi["limit"]):
        reading = gettext("Too few customers to tell: chance alone could explain the shift.")
        return {**psi, "tone": "muted", "icon": "help-circle", "reading": reading}
    if is_shift(psi["value"], psi["limit"]):
        reading = gettext(
            "These customers differ from those the model was built on. Have the model reviewed before using the scores."
        )
        is_great = is_great_shift(psi["value"], psi["limit"])
        tone, icon = ("bad", "alert-octagon") if is_great else ("warn", "alert-triangle")
        return {**psi, "tone": tone, "icon": icon, "reading": reading}
    reading = gettext("Yes: a shift this small needs no action.")
    return {**psi, "tone": "good", "icon": "circle-check", "reading": reading}


def shown_cover(summary: Mapping[str, Any]) -> list[CoverLine]:
    """Return what the cover check met, gravest first, then whether the file covers the model."""
    return [shown_finding(finding) for finding in scoring_findings(summary)]


def shown_finding(finding: Finding) -> CoverLine:
    details = [(mask(column), words_of(word)) for column, word in finding.details]
    return CoverLine(
        finding.tone,
        ICONS[finding.tone],
        words_of(finding.sentence),
        words_of(finding.consequence),
        details[:LISTED],
        max(0, len(details) - LISTED),
    )


def words_of(sentence: Sentence | None) -> str:
    return told(sentence.message, sentence.params) if sentence else ""


def shown_distribution(summary: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return the chart of the scores against development, its sentence and its table."""
    from experiments.charts.histogram import HistogramData, histogram_drawing

    found = summary["score_histogram"]
    total = sum(found["counts"]) or 1
    data = HistogramData(tuple(found["edges"]), tuple(found["counts"]), tuple(found["reference_shares"]))
    labels = {
        "score": gettext("Points, higher is safer")
        if KINDS[kind].is_risk
        else gettext("Percentile in the development sample"),
        "development": gettext("development"),
        "hover_people": gettext("%{y:,} customers around %{x:.0f}"),
    }
    drawing = histogram_drawing(data, labels, labels["score"])
    rows = [
        {"low": low, "high": high, "count": count, "share": count / total, "development": development}
        for low, high, count, development in zip(
            found["edges"][:-1], found["edges"][1:], found["counts"], found["reference_shares"], strict=True
        )
    ]
    return {"figure": drawing.to_dict(), "rows": rows}
