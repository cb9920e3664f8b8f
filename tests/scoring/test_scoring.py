"""Scoring a file with a champion, by the real engine: what comes out, what is counted, and what stops it."""

import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import polars as pl
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import ApiToken
from accounts.services import create_token
from audit.models import AuditEntry
from catalog.models import Column
from common.storage import local_path
from experiments.errors import ArtifactError
from experiments.privacy.protection import hashed
from jobs.models import Job, JobLogLine
from privacy.protection import secret_key
from registry.models import ModelVersion
from registry.services.champions import retire
from scoring import runner
from scoring.api import ScoringOut
from scoring.models import ScoringJob
from scoring.services import ScoringError, start_scoring
from scoring.words import shown_cover, shown_psi
from tests.conftest import around_the_triggers

pytestmark = pytest.mark.database


def upload(frame: pd.DataFrame, name: str = "april.csv") -> SimpleUploadedFile:
    if name.endswith(".parquet"):
        return SimpleUploadedFile(name, frame.to_parquet(index=False))
    return SimpleUploadedFile(name, frame.to_csv(index=False).encode())


def scored(user: Any, version: ModelVersion, file: SimpleUploadedFile, run_jobs: Any, **more: Any) -> ScoringJob:
    scoring_job = start_scoring(user, version, file, **more)
    run_jobs()
    scoring_job.refresh_from_db()
    return scoring_job


def scores(scoring_job: ScoringJob, settings: Any) -> pd.DataFrame:
    return pd.read_csv(Path(settings.MEDIA_ROOT) / scoring_job.files["csv"], encoding="utf-8-sig")


def test_every_customer_gets_id_probability_score_band_and_reasons(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any, settings: Any
) -> None:
    scoring_job = scored(analyst, champion, upload(next_month()), run_jobs)

    found = scores(scoring_job, settings)
    assert (scoring_job.state, scoring_job.row_count) == ("finished", 300)
    assert list(found.columns[:4]) == ["customer", "probability", "score", "band"]
    assert list(found.columns[4:]) == ["points", "reason_1", "reason_2", "reason_3", "reason_4"]
    assert found["customer"].tolist() == next_month()["customer"].tolist()
    assert set(found["band"]) <= set("ABCDE")
    assert scoring_job.artifact_hash == champion.artifact_hash
    with (Path(settings.MEDIA_ROOT) / scoring_job.files["csv"]).open("rb") as csv:
        assert csv.read(3) == b"\xef\xbb\xbf"
    parquet = pd.read_parquet(Path(settings.MEDIA_ROOT) / scoring_job.files["parquet"])
    assert parquet["probability"].round(9).tolist() == found["probability"].round(9).tolist()


def test_ids_that_are_personal_data_leave_as_the_hash_they_are_joined_by(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any, settings: Any
) -> None:
    dataset_version = champion.leaderboard_row.experiment.version
    facts = {"protection": {"way": "hash", "kind": "mobile"}}
    dataset_version.columns.filter(name="customer").delete()
    Column.objects.create(
        version=dataset_version, position=99, name="customer", type="text", personal_data="mobile", profile=facts
    )
    frame = next_month()
    scoring_job = scored(analyst, champion, upload(frame), run_jobs)

    found = scores(scoring_job, settings)["customer"]
    assert found.str.fullmatch("[0-9a-f]{32}").all()
    expected = hashed(pl.Series(frame["customer"].tolist()), "mobile", key=secret_key())
    assert found.tolist() == expected.to_list()


def test_reasons_come_in_the_language_of_whoever_started(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any, settings: Any
) -> None:
    with translation.override("zh-hans"):
        chinese = scored(analyst, champion, upload(next_month()), run_jobs)
    english = scored(analyst, champion, upload(next_month()), run_jobs, language="en")

    words = {name: " ".join(scores(job, settings)["reason_1"].dropna()) for name, job in
             (("zh", chinese), ("en", english))}  # fmt: skip
    assert "年龄" in words["zh"] or "月收入" in words["zh"]
    assert "Age" in words["en"] or "Monthly income" in words["en"]


