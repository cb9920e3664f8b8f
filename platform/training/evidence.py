"""What the engine left beside a model, read back in the reader's words: evidence, explanation, versions, report."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from common.language import listed, reader_language
from common.storage import local_path
from experiments.artifact.manifest import read_recorded
from experiments.charts.waterfall import value_text
from experiments.evaluation.limits import limit_state
from experiments.explanation.reason_codes.book import Reason
from experiments.explanation.reason_codes.sentences import STATES
from experiments.explanation.values import Meanings, value_in_words
from experiments.generation.units import unit_of
from experiments.house_rules import has_too_few, is_enough, too_few
from experiments.labels import label_of
from experiments.labels import words_for as column_words
from experiments.privacy.protected_attributes import protected_attribute
from experiments.spec import Limits
from experiments.telling import apart, filled, minus, of_sample
from training import repeating
from training.models import Experiment, LeaderboardRow
from training.queries import Leaderboard, LeaderboardLine
from training.sample_words import sample_of
from training.words import EXAMPLES, LIMITS, RISK_EXAMPLES, learner_name, sentence, sentences, words_for

NOTHING = "–"
MADE_FEATURES = "features.json"
STEADY = 0.8
# Ten equal groups of a number of rows that ten does not divide miss their round shares by less than this.
HALF_A_PERCENT = 0.005
LEAST_SHARE = 0.0005
FACTORS_SHOWN = 10
SEGMENTS_SHOWN = 12
RANGE = re.compile(r"\[(?P<low>[^,]+), (?P<high>[^)]+)\)")


def folder_of(row: LeaderboardRow) -> Path:
    """Return where the model of a finalist lies."""
    return local_path(row.model_path)


def of(row: LeaderboardRow) -> dict[str, Any]:
    """Return the data of the charts, by sample; empty where the engine left none."""
    return _read(row, "evidence.json")


def explanation(row: LeaderboardRow) -> dict[str, Any]:
    """Return importance, beeswarm, dependence and examples, codes in the reader's words; empty where there is none."""
    found, experiment = _read(row, "explanation.json"), row.experiment
    if found:
        found["directions_held"] = directions_held(row)
    if not meanings_of(experiment):
        return found
    for example in (found.get("examples") or {}).values():
        for step in example["waterfall"]["steps"]:
            step["value"] = in_words(experiment, step["column"], step["value"])
    for column, curve in (found.get("dependence") or {}).items():
        curve["levels"] = [in_words(experiment, column, level) for level in curve["levels"]]
    for column, ends in (found.get("extremes") or {}).items():
        ends |= {end: in_words(experiment, column, level) for end, level in ends.items()}
    return found


def versions_of(experiment: Experiment) -> dict[str, str]:
    """Return the versions of the software the recommended model was made with."""
    row = experiment.leaderboard.filter(is_recommended=True).first()
    manifest = _read(row, "manifest.json") if row else {}
    return {str(name): str(version) for name, version in manifest.get("versions", {}).items()}


def _read(row: LeaderboardRow, name: str) -> dict[str, Any]:
    path = folder_of(row) / name if row.model_path else None
    return json.loads(path.read_text(encoding="utf-8")) if path is not None and path.is_file() else {}


@dataclass(frozen=True)
class Card:
    """A measure on validation and on unseen rows with one line that reads it."""

    label: str
    validation: str
    tested: str
    reading: str
    is_tested_enough: bool = True


@dataclass(frozen=True)
class Story:
    """What the winner's card says."""

    lead: str
    tested: str
    is_tested_enough: bool
    reason: str
    why: str
    is_first: bool
    ties: str
    top: str
    cards: list[Card]
    limits: list[dict[str, Any]]
    directions: str
    keeps_directions: bool
    made_features: list[dict[str, str]]
    peeks: str
    folds: int
    train_rows: int
    test_rows: int
    held_from: str
    held_to: str


