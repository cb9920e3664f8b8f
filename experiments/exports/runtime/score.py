"""Scores a table with the model beside this file: ``python score.py ROWS.csv SCORES.csv [REASONS]``.

Needs NumPy and, for models of trees, LightGBM; nothing else, and no network. ``contract.json`` tells the columns of the
table. Cells are plain: 1234.5, 2026-01-31, yes or no, or a level as in ``contract.json``; an empty cell is empty.
"""

import csv
import json
import math
import re
import sys
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from reasons import READ_AS, Reasons

LIMIT = 1e30
EMPTY_IN_FOREST = -3e38


def read_json(path: Path) -> Any:
    """Return what a file of JSON holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def read_rows(path: Path) -> dict[str, list[str]]:
    """Return the columns of a CSV file as texts."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            head, *rows = list(csv.reader(stream)) or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SystemExit(f"{path} cannot be read as CSV in UTF-8: {error}") from None
    if not head:
        raise SystemExit(f"{path} is empty.")
    return {name: [row[place] if place < len(row) else "" for row in rows] for place, name in enumerate(head)}


def level_of(cell: str) -> str:
    """Return the level of a cell: 3, 3.0 and 3.00 are one."""
    text = cell.strip()
    return text[: text.index(".")] if re.fullmatch(r"-?\d+\.0+", text) else text


def as_number(cell: str) -> float:
    """Return a cell as a number, NaN where it is none."""
    try:
        value = float(cell)
    except ValueError:
        return math.nan
    return min(max(value, -LIMIT), LIMIT)


def as_days(cell: str) -> float:
    """Return a date as days since 1970-01-01, NaN where it is none."""
    try:
        moment = datetime.fromisoformat(cell.strip())
    except ValueError:
        return math.nan
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    microseconds = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return microseconds / 86_400_000_000


class Table:
    """The columns of some rows, read as the model reads them."""

    def __init__(self, cells: dict[str, list[str]], contract: dict[str, Any]) -> None:
        self.cells, self.contract = cells, contract
        self.rows = len(next(iter(cells.values()), []))
        self.known: dict[tuple[str, str], np.ndarray] = {}

    def values(self, name: str, kind: str) -> np.ndarray:
        """Return a column as numbers, days or flags, NaN where empty."""
        if (name, kind) not in self.known:
            words = self.contract["yes_no"]
            read = {
                "number": as_number,
                "days": as_days,
                "flag": lambda cell: words.get(level_of(cell).lower(), math.nan),
            }[kind]
            found = [read(cell) for cell in self.cells[name]] if name in self.cells else [math.nan] * self.rows
            self.known[name, kind] = np.array(found, dtype=np.float64)
        return self.known[name, kind]

    def quantities(self, name: str) -> np.ndarray:
        """Return a column of numbers, NaN also where a code stands that is no quantity."""
        values = self.values(name, "number")
        codes = self.contract["codes"].get(name, [])
        return np.where(np.isin(values, codes), np.nan, values) if codes else values

    def levels(self, name: str) -> list[str]:
        """Return a column of levels, empty texts where empty."""
        return [level_of(cell) for cell in self.cells[name]] if name in self.cells else [""] * self.rows

    def says_nothing(self, name: str) -> np.ndarray:
        """Tell where a cell is empty or holds a code that is no quantity."""
        is_empty = np.array([not level for level in self.levels(name)], dtype=bool)
        return is_empty | np.isnan(self.quantities(name)) if name in self.contract["codes"] else is_empty

    def derived(self, expression: Any) -> np.ndarray:
        """Work out a derived column; what is empty is NaN."""
        if not isinstance(expression, list):
            return np.full(self.rows, np.nan if expression is None else expression)
        name, *parts = expression
        if name == "number":
            return self.quantities(parts[0])
        if name == "days":
            return self.values(parts[0], "days")
        return np.asarray(OPERATIONS[name](*(self.derived(part) for part in parts)))


def _coalesce(first: np.ndarray, *others: np.ndarray) -> np.ndarray:
    for other in others:
        first = np.where(np.isnan(first), other, first)
    return first


