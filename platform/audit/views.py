"""The audit log: read by modelers and admins, exported by admins, and checked link by link."""

import csv
import json
from collections.abc import Iterator

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.decorators import role_required
from accounts.models import Role
from accounts.requests import SignedInRequest
from audit.chain import verify_chain
from audit.forms import AuditFilterForm
from audit.models import AuditEntry
from audit.queries import entries_of
from audit.services import record

PAGE_LENGTH = 50
COLUMNS = (
    *("id", "at", "actor", "action", "object_type", "object_id", "object_label"),
    *("details", "previous_hash", "hash"),
)


class Echo:
    """A file that hands each line straight back, so that a long log is streamed and never held."""

    def write(self, line: str) -> str:
        return line


@role_required(Role.ADMIN, Role.MODELER)
def audit_log(request: SignedInRequest) -> HttpResponse:
    form = AuditFilterForm(request.GET or None, workspace=request.workspace)
    entries = entries_of(request.workspace)
    if form.is_bound:
        entries = form.narrow(entries)
    page = Paginator(entries, PAGE_LENGTH).get_page(request.GET.get("page"))
    return render(request, "audit/audit_log.html", {"form": form, "page": page, "query": _query(request)})


@role_required(Role.ADMIN)
def export(request: SignedInRequest) -> StreamingHttpResponse:
    """The filtered log as CSV, with the hashes by which anybody can check it; the export is on record too."""
    form = AuditFilterForm(request.GET, workspace=request.workspace)
    entries = form.narrow(entries_of(request.workspace))
    record(request.user, "audit.exported", workspace=request.workspace, details=dict(request.GET.items()))
    answer = StreamingHttpResponse(_lines(entries.iterator(chunk_size=2000)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="audit-log.csv"'
    return answer


@require_POST
@role_required(Role.ADMIN, Role.MODELER)
def verify(request: SignedInRequest) -> HttpResponse:
    """Walk the chain from its first entry and say whether it holds."""
    page = "audit/_chain.html" if request.headers.get("HX-Request") else "audit/chain.html"
    return render(request, page, {"chain": verify_chain()})


def _lines(entries: Iterator[AuditEntry]) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield "\ufeff"  # Excel reads Chinese only after a byte order mark
    yield writer.writerow(COLUMNS)  # type: ignore[misc]
    for entry in entries:
        details = json.dumps(entry.details, ensure_ascii=False, sort_keys=True)
        row = (entry.pk, entry.at.isoformat(), entry.actor or "", entry.action, entry.object_type, entry.object_id,
               entry.object_label, details, entry.previous_hash, entry.hash)  # fmt: skip
        yield writer.writerow([_harmless(cell) for cell in row])  # type: ignore[misc]


def _harmless(cell: object) -> str:
    """A spreadsheet must not take text for a formula."""
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _query(request: SignedInRequest) -> str:
    """The filter as it stands, for the links to other pages and to the export."""
    wanted = request.GET.copy()
    wanted.pop("page", None)
    return wanted.urlencode()
