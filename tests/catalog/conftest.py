"""Small files and versions that are read already."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User, Workspace
from catalog.models import DatasetVersion
from experiments.joins import JoinSpec
from jobs.models import Job
from joins import queries as join_queries
from joins import services as joins
from joins.models import JoinPlan
from uploads import services

CUSTOMERS = "customer_id,age,city,responded\n" + "".join(
    f"C{n:04d},{20 + n % 50},{'东' if n % 3 else '西'},{'yes' if n % 5 == 0 else 'no'}\n" for n in range(200)
)


def a_file(name: str = "customers.csv", text: str = CUSTOMERS) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


@pytest.fixture
def version(analyst: User, workspace: Workspace, run_jobs: Callable[[], list[Job]]) -> DatasetVersion:
    """A version that a worker has read."""
    made = services.receive_upload(analyst, workspace, a_file())
    run_jobs()
    made.refresh_from_db()
    return made


LOANS = "loan_id,account_id,loan_date,amount,status\n" + "".join(
    f"L{n:03d},{100 + n},2024-0{1 + n % 6}-15,{1000 + 10 * n},{'AB'[n % 5 == 0]}\n" for n in range(60)
)
TRANS = "account_id,date,amount,type,phone\n" + "".join(
    f"{100 + n % 60},2024-0{1 + n % 7}-{1 + n % 28:02d},{n % 37 - 10},{'in' if n % 3 else 'out'},1391234{n % 60:04d}\n"
    for n in range(900)
)


def upload(user: User, workspace: Workspace, run_jobs: Callable[[], list[Job]], **texts: str) -> list[DatasetVersion]:
    versions = [services.receive_upload(user, workspace, a_file(f"{name}.csv", text)) for name, text in texts.items()]
    run_jobs()
    for version in versions:
        version.refresh_from_db()
    return versions


@pytest.fixture
def plan(analyst: User, workspace: Workspace, run_jobs: Callable[[], list[Job]]) -> JoinPlan:
    """Loans and their transactions, guessed and not yet run."""
    loan, trans = upload(analyst, workspace, run_jobs, loan=LOANS, trans=TRANS)
    made = joins.draw_join(analyst, workspace, name="training table", base=loan, others=[trans])
    run_jobs()
    made.refresh_from_db()
    return made


def fresh(plan: JoinPlan) -> JoinPlan:
    return join_queries.plans_of(plan.workspace).get(pk=plan.pk)


def spec_of(plan: JoinPlan) -> JoinSpec:
    spec = join_queries.spec_of(plan)
    assert spec is not None
    return spec


@pytest.fixture
def joined(plan: JoinPlan, analyst: User, run_jobs: Callable[[], list[Job]]) -> JoinPlan:
    joins.run(plan, spec_of(plan), analyst)
    run_jobs()
    return fresh(plan)