def story(experiment: Experiment, line: LeaderboardLine, found: dict[str, Any], leaderboard: Leaderboard) -> Story:
    """Tell a finalist in the words of the business."""
    words = words_for(experiment)
    share = percent(experiment.contact_share)
    split = experiment.result.get("split", {})
    boundaries = split.get("boundaries", {})
    reason = sentences(line.row.reason)
    recommended = leaderboard.recommended or line
    return Story(
        lead=too_few_told(line.validation) or _lead(words, share, line.validation),
        tested=too_few_told(line.tested) or _tested(words, share, line.tested, found.get(leaderboard.test_sample, {})),
        is_tested_enough=line.is_tested_enough,
        reason="" if line.row.is_recommended else reason,
        why=sentences(recommended.row.reason),
        is_first=recommended.row.rank == 1,
        ties=_ties(leaderboard),
        top=share,
        cards=_cards(words, share, line),
        # Directions have a sentence of their own, with their price.
        limits=[_limit(limit) for limit in line.row.evidence.get("limits", []) if limit.get("code") != "monotone"],
        directions=_directions(line),
        keeps_directions=not (line.row.evidence.get("constraints") or {}).get("violations"),
        made_features=_made_features(experiment, line),
        peeks=peeks(experiment, is_out_of_time=leaderboard.test_sample == "out_of_time"),
        folds=split.get("folds", 0),
        train_rows=split.get("rows", {}).get("train", 0),
        test_rows=split.get("rows", {}).get("held_out", 0),
        held_from=boundaries.get("held_from", ""),
        held_to=boundaries.get("held_to", ""),
    )


def doubts(experiment: Experiment) -> str:
    """Say of a result that leans on columns the data check asks about what it is without them."""
    found = (experiment.result.get("data") or {}).get("doubts")
    return sentences(found) if found else ""


def ended_early(experiment: Experiment) -> dict[str, Any] | None:
    """Say of a search that was ended on request what was kept and, by name, what was dropped and why."""
    found = experiment.result.get("ended_early")
    if not found:
        return None
    dropped = [(learner_name(one["learner"]), sentence(one["message"], one["params"])) for one in found["dropped"]]
    return {"text": sentences(found), "dropped": dropped}


def peeks(experiment: Experiment, *, is_out_of_time: bool) -> str:
    """Tell how often the rows kept for the end were looked at: each look makes their number a little less honest."""
    words = _("Out-of-time rows used: %(count)d×") if is_out_of_time else _("Held-out rows used: %(count)d×")
    return words % {"count": experiment.out_of_time_peeks}


def peeks_in_all(experiment: Experiment, *, is_out_of_time: bool) -> str:
    """Tell how often the rows set aside in a dataset version were read by all runs on it, where others did so too."""
    found = repeating.readings_of_version(experiment)
    if found.count <= experiment.out_of_time_peeks:
        return ""
    told = (
        ngettext(
            "The out-of-time rows of this dataset version were read %(count)d time by all runs on it (%(runs)d).",
            "The out-of-time rows of this dataset version were read %(count)d times by all runs on it (%(runs)d).",
            found.count,
        )
        if is_out_of_time
        else ngettext(
            "Rows held out from this dataset version were read %(count)d time by all runs on it (%(runs)d).",
            "Rows held out from this dataset version were read %(count)d times by all runs on it (%(runs)d).",
            found.count,
        )
    )
    return told % {"count": found.count, "runs": found.runs}


def percent(share: float | None, digits: int | None = None) -> str:
    """Show a share as a percentage, as short as it can be unless digits are asked for."""
    if share is None:
        return NOTHING
    return f"{100 * share:.4g}%" if digits is None else f"{100 * share:.{digits}f}%"


def joined(*sentences: str) -> str:
    """Put sentences behind each other as the language does: Chinese ones without a space."""
    return ("" if reader_language() == "zh" else " ").join(sentences)


