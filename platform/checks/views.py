"""The second step of building a model: what was found in the data, and every decision on it."""

from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import SignedInRequest
from catalog.models import Column, ColumnRole, ColumnType
from checks import attributes, column_detail, decisions, services
from checks import page as check_page
from checks import tables as check_tables
from checks.forms import SampleForm
from checks.hosts import Subject, for_editors, for_viewers, host
from checks.models import CheckedColumn, DataCheck, Finding
from checks.page import COLUMNS_AT_ONCE, Asked
from common.numbers import whole_number
from common.templatetags.formatting import listed, told
from experiments.errors import ExperimentError
from experiments.writing.formula_guard import csv_lines
from jobs.once import once
from privacy import marks as protected_marks
from uploads.reading_page import reading_context

CSV_HEADER = ("column", "label", "role", "taken_out", "type", "missing", "distinct", "single_auc", "iv", "marks")
MOST_ROWS_A_PART = 200
PROTECTED_ACTS = ("protect", "unprotect")
FILTERS = (
    ("", gettext_lazy("All")),
    ("look", gettext_lazy("Needs review")),
    ("out", gettext_lazy("Taken out")),
    ("special", gettext_lazy("Special values")),
    ("personal", gettext_lazy("Personal data")),
    ("remembered", gettext_lazy("As decided before")),
    ("numeric", gettext_lazy("Numbers")),
    ("category", gettext_lazy("Categories")),
    ("date", gettext_lazy("Dates")),
)


@require_safe
@for_viewers
def experiment_data(request: SignedInRequest, experiment: Subject) -> HttpResponse:
    """Show findings, target, sample and the first columns; the browser asks for more as it needs them."""
    check = experiment.data_check
    by_severity = check_page.findings_by_severity(check)
    asked, marks = Asked.of(request.GET), attributes.marks_asked(check)
    words, counts = host().words_of(experiment), check_page.count_filters(check)
    page = Paginator(check_page.columns_asked_for(check, asked), COLUMNS_AT_ONCE).get_page(request.GET.get("page"))
    return render(
        request,
        "checks/data_check.html",
        {
            **_row_context(request, experiment),
            **reading_context(check.version),
            "version": check.version,
            "words": words,
            "findings": by_severity,
            "groups": check_page.grouped([*by_severity["block"], *by_severity["warning"]]),
            "passed": [(check_page.passed_chip(finding), finding) for finding in by_severity["passed"]],
            "marks": marks,
            "target": check_page.target_card(check, str(words.rate)),
            "page": page,
            "lines": check_page.column_lines(check, page.object_list, marks),  # type: ignore[arg-type]
            "counts": counts,
            "filters": [(key, label, counts[key or "all"]) for key, label in FILTERS if not key or counts[key]],
            "page_query": urlencode(asdict(asked)) + "&",
            "asked": asked,
            "definition": check_tables.definition_of(check),
            "special": column_detail.unanswered_special_values(check),
            "meanings": decisions.meanings(),
            "is_draft": not check.is_frozen,
            "can_go_on": check.state == "ready",
        },
    )


def _row_context(request: SignedInRequest, experiment: Subject) -> dict[str, Any]:
    check = experiment.data_check
    return {
        "experiment": experiment,
        "check": check,
        "steps_template": host().steps_template,
        "roles": [(role.value, role.label) for role in ColumnRole],
        "can_change": host().may_change(request, experiment) and not check.is_frozen,
    }


@require_safe
@for_viewers
def experiment_columns(request: SignedInRequest, experiment: Subject) -> JsonResponse:
    """Return a part of the columns as rows of the table, ready to be put in place."""
    check = experiment.data_check
    offset = _number(request.GET.get("offset"), 0, 10**6)
    limit = _number(request.GET.get("limit"), COLUMNS_AT_ONCE, MOST_ROWS_A_PART)
    found = check_page.columns_asked_for(check, Asked.of(request.GET))
    lines = check_page.column_lines(check, found[offset : offset + limit])
    return JsonResponse({"total": found.count(), "offset": offset, "rows": _rows(request, experiment, lines)})


def _number(text: str | None, otherwise: int, most: int) -> int:
    number = whole_number(text)
    return otherwise if number is None else min(number, most)


def _rows(request: SignedInRequest, experiment: Subject, lines: list[check_page.ColumnLine]) -> list[str]:
    context = _row_context(request, experiment)
    return [
        render_to_string("checks/_column_row.html", {**context, "line": line}, request=request).strip()
        for line in lines
    ]


