"""What the model is and how it was found; how it can be made again."""

from collections import Counter
from typing import Any

from experiments.errors import gettext_noop as _
from experiments.house_rules import may_be_told
from experiments.learners.scorecard import BY_HAND
from experiments.naming import MODELS_OF_STAGES, SEARCHERS, TRIAL_STATES
from experiments.report.cells import code, count, interval, number, percent, text, verdict
from experiments.report.content import Block, Cell, Table, Text
from experiments.report.on_file import HIDDEN, Report
from experiments.scorecard.scaling import POINTS_DIGITS
from experiments.search.reasons import CUT_ON_ALL
from experiments.sentence import Sentence
from experiments.spec import BESIDE_TRIALS
from experiments.telling import minus

BEST_TRIALS = 20
SETTINGS = {
    "folds": _("Folds"),
    "held_out_share": _("Share held out"),
    "scheme": _("How rows are split"),
    "embargo_days": _("Embargo, days"),
    "split_column": _("Column that gives the split"),
    "held_out_from": _("Out-of-time test from"),
}
SCHEMES = {
    "auto": _("automatic"),
    "stratified": _("at random, with equal event rates"),
    "grouped": _("whole customers at random"),
    "time": _("in the order of time"),
    "given": _("as a column says"),
}
CALIBRATORS = {
    "platt": _("Platt (logistic)"),
    "isotonic": _("isotonic"),
    "beta": _("beta"),
    "identity": _("none"),
    "none": _("none"),
}


def form(report: Report) -> list[Block]:
    """Tell algorithm, settings, calibration, scale, the leaderboard, derived columns and the scorecard's points."""
    return [
        Text(_found(report)), Text(_shipped(report)), _settings(report), _scale(report), _leaderboard(report),
        Text(report.say(TIES)), _limits(report), *_made(report), *_card(report), _trials(report),
    ]  # fmt: skip


TIES = _(
    "AUC in cross-validation and on held-out rows, with 95%% intervals. Models tied with the recommended one do "
    "not differ from it significantly (paired test, Holm's correction)."
)


def _found(report: Report) -> str:
    trials = report.run["trials"]
    beside = sum(trial["backend"] in BESIDE_TRIALS for trial in trials)
    return report.say(
        "%(count)s trials and %(beside)s models that are always run, in %(seconds)s s: FLAML over all families, "
        "Optuna on the best. The held-out rows were read %(readings)s times.",
        count=len(trials) - beside, beside=beside, seconds=f"{report.run['seconds']:.0f}",
        readings=report.run["out_of_time_readings"], held_out_kind=report.sample,
    )  # fmt: skip


def _shipped(report: Report) -> str:
    if report.facts["trained_on"] != "all":
        return report.say("The delivered model is the one that was measured.")
    return report.say(
        "The measures come from models fitted on training rows only. The delivered model was then fitted on "
        "%(rows)s rows with the same settings.",
        rows=f"{report.facts['training_rows']:,}",
    )


def _settings(report: Report) -> Table:
    facts, scheme = report.facts, report.spec.validation
    rows: list[list[Cell]] = [
        [text(report.say("Algorithm")), text(report.family(facts["candidate"]))],
        [text(report.say("Models averaged")), count(report.manifest["members"])],
        [text(report.say("Random seed")), code(facts["seed"])],
        [text(report.say("Calibration")), text(_calibrator(report))],
    ]
    for name, label in SETTINGS.items():
        value = getattr(scheme, name)
        if value not in (None, 0, ""):
            rows.append([text(report.word(label)), text(report.word(SCHEMES.get(value, str(value))))])
    rows += [[code(name), code(value)] for name, value in facts["params"].items() if name != BY_HAND]
    if BY_HAND in facts["params"]:
        rows.append([text(report.say("Bins")), text(report.say("Binned by hand"))])
        rows.append([text(report.say("Cross-validation")), text(report.say(CUT_ON_ALL))])
    if any(facts["iterations"]):
        rows.append([text(report.say("Iterations")), text(report.listed([str(one) for one in facts["iterations"]]))])
    return Table(report.say("Settings"), [report.say("Setting"), report.say("Value")], rows)


