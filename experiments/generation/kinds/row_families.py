"""Row aggregates of numbered columns: BILL_AMT1 … BILL_AMT6."""

import re
from collections.abc import Callable

import numpy as np

from experiments.generation import portable_sql
from experiments.generation.feature import ColumnReader, GeneratedFeature, Inputs
from experiments.generation.kinds.numeric_pairs import have_similar_spread
from experiments.generation.units import is_nameless

_NUMBERED = re.compile(r"^(.*?)(\d+)(\D*)$")
_PHRASES = {
    "mean": {"en": "mean of %(a)s … %(b)s", "zh": "%(a)s … %(b)s的均值"},
    "max": {"en": "largest of %(a)s … %(b)s", "zh": "%(a)s … %(b)s的最大值"},
    "min": {"en": "smallest of %(a)s … %(b)s", "zh": "%(a)s … %(b)s的最小值"},
    "std": {"en": "spread of %(a)s … %(b)s", "zh": "%(a)s … %(b)s的波动"},
    "change": {"en": "%(b)s − %(a)s", "zh": "%(b)s − %(a)s"},
    "slope": {"en": "trend from %(a)s to %(b)s", "zh": "%(a)s至%(b)s的趋势"},
}
_OF_EFFORT = {"standard": ("mean", "max", "std", "change"), "deep": tuple(_PHRASES)}
_FEWEST_MEMBERS = 3


class RowFamilies:
    """Mean, extremes, spread, last minus first and trend over columns that share a name and count up."""

    name = "row_family"

    def propose(self, inputs: Inputs) -> list[GeneratedFeature]:
        """Return the aggregates of each family of at least three numeric columns, on one scale unless in depth."""
        return [
            self._change(members)
            if part == "change"
            else GeneratedFeature(
                f"{part}({members[0]} … {members[-1]})",
                self.name,
                members,
                _PHRASES[part],
                formula=f"{part}({', '.join(members)})",
                settings={"part": part},
            )
            for members in families_of(inputs.of_type("numeric"))
            if inputs.is_deep or _are_of_one_kind(members, inputs)
            for part in _OF_EFFORT[inputs.effort]
        ]

    def _change(self, members: list[str]) -> GeneratedFeature:
        first, last = members[0], members[-1]
        return GeneratedFeature(
            f"{last} − {first}", self.name, [first, last], _PHRASES["change"], settings={"part": "change"}
        )

    def spoken_by(self, feature: GeneratedFeature, columns: ColumnReader, values: np.ndarray) -> np.ndarray:
        """Let the members speak that are the extreme, of a peak or a low; else those that are filled."""
        members = np.column_stack([columns.numbers(name) for name in feature.sources])
        if feature.settings["part"] in ("max", "min"):
            return members == values[:, None]
        return np.isnan(members) == np.isnan(values)[:, None]

    def compute(self, feature: GeneratedFeature, columns: ColumnReader) -> np.ndarray:
        """Return the aggregate over the filled cells of each row, NaN where there are none."""
        part = feature.settings["part"]
        members = [columns.numbers(name) for name in feature.sources]
        if part == "change":
            return members[-1] - members[0]
        return _AGGREGATES[part](members)

    def sql(self, feature: GeneratedFeature, sources: list[str]) -> str | None:
        """Return the same as an expression of SQL; a trend has none."""
        part = feature.settings["part"]
        if part == "change":
            return f"{sources[-1]} - {sources[0]}"
        return _IN_SQL[part](sources) if part in _IN_SQL else None


def _are_of_one_kind(members: list[str], inputs: Inputs) -> bool:
    return not is_nameless(members[0]) and have_similar_spread(*map(inputs.columns.numbers, members))


def families_of(names: list[str]) -> list[list[str]]:
    """Return the names that differ in a running number only, in its order; at least three a family.

    Examples
    --------
    >>> families_of(["PAY_0", "AGE", "PAY_3", "PAY_2", "BILL_1"])
    [['PAY_0', 'PAY_2', 'PAY_3']]
    """
    families: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for name in names:
        found = _NUMBERED.match(name)
        if found:
            families.setdefault((found[1], found[3]), []).append((int(found[2]), name))
    return [[name for _, name in sorted(members)] for members in families.values() if len(members) >= _FEWEST_MEMBERS]


def _mean(members: list[np.ndarray]) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return _sum(members) / _count(members)


def _spread(members: list[np.ndarray]) -> np.ndarray:
    mean = _mean(members)
    with np.errstate(invalid="ignore"):
        return np.sqrt(_sum([(member - mean) ** 2 for member in members]) / _count(members))


def _slope(members: list[np.ndarray]) -> np.ndarray:
    """Least-squares slope over the filled cells of each row, NaN where there are fewer than two."""
    places = [np.where(np.isnan(member), np.nan, float(place)) for place, member in enumerate(members)]
    middle = _mean(places)
    moved = [place - middle for place in places]
    with np.errstate(divide="ignore", invalid="ignore"):
        return _sum([move * member for move, member in zip(moved, members, strict=True)]) / _sum(
            [move**2 for move in moved]
        )


def _sum(members: list[np.ndarray]) -> np.ndarray:
    # Column after column, so that a row alone is added up in the same order as within a table.
    return np.asarray(sum(np.nan_to_num(member) for member in members))


def _count(members: list[np.ndarray]) -> np.ndarray:
    return np.asarray(sum((~np.isnan(member)).astype(float) for member in members))


_AGGREGATES: dict[str, Callable[[list[np.ndarray]], np.ndarray]] = {
    "mean": _mean,
    "max": np.fmax.reduce,
    "min": np.fmin.reduce,
    "std": _spread,
    "slope": _slope,
}
_IN_SQL: dict[str, Callable[[list[str]], str]] = {
    "mean": portable_sql.mean, "max": portable_sql.largest, "min": portable_sql.smallest, "std": portable_sql.spread,
}  # fmt: skip