OPERATIONS: dict[str, Any] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "sqrt": np.sqrt, "lt": np.less,
    "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal, "and": np.logical_and,
    "is_null": np.isnan, "coalesce": _coalesce, "if": np.where,
    "nullif": lambda first, second: np.where(first == second, np.nan, first),
}  # fmt: skip


class Model:
    """The model in the folder beside this file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "model"
        self.contract = read_json(folder / "contract.json")
        self.manifest = read_json(self.folder / "manifest.json")
        self.columns = read_json(self.folder / "encoder.json")["columns"]
        self.places = {column["id"]: place for place, column in enumerate(self.columns)}
        self.members = [self._open(f"member_{number}") for number in range(self.manifest["members"])]

    def table(self, cells: dict[str, list[str]]) -> Table:
        """Return rows as the model reads them."""
        return Table(cells, self.contract)

    def probability(self, table: Table) -> np.ndarray:
        """Return the calibrated probability of the event for each row."""
        inputs = self._inputs(table)
        margins = [self._of(member, inputs, table) for member in self.members]
        return self._calibrated(sum(margins[1:], margins[0]) / len(margins))

    def score(self, probability: np.ndarray) -> np.ndarray:
        """Return the points or, where the event is wanted, the percentile of the rows of development."""
        if not self.contract["higher_is_safer"]:
            reference = self.manifest["reference"]
            return np.interp(probability, reference, np.linspace(0.0, 100.0, len(reference)))
        scale = self.manifest["scale"]
        factor = scale["pdo"] / math.log(2)
        p = np.clip(probability, 1e-15, 1 - 1e-15)
        offset = scale["base"] - factor * math.log(scale["odds"])
        return offset - scale["direction"] * factor * (np.log(p) - np.log1p(-p))

    def band(self, probability: np.ndarray) -> list[str]:
        """Return the letter of each row's band."""
        bands = self.manifest["bands"]
        names = np.array([band["band"] for band in bands], dtype=object)
        if self.contract["higher_is_safer"]:
            edges = np.array([band["to"] for band in bands[:-1]])
            return names[np.searchsorted(edges, probability, side="right")].tolist()
        edges = np.array([band["from"] for band in bands[:-1]])
        return names[np.searchsorted(-edges, -probability, side="left")].tolist()

    def reasons(self, table: Table, n: int = 4) -> list[list[str]]:
        """Return up to ``n`` reasons for each row, weightiest first, as ``column: state``."""
        return Reasons(self.manifest["reason_book"], table).told(self._own_parts(table), n)

    def _open(self, stem: str) -> Any:
        for suffix in ("lightgbm", "trees", "forest"):
            path = self.folder / f"{stem}.{suffix}.txt"
            if path.is_file():
                import lightgbm

                return suffix, lightgbm.Booster(model_str=path.read_text(encoding="utf-8"))
        for suffix in ("linear", "scorecard", "ensemble"):
            path = self.folder / f"{stem}.{suffix}.json"
            if path.is_file():
                plain = read_json(path)
                if suffix == "ensemble":
                    plain["models"] = [self._open(f"{stem}_part_{place}") for place in range(len(plain["parts"]))]
                return suffix, plain
        raise SystemExit(f"The bundle has no {stem}.")

    def _inputs(self, table: Table) -> np.ndarray:
        matrix = np.empty((table.rows, len(self.columns)))
        derived = self.contract["derived"]
        for place, column in enumerate(self.columns):
            name, kind = column["name"], column["type"]
            if name in derived:
                expression = derived[name]["expression"]
                values = np.clip(table.derived(expression), -LIMIT, LIMIT)
            elif kind in ("categorical", "text"):
                codes = {level: float(code) for code, level in enumerate(column["levels"])}
                other = column["neutral"] if column["other_code"] is None else column["other_code"]
                codes[""] = math.nan
                unknown = math.nan if other is None else float(other)
                values = np.array([codes.get(level, unknown) for level in table.levels(name)])
            else:
                values = table.values(name, READ_AS[kind])
            if not column["has_missing"] and column["neutral"] is not None:
                values = np.where(np.isnan(values), column["neutral"], values)
            matrix[:, place] = values
        return matrix

    def _of(self, member: Any, inputs: np.ndarray, table: Table, *, parts: bool = False) -> np.ndarray:
        """Return a member's margin or, asked for its parts, one column for each input and the base behind them."""
        kind, plain = member
        if kind == "ensemble":
            whole: Any = 0.0
            for part, model in zip(plain["parts"], plain["models"], strict=True):
                whole = whole + part["slope"] * self._of(model, inputs, table, parts=parts)
            if not parts:
                return np.asarray(whole + plain["intercept"])
            whole[:, -1] += plain["intercept"]
            return np.asarray(whole)
        if kind in ("linear", "scorecard"):
            found = self._line(plain, inputs) if kind == "linear" else self._card(plain, table)
            return found if parts else found.sum(axis=1)
        if kind == "trees":
            inputs = inputs.astype(np.float32)
        elif kind == "forest":
            inputs = np.nan_to_num(inputs, nan=EMPTY_IN_FOREST).astype(np.float32)
        return np.asarray(plain.predict(inputs, raw_score=not parts, pred_contrib=parts))

    def _line(self, plain: dict[str, Any], inputs: np.ndarray) -> np.ndarray:
        phi = np.zeros((len(inputs), len(self.columns) + 1))
        phi[:, -1] = plain["intercept"]
        for term in plain["terms"]:
            place = self.places[term["column"]]
            values = inputs[:, place]
            is_empty = np.isnan(values)
            raw = [is_empty.astype(float)] if term["has_empty"] else []
            if "levels" in term:
                raw += [(values == level).astype(float) for level in term["levels"]]
            elif "low" in term:
                clipped = np.clip(np.where(is_empty, term["middle"], values), term["low"], term["high"])
                raw += [clipped, *(np.maximum(clipped - knot, 0.0) for knot in term["knots"])]
            for kept, mean, spread, coefficient in zip(
                term["keep"], term["means"], term["spreads"], term["coefficients"], strict=True
            ):
                phi[:, place] += (raw[kept] - mean) / spread * coefficient
        return phi

    def _card(self, plain: dict[str, Any], table: Table) -> np.ndarray:
        names = [column["name"] for column in self.columns]
        phi = np.zeros((table.rows, len(names) + 1))
        phi[:, -1] = plain["intercept"]
        for column, coefficient, mean in zip(
            _columns_of(plain["binning"]), plain["coefficients"], plain["means"], strict=True
        ):
            woe = np.array([bin_["woe"] for bin_ in column["bins"]] + [0.0])
            bins = self._bins(column, table)
            phi[:, names.index(column["name"])] = (woe[bins] - mean) * coefficient
            phi[:, -1] += mean * coefficient
        return phi

    def _bins(self, column: dict[str, Any], table: Table) -> np.ndarray:
        """Return the place of each cell's bin, −1 where training has none."""
        bins, name = column["bins"], column["name"]
        first = {bin_["kind"]: place for place, bin_ in reversed(list(enumerate(bins)))}
        missing = first.get("missing", -1)
        if column["type"] in ("categorical", "text"):
            known = {level: place for place, bin_ in enumerate(bins) for level in bin_["levels"]}
            known[""] = missing
            return np.array([known.get(level, first.get("other", -1)) for level in table.levels(name)])
        derived = self.contract["derived"].get(name)
        values = table.derived(derived["expression"]) if derived else table.values(name, READ_AS[column["type"]])
        edges = [bin_["low"] for bin_ in bins if bin_["kind"] == "range" and bin_["low"] is not None]
        found = np.searchsorted(edges, values, side="right") if "range" in first else np.full(table.rows, -1)
        for place, bin_ in enumerate(bins):
            if bin_["kind"] == "special":
                found = np.where(np.isin(values, [float(level) for level in bin_["levels"]]), place, found)
        return np.where(np.isnan(values), missing, found)

    def _own_parts(self, table: Table) -> np.ndarray:
        """Return what each column of the table adds to the margin; a derived one's part is shared by its sources."""
        inputs = self._inputs(table)
        parts = [self._of(member, inputs, table, parts=True) for member in self.members]
        phi = sum(parts[1:], parts[0])[:, :-1] / len(parts)
        derived, names = self.contract["derived"], [column["name"] for column in self.columns]
        own = [name for name in names if name not in derived]
        told = phi[:, [names.index(name) for name in own]]
        for name, one in derived.items():
            if name not in names:
                continue
            speaks = self._speaking(one, table)
            speaks = np.where(speaks.any(axis=1, keepdims=True), speaks, True)
            part = phi[:, names.index(name)] / speaks.sum(axis=1)
            for number, source in enumerate(one["sources"]):
                told[:, own.index(source)] += np.where(speaks[:, number], part, 0.0)
        return np.asarray(told)

    def _speaking(self, one: dict[str, Any], table: Table) -> np.ndarray:
        values = table.derived(one["expression"])[:, None]
        if one["kind"] == "row_family":
            members = np.column_stack([table.quantities(source) for source in one["sources"]])
            if one["settings"]["part"] in ("max", "min"):
                return np.asarray(members == values)
            return np.asarray(np.isnan(members) == np.isnan(values))
        gaps = np.column_stack([table.says_nothing(source) for source in one["sources"]])
        return np.where(np.isnan(values), gaps, ~gaps)

    def _calibrated(self, margin: np.ndarray) -> np.ndarray:
        unit, plain = self.manifest["margin_unit"], self.manifest["calibrator"]
        p = np.clip(margin, 1e-6, 1 - 1e-6) if unit == "probability" else _expit(np.clip(margin, -30.0, 30.0))
        with np.errstate(divide="ignore"):
            odds = np.clip(np.log(p) - np.log1p(-p), -36.0, 36.0)
        if plain["method"] == "platt":
            return _expit(plain["intercept"] + plain["slope"] * odds)
        if plain["method"] == "beta":
            low, high = -np.logaddexp(0, -odds), np.logaddexp(0, odds)
            return _expit(plain["intercept"] + plain["a"] * low + plain["b"] * high)
        margins = plain["margins"]
        beyond = np.minimum(odds - margins[0], 0) + np.maximum(odds - margins[-1], 0)
        return _expit(np.interp(odds, margins, plain["calibrated"]) + beyond)