def _calibrator(report: Report) -> str:
    method = (report.manifest.get("calibrator") or {}).get("method", "none")
    return report.word(CALIBRATORS.get(method, method))


def _scale(report: Report) -> Table:
    """Return the bands: from which probability to which, and what the customers are called."""
    header = [report.say("Band"), report.say("Probability from"), report.say("Probability to")]
    rows = [[text(one["band"]), percent(one["from"]), percent(one["to"])] for one in report.manifest["bands"]]
    return Table(report.say("Bands of the score"), header, rows)


def _leaderboard(report: Report) -> Table:
    header = [
        report.say("Rank"), report.say("Algorithm"), report.say("AUC, cross-validation"), report.say("95%% interval"),
        report.say("AUC, %(sample)s", sample=report.on_unseen), report.say("95%% interval"),
        report.say("KS, cross-validation"),
        report.say("Columns"), report.say("Status"),
    ]  # fmt: skip
    rows, chosen = [], -1
    for place, row in enumerate(report.rows):
        valid, held = row.samples.of("validation"), row.samples.of(report.sample)
        chosen = place if row.candidate == report.facts["candidate"] else chosen
        grey: Any = "" if held.is_enough else "few"
        rows.append([
            number(row.rank, "count"), text(report.family(row.candidate)), number(valid.value("auc")),
            _ends(valid, "auc"), number(held.value("auc"), "d4", grey), _ends(held, "auc", grey),
            number(valid.value("ks")), count(row.kept.features), text(_standing(report, row)),
        ])  # fmt: skip
    return Table(report.say("Leaderboard"), header, rows, chosen)


def _ends(measures: Any, name: str, tone: Any = "") -> Cell:
    return interval(measures.of(name), "d4", tone)


def _standing(report: Report, row: Any) -> str:
    if row.is_recommended:
        return report.say("recommended")
    return report.say("tied") if row.is_tie else ""


def _limits(report: Report) -> Block:
    limits = report.row.kept.limits
    if not limits:
        return Text(report.say("No limits were set for this run."), "missing")
    rows = [[text(report.told(one.sentence)), text(report.word(verdict(one)))] for one in limits]
    return Table(report.say("Limits of the run"), [report.say("Limit"), report.say("Verdict")], rows)


def _made(report: Report) -> list[Block]:
    if not report.made:
        return []
    importance = report.manifest["importance"]
    rows = [
        [text(report.column(one["name"])), code(one["formula"]), percent(importance.get(one["name"], 0.0)),
         text(report.told(Sentence.from_dict(one["why"])))]
        for one in report.made
    ]  # fmt: skip
    told = report.say(
        "These columns are computed from other columns of the same row. Each was kept because it improved models "
        "on unseen rows beyond its source columns."
    )
    header = [
        report.say("Column"), report.say("Formula"), report.say("Share of contributions"),
        report.say("Why it was kept"),
    ]  # fmt: skip
    return [Text(told), Table(report.say("Derived columns"), header, rows)]


def _card(report: Report) -> list[Block]:
    card = report.evidence.scorecard
    if not card or not card.card:
        return []
    header = [
        report.say("Column"), report.say("Bin"), report.say("Rows"), report.say("Event rate"), report.say("WOE"),
        report.say("Points"),
    ]  # fmt: skip
    points: Any = f"d{POINTS_DIGITS}"
    rows = [
        [text(report.column(one.column)), text(_bin(report, one)), count(one.rows),
         percent(one.event_rate if may_be_told(one.rows) else None), number(one.woe, "d3"), number(one.points, points)]
        for one in card.card
    ]  # fmt: skip
    told = (
        _("Each bin's points add up to the score (600 at 50:1, 20 points double the odds).")
        if report.kind.is_risk
        else _(
            "Each bin's points add up to the customer's points: the more, the likelier the event (20 points double "
            "the odds)."
        )
    )
    return [Text(report.say(told)), Table(report.say("Points of the scorecard"), header, rows)]