@require_safe
@for_viewers
def experiment_column_detail(request: SignedInRequest, experiment: Subject, column_pk: int) -> HttpResponse:
    """Show one column against the target: in its row where a script asks, as a page of its own otherwise."""
    check = experiment.data_check
    checked = get_object_or_404(check.columns.select_related("column"), column_id=column_pk)
    context = {
        **_row_context(request, experiment),
        "detail": column_detail.detail_of(check, checked),
        "mark": protected_marks.marks_of(check.version).get(checked.column.name),
        "meanings": decisions.meanings(),
        "words": host().words_of(experiment),
    }
    is_part = request.headers.get("X-Requested-With") == "fetch"
    return render(request, "checks/_column_detail.html" if is_part else "checks/column_detail.html", context)


@require_safe
@for_viewers
def experiment_columns_csv(request: SignedInRequest, experiment: Subject) -> HttpResponse:
    """All columns of the check as a table for other programs."""
    check = experiment.data_check
    rows: list[tuple[Any, ...]] = [CSV_HEADER]
    badges = check_page.badges_of(check)
    fields = ("column__name", "column__label", "role", "excluded", "kind", "column__missing_count",
              "column__distinct_count", "single_auc", "information_value")  # fmt: skip
    for name, label, role, excluded, *rest in check_page.columns_asked_for(check, Asked()).values_list(*fields):
        is_out = int(excluded or role == ColumnRole.IGNORE)
        marks = "; ".join(str(badge.text) for badge in badges.get(name, []))
        rows.append((name, label, role, is_out, *rest, marks))
    answer = HttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="data-check-{experiment.pk}.csv"'
    return answer


@require_POST
@for_editors
def experiment_target(request: SignedInRequest, experiment: Subject) -> HttpResponse:
    """Choose the target column and the value that counts as the event."""
    check = experiment.data_check
    target, event = request.POST.get("target", ""), request.POST.get("event", "")
    column = get_object_or_404(check.version.columns, name=target)
    if target != check.target:
        event = ""  # the other column's values are not this one's
    return _decide(request, experiment, lambda: services.choose_target(check, column.name, event, request.user))


@require_POST
@for_editors
def experiment_column(request: SignedInRequest, experiment: Subject, column_pk: int) -> HttpResponse:
    """Give a column another role or type, take it out, or put it back."""
    check = experiment.data_check
    column = get_object_or_404(check.version.columns, pk=column_pk)
    act, role, kind = (request.POST.get(name, "") for name in ("act", "role", "type"))
    name = {"column": column.name}
    if act == "exclude":
        return _decide(request, experiment, lambda: services.exclude(check, column, request.user),
                       _("%(column)s taken out") % name, column)  # fmt: skip
    if act == "include":
        return _decide(request, experiment, lambda: services.include(check, column, request.user),
                       _("%(column)s put back") % name, column)  # fmt: skip
    if act in PROTECTED_ACTS:
        is_protected = act == "protect"
        return _decide(
            request, experiment, lambda: decisions.set_protected(check, column, is_protected, request.user),
            (_("%(column)s is protected") if is_protected else _("%(column)s is no longer protected")) % name, column,
        )  # fmt: skip
    if kind in ColumnType.values:
        return _decide(request, experiment, lambda: decisions.set_type(check, column, kind, request.user),
                       _("%(column)s will be read as another type from now on") % name, column)  # fmt: skip
    if role not in ColumnRole.values:
        return _back(experiment)
    return _decide(request, experiment, lambda: services.set_role(check, column, role, request.user), column=column)


@require_POST
@for_editors
def experiment_special_value(request: SignedInRequest, experiment: Subject, column_pk: int) -> HttpResponse:
    """Say what a proposed special value of a column stands for."""
    check = experiment.data_check
    column = get_object_or_404(check.version.columns, pk=column_pk)
    place = _number(request.POST.get("place"), -1, 10**4)
    if not 0 <= place < len(column.special_values):
        return _back(experiment)
    value, meaning = column.special_values[place]["value"], request.POST.get("meaning", "")
    said = _("%(value)s in %(column)s is now a special value") % {"value": value, "column": column.name}
    return _decide(
        request,
        experiment,
        lambda: decisions.confirm_special_value(check, column, value, meaning, request.user),
        said if meaning and meaning != "quantity" else "",
    )


