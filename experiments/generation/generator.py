"""Columns made from columns: chosen once on training rows, computed for any table."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd

from experiments.errors import gettext_noop
from experiments.generation.choice import Choice, folds_within, rows_to_judge, with_both_outcomes
from experiments.generation.feature import ColumnReader, GeneratedFeature, sources_that_speak
from experiments.generation.judging import Fold
from experiments.generation.kinds import KINDS, KINDS_OF_EFFORT

__all__ = ["FeatureGenerator"]

MOST_FEATURES = {"off": 0, "standard": 12, "deep": 60}
# With fewer of either outcome, the best of hundreds of candidates is more often luck than a find.
FEWEST_OF_A_CLASS = 300

TOO_FEW = gettext_noop("Too few rows to tell helpful derived columns from chance: %(count)s of the rarer outcome.")


def _do_nothing() -> None:
    """Pulse of a caller without a clock."""


class FeatureGenerator:
    """Readable columns made from the columns of a table.

    Candidates come from the kinds in ``experiments.generation.kinds``. A candidate is kept when

    - it explains what models of the original columns leave unexplained, on rows they were not fitted on, better than
      each of its sources does;
    - its values do not shift between months (PSI at most 0.25) and do not copy those of a stronger candidate;
    - beside the original columns its mean gain over several models exceeds that of the best shuffled candidate;
    - all that are kept together lower the log-loss on rows the models have not seen, by two standard errors.

    No kind reads the target, so the columns of any row depend on its own cells and on counts of training rows only.

    Parameters
    ----------
    effort : ``off``; ``standard``, at most 12 columns, in which only what is in the same unit is set against each
        other; or ``deep``, at most 60, with products and with any two columns set against each other.
    most : most columns to keep, where fewer are wanted.
    special_values : ``{column: codes}`` that are no quantities.
    labels : ``{column: {"en", "zh"}}`` of the dictionary, which tell units where the column's own name does not.
    kinds : names of the kinds to try, where not all of the effort's.

    Examples
    --------
    >>> plain = {"name": "paid ÷ due", "kind": "ratio", "sources": ["paid", "due"], "phrase": {"en": "%(a)s ÷ %(b)s"}}
    >>> generator = FeatureGenerator.from_dict({"effort": "standard", "features": [plain]})
    >>> generator.transform(pd.DataFrame({"paid": [1.0, 3.0], "due": [2.0, 0.0]}))["paid ÷ due"].tolist()
    [0.5, nan]
    """

    def __init__(
        self,
        effort: str = "standard",
        *,
        most: int | None = None,
        special_values: Mapping[str, list[float]] | None = None,
        labels: Mapping[str, Mapping[str, str]] | None = None,
        kinds: Sequence[str] | None = None,
        seed: int = 1,
    ) -> None:
        self.effort = effort
        self.most = most
        self.special_values = special_values
        self.known_labels = labels
        self.kinds = kinds
        self.seed = seed
        self.features_: list[GeneratedFeature] = []
        self.dropped_: list[dict[str, Any]] = []

    def fit(
        self,
        frame: pd.DataFrame,
        types: Mapping[str, str],
        *,
        y: np.ndarray,
        folds: list[Fold],
        weight: np.ndarray | None = None,
        periods: np.ndarray | None = None,
        pulse: Callable[[], None] = _do_nothing,
        most_rows: int | None = None,
    ) -> Self:
        """Choose the columns; whatever ``pulse`` raises leaves the generator without any, and usable.

        Parameters
        ----------
        frame : training rows only, shape (rows, columns). types : ``{column: type}`` of the columns to read.
        y : 0/1 of shape (rows,). weight : shape (rows,). periods : month of each row or None, shape (rows,).
        folds : pairs of row positions to fit on and to validate on, those of the later search.
        most_rows : rows for the quick models, where the usual number would take too long.
        """
        self.features_, self.dropped_ = [], []
        cap = MOST_FEATURES[self.effort]
        most = cap if self.most is None else min(cap, self.most)
        rarer = int(min(np.sum(y == 1), np.sum(y == 0)))
        rows = rows_to_judge(len(y), self.effort, most_rows) if most > 0 else np.array([], dtype=np.int64)
        judged = with_both_outcomes(folds_within(folds, rows, len(y)), y[rows])
        if most > 0 and (rarer < FEWEST_OF_A_CLASS or not judged):
            self.dropped_ = [{"name": "", "code": "too_few", "message": TOO_FEW, "params": {"count": rarer}}]
        elif most > 0:
            choice = Choice(
                frame, dict(types), y, effort=self.effort, weight=weight, rows=rows, folds=judged, periods=periods,
                special_values=self.special_values or {}, labels=self.known_labels or {}, pulse=pulse, seed=self.seed,
            )  # fmt: skip
            self.features_ = choice.features(self.kinds or KINDS_OF_EFFORT[self.effort], most)
            self.dropped_ = choice.log
        return self

    @property
    def names_(self) -> list[str]:
        """Names of the generated columns."""
        return [feature.name for feature in self.features_]

    @property
    def sources_(self) -> dict[str, list[str]]:
        """Original columns that each generated one reads."""
        return {feature.name: feature.sources for feature in self.features_}

    def transform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the generated columns of shape (rows, features); each row depends on its own cells only."""
        columns = ColumnReader(frame, self.special_values or {})
        values = {feature.name: KINDS[feature.kind].compute(feature, columns) for feature in self.features_}
        return pd.DataFrame(values, index=frame.index, dtype=float)

    def extend(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the table with the generated columns behind its own."""
        if not self.features_:
            return frame
        own = [name for name in frame.columns if name not in self.sources_]
        return pd.concat([frame[own], self.transform(frame)], axis=1)

    def told_by_sources(self, phi: np.ndarray, columns: Sequence[str], *, frame: pd.DataFrame) -> np.ndarray:
        """Return contributions of the columns as they came, to which those of the generated ones are added.

        What a generated column adds to a row's margin is shared equally by the sources that made its value what it is:
        by the empty ones where it is empty because they are, by the members that are the peak of a family's peak, by
        all filled ones else. A quotient or product needs both its sources, and so equal parts are also what Shapley
        gives them. The sums of rows stay what they were.

        Parameters
        ----------
        phi : contributions of shape (rows, columns), in the order of ``columns``, generated ones among them.
        frame : the table with the generated columns, as ``extend`` returns it.

        Examples
        --------
        >>> plain = {"name": "paid ÷ due", "kind": "ratio", "sources": ["paid", "due"], "phrase": {}}
        >>> generator = FeatureGenerator.from_dict({"effort": "standard", "features": [plain]})
        >>> table = generator.extend(pd.DataFrame({"paid": [1.0, None], "due": [2.0, 4.0]}))
        >>> generator.told_by_sources(np.array([[0.1, 0.2, 0.6], [0.1, 0.2, 0.6]]), list(table), frame=table).tolist()
        [[0.4, 0.5], [0.7, 0.2]]
        """
        place = {name: position for position, name in enumerate(columns)}
        own = [name for name in columns if name not in self.sources_]
        told = np.ascontiguousarray(phi[:, [place[name] for name in own]])
        target = {name: position for position, name in enumerate(own)}
        reader = ColumnReader(frame, self.special_values or {})
        for feature in self.features_:
            if feature.name not in place:
                continue
            values = frame[feature.name].to_numpy(dtype=float)
            speaks = sources_that_speak(KINDS[feature.kind], feature, reader, values)
            part = phi[:, place[feature.name]] / speaks.sum(axis=1)
            for number, source in enumerate(feature.sources):
                told[:, target[source]] += np.where(speaks[:, number], part, 0.0)
        return told

    def labels(self, labels: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
        """Return ``{generated column: {"en", "zh"}}``, made of the labels of the sources."""
        return {
            feature.name: {language: feature.label(labels, language) for language in feature.phrase}
            for feature in self.features_
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the generator as JSON-ready plain data."""
        return {
            "effort": self.effort,
            "special_values": {name: list(codes) for name, codes in (self.special_values or {}).items()},
            "features": [feature.to_dict() for feature in self.features_],
            "dropped": self.dropped_,
        }

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Self:
        """Build a generator from what ``to_dict`` gave."""
        generator = cls(plain["effort"], special_values=plain.get("special_values"))
        generator.features_ = [GeneratedFeature.from_dict(feature) for feature in plain["features"]]
        generator.dropped_ = plain.get("dropped", [])
        return generator
