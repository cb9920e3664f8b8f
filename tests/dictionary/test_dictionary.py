"""A data dictionary is taken over whole or not at all, checked against the data, and used wherever columns appear."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from openpyxl import Workbook, load_workbook
from openpyxl.utils import column_index_from_string

from accounts.models import ApiToken, User, Workspace
from audit.models import AuditEntry
from catalog.models import Column, DatasetVersion
from checks import services as check_services
from checks.queries import features_of, spec_parts
from dictionary import services as dictionary
from dictionary.file import HEADINGS, FileRow, read_rows
from dictionary.models import DictionaryEntry
from experiments.errors import BadInput
from experiments.labels import reason_groups
from jobs.models import Job
from planning.plans.plan import Plan, as_it_holds
from planning.plans.spec import spec_of
from planning.services.drafting import draft_experiment, save_column_rules
from tests.catalog.conftest import a_file
from uploads import services

ClientOf = Callable[[User], Client]
RunJobs = Callable[[], list[Job]]

GOOD = (
    "字段名,中文名,英文名,来源,滞后天数,期望方向,是否敏感,是否受保护,原因文案（中文）,原因文案（英文）,用途,单价,枚举\n"
    "age,年龄,Age of the customer,核心系统,0,-,否,否,年龄不符合要求,Age does not fit,风控,0.5,\n"
    "city,城市,City,申请表,30,,是,是,,,营销,,东=东区|East; 西=西区|West\n"
)


def upload(version: DatasetVersion, text: str | bytes, user: User, **more: Any) -> dictionary.Taken:
    content = text if isinstance(text, bytes) else text.encode()
    return dictionary.upload(version, content, "dictionary.csv", user, **more)


def faults_of(version: DatasetVersion, text: str, user: User) -> list[tuple[int, str, str]]:
    """Return row, field and sentence of each fault of a refused dictionary."""
    with pytest.raises(dictionary.DictionaryRefused) as refused:
        upload(version, text, user)
    return [
        (fault.row, fault.field, fault.message % fault.params if fault.params else fault.message)
        for fault in refused.value.faults
    ]


def test_a_chinese_dictionary_is_taken_over_with_all_it_says(version: DatasetVersion, analyst: User) -> None:
    assert upload(version, GOOD, analyst) == dictionary.Taken(saved=2, skipped=0)

    age, city = DictionaryEntry.objects.order_by("name")
    assert (age.name_zh, age.name_en, age.source, age.known_after_days) == (
        "年龄",
        "Age of the customer",
        "核心系统",
        0,
    )
    assert (age.expected_direction, age.is_sensitive, age.reason_zh, str(age.cost_per_query)) == (
        "-", False, "年龄不符合要求", "0.5000",
    )  # fmt: skip
    assert (city.is_sensitive, city.is_protected, city.known_after_days, city.allowed_use) == (True, True, 30, "营销")
    assert city.enumerations == {"东": {"zh": "东区", "en": "East"}, "西": {"zh": "西区", "en": "West"}}
    assert AuditEntry.objects.get(action="dictionary.uploaded").details == {"columns": 2, "file": "dictionary.csv"}


@pytest.mark.parametrize(
    ("heading", "written", "kept"),
    [("原因组", "客户情况|About you", "客户情况|About you"), ("reason group", "身份 ｜ Identity", "身份|Identity"),
     ("原因组 / reason group", "负债", "负债")],
)  # fmt: skip
def test_groups_of_reasons_come_by_file_and_reach_the_question(
    version: DatasetVersion, analyst: User, heading: str, written: str, kept: str
) -> None:
    upload(version, f"字段名,{heading}\nage,{written}\n", analyst)
    entries = dictionary.entries_of(version.dataset)
    labels = dictionary.labels_of(version.columns.all(), entries)
    assert reason_groups(labels) == {"age": kept}
    with translation.override("en"):
        assert entries["age"].reason_group_name == kept.rpartition("|")[2]
    with translation.override("zh-hans"):
        assert entries["age"].reason_group_name == kept.partition("|")[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_any_encoding_and_delimiter_is_read(version: DatasetVersion, analyst: User, encoding: str) -> None:
    upload(version, GOOD.replace(",", "\t").encode(encoding), analyst)

    assert DictionaryEntry.objects.get(name="age").name_zh == "年龄"


def test_an_excel_dictionary_is_read(version: DatasetVersion, analyst: User) -> None:
    book = Workbook()
    for row in (["Column", "Chinese name", "Known after (days)", "Sensitive"], ["age", "年龄", 3, True]):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    dictionary.upload(version, stream.getvalue(), "dictionary.xlsx", analyst)

    age = DictionaryEntry.objects.get(name="age")
    assert (age.name_zh, age.known_after_days, age.is_sensitive) == ("年龄", 3, True)


@pytest.mark.parametrize(
    ("heading", "cell", "said"),
    [
        ("expected direction", "sideways", "sideways is not a direction of effect."),
        ("known after (days)", "soon", "soon is not a number of days."),
        ("known after (days)", "-3", "-3 is not a number of days."),
        ("sensitive", "perhaps", "perhaps is neither yes nor no."),
        ("cost per query", "cheap", "cheap is not an amount."),
        ("values", "just words", "just words cannot be read."),
        ("source", "x" * 201, "Enter at most 200 characters."),
    ],
)
def test_a_wrong_cell_is_told_with_its_row_and_column(
    version: DatasetVersion, analyst: User, heading: str, cell: str, said: str
) -> None:
    (fault,) = faults_of(version, f"column,{heading}\ncity,\nage,{cell}\n", analyst)

    assert fault[0] == 3
    assert fault[2].startswith(said)


def test_nothing_of_a_dictionary_with_a_mistake_is_saved(version: DatasetVersion, analyst: User) -> None:
    text = "column,Chinese name\nage,年龄\nincome,收入\nage,岁数\n,空\n"

    assert faults_of(version, text, analyst) == [
        (3, "name", "The dataset has no column named income."),
        (4, "name", "age is already in row 2. Keep one of the two."),
        (5, "name", "The name of the column is missing."),
    ]
    assert not DictionaryEntry.objects.exists()


def test_values_met_in_the_data_must_be_listed(version: DatasetVersion, analyst: User) -> None:
    (fault,) = faults_of(version, "column,values\ncity,东=East\n", analyst)

    assert fault == (
        2,
        "enumerations",
        "The data contain values of city that are not listed: 西. Add them, or leave the list empty.",
    )


def test_a_direction_needs_numbers(version: DatasetVersion, analyst: User) -> None:
    (fault,) = faults_of(version, "column,direction\ncity,+\n", analyst)
    assert fault[2].startswith("city is not numeric")


def test_a_dictionary_of_the_whole_bank_may_be_given_on_request(version: DatasetVersion, analyst: User) -> None:
    taken = upload(version, "column,source\nage,core\nincome,tax\n", analyst, skip_unknown=True)

    assert taken == dictionary.Taken(saved=1, skipped=1)


@pytest.mark.parametrize(
    "content",
    [b"", b"column,source\n", b"nothing,here\n1,2\n", b"column,source,source\nage,1,2\n", b"PK\x03\x04broken"],
)
def test_what_is_no_dictionary_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(BadInput):
        read_rows(content, "dictionary.csv")


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_a_template_that_comes_back_untouched_changes_nothing(
    version: DatasetVersion, analyst: User, modeler: User, file_format: str
) -> None:
    upload(version, GOOD, analyst)
    before = list(DictionaryEntry.objects.values())
    entries = AuditEntry.objects.count()

    template = dictionary.template_of(version, file_format)
    taken = dictionary.upload(version, template, f"dictionary.{file_format}", modeler)

    assert taken == dictionary.Taken(saved=0, skipped=0, unchanged=version.column_count)
    assert list(DictionaryEntry.objects.values()) == before
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_every_field_survives_the_template_whatever_is_written_in_it(
    version: DatasetVersion, analyst: User, file_format: str
) -> None:
    upload(version, GOOD, analyst)
    odd = {
        "name_zh": "=HYPERLINK(1)", "name_en": "'=x", "source": 'a<b>&"c", d', "reason_zh": "+1",
        "reason_group": "-2|=B",
        "reason_en": "_x0041_", "allowed_use": "@all", "cost_per_query": "1234.5678", "known_after_days": 30,
    }  # fmt: skip
    DictionaryEntry.objects.filter(name="age").update(**odd)
    before = list(DictionaryEntry.objects.order_by("name").values())

    rows = read_rows(dictionary.template_of(version, file_format), f"dictionary.{file_format}")
    age = next(row for row in rows if row.cells["name"] == "age")
    assert {name: age.cells[name] for name in odd} == {name: str(value) for name, value in odd.items()}
    # One more word makes the row new, so that all of it is written again.
    changed = FileRow(age.number, {**age.cells, "source": "core"})
    dictionary.save_rows(version, [changed], analyst)
    after = list(DictionaryEntry.objects.order_by("name").values())

    varying = ("set_at", "source")
    assert [{k: v for k, v in row.items() if k not in varying} for row in after] == [
        {k: v for k, v in row.items() if k not in varying} for row in before
    ]


def test_the_csv_template_runs_nothing_in_a_spreadsheet(version: DatasetVersion, analyst: User) -> None:
    upload(version, GOOD, analyst)
    DictionaryEntry.objects.filter(name="age").update(name_zh="=cmd|' /C calc'!A0", expected_direction="-")

    template = dictionary.template_of(version).decode()

    assert template.startswith("\ufeff字段名 / column,中文名 / Chinese name,")
    line = next(line for line in template.splitlines() if line.startswith("age,"))
    assert line.startswith("age,'=cmd|' /C calc'!A0,")
    assert ",-," in line


def test_the_workbook_keeps_its_headings_in_sight_and_offers_the_choices(
    version: DatasetVersion, analyst: User
) -> None:
    upload(version, GOOD, analyst)
    DictionaryEntry.objects.filter(name="age").update(name_zh="=1+1")

    sheet = load_workbook(io.BytesIO(dictionary.template_of(version, "xlsx"))).active
    headings = [cell.value for cell in sheet[1]]
    choices = {
        headings[column_index_from_string(str(rule.sqref)[0]) - 1].split(" / ")[1]: rule.formula1
        for rule in sheet.data_validations.dataValidation
        if rule.type == "list"
    }

    assert headings == [heading.text for heading in HEADINGS]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", f"A1:O{version.column_count + 1}")
    assert choices == {
        "expected direction": '"+,-,0"',
        "sensitive": '"是,否,yes,no"',
        "protected": '"是,否,yes,no"',
        "changeable": '"是,否,yes,no"',
        "allowed use": '"marketing,risk,marketing and risk"',
    }
    assert all(12 <= sheet.column_dimensions[letter].width < 49 for letter in "ABCDEFGHIJKLMNO")
    age = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == "age")
    # A text and no formula, also after someone has edited the cell.
    assert (age[1].value, age[1].data_type, age[1].quotePrefix) == ("=1+1", "s", True)
    assert (age[4].value, age[4].data_type, age[13].value) == (0, "n", 0.5)


def test_a_bank_s_own_headings_are_read_and_ours_win_over_another_word(version: DatasetVersion, analyst: User) -> None:
    text = (
        "字段名,中文名,类型,表,来源,可用时点,滞后天数,特殊值,期望方向,是否敏感,是否受保护,原因码,用途,单价,枚举\n"
        "age,年龄,数值,loan_base,核心系统,T+1,1,-999,-,否,否,年龄不符,风控,0.5,\n"
    )

    upload(version, text, analyst)

    age = DictionaryEntry.objects.get()
    assert (age.source, age.known_after_days, age.expected_direction, age.reason_zh) == ("核心系统", 1, "-", "年龄不符")


def test_a_dictionary_of_thousands_is_saved_in_few_statements(
    version: DatasetVersion, analyst: User, django_assert_max_num_queries: Any
) -> None:
    columns = [Column(version=version, position=100 + n, name=f"x{n}", type="numeric") for n in range(1_500)]
    Column.objects.bulk_create(columns)
    text = "column,Chinese name\n" + "".join(f"x{n},第 {n} 列\n" for n in range(1_500))

    with django_assert_max_num_queries(60):
        taken = upload(version, text, analyst)

    assert taken.saved == DictionaryEntry.objects.count() == 1_500


def test_fields_the_file_does_not_have_keep_what_is_known(version: DatasetVersion, analyst: User) -> None:
    upload(version, GOOD, analyst)
    upload(version, "column,source\nage,data mart\n", analyst)

    age = DictionaryEntry.objects.get(name="age")
    assert (age.source, age.name_zh) == ("data mart", "年龄")


def test_it_is_used_by_the_check_and_remembered_for_the_next_version(
    version: DatasetVersion, analyst: User, workspace: Workspace, run_jobs: RunJobs
) -> None:
    upload(version, GOOD, analyst)
    latest = services.receive_upload(analyst, workspace, a_file(), name=version.dataset.name)
    check = check_services.open_check(latest, "response", analyst)
    run_jobs()
    check.refresh_from_db()

    parts = spec_parts(check)
    assert parts["labels"]["age"] == {
        "en": "Age of the customer", "zh": "年龄", "reason_en": "Age does not fit", "reason_zh": "年龄不符合要求",
    }  # fmt: skip
    assert parts["value_labels"] == {"city": {"东": {"zh": "东区", "en": "East"}, "西": {"zh": "西区", "en": "West"}}}
    assert parts["monotone"] == {"age": -1}
    assert "city" in parts["excluded"]
    assert features_of(check) == {"age"}
    assert check.findings.get(code="protected").column.name == "city"
    assert dictionary.known_after_days(latest.dataset) == {"city": 30}


def test_the_plan_can_switch_a_proposed_direction_off_and_on_again(
    version: DatasetVersion, modeler: User, workspace: Workspace
) -> None:
    upload(version, GOOD, modeler)
    experiment = draft_experiment(
        user=modeler, workspace=workspace, kind="response", version=version, name="Who will respond"
    )
    check = experiment.data_check
    type(check).objects.filter(pk=check.pk).update(state="ready", target="responded", event="yes")
    experiment.refresh_from_db()

    def directions() -> dict[str, int]:
        experiment.refresh_from_db()
        return spec_of(experiment).monotone

    assert directions() == {"age": -1}
    save_column_rules(experiment, "age", direction=0, special_values=[])
    assert directions() == {}
    save_column_rules(experiment, "age", direction=1, special_values=[])
    assert directions() == {"age": 1}
    save_column_rules(experiment, "age", direction=-1, special_values=[])
    assert (directions(), Plan.of(experiment).monotone) == ({"age": -1}, {})
    assert as_it_holds(Plan(), experiment.data_check).monotone == {"age": -1}


def test_sensitive_values_are_shown_on_no_page(version: DatasetVersion, analyst: User, client_of: ClientOf) -> None:
    before = client_of(analyst).get(f"/data/{version.pk}/columns.csv").content.decode()
    upload(version, GOOD, analyst)
    after = client_of(analyst).get(f"/data/{version.pk}/columns.csv").content.decode()

    assert "东" in before
    assert "东" not in after
    assert "东 " not in client_of(analyst).get(f"/data/{version.pk}/").content.decode()


def test_the_page_shows_names_faults_and_takes_a_file(
    version: DatasetVersion, analyst: User, client_of: ClientOf
) -> None:
    client, address = client_of(analyst), f"/data/{version.pk}/dictionary/"
    wrong = SimpleUploadedFile("d.csv", b"column,direction\nage,sideways\n")
    refused = client.post(address, {"file": wrong})
    assert refused.status_code == 422
    assert "sideways is not a direction" in refused.content.decode()

    page = client.post(address, {"file": SimpleUploadedFile("d.csv", GOOD.encode())}, follow=True).content.decode()
    assert "Age of the customer" in page
    assert "2 columns are described." in page
    template = SimpleUploadedFile("d.xlsx", client.get(f"{address}template.xlsx").content)
    page = client.post(address, {"file": template}, follow=True).content.decode()
    assert "The file holds nothing new, so nothing was changed." in page
    analyst.language = "zh-hans"
    analyst.save()
    assert "年龄" in client.get(address).content.decode()


def test_one_column_is_edited_and_a_mistake_stays_beside_its_field(
    version: DatasetVersion, analyst: User, client_of: ClientOf
) -> None:
    column = version.columns.get(name="age")
    client, address = client_of(analyst), f"/data/{version.pk}/dictionary/{column.pk}/"
    wrong = client.post(address, {"name_zh": "年龄", "known_after_days": "soon"})
    assert wrong.status_code == 422
    assert "soon is not a number of days" in wrong.content.decode()
    assert not DictionaryEntry.objects.exists()

    client.post(address, {"name_zh": "年龄", "known_after_days": "7", "expected_direction": "+", "is_sensitive": "on"})
    age = DictionaryEntry.objects.get()
    assert (age.name_zh, age.known_after_days, age.expected_direction, age.is_sensitive) == ("年龄", 7, "+", True)


@pytest.mark.parametrize("page", ["dictionary/", "dictionary/template.csv", "dictionary/template.xlsx", "personal/"])
def test_a_stranger_finds_nothing(version: DatasetVersion, stranger: User, client_of: ClientOf, page: str) -> None:
    assert client_of(stranger).get(f"/data/{version.pk}/{page}").status_code == 404


def test_a_colleague_looks_but_does_not_change(
    version: DatasetVersion, add_person: Callable[..., User], client_of: ClientOf
) -> None:
    client = client_of(add_person("colleague"))
    assert client.get(f"/data/{version.pk}/dictionary/").status_code == 200
    answer = client.post(f"/data/{version.pk}/dictionary/", {"file": SimpleUploadedFile("d.csv", GOOD.encode())})
    assert answer.status_code == 403
    assert not DictionaryEntry.objects.exists()


def test_over_http_the_dictionary_is_put_read_and_refused_with_rows(version: DatasetVersion, analyst: User) -> None:
    secret = ApiToken.new_secret()
    ApiToken.objects.create(user=analyst, name="test", digest=ApiToken.digest_of(secret))
    caller = Client(headers={"Authorization": f"Bearer {secret}"})
    address = f"/api/v1/datasets/{version.pk}/dictionary"
    entry = {"name": "city", "name_en": "City", "enumerations": {"东": {"en": "East"}, "西": {"en": "West"}}}

    put = caller.put(address, [{"name": "age", "known_after_days": 5}, entry], content_type="application/json")
    assert put.json() == {"saved": 2, "skipped": 0, "unchanged": 0}
    for file_format, begin in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")):
        assert caller.get(f"{address}/template.{file_format}").content.startswith(begin)
    assert caller.get(f"{address}/template.pdf").status_code == 422
    found = {each["name"]: each for each in caller.get(address).json()}
    assert (found["age"]["known_after_days"], found["city"]["name_en"]) == (5, "City")

    refused = caller.put(address, [{"name": "city", "expected_direction": "+"}], content_type="application/json")
    assert refused.status_code == 409
    (error,) = refused.json()["errors"]
    assert (error["row"], error["pointer"]) == (1, "/0/expected_direction")
    assert error["detail"].startswith("city is not numeric,")
