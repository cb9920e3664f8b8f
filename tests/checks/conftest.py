"""A check that has found something."""

import pytest

from accounts.models import User, Workspace
from catalog.models import Column, Dataset, DatasetVersion
from checks.models import DataCheck, Finding
from tests.catalog.conftest import plan, version

__all__ = ["plan", "version"]


@pytest.fixture
def check(analyst: User, workspace: Workspace) -> DataCheck:
    """A finished check of a table with a leak that was taken out; nothing was read for it."""
    dataset = Dataset.objects.create(workspace=workspace, name="calls", owner=analyst)
    version = DatasetVersion.objects.create(
        dataset=dataset, number=1, owner=analyst, file_name="calls.csv", source_path="x", state="ready", row_count=100
    )
    columns = [
        Column.objects.create(version=version, position=0, name="y", type="boolean", distinct_count=2),
        Column.objects.create(version=version, position=1, name="duration", type="numeric", distinct_count=90),
        Column.objects.create(version=version, position=2, name="contacted_on", type="date", distinct_count=30),
    ]
    check = DataCheck.objects.create(
        version=version, owner=analyst, kind="response", target="y", event="yes", state="ready",
        event_count=20, labelled_count=100,
    )  # fmt: skip
    check.columns.create(column=columns[0], role="target")
    check.columns.create(column=columns[1], excluded=True, excluded_by_system=True, single_auc=0.95)
    check.columns.create(column=columns[2])
    Finding.objects.create(
        check_of=check, code="leak", severity="block", column=columns[1], message="%(column)s leaks",
        params={"column": "duration"}, action="Taken out of the model.",
    )  # fmt: skip
    return check
