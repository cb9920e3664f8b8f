"""What a page shows of a version's origin and of how it differs from the one before."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import can_edit
from catalog import comparing
from catalog.models import DatasetVersion, VersionOrigin
from common.addresses import address_of
from common.templatetags.formatting import count, listed, size
from connections import querying
from connections import services as connections
from datasets import verifying
from experiments.privacy.masking import masked
from experiments.telling import filled

SHOWN_AT_FIRST = 8
VERDICTS = ("red", "amber", "green")
COLUMNS_NAMED = 6


@dataclass(frozen=True)
class Step:
    """One line of the origin: a source, something done, or the result."""

    icon: str
    title: str
    facts: str = ""
    sha256: str = ""
    url: str = ""
    code: str = ""


def version_context(version: DatasetVersion, user: User) -> dict[str, Any]:
    """Return what the page of a version shows of its origin and of the one before."""
    found = version.comparison
    return {
        "comparison": found,
        "gravest": [one for one in found.get("columns", []) if one["verdict"] != "green"][:SHOWN_AT_FIRST],
        "compared_with": found.get("number"),
        "can_compare": version.is_ready and not found and comparing.version_before(version) is not None,
        "is_comparing": version.is_ready and version.job is not None and not version.job.is_terminated,
        "steps": lineage_steps(version),
        "failed_query": masked(version.lineage.get("query", {}).get("sql", "")),
        "again": _again(version),
        "can_verify": version.is_ready and version.origin != VersionOrigin.JOIN and can_edit(user, version),
        "verify_job": verifying.running_job(version),
        "can_add": can_edit(user, version.dataset),
        "can_connect": connections.may_connect(user, version.dataset.workspace),
        "query_connection": querying.connection_of(version) if version.origin == VersionOrigin.QUERY else None,
    }


def _again(version: DatasetVersion) -> dict[str, Any] | None:
    again = version.lineage.get("again")
    return {**again, "at": parse_datetime(again["at"])} if again else None


def found_columns(version: DatasetVersion, *, text: str, verdict: str) -> list[dict[str, Any]]:
    """Return the compared columns, gravest first, narrowed by name and verdict."""
    columns: Iterable[dict[str, Any]] = version.comparison.get("columns", [])
    text = text.lower()
    return [
        column
        for column in columns
        if text in column["name"].lower() and (verdict not in VERDICTS or column["verdict"] == verdict)
    ]


def lineage_steps(version: DatasetVersion) -> list[Step]:
    """Return the origin of a version as lines to read: sources first, then what was done, then the result."""
    lineage = version.lineage
    # A query comes before its answer, everything else after what it was done to.
    steps = sorted(lineage.get("steps", []), key=lambda step: step["step"] != "query")
    asked = [step for step in steps if step["step"] == "query"]
    lines = [line for step in asked if (line := _step(step))]
    lines += [_source(source) for source in lineage.get("sources", [])]
    lines += [line for step in steps[len(asked) :] if (line := _step(step))]
    if version.is_ready and lineage.get("sha256"):
        lines.append(Step("table", _("The table"), _rows_and_columns(version), version.parquet_sha256))
    return lines


def _source(source: dict[str, Any]) -> Step:
    if "version" in source:
        name = f"{source['dataset']} v{source['number']}"
        url = reverse("dataset_detail", args=[source["version"]])
        return Step("database", name, _("A version of this workspace"), source.get("sha256", ""), url)
    facts = size(source["bytes"])
    if source.get("kind") == "query":
        facts = _("The result of the query, stored as received") + f" · {facts}"
    return Step("database-import" if source.get("kind") == "query" else "file", source["file"], facts, source["sha256"])


def _step(step: dict[str, Any]) -> Step | None:
    tell = {"query": _query, "read": _read, "append": _append, "protect": _protect, "join": _join}.get(step["step"])
    return tell(step) if tell else None


def _query(step: dict[str, Any]) -> Step:
    words = {"connection": step["connection_name"], "database": step["database"], "host": step["host"]}
    asked = _("Queried %(connection)s: %(database)s on %(host)s") % words
    rows = filled(_("%(rows)s rows"), {"rows": count(step["rows"])}) if "rows" in step else ""
    return Step("plug-connected", asked, rows, code=masked(step["sql"]))


def _read(step: dict[str, Any]) -> Step:
    words = {"format": step["format"].upper(), "rows": count(step["rows"])}
    facts = [step.get("encoding", ""), _("with manual choices") if step.get("chosen") else ""]
    return Step(
        "file-spreadsheet", filled(_("Read as %(format)s: %(rows)s rows"), words), " · ".join(filter(None, facts))
    )


def _append(step: dict[str, Any]) -> Step:
    words = {"before": count(step["rows_before"]), "rows": count(step["rows"])}
    return Step("row-insert-bottom", filled(_("Appended to the earlier %(before)s rows: %(rows)s in total"), words))


def _protect(step: dict[str, Any]) -> Step:
    names = list(step["columns"])
    told = ngettext("%(n)s column of personal data protected", "%(n)s columns of personal data protected", len(names))
    shown = listed([*names[:COLUMNS_NAMED], *(["…"] if len(names) > COLUMNS_NAMED else [])])
    return Step("shield-lock", told % {"n": len(names)}, shown)


def _join(step: dict[str, Any]) -> Step:
    return Step("table-shortcut", _("Joined"), url=address_of("join", step["plan"]))


def _rows_and_columns(version: DatasetVersion) -> str:
    words = {"rows": count(version.row_count), "columns": count(version.column_count)}
    return filled(_("%(rows)s rows × %(columns)s columns"), words)