@require_POST
@for_editors
def experiment_special_values(request: SignedInRequest, experiment: Subject) -> HttpResponse:
    """Take all proposals nobody has answered as they stand."""
    check = experiment.data_check
    return _decide(request, experiment, lambda: decisions.confirm_all_special_values(check, request.user))


@require_POST
@for_editors
@once
def experiment_check_again(request: SignedInRequest, experiment: Subject) -> HttpResponse:
    """Measure again, with what was decided meanwhile."""
    check = experiment.data_check

    def again() -> None:
        decisions.refuse_frozen(check)
        if check.target:
            services.start_check(check)

    return _decide(request, experiment, again)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewers
def experiment_sample(request: SignedInRequest, experiment: Subject) -> HttpResponse:
    """Define which rows the question is put to, or undo it."""
    check = experiment.data_check
    if request.method != "POST":
        return _show_sample(request, experiment, SampleForm.of(check))
    host().refuse_unless_editor(request, experiment)
    if request.POST.get("act") == "undo":
        return _decide(request, experiment, lambda: decisions.undo_sample(check, request.user),
                       _("The model uses all rows again"))  # fmt: skip
    form = SampleForm(request.POST, check=check)
    if form.is_valid():
        try:
            decisions.define_sample(check, form.to_definition(), request.user)
        except ExperimentError as error:
            form.add_error(None, told(error.message, error.params))
        else:
            return redirect("experiment_data", experiment.pk)
    return _show_sample(request, experiment, form, status=422)


@require_POST
@for_editors
@once
def experiment_immature(request: SignedInRequest, experiment: Subject) -> HttpResponse:
    """Leave the months out that the check calls immature."""
    return _decide(request, experiment, lambda: decisions.leave_out_immature(experiment.data_check, request.user),
                   _("The newest months are left out; the rest is being checked again"))  # fmt: skip


def _show_sample(request: SignedInRequest, experiment: Subject, form: SampleForm, status: int = 200) -> HttpResponse:
    context = {
        **_row_context(request, experiment),
        "form": form,
        "names": list(experiment.version.columns.values_list("name", flat=True)),
    }
    return render(request, "checks/sample.html", context, status=status)


@require_POST
@for_editors
def experiment_finding(request: SignedInRequest, experiment: Subject, finding_pk: int) -> HttpResponse:
    """Undo what the system did about a finding, or do it again."""
    finding = get_object_or_404(Finding.objects.select_related("check_of", "column"), pk=finding_pk,
                                check_of=experiment.data_check)  # fmt: skip
    if request.POST.get("act") == "redo":
        return _decide(request, experiment, lambda: services.redo_finding(finding, request.user))
    return _decide(request, experiment, lambda: services.undo_finding(finding, request.user),
                   _("Undone: %(columns)s put back") % {"columns": listed(finding.columns)})  # fmt: skip


@require_POST
@for_editors
def experiment_findings(request: SignedInRequest, experiment: Subject, code: str) -> HttpResponse:
    """Undo or do again what was done about all findings of one kind."""
    acts = {"redo": services.redo_all, "exclude": services.take_out_all}
    act = acts.get(request.POST.get("act", ""), services.undo_all)
    return _decide(request, experiment, lambda: act(experiment.data_check, code, request.user))


def _decide(
    request: SignedInRequest, experiment: Subject, act: Any, said: str = "", column: Column | None = None
) -> HttpResponse:
    """Do it, or say why it cannot be done; then show the row it is about again, or the page."""
    try:
        act()
    except ExperimentError as error:
        messages.error(request, told(error.message, error.params))
        return _back(experiment)
    if said:
        messages.success(request, said)
    if column is not None and request.headers.get("X-Row"):
        return _row_again(request, experiment, column)
    return _back(experiment)


def _row_again(request: SignedInRequest, experiment: Subject, column: Column) -> HttpResponse:
    """Answer with one row, so that a long table stays where it is; a check that begins anew needs the whole page."""
    check = DataCheck.objects.get(pk=experiment.data_check_id)
    if check.state != experiment.data_check.state or check.state == DataCheck.State.RUNNING:
        return _back(experiment)
    lines = check_page.column_lines(check, CheckedColumn.objects.filter(check_of=check, column=column))
    return HttpResponse("".join(_rows(request, experiment, lines)), headers={"X-Row": "1"})


def _back(experiment: Subject) -> HttpResponse:
    return redirect("experiment_data", experiment.pk)