def test_shuffled_extra_and_empty_cells_and_unseen_categories_are_counted(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any, settings: Any
) -> None:
    plain = next_month()
    changed = plain[["job", "income", "customer", "age"]].assign(hobby="chess")
    changed.loc[:4, "income"] = None
    changed.loc[10:12, "job"] = "astronaut"

    before = scores(scored(analyst, champion, upload(plain), run_jobs), settings)
    scoring_job = scored(analyst, champion, upload(changed, "april.parquet"), run_jobs)
    after = scores(scoring_job, settings)

    cover = scoring_job.summary["cover"]
    assert cover["extra_columns"] == ["hobby"]
    assert cover["empty_cells"].get("income") == 5
    assert cover["unseen_levels"].get("job") == {"astronaut": 3}
    untouched = list(range(20, 300))
    assert after.loc[untouched, "probability"].tolist() == before.loc[untouched, "probability"].tolist()


def test_a_missing_column_stops_the_scoring_with_a_sentence_and_no_file(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any, settings: Any, client_of: Any
) -> None:
    most_used = champion.metrics["factors"][0]["column"]

    scoring_job = scored(analyst, champion, upload(next_month().drop(columns=most_used)), run_jobs)

    page = client_of(analyst).get(reverse("scoring_detail", args=[scoring_job.pk])).content.decode()
    assert (scoring_job.state, scoring_job.files) == ("failed", {})
    assert "The file lacks 1 column the model needs" in page
    assert most_used in page
    assert list(Path(settings.MEDIA_ROOT).glob("scoring/**/*.csv")) == []


def test_words_empty_columns_and_another_unit_are_told_on_the_page_and_by_the_api(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any, client_of: Any
) -> None:
    changed = next_month().assign(age=None, job="clerk")
    changed["income"] = ["高", "13912345678是低"] * 150
    scoring_job = scored(analyst, champion, upload(changed), run_jobs)

    page = client_of(analyst).get(reverse("scoring_detail", args=[scoring_job.pk])).content.decode()
    told = ScoringOut.model_validate(ScoringOut.of(scoring_job)).model_dump()["findings"]
    assert "income: 300 cells hold text where a number belongs (139****5678是低, 高)" in page
    assert "13912345678" not in page + str(scoring_job.summary)
    assert "Columns that were never empty in training have empty cells" in page
    assert "The file covers what the model needs" not in page
    assert [finding["tone"] for finding in told[:2]] == ["warn"] * 2
    assert ("age", "completely empty") in [tuple(each) for finding in told for each in finding["details"]]
    with translation.override("zh-hans"):
        chinese = shown_cover(scoring_job.summary)[0].sentence
    assert chinese == "income：300 个单元格应是数字，却写着文字（139****5678是低、高）"


def test_an_error_names_the_file_as_the_person_knows_it(
    champion: ModelVersion, analyst: Any, run_jobs: Any, client_of: Any
) -> None:
    broken = SimpleUploadedFile("四月.csv", b"customer,age,income,job\nC1,30,5\nC2,40,6,clerk,x\n")
    scoring_job = scored(analyst, champion, broken, run_jobs)

    page = client_of(analyst).get(reverse("scoring_detail", args=[scoring_job.pk])).content.decode()
    assert scoring_job.state == "failed"
    assert "of 四月.csv has" in page
    assert "source" not in str(scoring_job.job.error_params)


