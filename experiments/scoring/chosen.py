"""The customers that a rule chooses from a table of scores, the best first."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from experiments.strategy.curve import Chosen

RANKS = ("rank", "place")


@dataclass(frozen=True)
class ChosenRows:
    """How many were ``chosen`` of so many ``rows``, and the probability of the last one; ``None`` where nobody was."""

    chosen: int
    rows: int
    cutoff: float | None


def write_chosen(
    source: Path,
    out: Path,
    *,
    chosen: Chosen,
    number: int | None = None,
    share: float | None = None,
    cutoff: float | None = None,
) -> ChosenRows:
    """Write who is chosen, with a ``rank`` in front of the columns of the scores.

    Where ids are called so already, the rank is called ``place``.

    Parameters
    ----------
    source, out : Parquet files; the first has a column ``probability``.
    chosen : which end is wanted.
    number, share, cutoff : one of them: at most so many, such a share of the rows, or all from a probability on (up to
        it, where the lowest are wanted). Of equal scores at the edge the first in the table are taken.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> pl.DataFrame({"id": ["A", "B", "C"], "probability": [0.2, 0.9, 0.4]}).write_parquet(folder / "scores.parquet")
    >>> write_chosen(folder / "scores.parquet", folder / "list.parquet", chosen="highest", number=2)
    ChosenRows(chosen=2, rows=3, cutoff=0.4)
    >>> pl.read_parquet(folder / "list.parquet")["id"].to_list()
    ['B', 'C']
    """
    scores = pl.scan_parquet(source)
    rows = int(scores.select(pl.len()).collect().item())
    if cutoff is not None:
        p = pl.col("probability")
        scores = scores.filter(p >= cutoff if chosen == "highest" else p <= cutoff)
    ranked = scores.sort("probability", descending=chosen == "highest", maintain_order=True)
    most = round(rows * share) if share is not None else number
    if most is not None:
        ranked = ranked.head(max(0, most))
    rank = next(name for name in RANKS if name not in scores.collect_schema().names())
    found = ranked.with_row_index(rank, offset=1).collect(engine="streaming")
    found.write_parquet(out)
    last = None if found.is_empty() else float(found["probability"][-1])
    return ChosenRows(len(found), rows, last)
