"""The page of a workspace's Word template: its admins bring their own, try it, set it, and go back to ours."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.decorators import role_required
from accounts.models import Role
from accounts.requests import SignedInRequest
from common.templatetags.formatting import sentence, told
from experiments.errors import ExperimentError
from jobs.once import once
from reports import queries
from reports.forms import TemplateFile
from reports.models import ReportLanguage, WordTemplate
from reports.services import word_templates as services

for_admins = role_required(Role.ADMIN)


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
@once
def word_template(request: SignedInRequest) -> HttpResponse:
    """What reports in Word are set in, and a form for another template."""
    form = TemplateFile(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            services.bring(
                request.user, request.workspace, written=file.read(services.MOST_BYTES + 1), file_name=file.name
            )
        except ExperimentError as refused:
            form.add_error("file", told(refused.message, refused.params))
        else:
            return redirect("word_template")
    shown = {
        "form": form,
        "templates": [_for_reader(one) for one in queries.templates_in(request.workspace)],
        "used": queries.used_in(request.workspace),
        "placeholders": queries.placeholders(),
    }
    return render(request, "reports/word_template.html", shown, status=422 if form.errors else 200)


@require_GET
@for_admins
def word_template_line(request: SignedInRequest, pk: int) -> HttpResponse:
    """One template, asked for again while it is tried."""
    return render(request, "reports/_word_template.html", {"template": _for_reader(_found(request, pk))})


@require_GET
@for_admins
def word_template_standard(request: SignedInRequest) -> HttpResponse:
    return services.standard_file()


@require_GET
@for_admins
def word_template_file(request: SignedInRequest, pk: int) -> HttpResponseBase:
    try:
        return services.own_file(_found(request, pk))
    except FileNotFoundError as gone:
        raise Http404 from gone


@require_GET
@for_admins
def word_template_trial(request: SignedInRequest, pk: int, language: str) -> HttpResponseBase:
    if language not in ReportLanguage.values:
        raise Http404
    try:
        return services.trial_file(_found(request, pk), language)
    except (ExperimentError, FileNotFoundError) as missing:
        raise Http404 from missing


@require_POST
@for_admins
def word_template_use(request: SignedInRequest, pk: int) -> HttpResponse:
    try:
        services.use(_found(request, pk), request.user)
        messages.success(request, _("Word reports use this template from now on."))
    except ExperimentError as refused:
        messages.error(request, told(refused.message, refused.params))
    return redirect("word_template")


@require_POST
@for_admins
def word_template_reset(request: SignedInRequest) -> HttpResponse:
    services.reset(request.workspace, request.user)
    messages.success(request, _("Word reports use the standard template again."))
    return redirect("word_template")


def _found(request: SignedInRequest, pk: int) -> WordTemplate:
    return get_object_or_404(queries.templates_in(request.workspace), pk=pk)


def _for_reader(template: WordTemplate) -> WordTemplate:
    """Return a template that knows in the reader's words why it is refused."""
    template.why_not = sentence(template.refusal) if template.refusal else ""  # type: ignore[attr-defined]
    return template
