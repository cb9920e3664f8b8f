"""What a scored file held, lacked and wrote otherwise than in training, in sentences for page, API and command line."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from experiments.errors import gettext_noop
from experiments.explanation.reason_codes.counts import ReasonCounts, ReasonsTold
from experiments.sentence import Sentence

__all__ = ["scoring_findings"]

Tone = Literal["warn", "info", "good"]
# Columns of which each gets a sentence of its own.
MOST_SENTENCES = 12
WORDS_SHOWN = 4
# Numbers without their sign in a column whose numbers nearly all had one: as few as this may be noughts and gaps.
FEW_WITHOUT_UNIT = 0.1
# A column of which so many cells are empty has moved for that reason, which is told already.
EMPTY_TELLS = 0.05
# From this much more on, being empty is how a column has moved.
EMPTIER = 0.1

MISSING = gettext_noop("Columns are missing")
MISSING_READ = gettext_noop("The model hardly uses them; they were read as empty.")
NO_NUMBER = gettext_noop("%(column)s: %(count)s cells hold text where a number belongs (%(words)s)")
NO_DATE = gettext_noop("%(column)s: %(count)s cells hold text where a date belongs (%(words)s)")
NO_FLAG = gettext_noop("%(column)s: %(count)s cells hold neither yes nor no (%(words)s)")
UNREADABLE = {"numeric": NO_NUMBER, "date": NO_DATE, "boolean": NO_FLAG}
READ_AS_EMPTY = gettext_noop("They were read as empty.")
NEWLY_EMPTY = gettext_noop("Columns that were never empty in training have empty cells")
NEUTRAL = gettext_noop("The model could not learn what an empty cell means there, so a neutral value was used.")
EMPTY_OF = gettext_noop("%(count)s of %(rows)s empty")
ALL_EMPTY = gettext_noop("completely empty")
LARGER = gettext_noop("%(column)s: typical values are about %(times)s times those of training (PSI %(psi)s)")
SMALLER = gettext_noop("%(column)s: typical values are about 1/%(times)s of those of training (PSI %(psi)s)")
OTHER_UNIT = gettext_noop(
    "If the unit has changed (a fraction sent as a percentage, 元 as 万), the scores are wrong: supply the column as "
    "in training."
)
MOVED = gettext_noop("The values of these columns are distributed differently from training, beyond normal variation")
MOVED_CHECK = gettext_noop(
    "Check whether they are still recorded in the same way. A different group of customers can also be the reason."
)
PSI = gettext_noop("PSI %(psi)s")
PSI_EMPTY = gettext_noop("PSI %(psi)s; empty %(now)s, in training %(before)s")
UNSEEN = gettext_noop("%(count)s cells hold categories that the model has never seen")
UNSEEN_READ = gettext_noop("They were read as an unknown category.")
EMPTY = gettext_noop("%(count)s cells are empty")
EMPTY_READ = gettext_noop("Empty cells are scored as the model learnt from training.")
FURTHER = gettext_noop("Extra columns")
FURTHER_LEFT = gettext_noop("The model does not use them; they were ignored.")
AND_MORE = gettext_noop("More columns are written differently from training")
COVERED = gettext_noop("The file covers what the model needs.")

SAID_SO = gettext_noop("For customers without a reason, the first reason column says why.")
WITHOUT_PROTECTED = gettext_noop("If protected columns must not count at all, build the model without them.")
NO_COLUMN_OF_IDS = gettext_noop("The file has no column %(column)s: the scores carry row numbers in place of IDs")
IN_ORDER = gettext_noop("The scores are in the order of the file's rows.")
NO_ID = gettext_noop("%(count)s rows have no ID")
REPEATED_IDS = gettext_noop("%(count)s IDs occur more than once, in %(rows)s rows altogether")
EACH_BY_ITSELF = gettext_noop("Each of these rows was scored separately.")
OWN_IDS = gettext_noop("Every row has its own ID")
AS_WRITTEN = gettext_noop("IDs are written exactly as in the file")
GUARDED = gettext_noop(
    "One exception: in the CSV, an ID that a spreadsheet would run as a formula is preceded by a single quote "
    "('); the Parquet file has it without."
)

OTHERWISE: Mapping[str, tuple[Tone, str, str]] = {
    "decimal_comma": (
        "warn",
        gettext_noop(
            "%(column)s: %(count)s of %(cells)s numbers have a decimal comma, such as %(example)s; in training it was "
            "a point"
        ),
        gettext_noop("The comma was taken as the decimal mark. Write all numbers of the column as in training."),
    ),
    "decimal_point": (
        "warn",
        gettext_noop(
            "%(column)s: %(count)s of %(cells)s numbers have a decimal point, such as %(example)s; in training it was "
            "a comma"
        ),
        gettext_noop("The point was taken as the decimal mark. Write all numbers of the column as in training."),
    ),
    "thousands": (
        "info",
        gettext_noop(
            "%(column)s: %(count)s of %(cells)s numbers, such as %(example)s, were read with a thousands separator"
        ),
        gettext_noop(
            "In training there was no thousands separator. If it is in fact the decimal mark, choose that and "
            "score the file again."
        ),
    ),
    "new_unit": (
        "warn",
        gettext_noop(
            "%(column)s: %(count)s of %(cells)s numbers have a unit that none had in training, such as %(example)s"
        ),
        gettext_noop("Each was read with its unit, such as 1.2万 as 12,000."),
    ),
    "no_unit": (
        "warn",
        gettext_noop(
            "%(column)s: %(count)s of %(cells)s numbers, such as %(example)s, lack %(units)s, which nearly all had "
            "in training"
        ),
        gettext_noop("They were read as written: 12 as 12. Check whether the unit was left out by mistake."),
    ),
    "other_day_order": (
        "warn",
        gettext_noop(
            "%(column)s: %(count)s of %(cells)s dates, such as %(example)s, have day and month in a different "
            "order from training"
        ),
        gettext_noop(
            "They were read as empty, and other dates of the column may have day and month swapped. Write dates "
            "like 2025-06-30."
        ),
    ),
    "unknown_day_order": (
        "warn",
        gettext_noop(
            "%(column)s: in %(count)s of %(cells)s dates, such as %(example)s, day and month cannot be told apart"
        ),
        gettext_noop(
            "No date was written like this in training, so they were read as empty. Write dates like 2025-06-30."
        ),
    ),
}


@dataclass(frozen=True)
class Finding:
    """One thing that was met: how grave it is, what became of it, and the columns it concerns with a word on each."""

    tone: Tone
    sentence: Sentence
    consequence: Sentence | None = None
    details: tuple[tuple[str, Sentence | None], ...] = ()


def scoring_findings(summary: Mapping[str, Any]) -> list[Finding]:
    """Return what scoring a file met, the gravest first, and at the end whether the file covers what the model needs.

    Parameters
    ----------
    summary : ``ScoringSummary.to_dict()``.

    Returns
    -------
    list of Finding

    Examples
    --------
    >>> cover = {"rows": 2, "missing_columns": [], "extra_columns": [], "unseen_cells": {}, "empty_cells": {"age": 2},
    ...          "neutral_cells": {"age": 2}, "newly_empty": {"age": 2}}
    >>> [str(finding.sentence) for finding in scoring_findings({"cover": cover})][0]
    'Columns that were never empty in training have empty cells'
    """
    cover = summary["cover"]
    met = [*_grave(cover, summary.get("moved", ())), *_unseen(cover), *_noted(summary), *_mild(cover)]
    is_covered = not any(finding.tone == "warn" for finding in met)
    met += _reasons(summary.get("reasons") or {})
    met += _ids(summary.get("ids") or {})
    if is_covered:
        met.append(Finding("good", Sentence(COVERED)))
    # The gravest first; what is well stands last.
    met.sort(key=lambda finding: ("warn", "info", "good").index(finding.tone))
    return met


def _grave(cover: Mapping[str, Any], moved: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    yield from _columns(cover["missing_columns"], "warn", MISSING, MISSING_READ)
    contradictions = cover.get("contradictions", {})
    by_cells = sorted(contradictions.items(), key=lambda item: (-_cells_met(item[1]), item[0]))
    yield from _limited([found for name, met in by_cells for found in _contradicted(name, met)])
    empty = _newly_empty(cover)
    if empty:
        details = tuple((name, _share_empty(count, cover["rows"])) for name, count in _largest_first(empty))
        yield Finding("warn", Sentence(NEWLY_EMPTY), Sentence(NEUTRAL), details)
    lost = Counter({name: _unread(met) for name, met in contradictions.items()}) + Counter(empty)
    yield from _moved([column for column in moved if lost[column["column"]] <= EMPTY_TELLS * cover["rows"]])


def _contradicted(column: str, met: Mapping[str, Any]) -> Iterator[Finding]:
    """Say of one column what could not be read and what is written otherwise."""
    if met["unreadable"]:
        places = {"column": column, "count": _count(met["unreadable"]), "words": _shown(met["words"])}
        yield Finding("warn", Sentence(UNREADABLE.get(met["kind"], NO_NUMBER), places), Sentence(READ_AS_EMPTY))
    for way in (known for known in OTHERWISE if known in met["otherwise"]):
        count = met["otherwise"][way]
        if way == "no_unit" and count <= FEW_WITHOUT_UNIT * met["cells"]:
            continue
        tone, message, consequence = OTHERWISE[way]
        places = {"column": column, "count": _count(count), "cells": _count(met["cells"]),
                  "example": met["examples"][way], "units": list(met["units"])}  # fmt: skip
        yield Finding(tone, Sentence(message, places), Sentence(consequence))


def _cells_met(met: Mapping[str, Any]) -> int:
    return met["unreadable"] + sum(met["otherwise"].values())


def _limited(findings: list[Finding]) -> list[Finding]:
    """Leave the first columns a sentence each, the warnings before the rest, and count the others."""
    findings.sort(key=lambda finding: finding.tone != "warn")
    if len(findings) <= MOST_SENTENCES:
        return findings
    others = {str(finding.sentence.params["column"]) for finding in findings[MOST_SENTENCES:]}
    return [
        *findings[:MOST_SENTENCES],
        Finding("warn", Sentence(AND_MORE), details=tuple((name, None) for name in sorted(others))),
    ]


def _newly_empty(cover: Mapping[str, Any]) -> dict[str, int]:
    """Return the empty cells of columns that were never empty in training; what could not be read is told elsewhere."""
    unread = Counter({name: _unread(met) for name, met in cover.get("contradictions", {}).items()})
    return dict(Counter(cover.get("newly_empty", {})) - unread)


def _unread(met: Mapping[str, Any]) -> int:
    """Return how many cells of a column hold something that was read as empty."""
    orders = ("other_day_order", "unknown_day_order")
    return met["unreadable"] + sum(met["otherwise"].get(order, 0) for order in orders)


def _share_empty(count: int, rows: int) -> Sentence:
    return Sentence(ALL_EMPTY) if count == rows else Sentence(EMPTY_OF, {"count": _count(count), "rows": _count(rows)})


def _moved(moved: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Name the columns whose values have moved, those that seem to have another unit first and by themselves."""
    scaled = [column for column in moved if column.get("times")][:MOST_SENTENCES]
    for column in scaled:
        times = column["times"]
        places = {"column": column["column"], "times": _rounded(max(times, 1 / times)), "psi": f"{column['psi']:.3f}"}
        yield Finding("warn", Sentence(LARGER if times > 1 else SMALLER, places), Sentence(OTHER_UNIT))
    others = [column for column in moved if column not in scaled]
    if others:
        details = tuple((column["column"], _moved_how(column)) for column in others)
        yield Finding("warn", Sentence(MOVED), Sentence(MOVED_CHECK), details)


