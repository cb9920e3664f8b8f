"""What is on file about a model, and the words to tell it in."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from experiments.artifact.diagnosis import Diagnosis
from experiments.artifact.evidence import ModelEvidence, SampleCurves
from experiments.artifact.explanation import Example, Explanation, ToldReason
from experiments.artifact.manifest import EVIDENCE, EXPLANATION, read_whole
from experiments.artifact.needed_columns import FEATURES
from experiments.charts.waterfall import WaterfallData
from experiments.charts.words import WORDS
from experiments.data.splitting.split import SplitFacts
from experiments.errors import ArtifactError
from experiments.errors import gettext_noop as _
from experiments.evaluation.measures import Measures, MeasuresBySample
from experiments.explanation.reason_codes.book import Reason
from experiments.explanation.values import Meanings, value_in_words
from experiments.house_rules import too_few
from experiments.kinds import KINDS, Kind
from experiments.labels import label_of
from experiments.naming import SAMPLES, finalist_name, named
from experiments.report.background import Background
from experiments.report.content import Text
from experiments.search.finalist import FinalistEvidence
from experiments.search.replay import STORY
from experiments.sentence import COMMA, GAP, Sentence, translated
from experiments.spec import ExperimentSpec

HIDDEN = "***"
UNITS = {"log-odds": _("log-odds"), "probability": _("probability")}
NO_EVIDENCE = _("%(folder)s holds no evidence of its run, so no report can be made.")


@dataclass(frozen=True)
class Row:
    """A line of the leaderboard as its run left it."""

    candidate: str
    rank: int
    is_tie: bool
    is_recommended: bool
    reason: Sentence
    samples: MeasuresBySample
    kept: FinalistEvidence

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Row":
        return cls(
            stored["candidate"], stored["rank"], stored["is_tie"], stored["is_recommended"],
            Sentence.from_dict(stored["reason"]), MeasuresBySample.from_dict(stored["metrics"]),
            FinalistEvidence.from_dict(stored["evidence"]),
        )  # fmt: skip


@dataclass(frozen=True)
class Report:
    """All that is on file about a model, what the bank has on record of it, and the words to tell both in."""

    folder: Path
    manifest: dict[str, Any]
    evidence: ModelEvidence
    explanation: Explanation
    run: dict[str, Any]
    language: str
    made: list[dict[str, Any]]
    known: Background

    @property
    def facts(self) -> dict[str, Any]:
        return self.manifest["facts"]

    @cached_property
    def spec(self) -> ExperimentSpec:
        return ExperimentSpec.from_dict(self.facts["spec"])

    @property
    def kind(self) -> Kind:
        return KINDS[self.facts["kind"]]

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """The closer look that a run leaves; without anything beside a model saved before there was one."""
        return Diagnosis.read(self.folder)

    @cached_property
    def split(self) -> SplitFacts:
        return SplitFacts.from_dict(self.run["split"])

    @cached_property
    def rows(self) -> list[Row]:
        """The leaderboard."""
        return [Row.from_dict(row) for row in self.run["finalists"]]

    @property
    def row(self) -> Row:
        return next(row for row in self.rows if row.candidate == self.facts["candidate"])

    @property
    def sample(self) -> str:
        """Name of the rows set aside."""
        return self.split.held_out_kind

    @property
    def unseen(self) -> SampleCurves:
        return self.evidence.of(self.sample)

    @property
    def held(self) -> Measures:
        """Measures on the rows set aside."""
        return self.row.samples.of(self.sample)

    @property
    def samples(self) -> list[tuple[str, Measures]]:
        """The samples that were measured, by name: training, cross-validation, rows set aside."""
        order = ("train", "validation", "held_out", "out_of_time")
        return [(name, found) for name in order if (found := self.row.samples.of(name))]

    @property
    def meanings(self) -> Mapping[str, Meanings]:
        """What the codes of columns mean, as the dictionary had it."""
        return self.spec.value_labels

    def column(self, name: str) -> str:
        """Return what the bank calls a column."""
        return label_of(name, self.facts.get("labels") or {}, self.language)

    @cached_property
    def names(self) -> dict[str, str]:
        return {name: self.column(name) for name in self.facts.get("labels") or {}}

    def value(self, column: str, value: str) -> str:
        """Return a value in the dictionary's words where it is a code."""
        return str(value_in_words(value, self.meanings.get(column), self.language))

    def _shown(self, column: str, value: str) -> str:
        """Return a customer's value as the paper tells it: of some columns it is nobody's to read."""
        return HIDDEN if value and column in self._unshown else self.value(column, value)

    @cached_property
    def _unshown(self) -> set[str]:
        """Columns of which no customer's value is told: those the run knew as protected, and those that are hidden."""
        protected = (self.facts.get("spec") or {}).get("protected") or ()
        return {*protected, *self.known.unshown, *self.known.secret}

    def is_secret(self, column: str) -> bool:
        """Tell whether a column is one of which no values are told, neither levels nor borders, or made of one."""
        made_of = next((one["sources"] for one in self.made if one["name"] == column), [column])
        return any(name in self.known.secret for name in made_of)

    def waterfall_of(self, example: Example) -> WaterfallData | None:
        """Return a customer's waterfall with columns and values in the bank's words."""
        found = example.waterfall
        if found is None:
            return None
        stored = found.to_dict()
        steps = [
            step | {"column": self.column(step["column"]), "value": self._shown(step["column"], step["value"])}
            for step in stored["steps"]
        ]
        return WaterfallData.from_dict(stored | {"steps": steps})

    def reasons_of(self, example: Example) -> list[str]:
        """Return a customer's reasons as sentences, in the bank's own words where its dictionary has some."""
        labels = self.facts.get("labels") or {}
        return [
            Reason(one.column, one.state, one.value, one.phi).text(labels, self.language, meanings=self.meanings)  # type: ignore[arg-type]
            for one in map(self._hidden, example.reasons)
        ]

    def _hidden(self, reason: ToldReason) -> ToldReason:
        """Return a reason that tells of some columns neither the value nor whether it is high or low."""
        is_hidden = reason.value and reason.column in self._unshown
        return replace(reason, value=HIDDEN, state="plain") if is_hidden else reason

    def say(self, text: str, **params: Any) -> str:
        return Sentence(text, params).text(self.language)

    def told(self, sentence: Sentence) -> str:
        """Return the engine's own sentences with their places filled."""
        return sentence.text(self.language, self.named)

    def listed(self, texts: list[str]) -> str:
        return COMMA[self.language].join(texts)

    def joined(self, *sentences: str) -> str:
        """Return sentences as one paragraph."""
        return GAP[self.language].join(one for one in sentences if one)

    def named(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return named(params, translate=self.word, language=self.language)

    def word(self, text: str) -> str:
        return translated(text, self.language)

    def family(self, learner: str) -> str:
        return finalist_name(learner, self.word)

    def sample_name(self, name: str) -> str:
        return self.word(SAMPLES[name])

    def sample_of_month(self, *, is_late: bool) -> str:
        """Return of which rows a month consists: without a split by time each has rows of both samples."""
        if not self.split.is_out_of_time:
            return self.word(_("Cross-validation and held-out rows"))
        return self.sample_name("out_of_time" if is_late else "validation")

    @property
    def on_unseen(self) -> str:
        """The rows set aside, as a sentence names them."""
        return self.word(_("out-of-time rows") if self.split.is_out_of_time else _("held-out rows"))

    @property
    def unit(self) -> str:
        """What contributions are measured in."""
        return self.word(UNITS.get(self.explanation.unit, self.explanation.unit))

    @property
    def question(self) -> str:
        """The kind of question, with the bank's own word for the event where it has one."""
        kind, own = self.word(self.kind.label), self.facts.get("event_name")
        return f"{kind} · {own}" if own else kind

    def unjudged(self, measures: Measures) -> list[Text]:
        """Return a paragraph where a sample has too few rows or events to conclude anything, else nothing."""
        if measures.is_enough or measures.counts is None:
            return []
        found = too_few(measures.counts.rows, measures.counts.events)
        return [Text(self.told(Sentence.from_dict(found)), "few")]

    @cached_property
    def chart_words(self) -> dict[str, str]:
        own = {"events": self.facts.get("event_name"), "non_events": self.facts.get("non_event_name")}
        usual = {name: self.word(text) for name, text in WORDS.items()}
        return usual | {name: word for name, word in own.items() if word}


def read(model_dir: Path, language: str, known: Background) -> Report:
    """Read all that a model's folder holds about it."""
    manifest = read_whole(model_dir)
    if not all((model_dir / name).is_file() for name in (EVIDENCE, EXPLANATION, STORY)):
        raise ArtifactError(NO_EVIDENCE, folder=str(model_dir))
    run = json.loads((model_dir / STORY).read_text(encoding="utf-8"))
    made = model_dir / FEATURES
    features = json.loads(made.read_text(encoding="utf-8"))["features"] if made.is_file() else []
    evidence, explanation = ModelEvidence.read(model_dir), Explanation.read(model_dir)
    told = _with_curves(explanation, known.secret)
    return Report(model_dir, manifest, _with_segments(evidence, known.secret), told, run, language, features, known)


def _with_curves(found: Explanation, secret: Collection[str]) -> Explanation:
    """Leave out what the values of secret columns do; their weight and direction stay."""
    return replace(
        found,
        dependence={name: curve for name, curve in found.dependence.items() if name not in secret},
        extremes={name: ends for name, ends in found.extremes.items() if name not in secret},
    )


def _with_segments(found: ModelEvidence, secret: Collection[str]) -> ModelEvidence:
    """Leave out the segments that secret columns cut."""
    return replace(found, segments=tuple(row for row in found.segments if row.column not in secret))
