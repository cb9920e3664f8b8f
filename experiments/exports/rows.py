"""Rows that meet every edge of a model, drawn from its own borders and levels: nobody's data is in them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.artifact.model import ModelArtifact
from experiments.exports.plain import Plain

FEWEST_ROWS = 10_000
UNSEEN_LEVEL = "~level never seen~"
DAY = 86_400_000_000
NO_CELL: object = None


@dataclass(frozen=True)
class CheckRows:
    """A table in the columns of a model, and how many of its rows stand on an edge."""

    frame: pd.DataFrame
    edges: int


def check_rows(artifact: ModelArtifact, plain: Plain | None, *, has_times: bool = True, seed: int = 1) -> CheckRows:
    """Return at least 10,000 rows drawn at random, and behind them a row for each value that could go wrong.

    Such values are every threshold and the numbers next to it on either side, every level and one never seen, every
    special value, the empty cell, and for derived columns sources that put them there. Without ``plain``, of a model
    that is no sum of terms, the borders are those of the values of training.
    """
    random = np.random.default_rng(seed)
    special = _special_values(artifact)
    borders = _borders(plain)
    columns = {column.name: column for column in artifact.encoder.columns_ if column.name in artifact.own_columns}
    pools = {name: _Pool.of(column, borders.get(name), special.get(name, [])) for name, column in columns.items()}
    draws = {name: pool.draw(random, FEWEST_ROWS) for name, pool in pools.items()}
    edges = [(name, value) for name in pools for value in pools[name].edges]
    ordinary = {name: column.neutral or 1.0 for name, column in columns.items()}
    pairs = _edges_of_derived(plain, ordinary) if plain is not None else []
    count = len(edges) + len(pairs)
    if count:
        more = {name: pool.draw(random, count) for name, pool in pools.items()}
        for row, (name, value) in enumerate(edges):
            more[name][row] = value
        for row, cells in enumerate(pairs, start=len(edges)):
            for name, value in cells.items():
                more[name][row] = value
        draws = {name: np.concatenate([draws[name], more[name]]) for name in draws}
    frame = pd.DataFrame({name: _typed(values, columns[name].type) for name, values in draws.items()})
    if not has_times:
        dates = [name for name, column in columns.items() if column.type == "date"]
        frame = frame.assign(**{name: frame[name].dt.floor("D") for name in dates})
    return CheckRows(frame, count)


@dataclass(frozen=True)
class _Pool:
    """What a column's cells are drawn from, and the values that each get a row of their own."""

    values: np.ndarray
    edges: list[object]

    @classmethod
    def of(cls, column, borders: np.ndarray | None, special: list[float]) -> "_Pool":  # type: ignore[no-untyped-def]
        if column.is_categorical:
            known = [*column.levels, *column.rare_levels]
            edges: list[object] = [*known, UNSEEN_LEVEL, NO_CELL]
            return cls(_objects([*(known or [UNSEEN_LEVEL]), NO_CELL]), edges)
        if column.type == "boolean":
            return cls(_objects([True, False, NO_CELL]), [True, False, NO_CELL])
        around = np.zeros(0) if borders is None else borders
        middle = np.array([column.neutral if column.neutral is not None else 0.0])
        between = (around[1:] + around[:-1]) / 2
        ends = around if len(around) else middle
        outside = np.array([ends[0] - 1.0, ends[-1] + 1.0])
        values = np.concatenate([around, between, outside, middle, special])
        near = [np.nextafter(around, -np.inf), np.nextafter(around, np.inf)]
        if column.type == "date":
            # A date is counted in microseconds.
            values = np.round(np.clip(values, -25_000, 80_000) * DAY) / DAY
            near = [np.floor(around * DAY) / DAY, np.ceil(around * DAY) / DAY, np.floor(around), np.ceil(around)]
        all_edges = np.concatenate([around, *near, special])
        return cls(_objects([*values.tolist(), NO_CELL]), [*np.unique(all_edges).tolist(), NO_CELL])

    def draw(self, random: np.random.Generator, count: int) -> np.ndarray:
        return self.values[random.integers(0, len(self.values), count)]


def _borders(plain: Plain | None) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    if plain is None:
        return found
    for place, values in plain.landmarks().items():
        one = plain.inputs[place]
        if not one.kind and one.read_as != "level":
            found[one.name] = np.union1d(found.get(one.name, np.zeros(0)), values)
    return found


def _edges_of_derived(plain: Plain, ordinary: Mapping[str, float]) -> list[dict[str, object]]:
    """Return sources that put a derived column on each of its thresholds, where one can be told from the others."""
    rows: list[dict[str, object]] = []
    for place, values in plain.landmarks().items():
        one = plain.inputs[place]
        if not one.kind:
            continue
        for value in values.tolist():
            first, last = one.sources[0], one.sources[-1]
            other = ordinary[last]
            match one.kind:
                case "ratio":
                    cells = {first: value * other, last: other}
                case "difference":
                    cells = {first: value + other, last: other}
                case "product":
                    cells = {first: value / other, last: other}
                case "row_family":
                    cells = dict.fromkeys(one.sources, value)
                case _:
                    continue
            rows += [dict(cells), {**cells, first: float(np.nextafter(cells[first], np.inf))}]
    return rows


def _special_values(artifact: ModelArtifact) -> dict[str, list[float]]:
    found = {name: list(codes) for name, codes in (artifact.facts.get("spec", {}).get("special_values") or {}).items()}
    for name, codes in (artifact.generator.special_values or {}).items():
        found[name] = sorted({*found.get(name, []), *codes})
    return found


def _objects(values: list[object]) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _typed(values: np.ndarray, kind: str) -> pd.Series:
    if kind == "numeric":
        return pd.Series(np.array([np.nan if cell is None else cell for cell in values], dtype=np.float64))
    if kind == "date":
        days = np.array([np.nan if cell is None else cell for cell in values], dtype=np.float64)
        empty = np.isnan(days)
        moments = np.round(np.where(empty, 0.0, days) * DAY).astype(np.int64).astype("datetime64[us]")
        return pd.Series(np.where(empty, np.datetime64("NaT", "us"), moments))
    return pd.Series(values, dtype=object)
