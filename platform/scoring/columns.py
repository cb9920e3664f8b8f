"""What a model asks for and what its scores mean: the columns of a file to be scored, and those of the score file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from common.language import reader_language
from common.storage import local_path
from common.templatetags.formatting import moment
from experiments.artifact.manifest import read_manifest
from experiments.artifact.needed_columns import ROW_NUMBER, InputColumn, id_heading, needed_columns
from experiments.errors import ExperimentError
from experiments.kinds import KINDS as ENGINE_KINDS
from experiments.labels import words_for
from registry.models import ModelVersion
from scoring.models import Headings, ScoringJob

REASON = "reason_"


@dataclass(frozen=True)
class AskedColumn:
    """A column that a file to be scored holds, with the name that people know it by."""

    name: str
    label: str
    type: str
    is_id: bool
    is_needed: bool


@dataclass(frozen=True)
class ScoreColumn:
    """A column of the score file: its name for machines and in words, what it means, its unit and its range."""

    name: str
    heading: str
    meaning: str
    unit: str
    range: str


def inputs_of(version: ModelVersion) -> list[InputColumn]:
    """Return the columns that a file for this model holds, the id first; none where its files are not to be read."""
    try:
        return needed_columns(local_path(version.artifact_path))
    except ExperimentError:
        return []


def asked_of(version: ModelVersion) -> list[AskedColumn]:
    """Return the columns that a model asks for, with their labels in the reader's language."""
    labels = _labels_of(version)
    return [
        AskedColumn(
            column.name, words_for(column.name, labels, reader_language()), column.type, column.is_id, column.is_needed
        )
        for column in inputs_of(version)
    ]


def headings_of(scoring_job: ScoringJob) -> dict[str, str]:
    """Return what the columns of the scores are called, with or without ids, in the language of the scoring."""
    with translation.override(scoring_job.language):
        return {column.name: column.heading for column in (_row_number(), *_score_columns(scoring_job))}


def score_columns(scoring_job: ScoringJob) -> list[ScoreColumn]:
    """Return the columns of a score file in their order, told in the language of the scoring."""
    with translation.override(scoring_job.language):
        return _score_columns(scoring_job)


def dictionary_rows(scoring_job: ScoringJob) -> list[list[str]]:
    """Return the data dictionary of a score file, headings first, in the language of the scoring."""
    with translation.override(scoring_job.language):
        version = scoring_job.model_version
        model = _("%(version)s, model hash %(hash)s, scored %(when)s") % {
            "version": str(version),
            "hash": (scoring_job.artifact_hash or version.artifact_hash)[:12],
            "when": moment(scoring_job.finished_at or scoring_job.created_at),
        }
        is_in_words = scoring_job.headings == Headings.WORDS
        other_name = _("Technical name") if is_in_words else _("Readable name")
        head = [_("Column"), other_name, _("Meaning"), _("Unit"), _("Range"), _("Model")]
        return [head] + [
            [column.heading if is_in_words else column.name, column.name if is_in_words else column.heading,
             column.meaning, column.unit, column.range, model]
            for column in _score_columns(scoring_job)
        ]  # fmt: skip


def _score_columns(scoring_job: ScoringJob) -> list[ScoreColumn]:
    version = scoring_job.model_version
    kind = version.registered_model.kind
    manifest = read_manifest(local_path(version.artifact_path))
    facts = _Facts(scoring_job, kind, manifest)
    id_column = _ids_in(scoring_job, manifest)
    columns = [_id_column(version, id_column) if id_column else _row_number()]
    columns += [_probability(facts), _score(facts), _band(facts)]
    if (manifest["learner"] == "scorecard" and manifest["members"] == 1) or "points" in facts.ranges:
        columns.append(_points(facts))
    return columns + [_reason(number) for number in range(1, 5)]


def has_ids(scoring_job: ScoringJob) -> bool:
    """Return whether finished scores carry ids; rows of a table without are numbered."""
    return bool(_ids_in(scoring_job, read_manifest(local_path(scoring_job.model_version.artifact_path))))