def _moved_how(column: Mapping[str, Any]) -> Sentence:
    places = {"psi": f"{column['psi']:.3f}", "now": f"{column['empty']:.0%}", "before": f"{column['was_empty']:.0%}"}
    return Sentence(PSI_EMPTY if column["empty"] - column["was_empty"] > EMPTIER else PSI, places)


def _unseen(cover: Mapping[str, Any]) -> Iterator[Finding]:
    cells = cover["unseen_cells"]
    if not sum(cells.values()):
        return
    details = []
    for column, count in _largest_first(cells):
        levels = _shown(cover.get("unseen_levels", {}).get(column, {}))
        told = Sentence("%(count)s: %(levels)s" if levels else "%(count)s", {"count": _count(count), "levels": levels})
        details.append((column, told))
    total = Sentence(UNSEEN, {"count": _count(sum(cells.values()))})
    yield Finding("warn", total, Sentence(UNSEEN_READ), tuple(details))


def _noted(summary: Mapping[str, Any]) -> Iterator[Finding]:
    """Tell what reading the file changed or assumed as a whole."""
    for note in summary.get("notes", ()):
        yield Finding("info" if note.get("severity", "info") == "info" else "warn",
                      Sentence(note["message"], note["params"]))  # fmt: skip


def _mild(cover: Mapping[str, Any]) -> Iterator[Finding]:
    told = {*cover.get("newly_empty", {}), *cover["missing_columns"]}
    empty = {name: count for name, count in cover["empty_cells"].items() if name not in told}
    if total := sum(empty.values()):
        details = tuple(
            (name, Sentence("%(count)s", {"count": _count(count)})) for name, count in _largest_first(empty)
        )
        yield Finding("info", Sentence(EMPTY, {"count": _count(total)}), Sentence(EMPTY_READ), details)
    yield from _columns(cover["extra_columns"], "info", FURTHER, FURTHER_LEFT)


