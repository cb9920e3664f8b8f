"""The course of a search: who used the time, what was given up and why, which settings the results hang on."""

from typing import Any

from django.db.models import Count, F, Max, Q, Sum, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.templatetags.formatting import metric, span
from diagnostics.models import Subject
from diagnostics.queries.inquiries import latest
from experiments.search.setting_importance import FEWEST_TRIALS, SettingImportance
from training.models import Experiment, Trial
from training.queries.trials import FINISHED, MEASURED
from training.words import TRIAL_STATES, learner_name, sentences

# Lines of the chart of settings: all of the best, and of the others an even sample.
BEST_LINES, OTHER_LINES = 60, 240
MOST_REASONS = 40


def search_of(experiment: Experiment) -> dict[str, Any]:
    """Return what the page of all trials shows above its table; counted by the database, for there may be 50,000."""
    budget, reasons = budget_of(experiment), reasons_of(experiment)
    inquiry = latest(experiment, None, Subject.SETTINGS)
    most = max((each["seconds"] for each in budget), default=0) or 1
    searched = [each["learner"] for each in budget if each["with_settings"] >= 2]
    return {
        "budget": [each | {"share": 100 * each["seconds"] / most} for each in budget],
        "budget_lead": _budget_lead(budget),
        "reasons": reasons,
        "learners": [(name, learner_name(name)) for name in searched],
        "inquiry": inquiry,
        "is_waiting": bool(inquiry and inquiry.is_waiting),
        "is_judged": bool(inquiry and "rows" in inquiry.answer),
        "is_newer": bool(inquiry and inquiry.asked.get("trials") != sum(each["trials"] for each in budget)),
        "fewest": FEWEST_TRIALS,
        "settings": _settings(inquiry.answer if inquiry else {}),
        "is_enough": any(each["with_settings"] >= FEWEST_TRIALS for each in budget),
    }


def budget_of(experiment: Experiment) -> list[dict[str, Any]]:
    """Return per algorithm the trials by how they ended and the seconds they took, the longest first."""
    by_state = {state: Count("pk", filter=Q(state=state)) for state in TRIAL_STATES}
    rows = (
        experiment.trials.order_by()
        .values("learner")
        .annotate(
            seconds=Sum("seconds"), trials=Count("pk"), best=Max("auc", filter=MEASURED),
            peak=Max("peak_mb"), with_settings=Count("pk", filter=MEASURED & ~Q(params={})), **by_state,
        )
        .order_by("-seconds")
    )  # fmt: skip
    total = sum(row["seconds"] or 0 for row in rows) or 1
    return [
        row
        | {
            "name": learner_name(row["learner"]),
            "seconds": row["seconds"] or 0,
            "of_all": (row["seconds"] or 0) / total,
        }
        for row in rows
    ]


def _budget_lead(budget: list[dict[str, Any]]) -> str:
    if not budget:
        return ""
    first, total = budget[0], sum(each["seconds"] for each in budget)
    return _("The trials took %(time)s in all; most went to %(name)s: %(share)s%%.") % {
        "time": span(total), "name": first["name"], "share": f"{100 * first['of_all']:.0f}",
    }  # fmt: skip


def reasons_of(experiment: Experiment) -> list[dict[str, Any]]:
    """Return why and where trials ended without a result, by algorithm: how many, with the peak of their memory."""
    rows = (
        experiment.trials.exclude(state=FINISHED).order_by().values("learner", "state", "message", "frames")
        .annotate(count=Count("pk"), peak=Max("peak_mb"), last=Max("number"), seconds=Sum("seconds"))
        .order_by("state", "-count")[:MOST_REASONS]
    )  # fmt: skip
    return [
        row | {"name": learner_name(row["learner"]), "state": TRIAL_STATES.get(row["state"], row["state"]),
               "told": sentences({"message": row["message"], "params": {}}) or _("without a reason")}
        for row in rows
    ]  # fmt: skip


def _settings(answer: dict[str, Any]) -> list[dict[str, Any]]:
    found = [SettingImportance.from_dict(each) for each in answer.get("rows", ())]
    grouped: dict[str, list[SettingImportance]] = {}
    for each in found:
        grouped.setdefault(each.learner, []).append(each)
    return [
        {
            "name": learner_name(learner),
            "rows": [(each, 100 * each.share) for each in rows],
            "lead": _settings_lead(rows),
        }
        for learner, rows in grouped.items()
    ]


def _settings_lead(rows: list[SettingImportance]) -> str:
    return ngettext(
        "%(first)s explains %(share)s%% of the differences in AUC, from %(count)d trial.",
        "%(first)s explains %(share)s%% of the differences in AUC, from %(count)d trials.",
        rows[0].trials,
    ) % {"first": rows[0].setting, "share": f"{100 * rows[0].share:.0f}", "count": rows[0].trials}


def thinned(experiment: Experiment, learner: str) -> list[Trial]:
    """Return the best trials of an algorithm and an even sample of the others, without loading the rest."""
    own = experiment.trials.filter(MEASURED, learner=learner).exclude(params={})
    best = list(own.order_by("-auc", "number")[:BEST_LINES])
    count = own.count()
    every = max(1, -(-count // OTHER_LINES))
    # Counted among those that are shown: numbers have gaps, and a gap at every such place would leave out all.
    counted = own.annotate(turn=Window(RowNumber(), order_by="number"))
    others = counted.annotate(place=F("turn") % every).filter(place=0).order_by("number")[:OTHER_LINES]
    return list({trial.pk: trial for trial in [*others, *best]}.values())


def search_table_of(experiment: Experiment, name: str, *, has_frames: bool = False) -> list[list[Any]] | None:
    """Return one of the tables of the search as rows, its header first.

    Parameters
    ----------
    has_frames : whoever reads it is shown where trials failed.
    """
    if name == "budget":
        header = ["learner", "trials", *TRIAL_STATES, "seconds", "share", "best_auc", "peak_mb"]
        return [header, *(
            [each["learner"], each["trials"], *(each[state] for state in TRIAL_STATES), each["seconds"],
             each["of_all"], each["best"], each["peak"]]
            for each in budget_of(experiment)
        )]  # fmt: skip
    if name == "reasons":
        header = ["learner", "state", "reason", "trials", "last_trial", "seconds", "peak_mb"]
        fields = ["learner", "state", "told", "count", "last", "seconds", "peak"]
        if has_frames:
            header, fields = [*header, "traceback"], [*fields, "frames"]
        return [header, *([each[name] for name in fields] for each in reasons_of(experiment))]
    if name == "settings":
        inquiry = latest(experiment, None, Subject.SETTINGS)
        rows = (inquiry.answer if inquiry else {}).get("rows", [])
        return [["learner", "setting", "share", "trials"], *([
            [each["learner"], each["setting"], each["share"], each["trials"]] for each in rows
        ])]  # fmt: skip
    return None


def reading_of(trial: Trial) -> str:
    """Return a trial in one line, for who points at its line in the chart."""
    return _("Trial %(number)d: AUC %(auc)s") % {"number": trial.number, "auc": metric(trial.auc)}
