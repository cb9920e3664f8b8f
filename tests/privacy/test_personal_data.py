"""Personal data are found when a file is read, protected before anything looks at them, and shown to few, on record."""

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, Membership, User, Workspace
from audit.models import AuditEntry
from catalog.models import Column, ColumnSetting, DatasetVersion
from checks.models import Finding
from checks.queries import features_of, spec_parts
from jobs.models import Job, JobLogLine
from planning.services.drafting import draft_experiment
from privacy import protection
from privacy.models import Unmasking
from tests.catalog.conftest import a_file
from tests.experiments import people
from uploads import services, versions

ClientOf = Callable[[User], Client]
RunJobs = Callable[[], list[Job]]
ROWS = 300
REASON = "Complaint 2026-117: does the number on file match the caller's?"


class Planted:
    """A file of made-up people; ``values`` are all that must never be seen."""

    def __init__(self, seed: int = 1) -> None:
        random = Random(seed)
        self.phones = [people.mobile(random) for _ in range(ROWS)]
        self.cards = [people.id_card(random) for _ in range(ROWS)]
        self.banks = [people.bank_card(random) for _ in range(ROWS)]
        self.mails = [people.email(random) for _ in range(ROWS)]
        self.names = [people.name(random) for _ in range(ROWS)]
        self.homes = [people.address(random) for _ in range(ROWS)]
        self.remarks = [f"联系{people.mobile(random)}，已约" for _ in range(ROWS)]
        self.ages = [random.randint(20, 70) for _ in range(ROWS)]

    @property
    def values(self) -> list[str]:
        inside = [remark[2:13] for remark in self.remarks]
        return [*self.phones, *self.cards, *self.banks, *self.mails, *self.names, *self.homes, *inside]

    @property
    def text(self) -> str:
        columns = (self.phones, self.cards, self.banks, self.mails, self.names, self.homes, self.remarks, self.ages)
        rows = "\n".join(
            ",".join(map(str, cells)) + f",{'yes' if number % 4 == 0 else 'no'}"
            for number, cells in enumerate(zip(*columns, strict=True))
        )
        return "手机,证件号,银行卡,邮箱,姓名,住址,备注,age,responded\n" + rows + "\n"


@pytest.fixture
def planted() -> Planted:
    return Planted()


@pytest.fixture
def version(analyst: User, workspace: Workspace, planted: Planted, run_jobs: RunJobs) -> DatasetVersion:
    made = services.receive_upload(analyst, workspace, a_file("people.csv", planted.text))
    run_jobs()
    made.refresh_from_db()
    assert made.is_ready, made.job
    return made


def table_of(version: DatasetVersion) -> Path:
    return Path(django_settings.MEDIA_ROOT) / version.parquet_path


def seen_in(text: str, planted: Planted) -> list[str]:
    return [value for value in planted.values if value in text]


def test_every_kind_is_found_and_protected_by_default(version: DatasetVersion) -> None:
    columns = version.columns.exclude(personal_data="")
    found = {column.name: (column.personal_data, column.profile["protection"]["way"]) for column in columns}

    assert found == {
        "手机": ("mobile", "hash"), "证件号": ("id_card", "hash"), "银行卡": ("bank_card", "hash"),
        "邮箱": ("email", "hash"), "姓名": ("name", "keep"), "住址": ("address", "keep"), "备注": ("mobile", "keep"),
    }  # fmt: skip
    facts = version.columns.get(name="手机").profile["protection"]
    assert (facts["share"], facts["key_id"]) == (1.0, protection.secret_key().id)


def test_what_everything_reads_holds_no_plain_value(version: DatasetVersion, planted: Planted) -> None:
    frame = pl.read_parquet(table_of(version))

    assert seen_in(frame.write_csv(), planted) == []
    assert frame["手机"].n_unique() == len(set(planted.phones))
    assert seen_in(repr(list(version.columns.values())) + repr(version.notes), planted) == []


def test_two_files_of_one_customer_still_join(
    version: DatasetVersion, analyst: User, workspace: Workspace, planted: Planted, run_jobs: RunJobs
) -> None:
    rows = "".join(f"+86 {phone},{n}\n" for n, phone in enumerate(planted.phones))
    other = services.receive_upload(analyst, workspace, a_file("calls.csv", "phone,calls\n" + rows))
    run_jobs()
    other.refresh_from_db()

    joined = pl.read_parquet(table_of(version)).join(
        pl.read_parquet(table_of(other)), left_on="手机", right_on="phone", how="inner"
    )
    assert len(joined) >= ROWS


