"""What is on file about a model, and the words to tell it in."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import plotly.io

from experiments.artifact.manifest import read_whole
from experiments.artifact.needed_columns import FEATURES
from experiments.charts.waterfall import WaterfallData
from experiments.charts.words import WORDS
from experiments.errors import ArtifactError
from experiments.errors import gettext_noop as _
from experiments.explanation.reason_codes.book import Reason
from experiments.explanation.values import Meanings, value_in_words
from experiments.house_rules import has_too_few, too_few
from experiments.kinds import KINDS
from experiments.labels import label_of
from experiments.naming import LEARNERS, named
from experiments.report.blocks import Text
from experiments.sentence import Sentence, translated

NO_EVIDENCE = _("%(folder)s holds no evidence of its run, so no report can be made.")


@dataclass
class Report:
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
        return Sentence(text, params).text(self.language)

    @property
    def question(self) -> str:
        """The kind of question, with the bank's own word for the event where it has one."""
        kind, own = self.say(KINDS[self.facts["kind"]].label), self.facts.get("event_name")
        return f"{kind} · {own}" if own else kind

    def family(self, learner: str) -> str:
        return self.say(LEARNERS.get(learner, learner))

    def told(self, entry: dict[str, Any]) -> str:
        """Return the engine's own sentences with their places filled."""
        return Sentence.from_dict(entry).text(self.language, self.named)

    def named(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return named(params, translate=self.word, language=self.language)

    def word(self, text: str) -> str:
        return translated(text, self.language)

    def unjudged(self, measures: dict[str, Any]) -> list[Text]:
        """Return a paragraph where a sample has too few rows or events to conclude anything, else nothing."""
        if not has_too_few(measures):
            return []
        counts = measures["counts"]
        return [Text(self.told(too_few(counts["rows"], counts["events"])), "few")]

    @property
    def chart_words(self) -> dict[str, str]:
        own = {"events": self.facts.get("event_name"), "non_events": self.facts.get("non_event_name")}
        usual = {name: self.word(text) for name, text in WORDS.items()}
        return usual | {name: word for name, word in own.items() if word}

    def chart(self, figure: Any) -> str:
        """Return a chart as HTML, without Plotly itself, which the page holds once."""
        self.charts += 1
        html: str = plotly.io.to_html(
            figure, include_plotlyjs=False, full_html=False, div_id=f"chart-{self.charts}",
            config={"displayModeBar": False, "responsive": True},
        )  # fmt: skip
        return html

    def both(self, name: str, kind: Any) -> dict[str, Any]:
        """Return one chart's data for validation and for the rows set aside."""
        return {sample: kind.from_dict(self.evidence[sample][name]) for sample in ("validation", self.sample)}


def read(model_dir: Path, language: str, sample: Sequence[str] = ()) -> Report:
    """Read all that a model's folder holds about it."""
    manifest = read_whole(model_dir)
    files = (model_dir / "evidence.json", model_dir / "explanation.json", model_dir / "run.json")
    if not all(path.is_file() for path in files):
        raise ArtifactError(NO_EVIDENCE, folder=str(model_dir))
    evidence, explanation, run = (json.loads(path.read_text(encoding="utf-8")) for path in files)
    made = model_dir / FEATURES
    features = json.loads(made.read_text(encoding="utf-8"))["features"] if made.is_file() else []
    return Report(manifest, evidence, explanation, run, language, features, tuple(sample))