def _columns_of(binning: dict[str, Any]) -> list[dict[str, Any]]:
    columns = binning["columns"]
    return list(columns.values()) if isinstance(columns, dict) else columns


def _expit(margin: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-margin)))


def main(arguments: list[str]) -> int:
    """Score a file."""
    if len(arguments) not in (2, 3):
        sys.stderr.write(f"{__doc__}\n")
        return 2
    model = Model(Path(__file__).resolve().parent)
    cells = read_rows(Path(arguments[0]))
    lacking = [column["name"] for column in model.contract["columns"] if column["is_needed"]]
    lacking = [name for name in lacking if name not in cells]
    if lacking:
        sys.stderr.write(f"The file lacks columns that the model needs: {', '.join(lacking)}\n")
        return 1
    table, n = model.table(cells), int(arguments[2]) if len(arguments) == 3 else 4
    with np.errstate(all="ignore"):
        p = model.probability(table)
        reasons = model.reasons(table, n) if n else [[] for _ in p]
    with Path(arguments[1]).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["probability", "score", "band", *(f"reason_{number + 1}" for number in range(n))])
        for probability, score, band, told in zip(p, model.score(p), model.band(p), reasons, strict=True):
            writer.writerow(
                [repr(float(probability)), repr(float(score)), band, *map(_guarded, told), *[""] * (n - len(told))]
            )
    return 0


def _guarded(text: str) -> str:
    """Return a text that no spreadsheet runs: with a quote before it where it begins as a formula may."""
    return f"'{text}" if unicodedata.normalize("NFKC", text).lstrip()[:1] in {"=", "+", "-", "@"} else text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
