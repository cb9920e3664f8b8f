"""The settings of a run, what it repeats and what repeats it."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from checks.sample_words import sentences_on_sample
from experiments.spec import ASKED
from planning.plans.plan import PLANNED_SPLIT, Plan
from planning.words import EFFORTS, SCHEMES
from results.queries.evidence import versions_of
from results.queries.limits import limits_asked
from results.queries.readings import readings_of_version_told, readings_told
from training.models import Experiment, ExperimentState
from training.queries.repeats import edited_cards_lost, has_matched, repeats_of
from training.services.continuing import MORE_SECONDS, MORE_TRIALS
from training.views.access import for_viewers, may_change
from training.words import learner_name, sentences, words_for

DIRECTION_SIGNS = {1: "+", -1: "−"}


@require_safe
@for_viewers
def experiment_settings(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    if experiment.state == ExperimentState.DRAFT:
        return redirect("experiment_plan", experiment.pk)
    split, plan = experiment.found.split, Plan.of(experiment)
    is_out_of_time = split.is_out_of_time
    context = {
        "experiment": experiment,
        "split": split,
        "split_sentence": sentences(split.description),
        "split_notes": [sentences(note) for note in split.notes],
        "versions": sorted(versions_of(experiment).items()),
        "learners": [learner_name(name) for name in experiment.asked.learners],
        "plan": plan,
        "split_numbers": [
            (gettext(ASKED[name].label), number)
            for name in PLANNED_SPLIT
            if ASKED[name].numbers is not None and (number := getattr(plan, name))
        ],
        "scheme": SCHEMES.get(plan.scheme, plan.scheme),
        "effort": EFFORTS[plan.feature_effort][0],
        "asked": {name: gettext(one.label) for name, one in ASKED.items()},
        "limits": limits_asked(plan.limits),
        "directions": [(name, DIRECTION_SIGNS[way]) for name, way in sorted(plan.monotone.items()) if way],
        "special_values": [
            (name, ", ".join(f"{code:.15g}" for code in codes)) for name, codes in sorted(plan.special_values.items())
        ],
        "more_trials": MORE_TRIALS if experiment.budget_trials else None,
        "more_minutes": MORE_SECONDS // 60,
        "edited_cards_lost": edited_cards_lost(experiment),
        "can_change": may_change(request, experiment),
        "repeated": _repeated(experiment),
        "readings": readings_told(experiment, is_out_of_time=is_out_of_time),
        "readings_of_version": readings_of_version_told(experiment, is_out_of_time=is_out_of_time),
        "repeats": repeats_of(experiment),
        "sample_sentences": sentences_on_sample(experiment.data_check),
        "check": experiment.data_check,
        "spec_text": json.dumps(experiment.spec, indent=2, ensure_ascii=False, sort_keys=True),
        "words": words_for(experiment),
    }
    return render(request, "results/settings.html", context)


def _repeated(experiment: Experiment) -> dict[str, Any] | None:
    """Tell which run this one repeats, and whether it came out the same."""
    matches = has_matched(experiment)
    if matches is None:
        return None
    repeats = experiment.found.repeats
    earlier = repeats and Experiment.objects.filter(pk=repeats.experiment, workspace=experiment.workspace_id).first()
    told = {
        True: ("good", "check", _("Matches"), _("Every model has the same hash as in the original run:")),
        False: (
            "warn",
            "alert-triangle",
            _("Differs"),
            _("Some models have a hash that differs from the original run:"),
        ),
    }[matches]
    found = dict(zip(("tone", "icon", "verdict", "sentence"), told, strict=True))
    url = reverse("experiment_settings", args=[earlier.pk]) + "#repeat" if earlier else ""
    return found | {"name": earlier.name if earlier else "", "url": url}
