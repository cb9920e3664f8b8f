"""The charts of one column: axes that can be read, whatever the values are."""

from typing import Any

from catalog.models import Column
from catalog.ranges import range_of
from checks.column_detail import _histogram


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


def column(kind: str, low: list[Any], high: list[Any], **more: Any) -> Column:
    def counted(values: list[Any]) -> list[dict[str, Any]]:
        return [{"value": value, "count": 1} for value in values]

    extremes = {"low": counted(low), "high": counted(high)}
    profile = {"min": low[0], "max": high[0], "extremes": extremes, "top_values": counted(low + high)}
    return Column(name="seen", type=kind, profile=profile, distinct_count=len({*low, *high}), **more)


def test_a_range_is_that_of_the_quantities_without_confirmed_codes() -> None:
    months = column("numeric", [-999, -1, 0, 1, 2], [9999, 861, 860, 859, 858])

    assert range_of(months) == "−999 … 9,999"
    assert range_of(months, [9999.0, -999]) == "−1 … 861"
    assert range_of(months, [-999, -1]) == "0 … 9,999"


def test_where_all_extremes_are_codes_the_range_falls_back_on_other_values_known() -> None:
    coded = column("numeric", [0, 1, 2, 3, 4], [99, 98, 97, 96, 95])

    assert range_of(coded, [99, 98, 97, 96, 95]) == "0 … 4"


def test_a_range_of_months_is_told_in_months_and_one_of_days_in_days() -> None:
    assert range_of(column("date", ["2023-01-01", "2023-02-01"], ["2023-10-01"])) == "2023-01 … 2023-10"
    assert range_of(column("date", ["2023-01-01", "2023-02-03"], ["2023-10-01"])) == "2023-01-01 … 2023-10-01"
