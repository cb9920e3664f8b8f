"""The data dictionary of a dataset: uploaded, looked through, edited column by column, downloaded as a template."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import workspace_required
from accounts.permissions import can_edit, require_edit
from accounts.requests import SignedInRequest
from catalog import queries
from catalog.models import DatasetVersion
from common.templatetags.formatting import told
from dictionary import services
from dictionary.file import MOST_BYTES
from dictionary.forms import DictionaryEntryForm, DictionaryFileForm
from dictionary.page import dictionary_lines, narrowed, template_file, told_faults
from experiments.errors import BadInput
from jobs.once import once

COLUMNS_A_PAGE = 100


@require_http_methods(["GET", "HEAD", "POST"])
@workspace_required
@once
def dataset_dictionary(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the dictionary; take a file over, whole or not at all."""
    version = _version(request, pk)
    if request.method != "POST":
        return _show(request, version, DictionaryFileForm())
    _refuse_unless_editor(request, version)
    form = DictionaryFileForm(request.POST, request.FILES)
    faults: list[dict[str, Any]] = []
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            taken = services.upload(
                version,
                file.read(MOST_BYTES + 1),
                file.name,
                request.user,
                skip_unknown=form.cleaned_data["skip_unknown"],
            )
        except services.DictionaryRefused as refused:
            faults = told_faults(refused)
            form.add_error("file", told(refused.message, refused.params))
        except BadInput as refused:
            form.add_error("file", told(refused.message, refused.params))
        else:
            messages.success(request, _taken_words(taken))
            return redirect("dataset_dictionary", pk)
    return _show(request, version, form, faults)


@require_safe
@workspace_required
def dictionary_template_csv(request: SignedInRequest, pk: int) -> HttpResponse:
    """The template, filled with the columns and with what is known of them."""
    return template_file(_version(request, pk), "csv")


@require_safe
@workspace_required
def dictionary_template_xlsx(request: SignedInRequest, pk: int) -> HttpResponse:
    """The same as a workbook, with choices and hints."""
    return template_file(_version(request, pk), "xlsx")


@require_http_methods(["GET", "HEAD", "POST"])
@workspace_required
def dictionary_column(request: SignedInRequest, pk: int, column_pk: int) -> HttpResponse:
    """What is known of one column, to be changed."""
    version = _version(request, pk)
    _refuse_unless_editor(request, version)
    column = get_object_or_404(version.columns, pk=column_pk)
    entry = version.dataset.dictionary.filter(name=column.name).first()
    form = DictionaryEntryForm(request.POST or None, column=column, entry=entry)
    if request.method == "POST" and form.is_valid():
        faults = services.edit(version, column, form.cells(), request.user)
        if not faults:
            messages.success(request, _("The description of %(column)s is saved.") % {"column": column.name})
            return redirect("dataset_dictionary", pk)
        form.tell(faults)
    context = {"version": version, "column": column, "form": form, "entry": entry}
    return render(request, "dictionary/dictionary_column.html", context, status=422 if form.errors else 200)


def _show(
    request: SignedInRequest,
    version: DatasetVersion,
    form: DictionaryFileForm,
    faults: list[dict[str, Any]] | None = None,
) -> HttpResponse:
    asked = {"text": request.GET.get("q", "").strip(), "show": request.GET.get("show", "")}
    lines = dictionary_lines(version)
    described = sum(line.entry is not None for line in lines)
    context = {
        "version": version,
        "form": form,
        "faults": faults or [],
        "asked": asked,
        "page": Paginator(narrowed(lines, **asked), COLUMNS_A_PAGE).get_page(request.GET.get("page")),
        "query": urlencode({"q": asked["text"], "show": asked["show"]}) + "&",
        "described": described,
        "columns": version.column_count,
        "open": version.column_count - described,
        "can_change": can_edit(request.user, version),
    }
    return render(request, "dictionary/dictionary.html", context, status=422 if form.errors else 200)


def _taken_words(taken: services.Taken) -> str:
    if taken.saved:
        words = ngettext("%(count)d column is described.", "%(count)d columns are described.", taken.saved)
    else:
        words = _("The file holds nothing new, so nothing was changed.")
    if taken.skipped:
        words += " " + ngettext(
            "%(skipped)d row about a column that is not in this dataset was skipped.",
            "%(skipped)d rows about columns that are not in this dataset were skipped.",
            taken.skipped,
        )
    return words % {"count": taken.saved, "skipped": taken.skipped}


def _version(request: SignedInRequest, pk: int) -> DatasetVersion:
    return get_object_or_404(queries.versions_of(request.workspace).filter(state="ready"), pk=pk)


def _refuse_unless_editor(request: SignedInRequest, version: DatasetVersion) -> None:
    require_edit(
        request.user,
        version,
        _("Only %(owner)s, a modeler or an admin may change this dictionary.") % {"owner": version.owner},
    )
