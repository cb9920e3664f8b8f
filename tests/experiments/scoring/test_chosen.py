"""Who a rule chooses from a table of scores."""

from pathlib import Path

import polars as pl
import pytest

from experiments.scoring.chosen import write_chosen

P = [0.2, 0.9, 0.4, 0.9, 0.1]


@pytest.mark.parametrize(
    ("rule", "end", "expected"),
    [
        ({"number": 1}, "highest", ["B"]),
        ({"number": 99}, "lowest", ["E", "A", "C", "B", "D"]),
        ({"number": 0}, "highest", []),
        ({"share": 0.4}, "highest", ["B", "D"]),
        ({"cutoff": 0.4}, "highest", ["B", "D", "C"]),
        ({"cutoff": 0.2}, "lowest", ["E", "A"]),
        ({"cutoff": 1.0}, "highest", []),
    ],
)
def test_the_best_come_first_and_equals_in_the_order_of_the_table(
    tmp_path: Path, rule: dict, end: str, expected: list[str]
) -> None:
    pl.DataFrame({"id": list("ABCDE"), "probability": P}).write_parquet(tmp_path / "scores.parquet")
    found = write_chosen(tmp_path / "scores.parquet", tmp_path / "list.parquet", chosen=end, **rule)  # type: ignore[arg-type]
    written = pl.read_parquet(tmp_path / "list.parquet")
    assert written["id"].to_list() == expected
    assert written["rank"].to_list() == list(range(1, len(expected) + 1))
    assert (found.chosen, found.rows) == (len(expected), 5)
    assert found.cutoff == (P["ABCDE".index(expected[-1])] if expected else None)


def test_ids_that_are_called_rank_keep_their_name(tmp_path: Path) -> None:
    scores = tmp_path / "scores.parquet"
    pl.DataFrame({"rank": ["A", "B", "C"], "probability": [0.2, 0.9, 0.4]}).write_parquet(scores)
    write_chosen(scores, tmp_path / "list.parquet", chosen="highest", number=2)
    found = pl.read_parquet(tmp_path / "list.parquet")
    assert (found.columns[:2], found["rank"].to_list(), found["place"].to_list()) == (
        ["place", "rank"], ["B", "C"], [1, 2],
    )  # fmt: skip
