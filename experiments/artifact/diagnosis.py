"""What a run leaves beside a model for a closer look: ``diagnosis.json``, read back as attributes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from experiments.artifact.manifest import read_attached
from experiments.errors import gettext_noop
from experiments.evaluation.calibration_facts import CalibrationFacts
from experiments.evaluation.column_facts import ColumnFacts
from experiments.evaluation.deciles import DecileTable
from experiments.evaluation.fairness import FairnessTable, Proxy
from experiments.paths import AnyPath
from experiments.stored import Part, Stored

__all__ = ["ColumnFairness", "Diagnosis", "SampleDiagnosis"]

DIAGNOSIS = "diagnosis.json"


@dataclass(frozen=True)
class SampleDiagnosis(Part):
    """A sample's score tables, by number of groups, and its calibration.

    Examples
    --------
    >>> found = Diagnosis.read(model_folder).samples["validation"]
    >>> sorted(found.score_tables), found.calibration.rows > 100
    (['10', '100', '20'], True)
    """

    score_tables: Mapping[str, DecileTable]
    calibration: CalibrationFacts


@dataclass(frozen=True)
class ColumnFairness(Part):
    """The groups of a protected column, as the share asked for would choose them, and what tells them.

    Examples
    --------
    >>> Diagnosis.read(model_folder).fairness
    ()
    """

    column: str
    table: FairnessTable
    proxies: tuple[Proxy, ...]


@dataclass(frozen=True)
class Diagnosis(Stored):
    """Score tables and calibration by sample, facts of every column, and fairness by protected column.

    Examples
    --------
    >>> found = Diagnosis.read(model_folder)
    >>> sorted(found.samples), [facts.column for facts in found.columns][:2]
    (['held_out', 'train', 'validation'], ['age', 'income'])
    """

    what = gettext_noop("the diagnosis of a model")

    samples: Mapping[str, SampleDiagnosis] = field(default_factory=dict)
    columns: tuple[ColumnFacts, ...] = ()
    fairness: tuple[ColumnFairness, ...] = ()

    @classmethod
    def read(cls, folder: AnyPath) -> "Diagnosis":
        """Return the diagnosis beside a model; without anything where a folder has none."""
        return cls.from_dict(read_attached(folder, DIAGNOSIS))
