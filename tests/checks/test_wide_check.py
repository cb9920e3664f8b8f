"""The data check of 2,000 columns and 5 million rows: few queries, small answers, and no page that reads the table."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User, Workspace
from catalog.models import Column, Dataset, DatasetVersion
from checks.models import CheckedColumn, DataCheck, Finding
from planning.models import PlannedSplit
from planning.services.drafting import draft_experiment
from training.models import Experiment

COLUMNS, ROWS = 2_000, 5_000_000
ClientOf = Callable[[User], Client]
TYPES = ("numeric", "numeric", "categorical", "boolean", "date")


def profile(place: int) -> dict[str, Any]:
    return {
        "min": 0.0, "max": 99.5, "mean": 41.7, "std": 12.3, "role_confidence": 0.7,
        "quantiles": {f"{share:.2f}": share * 100 for share in (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)},
        "top_values": [{"value": f"value {number}", "count": 90_000 - number} for number in range(10)],
        "histogram": {"edges": list(range(21)), "counts": [(place * number) % 97 + 3 for number in range(20)]},
        "extremes": {end: [{"value": number, "count": 3} for number in range(5)] for end in ("low", "high")},
    }  # fmt: skip


def by_target(place: int) -> dict[str, Any]:
    bins = [
        {"low": number, "high": number + 1, "rows": 500_000, "events": 10_000 + place, "rate": 0.02,
         "rate_low": 0.0196, "rate_high": 0.0204}
        for number in range(10)
    ]  # fmt: skip
    months = [f"2024-{month:02d}" for month in range(1, 13)]
    return {
        "name": f"c{place}", "type": "numeric", "bins": bins, "iv": 0.03, "iv_floor": 0.0001, "auc": 0.55,
        "histogram": {"edges": list(range(21)), "events": [40] * 20, "others": [900] * 20},
        "periods": months, "psi": [None, None, *[0.01] * 10], "psi_limit": [None, None, *[0.02] * 10],
    }  # fmt: skip


@pytest.fixture
def wide(analyst: User, workspace: Workspace) -> Experiment:
    """A draft on a table of 2,000 columns, checked; the file itself is not there, as no page may need it."""
    dataset = Dataset.objects.create(workspace=workspace, name="Stock", owner=analyst)
    version = DatasetVersion.objects.create(
        dataset=dataset, number=1, owner=analyst, file_name="stock.parquet", source_path="stock.parquet",
        parquet_path="nowhere/table.parquet", state="ready", row_count=ROWS, column_count=COLUMNS, sha256="0" * 64,
    )  # fmt: skip
    Column.objects.bulk_create(
        [
            Column(
                version=version, position=place, name=f"column_{place:04d}", label=f"列 {place}",
                type=TYPES[place % len(TYPES)], missing_count=place * 1_000, distinct_count=2 + place % 50,
                profile=profile(place),
                special_values=[{"value": -999, "rows": 40_000, "share": 0.008, "meaning": "missing", "evidence": []}]
                if place % 5 == 0
                else [],
            )
            for place in range(COLUMNS)
        ],
        batch_size=200,
    )  # fmt: skip
    experiment = draft_experiment(user=analyst, workspace=workspace, kind="default", version=version, name="Stock")
    check = experiment.data_check
    checked = list(check.columns.order_by("column__position"))
    for place, each in enumerate(checked):
        each.single_auc, each.information_value, each.by_target = 0.5 + place % 300 / 1_000, 0.01, by_target(place)
        each.excluded = each.excluded_by_system = place % 10 == 1
        each.role = "target" if place == 3 else "feature"
    CheckedColumn.objects.bulk_update(
        checked, ["single_auc", "information_value", "by_target", "excluded", "excluded_by_system", "role"], 100
    )
    Finding.objects.bulk_create(
        Finding(
            check_of=check, code="empty" if place % 10 == 1 else "missing_by_class", column=each.column,
            severity="warning", message="%(column)s: something", params={"column": each.column.name},
            action="Taken out of the model." if place % 10 == 1 else "", evidence={"share": 1.0},
        )
        for place, each in enumerate(checked)
        if place % 5 == 1
    )  # fmt: skip
    months = [{"period": f"2024-{month:02d}", "rows": 400_000, "events": 8_000} for month in range(1, 13)]
    DataCheck.objects.filter(pk=check.pk).update(
        state="ready", target="column_0003", event="1", event_count=100_000, labelled_count=ROWS, rate_by_period=months
    )
    return Experiment.objects.get(pk=experiment.pk)


@pytest.fixture
def visit(analyst: User, client_of: ClientOf) -> Callable[..., tuple[Any, int]]:
    """Open an address once to warm up, then again: the answer and how many queries it took."""
    client = client_of(analyst)

    def open_twice(address: str, **headers: str) -> tuple[Any, int]:
        client.get(address, headers=headers)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address, headers=headers)
        return answer, len(captured)

    return open_twice


@pytest.mark.slow
def test_every_page_is_small_and_takes_few_queries_at_2000_columns(wide: Experiment, visit: Callable[..., Any]) -> None:
    place = f"/experiments/{wide.pk}/data/"
    column = wide.version.columns.get(name="column_0500").pk

    page, queries = visit(place)
    assert (page.status_code, page.content.count(b"data-column="), len(page.content) < 400_000) == (200, 30, True)
    assert queries <= 29
    for query in ("?show=look", "?show=out", "?sort=missing", "?q=column_19", "?finding=empty", "?page=40"):
        page, queries = visit(place + query)
        assert (page.status_code, len(page.content) < 400_000, queries <= 30) == (200, True, True), query

    part, queries = visit(place + "columns.json?offset=1000&limit=50&sort=name")
    found = part.json()
    assert (found["total"], found["offset"], len(found["rows"])) == (COLUMNS, 1_000, 50)
    assert "column_1000" in found["rows"][0] or "column_0999" in found["rows"][0]
    assert (queries <= 18, len(part.content) < 200_000) == (True, True)

    about, queries = visit(f"{place}columns/{column}/about/", **{"X-Requested-With": "fetch"})
    assert (about.status_code, queries <= 18, len(about.content) < 30_000) == (200, True, True)
    sample, queries = visit(f"{place}sample/")
    assert (sample.status_code, queries <= 20, len(sample.content) < 250_000) == (200, True, True)
    table, queries = visit(place + "columns.csv")
    assert (table.content.count(b"\r\n"), queries <= 18) == (COLUMNS + 1, True)


@pytest.mark.slow
def test_the_plan_waits_for_a_worker_and_never_reads_the_table(wide: Experiment, visit: Callable[..., Any]) -> None:
    plan, queries = visit(f"/experiments/{wide.pk}/plan/")

    assert (plan.status_code, queries <= 37) == (200, True)
    assert "The rows are being split" in plan.content.decode()
    assert PlannedSplit.objects.get().job.kind == "split"


@pytest.mark.slow
def test_a_decision_answers_with_one_row(wide: Experiment, analyst: User, client_of: ClientOf) -> None:
    column = wide.version.columns.get(name="column_0500")
    client = client_of(analyst)
    address = f"/experiments/{wide.pk}/data/columns/{column.pk}/"

    answer = client.post(address, {"role": "ignore"}, headers={"X-Row": "1"})

    assert (answer.status_code, answer["X-Row"], answer.content.count(b"<tr ")) == (200, "1", 1)