def _ids(ids: Mapping[str, Any]) -> Iterator[Finding]:
    """Return whether every scored row can be told apart by its id; nothing where the model was made without ids."""
    column = ids.get("column")
    if column is None:
        if ids.get("expected"):
            missing = Sentence(NO_COLUMN_OF_IDS, {"column": ids["expected"]})
            yield Finding("warn", missing, Sentence(IN_ORDER))
        return
    details = ((column, None),)
    if ids["blank"]:
        yield Finding("warn", Sentence(NO_ID, {"count": _count(ids["blank"])}), Sentence(IN_ORDER), details)
    if ids["repeated"]:
        counts = {"count": _count(ids["repeated"]), "rows": _count(ids["repeated_rows"])}
        yield Finding("warn", Sentence(REPEATED_IDS, counts), Sentence(EACH_BY_ITSELF), details)
    if not ids["blank"] and not ids["repeated"]:
        yield Finding("info", Sentence(OWN_IDS), details=details)
    yield Finding("info", Sentence(AS_WRITTEN), Sentence(GUARDED))


def _reasons(counts: Mapping[str, int]) -> Iterator[Finding]:
    """Tell how many rows have no reason, and why; nothing where all have one."""
    met = ReasonCounts(**{name: count for name, count in counts.items() if name != "given"})
    told = ReasonsTold.of(met)
    if met.withheld or met.nothing:
        yield Finding("warn" if met.withheld else "info", told.given, Sentence(SAID_SO))
    if told.outweighed:
        yield Finding("warn", told.outweighed, Sentence(WITHOUT_PROTECTED))


def _columns(columns: Sequence[str], tone: Tone, message: str, consequence: str) -> Iterator[Finding]:
    if columns:
        details = tuple((column, None) for column in columns)
        yield Finding(tone, Sentence(message), Sentence(consequence), details)


def _largest_first(cells: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return what was met most first, of equals by name: a database may keep a mapping in an order of its own."""
    return sorted(((name, count) for name, count in cells.items() if count), key=lambda cell: (-cell[1], cell[0]))


def _shown(counts: Mapping[str, int]) -> list[str]:
    words = [word for word, _count in _largest_first(counts)]
    return words if len(words) <= WORDS_SHOWN else [*words[:WORDS_SHOWN], "…"]


def _count(count: int) -> str:
    return f"{count:,}"


def _rounded(times: float) -> str:
    """Return a factor with two digits that count."""
    digits = 1 - math.floor(math.log10(times))
    return f"{round(times, digits):,.{max(0, digits)}f}"