def test_a_file_may_be_read_in_another_way_as_an_upload_may(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any, settings: Any, client_of: Any
) -> None:
    frame = next_month(40).assign(job="nurse", customer=[f"Priv\u00e9 {number}" for number in range(40)])
    latin = frame.to_csv(index=False, sep=";").replace("é 7", "é \u20ac7").encode("windows-1252")
    client = client_of(analyst)
    form = client.get(reverse("scoring_new")).content.decode()
    assert 'name="encoding"' in form
    assert 'name="source_column"' not in form

    found_out = {"version": champion.pk, "file": SimpleUploadedFile("latin.csv", latin)}
    client.post(reverse("scoring_new"), found_out)
    chosen = {"encoding": "windows-1252", "delimiter": ";", "decimal": "."}
    client.post(reverse("scoring_new"), {**found_out, **chosen, "file": SimpleUploadedFile("latin.csv", latin)})
    run_jobs()
    read, refused = ScoringJob.objects.order_by("-pk")

    assert (refused.state, read.state) == ("failed", "finished")
    assert "How the file is read" in client.get(reverse("scoring_detail", args=[refused.pk])).content.decode()
    assert scores(read, settings)["customer"].tolist()[:8] == [*(f"Privé {n}" for n in range(7)), "Privé €7"]
    assert AuditEntry.objects.filter(action="scoring_job.started").latest("pk").details["reading"] == chosen


def test_altered_model_files_score_nothing(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any, settings: Any
) -> None:
    manifest = Path(settings.MEDIA_ROOT) / champion.artifact_path / "evidence.json"
    manifest.write_text("{}")

    scoring_job = scored(analyst, champion, upload(next_month()), run_jobs)

    assert scoring_job.state == "failed"
    assert scoring_job.job.error_params == {"file": "evidence.json"}
    assert "is missing or was changed" in scoring_job.job.error_message


SWAPS = {
    "artifact_hash": ("0" * 64, "its model file is not the one in the signed approval"),
    "artifact_seal": ("0" * 64, "its model file is not the one in the signed approval"),
    "artifact_path": ("approvals/services/dossiers/other", "its model file is not the one in the signed approval"),
    "limits_of_use": ("None at all", "its limits of use are not those in the signed approval"),
    "expires_on": (date(2099, 1, 1), "its expiry is not the one in the signed approval"),
}


@pytest.mark.parametrize("name", SWAPS)
def test_what_was_swapped_in_the_database_scores_nothing(
    champion: ModelVersion, analyst: Any, client_of: Any, next_month: Any, run_jobs: Any, name: str
) -> None:
    queued = start_scoring(analyst, champion, upload(next_month()))
    value, told = SWAPS[name]
    with around_the_triggers():
        ModelVersion.objects.filter(pk=champion.pk).update(**{name: value})
    swapped = ModelVersion.objects.get(pk=champion.pk)

    with pytest.raises(ArtifactError) as refused:
        start_scoring(analyst, swapped, upload(next_month()))
    run_jobs()
    queued.refresh_from_db()

    assert told in refused.value.message
    assert (queued.state, queued.job.error_message) == ("failed", refused.value.message)
    form = {"version": champion.pk, "file": upload(next_month())}
    page = client_of(analyst).post(reverse("scoring_new"), form).content.decode()
    assert told in page
    _token, secret = create_token(analyst, "tests")
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    form = {"model_id": champion.registered_model_id, "file": upload(next_month())}
    answer = program.post("/api/v1/scoring-jobs", form)
    assert (answer.status_code, told in answer.json()["detail"]) == (409, True)


@pytest.mark.parametrize("moment", ["while it waits", "while it scores"])
def test_a_version_retired_before_its_scores_are_ready_makes_none(
    champion: ModelVersion, analyst: Any, admin: Any, next_month: Any, run_jobs: Any, moment: str
) -> None:
    scoring_job = start_scoring(analyst, champion, upload(next_month()))

    if moment == "while it waits":
        retire(champion, admin, "Replaced by rules")
        run_jobs()
    else:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(runner, "take_hash", lambda _job: retire(champion, admin, "Replaced by rules"))
            run_jobs()

    scoring_job.refresh_from_db()
    assert (scoring_job.state, scoring_job.files, scoring_job.row_count) == ("failed", {}, 0)
    assert scoring_job.job.error_params == {"version": str(champion)}
    assert "was retired before they were ready" in scoring_job.job.error_message
    assert not list(local_path(scoring_job.folder).glob("scores.*"))


