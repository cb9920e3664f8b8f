"""What a finished run found: the recommended model, the leaderboard, why, all trials, the settings; and downloads."""

import itertools
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog import check_tables
from catalog.reading import Reading
from experiments.errors import ExperimentError
from experiments.spec import ASKED
from experiments.writing.formula_guard import csv_lines
from training import continuing, evidence, figures, queries, repeating
from training.forms import EFFORTS, SCHEMES
from training.models import Experiment, ExperimentState
from training.plans import Plan
from training.sample_words import sample_of
from training.views.access import for_viewers, may_change
from training.views.parts import RESULT_PARTS, WHY_PARTS, parts_of
from training.words import METRICS, SAMPLES, TRIAL_COLUMNS, learner_name, sentence, words_for

TRIALS_A_PAGE = 100
DIRECTION_SIGNS = {1: "+", -1: "−"}
# Whom to call or look at, and whether it holds: what is seen before anything else is opened.
FIRST_CHARTS = ("gains", "calibration")
LEADERBOARD_METRICS = ("auc", "ks", "gini", "lift", "log_loss", "brier")


def for_viewers_of_results(view: Any) -> Any:
    """The view gets an experiment whose result stands; any other leads to where it is now."""

    @for_viewers
    def looking(request: HttpRequest, experiment: Experiment, *args: Any, **kwargs: Any) -> HttpResponse:
        if experiment.state == ExperimentState.DRAFT:
            return redirect("experiment_plan", experiment.pk)
        if not experiment.has_result:
            return redirect("experiment_run", experiment.pk)
        return view(request, experiment, *args, **kwargs)

    return looking