def too_few_told(measures: dict[str, Any]) -> str:
    """Say of a sample's measures that there is too little to judge by; nothing where there is enough."""
    if not has_too_few(measures):
        return ""
    counts = measures["counts"]
    return sentences(too_few(counts["rows"], counts["events"]))


def value_of(metrics: dict[str, Any], name: str) -> float | None:
    return metrics.get(name, {}).get("value")


def _lead(words: Any, share: str, metrics: dict[str, Any]) -> str:
    capture, lift = value_of(metrics, "capture"), value_of(metrics, "lift")
    if capture is None or lift is None:
        return _("Too few events to say how many the top group contains.")
    return words.capture_sentence % {"share": share, "capture": percent(capture, 1), "lift": f"{lift:.1f}"}


def _tested(words: Any, share: str, metrics: dict[str, Any], found: dict[str, Any]) -> str:
    lift, rate = value_of(metrics, "lift"), found.get("deciles", {}).get("event_rate")
    if lift is None or rate is None:
        return ""
    told = words.held_out_sentence % {
        "of_100": f"{min(100 * lift * rate, 100):.0f}",
        "share": share,
        "lift": f"{lift:.1f}",
    }
    ceiling = 1 / rate if rate else None
    if ceiling is not None and ceiling < 1.5 * lift:
        told = joined(told, _("The maximum possible there is %(ceiling)s times.") % {"ceiling": f"{ceiling:.1f}"})
    return told


def _ties(leaderboard: Leaderboard) -> str:
    count = leaderboard.ties
    if count < 2:
        return _("Finalists, measured on the same complete folds")
    return _("%(count)d models are tied: their differences are not significant") % {"count": count}


def _cards(words: Any, share: str, line: LeaderboardLine) -> list[Card]:
    def number(metrics: dict[str, Any], name: str, digits: int) -> str:
        value = value_of(metrics, name)
        return NOTHING if value is None else f"{value:.{digits}f}"

    def card(name: str, label: str, reading: str, digits: int = 3) -> Card:
        shown = number(line.validation, name, digits), number(line.tested, name, digits)
        return Card(label, *shown, reading, line.is_tested_enough)

    auc, ks = value_of(line.validation, "auc"), value_of(line.validation, "ks")
    return [
        card("auc", "AUC", words.auc_sentence % {"percent": percent(auc, 0)}),
        card("ks", "KS", _("Largest gap at the best cut-off: %(percent)s") % {"percent": percent(ks, 0)}),
        card("lift", _("Lift, top %(share)s") % {"share": share}, _("Times as many as a random selection"), 2),
        card(
            "observed_expected",
            _("Calibration (actual / predicted)"),
            _calibration_reading(line),
            2,
        ),
    ]


def _calibration_reading(line: LeaderboardLine) -> str:
    sample = "out_of_time" if "out_of_time" in line.row.metrics else "held_out"
    if not line.is_tested_enough:
        return of_sample(_("Too few held-out rows to judge"), sample)
    found = line.tested.get("observed_expected") or line.validation.get("observed_expected") or {}
    ratio = found.get("value")
    if ratio is None:
        return ""
    low, high = (float(ratio if found.get(end) is None else found[end] or 0.0) for end in ("low", "high"))
    if low <= 1 <= high:
        return _("Probabilities can be used as they are")
    off = {"percent": apart(abs(ratio - 1), 0.0, digits=0, percent=True)[0], "held_out_kind": sample}
    if ratio > 1:
        return filled(_("%(percent)s too low on held-out rows: use it for ranking, not as a probability"), off)
    return filled(_("%(percent)s too high on held-out rows: use it for ranking, not as a probability"), off)


def limits_asked(limits: Limits) -> list[str]:
    """Tell the limits that were set, each in a few words."""
    numbers = {"ks_gap": limits.ks_gap, "score_psi": limits.score_psi} | {
        "features": limits.features,
        "milliseconds": limits.milliseconds,
    }
    told = {code: f"{LIMITS[code]} ≤ {value:g}" for code, value in numbers.items() if value is not None}
    if "ks_gap" in told and limits.ks_gap_share:
        share = _("or %(share)s of the training KS, whichever is larger") % {"share": percent(limits.ks_gap_share)}
        told["ks_gap"] = _("%(limit)s, %(more)s") % {"limit": told["ks_gap"], "more": share}
    return list(told.values())


