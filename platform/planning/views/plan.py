"""The plan of a run: one sentence to read aloud, the budget with its clock time, and the one button that starts it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from catalog.models import ColumnRole
from checks import attributes, decisions
from common.addresses import address_of
from experiments.errors import ExperimentError
from jobs.models import TERMINATED, Job
from planning.forms.plan import PlanForm
from planning.forms.rules import ColumnRulesForm
from planning.plans.faults import absent_wishes, faults_of
from planning.plans.plan import BUDGET_SECONDS, Plan, as_it_holds
from planning.queries.rules import narrowed_rules, rule_columns, rule_lines
from planning.queries.split_plan import SplitPlan
from planning.services.drafting import save_column_rules, save_plan
from planning.services.planned_splits import split_of
from planning.services.starting import NO_TARGET, start_experiment
from planning.words import ALWAYS_TRIED, EFFORTS, RANKINGS, SCHEMES, SEARCHED, WITHOUT_DIRECTIONS
from training.job_kinds import JobKind
from training.models import Budget, Experiment, ExperimentState
from training.views.access import for_editors, for_viewers, may_change, refuse_unless_editor
from training.words import KINDS, LEARNERS, sentence, words_for

LATEST_FACTOR, LATEST_EXTRA = 1.05, 5
RULES_A_PAGE = 50


@dataclass(frozen=True)
class BudgetChoice:
    """A budget with the clock time at which a run that starts now would be done."""

    value: str
    label: Any
    seconds: int
    minutes: int
    ready: datetime
    latest: datetime
    longest_seconds: int
    what_for: Any


BUDGET_WORDS = {
    Budget.QUICK: _("Is there a pattern in the data?"),
    Budget.STANDARD: _("Enough for most questions"),
    Budget.DEEP: _("When every bit of accuracy counts"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewers
def experiment_plan(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    if experiment.state != ExperimentState.DRAFT:
        # A second click of the start button arrives here, too: the run it finds is the one it asked for.
        done = experiment.state == ExperimentState.FINISHED
        return redirect(address_of("settings" if done else "run", experiment.pk))
    if request.method == "POST":
        return _save_or_start(request, experiment)
    return _show(request, experiment, PlanForm.for_experiment(experiment))


def _save_or_start(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    refuse_unless_editor(request, experiment)
    form = PlanForm(request.POST, experiment=experiment)
    if not form.is_valid():
        # A choice half made, with the number that belongs to it still to be typed, is no error yet.
        is_under_way = "start" not in request.POST and bool(request.headers.get("HX-Request"))
        return _show(request, experiment, form, status=200 if is_under_way else 422)
    save_plan(experiment, form.to_plan(), request.user)  # type: ignore[arg-type]
    if "start" not in request.POST:
        return redirect("experiment_plan", experiment.pk)
    try:
        start_experiment(experiment, request.user)  # type: ignore[arg-type]
    except ExperimentError as error:
        messages.error(request, sentence(error.message, error.params))
        return _show(request, experiment, form, status=422)
    return redirect("experiment_run", experiment.pk)


@require_POST
@for_editors
def experiment_plan_column(request: HttpRequest, experiment: Experiment, column_pk: int) -> HttpResponse:
    """Keep the direction and the special values of one column as soon as they are chosen."""
    column = get_object_or_404(experiment.version.columns, pk=column_pk)
    form, error = ColumnRulesForm(request.POST), ""
    if experiment.state == ExperimentState.DRAFT and form.is_valid():
        try:
            rules = form.to_rules()
            save_column_rules(experiment, column.name, **rules, user=request.user)  # type: ignore[arg-type]
        except ExperimentError as refused:
            error = sentence(refused.message, refused.params)
    else:
        error = " ".join(str(text) for texts in form.errors.values() for text in texts)
    if not request.headers.get("HX-Request"):
        if error:
            messages.error(request, f"{column.name}: {error}")
        return redirect(reverse("experiment_plan", args=[experiment.pk]) + "#rules")
    plan = as_it_holds(Plan.of(experiment), experiment.data_check)
    [line] = rule_lines(plan, [column], experiment.version.dataset)
    if error:
        line = replace(line, special_text=request.POST.get("special_values", ""), error=error)
    context = {"experiment": experiment, "line": line, "plan": plan, "can_change": True, "is_live": True}
    return render(request, "planning/_rule_row.html", context)


def _show(request: HttpRequest, experiment: Experiment, form: PlanForm, status: int = 200) -> HttpResponse:
    own = Plan.of(experiment)
    plan = as_it_holds(own, experiment.data_check)
    split, trouble = _split_or_trouble(experiment, own)
    now = timezone.now()
    choices = [_choice(value, BUDGET_SECONDS[value], now) for value in BUDGET_WORDS]
    chosen = _choice(plan.budget, plan.seconds, now)
    context = {
        "experiment": experiment,
        "form": form,
        "plan": plan,
        "words": words_for(experiment),
        "usual_words": KINDS[experiment.kind],
        "learners": [(name, *LEARNERS.get(name, (name, ""))) for name in (*ALWAYS_TRIED, *SEARCHED)],
        "always_tried": ALWAYS_TRIED,
        "left_out": WITHOUT_DIRECTIONS if plan.monotone else (),
        "families": [(name, *LEARNERS.get(name, (name, ""))) for name in SEARCHED],
        "efforts": [(name, *EFFORTS[name]) for name in EFFORTS],
        "schemes": SCHEMES,
        "rankings": RANKINGS,
        "protected": attributes.protected_features(experiment.data_check),
        "columns": list(experiment.version.columns.values_list("name", flat=True)),
        "rules": _rules(request, experiment, own=own, plan=plan),
        "split": split,
        "ranked_by": words_for(experiment).ranked_by % {"share": _percent(plan.contact_share)},
        "split_sentence": sentence(split.message, split.params) if split else "",
        "split_notes": [sentence(note["message"], note["params"]) for note in split.notes] if split else [],
        "immature": decisions.immature_months(experiment.data_check),
        "date_column": _date_column(experiment),
        "trouble": trouble,
        "is_dividing": split is None and not trouble,
        "choices": choices,
        "chosen": chosen,
        "now": now,
        "zone": settings.TIME_ZONE,
        "waiting": Job.objects.filter(kind=JobKind.EXPERIMENT).exclude(state__in=TERMINATED).count(),
        "auc_error": _auc_error(split),
        "can_change": may_change(request, experiment),
        "contact_rows": round(plan.contact_share * experiment.version.row_count),
    }
    return render(request, "planning/plan.html", context, status=status)


def _date_column(experiment: Experiment) -> str:
    """Return the column with the role date that the run will have, if any."""
    dated = experiment.data_check.columns.filter(role=ColumnRole.DATE, excluded=False)
    return dated.values_list("column__name", flat=True).first() or ""


def _rules(request: HttpRequest, experiment: Experiment, *, own: Plan, plan: Plan) -> dict[str, Any]:
    """Return the page of number columns whose direction and special values can be set.

    ``own`` is what the person planned, ``plan`` the same with what holds besides.
    """
    asked = {"q": request.GET.get("q", "").strip(), "show": request.GET.get("show", "")}
    every, dataset = rule_columns(experiment, own), experiment.version.dataset
    columns = narrowed_rules(every, plan, dataset, text=asked["q"], ruled_only=asked["show"] == "ruled")
    page = Paginator(columns, RULES_A_PAGE).get_page(request.GET.get("page"))
    absent = absent_wishes(own, experiment.data_check)
    lines = [
        replace(line, error=sentence(*absent[line.column.name]) if line.column.name in absent else "")
        for line in rule_lines(plan, list(page.object_list), dataset)
    ]
    query, count = urlencode(asked) + "&", every.count() if any(asked.values()) else page.paginator.count
    is_asked = "q" in request.GET
    return {"asked": asked, "page": page, "lines": lines, "count": count, "query": query, "is_asked": is_asked}


def _split_or_trouble(experiment: Experiment, own: Plan) -> tuple[SplitPlan | None, str]:
    """Tell how the run will divide the rows, or in a sentence why it cannot; neither while a worker works it out."""
    if not experiment.data_check.target:
        return None, sentence(NO_TARGET, {})
    faults = faults_of(own, experiment.data_check)
    for message, params in faults.values():
        return None, sentence(message, params)
    try:
        return split_of(experiment, own), ""
    except ExperimentError as error:
        return None, sentence(error.message, error.params)


def _choice(value: str, seconds: int, now: datetime) -> BudgetChoice:
    longest = round(seconds * LATEST_FACTOR + LATEST_EXTRA)
    return BudgetChoice(
        value=value,
        label=Budget(value).label,
        seconds=seconds,
        minutes=round(seconds / 60),
        ready=now + timedelta(seconds=seconds),
        latest=now + timedelta(seconds=longest),
        longest_seconds=longest,
        what_for=BUDGET_WORDS.get(Budget(value), ""),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.4g}%"


def _auc_error(split: SplitPlan | None) -> float | None:
    """Return half the width of the interval to expect of an AUC near 0.75 (Hanley and McNeil, 1982)."""
    if split is None or not split.train_events:
        return None
    events, others, auc = split.train_events, split.train_rows - split.train_events, 0.75
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = (auc * (1 - auc) + (events - 1) * (q1 - auc**2) + (others - 1) * (q2 - auc**2)) / (
        events * max(others, 1)
    )
    return 1.96 * variance**0.5