@require_safe
@for_viewers_of_results
def experiment_result(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    leaderboard = queries.leaderboard_for(experiment)
    line = _chosen(request, leaderboard)
    found = evidence.of(line.row)
    sample = _sample(request, found, leaderboard.test_sample)
    story = evidence.story(experiment, line, found, leaderboard)
    deciles = evidence.deciles(experiment, found, sample)
    frame = _frame(request, experiment, leaderboard, line)
    has = {"deciles": deciles, "derived": story.made_features}
    shown = parts_of(request, RESULT_PARTS, has, candidate=frame["chosen"])
    charts = figures.result_charts(experiment, found, leaderboard.test_sample)
    context = (
        frame
        | shown
        | {
            "story": story,
            "metrics": [(name, METRICS[name]) for name in LEADERBOARD_METRICS],
            "charts": charts
            if shown["part"] == "curves"
            else [each for each in charts if each["name"] in FIRST_CHARTS],
            "samples": [(name, SAMPLES[name]) for name in ("validation", leaderboard.test_sample) if name in found],
            "sample": sample,
            "deciles": deciles,
        }
    )
    return render(request, "training/result.html", context)


@require_safe
@for_viewers
def experiment_standing(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """What is still being made of a result; the page is shown anew whenever there is more to see."""
    seen = {name: request.GET.get(name, "") for name in ("measured", "saved")}
    now = {name: str(value) for name, value in experiment.result.get("standing", {}).items()}
    if not experiment.is_being_finished or seen != now:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "training/_standing.html", {"experiment": experiment, "standing": standing_of(experiment)})


@require_safe
@for_viewers_of_results
def experiment_why(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    leaderboard = queries.leaderboard_for(experiment)
    line = _chosen(request, leaderboard)
    explained = evidence.explanation(line.row)
    context = _frame(request, experiment, leaderboard, line) | evidence.why(experiment, line, explained, request.GET)
    context |= _reason_tables(experiment, explained, context)
    has = {"customer": context["customer"], "segments": context["segments"], "factor": context["columns"]}
    context |= parts_of(request, WHY_PARTS, has, candidate=context["chosen"])
    return render(request, "training/why.html", context)


@require_safe
@for_viewers
def experiment_trials(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    if experiment.state == ExperimentState.DRAFT:
        return redirect("experiment_plan", experiment.pk)
    order = request.GET.get("sort", "number")
    page = Paginator(queries.trials_of(experiment, order), TRIALS_A_PAGE).get_page(request.GET.get("page"))
    shown = queries.whole_trials(page.object_list)  # type: ignore[arg-type]
    turns = queries.turns_of(experiment, [trial.number for trial in shown])
    for trial in shown:
        trial.turn = turns[trial.number] if trial.is_counted else None  # type: ignore[attr-defined]
    page.object_list = shown
    context = {
        "experiment": experiment,
        "page": page,
        "columns": [_column(name, label, order) for name, label in TRIAL_COLUMNS.items()],
        "query": f"sort={order}&" if order.removeprefix("-") in TRIAL_COLUMNS else "",
        "can_change": may_change(request, experiment),
    }
    return render(request, "training/trials.html", context)


@require_safe
@for_viewers
def experiment_settings(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    if experiment.state == ExperimentState.DRAFT:
        return redirect("experiment_plan", experiment.pk)
    result = experiment.result
    split, plan = result.get("split", {}), Plan.of(experiment)
    context = {
        "experiment": experiment,
        "split": split,
        "split_sentence": sentence(*_message(split.get("description"))),
        "split_notes": [sentence(*_message(note)) for note in split.get("notes", [])],
        "versions": sorted(evidence.versions_of(experiment).items()),
        "learners": [learner_name(name) for name in experiment.spec.get("learners", [])],
        "plan": plan,
        "scheme": SCHEMES.get(plan.scheme, plan.scheme),
        "effort": EFFORTS[plan.feature_effort][0],
        "asked": {name: gettext(one.label) for name, one in ASKED.items()},
        "limits": evidence.limits_asked(plan.limits),
        "directions": [(name, DIRECTION_SIGNS[way]) for name, way in sorted(plan.monotone.items()) if way],
        "special_values": [
            (name, ", ".join(f"{code:.15g}" for code in codes)) for name, codes in sorted(plan.special_values.items())
        ],
        "more_trials": continuing.MORE_TRIALS if experiment.budget_trials else None,
        "more_minutes": continuing.MORE_SECONDS // 60,
        "can_change": may_change(request, experiment),
        "repeated": _repeated(experiment),
        "peeks": evidence.peeks(experiment, is_out_of_time=split.get("held_out_kind") == "out_of_time"),
        "peeks_in_all": evidence.peeks_in_all(experiment, is_out_of_time=split.get("held_out_kind") == "out_of_time"),
        "repeats": repeating.repeats_of(experiment),
        "sample_sentences": sample_of(experiment),
        "check": experiment.data_check,
        "spec_text": json.dumps(experiment.spec, indent=2, ensure_ascii=False, sort_keys=True),
        "words": words_for(experiment),
    }
    return render(request, "training/settings.html", context)


@require_safe
@for_viewers
def experiment_chart(request: HttpRequest, experiment: Experiment, name: str) -> JsonResponse:
    """A chart as Plotly JSON in the reader's language; the page colours it."""
    response = JsonResponse(_drawn(request, experiment, name))
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
@for_viewers_of_results
def experiment_chart_table(request: HttpRequest, experiment: Experiment, name: str) -> StreamingHttpResponse:
    """The numbers behind a chart as CSV."""
    table = figures.table(name, experiment, _chosen(request, queries.leaderboard_for(experiment)).row, request.GET)
    if table is None:
        raise Http404
    return _as_csv([table.header, *table.rows], f"{experiment.name}-{name}")


@require_safe
@for_viewers_of_results
def experiment_leaderboard_csv(request: HttpRequest, experiment: Experiment) -> StreamingHttpResponse:
    leaderboard = queries.leaderboard_for(experiment)
    header = ["rank", "model", "candidate", "recommended"]
    header += [
        f"{sample}_{name}{end}"
        for sample in ("validation", leaderboard.test_sample)
        for name in METRICS
        for end in ("", "_low", "_high")
    ]
    header += [f"{sample}_too_few_to_judge" for sample in ("validation", leaderboard.test_sample)]
    # The interval is at the level at which Holm's step judged the tie: it holds 0 exactly where there is one.
    header += ["tied", *(f"auc_difference_to_recommended{end}" for end in ("", "_low_holm", "_high_holm"))]
    rows = [
        [line.rank_label.replace("=", ""), line.name, line.row.candidate, int(line.row.is_recommended)]
        + [
            sample.get(name, {}).get(end)
            for sample in (line.validation, line.tested)
            for name in METRICS
            for end in ("value", "low", "high")
        ]
        + [int(not line.is_validated_enough), int(not line.is_tested_enough), int(line.row.is_tie)]
        + ([line.against.value, line.against.low, line.against.high] if line.against else [None] * 3)
        for line in leaderboard.lines
    ]
    return _as_csv([header, *rows], f"{experiment.name}-leaderboard")


@require_safe
@for_viewers
def experiment_trials_csv(request: HttpRequest, experiment: Experiment) -> StreamingHttpResponse:
    columns = [*TRIAL_COLUMNS, "link", "objective", "params", "message"]
    trials = queries.trials_of(experiment).values_list(*columns)
    rows = ([json.dumps(cell) if isinstance(cell, dict) else cell for cell in trial] for trial in trials.iterator())
    return _as_csv(itertools.chain([columns], rows), f"{experiment.name}-trials")


@require_safe
@for_viewers
def experiment_trials_json(request: HttpRequest, experiment: Experiment) -> StreamingHttpResponse:
    """The trial list with all that is needed to replay it: question, seed, data hash, and every setting tried."""
    columns = [*TRIAL_COLUMNS, "link", "objective", "params", "message"]
    head = {
        "experiment": experiment.name,
        "seed": experiment.spec.get("seed", experiment.seed),
        "data_sha256": experiment.version.sha256,
        "versions": evidence.versions_of(experiment),
        "file": experiment.version.file_name,
        "reading": Reading.of(experiment.version).told(),
        "types": check_tables.types_of(experiment.data_check),
        "sample": experiment.data_check.sample,
        "waterfall": experiment.data_check.waterfall,
        "spec": experiment.spec,
    }
    told = repeating.told_for_repeating(experiment)
    # The story has more of each trial, and which of them stood aside at the end.
    trials = told.pop("trials", None) or queries.trials_of(experiment).values(*columns).iterator()
    response = StreamingHttpResponse(_as_json({**head, **told}, "trials", trials), content_type="application/json")
    response["Content-Disposition"] = _attachment(f"{experiment.name}-trials", "json")
    return response


@require_safe
@for_viewers_of_results
def experiment_report(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    """The engine's own report on the chosen model, as one HTML file to keep."""
    line = _chosen(request, queries.leaderboard_for(experiment))
    try:
        page = evidence.report(line.row)
    except ExperimentError as error:
        messages.error(request, sentence(error.message, error.params))
        return redirect(reverse("experiment_result", args=[experiment.pk]) + f"?candidate={line.row.candidate}")
    response = HttpResponse(page, content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = _attachment(f"{experiment.name}-{line.row.candidate}", "html")
    return response


def _repeated(experiment: Experiment) -> dict[str, Any] | None:
    """Tell which run this one repeats, and whether it came out the same."""
    has_matched = repeating.has_matched(experiment)
    if has_matched is None:
        return None
    earlier = Experiment.objects.filter(
        pk=experiment.result["repeats"]["experiment"], workspace=experiment.workspace_id
    ).first()
    told = {
        True: ("good", "check", _("Matches"), _("Every model has the same hash as in the original run:")),
        False: (
            "warn",
            "alert-triangle",
            _("Differs"),
            _("Some models have a different hash from the original run:"),
        ),
    }[has_matched]
    found = dict(zip(("tone", "icon", "verdict", "sentence"), told, strict=True))
    url = reverse("experiment_settings", args=[earlier.pk]) + "#repeat" if earlier else ""
    return found | {"name": earlier.name if earlier else "", "url": url}


def _chosen(request: HttpRequest, leaderboard: queries.Leaderboard) -> queries.LeaderboardLine:
    line = leaderboard.line_of(request.GET.get("candidate", ""))
    if line is None:
        raise Http404
    return line


def _frame(
    request: HttpRequest, experiment: Experiment, leaderboard: queries.Leaderboard, line: queries.LeaderboardLine
) -> dict[str, Any]:
    return {
        "experiment": experiment,
        "leaderboard": leaderboard,
        "line": line,
        "candidate": line.row.candidate,
        "chosen": "" if line.row.is_recommended else line.row.candidate,
        "words": words_for(experiment),
        "test_label": SAMPLES[leaderboard.test_sample],
        "is_out_of_time": leaderboard.test_sample == "out_of_time",
        "can_change": may_change(request, experiment),
        "standing": standing_of(experiment),
        "ended_early": evidence.ended_early(experiment),
        "doubts": evidence.doubts(experiment),
    }


def standing_of(experiment: Experiment) -> dict[str, Any] | None:
    """Tell how much of a result is there that stands already; nothing of one that is whole."""
    if not experiment.is_being_finished:
        return None
    early = experiment.result.get("ended_early") or {}
    standing = experiment.result["standing"]
    models = max(early.get("params", {}).get("kept", 0), standing["measured"])
    return {**standing, "models": models, "has_stopped": not experiment.is_under_way}


def _reason_tables(experiment: Experiment, explained: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    """Put beside each chart of reasons the same numbers as a table."""
    customer = shown["customer"]
    asked = {"column": shown["column"], "customer": customer["name"] if customer else ""}
    return {
        "factor_table": figures.reasons_table("importance", experiment, explained, asked),
        "dependence_table": figures.reasons_table("dependence", experiment, explained, asked),
        "waterfall_table": figures.reasons_table("waterfall", experiment, explained, asked),
        "column_query": "&" + urlencode({"column": asked["column"]}),
        "customer_query": "&" + urlencode({"customer": asked["customer"]}),
    }


def _column(name: str, label: Any, order: str) -> dict[str, Any]:
    """Describe a column head: a click sorts by it, numbers from the greatest first; a second click turns it round."""
    is_text = name in ("number", "learner", "backend", "state")
    first, second = (name, f"-{name}") if is_text else (f"-{name}", name)
    return {
        "label": label,
        "is_number": not is_text or name == "number",
        "is_sorted": order.removeprefix("-") == name,
        "is_descending": order.startswith("-"),
        "next_order": second if order == first else first,
    }


def _sample(request: HttpRequest, found: dict[str, Any], test_sample: str) -> str:
    asked = request.GET.get("sample", "validation")
    return asked if asked in ("validation", test_sample) and asked in found else "validation"


def _drawn(request: HttpRequest, experiment: Experiment, name: str) -> Any:
    if name == "best_score":
        return figures.best_score(experiment)
    if not experiment.has_result:
        raise Http404
    row = _chosen(request, queries.leaderboard_for(experiment)).row
    figure = figures.draw(name, experiment, row, request.GET)
    if figure is None:
        raise Http404
    return figure


def _message(entry: dict[str, Any] | None) -> tuple[str, dict[str, Any]]:
    return ("", {}) if not entry else (entry.get("message", ""), entry.get("params", {}))


def _as_csv(rows: Iterable[Iterable[Any]], name: str) -> StreamingHttpResponse:
    """Stream rows as CSV that spreadsheet programs open with the right letters and without running any cell."""
    response = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = _attachment(name, "csv")
    return response


def _as_json(head: dict[str, Any], name: str, items: Iterable[dict[str, Any]]) -> Iterable[str]:
    """Write an object piece by piece whose last member is a list that may be long."""
    yield json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}") + f',\n "{name}": ['
    between = "\n"
    for item in items:
        yield between + json.dumps(item, ensure_ascii=False)
        between = ",\n"
    yield "\n]}\n"


def _attachment(name: str, suffix: str) -> str:
    plain = slugify(name) or "xiaoyu"
    return f"attachment; filename=\"{plain}.{suffix}\"; filename*=UTF-8''{quote(name)}.{suffix}"