def _limit(limit: dict[str, Any]) -> dict[str, Any]:
    state = limit_state(limit)
    return {"text": sentences(limit), "is_kept": state != "broken", "is_unproven": state == "unproven", "state": state}


def _directions(line: LeaderboardLine) -> str:
    """Say whether the directions asked for are kept, and what that costs in KS."""
    found = line.row.evidence.get("constraints")
    if not found:
        return ""
    columns = len(found.get("features", []))
    if found.get("violations"):
        told = ngettext(
            "Required direction of %(columns)d column: violated in %(violations)d of %(steps)d checks.",
            "Required directions of %(columns)d columns: violated in %(violations)d of %(steps)d checks.",
            columns,
        )
    else:
        told = ngettext(
            "Direction of %(columns)d column kept: no violations in %(steps)d checks.",
            "Directions of %(columns)d columns kept: no violations in %(steps)d checks.",
            columns,
        )
    counts = {
        "columns": columns,
        "violations": found.get("violations", 0),
        "steps": found.get("checked_steps", found.get("checked_rows", 0)),
    }
    return joined(filled(told, counts), _price(found))


def _price(found: dict[str, Any]) -> str:
    if "skipped" in found:
        return sentences(found["skipped"])
    price = found.get("ks_price")
    if price is None:
        return ""
    return _("Cost in KS: %(price)s.") % {"price": minus(f"{price:.4f}")}


def _made_features(experiment: Experiment, line: LeaderboardLine) -> list[dict[str, str]]:
    """Return the columns the engine made that this model reads, with label and formula."""
    found = line.row.evidence.get("features_generated") or _read(line.row, MADE_FEATURES).get("features", [])
    return [_made_feature(feature, experiment.spec.get("labels", {})) for feature in found]


def _made_feature(feature: Any, labels: dict[str, dict[str, str]]) -> dict[str, str]:
    if isinstance(feature, str):
        return {"name": feature, "label": "", "formula": feature}
    name, sources = str(feature.get("name", "")), feature.get("sources") or []
    names = [label_of(source, labels, reader_language()) for source in sources]
    phrase = (feature.get("phrase") or {}).get(reader_language(), "")
    label = phrase % {"a": names[0], "b": names[-1], "count": len(names)} if phrase and names else ""
    return {"name": name, "label": label, "formula": str(feature.get("formula") or name)}


@dataclass(frozen=True)
class DecileLine:
    group: int
    cells: list[str]
    share: float
    is_cut: bool


@dataclass(frozen=True)
class Deciles:
    header: list[str]
    rows: list[DecileLine]
    reading: str


def deciles(experiment: Experiment, found: dict[str, Any], sample: str) -> Deciles | None:
    """Return the decile table of a sample with a line under the group the contact quota ends in."""
    table = found.get(sample, {}).get("deciles")
    if not table or not table.get("rows"):
        return None
    words = words_for(experiment)
    greatest = max(row["event_rate"] or 0 for row in table["rows"]) or 1
    reached, lines, has_cut = 0.0, [], False
    for row in table["rows"]:
        reached += row["share"] or 0
        is_cut = not has_cut and reached >= experiment.contact_share - HALF_A_PERCENT
        has_cut = has_cut or is_cut
        lines.append(DecileLine(row["group"], _decile_cells(row), 100 * (row["event_rate"] or 0) / greatest, is_cut))
    header = [
        _("Probability from"), _("Rows"), str(words.events), str(words.non_events), str(words.rate),
        _("Cum. %(who)s") % {"who": str(words.events).lower()},
        _("Cum. %(who)s") % {"who": str(words.non_events).lower()}, "KS×100", _("Lift"), _("Cum. lift"),
    ]  # fmt: skip
    return Deciles(header, lines, _decile_reading(table))


