"""The charts of one column: axes that can be read, whatever the values are."""

from typing import Any

from catalog.column_detail import _histogram


def drawn(edges: list[Any]) -> dict[str, Any]:
    counts = list(range(len(edges) - 1))
    return _histogram({"edges": edges, "events": counts, "others": counts})


def test_a_histogram_of_numbers_has_an_axis_of_round_numbers_not_of_intervals() -> None:
    figure = drawn([4.855, 4.85552, 4.85604, 4.85656])

    assert figure["layout"]["xaxis"]["type"] == "linear"
    bar = figure["data"][0]
    assert bar["x"][0] == (4.855 + 4.85552) / 2
    # The interval itself is told where one points at the bar.
    assert bar["customdata"][0] == "4.855 … 4.856"


def test_a_histogram_of_days_is_named_by_the_day_each_bar_begins_at() -> None:
    figure = drawn(["2025-01-01T03:00:00", "2025-02-01", "2025-03-01"])

    assert figure["layout"]["xaxis"]["ticktext"] == ["2025-01-01", "2025-02-01"]