def _ids_in(scoring_job: ScoringJob, manifest: Mapping[str, Any]) -> str | None:
    found: str | None = scoring_job.summary.get("ids", {"column": manifest["facts"].get("id_column")})["column"]
    return found


@dataclass(frozen=True)
class _Facts:
    """What the descriptions rest on."""

    scoring_job: ScoringJob
    kind: str
    manifest: Mapping[str, Any]

    @property
    def ranges(self) -> Mapping[str, list[float]]:
        found: Mapping[str, list[float]] = self.scoring_job.summary.get("ranges", {})
        return found

    @property
    def is_risk(self) -> bool:
        return ENGINE_KINDS[self.kind].is_risk

    def range_of(self, name: str, digits: int, possible: str = "") -> str:
        """Say what is possible, and what lies in this file."""
        found = self.ranges.get(name)
        if found is None:
            return possible
        low, high = (f"{end:.{digits}f}" for end in found)
        here = _("in this file %(low)s to %(high)s") % {"low": low, "high": high}
        return f"{possible}{_('; ')}{here}" if possible else here


def _id_column(version: ModelVersion, name: str) -> ScoreColumn:
    label = words_for(name, _labels_of(version), reader_language()) or _("Customer ID")
    return ScoreColumn(
        id_heading(name), label, _("Identifies the customer, written as in the scored table"), _("text"), ""
    )


def _row_number() -> ScoreColumn:
    meaning = _("Position of the row in the scored table, starting at 1; the table has no customer IDs")
    return ScoreColumn(ROW_NUMBER, _("Row number"), meaning, _("whole number"), "")


def _probability(facts: _Facts) -> ScoreColumn:
    learnt = facts.manifest["facts"]
    spec, events = learnt.get("spec", {}), learnt.get("event_name", "")
    meaning = (
        _("Calibrated probability of “%(events)s”: %(target)s = %(event)s")
        if events
        else _("Calibrated probability that the event happens: %(target)s = %(event)s")
    ) % {"target": spec.get("target", ""), "event": spec.get("event", ""), "events": events}
    unit, ends = _("share, 1 = certain"), facts.range_of("probability", 6, "0–1")
    return ScoreColumn("probability", _("Probability of the event"), meaning, unit, ends)


def _score(facts: _Facts) -> ScoreColumn:
    if facts.is_risk:
        scale = facts.manifest["scale"]
        meaning = _(
            "Score, higher is safer: %(base)s points at odds of %(odds)s to 1, %(pdo)s more points double the odds"
        ) % {name: f"{scale[name]:g}" for name in ("base", "odds", "pdo")}
        return ScoreColumn("score", _("Score of the customer"), meaning, _("points"), facts.range_of("score", 1))
    meaning = _("Higher is likelier: the percentage of customers in the development sample who are less likely")
    return ScoreColumn("score", _("Score (percentile)"), meaning, _("percentile"), facts.range_of("score", 1, "0–100"))


def _band(facts: _Facts) -> ScoreColumn:
    best = _("A is safest, E riskiest") if facts.is_risk else _("A is most likely, E least likely")
    return ScoreColumn("band", _("Band"), best, _("letter"), "A–E")


def _points(facts: _Facts) -> ScoreColumn:
    if facts.is_risk:
        heading = _("Sum of the card's points (equals the score)")
        meaning = _("The points printed on the scorecard, added up. They equal the score except for rounding.")
    else:
        heading = _("Total points on the scorecard")
        meaning = _("The points printed on the scorecard, added up. This is not the same number as the score.")
    return ScoreColumn("points", heading, meaning, _("points"), facts.range_of("points", 2))


def _reason(number: int) -> ScoreColumn:
    heading = _("Reason %(number)s") % {"number": number}
    meaning = _(
        "Reason %(number)s by weight: what raises this customer's probability; empty where there are no more reasons"
    ) % {"number": number}
    return ScoreColumn(f"{REASON}{number}", heading, meaning, _("text"), "")


def _labels_of(version: ModelVersion) -> Mapping[str, Mapping[str, str]]:
    return version.leaderboard_row.experiment.asked.labels