def rows_too_few(table: dict[str, Any]) -> str:
    """Say of a decile table's sample that it is too small to judge by; nothing where it is large enough."""
    rows, events = table.get("row_count", 0), table.get("event_count", 0)
    return "" if is_enough(rows, events) or not rows else sentences(too_few(rows, events))


def _decile_cells(row: dict[str, Any]) -> list[str]:
    low = row.get("low")
    return [
        NOTHING if low is None else percent(low, 1),
        f"{row['rows']:,}",
        f"{row['row_events']:,}",
        f"{row['rows'] - row['row_events']:,}",
        percent(row["event_rate"], 2),
        percent(row["cumulative_event_share"], 1),
        percent(row["cumulative_non_event_share"], 1),
        NOTHING if row["ks"] is None else f"{100 * row['ks']:.1f}",
        NOTHING if row["lift"] is None else f"{row['lift']:.2f}",
        NOTHING if row["cumulative_lift"] is None else f"{row['cumulative_lift']:.2f}",
    ]


def _decile_reading(table: dict[str, Any]) -> str:
    if told := rows_too_few(table):
        return told
    told = _("KS over these ten groups is %(ks)s, at most the exact KS; the two are never mixed.") % {
        "ks": f"{100 * (table.get('ks_bin') or 0):.1f}"
    }
    inversions = table.get("inversions", 0)
    if not inversions:
        return joined(told, _("The rate falls from group to group without exception."))
    rises = ngettext(
        "The rate rises once where it should fall.", "The rate rises %(count)d times where it should fall.", inversions
    )
    return joined(told, rises % {"count": inversions})


@dataclass(frozen=True)
class Factor:
    """A column of the model with its weight and what it does, in words."""

    column: str
    label: str
    mean_effect: float | None
    share: float | None
    sentence: str


def names_of(experiment: Experiment) -> dict[str, str]:
    """Return the business names of columns in the reader's language."""
    labels = experiment.spec.get("labels", {})
    found = {column: column_words(column, labels, reader_language()) for column in labels}
    return {column: words for column, words in found.items() if words}


def meanings_of(experiment: Experiment) -> dict[str, Meanings]:
    """Return what the codes of columns mean, as the dictionary had it when the run began."""
    return experiment.spec.get("value_labels", {})


def in_words(experiment: Experiment, column: str, value: str) -> str:
    """Return a value of a column in the reader's words where it is a code that the dictionary knows."""
    return value_in_words(value, meanings_of(experiment).get(column), reader_language())


def factors_of(experiment: Experiment, explained: dict[str, Any]) -> list[Factor]:
    """Return all columns from the weightiest down."""
    stored, names = explained.get("importance"), names_of(experiment)
    if not stored:
        return []
    dependence, extremes = explained.get("dependence", {}), explained.get("extremes", {})
    return [
        Factor(
            column, names.get(column, column), value, share,
            _act(experiment, dependence.get(column), extremes, explained.get("directions_held", {})),
        )
        for column, value, share in zip(stored["columns"], stored["values"], stored["shares"], strict=True)
        if share is None or share >= LEAST_SHARE
    ]  # fmt: skip


def directions_held(row: LeaderboardRow) -> dict[str, int]:
    """Return the directions that were asked of a model's columns and that the check found kept, by column."""
    checks = (row.evidence.get("constraints") or {}).get("checks", [])
    return {check["feature"]: check["direction"] for check in checks if not check["violations"]}


