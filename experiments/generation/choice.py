"""The way from candidates to the few columns that are kept, on one training table."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from experiments.errors import gettext_noop
from experiments.evaluation.psi_bins import PsiBins
from experiments.features.encoding import TableEncoder
from experiments.generation.feature import ColumnReader, GeneratedFeature, Inputs
from experiments.generation.judging import RANDOM, ColumnJudge, Fold
from experiments.generation.kinds import KINDS
from experiments.generation.screening import Residuals, Screened, screen
from experiments.generation.units import Units
from experiments.house_rules import PSI_RED
from experiments.telling import apart

MOST_ROWS = {"standard": 20_000, "deep": 60_000}
SEEDS_OF_EFFORT = {"standard": (1,), "deep": (1, 2)}
RANDOM_COLUMNS = {"standard": 5, "deep": 10}
# Gains need fewer models than the comparison that decides.
FOLDS_FOR_GAINS = 3
# Many columns can drown what a few would bring, so fewer are tried too.
SHARES_TRIED = {"standard": (1.0, 0.34), "deep": (1.0, 0.5, 0.25, 0.1)}
# The fall in log-loss that the kept columns must bring together, in standard errors.
LEAST_IMPROVEMENT = 2.0
SAME_RANKS = 0.97
FEWEST_ROWS_OF_A_PERIOD = 200

KEPT = gettext_noop(
    "%(name)s explains more of what the original columns leave unexplained (%(strength)s) than its source columns "
    "do (%(sources)s). It brings %(gain)s%% of a quick model's gain; the best random column brings %(random)s%%."
)
UNSTABLE = gettext_noop("%(name)s was left out: its values shift between months (PSI %(psi)s).")
NOTHING_HELPED = gettext_noop("No derived column improved quick models on unseen rows, so none is used.")


class Choice:
    """Quick models of a training table, and what they say of candidates.

    Parameters
    ----------
    table : training rows; ``types`` are the columns to read, ``special_values`` their codes that are no quantities,
        ``labels`` their names in the dictionary.
    rows : positions of those for the quick models. folds : pairs of positions among these to fit and to validate on.
    periods : month of each row of the table, or None.
    """

    def __init__(
        self,
        table: pd.DataFrame,
        types: dict[str, str],
        y: np.ndarray,
        *,
        effort: str,
        weight: np.ndarray | None,
        rows: np.ndarray,
        folds: list[Fold],
        periods: np.ndarray | None,
        special_values: Mapping[str, list[float]],
        labels: Mapping[str, Mapping[str, str]],
        pulse: Callable[[], None],
        seed: int,
    ) -> None:
        self.effort, self.pulse, self.seed = effort, pulse, seed
        sample = table.iloc[rows].reset_index(drop=True)
        self.periods = None if periods is None else periods[rows]
        weights = np.ones(len(rows)) if weight is None else weight[rows]
        seeds = tuple(seed + number for number in SEEDS_OF_EFFORT[effort])
        self.judge = ColumnJudge(y[rows], weights, folds, seeds, pulse)
        encoder = TableEncoder().fit(sample, types)
        self.matrix, _ = encoder.transform(sample)
        self.names_of_ids = encoder.names_
        self.base = self.judge.judge(self.matrix)
        self.columns = ColumnReader(sample, special_values)
        self.inputs = Inputs(ColumnReader(table, special_values), types, self._strongest(types), effort, Units(labels))
        self.log: list[dict[str, Any]] = []

    def features(self, kinds: Sequence[str], most: int) -> list[GeneratedFeature]:
        """Return the columns worth keeping, the strongest first, each with what spoke for it."""
        candidates = {feature.name: feature for kind in kinds for feature in KINDS[kind].propose(self.inputs)}
        values = self._values(candidates)
        screened = self._screened(values)
        promising = self._promising(candidates, values, screened)
        gains, best_random = self._gains(promising[: 2 * most], values)
        useful = sorted((name for name in gains if gains[name] > best_random), key=lambda name: (-gains[name], name))
        kept, improvement = self._better_together(useful[:most], values)
        for rank, name in enumerate(kept, start=1):
            numbers = {"strength": screened.candidates[name], "sources": screened.of_sources(candidates[name].sources)}
            numbers |= {"gain": gains[name], "random": best_random, "improvement": improvement}
            candidates[name].why = _why(name, rank, numbers)
        return [candidates[name] for name in kept]

    def _strongest(self, types: dict[str, str]) -> list[str]:
        gains = {self.names_of_ids[id_]: gain for id_, gain in self.base.gains.items()}
        return sorted(
            (name for name, kind in types.items() if kind == "numeric"), key=lambda name: (-gains[name], name)
        )

    def _values(self, candidates: dict[str, GeneratedFeature]) -> dict[str, np.ndarray]:
        taken = set(map(str, self.columns.frame.columns))
        values = {}
        for name, feature in candidates.items():
            self.pulse()
            column = KINDS[feature.kind].compute(feature, self.columns)
            if name not in taken and not _is_constant(column):
                values[name] = column
        return values

    def _screened(self, values: dict[str, np.ndarray]) -> Screened:
        rows = np.flatnonzero(~np.isnan(self.base.p))
        residuals = Residuals.of(self.judge.y[rows], self.base.p[rows], self.judge.weight[rows])
        originals = {self.names_of_ids[id_]: self.matrix[id_].to_numpy()[rows] for id_ in self.matrix}
        return screen(residuals, {name: v[rows] for name, v in values.items()}, originals, pulse=self.pulse)

    def _promising(
        self, candidates: dict[str, GeneratedFeature], values: dict[str, np.ndarray], screened: Screened
    ) -> list[str]:
        """Return the names that beat their sources, strongest first, without shifting ones and near copies."""
        order = sorted(values, key=lambda name: (-screened.candidates[name], name))
        stronger = [name for name in order if screened.beats_sources(name, candidates[name].sources)]
        return self._distinct([name for name in stronger if self._is_stable(name, values[name])], values)

    def _is_stable(self, name: str, values: np.ndarray) -> bool:
        if self.periods is None:
            return True
        self.pulse()
        psi = _largest_psi(values, self.periods)
        if psi <= PSI_RED:
            return True
        params = {"name": name, "psi": apart(psi, PSI_RED, digits=2)[0]}
        self.log.append({"name": name, "code": "unstable", "message": UNSTABLE, "params": params})
        return False

    def _distinct(self, names: list[str], values: dict[str, np.ndarray]) -> list[str]:
        kept: list[str] = []
        ranks: dict[str, np.ndarray] = {}
        for name in names:
            self.pulse()
            ranks[name] = pd.Series(values[name]).rank().to_numpy()
            if all(abs(_correlation(ranks[name], ranks[other])) <= SAME_RANKS for other in kept):
                kept.append(name)
        return kept

    def _gains(self, names: list[str], values: dict[str, np.ndarray]) -> tuple[dict[str, float], float]:
        """Return each name's mean gain beside the original columns, and that of the best shuffled column."""
        if not names:
            return {}, 0.0
        count = RANDOM_COLUMNS[self.effort]
        random = np.random.default_rng(self.seed)
        shuffled = {
            RANDOM.format(number): random.permutation(values[names[number % len(names)]]) for number in range(count)
        }
        added = {name: values[name] for name in names} | shuffled
        gains = self.judge.judge(self._with(added), folds=FOLDS_FOR_GAINS).gains
        return {name: gains[name] for name in names}, max(gains[name] for name in shuffled)

    def _better_together(self, names: list[str], values: dict[str, np.ndarray]) -> tuple[list[str], float]:
        """Return the names, or the best of them, that lower the log-loss most, and by how many standard errors.

        None are returned if chance could do as much.
        """
        sizes = dict.fromkeys(math.ceil(share * len(names)) for share in SHARES_TRIED[self.effort])
        found = {
            size: self.judge.improvement(self.base, self.judge.judge(self._with({n: values[n] for n in names[:size]})))
            for size in sizes
            if size
        }
        best = max(found, key=lambda size: (found[size], -size), default=0)
        if best and found[best] >= LEAST_IMPROVEMENT:
            return names[:best], found[best]
        self.log.append({"name": "", "code": "nothing_helped", "message": NOTHING_HELPED, "params": {}})
        return [], 0.0

    def _with(self, added: dict[str, np.ndarray]) -> pd.DataFrame:
        return pd.concat([self.matrix, pd.DataFrame(added)], axis=1)