def test_a_champion_that_only_the_database_made_scores_nothing(
    champion: ModelVersion, analyst: Any, admin: Any, next_month: Any
) -> None:
    retire(champion, admin, "Replaced by rules")
    with around_the_triggers():
        ModelVersion.objects.filter(pk=champion.pk).update(state="approved", alias="champion")

    with pytest.raises(ArtifactError, match="another version is the champion"):
        start_scoring(analyst, ModelVersion.objects.get(pk=champion.pk), upload(next_month()))


def test_what_was_scored_cannot_be_rewritten(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any
) -> None:
    scoring_job = scored(analyst, champion, upload(next_month()), run_jobs)
    rows = ScoringJob.objects.filter(pk=scoring_job.pk)

    for act in (lambda: rows.update(row_count=1), lambda: rows.update(owner=champion.author_id + 1), rows.delete):
        with pytest.raises(IntegrityError, match="cannot be rewritten"), transaction.atomic():
            act()


def test_only_a_champion_in_date_may_score(champion: ModelVersion, analyst: Any, next_month: Any) -> None:
    champion.expires_on = timezone.localdate() - timedelta(days=1)
    with pytest.raises(ScoringError, match="expired on"):
        start_scoring(analyst, champion, upload(next_month()))
    champion.alias = ""
    with pytest.raises(ScoringError, match="not a champion"):
        start_scoring(analyst, champion, upload(next_month()))
    assert not ScoringJob.objects.exists()


def test_a_stranger_cannot_start(champion: ModelVersion, stranger: Any, next_month: Any) -> None:
    with pytest.raises(PermissionDenied):
        start_scoring(stranger, champion, upload(next_month()))


def test_the_path_in_the_browser_and_its_downloads_are_on_record(
    champion: ModelVersion, modeler: Any, next_month: Any, run_jobs: Any, client_of: Callable[..., Client]
) -> None:
    client = client_of(modeler)
    none = client.post(reverse("scoring_new"), {"version": champion.pk})
    answer = client.post(reverse("scoring_new"), {"version": champion.pk, "file": upload(next_month())})
    scoring_job = ScoringJob.objects.get()
    detail = reverse("scoring_detail", args=[scoring_job.pk])
    waiting = client.get(detail).content.decode()
    run_jobs()
    live = client.get(reverse("scoring_progress", args=[scoring_job.pk]))
    page = client.get(detail).content.decode()
    csv = b"".join(client.get(reverse("scoring_file", args=[scoring_job.pk, "csv"])).streaming_content)

    assert (none.status_code, answer.url) == (422, detail)
    assert "Choose a file first" in none.content.decode()
    assert "Next in the queue" in waiting
    assert (live.status_code, live["HX-Refresh"]) == (204, "true")
    assert "verified: this is the approved model" in page
    assert "The file covers what the model needs." in page
    assert len(pd.read_csv(io.BytesIO(csv))) == 300
    recorded = AuditEntry.objects.filter(action__startswith="scoring_job.").values_list("action", "actor__username")
    acts = ("scoring_job.started", "scoring_job.hashed", "scoring_job.downloaded")
    assert list(recorded) == [(act, "modeler") for act in acts]


@pytest.mark.parametrize("has_mark", [True, False])
def test_the_same_form_posted_twice_is_one_job(
    champion: ModelVersion, analyst: Any, next_month: Any, client_of: Any, has_mark: bool
) -> None:
    client, frame = client_of(analyst), next_month(40)
    page = client.get(reverse("scoring_new")).content.decode()
    mark = {"once": page.split('name="once" value="')[1].split('"')[0]} if has_mark else {}

    def send(name: str = "april.csv") -> str:
        form = {"version": champion.pk, "file": upload(frame, name), **mark}
        return str(client.post(reverse("scoring_new"), form)["Location"])

    assert send() == send()
    assert (ScoringJob.objects.count(), Job.objects.filter(kind="scoring").count()) == (1, 1)
    assert send("may.csv") != send()
    assert ScoringJob.objects.filter(file_name="may.csv").count() == 1


def test_an_empty_file_is_refused_in_the_form(champion: ModelVersion, analyst: Any, client_of: Any) -> None:
    answer = client_of(analyst).post(
        reverse("scoring_new"), {"version": champion.pk, "file": SimpleUploadedFile("april.csv", b"")}
    )

    assert answer.status_code == 422
    assert "is empty" in answer.content.decode()