def _act(
    experiment: Experiment,
    stored: dict[str, Any] | None,
    extremes: dict[str, dict[str, str]],
    held: Mapping[str, int],
) -> str:
    """Say what a factor does: steadily up, steadily down, or highest and lowest somewhere."""
    if not stored or len(stored["effects"]) < 2:
        return ""
    words, effects = words_for(experiment), stored["effects"]
    labels = experiment.spec.get("labels", {}).get(stored["column"], {})
    names = [*(labels[language] for language in ("zh", "en") if labels.get(language)), stored["column"]]
    if stored["kind"] == "categorical":
        shown = {"best": stored["levels"][_place(effects, max)], "worst": stored["levels"][_place(effects, min)]}
        return words.highest_for % extremes.get(stored["column"], shown)
    if told := _codes_told(experiment, stored):
        return words.highest_for % told
    # A direction that holds is said even where a sampled curve wavers.
    if way := held.get(stored["column"]):
        return str(words.the_higher if way > 0 else words.the_lower)
    # A card's curve has level stretches, which go neither way.
    moves = [later > earlier for earlier, later in pairwise(effects) if later != earlier]
    if not moves:
        return ""
    share = sum(moves) / len(moves)
    if share >= STEADY:
        return str(words.the_higher)
    if share <= 1 - STEADY:
        return str(words.the_lower)
    return words.highest_for % {
        "best": _about(stored, _place(effects, max), names),
        "worst": _about(stored, _place(effects, min), names),
    }


def _codes_told(experiment: Experiment, stored: dict[str, Any]) -> dict[str, str]:
    """Name the best and the worst of codes that stand as numbers; nothing of a column whose numbers are quantities."""
    column, effects = stored["column"], stored["effects"]
    if column not in meanings_of(experiment) or stored.get("is_date"):
        return {}
    ends = {
        "best": value_text(stored["x"][_place(effects, max)]),
        "worst": value_text(stored["x"][_place(effects, min)]),
    }
    told = {end: in_words(experiment, column, value) for end, value in ends.items()}
    return told if all(told[end] != value for end, value in ends.items()) else {}


def _place(effects: list[float], pick: Any) -> int:
    return effects.index(pick(effects))


def _about(stored: dict[str, Any], place: int, names: list[str]) -> str:
    """Say a value as people round it, with its unit where the names of its column tell one: about 51 years."""
    value = stored["x"][place]
    if stored.get("is_date"):
        return f"{datetime.fromtimestamp(value / 1000, tz=UTC):%Y-%m-%d}"
    number = minus(f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}")
    unit = "age" if protected_attribute(names) == "age" else unit_of(names)
    about = {
        "age": pgettext("age", "about %(value)s years"),
        "years": pgettext("span", "about %(value)s years"),
        "months": _("about %(value)s months"),
        "days": _("about %(value)s days"),
    }
    return about.get(unit or "", _("about %(value)s")) % {"value": number}


def periods_of(found: dict[str, Any]) -> dict[str, Any] | None:
    """Return AUC by month as the chart takes it; ``None`` without a month that has enough events."""
    rows = found.get("by_period") or []
    if all(row.get("auc") is None for row in rows):
        return None
    columns = {
        "periods": "period", "values": "auc", "low": "auc_low", "high": "auc_high",
        "rows": "rows", "events": "events", "is_out_of_time": "is_out_of_time",
    }  # fmt: skip
    return {"metric": "auc"} | {name: [row.get(key) for row in rows] for name, key in columns.items()}


def example(explained: dict[str, Any], which: str) -> dict[str, Any] | None:
    """Return the customer asked for (high, near, low), or the first there is."""
    examples = explained.get("examples") or {}
    name = which if which in examples else next(iter(examples), "")
    return {"name": name, **examples[name]} if name else None