def rows_to_judge(rows: int, effort: str, most: int | None) -> np.ndarray:
    """Return the positions of the rows that quick models see, spread evenly over the table."""
    return spread_rows(rows, min(most or MOST_ROWS[effort], MOST_ROWS[effort]))


def spread_rows(rows: int, most: int) -> np.ndarray:
    """Return at most ``most`` positions spread evenly over ``rows``."""
    return np.unique(np.linspace(0, rows - 1, min(rows, most)).astype(int))


def folds_within(folds: list[Fold], rows: np.ndarray, count: int) -> list[Fold]:
    """Return the folds of a table of ``count`` rows in positions of a sample of its rows."""
    place = np.full(count, -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    sampled = [(place[fit], place[valid]) for fit, valid in folds]
    return [(fit[fit >= 0], valid[valid >= 0]) for fit, valid in sampled]


def with_both_outcomes(folds: list[Fold], y: np.ndarray) -> list[Fold]:
    """Return the folds a model can be fitted and judged on: of a rare event, a sample may leave some without."""
    return [fold for fold in folds if all(len(np.unique(y[part])) > 1 for part in fold)]


def _largest_psi(values: np.ndarray, periods: np.ndarray) -> float:
    """Return the largest PSI of a month against all rows, among months with at least 200 rows."""
    bins = PsiBins.fit(values)
    months = [values[periods == period] for period in pd.unique(periods[pd.notna(periods)])]
    return max((bins.compare(month).psi for month in months if len(month) >= FEWEST_ROWS_OF_A_PERIOD), default=0.0)


def _is_constant(values: np.ndarray) -> bool:
    return len(np.unique(values)) < 2


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    both = ~(np.isnan(first) | np.isnan(second))
    a, b = first[both], second[both]
    return float(np.corrcoef(a, b)[0, 1]) if len(a) > 2 and a.std() > 0 and b.std() > 0 else 0.0


def _why(name: str, rank: int, numbers: dict[str, float]) -> dict[str, Any]:
    strength, sources = apart(numbers["strength"], numbers["sources"], digits=1)
    gain, random = apart(100 * numbers["gain"], 100 * numbers["random"], digits=1)
    params = {"name": name, "strength": strength, "sources": sources, "gain": gain, "random": random}
    return {"rank": rank, **{key: round(value, 4) for key, value in numbers.items()}, "message": KEPT, "params": params}
