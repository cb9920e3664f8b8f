"""A run as it happens: what is left, what is best, what was said; end it early, cancel it, take it up again."""

import math
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from common.addresses import address_of
from common.templatetags.formatting import span
from experiments.errors import ExperimentError
from jobs.models import JobLogLine
from jobs.once import once
from training.models import Experiment, ExperimentState, Trial
from training.queries.interval_cells import place_of
from training.queries.repeats import edited_cards_lost
from training.queries.trials import Course, best_of_each_learner, course_of, turns_of
from training.services.continuing import MORE_SECONDS, MORE_TRIALS, continue_experiment, keep_earlier_result
from training.services.runs import cancel_experiment, finish_now, pause_experiment, reopen_experiment, resume_experiment
from training.views.access import for_editors, for_viewers, may_change
from training.words import PHASES, STAGE_SENTENCES, learner_name, sentence, sentences, words_for

LOG_LINES = 40
TECHNICAL_LINES = 300
STALE_SECONDS = 45
QUIET_SECONDS = 300
OUTLOOK_MARKS = {"necessary": _("All algorithms tried by about"), "sufficient": _("No gain expected after")}


@require_safe
@for_viewers
def experiment_run(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    if experiment.state == ExperimentState.DRAFT:
        return redirect(address_of("plan", experiment.pk))
    return render(request, "training/run.html", _context(request, experiment))


@require_safe
@for_viewers
def experiment_run_live(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """The moving parts alone; a run that has ended opens its result, any other end the whole page with its reasons."""
    if experiment.has_result:
        return HttpResponse(status=204, headers={"HX-Redirect": address_of("result", experiment.pk)})
    if not experiment.is_under_way:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "training/_run_live.html", {**_context(request, experiment), "is_live": True})


@require_safe
@for_viewers
def experiment_technical_log(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    lines = JobLogLine.objects.filter(job=experiment.job_id).order_by("-id")[:TECHNICAL_LINES]
    return render(request, "training/_technical_log.html", {"lines": _in_words(lines)})


@require_POST
@for_editors
def experiment_finish(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    finish_now(experiment, request.user)  # type: ignore[arg-type]
    return redirect("experiment_run", experiment.pk)


@require_POST
@for_editors
def experiment_cancel(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    try:
        cancel_experiment(experiment, request.user)  # type: ignore[arg-type]
    except ExperimentError as error:
        messages.error(request, sentence(error.message, error.params))
    return redirect("experiment_run", experiment.pk)


@require_POST
@for_editors
def experiment_pause(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    pause_experiment(experiment, request.user)  # type: ignore[arg-type]
    return redirect("experiment_run", experiment.pk)


@require_POST
@for_editors
@once
def experiment_continue(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    try:
        continue_experiment(experiment, request.user)  # type: ignore[arg-type]
    except ExperimentError as error:
        messages.error(request, sentence(error.message, error.params))
    return redirect("experiment_run", experiment.pk)


@require_POST
@for_editors
def experiment_keep(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """Give up a continuation that failed, and show the result it went on from."""
    kept = keep_earlier_result(experiment, request.user)  # type: ignore[arg-type]
    return redirect(address_of("result" if kept.state == ExperimentState.FINISHED else "run", kept.pk))


@require_POST
@for_editors
def experiment_resume(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    resume_experiment(experiment, request.user)  # type: ignore[arg-type]
    return redirect("experiment_run", experiment.pk)


@require_POST
@for_editors
def experiment_reopen(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    try:
        reopen_experiment(experiment, request.user)  # type: ignore[arg-type]
    except ExperimentError as error:
        messages.error(request, sentence(error.message, error.params))
    return redirect(address_of("plan", experiment.pk))


def _context(request: HttpRequest, experiment: Experiment) -> dict[str, Any]:
    job = experiment.job
    course = course_of(experiment)
    best = best_of_each_learner(experiment)
    turns = turns_of(experiment, [trial.number for trial in best])
    now = timezone.now()
    return {
        "experiment": experiment,
        "job": job,
        "words": words_for(experiment),
        "trial_count": course.count,
        "counted": course.counted,
        "beside": course.beside,
        "is_overdue": _is_overdue(experiment, job),
        "finished_count": course.finished,
        "best": [_trial_line(trial, best) | {"turn": turns[trial.number]} for trial in best],
        "failed_count": course.failed,
        "quiet_minutes": _quiet_minutes(course),
        "phases": _phases(job),
        "stage": sentence(job.stage, job.stage_params) if job else "",
        "log": _in_words(job.log.filter(is_technical=False).order_by("-id")[:LOG_LINES]) if job else [],
        "skipped": [
            {"learner": learner_name(entry.learner), "why": sentences(entry.sentence)}
            for entry in experiment.found.skipped
        ],
        "is_stale": _is_stale(job, now),
        "now": now,
        "is_ending": bool(job and (job.finish_requested or job.cancel_requested)),
        "seconds_to_end": _seconds_to_end(job, now),
        "is_pausing": bool(job and job.pause_requested and not experiment.is_paused),
        "outlook": _outlook(experiment),
        "verdict": _verdict(experiment),
        "seconds_left": max(0, experiment.budget_seconds - course.elapsed),
        "more_trials": MORE_TRIALS if experiment.budget_trials else None,
        "more_minutes": MORE_SECONDS // 60,
        "edited_cards_lost": edited_cards_lost(experiment),
        "can_change": may_change(request, experiment),
        "error": sentence(job.error_message, job.error_params) if job and job.error_message else "",
    }


def _seconds_to_end(job: Any, now: Any) -> int:
    """Return in how many seconds a run that is being ended is expected to be done; 0 where nothing is known of it."""
    if job is None or not job.finish_requested or job.expected_end_at is None:
        return 0
    return max(0, math.ceil((job.expected_end_at - now).total_seconds()))


def _is_overdue(experiment: Experiment, job: Any) -> bool:
    """Whether a run under the clock has used up what it was granted and is still at work."""
    if experiment.state != ExperimentState.RUNNING or experiment.budget_trials or job is None:
        return False
    return bool(job.expected_end_at is None and job.percent >= 100)


def _verdict(experiment: Experiment) -> str:
    """Tell after the end whether more time would have been worth it."""
    found = experiment.found.outlook
    return sentences(found.sentence) if found else ""


def _outlook(experiment: Experiment) -> dict[str, Any] | None:
    """Tell whether more time is worth it, and where on the bar of the budget that time lies."""
    found = experiment.found.outlook
    if found is None or not experiment.is_under_way:
        return None
    seconds = experiment.budget_seconds
    moments = {name: getattr(found, name) for name in OUTLOOK_MARKS}
    marks = [
        {"at": round(100 * moments[name] / seconds, 1), "label": label, "span": span(moments[name])}
        for name, label in OUTLOOK_MARKS.items()
        if moments[name] and moments[name] <= seconds and not experiment.budget_trials
    ]
    return {"sentence": sentences(found.sentence), "marks": marks}


def _trial_line(trial: Trial, best: list[Trial]) -> dict[str, Any]:
    values = [each.auc or 0.0 for each in best]
    value = trial.auc or 0.0
    return {
        "trial": trial,
        "name": learner_name(trial.learner),
        "value": value,
        "dot": place_of(value, (min(values), max(values)), of_one_value=1.0),
    }


def _quiet_minutes(course: Course) -> int:
    """Return for how many whole minutes nothing better has been found; 0 while it still gets better."""
    quiet = course.seconds_without_gain
    return round(quiet / 60) if quiet >= QUIET_SECONDS else 0


def _phases(job: Any) -> list[dict[str, Any]]:
    stages = list(STAGE_SENTENCES.values())
    at = stages.index(job.stage) if job and job.stage in stages else -1
    if job and job.state == "succeeded":
        at = len(stages)
    return [
        {"label": label, "share": share, "is_done": number < at, "is_current": number == at}
        for number, (_stage, label, share) in enumerate(PHASES)
    ]


def _is_stale(job: Any, now: Any) -> bool:
    if job is None or job.state != "running" or job.heartbeat_at is None:
        return False
    return (now - job.heartbeat_at).total_seconds() > STALE_SECONDS


def _in_words(lines: Any) -> list[dict[str, Any]]:
    return [
        {"at": line.at, "text": sentence(line.message, line.params), "is_technical": line.is_technical}
        for line in lines
    ]
