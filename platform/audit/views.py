"""The audit log: read by modelers and admins, exported by admins, and checked link by link."""

import json
from collections.abc import Iterator, Sequence

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.decorators import role_required
from accounts.models import Role
from accounts.requests import SignedInRequest
from audit import anchor as anchors
from audit.chain import verify_chain
from audit.forms import AuditFilterForm
from audit.models import AuditEntry
from audit.queries import entries_of
from audit.services import record
from audit.words import told_of_chain
from experiments.writing.formula_guard import csv_lines

PAGE_LENGTH = 50
COLUMNS = (
    *("id", "at", "actor", "action", "object_type", "object_id", "object_label"),
    *("details", "previous_hash", "hash", "signature"),
)


@role_required(Role.ADMIN, Role.MODELER)
def audit_log(request: SignedInRequest) -> HttpResponse:
    for_admin = request.role == Role.ADMIN
    form = AuditFilterForm(request.GET or None, workspace=request.workspace, for_admin=for_admin)
    entries = entries_of(request.workspace, for_admin=for_admin)
    if form.is_bound:
        entries = form.narrow(entries)
    page = Paginator(entries, PAGE_LENGTH).get_page(request.GET.get("page"))
    return render(request, "audit/audit_log.html", {"form": form, "page": page, "query": _query(request)})


@role_required(Role.ADMIN)
def export(request: SignedInRequest) -> StreamingHttpResponse:
    """The filtered log as CSV, with the hashes by which anybody can check it; the export is on record too."""
    form = AuditFilterForm(request.GET, workspace=request.workspace, for_admin=True)
    entries = form.narrow(entries_of(request.workspace, for_admin=True))
    record(request.user, "audit.exported", workspace=request.workspace, details=dict(request.GET.items()))
    lines = csv_lines(_rows(entries.iterator(chunk_size=2000)))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="audit-log.csv"'
    return answer


@require_POST
@role_required(Role.ADMIN, Role.MODELER)
def verify(request: SignedInRequest) -> HttpResponse:
    """Walk the chain from its first entry to its anchor and say whether all of it holds."""
    page = "audit/_chain.html" if request.headers.get("HX-Request") else "audit/chain.html"
    chain = verify_chain()
    return render(request, page, {"chain": chain, "lines": told_of_chain(chain)})


@require_POST
@role_required(Role.ADMIN)
def export_anchor(request: SignedInRequest) -> HttpResponse:
    """Hand out how many entries there are and the last one's hash, signed, to be kept where nobody can reach it."""
    record(request.user, "audit.anchor_exported", workspace=request.workspace)
    anchored = anchors.taken_now()
    answer = HttpResponse(anchored.to_text(), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="audit-anchor-{anchored.count}.json"'
    return answer


def _rows(entries: Iterator[AuditEntry]) -> Iterator[Sequence[object]]:
    yield COLUMNS
    for entry in entries:
        details = json.dumps(entry.details, ensure_ascii=False, sort_keys=True)
        yield (entry.pk, entry.at.isoformat(), str(entry.actor or ""), entry.action, entry.object_type,
               entry.object_id, entry.object_label, details, entry.previous_hash, entry.hash,
               entry.signature)  # fmt: skip


def _query(request: SignedInRequest) -> str:
    """The filter as it stands, for the links to other pages and to the export."""
    wanted = request.GET.copy()
    wanted.pop("page", None)
    return wanted.urlencode()