def test_colleagues_see_and_download_strangers_find_nothing(
    champion: ModelVersion, analyst: Any, next_month: Any, run_jobs: Any, client_of: Any, add_person: Any, stranger: Any
) -> None:
    scoring_job = scored(analyst, champion, upload(next_month(20)), run_jobs)
    pages = [
        reverse("scoring_detail", args=[scoring_job.pk]),
        *(reverse("scoring_file", args=[scoring_job.pk, name]) for name in ("csv", "parquet")),
    ]

    for page in pages:
        assert client_of(add_person(f"colleague{len(page)}")).get(page).status_code == 200
        assert client_of(stranger).get(page).status_code == 404
        assert Client().get(page).status_code == 302
    strange = client_of(stranger).post(reverse("scoring_new"), {"version": champion.pk, "file": upload(next_month())})
    assert strange.status_code == 422


def test_a_colleague_cannot_cancel_but_the_owner_can(
    champion: ModelVersion, analyst: Any, next_month: Any, client_of: Any, add_person: Any, run_jobs: Any
) -> None:
    scoring_job = start_scoring(analyst, champion, upload(next_month()))
    address = reverse("scoring_cancel", args=[scoring_job.pk])

    assert client_of(add_person("colleague")).post(address).status_code == 403
    client_of(analyst).post(address)
    run_jobs()
    scoring_job.refresh_from_db()
    assert (scoring_job.state, scoring_job.files) == ("cancelled", {})


def test_of_a_scoring_that_did_not_finish_no_rows_of_customers_stay(
    champion: ModelVersion, analyst: Any, next_month: Any, client_of: Any, run_jobs: Any
) -> None:
    scoring_job = start_scoring(analyst, champion, upload(next_month()))
    rows = local_path(scoring_job.rows_key)
    rows.parent.mkdir(parents=True, exist_ok=True)
    rows.write_bytes(b"written before somebody stopped the work")
    client_of(analyst).post(reverse("scoring_cancel", args=[scoring_job.pk]))
    run_jobs()
    assert not rows.exists()
    finished = scored(analyst, champion, upload(next_month(20)), run_jobs)
    assert local_path(finished.rows_key).is_file()


