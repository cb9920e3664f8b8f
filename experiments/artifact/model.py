"""A model in a folder: open formats only, with input signature, checksums, and everything needed to score."""

import copy
import json
import os
import platform
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.artifact.manifest import (
    MANIFEST,
    NOT_A_MODEL,
    read_whole,
    refuse_other_folder,
    write_json,
    write_manifest,
)
from experiments.artifact.needed_columns import FEATURES, MISSING_COLUMNS, heard_columns, id_heading
from experiments.artifact.release import RELEASE
from experiments.data.frame_reading import read_cells
from experiments.data.schema import NOT_WRITTEN, ColumnReading
from experiments.errors import ArtifactError, BadInput
from experiments.evaluation.calibrators import AnyCalibrator, calibrator_from_dict
from experiments.evaluation.column_shift import ColumnBaseline
from experiments.evaluation.odds import probability_of
from experiments.evaluation.psi_bins import PsiBins
from experiments.explanation.reason_codes.book import ReasonBook
from experiments.explanation.reason_codes.counts import ReasonCounts
from experiments.features.contradictions import Contradictions
from experiments.features.encoding import CoverReport, Readings, TableEncoder
from experiments.generation import FeatureGenerator
from experiments.kinds import KINDS
from experiments.learners import FAMILIES, FittedModel
from experiments.learners.base import PrintsPoints, mean_contributions, mean_margin
from experiments.paths import AnyPath
from experiments.processor import cores
from experiments.scorecard.scaling import POINTS_DIGITS, PointsScale

__all__ = ["ModelArtifact", "ScoredTable", "versions_of"]

ENCODER = "encoder.json"
BASELINES = "columns.json"
# Bands of default models, best first: a customer's probability against the event rate of development.
BAND_MULTIPLES = (0.25, 0.6, 1.2, 2.5)
# Bands of marketing models, most likely first: shares of the development population.
BAND_SHARES = (0.1, 0.3, 0.5, 0.75)
BAND_NAMES = ("A", "B", "C", "D", "E")
PERCENTILE_POINTS = 1001
# The most that one thread scores at a time, and the least that is worth a thread of its own to score or to explain.
ROWS_A_PART = 65_536
FEWEST_ROWS_TO_SCORE, FEWEST_ROWS_TO_EXPLAIN = 32_768, 1_024


@dataclass(frozen=True)
class ScoredTable:
    """Scores beside what was met on the way.

    ``frame`` has the id if any, probability, score, band, of a scorecard its points, and reason_1 ….
    ``readings`` are the numbers that were read of the ordered columns; ``reasons`` counts who has one.

    Examples
    --------
    >>> ScoredTable(pd.DataFrame({"probability": [0.2]}), CoverReport(rows=1)).cover.rows
    1
    """

    frame: pd.DataFrame
    cover: CoverReport
    readings: Readings = field(default_factory=dict)
    reasons: ReasonCounts = field(default_factory=ReasonCounts)


