"""The approvals inbox and the page on which a request is decided."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.attempts import address_of
from accounts.decorators import workspace_required
from accounts.errors import TooManyAttempts
from accounts.models import Role
from accounts.requests import SignedInRequest
from approvals.forms import DecisionForm
from approvals.queries import deciders
from approvals.queries.approvals import (
    Waiting,
    champion_before,
    change_asked,
    inbox_in,
    missing_codes,
    needs_limits_of_use,
    requests_in,
)
from approvals.queries.shown_changes import shown_changes
from approvals.queries.shown_comparison import shown_comparison
from approvals.queries.shown_numbers import numbers_of, shown_numbers
from approvals.services import comparisons
from approvals.services.decision import accepted_expiry, decide, require_decider
from approvals.services.errors import DecidedAlready, WrongPassword
from approvals.views.answers import may_answer
from experiments.errors import ExperimentError
from jobs.once import once
from registry.evidence.later import current_checks
from registry.facts import FiveNumbers
from registry.models import ApprovalRequest
from registry.queries.files import refusal_of
from registry.queries.models import fallback_of
from registry.queries.shown_checks import counts_by_state, shown_checks
from registry.queries.shown_columns import shown_factors
from registry.queries.shown_samples import METRIC_NAMES, shown_samples
from training.queries.outcome import doubts
from training.words import learner_name, sentence, sentences


@require_GET
@workspace_required
def approval_list(request: SignedInRequest) -> HttpResponse:
    waiting = inbox_in(request.workspace)
    bars = deciders.bars_for(request.user, [each.approval for each in waiting])
    decided = (
        requests_in(request.workspace).exclude(decision=ApprovalRequest.Decision.PENDING).order_by("-decided_at")[:50]
    )
    return render(
        request,
        "approvals/approval_list.html",
        {"waiting": [inbox_row(each, request, bars.get(each.approval.pk)) for each in waiting], "decided": decided},
    )


def inbox_row(waiting: Waiting, request: SignedInRequest, bar: deciders.Bar | None) -> dict[str, Any]:
    approval = waiting.approval
    is_own = bar is not None and bar.is_own_work
    ks = approval.model_version.frozen.numbers.ks
    return {
        "approval": approval,
        "checks": waiting,
        "is_own": is_own,
        "is_held": bar is not None and not is_own and request.role == Role.ADMIN,
        "may_decide": request.role == Role.ADMIN and bar is None,
        "ks": ks,
    }


@require_GET
@workspace_required
def approval_comparison(request: SignedInRequest, pk: int) -> HttpResponse:
    """The comparison with the champion, asked for while a worker makes it, and the numbers that rest on it."""
    approval = get_object_or_404(requests_in(request.workspace), pk=pk)
    context = {"approval": approval, "is_live": True, **against_champion(request, approval)}
    return render(request, "approvals/_comparison.html", context)


@require_POST
@workspace_required
@once
def compare_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have a comparison made once more whose worker ended without an answer."""
    approval = get_object_or_404(requests_in(request.workspace), pk=pk)
    former = champion_before(approval)
    if former is not None and approval.is_pending:
        comparisons.ask(approval.model_version, former, request.user)
    return redirect("approval_detail", pk=pk)


def against_champion(request: SignedInRequest, approval: ApprovalRequest) -> dict[str, Any]:
    """Return what the decision page says of a version beside the champion."""
    version, former = approval.model_version, champion_before(approval)
    comparison = comparisons.of_request(approval, former, request.user)
    before = former.frozen.numbers if former else FiveNumbers()
    return {
        "version": version,
        "former": former,
        "comparison": shown_comparison(comparison),
        "comparison_job": comparison.job if comparison else None,
        "numbers": shown_numbers(numbers_of(version), before, comparison),
        "changes": shown_changes(version, former),
    }


@require_http_methods(["GET", "POST"])
@workspace_required
def approval_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    approval = get_object_or_404(requests_in(request.workspace), pk=pk)
    version = approval.model_version
    checks = current_checks(version)
    form = DecisionForm(
        request.POST or None,
        needs_limits=needs_limits_of_use(checks),
        latest_expiry=accepted_expiry(version.registered_model.kind, None),
    )
    if request.method == "POST":
        require_decider(approval, request.user)
        if form.is_valid() and decided(request, approval, form):
            return redirect("approval_detail", pk=approval.pk)
    context = decision_context(request, approval) | {"form": form}
    return render(request, "approvals/approval_detail.html", context, status=422 if form.errors else 200)


def deciding_context(request: SignedInRequest, approval: ApprovalRequest) -> dict[str, Any]:
    """Return whether this person can decide, why not, and who can."""
    if not approval.is_pending:
        return {"may_decide": False}
    refusal = deciders.refusal_for(approval, request.user)
    return {
        "may_decide": not refusal,
        "refusal": refusal if request.role == Role.ADMIN else "",
        "deciders": deciders.free_deciders(approval, request.workspace) if refusal else [],
    }


def sentence_of(told: dict[str, Any]) -> str:
    return sentence(told.get("message", ""), told.get("params", {}))


def decided(request: SignedInRequest, approval: ApprovalRequest, form: DecisionForm) -> bool:
    """Decide as the form says; tell in the form why not."""
    wish = form.cleaned_data
    try:
        decide(
            approval,
            request.user,
            wish["decision"],
            wish["comment"],
            wish["password"],
            limits_of_use=wish["limits_of_use"],
            expires_on=wish["expires_on"],
            address=address_of(request),
        )
    except TooManyAttempts as refused:
        form.add_error("password", str(refused))
        return False
    except DecidedAlready as refused:
        # The page has no form any more that could show an error.
        messages.error(request, sentence(refused.message, refused.params))
        return True
    except WrongPassword as refused:
        form.add_error("password", sentence(refused.message, refused.params))
        return False
    except ExperimentError as refused:
        form.add_error(None, sentence(refused.message, refused.params))
        return False
    messages.success(request, _("Decided and written to the audit log."))
    return True


def decision_context(request: SignedInRequest, approval: ApprovalRequest) -> dict[str, Any]:
    """Return everything the decision page shows."""
    version = approval.model_version
    checks = shown_checks(version)
    raw_checks = current_checks(version)
    return {
        "approval": approval,
        "version": version,
        "altered": refusal_of(version),
        "may_answer": may_answer(request, version) and change_asked(version) == approval,
        "model": version.registered_model,
        "experiment": version.leaderboard_row.experiment,
        "learner": learner_name(version.frozen.learner),
        "window": sentences(version.leaderboard_row.experiment.found.split.description),
        "doubts": doubts(version.leaderboard_row.experiment),
        **against_champion(request, approval),
        "fallback": fallback_of(version.registered_model),
        "samples": shown_samples(version.frozen.samples),
        "metric_names": METRIC_NAMES,
        "checks": checks,
        "counts": counts_by_state(checks),
        "gaps": [check for check in checks if check.code in missing_codes(raw_checks)],
        "needs_limits": needs_limits_of_use(raw_checks),
        "factors": shown_factors(version),
        "conversation": version.approval_requests.select_related("author", "decided_by").order_by("created_at"),
        **deciding_context(request, approval),
        "latest_expiry": accepted_expiry(version.registered_model.kind, None),
    }
