"""Pages of scoring: the list, a new one, its progress, its result and its files."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.decorators import workspace_required
from accounts.permissions import can_edit, require_edit
from accounts.requests import SignedInRequest
from common.numbers import whole_number
from common.templatetags.formatting import told
from experiments.errors import ExperimentError
from experiments.writing.formula_guard import csv_lines
from jobs.once import once
from joins import queries as join_queries
from registry.models import ModelVersion, RegisteredModel
from registry.queries.models import champions_in
from scenarios.queries import MOST_LISTS, for_reader, lists_in, scenarios_in
from scoring import following, queries, services
from scoring.appending import source_code
from scoring.columns import AskedColumn, asked_of
from scoring.exports import CONTENT_TYPES, dictionary_file, kept_back, scores_file
from scoring.forms import JoinScoringForm, ScoringForm, TableScoringForm
from scoring.models import ScoringJob
from scoring.words import shown_bands, shown_cover, shown_distribution, shown_psi
from training.words import KINDS
from uploads import pieces
from uploads.forms import ReadingForm
from uploads.handler import StreamingUploadHandler
from uploads.page import answer_upload, received, refuse_upload, upload_context, upload_refusal

ROWS_A_PAGE = 50


@require_GET
@workspace_required
def scoring_list(request: SignedInRequest) -> HttpResponse:
    page = Paginator(queries.scoring_in(request.workspace), ROWS_A_PAGE).get_page(request.GET.get("page"))
    has_champion = champions_in(request.workspace).exists()
    return render(request, "scoring/scoring_list.html", {"page": page, "has_champion": has_champion})


@csrf_exempt
@require_http_methods(["GET", "POST"])
@workspace_required
def scoring_new(request: SignedInRequest) -> HttpResponseBase:
    """Take a file. The handler must be in place before anything reads the form, so the CSRF check comes after it."""
    request.upload_handlers = [StreamingUploadHandler(request)]
    return choose_and_upload(request)


@csrf_protect
@once
def choose_and_upload(request: SignedInRequest) -> HttpResponse:
    champions = champions_in(request.workspace)
    if request.method != "POST":
        form = ScoringForm(champions=champions, initial={"version": request.GET.get("version")})
        context = upload_context(form) | {"reading_form": ReadingForm.of_one_file()} | about(request, champions)
        return render(request, "scoring/scoring_new.html", context)
    reading_form = ReadingForm.of_one_file(request.POST)
    form = ScoringForm(
        request.POST,
        request.FILES,
        champions=champions,
        refusal=upload_refusal(request),
        received=received(request),
    )
    if form.is_valid():
        try:
            scoring_job = services.start_scoring(
                request.user,
                form.cleaned_data["version"],
                form.cleaned_data["file"],
                reading=reading_form.reading(),
                wanted=form.wanted(),
            )
        except ExperimentError as refused:
            form.refuse(refused)
        else:
            pieces.settle(form.cleaned_data["files"])
            return answer_upload(request, reverse("scoring_detail", args=[scoring_job.pk]))
    shown = about(request, champions)
    return refuse_upload(request, form, "scoring/scoring_new.html", reading_form=reading_form, **shown)


def about(request: SignedInRequest, champions: QuerySet[ModelVersion]) -> dict[str, Any]:
    """Return what the page of a new scoring shows beside the form: what each champion asks for."""
    tables = queries.tables_in(request.workspace)
    return {
        "champions": champions,
        "asked": [asked_by(version) for version in champions],
        "has_tables": tables.exists(),
        "chosen": request.GET.get("version") or "",
    }


def asked_by(version: ModelVersion) -> tuple[ModelVersion, list[AskedColumn], list[AskedColumn]]:
    """Return a champion with what a file must hold, the id first, and what may be absent."""
    columns = asked_of(version)
    names = [column.name for column in columns if column.is_id or column.is_needed]
    version.joins = [  # type: ignore[attr-defined]
        (plan, queries.read_by_join(plan, names)) for plan in queries.joins_behind(version)
    ]
    return (
        version,
        [column for column in columns if column.is_id or column.is_needed],
        [column for column in columns if not (column.is_id or column.is_needed)],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@workspace_required
@once
def scoring_table(request: SignedInRequest) -> HttpResponse:
    """Score a table that is here already, be it uploaded or joined."""
    champions, tables = champions_in(request.workspace), queries.tables_in(request.workspace)
    chosen = {name: request.GET.get(name) for name in ("version", "table")}
    form = TableScoringForm(request.POST or None, champions=champions, tables=tables, initial=chosen)
    if request.method == "POST" and form.is_valid():
        try:
            scoring_job = services.score_version(
                request.user, form.cleaned_data["version"], form.cleaned_data["table"], wanted=form.wanted()
            )
        except ExperimentError as refused:
            form.add_error("table", told(refused.message, refused.params))
        else:
            return redirect("scoring_detail", pk=scoring_job.pk)
    shown = {"form": form} | about(request, champions)
    shown["has_nothing"] = not shown["has_tables"]
    return render(request, "scoring/scoring_table.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@workspace_required
@once
def scoring_join(request: SignedInRequest, pk: int) -> HttpResponse:
    """Run a join on other sources and score its table."""
    plan = get_object_or_404(join_queries.plans_of(request.workspace), pk=pk)
    require_edit(
        request.user, plan, _("Only %(owner)s, a modeler or an admin may change this join.") % {"owner": plan.owner}
    )
    champions, sources = champions_in(request.workspace), join_queries.sources_for(plan)
    initial = {"version": request.GET.get("version")}
    form = JoinScoringForm(request.POST or None, champions=champions, sources=sources, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            version = form.cleaned_data["version"]
            following.run_and_score(plan, form.sources(), request.user, version, form.wanted())
        except ExperimentError as refused:
            form.add_error(None, told(refused.message, refused.params))
        else:
            return redirect("join_detail", plan.pk)
    shown = {"form": form, "plan": plan} | about(request, champions)
    return render(request, "scoring/scoring_join.html", shown, status=422 if form.errors else 200)


@require_GET
@workspace_required
def scoring_template(request: SignedInRequest, pk: int) -> HttpResponse:
    """Answer with an empty file that has the columns a champion asks for."""
    version = get_object_or_404(champions_in(request.workspace), pk=pk)
    names = [column.name for column in asked_of(version)]
    answer = HttpResponse(csv_lines([names]), content_type=CONTENT_TYPES["csv"])
    answer["Content-Disposition"] = f'attachment; filename="to-score-{version.pk}.csv"'
    return answer


@require_GET
@workspace_required
def scoring_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    scoring_job = get_object_or_404(queries.scoring_in(request.workspace), pk=pk)
    context: dict[str, Any] = {
        "scoring_job": scoring_job,
        "version": scoring_job.model_version,
        "model": scoring_job.model_version.registered_model,
        "may_change": can_edit(request.user, scoring_job),
    }
    if scoring_job.is_finished:
        context |= chosen_context(request, scoring_job)
        context["hides"] = scoring_job.has_scores and bool(kept_back(scoring_job, request.user))
        context |= result_context(scoring_job.summary, scoring_job.model_version.registered_model)
    return render(request, "scoring/scoring_detail.html", context)


def chosen_context(request: SignedInRequest, scoring_job: ScoringJob) -> dict[str, Any]:
    """Return the lists that were chosen from a scoring, and the scenarios that could choose another."""
    made = lists_in(request.workspace).filter(source=source_code(scoring_job))
    scenarios = scenarios_in(request.workspace).filter(leaderboard_row=scoring_job.model_version.leaderboard_row_id)
    if scoring_job.is_deleted:
        scenarios = scenarios.none()
    return {"lists": for_reader(made[:MOST_LISTS], request.user), "scenarios": scenarios}


@require_POST
@workspace_required
@once
def scoring_choose(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have the customers listed that a scenario chooses from finished scores."""
    scoring_job = get_object_or_404(queries.scoring_in(request.workspace), pk=pk, state="finished")
    scenario = get_object_or_404(scenarios_in(request.workspace), pk=whole_number(request.POST.get("scenario")))
    try:
        services.choose_from(scoring_job, scenario, request.user)
    except ExperimentError as refused:
        messages.error(request, told(refused.message, refused.params))
    return redirect("scoring_detail", pk=scoring_job.pk)


