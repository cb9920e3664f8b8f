"""Numbers the different keys of the parent's rows, so that rows of another table find them as whole numbers."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pyarrow as pa

NO_KEY = -1


class KeyIndex:
    """The different keys of some rows, numbered from 0 in the order they first come.

    Numbers are compared as whole numbers, anything else as trimmed text; a key with a missing part is no key.

    Parameters
    ----------
    keys : the key columns of the parent's rows.
    own_types : the types of the columns in the other table, in the same order.
    """

    def __init__(self, keys: Sequence[pl.Series], own_types: Sequence[pa.DataType]) -> None:
        self.as_number = [key.dtype.is_numeric() and is_number(own) for key, own in zip(keys, own_types, strict=True)]
        tidy = self._tidy(keys)
        self._known = tidy.drop_nulls().unique(maintain_order=True).with_row_index("code")
        self.parent_codes = self._find(tidy)

    def __len__(self) -> int:
        return self._known.height

    def codes(self, keys: Sequence[pl.Series]) -> np.ndarray:
        """Return for each row the number of its key, ``NO_KEY`` where the parent has none like it."""
        return self._find(self._tidy(keys))

    def lacks_part(self, keys: Sequence[pl.Series]) -> np.ndarray:
        """Return for each row whether a part of its key is missing."""
        return self._tidy(keys).select(pl.any_horizontal(pl.all().is_null())).to_series().to_numpy()

    def _find(self, tidy: pl.DataFrame) -> np.ndarray:
        on = self._known.columns[1:]
        found = tidy.join(self._known, on=on, how="left", maintain_order="left")["code"]
        return found.cast(pl.Int64).fill_null(NO_KEY).to_numpy()

    def _tidy(self, keys: Sequence[pl.Series]) -> pl.DataFrame:
        pairs = zip(keys, self.as_number, strict=True)
        return pl.DataFrame([tidy_key(key, numeric).alias(f"k{rank}") for rank, (key, numeric) in enumerate(pairs)])


def tidy_key(key: pl.Series, as_number: bool) -> pl.Series:
    """Return a key in the form in which two tables are compared."""
    if key.dtype.is_float():
        whole = key.cast(pl.Int64, strict=False)
        key = whole.set((whole.cast(pl.Float64) != key).fill_null(False), None)
    if as_number:
        return key.cast(pl.Int64, strict=False)
    texts = key.cast(pl.String).str.strip_chars()
    return texts.set((texts == "").fill_null(False), None)


def is_number(type_: pa.DataType) -> bool:
    return pa.types.is_integer(type_) or pa.types.is_floating(type_)