BINS = {"missing": _("Missing"), "other": _("others"), "special": _("Special value"), "unseen": _("new levels")}


def _bin(report: Report, row: Any) -> str:
    if report.is_secret(row.column):
        return HIDDEN
    if row.kind == "special":
        return report.value(row.column, row.label)
    if row.levels:
        return report.listed([report.value(row.column, level) for level in row.levels])
    if row.low is None and row.high is None:
        return row.name or report.word(BINS.get(row.kind, row.kind))
    low = "−∞" if row.low is None else minus(f"{row.low:g}")
    high = "+∞" if row.high is None else minus(f"{row.high:g}")
    return f"[{low}, {high})"


def _trials(report: Report) -> Table:
    """Return the best trials; all of them stand on the page of trials and in the model's folder."""
    known = [one for one in report.run["trials"] if one["auc"] is not None and one["state"] == "finished"]
    best = sorted(known, key=lambda one: -one["auc"])[:BEST_TRIALS]
    header = [
        report.say("Trial"), report.say("Algorithm"), report.say("Found by"), report.say("State"), report.say("AUC"),
        report.say("Seconds"),
    ]  # fmt: skip
    rows = [
        [count(one["number"]), text(report.family(one["learner"]) + _of_link(one, report)),
         text(report.word(SEARCHERS.get(one["backend"], one["backend"]))),
         text(report.word(TRIAL_STATES.get(one["state"], one["state"]))), number(one["auc"]),
         number(one["seconds"], "d1")]
        for one in best
    ]  # fmt: skip
    title = report.say("The best %(count)s finished trials of %(all)s", count=len(best), all=len(report.run["trials"]))
    return Table(title, header, rows)


def _of_link(trial: dict[str, Any], report: Report) -> str:
    """Say of a trial for a stage that its AUC answers another question."""
    stage = trial.get("stage")
    return f" ({report.word(MODELS_OF_STAGES[stage])})" if stage else ""


def reproducibility(report: Report) -> list[Block]:
    """Say by what the same model is made again: seed, versions, hashes, and how the run was decided."""
    budget = report.spec.budget
    told = (
        _("The run counted trials, so the same data, seed and software give the same model on any machine.")
        if budget.seconds is None
        else _(
            "The run was limited by time. Its decisions are on record: with them, the same data, seed and software it "
            "can be repeated trial by trial (`fit --replay`)."
        )
    )
    states = Counter(trial["state"] for trial in report.run["trials"])
    trials = [
        [text(report.word(TRIAL_STATES.get(state, state))), count(number_of)] for state, number_of in states.items()
    ]
    versions = [[code(name), code(version)] for name, version in report.manifest["versions"].items()]
    return [
        Text(report.say(told)),
        Table(report.say("Trials by state"), [report.say("State"), report.say("Trials")], trials),
        Table(report.say("Software"), [report.say("Package"), report.say("Version")], versions),
        Table(report.say("What identifies the run"), [report.say("Fact"), report.say("Value")], [
            [text(report.say("Random seed")), code(report.facts["seed"])],
            [text(report.say("Rows")), count(report.run["data"]["rows"])],
            [text(report.say("Events")), count(report.run["data"]["events"])],
            [text(report.say("SHA-256 of the model")), code(report.manifest["hash"])],
        ]),
        *_reruns(report),
    ]  # fmt: skip


def _reruns(report: Report) -> list[Block]:
    """Tell who ran it again and whether it came out the same; a run by its own author is no independent one."""
    found = report.known.reruns
    told = [] if any(one.is_independent for one in found) else [Text(report.say(NO_RERUN), "missing")]
    if not found:
        return [*told]
    header = [report.say("Person"), report.say("Date"), report.say("Machine"), report.say("Result")]
    rows = [[text(one.person), text(one.on), code(one.machine), text(one.told)] for one in found]
    return [Table(report.say("Re-runs on record"), header, rows), *told]


NO_RERUN = _(
    "No independent re-run is on record for this model. A re-run by another person on another machine would compare "
    "trials and model hash with those above."
)
