"""Made-up tables of the shapes that banks have: mostly zeros, full of gaps, very long, very wide."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

TARGET = "y"
FACTORS = 6


@dataclass(frozen=True)
class Shape:
    """Rows, how many columns of each kind (see ``KINDS``), and the share of rows with the event."""

    rows: int
    kinds: dict[str, int]
    event_rate: float

    @property
    def columns(self) -> int:
        """Number of columns beside the target."""
        return sum(self.kinds.values())


SHAPES = {
    "zeros": Shape(76_000, {"zeros": 336, "constant": 34}, 0.04),
    "gaps": Shape(50_000, {"gaps": 174, "amount": 12, "levels": 36, "constant": 8}, 0.02),
    "narrow": Shape(150_000, {"number": 4, "amount": 3, "count": 3}, 0.07),
    "broad": Shape(150_000, {"number": 40, "amount": 40, "count": 40}, 0.08),
    "few": Shape(1_000, {"number": 180, "amount": 100, "count": 80, "constant": 10}, 0.2),
    "widest": Shape(200, {"number": 1_000, "amount": 500, "count": 500}, 0.3),
    "middle": Shape(60_000, {"number": 40, "amount": 25, "count": 25, "words": 10}, 0.1),
    "rare": Shape(100_000, {"number": 20, "amount": 20, "count": 15, "words": 5}, 0.001),
    "long": Shape(400_000, {"number": 20, "amount": 15, "count": 15}, 0.1),
    "million_30": Shape(1_000_000, {"number": 12, "amount": 9, "count": 9}, 0.1),
    "million_50": Shape(1_000_000, {"number": 20, "amount": 15, "count": 15}, 0.1),
}


def make_table(shape: Shape, seed: int = 7) -> pl.DataFrame:
    """Return the table; every column leans on one of a few hidden factors, which decide the event together."""
    random = np.random.default_rng(seed)
    factors = random.normal(size=(FACTORS, shape.rows)).astype(np.float32)
    columns: dict[str, object] = {}
    for kind, count in shape.kinds.items():
        for number in range(count):
            lean = random.uniform(0.0, 0.8) * factors[(number + len(columns)) % FACTORS]
            noise = random.normal(size=shape.rows).astype(np.float32)
            columns[f"{kind}_{number:04d}"] = KINDS[kind](lean + noise, random)
    margin = 0.7 * factors[0] + 0.5 * factors[1] * factors[2] - 0.4 * factors[3] ** 2 + 0.3 * factors[4]
    columns[TARGET] = _events(margin + random.logistic(size=shape.rows), shape.event_rate)
    return pl.DataFrame(columns)


def _events(margin: np.ndarray, rate: float) -> np.ndarray:
    return (margin > np.quantile(margin, 1.0 - rate)).astype(np.int64)


def _number(values: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return values.round(4)


def _amount(values: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return np.exp(8.0 + values).astype(np.float64).round(2)


def _count(values: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return np.floor(np.exp(random.uniform(0.5, 3.0) + 0.6 * values)).astype(np.int64)


def _zeros(values: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return amounts that few customers have at all."""
    return np.where(values > np.quantile(values, random.uniform(0.8, 0.999)), _amount(values, random), 0.0)


def _gaps(values: np.ndarray, random: np.random.Generator) -> pl.Series:
    """Return numbers that are missing for most customers."""
    is_missing = random.random(len(values)) < random.choice([0.1, 0.5, 0.9, 0.97, 0.995])
    return pl.Series(values.round(3)).set(pl.Series(is_missing), None)


def _levels(values: np.ndarray, random: np.random.Generator) -> pl.Series:
    """Return codes of thousands of levels, most of them rare, some cells empty."""
    count = int(random.choice([12, 400, 4_000, 12_000]))
    level = np.minimum(random.pareto(0.7, len(values)).astype(np.int64), count - 1)
    level = np.where(values > 1.5, random.integers(0, 12, len(values)), level)
    names = pl.Series([f"c{number * 7919 % 999_983:06d}" for number in range(count)])
    return names.gather(level).set(pl.Series(random.random(len(values)) < 0.1), None)


def _words(values: np.ndarray, random: np.random.Generator) -> pl.Series:
    """Return a few words."""
    words = pl.Series(["north", "east", "south", "west", "abroad", "unknown"])
    return words.gather(np.clip(values + 2.5, 0, 5).astype(np.int64))


def _constant(values: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return np.zeros(len(values), dtype=np.int64)


KINDS: dict[str, Callable[[np.ndarray, np.random.Generator], object]] = {
    "number": _number, "amount": _amount, "count": _count, "zeros": _zeros, "gaps": _gaps, "levels": _levels,
    "words": _words, "constant": _constant,
}  # fmt: skip
