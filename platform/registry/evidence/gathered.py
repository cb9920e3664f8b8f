"""Everything the checks of a version may look at, read at most once."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from experiments.artifact.evidence import ModelEvidence
from experiments.evaluation.measures import Measures, MeasuresBySample
from experiments.search.finalist import FinalistEvidence
from registry.facts import DossierFacts
from registry.models import ModelVersion
from training.models import LeaderboardRow


@dataclass
class Evidence:
    """Everything the checks may look at, read at most once; ``facts`` are those of the dossier."""

    row: LeaderboardRow
    model_dir: Path
    facts: DossierFacts
    former: ModelVersion | None

    @cached_property
    def measures(self) -> MeasuresBySample:
        return self.row.measures

    @cached_property
    def kept(self) -> FinalistEvidence:
        return self.row.kept

    @property
    def held_out_name(self) -> str:
        return self.measures.unseen_name

    @property
    def held_out(self) -> Measures:
        return self.measures.unseen

    @property
    def features(self) -> list[str]:
        return list(self.facts.columns)

    @cached_property
    def curves(self) -> ModelEvidence:
        return ModelEvidence.read(self.model_dir)