def test_the_list_takes_the_same_queries_for_one_row_and_for_three(
    champion: ModelVersion, analyst: Any, next_month: Any, client_of: Any
) -> None:
    from django.db import connection

    client = client_of(analyst)
    start_scoring(analyst, champion, upload(next_month(5)))
    client.get(reverse("scoring_list"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("scoring_list"))
    start_scoring(analyst, champion, upload(next_month(5)))
    start_scoring(analyst, champion, upload(next_month(5)))
    with CaptureQueriesContext(connection) as three:
        client.get(reverse("scoring_list"))

    assert len(three) == len(one)


@pytest.mark.parametrize(
    ("value", "limit", "tone"),
    [
        (0.008, 0.002, "good"),
        (0.15, 0.2, "muted"),
        (0.02, 0.9, "muted"),
        (0.427, 6.981, "muted"),
        (0.15, 0.02, "warn"),
        (0.3, 0.02, "bad"),
    ],
)
def test_a_shift_counts_only_when_it_is_large_and_beyond_chance(value: float, limit: float, tone: str) -> None:
    assert shown_psi({"psi": {"value": value, "limit": limit}})["tone"] == tone


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_ids_leave_as_written_and_missing_or_repeated_ones_are_counted_on_page_and_api(
    champion: ModelVersion, analyst: Any, client_of: Any, next_month: Any, run_jobs: Any, settings: Any, language: str
) -> None:
    frame = next_month().head(8)
    frame["customer"] = ["20240115", "10E3", "1%", "", "007", "007", "=1", " A1"]
    scoring_job = scored(analyst, champion, upload(frame), run_jobs)

    parquet = pd.read_parquet(Path(settings.MEDIA_ROOT) / scoring_job.files["parquet"])
    assert parquet["customer"].fillna("").tolist() == frame["customer"].tolist()
    client = client_of(analyst)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    csv = b"".join(client.get(reverse("scoring_file", args=[scoring_job.pk, "csv"])).streaming_content).decode(
        "utf-8-sig"
    )
    assert [line.split(",")[0] for line in csv.splitlines()[1:]] == [*frame["customer"][:6], "'=1", " A1"]
    counted = {"column": "customer", "expected": "customer", "blank": 1, "repeated": 1, "repeated_rows": 2}
    secret = ApiToken.new_secret()
    ApiToken.objects.create(user=analyst, name="test", digest=ApiToken.digest_of(secret))
    caller = Client(headers={"Authorization": f"Bearer {secret}"})
    assert caller.get(f"/api/v1/scoring-jobs/{scoring_job.pk}").json()["summary"]["ids"] == counted
    page = client.get(reverse("scoring_detail", args=[scoring_job.pk])).content.decode()
    told = {
        "en": [
            "1 row has no ID",
            "1 ID occurs more than once, in 2 rows altogether",
            "IDs are written exactly as in the file",
        ],
        "zh-hans": ["1 行没有客户号", "1 个客户号重复出现，共涉及 2 行", "客户号按文件原样写出"],
    }
    for sentence in told[language]:
        assert sentence in page


def test_a_file_without_ids_and_a_scoring_of_before_ids_were_counted_have_a_page(
    champion: ModelVersion, analyst: Any, client_of: Any, next_month: Any, run_jobs: Any
) -> None:
    scoring_job = scored(analyst, champion, upload(next_month().drop(columns="customer")), run_jobs)
    page = client_of(analyst).get(reverse("scoring_detail", args=[scoring_job.pk])).content.decode()
    assert "The file has no column customer: the scores carry row numbers in place of IDs" in page

    del scoring_job.summary["ids"]
    with around_the_triggers():
        scoring_job.save()
    assert client_of(analyst).get(reverse("scoring_detail", args=[scoring_job.pk])).status_code == 200


def test_people_in_a_scored_file_are_on_no_page_and_in_no_answer_log_or_row(
    champion: ModelVersion,
    analyst: Any,
    next_month: Any,
    run_jobs: Any,
    settings: Any,
    client_of: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    frame = next_month()
    random = Random(4)
    names = [
        f"{random.choice('王李张刘陈蹇')}{random.choice('伟芳娜敏')}{random.choice('强磊军洋')}" for _ in frame.index
    ]
    phones = [f"138{random.randint(10**7, 10**8 - 1)}" for _ in frame.index]
    features = [column for column in frame.columns if column != "customer"]
    # Cells that came into the wrong column, and columns that no model knows.
    frame[features[0]] = names
    frame[features[1]] = phones
    frame["姓名"], frame["手机"] = names, phones
    secret = create_token(analyst, "test")[1]
    caller = Client(headers={"Authorization": f"Bearer {secret}"})
    client = client_of(analyst)

    places = {}
    for file in (upload(frame), upload(frame[["姓名", "手机", *features[2:]]], "lacks.csv")):
        scoring_job = scored(analyst, champion, file, run_jobs)
        for address in (f"/scoring/{scoring_job.pk}/", f"/scoring/{scoring_job.pk}/progress/", "/scoring/"):
            places[address] = client.get(address, follow=True).content.decode()
        answer = caller.get(f"/api/v1/scoring-jobs/{scoring_job.pk}")
        places["api"] = json.dumps(answer.json(), ensure_ascii=False)
        kinds = (ScoringJob, Job, JobLogLine, AuditEntry)
        places["rows"] = repr([list(kind.objects.values()) for kind in kinds])
        if scoring_job.files:
            places["scores"] = scores(scoring_job, settings)[["probability", "band"]].to_csv()
    places["log"] = caplog.text

    seen = {place: [value for value in (*names, *phones) if value in text][:3] for place, text in places.items()}
    assert {place: found for place, found in seen.items() if found} == {}
