"""Put the report together: for each question a sentence, a number, a chart and a table."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

import plotly.io
from plotly.offline import get_plotlyjs

from experiments.artifact.manifest import read_whole
from experiments.artifact.needed_columns import FEATURES
from experiments.charts.by_period import ByPeriodData, by_period_figure
from experiments.charts.calibration import CalibrationData, calibration_figure
from experiments.charts.dependence import DependenceData, dependence_figure
from experiments.charts.gains import GainsData, gains_figure
from experiments.charts.importance import ImportanceData, importance_figure
from experiments.charts.ks_curve import KsCurveData, ks_curve_figure
from experiments.charts.roc import RocData, roc_figure
from experiments.charts.waterfall import WaterfallData, waterfall_figure
from experiments.charts.words import WORDS
from experiments.errors import ArtifactError
from experiments.errors import gettext_noop as _
from experiments.evaluation.limits import limit_state
from experiments.evaluation.small_counts import methods
from experiments.explanation.reason_codes.book import Reason
from experiments.explanation.values import Meanings, value_in_words
from experiments.house_rules import MIN_EVENTS, MIN_ROWS, has_too_few, too_few
from experiments.kinds import KINDS
from experiments.labels import label_of
from experiments.naming import EXAMPLES, LEARNERS, LINKS, RISK_EXAMPLES, SEARCHERS, TRIAL_STATES, named
from experiments.scorecard.scaling import POINTS_DIGITS
from experiments.sentence import Sentence, translated
from experiments.spec import BESIDE_TRIALS
from experiments.telling import minus

NO_EVIDENCE = _("%(folder)s holds no evidence of its run, so no report can be made.")
CURVES_SHOWN = 6
FACTORS_SHOWN = 15
SEGMENTS_SHOWN = 12

STYLE = """
:root{color-scheme:light}body{font:15px/1.6 "Segoe UI","Noto Sans","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",
sans-serif;color:#17212B;margin:0 auto;max-width:960px;padding:32px 24px}h1{font-size:26px;margin:0 0 4px}
h2{font-size:19px;margin:40px 0 4px;border-top:1px solid #E2E7EC;padding-top:20px}h3{font-size:15px;margin:20px 0 4px}
.few,.few td{color:#5F6C7B}p.few{font-style:italic}
p{margin:4px 0 12px}.big{font-size:30px;font-weight:600;margin:4px 0}.quiet{color:#5F6C7B}
table{border-collapse:collapse;
width:100%;font-size:13px;font-variant-numeric:tabular-nums;margin:8px 0}th,td{text-align:right;
padding:4px 8px;border-bottom:1px solid #E2E7EC}th{color:#475463;font-weight:600}
th:first-child,td:first-child,.text td,.text th,.board :is(th,td):nth-child(2){text-align:left}
.wide{overflow-x:auto}code{overflow-wrap:anywhere}
tr.chosen td{font-weight:600;background:#EEF1F4}figure{margin:8px 0}
.pair{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:16px}
@media(max-width:700px){body{padding:16px}.pair{grid-template-columns:minmax(0,1fr)}
table:not(.text) :is(th,td):not(:first-child){white-space:nowrap}}
@media print{body{max-width:none}h2{break-after:avoid}}
"""


VERDICTS = {
    "kept": _("Within the limit"),
    "broken": _("Over the limit"),
    "unproven": _("Above the limit, not significantly"),
    "unjudged": _("Too few to judge"),
}


@dataclass
class _Report:
    """All that is on file about a model, and the words to tell it in."""

    manifest: dict[str, Any]
    evidence: dict[str, Any]
    explanation: dict[str, Any]
    run: dict[str, Any]
    language: str
    made: list[dict[str, Any]]
    definition: tuple[str, ...] = ()
    charts: int = 0

    @property
    def facts(self) -> dict[str, Any]:
        return self.manifest["facts"]

    @property
    def row(self) -> dict[str, Any]:
        return next(row for row in self.run["finalists"] if row["candidate"] == self.facts["candidate"])

    @property
    def sample(self) -> str:
        return self.run["split"]["held_out_kind"]

    @property
    def names(self) -> dict[str, str]:
        labels = self.facts.get("labels") or {}
        return {column: label_of(column, labels, self.language) for column in labels}

    @property
    def meanings(self) -> dict[str, Meanings]:
        """What the codes of columns mean, as the dictionary had it."""
        return self.facts.get("spec", {}).get("value_labels") or {}

    def waterfall_of(self, example: dict[str, Any]) -> WaterfallData:
        """Return a customer's waterfall with values in words where they are codes."""
        stored = example["waterfall"]
        steps = [
            step | {"value": value_in_words(step["value"], self.meanings.get(step["column"]), self.language)}
            for step in stored["steps"]
        ]
        return WaterfallData.from_dict(stored | {"steps": steps})

    def reasons_of(self, example: dict[str, Any]) -> list[str]:
        """Return a customer's reasons as sentences, in the bank's own words where its dictionary has some."""
        labels, meanings = self.facts.get("labels") or {}, self.meanings
        return [
            Reason(*(reason[name] for name in ("column", "state", "value", "phi"))).text(
                labels, self.language, meanings
            )
            for reason in example.get("reasons", [])
        ]

    def say(self, text: str, **params: Any) -> str:
        return escape(Sentence(text, params).text(self.language))

    @property
    def question(self) -> str:
        """The kind of question, with the bank's own word for the event where it has one."""
        kind, own = self.say(KINDS[self.facts["kind"]].label), self.facts.get("event_name")
        return f"{kind} · {escape(own)}" if own else kind

    def family(self, learner: str) -> str:
        return self.say(LEARNERS.get(learner, learner))

    def told(self, entry: dict[str, Any]) -> str:
        """Return the engine's own sentences with their places filled."""
        return escape(Sentence.from_dict(entry).text(self.language, self.named))

    def named(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return named(params, translate=self.word, language=self.language)

    def word(self, text: str) -> str:
        return translated(text, self.language)

    def unjudged(self, measures: dict[str, Any]) -> str:
        """Return a paragraph where a sample has too few rows or events to conclude anything, else nothing."""
        if not has_too_few(measures):
            return ""
        counts = measures["counts"]
        return f"<p class=few>{self.told(too_few(counts['rows'], counts['events']))}</p>"

    @property
    def chart_words(self) -> dict[str, str]:
        own = {"events": self.facts.get("event_name"), "non_events": self.facts.get("non_event_name")}
        usual = {name: self.word(text) for name, text in WORDS.items()}
        return usual | {name: word for name, word in own.items() if word}

    def chart(self, figure: Any) -> str:
        self.charts += 1
        html = plotly.io.to_html(
            figure, include_plotlyjs=False, full_html=False, div_id=f"chart-{self.charts}",
            config={"displayModeBar": False, "responsive": True},
        )  # fmt: skip
        return f"<figure>{html}</figure>"

    def both(self, name: str, kind: Any) -> dict[str, Any]:
        """Return one chart's data for validation and for the rows set aside."""
        return {sample: kind.from_dict(self.evidence[sample][name]) for sample in ("validation", self.sample)}


def render(model_dir: Path, language: str, sample: Sequence[str] = ()) -> str:
    """Return the whole page."""
    report = replace(_read(model_dir, language), definition=tuple(sample))
    sections = [
        _summary, _leaderboard, _separation, _gains, _calibration, _periods, _segments, _factors, _made, _customers,
        _card, _making, _software,
    ]  # fmt: skip
    body = "\n".join(section(report) for section in sections)
    title = f"{report.say('Validation report')} – {report.family(report.facts['candidate'])}"
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{STYLE}</style>'
        f"<script>{get_plotlyjs()}</script></head><body>{body}</body></html>\n"
    )


def _read(model_dir: Path, language: str) -> _Report:
    manifest = read_whole(model_dir)
    files = (model_dir / "evidence.json", model_dir / "explanation.json", model_dir / "run.json")
    if not all(path.is_file() for path in files):
        raise ArtifactError(NO_EVIDENCE, folder=str(model_dir))
    evidence, explanation, run = (json.loads(path.read_text(encoding="utf-8")) for path in files)
    made = model_dir / FEATURES
    features = json.loads(made.read_text(encoding="utf-8"))["features"] if made.is_file() else []
    return _Report(manifest, evidence, explanation, run, language, features)


def _summary(report: _Report) -> str:
    facts, data = report.facts, report.run["data"]
    reason = report.row["reason"]
    fitted = _("all labelled rows") if facts["trained_on"] == "all" else _("training rows only")
    rows = [
        [report.say("Question"), report.question],
        [report.say("Target"), f"{escape(facts['target'])} ({report.say('event')}: {escape(str(facts['event']))})"],
        [report.say("Sample definition"), escape(" ".join(report.definition)) or report.say("All rows")],
        [report.say("Rows"), f"{data['rows']:,}"],
        [report.say("Event rate"), f"{data['event_rate']:.2%}"],
        [report.say("Fitted on"), f"{report.say(fitted)} ({facts['training_rows']:,})"],
        [report.say("Seed"), str(facts["seed"])],
        ["Xiaoyu", escape(report.manifest["versions"].get("xiaoyu", "–"))],
        ["SHA-256", f"<code>{report.manifest['hash']}</code>"],
    ]
    split = report.run["split"]["description"]
    standing = _("Recommended model") if report.row["is_recommended"] else _("not the recommended model of its run")
    return (
        f"<h1>{report.say('Validation report')}</h1>"
        f"<p class=quiet>{report.family(facts['candidate'])} · {report.say(standing)}</p>"
        f"<p>{report.told(reason)}</p>{_doubts(report)}<p>{report.told(split)}</p>"
        f"{_table([], rows, 'text')}"
    )


def _doubts(report: _Report) -> str:
    """Say what the result is without the columns that a data check asks about, where it leans on them."""
    found = report.run["data"].get("doubts")
    return f"<p><strong>{report.told(found)}</strong></p>" if found else ""


def _leaderboard(report: _Report) -> str:
    title = _("Out of time") if report.sample == "out_of_time" else _("Held-out rows")
    header = [
        "#", report.say("Algorithm"), "AUC", report.say("Interval"), "KS", "Gini", report.say("Lift"),
        report.say("Log loss"), report.say("Brier"), f"AUC {report.say(title)}", report.say("Interval"),
    ]  # fmt: skip
    rows = []
    for row in report.run["finalists"]:
        valid, held = row["metrics"]["validation"], row["metrics"][report.sample]
        mark = "→\u00a0" if row["is_recommended"] else "=\u00a0" if row["is_tie"] else ""
        rows.append(
            [f"{mark}{row['rank']}", report.family(row["candidate"]), _number(valid["auc"]), _interval(valid["auc"]),
             _number(valid["ks"]), _number(valid["gini"]), _number(valid["lift"], 2), _number(valid["log_loss"]),
             _number(valid["brier"]), _grey(_number(held["auc"]), held), _grey(_interval(held["auc"]), held)]
        )  # fmt: skip
    chosen = next(n for n, row in enumerate(report.run["finalists"]) if row["candidate"] == report.facts["candidate"])
    told = report.say(
        "95 %% intervals. Models whose AUC does not differ significantly from the recommended model (→) are tied "
        "(=); paired test, with Holm's correction for several models."
    )
    shown = report.run["finalists"][chosen]["metrics"]
    notes = [report.unjudged(shown[name]) for name in ("validation", report.sample)]
    return (
        f"<h2>{report.say('Leaderboard')}</h2><p>{told} {_methods(report)}</p>"
        f"{_table(header, rows, 'board', chosen)}{''.join(dict.fromkeys(notes))}{_limits(report)}"
    )


def _methods(report: _Report) -> str:
    """Say how the intervals were made, for validation and where they are of another method for the rows set aside."""
    counts = [report.row["metrics"][name].get("counts") for name in ("validation", report.sample)]
    told = [methods(one["events"], one["rows"]) for one in counts if one]
    titles = (_("Cross-validation"), _("Out of time") if report.sample == "out_of_time" else _("Held-out rows"))
    if len(told) == 2 and told[0]["message"] != told[1]["message"]:
        colon = "：" if report.language == "zh" else ": "
        return " ".join(
            f"{report.say(title)}{colon}{report.told(one)}" for title, one in zip(titles, told, strict=True)
        )
    return report.told(told[0]) if told else ""


def _grey(text: str, measures: dict[str, Any]) -> str:
    return f"<span class=few>{text}</span>" if has_too_few(measures) else text


def _limits(report: _Report) -> str:
    rows = [[report.told(limit), report.say(_verdict(limit))] for limit in report.row["evidence"]["limits"]]
    return f"<h3>{report.say('Limits')}</h3>{_table([], rows, 'text')}"


def _separation(report: _Report) -> str:
    held = report.row["metrics"][report.sample]
    told = report.unjudged(held) or _separation_told(report, held)
    roc = report.chart(roc_figure(report.both("roc", RocData), labels=report.chart_words))
    curve = report.chart(
        ks_curve_figure(KsCurveData.from_dict(report.evidence[report.sample]["ks"]), labels=report.chart_words)
    )
    return (
        f"<h2>{report.say('Separation')}</h2>{told}{_big('AUC', _number(held['auc']), held)}"
        f"<div class=pair>{roc}{curve}</div>{_deciles(report)}"
    )


def _separation_told(report: _Report, held: dict[str, Any]) -> str:
    told = report.say(
        "In a random pair of one event and one non-event, the model ranks the event higher %(auc)s of the time on "
        "unseen rows.",
        auc=f"{held['auc']['value']:.0%}",
    )
    also = report.say(
        "The largest gap between events and non-events, at the best cut-off, is %(ks)s (KS).",
        ks=f"{held['ks']['value']:.1%}",
    )
    return f"<p>{told} {also}</p>"


def _big(name: str, number: str, measures: dict[str, Any]) -> str:
    return f"<p class='big{' few' if has_too_few(measures) else ''}'>{name} {number}</p>"


def _deciles(report: _Report) -> str:
    header = [
        report.say("Group"), report.say("Probability from"), report.say("Rows"), report.say("Events"),
        report.say("Event rate"), report.say("Cum. events"), report.say("Lift"), report.say("Cum. lift"),
    ]  # fmt: skip
    rows = [
        [str(row["group"]), _percent(row["low"]), f"{row['rows']:,}", f"{row['row_events']:,}",
         _percent(row["event_rate"]), _percent(row["cumulative_event_share"]), _digits(row["lift"]),
         _digits(row["cumulative_lift"])]
        for row in report.evidence[report.sample]["deciles"]["rows"]
    ]  # fmt: skip
    return _table(header, rows)


def _gains(report: _Report) -> str:
    data = report.evidence[report.sample]["gains"]
    told = report.say(
        "The top %(share)s of customers contain %(capture)s of the events, %(lift)s times as many as a random "
        "selection.",
        share=f"{data['contact_share']:.0%}", capture=_percent(data["capture_at_quota"]),
        lift=_digits(data["lift_at_quota"], 1),
    )  # fmt: skip
    held = report.row["metrics"][report.sample]
    chart = report.chart(gains_figure(report.both("gains", GainsData), labels=report.chart_words))
    return (
        f"<h2>{report.say('Lift and gains')}</h2>{report.unjudged(held) or f'<p>{told}</p>'}"
        f"{_big('×', _digits(data['lift_at_quota']), held)}{chart}"
    )


def _calibration(report: _Report) -> str:
    held = report.row["metrics"][report.sample]
    ratio = held["observed_expected"]["value"]
    told = report.say(
        "The actual event rate is %(ratio)s of the predicted rate (actual / predicted).",
        ratio="–" if ratio is None else f"{ratio:.0%}",
    )
    data = CalibrationData.from_dict(report.evidence[report.sample]["calibration"])
    header = [report.say("Probability"), report.say("Event rate"), report.say("Rows"), report.say("Events")]
    rows = [
        [_percent(said), _percent(was), f"{count:,}", f"{events:,}"]
        for said, was, count, events in zip(data.predicted, data.observed, data.rows, data.events, strict=True)
    ]
    chart = report.chart(calibration_figure({report.sample: data}, labels=report.chart_words))
    return (
        f"<h2>{report.say('Calibration')}</h2>{report.unjudged(held) or f'<p>{told}</p>'}"
        f"{_big('ECE', _number(held['ece']), held)}"
        f"{chart}{_table(header, rows)}"
    )


def _periods(report: _Report) -> str:
    heading = f"<h2>{report.say('Stability over time')}</h2>"
    rows = report.evidence["by_period"]
    if not rows:
        return f"{heading}<p>{report.say('Stability over time was not tested.')}</p>"
    data = ByPeriodData(
        metric="auc", periods=tuple(row["period"] for row in rows), values=tuple(row["auc"] for row in rows),
        low=tuple(row["auc_low"] for row in rows), high=tuple(row["auc_high"] for row in rows),
        rows=tuple(row["rows"] for row in rows), events=tuple(row["events"] for row in rows),
        is_out_of_time=tuple(row["is_out_of_time"] for row in rows),
    )  # fmt: skip
    words = (_("Period"), _("Rows"), _("Events"), _("Event rate"))
    header = [*map(report.say, words), "AUC", "KS", "PSI"]
    cells = [
        [escape(row["period"]), f"{row['rows']:,}", f"{row['events']:,}", _percent(row["event_rate"]),
         *_judged(report, row), _digits(row["psi"], 4)]
        for row in rows
    ]  # fmt: skip
    told = report.say("Each month is measured on its own; the shaded months were kept out of training.")
    chart = report.chart(by_period_figure(data, labels=report.chart_words))
    return f"{heading}<p>{told}</p>{chart}{_table(header, cells)}"


def _segments(report: _Report) -> str:
    header = [report.say(word) for word in (_("Segment"), _("Rows"), _("Events"), _("Event rate"))] + ["AUC", "KS"]
    rows = [
        [escape(f"{report.names.get(row['column'], row['column'])}: {row['label']}"), f"{row['rows']:,}",
         f"{row['events']:,}", _percent(row["event_rate"]), *_judged(report, row)]
        for row in report.evidence["segments"][:SEGMENTS_SHOWN]
    ]  # fmt: skip
    told = report.say(
        "The weakest segments first; those with fewer than %(least_events)s events or %(least_rows)s rows are not "
        "judged.",
        least_events=MIN_EVENTS, least_rows=MIN_ROWS,
    )  # fmt: skip
    return f"<h2>{report.say('Segments')}</h2><p>{told}</p>{_table(header, rows)}"


def _judged(report: _Report, row: dict[str, Any]) -> list[str]:
    """Return AUC and KS of a month or a segment, or that there is too little to judge it by."""
    if row["is_enough"]:
        return [_digits(row["auc"], 4), _digits(row["ks"], 4)]
    return [f"<span class=few>{report.say('too few to judge')}</span>", "–"]


def _factors(report: _Report) -> str:
    factors = report.explanation["factors"][:FACTORS_SHOWN]
    if not factors:
        return ""
    first = factors[0]
    told = report.say(
        "%(column)s has the largest effect: %(share)s of all contributions.",
        column=report.names.get(first["column"], first["column"]), share=f"{first['share']:.0%}",
    )  # fmt: skip
    chart = report.chart(
        importance_figure(
            ImportanceData.from_dict(report.explanation["importance"]), names=report.names, labels=report.chart_words
        )
    )
    curves = "".join(
        report.chart(
            dependence_figure(
                DependenceData.from_dict(data), labels=report.chart_words, name=report.names.get(column, column)
            )
        )
        for column, data in list(report.explanation["dependence"].items())[:CURVES_SHOWN]
    )
    rows = [[escape(report.names.get(row["column"], row["column"])), _percent(row["share"])] for row in factors]
    return (
        f"<h2>{report.say('What drives the score')}</h2><p>{told}</p>{chart}<div class=pair>{curves}</div>"
        f"{_table([report.say('Column'), report.say('Share')], rows)}"
    )


def _made(report: _Report) -> str:
    if not report.made:
        return ""
    importance = report.manifest["importance"]
    rows = [
        [
            escape(report.names.get(feature["name"], feature["name"])), f"<code>{escape(feature['formula'])}</code>",
            _percent(importance.get(feature["name"], 0.0)), report.told(feature["why"]),
        ]
        for feature in report.made
    ]  # fmt: skip
    told = report.say(
        "These columns are computed from other columns of the same row. Each was kept because it improved models "
        "on unseen rows beyond its source columns."
    )
    header = [report.say(word) for word in (_("Column"), _("Formula"), _("Share"), _("Why it was kept"))]
    return f"<h2>{report.say('Derived columns')}</h2><p>{told}</p>{_table(header, rows, 'text')}"


def _customers(report: _Report) -> str:
    told = report.say(
        "From the typical customer to this one, in %(unit)s; the bars add up exactly to the model output.",
        unit=report.word(report.explanation["unit"]),
    )
    # Of a default model the customer with the high probability is the risky one, whose points are low.
    words = RISK_EXAMPLES if KINDS[report.facts["kind"]].is_risk else EXAMPLES
    parts = [f"<h2>{report.say('Three customers')}</h2><p>{told}</p>{_protected(report)}"]
    for name, example in report.explanation["examples"].items():
        facts = (
            f"{report.say('Probability')} {example['probability']:.1%}, {report.say('Score')} {example['score']:.0f}"
        )
        chart = report.chart(
            waterfall_figure(report.waterfall_of(example), names=report.names, labels=report.chart_words)
        )
        reasons = "".join(f"<li>{escape(text)}</li>" for text in report.reasons_of(example))
        title = f"{report.say(words.get(name, name))}: {facts}, {escape(example['band'])}"
        parts.append(f"<h3>{title}</h3><p>{report.say('Reasons')}</p><ol>{reasons}</ol>{chart}")
    return "".join(parts)


def _protected(report: _Report) -> str:
    """Say which columns are protected, and whether the model reads them."""
    spec = report.facts["spec"]
    names = ", ".join(report.names.get(name, name) for name in spec.get("protected") or ())
    if not names:
        return ""
    if spec.get("without_protected"):
        told = report.say("Protected columns, kept out of the model: %(columns)s.", columns=names)
    else:
        told = report.say("Protected columns, used by the model but never given as a reason: %(columns)s.",
                          columns=names)  # fmt: skip
    return f"<p>{told}</p>"


def _card(report: _Report) -> str:
    found = report.evidence.get("scorecard")
    if not found:
        return ""
    header = [
        report.say("Column"),
        report.say("Bin"),
        report.say("Rows"),
        report.say("Event rate"),
        "WOE",
        report.say("Points"),
    ]
    rows = [
        [escape(report.names.get(row["column"], row["column"])), escape(_bin(row)), f"{row['rows']:,}",
         _percent(row["event_rate"]), _digits(row["woe"], 3), _digits(row["points"], POINTS_DIGITS)]
        for row in found["card"]
    ]  # fmt: skip
    told = report.say(
        _("Each bin's points add up to the score (600 at 50:1, 20 points double the odds).")
        if KINDS[report.facts["kind"]].is_risk
        else _(
            "Each bin's points add up to the customer's points: the more, the likelier the event (20 points double "
            "the odds)."
        )
    )
    log = [[escape(entry["column"]), report.told(entry)] for entry in found["selection"]]
    return (
        f"<h2>{report.say('Scorecard')}</h2><p>{told}</p>{_table(header, rows)}"
        f"<h3>{report.say('Columns that were left out')}</h3>"
        f"{_table([report.say('Column'), report.say('Why it was left out')], log, 'text')}"
    )


def _bin(row: dict[str, Any]) -> str:
    if row["kind"] == "special":
        return str(row["label"])
    if row["levels"]:
        return ", ".join(map(str, row["levels"]))
    if row["low"] is None and row["high"] is None:
        return str(row["name"] or row["kind"])
    low = "−∞" if row["low"] is None else minus(f"{row['low']:g}")
    high = "+∞" if row["high"] is None else minus(f"{row['high']:g}")
    return f"[{low}, {high})"


def _making(report: _Report) -> str:
    beside = sum(trial["backend"] in BESIDE_TRIALS for trial in report.run["trials"])
    told = report.say(
        "%(count)s trials and %(beside)s models that are always run, in %(seconds)s s: FLAML over all families, "
        "Optuna on the best. The held-out rows were read %(peeks)s times.",
        count=len(report.run["trials"]) - beside, beside=beside, seconds=f"{report.run['seconds']:.0f}",
        peeks=report.run["out_of_time_peeks"], held_out_kind=report.sample,
    )  # fmt: skip
    if "population_rate" in report.facts:
        told += " " + report.say(
            "The event rate is %(sample)s in the table and stated to be %(population)s in the population. The "
            "model's probabilities are corrected to the population; measures and charts show the table as it is.",
            sample=_percent(report.facts["sample_rate"]), population=_percent(report.facts["population_rate"]),
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
    rows = [[escape(str(name)), escape(str(value))] for name, value in settings.items()]
    trials = [
        [str(trial["number"]), report.family(trial["learner"]) + _of_link(trial, report),
         report.say(SEARCHERS.get(trial["backend"], trial["backend"])),
         report.say(TRIAL_STATES.get(trial["state"], trial["state"])),
         _digits(trial["auc"], 4), _digits(trial["seconds"], 1)]
        for trial in report.run["trials"]
    ]  # fmt: skip
    search = ["#", report.say("Algorithm"), report.say("Found by"), report.say("State"), "AUC", report.say("Seconds")]
    return (
        f"<h2>{report.say('How it was made')}</h2><p>{told} {shipped}</p>"
        f"{_table([report.say('Setting'), report.say('Value')], rows, 'text')}<h3>{report.say('Search history')}</h3>"
        f"{_table(search, trials, 'board')}"
    )


def _of_link(trial: dict[str, Any], report: _Report) -> str:
    """Say of a trial for a link of a chain that its AUC answers another question."""
    link = trial.get("link")
    return f" ({report.say(LINKS[link])})" if link else ""


def _software(report: _Report) -> str:
    rows = [[escape(name), escape(version)] for name, version in report.manifest["versions"].items()]
    header = [report.say("Package"), report.say("Version")]
    return f"<h2>{report.say('Software')}</h2>{_table(header, rows, 'text')}"


def _table(header: list[str], rows: list[list[str]], kind: str = "", chosen: int = -1) -> str:
    head = f"<tr>{''.join(f'<th>{cell}</th>' for cell in header)}</tr>" if header else ""
    body = "".join(
        f"<tr{' class=chosen' if number == chosen else ''}>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>"
        for number, row in enumerate(rows)
    )
    return f'<div class=wide><table class="{kind}">{head}{body}</table></div>'


def _number(metric: dict[str, Any], digits: int = 4) -> str:
    return _digits(metric["value"], digits)


def _interval(metric: dict[str, Any]) -> str:
    return "–" if metric["low"] is None else "–".join(minus(f"{metric[end]:.4f}") for end in ("low", "high"))


def _digits(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else minus(f"{value:.{digits}f}")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _verdict(limit: dict[str, Any]) -> str:
    return VERDICTS[limit_state(limit)]
