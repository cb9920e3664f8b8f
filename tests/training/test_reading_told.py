"""What reading a file changed is told where it is checked, and a file that cannot be read is no dead end."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from accounts.models import User, Workspace
from catalog.models import DatasetVersion
from planning.services.drafting import draft_experiment
from training.models import Experiment
from uploads import services as uploads

ROWS = 60
Drafted = Callable[[str, bytes], Experiment]


@pytest.fixture
def drafted(analyst: User, workspace: Workspace) -> Drafted:
    def draft(name: str, content: bytes) -> Experiment:
        version = uploads.receive_upload(analyst, workspace, SimpleUploadedFile(name, content))
        return draft_experiment(user=analyst, workspace=workspace, kind="default", version=version, name="Loans")

    return draft


def test_the_data_check_tells_that_a_row_of_totals_was_left_out(
    drafted: Drafted, run_jobs: Callable[[], Any], client: Client, analyst: User
) -> None:
    book = Workbook()
    book.active.append(["cust_id", "age", "bad"])
    for row in range(ROWS):
        book.active.append([f"C{row:03}", 20 + row % 40, row % 2])
    book.active.append(["合计", 2_000, 30])
    kept = BytesIO()
    book.save(kept)
    experiment = drafted("loans.xlsx", kept.getvalue())
    run_jobs()

    client.force_login(analyst)
    page = client.get(f"/experiments/{experiment.pk}/data/").content.decode()
    assert "Rows that hold totals, not customers, were left out: 1 (合计)." in page
    assert f'href="/data/{experiment.version_id}/"' in page


def test_a_file_of_another_encoding_is_read_so_from_its_experiment_and_then_checked(
    drafted: Drafted, run_jobs: Callable[[], Any], client: Client, analyst: User
) -> None:
    rows = "".join(f"{row},{20 + row % 40},{('Privé', 'Société')[row % 2]},{row % 3 % 2}\n" for row in range(ROWS))
    experiment = drafted("loans.csv", f"cust_id,age,work,bad\n{rows}".encode("cp1252"))
    run_jobs()
    client.force_login(analyst)
    address = f"/experiments/{experiment.pk}/data/"
    page = client.get(address).content.decode()
    assert "Which version reads correctly?" in page

    again = client.post(f"/data/{experiment.version_id}/read-again/", {"encoding": "windows-1252", "next": address})
    assert (again.status_code, again["Location"]) == (302, address)
    run_jobs()

    version = DatasetVersion.objects.get(pk=experiment.version_id)
    assert (version.state, version.row_count) == ("ready", ROWS)
    assert Experiment.objects.get(pk=experiment.pk).data_check.state == "ready"


def test_reading_again_never_leads_to_another_site(
    drafted: Drafted, run_jobs: Callable[[], Any], client: Client, analyst: User
) -> None:
    experiment = drafted("loans.csv", "a,bad\né,0\n".encode("cp1252"))
    run_jobs()
    client.force_login(analyst)
    again = client.post(
        f"/data/{experiment.version_id}/read-again/", {"encoding": "windows-1252", "next": "https://elsewhere.example/"}
    )
    assert again["Location"] == f"/data/{experiment.version_id}/"
