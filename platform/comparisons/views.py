"""The page of a comparison, the start of its work, its tables and its file."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.decorators import workspace_required
from accounts.models import Role
from accounts.requests import SignedInRequest
from catalog.models import DatasetVersion, VersionState
from common.language import reader_language
from common.numbers import whole_number
from common.templatetags.formatting import sentence
from comparisons import services
from comparisons.figures import charts_of, table_of
from comparisons.models import ModelComparison
from comparisons.page.whole import ComparisonPage, address_of, page_of
from comparisons.queries.hidden import shown_facts
from comparisons.queries.offered import amounts_offered, experiments_to_choose, tables_to_score, versions_to_choose
from comparisons.queries.setup import setup_of
from comparisons.queries.subjects import Subject, UnknownModel, subjects_named, with_models
from experiments.comparison.page import page_of as file_of
from experiments.errors import BadInput, ExperimentError
from jobs.once import once
from results.views.chosen import attachment, csv_response
from training.queries.best_score_chart import labels_for

FEWEST = 2


@require_safe
@workspace_required
def compare(request: SignedInRequest) -> HttpResponse:
    """Show models side by side; with fewer than two, let them be chosen."""
    codes = request.GET.getlist("m")
    if len(codes) < FEWEST or "choose" in request.GET:
        return _choose(request, codes)
    try:
        subjects = subjects_named(codes, request.workspace)
    except UnknownModel as unknown:
        raise Http404 from unknown
    except ExperimentError as refused:
        return _choose(request, codes, sentence(refused.sentence), status=422)
    version = _version_asked(request, request.GET.get("on", ""))
    offered = amounts_offered(subjects, version)
    comparison = _known(request, subjects, version)
    page = page_of(subjects, comparison, request.GET.dict())
    asked = request.GET.dict()
    context: dict[str, Any] = {
        "page": page,
        "comparison": comparison,
        "job": comparison.job if comparison is not None else None,
        "version": version,
        "query": address_of(subjects, asked),
        "other_query": address_of(subjects, asked, all="" if asked.get("all") else "1"),
        "change_query": address_of(subjects, {}, choose="1"),
        "address": request.build_absolute_uri(reverse("compare") + address_of(subjects, asked)),
        "bases": [
            (each.letter, address_of(_with_first(subjects, each), asked, swap=""))
            for each in subjects[1:]
            if each.has_model
        ],
        "asked": asked,
        "shows_all": bool(asked.get("all")),
        "tables": tables_to_score(request.workspace, subjects),
        "amounts": offered,
        "can_submit": _can_submit(request, page.best),
        "can_compare": len(page.compared) >= FEWEST,
        "charts": _charts(page),
        "is_risk": subjects[0].experiment.is_risk,
    }
    return render(request, "comparisons/compare.html", context)


def _charts(page: ComparisonPage) -> dict[str, Any]:
    if page.found is None:
        return {}
    return charts_of(page.found, [each.letter for each in page.compared], labels_for(page.compared[0].experiment))


def _choose(request: SignedInRequest, codes: list[str], error: str = "", status: int = 200) -> HttpResponse:
    context = {
        "experiments": experiments_to_choose(request.workspace, codes),
        "versions": versions_to_choose(request.workspace, codes),
        "chosen": codes,
        "error": error,
    }
    return render(request, "comparisons/choose.html", context, status=status)


def _with_first(subjects: list[Subject], first: Subject) -> list[Subject]:
    return [first, *(each for each in subjects if each is not first)]


def _known(request: SignedInRequest, subjects: list[Subject], version: DatasetVersion | None) -> ModelComparison | None:
    if len(with_models(subjects)) < FEWEST:
        return None
    return services.known(subjects, request.workspace, version, request.GET.get("amount", ""))


def _version_asked(request: SignedInRequest, asked: str) -> DatasetVersion | None:
    """Return the dataset version an address asks to score on; a stranger's does not exist."""
    if not asked:
        return None
    ready = DatasetVersion.objects.select_related("dataset").filter(state=VersionState.READY)
    return get_object_or_404(ready, pk=whole_number(asked), dataset__workspace=request.workspace)


def _can_submit(request: SignedInRequest, best: Subject | None) -> bool:
    """Whether the model to go on with is a finalist that this person may submit."""
    if best is None or best.version is not None or best.row is None:
        return False
    is_owner = best.experiment.owner_id == request.user.pk
    return request.role in (Role.MODELER, Role.ADMIN) or is_owner


@require_POST
@workspace_required
@once
def compare_start(request: SignedInRequest) -> HttpResponse:
    """Have the models compared, and lead back to their page."""
    try:
        subjects = subjects_named(request.POST.getlist("m"), request.workspace)
    except ExperimentError as refused:
        raise Http404 from refused
    if len(with_models(subjects)) < FEWEST:
        raise Http404
    version = _version_asked(request, request.POST.get("on", ""))
    amount = request.POST.get("amount", "")
    try:
        services.ask(subjects, workspace=request.workspace, user=request.user, version=version, amount=amount)
    except BadInput as refused:
        raise Http404 from refused
    return redirect(reverse("compare") + address_of(subjects, request.POST.dict()))


@require_safe
@workspace_required
def compare_table(request: SignedInRequest, name: str) -> HttpResponseBase:
    """The numbers behind a table or a chart of the page as CSV."""
    subjects, comparison = _finished(request)
    compared = shown_facts(comparison, subjects).compared
    table = table_of(name, compared, [each.letter for each in with_models(subjects)]) if compared is not None else None
    if table is None:
        raise Http404
    return csv_response([table.header, *table.rows], f"comparison-{name}")


@require_safe
@workspace_required
def compare_setup(request: SignedInRequest) -> HttpResponseBase:
    """How the models were made as CSV; what differs, or all of it. It needs no comparison to be worked out."""
    try:
        subjects = subjects_named(request.GET.getlist("m"), request.workspace)
    except ExperimentError as refused:
        raise Http404 from refused
    if len(subjects) < FEWEST:
        raise Http404
    lines = [line for line in setup_of(subjects) if line.differs or request.GET.get("all")]
    header = [_("Setting"), *(f"{each.letter}: {each.name}" for each in subjects), _("Differs")]
    rows = [
        [line.label, *(" · ".join(filter(None, (cell.text, cell.more))) for cell in line.cells),
         _("yes") if line.differs else _("no")]
        for line in lines
    ]  # fmt: skip
    return csv_response([header, *rows], "comparison-setup")


@require_safe
@workspace_required
def compare_file(request: SignedInRequest) -> HttpResponse:
    """The comparison as one HTML file to keep."""
    subjects, comparison = _finished(request)
    compared = shown_facts(comparison, subjects).compared
    if compared is None:
        raise Http404
    response = HttpResponse(file_of(compared, reader_language()), content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = attachment(_("comparison"), "html")
    return response


def _finished(request: SignedInRequest) -> tuple[list[Subject], ModelComparison]:
    """Return the comparison an address names, once it is worked out."""
    try:
        subjects = subjects_named(request.GET.getlist("m"), request.workspace)
    except ExperimentError as refused:
        raise Http404 from refused
    comparison = _known(request, subjects, _version_asked(request, request.GET.get("on", ""))) if subjects else None
    if comparison is None or not comparison.is_done:
        raise Http404
    return subjects, comparison
