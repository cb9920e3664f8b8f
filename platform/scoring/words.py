"""How the summary of a scoring reads on a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext, ngettext

from experiments.evaluation.house_rules import PSI_AMBER, PSI_RED
from experiments.kinds import KINDS

LISTED = 12


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
    if psi["value"] < PSI_AMBER:
        reading = gettext("They do: a shift this small needs no action.")
    elif psi["value"] <= psi["limit"]:
        reading = gettext("Too few customers to tell: chance alone explains the shift.")
    else:
        reading = gettext("The customers differ from those the model was built on. Have the model checked before use.")
        tone, icon = ("bad", "alert-octagon") if psi["value"] >= PSI_RED else ("warn", "alert-triangle")
        return {**psi, "tone": tone, "icon": icon, "reading": reading}
    return {**psi, "tone": "good", "icon": "circle-check", "reading": reading}


def shown_cover(summary: Mapping[str, Any]) -> list[CoverLine]:
    """Return what the cover check met, gravest first, then whether the file covers the model."""
    cover = summary["cover"]
    lines = [
        columns_line(
            cover["missing_columns"],
            "warn",
            ngettext("%(count)s column is missing", "%(count)s columns are missing", len(cover["missing_columns"])),
            gettext("The model hardly uses them; they were read as empty."),
        ),
        cells_line(
            cover["unreadable_cells"],
            "warn",
            gettext("%(count)s cells hold text where a number or a date belongs"),
            gettext("They were read as empty."),
        ),
        unseen_line(cover),
        cells_line(
            cover["empty_cells"],
            "info",
            gettext("%(count)s cells are empty"),
            gettext("Empty cells are scored as the model learnt to read them."),
        ),
        cells_line(
            cover["neutral_cells"],
            "info",
            gettext("Of these, %(count)s cells are of a kind the model learnt nothing about"),
            gettext("They were given a neutral value."),
        ),
        columns_line(
            cover["extra_columns"],
            "info",
            ngettext("%(count)s further column", "%(count)s further columns", len(cover["extra_columns"])),
            gettext("The model does not use them; they were left aside."),
        ),
    ]
    met = [line for line in lines if line]
    if any(line.tone == "warn" for line in met):
        return met
    return [*met, CoverLine("good", "circle-check", gettext("The file covers what the model needs."), "", [])]


def columns_line(columns: list[str], tone: str, sentence: str, consequence: str) -> CoverLine | None:
    if not columns:
        return None
    details = [(column, "") for column in columns]
    return line(tone, sentence % {"count": f"{len(columns):,}"}, consequence, details)


def cells_line(cells: Mapping[str, int], tone: str, sentence: str, consequence: str) -> CoverLine | None:
    total = sum(cells.values())
    if not total:
        return None
    largest_first = sorted(cells.items(), key=lambda cell: -cell[1])
    details = [(column, f"{count:,}") for column, count in largest_first if count]
    return line(tone, sentence % {"count": f"{total:,}"}, consequence, details)


def unseen_line(cover: Mapping[str, Any]) -> CoverLine | None:
    total = sum(cover["unseen_cells"].values())
    if not total:
        return None
    joint = "、" if (get_language() or "").startswith("zh") else ", "
    details = []
    for column, count in sorted(cover["unseen_cells"].items(), key=lambda cell: -cell[1]):
        levels = list(cover["unseen_levels"].get(column, {}))[:3]
        details.append((column, f"{count:,} ({joint.join(levels)})" if levels else f"{count:,}"))
    sentence = gettext("%(count)s cells hold categories the model never saw") % {"count": f"{total:,}"}
    return line("warn", sentence, gettext("They were read as an unknown category."), details)


def line(tone: str, sentence: str, consequence: str, details: list[tuple[str, str]]) -> CoverLine:
    icon = {"warn": "alert-triangle", "info": "info-circle"}[tone]
    return CoverLine(tone, icon, sentence, consequence, details[:LISTED], max(0, len(details) - LISTED))


def shown_distribution(summary: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return the chart of the scores against development, its sentence and its table."""
    from experiments.charts.histogram import HistogramData, histogram_drawing

    found = summary["score_histogram"]
    total = sum(found["counts"]) or 1
    data = HistogramData(tuple(found["edges"]), tuple(found["counts"]), tuple(found["reference_shares"]))
    labels = {
        "score": gettext("Points, higher is safer") if KINDS[kind].is_risk else gettext("Percentile in development"),
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