def test_no_page_export_answer_log_or_finding_shows_a_planted_value(
    version: DatasetVersion,
    workspace: Workspace,
    modeler: User,
    planted: Planted,
    run_jobs: RunJobs,
    client_of: ClientOf,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    experiment = draft_experiment(
        user=modeler, workspace=workspace, kind="response", version=version, name="Who will respond"
    )
    run_jobs()
    secret = ApiToken.new_secret()
    ApiToken.objects.create(user=modeler, name="test", digest=ApiToken.digest_of(secret))
    client, caller = client_of(modeler), Client(headers={"Authorization": f"Bearer {secret}"})
    column = version.columns.get(name="姓名")
    pages = [
        "/data/", f"/data/{version.pk}/", f"/data/{version.pk}/columns.csv", f"/data/{version.pk}/dictionary/",
        f"/data/{version.pk}/dictionary/template.csv", f"/data/{version.pk}/dictionary/{column.pk}/",
        f"/data/{version.pk}/personal/", f"/experiments/{experiment.pk}/data/", f"/experiments/{experiment.pk}/plan/",
    ]  # fmt: skip
    answers = [f"/api/v1/datasets/{version.pk}", f"/api/v1/datasets/{version.pk}/personal-data", "/api/v1/datasets"]

    seen = {}
    for address in pages:
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address
        seen[address] = seen_in(answer.content.decode(), planted)
    for address in answers:
        answer = caller.get(address)
        assert answer.status_code == 200, address
        seen[address] = seen_in(answer.content.decode(), planted)
    seen["logs"] = seen_in(caplog.text, planted)
    stored = [
        *Finding.objects.values(),
        *JobLogLine.objects.values(),
        *Job.objects.values(),
        *AuditEntry.objects.values(),
    ]
    seen["stored"] = seen_in(repr(stored) + repr(list(experiment.data_check.columns.values())), planted)

    assert {place: found for place, found in seen.items() if found} == {}


def test_no_model_learns_from_personal_data_whatever_the_check_says(
    version: DatasetVersion, workspace: Workspace, modeler: User, run_jobs: RunJobs
) -> None:
    experiment = draft_experiment(
        user=modeler, workspace=workspace, kind="response", version=version, name="Who will respond"
    )
    run_jobs()
    check = experiment.data_check
    check.refresh_from_db()
    check.columns.filter(column__name="姓名").update(role="feature", excluded=False)

    assert features_of(check) == {"age"}
    assert "姓名" in spec_parts(check)["excluded"]
    finding = check.findings.get(code="personal_data")
    assert set(finding.columns) == set(version.columns.exclude(personal_data="").values_list("name", flat=True))


def test_a_choice_rewrites_the_table_and_holds_for_the_next_version(
    version: DatasetVersion, workspace: Workspace, modeler: User, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    address = f"/data/{version.pk}/personal/protection/"
    client_of(modeler).post(address, {"column": "姓名", "way": "drop"})
    run_jobs()

    assert pl.read_parquet(table_of(version))["姓名"].null_count() == ROWS
    column = version.columns.get(name="姓名")
    assert (column.missing_count, column.profile["protection"]["way"]) == (ROWS, "drop")
    details = AuditEntry.objects.get(action="personal_data.protected").details
    assert details == {"column": "姓名", "protection": "drop"}

    services.receive_upload(modeler, workspace, a_file("people.csv", Planted(2).text), name=version.dataset.name)
    run_jobs()
    latest = version.dataset.versions.first()
    assert latest.number == 2
    assert pl.read_parquet(table_of(latest))["姓名"].null_count() == ROWS


def test_a_table_a_run_rests_on_stays_and_the_choice_waits(
    version: DatasetVersion, workspace: Workspace, modeler: User, client_of: ClientOf, run_jobs: RunJobs
) -> None:
    experiment = draft_experiment(
        user=modeler, workspace=workspace, kind="response", version=version, name="Who will respond"
    )
    run_jobs()
    type(experiment).objects.filter(pk=experiment.pk).update(state="finished")
    before = table_of(version).read_bytes()

    client_of(modeler).post(f"/data/{version.pk}/personal/protection/", {"column": "姓名", "way": "hash"})
    run_jobs()

    assert table_of(version).read_bytes() == before
    assert ColumnSetting.objects.get(name="姓名").protection == "hash"


def test_a_false_alarm_comes_back_only_by_someone_who_may_see_the_values(
    version: DatasetVersion, modeler: User, admin: User, client_of: ClientOf, run_jobs: RunJobs, planted: Planted
) -> None:
    address, choice = f"/data/{version.pk}/personal/protection/", {"column": "住址", "way": "none"}
    assert client_of(modeler).post(address, choice).status_code == 403

    client_of(admin).post(address, choice)
    run_jobs()

    assert pl.read_parquet(table_of(version))["住址"].to_list() == planted.homes
    assert version.columns.get(name="住址").personal_data == ""


@pytest.mark.parametrize(("person", "status"), [("owner", 403), ("modeler", 403), ("admin", 200), ("stranger", 404)])
def test_values_are_for_those_with_the_right(
    version: DatasetVersion,
    analyst: User,
    modeler: User,
    admin: User,
    stranger: User,
    client_of: ClientOf,
    person: str,
    status: int,
) -> None:
    who = {"owner": analyst, "modeler": modeler, "admin": admin, "stranger": stranger}[person]
    address = f"/data/{version.pk}/personal/values/"

    assert client_of(who).get(address).status_code == status
    assert client_of(who).post(address, {"reason": REASON}).status_code == (302 if status == 200 else status)
    assert Unmasking.objects.count() == (status == 200)


def test_an_admin_gives_a_modeler_the_right_and_takes_it_back(
    version: DatasetVersion, modeler: User, admin: User, client_of: ClientOf
) -> None:
    membership = Membership.objects.get(user=modeler)
    address = f"/data/{version.pk}/personal/values/"
    client_of(admin).post(f"/people/{membership.pk}/unmasking/", {"may_unmask": "yes"})
    assert client_of(modeler).get(address).status_code == 200

    client_of(admin).post(f"/people/{membership.pk}/unmasking/", {"may_unmask": "no"})
    assert client_of(modeler).get(address).status_code == 403
    acts = AuditEntry.objects.filter(action__startswith="person.unmasking").values_list("action", flat=True)
    assert list(acts) == ["person.unmasking_allowed", "person.unmasking_taken_back"]


def test_unmasking_needs_a_reason_goes_on_record_and_ends_after_a_quarter_of_an_hour(
    version: DatasetVersion, admin: User, client_of: ClientOf, planted: Planted
) -> None:
    client, address = client_of(admin), f"/data/{version.pk}/personal/values/"
    assert client.post(address, {"reason": "why"}).status_code == 422
    assert seen_in(client.get(address).content.decode(), planted) == []

    page = client.post(address, {"reason": REASON}, follow=True).content.decode()
    assert planted.phones[0] in page
    assert "You can see personal data until" in page
    entry = AuditEntry.objects.get(action="personal_data.unmasked")
    assert (entry.actor, entry.details["reason"], "手机" in entry.details["columns"]) == (admin, REASON, True)
    assert seen_in(client.get(f"/data/{version.pk}/").content.decode(), planted) == []

    Unmasking.objects.update(created_at=timezone.now() - timedelta(minutes=16))
    assert seen_in(client.get(address).content.decode(), planted) == []


def test_masking_again_closes_at_once(
    version: DatasetVersion, admin: User, client_of: ClientOf, planted: Planted
) -> None:
    client, address = client_of(admin), f"/data/{version.pk}/personal/values/"
    client.post(address, {"reason": REASON})
    client.post(f"/data/{version.pk}/personal/mask/")

    assert seen_in(client.get(address).content.decode(), planted) == []
    assert AuditEntry.objects.filter(action="personal_data.masked").count() == 1


def test_a_table_without_people_says_so(
    analyst: User, workspace: Workspace, run_jobs: RunJobs, client_of: ClientOf
) -> None:
    made = services.receive_upload(analyst, workspace, a_file())
    run_jobs()

    assert "No personal data was found" in client_of(analyst).get(f"/data/{made.pk}/personal/").content.decode()
    assert not (table_of(DatasetVersion.objects.get(pk=made.pk)).with_name(protection.VAULT)).exists()


def test_two_people_asking_at_once_do_not_rewrite_one_table_twice(
    version: DatasetVersion, modeler: User, settings: Any
) -> None:
    protection.choose_protection(version, "姓名", "hash", modeler)

    with pytest.raises(protection.ProtectionRefused):
        protection.choose_protection(version, "住址", "hash", modeler)


def test_a_number_that_stands_in_a_column_of_something_else_is_nowhere_in_the_database(
    version: DatasetVersion, planted: Planted, analyst: User, workspace: Workspace, run_jobs: RunJobs
) -> None:
    phone, card = planted.phones[0], planted.cards[0]
    odd = ["A", "B"] * 40 + [f"转{phone}", f"证件{card}"]
    text = "客户类型,y\n" + "".join(f"{word},{n % 2}\n" for n, word in enumerate(odd))
    first = services.receive_upload(analyst, workspace, a_file("types.csv", text.replace(phone, "无")))
    run_jobs()
    versions.add_version(first.dataset, [a_file("types.csv", text)], versions.REPLACE, analyst)
    run_jobs()

    stored = [*Column.objects.values(), *DatasetVersion.objects.values(), *Job.objects.values()]
    assert seen_in(repr(stored), planted) == []