def why(experiment: Experiment, line: LeaderboardLine, explained: dict[str, Any], asked: Any) -> dict[str, Any]:
    """Return what the page of reasons shows."""
    factors = factors_of(experiment, explained)
    columns = [(factor.column, factor.label) for factor in factors if factor.column in explained.get("dependence", {})]
    column = asked.get("column", "")
    if column not in dict(columns):
        column = columns[0][0] if columns else ""
    chosen = example(explained, asked.get("customer", ""))
    greatest = max((factor.share or 0 for factor in factors), default=0) or 1
    examples = RISK_EXAMPLES if experiment.is_risk else EXAMPLES
    return {
        "explained": bool(factors),
        "factors": [(factor, 100 * (factor.share or 0) / greatest) for factor in factors[:FACTORS_SHOWN]],
        "columns": columns,
        "column": column,
        "column_label": dict(columns).get(column, column),
        "column_reading": next((factor.sentence for factor in factors if factor.column == column), ""),
        "customer": chosen,
        "customer_names": [(name, examples.get(name, name)) for name in explained.get("examples") or {}],
        "customer_reading": _customer_reading(experiment, chosen),
        "reasons": [_reason(experiment, reason) for reason in (chosen or {}).get("reasons", [])[:4]],
        "segments": _segments(experiment, of(line.row).get("segments") or []),
        "overall_auc": value_of(line.tested, "auc"),
        "unit": explained.get("unit", ""),
        "has_derived": bool(_made_features(experiment, line)),
    }


def _customer_reading(experiment: Experiment, chosen: dict[str, Any] | None) -> str:
    if not chosen or chosen.get("probability") is None:
        return ""
    return words_for(experiment).of_100_such % {"count": f"{100 * chosen['probability']:.0f}"}


def _reason(experiment: Experiment, stored: dict[str, Any]) -> dict[str, Any]:
    """Tell a reason as a file of scores does, in the bank's own words where its dictionary has some."""
    if stored["state"] not in STATES:
        return {"text": sentence(stored["message"], {}), "effect": None, "also": ""}
    reason = Reason(stored["column"], stored["state"], stored.get("value", ""), stored.get("phi") or 0.0)
    told = reason.text(experiment.spec.get("labels", {}), reader_language(), meanings_of(experiment))
    names = names_of(experiment)
    also = listed(names.get(column, column) for column in stored.get("also", []))
    return {"text": told, "effect": stored.get("phi"), "also": also}


def _segments(experiment: Experiment, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Name the segments; the weak ones come first, as the engine sorted them."""
    names = names_of(experiment)
    # Those too small to judge stand last, in grey, with nothing but their counts.
    return [
        row
        | {
            "name": _("%(column)s: %(value)s")
            % {"column": names.get(row["column"], row["column"]), "value": segment_value(row, meanings_of(experiment))}
        }
        for row in rows[:SEGMENTS_SHOWN]
    ]


def segment_value(row: dict[str, Any], meanings: Mapping[str, Meanings] | None = None) -> str:
    """Say which values a segment holds: a range in words, for few read ``[a, b)``, and a code by its meaning."""
    if row["kind"] in ("other", "missing"):
        return {"other": _("others"), "missing": _("missing")}[row["kind"]]
    bounds = RANGE.fullmatch(row["label"]) if row["kind"] == "range" else None
    if bounds is None or bounds.groups() == ("−∞", "+∞"):
        return value_in_words(str(row["label"]), (meanings or {}).get(row.get("column", "")), reader_language())
    if bounds["low"] == "−∞":
        return _("below %(high)s") % {"high": _bound(bounds["high"])}
    if bounds["high"] == "+∞":
        return _("%(low)s and more") % {"low": _bound(bounds["low"])}
    return _("%(low)s to below %(high)s") % {"low": _bound(bounds["low"]), "high": _bound(bounds["high"])}


def _bound(written: str) -> str:
    return minus(f"{float(written):,.6g}")


def report(row: LeaderboardRow) -> str:
    """Return the engine's report on a model as one HTML page.

    Raises
    ------
    ArtifactError : the model's files are not those that the run has left; the sentence names the file.
    """
    # The engine's renderer is heavy; only who asks for a report loads it.
    from experiments.report import render_report

    if row.model_seal:
        read_recorded(folder_of(row), row.model_hash, row.model_seal)
    return render_report(folder_of(row), language=reader_language(), sample=sample_of(row.experiment))