def result_context(summary: dict[str, Any], model: RegisteredModel) -> dict[str, Any]:
    """Return what the page shows of a finished scoring."""
    return {
        "summary": summary,
        "rate_name": KINDS[model.kind].rate,
        "bands": shown_bands(summary, model.kind),
        "psi": shown_psi(summary),
        "cover": shown_cover(summary),
        "distribution": shown_distribution(summary, model.kind),
    }


@require_GET
@workspace_required
def scoring_progress(request: SignedInRequest, pk: int) -> HttpResponse:
    """The live part of the page; when the work has ended, the whole page is fetched anew."""
    scoring_job = get_object_or_404(queries.scoring_in(request.workspace), pk=pk)
    if scoring_job.state not in ("queued", "running"):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "scoring/_progress.html", {"scoring_job": scoring_job})


@require_POST
@workspace_required
def scoring_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    scoring_job = get_object_or_404(queries.scoring_in(request.workspace), pk=pk)
    require_edit(request.user, scoring_job, _("Only the person who started it, a modeler or an admin can cancel it."))
    services.cancel_scoring(scoring_job, request.user)
    messages.success(request, _("Stop requested."))
    return redirect("scoring_detail", pk=scoring_job.pk)


@require_POST
@workspace_required
def scoring_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    scoring_job = get_object_or_404(queries.scoring_in(request.workspace), pk=pk)
    require_edit(request.user, scoring_job, _("Only the person who started it, a modeler or an admin can delete it."))
    try:
        services.delete_scores(scoring_job, request.user)
    except ExperimentError as refused:
        messages.error(request, told(refused.message, refused.params))
    else:
        messages.success(request, _("Scores deleted. Lists chosen from them stay."))
    return redirect("scoring_detail", pk=scoring_job.pk)


@require_GET
@workspace_required
def download_scores(request: SignedInRequest, pk: int, file_format: str) -> StreamingHttpResponse:
    return scores_file(get_object_or_404(queries.scoring_in(request.workspace), pk=pk), file_format, request.user)


@require_GET
@workspace_required
def download_dictionary(request: SignedInRequest, pk: int, file_format: str) -> FileResponse:
    return dictionary_file(get_object_or_404(queries.scoring_in(request.workspace), pk=pk), file_format)
