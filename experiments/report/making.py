"""What the model is and how it was made."""

from typing import Any

from experiments.errors import gettext_noop as _
from experiments.naming import MODELS_OF_STAGES, SEARCHERS, TRIAL_STATES
from experiments.report.blocks import Block, Cell, Heading, Section, Table, Text
from experiments.report.numbers import digits_of, percent_of
from experiments.report.on_file import Report
from experiments.spec import BESIDE_TRIALS


def summary(report: Report) -> Section:
    facts, data = report.facts, report.run["data"]
    reason = report.row["reason"]
    fitted = _("all labelled rows") if facts["trained_on"] == "all" else _("training rows only")
    rows: list[list[str | Cell]] = [
        [report.say("Question"), report.question],
        [report.say("Target"), f"{facts['target']} ({report.say('event')}: {facts['event']!s})"],
        [report.say("Sample definition"), " ".join(report.definition) or report.say("All rows")],
        [report.say("Rows"), f"{data['rows']:,}"],
        [report.say("Event rate"), f"{data['event_rate']:.2%}"],
        [report.say("Fitted on"), f"{report.say(fitted)} ({facts['training_rows']:,})"],
        [report.say("Seed"), str(facts["seed"])],
        ["Xiaoyu", report.manifest["versions"].get("xiaoyu", "–")],
        ["SHA-256", Cell(report.manifest["hash"], "code")],
    ]
    split = report.run["split"]["description"]
    standing = _("Recommended model") if report.row["is_recommended"] else _("not the recommended model of its run")
    shown: list[Block] = [
        Text(f"{report.family(facts['candidate'])} · {report.say(standing)}", "quiet"),
        *(Text(report.told(reason)), *_doubts(report), Text(report.told(split))),
        Table([], rows, "text"),
    ]
    return Section(report.say("Validation report"), shown)


def _doubts(report: Report) -> list[Text]:
    """Say what the result is without the columns that a data check asks about, where it leans on them."""
    found = report.run["data"].get("doubts")
    return [Text(report.told(found), "strong")] if found else []


def making(report: Report) -> Section:
    beside = sum(trial["backend"] in BESIDE_TRIALS for trial in report.run["trials"])
    told = report.say(
        "%(count)s trials and %(beside)s models that are always run, in %(seconds)s s: FLAML over all families, "
        "Optuna on the best. The held-out rows were read %(readings)s times.",
        count=len(report.run["trials"]) - beside, beside=beside, seconds=f"{report.run['seconds']:.0f}",
        readings=report.run["out_of_time_readings"], held_out_kind=report.sample,
    )  # fmt: skip
    if "population_rate" in report.facts:
        told += " " + report.say(
            "The event rate is %(sample)s in the table and stated to be %(population)s in the population. The "
            "model's probabilities are corrected to the population; measures and charts show the table as it is.",
            sample=percent_of(report.facts["sample_rate"]), population=percent_of(report.facts["population_rate"]),
        )  # fmt: skip
    is_refitted = report.facts["trained_on"] == "all"
    shipped = (
        report.say(
            "The measures come from models fitted on training rows only. The delivered model was then fitted on "
            "%(rows)s rows with the same settings.",
            rows=f"{report.facts['training_rows']:,}",
        )
        if is_refitted
        else report.say("The delivered model is the one that was measured.")
    )
    settings = {**report.facts["params"], "iterations": report.facts["iterations"], "seed": report.facts["seed"]}
    rows = [[str(name), str(value)] for name, value in settings.items()]
    trials = [
        [str(trial["number"]), report.family(trial["learner"]) + _of_link(trial, report),
         report.say(SEARCHERS.get(trial["backend"], trial["backend"])),
         report.say(TRIAL_STATES.get(trial["state"], trial["state"])),
         digits_of(trial["auc"], 4), digits_of(trial["seconds"], 1)]
        for trial in report.run["trials"]
    ]  # fmt: skip
    search = ["#", report.say("Algorithm"), report.say("Found by"), report.say("State"), "AUC", report.say("Seconds")]
    shown: list[Block] = [
        Text(f"{told} {shipped}"),
        Table([report.say("Setting"), report.say("Value")], rows, "text"),
        *(Heading(report.say("Search history")), Table(search, trials, "board")),
    ]
    return Section(report.say("How it was made"), shown)


def _of_link(trial: dict[str, Any], report: Report) -> str:
    """Say of a trial for a stage that its AUC answers another question."""
    stage = trial.get("stage")
    return f" ({report.say(MODELS_OF_STAGES[stage])})" if stage else ""


def software(report: Report) -> Section:
    rows = [[name, version] for name, version in report.manifest["versions"].items()]
    header = [report.say("Package"), report.say("Version")]
    return Section(report.say("Software"), [Table(header, rows, "text")])