@dataclass
class ModelArtifact:
    """A model that can score, explain itself, be saved and be loaded.

    Attributes
    ----------
    members : fitted models of one family, whose margins are averaged.
    encoder : turns a table of original and generated columns into what the members read.
    generator : makes the generated columns of a table of original ones.
    calibrator : from the members' probability to a calibrated one, rising everywhere.
    importance : ``{column: share}`` of the mean absolute contributions, summing to 1.
    reference : 1,001 quantiles of the calibrated probability in development, for percentiles and bands.
    psi_bins : frozen bins of the development probability.
    reason_book : turns contributions into sentences.
    facts : everything else worth keeping: kind, event, spec, what it was trained on.
    readings : how the columns were written in training, by which their texts are read ever after.
    baselines : how the values of the columns with influence lay in training.

    Examples
    --------
    >>> model = ModelArtifact.load(model_folder)
    >>> rows = pd.DataFrame({"age": [25, 60], "income": [4e3, 2e4], "job": ["none", "clerk"], "noise": [0.0, 0.0]})
    >>> p = model.predict(rows)
    >>> bool(p[0] > p[1]), model.score(rows).frame["band"].tolist()
    (True, ['D', 'B'])
    """

    learner: str
    members: list[FittedModel]
    encoder: TableEncoder
    calibrator: AnyCalibrator
    importance: dict[str, float]
    reference: list[float]
    psi_bins: PsiBins
    reason_book: ReasonBook
    facts: dict[str, Any]
    scale: PointsScale = field(default_factory=PointsScale)
    generator: FeatureGenerator = field(default_factory=lambda: FeatureGenerator("off"))
    readings: dict[str, ColumnReading] = field(default_factory=dict)
    baselines: dict[str, ColumnBaseline] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Target kind, a name of ``experiments.kinds``."""
        return self.facts["kind"]

    @property
    def id_column(self) -> str | None:
        """The column of customers' ids in the training table; none where it had none."""
        return self.facts.get("id_column")

    @property
    def is_risk(self) -> bool:
        """Whether a high score means that the event is less likely."""
        return KINDS[self.kind].is_risk

    @property
    def margin_unit(self) -> str:
        """Unit of margins and contributions: "log-odds" or "probability"."""
        return FAMILIES[self.learner].margin_unit

    @property
    def signature(self) -> list[dict[str, Any]]:
        """Columns of the input: name, type, how they are written and, for categories, the known levels."""
        made = self.generator.sources_
        return [
            {"name": c.name, "type": c.type, "levels": list(c.levels), "reading": self.reading_of(c.name).to_dict()}
            for c in self.encoder.columns_
            if c.name not in made
        ]

    def reading_of(self, column: str) -> ColumnReading:
        """Return how a column was written in training."""
        return self.readings.get(column, NOT_WRITTEN)

    @property
    def columns(self) -> list[str]:
        """Original names of the input's columns and then the generated ones, in the order of contributions."""
        return [column.name for column in self.encoder.columns_]

    @property
    def own_columns(self) -> list[str]:
        """Columns of the input alone, in the order of ``told_by_sources``; reasons are told in their words."""
        made = self.generator.sources_
        return [name for name in self.columns if name not in made]

    @property
    def bands(self) -> list[dict[str, Any]]:
        """Bands from best to worst, with the probabilities each begins and ends at."""
        edges = self._band_edges
        lows = [0.0, *edges] if self.is_risk else [*edges, 0.0]
        highs = [*edges, 1.0] if self.is_risk else [1.0, *edges]
        return [
            {"band": name, "from": low, "to": high} for name, low, high in zip(BAND_NAMES, lows, highs, strict=True)
        ]

    def margin(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the members' mean margin of shape (rows,), higher = event more likely."""
        table, _ = self._inputs(frame)
        return self._margin_of(table)

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the calibrated probability of the event, shape (rows,)."""
        return self.calibrated(self.margin(frame))

    def calibrated(self, margin: np.ndarray) -> np.ndarray:
        """Turn margins into calibrated probabilities."""
        return np.asarray(self.calibrator.apply(probability_of(margin, self.margin_unit)))

    def contributions(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return each column's part of the margin, shape (rows, columns), and the base, shape (rows,)."""
        table, _ = self._inputs(frame)
        return self._contributions_of(table)

    def own_contributions(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return the parts of the file's own columns, to which those of derived ones are added, and the base.

        Returns
        -------
        phi : shape (rows, columns), in the order of ``own_columns``. base : shape (rows,); both in ``margin_unit``.
        """
        read, _ = self.read(frame)
        extended = self.generator.extend(read)
        table, _ = self._encoded(extended)
        phi, base = self._contributions_of(table)
        return self.generator.told_by_sources(phi, self.columns, frame=extended), base

    def score_of(self, probability: np.ndarray) -> np.ndarray:
        """Return points (default: higher is safer) or the percentile in development (0 to 100, higher = likelier)."""
        if self.is_risk:
            return self.scale.score_from_probability(probability)
        return np.interp(probability, self.reference, np.linspace(0.0, 100.0, len(self.reference)))

    def band_of(self, probability: np.ndarray) -> np.ndarray:
        """Return the band's letter, A = safest or likeliest."""
        edges = np.asarray(self._band_edges)
        names = np.asarray(BAND_NAMES, dtype=object)
        if self.is_risk:
            return names[np.searchsorted(edges, probability, side="right")]
        return names[np.searchsorted(-edges, -probability, side="left")]

    @property
    def columns_heard(self) -> list[str]:
        """Columns of the input that have influence, by themselves or through generated ones."""
        return heard_columns(self.columns, self.importance, sources=self.generator.sources_)

    @cached_property
    def asked_columns(self) -> list[tuple[str, str, bool]]:
        """Name and type of each column of the input, and whether it has influence and so is needed."""
        heard = set(self.columns_heard)
        return [(column["name"], column["type"], column["name"] in heard) for column in self.signature]

    def missing_columns(self, present: list[str]) -> list[str]:
        """Return the columns the model needs and a table lacks; those without influence are not needed."""
        known = set(present)
        return [column for column in self.columns_heard if column not in known]

    def check_columns(self, present: list[str]) -> None:
        """Raise ``BadInput`` naming the columns that a table lacks."""
        missing = self.missing_columns(present)
        if missing:
            raise BadInput(MISSING_COLUMNS, count=len(missing), columns=", ".join(missing[:10]))

    def prepare(self, frame: pd.DataFrame) -> tuple[pd.DataFrame, CoverReport]:
        """Return what the members read for a table in any column order, and how well it covers the signature."""
        self.check_columns(frame.columns.tolist())
        return self._inputs(frame)

    def read(self, frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Contradictions]]:
        """Return the table with its texts read as the columns were written in training, and what contradicts that."""
        is_text = {name: dtype.kind == "O" or isinstance(dtype, pd.StringDtype) for name, dtype in frame.dtypes.items()}
        read, met = frame, {}
        for name, kind in self._types.items():
            if not is_text.get(name):
                continue
            # Asked for once: a table gives another object each time, and what is as it was is not put back.
            cells = frame[name]
            values, found = read_cells(cells, kind, self.reading_of(name))
            if values is not cells:
                read = frame.copy(deep=False) if read is frame else read
                read[name] = values
            if found:
                met[name] = found
        return read, met

    def score(self, frame: pd.DataFrame, *, reasons: int = 4, language: str = "en") -> ScoredTable:
        """Return id, probability, score, band and up to ``reasons`` sentences for each row, in the rows' order.

        Raises
        ------
        BadInput : the table lacks columns the model needs; the sentence names them.
        """
        self.check_columns(frame.columns.tolist())
        frame, met = self.read(frame)
        frame = self.generator.extend(frame)
        readings: Readings = {}
        table, cover = self._encoded(frame, readings)
        cover.take_contradictions(met)
        id_column = self.id_column
        cover.extra_columns = [name for name in cover.extra_columns if name != id_column]
        probability = self.calibrated(self._margin_of(table))
        scored = {id_heading(str(id_column)): frame[id_column]} if id_column in frame.columns else {}
        scored |= {"probability": probability, "score": np.round(self.score_of(probability), 1)}
        scored["band"] = self.band_of(probability)
        if len(self.members) == 1 and isinstance(card := self.members[0], PrintsPoints):
            scored["points"] = np.round(card.points(table), POINTS_DIGITS)
        counts = ReasonCounts()
        if reasons:
            phi, _ = self._contributions_of(table)
            told = self.generator.told_by_sources(phi, self.columns, frame=frame)
            texts, counts = self.reason_book.tell(
                frame, told, n=reasons, labels=self.facts.get("labels"), language=language, readings=readings,
                meanings=self.facts.get("spec", {}).get("value_labels"),
            )  # fmt: skip
            scored |= {f"reason_{number}": texts[:, number - 1] for number in range(1, reasons + 1)}
        return ScoredTable(pd.DataFrame(scored, index=frame.index), cover, readings, counts)

    def without_reasons_of(self, columns: Iterable[str]) -> "ModelArtifact":
        """Return the same model, scores and all, whose reasons name none of some columns of the input."""
        hidden = set(columns)
        if not hidden & {column.name for column in self.reason_book.columns if not column.is_withheld}:
            return self
        other = copy.copy(self)
        other.reason_book = self.reason_book.withholding(hidden)
        return other

    def save(self, folder: AnyPath) -> str:
        """Write the model and return its hash; the folder appears whole or not at all."""
        folder = Path(folder)
        refuse_other_folder(folder)
        draft = folder.with_name(f".{folder.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        for number, member in enumerate(self.members):
            member.save(draft, f"member_{number}")
        write_json(draft / ENCODER, self.encoder.to_dict())
        if self.generator.features_:
            write_json(draft / FEATURES, self.generator.to_dict())
        if self.baselines:
            write_json(draft / BASELINES, {name: baseline.to_dict() for name, baseline in self.baselines.items()})
        manifest = write_manifest(draft, self._plain())
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(draft, folder)
        self.__dict__["hash"], self.__dict__["seal"] = manifest["hash"], manifest["seal"]
        return manifest["hash"]

    @classmethod
    def load(cls, folder: AnyPath) -> "ModelArtifact":
        """Read a model and verify the checksums of everything in its folder.

        Raises
        ------
        ArtifactError : the folder is no model, of another format, incomplete, altered or added to.
        """
        folder = Path(folder)
        manifest = read_whole(folder)
        model, generator = FAMILIES[manifest["learner"]].model, _read_generator(folder)
        artifact = cls(
            learner=manifest["learner"],
            members=[model.load(folder, f"member_{number}") for number in range(manifest["members"])],
            encoder=TableEncoder.from_dict(json.loads((folder / ENCODER).read_text(encoding="utf-8"))),
            calibrator=calibrator_from_dict(manifest["calibrator"]),
            importance=manifest["importance"],
            reference=manifest["reference"],
            psi_bins=PsiBins.from_dict(manifest["psi_bins"]),
            reason_book=ReasonBook.from_dict(manifest["reason_book"]).without(generator.sources_),
            facts=manifest["facts"],
            scale=PointsScale.from_dict(manifest["scale"]),
            generator=generator,
            readings={
                column["name"]: ColumnReading.from_dict(column.get("reading", {})) for column in manifest["signature"]
            },
            baselines=_read_baselines(folder),
        )
        artifact.__dict__["hash"], artifact.__dict__["seal"] = manifest["hash"], manifest.get("seal", "")
        return artifact

    @cached_property
    def hash(self) -> str:
        """SHA-256 over everything that decides a score; the same run gives the same one."""
        raise ArtifactError(NOT_A_MODEL, folder="", file=MANIFEST)

    @cached_property
    def seal(self) -> str:
        """SHA-256 over everything in the folder, evidence too; empty for models of format 1."""
        raise ArtifactError(NOT_A_MODEL, folder="", file=MANIFEST)

    @cached_property
    def _types(self) -> dict[str, str]:
        return {column["name"]: column["type"] for column in self.signature}

    @cached_property
    def _band_edges(self) -> list[float]:
        if self.is_risk:
            return [min(0.99, multiple * self.facts["event_rate"]) for multiple in BAND_MULTIPLES]
        return [float(np.interp(1.0 - share, np.linspace(0, 1, len(self.reference)), self.reference))
                for share in BAND_SHARES]  # fmt: skip

    def _inputs(self, frame: pd.DataFrame) -> tuple[pd.DataFrame, CoverReport]:
        read, met = self.read(frame)
        table, cover = self._encoded(self.generator.extend(read))
        cover.take_contradictions(met)
        return table, cover

    def _encoded(self, frame: pd.DataFrame, readings: Readings | None = None) -> tuple[pd.DataFrame, CoverReport]:
        """Return what the members read of a table that has the generated columns; the report is on the others."""
        matrix, cover = self.encoder.transform(frame, threads=_threads_for(len(frame)), readings=readings)
        cover.forget(self.generator.sources_)
        if FAMILIES[self.learner].reads_table:
            return frame.reindex(columns=self.columns), cover
        return matrix, cover

    def _margin_of(self, table: pd.DataFrame) -> np.ndarray:
        return np.concatenate(_side_by_side(partial(mean_margin, self.members), table, FEWEST_ROWS_TO_SCORE))

    def _contributions_of(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        parts = _side_by_side(partial(mean_contributions, self.members), table, FEWEST_ROWS_TO_EXPLAIN)
        return np.concatenate([phi for phi, _ in parts]), np.concatenate([base for _, base in parts])

    def _plain(self) -> dict[str, Any]:
        return {
            "learner": self.learner,
            "members": len(self.members),
            "margin_unit": self.margin_unit,
            "signature": self.signature,
            "calibrator": self.calibrator.to_dict(),
            "scale": self.scale.to_dict(),
            "importance": self.importance,
            "reference": self.reference,
            "psi_bins": self.psi_bins.to_dict(),
            "reason_book": self.reason_book.to_dict(),
            "bands": self.bands,
            "facts": self.facts,
            "versions": versions_of(self.learner),
        }


def _read_generator(folder: Path) -> FeatureGenerator:
    if not (folder / FEATURES).exists():
        return FeatureGenerator("off")
    return FeatureGenerator.from_dict(json.loads((folder / FEATURES).read_text(encoding="utf-8")))


def _read_baselines(folder: Path) -> dict[str, ColumnBaseline]:
    if not (folder / BASELINES).exists():
        return {}
    plain = json.loads((folder / BASELINES).read_text(encoding="utf-8"))
    return {name: ColumnBaseline.from_dict(baseline) for name, baseline in plain.items()}


def _side_by_side(work: Callable[[pd.DataFrame], Any], table: pd.DataFrame, fewest: int) -> list[Any]:
    """Return what the work gives for each part of a table, in order; a long table's parts share the cores."""
    rows, threads = len(table), cores()
    # Dealt out evenly: every thread gets as many parts as the others.
    rounds = -(-rows // (threads * ROWS_A_PART))
    parts = min(threads * rounds, rows // fewest)
    if parts <= 1:
        return [work(table)]
    ends = np.linspace(0, rows, parts + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, [table.iloc[start:end] for start, end in pairwise(ends)]))


def _threads_for(rows: int) -> int:
    """Return how many threads are worth reading a table of so many rows."""
    return 1 if rows <= ROWS_A_PART else cores()


def quantile_reference(probability: np.ndarray, weight: np.ndarray | None = None) -> list[float]:
    """Return 1,001 rising quantiles of the probabilities of development."""
    order = np.argsort(probability, kind="stable")
    mass = np.ones(len(order)) if weight is None else weight[order]
    place = (np.cumsum(mass) - mass / 2) / mass.sum()
    return np.interp(np.linspace(0, 1, PERCENTILE_POINTS), place, probability[order]).tolist()


def versions_of(learner: str) -> dict[str, str]:
    """Return the versions of Xiaoyu, Python and the packages a model of this family rests on.

    Parameters
    ----------
    learner : name of a family.

    Returns
    -------
    dict
        Version by package.

    Examples
    --------
    >>> sorted(versions_of("linear"))
    ['numpy', 'pandas', 'python', 'scikit-learn', 'xiaoyu']
    """
    found = {"xiaoyu": RELEASE, "python": platform.python_version()}
    for package in ("numpy", "pandas", *FAMILIES[learner].about.packages):
        try:
            found[package] = version(package)
        except ImportError:
            continue
    return found
