"""Rows of one table known again in another: which of them a model may have learnt from."""

from pathlib import Path
from typing import Any

import numpy as np

WHOLE = r"^\+?(-?\d+)(?:\.0*)?$"


def rows_learnt(
    table: Path, learnt_from: Path, *, set_aside: np.ndarray | None, id_column: str | None, time_column: str | None
) -> np.ndarray:
    """Tell of each row of a table whether it stands among those a model learnt from.

    Parameters
    ----------
    table : whose rows are asked about. learnt_from : the table of the model's run.
    set_aside : places in that table from which the model has not learnt; None where it may have learnt from all.
    id_column, time_column : of that run. A row is known again by customer and date where both tables have them, else
        by all that both tables hold of it.
    """
    import polars

    own, theirs = _keys(table, learnt_from, _known_by(table, learnt_from, id_column, time_column))
    if set_aside is not None:
        theirs = theirs.filter(~polars.Series(np.isin(np.arange(len(theirs)), set_aside)))
    return np.isin(own.to_numpy(), theirs.to_numpy())


def _known_by(own: Path, theirs: Path, id_column: str | None, time_column: str | None) -> list[str]:
    import polars

    one, other = (polars.scan_parquet(table).collect_schema().names() for table in (own, theirs))
    shared = set(one) & set(other)
    if id_column in shared:
        return [name for name in (id_column, time_column) if name in shared]
    return sorted(shared)


def _keys(own: Path, theirs: Path, columns: list[str]) -> list[Any]:
    """Return a number for each row of both tables by what the columns hold: the same for 5, 5.0 and a text of it."""
    import polars

    tables = [polars.scan_parquet(table) for table in (own, theirs)]
    schemas = [table.collect_schema() for table in tables]

    def alike(name: str) -> Any:
        types = [schema[name] for schema in schemas]
        if any(each.is_numeric() for each in types):
            return _exact(name)
        if all(each.is_temporal() for each in types):
            return polars.col(name).cast(polars.Datetime("us"))
        return polars.col(name).cast(polars.String)

    key = polars.struct([alike(name) for name in columns]).hash(seed=1).alias("key")
    return [table.select(key).collect(engine="streaming")["key"] for table in tables]


def _exact(name: str) -> Any:
    """Return a number, or a text of one, as the text of it: as floats, neighbours beyond 2**53 would be one id."""
    import polars

    text = polars.col(name).cast(polars.String).str.strip_chars()
    whole = text.str.extract(WHOLE, 1).cast(polars.Int128, strict=False)
    broken = text.cast(polars.Float64, strict=False)
    of_broken = polars.when(broken == broken.round(0)).then(broken.cast(polars.Int128, strict=False))
    return polars.coalesce(*(each.cast(polars.String) for each in (whole, of_broken, broken, text)))
