"""A finished run is run again exactly; what came of it is compared to the byte, told in words, and kept."""

import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User, Workspace
from accounts.services import create_token
from audit.models import AuditEntry
from catalog.models import DatasetVersion
from common.storage import local_path
from experiments.artifact.manifest import attach, write_manifest
from experiments.errors import ArtifactError, BadInput
from jobs.models import Job
from planning.plans.plan import Plan
from planning.services.deleting import delete_experiment
from registry.evidence.reruns import reading_of, reruns_of
from registry.models import ModelVersion, RegisteredModel
from reruns import comparing, queries, samples, services
from reruns.models import Rerun
from reruns.views import reruns as views
from tests.conftest import around_the_triggers
from tests.training.conftest import result, trial
from tests.training.test_real_comparison import customers
from training.models import Experiment, ExperimentState, LeaderboardRow, Trial
from training.words import sentence

pytestmark = pytest.mark.database
ClientOf = Callable[[User], Client]
MADE = "ab" * 32  # the hash of whatever the stand-in of the engine makes


@pytest.fixture
def kept(draft: Experiment, finish: Callable[[Experiment], Experiment]) -> Experiment:
    """A finished experiment whose recommended model lies on disk with the record of its run."""
    experiment = finish(draft)
    row = experiment.leaderboard.get(is_recommended=True)
    folder = local_path(row.model_path)
    folder.mkdir(parents=True)
    (folder / "model.txt").write_text("points")
    write_manifest(folder, {"facts": {"candidate": row.candidate}, "versions": {"python": "3.0.1"}})
    attach(folder, {"run.json": json.dumps({"spec": experiment.spec, "trials": [], "decisions": {"seeds": 3}})})
    experiment.leaderboard.update(model_hash=MADE)
    return experiment


@pytest.fixture
def run(kept: Experiment, engine: Callable[[Any], None], run_jobs: Callable[[], list[Job]]) -> Callable[..., Rerun]:
    """Have it run again by a person, the engine standing in: ``run(modeler)``."""

    def again(person: User) -> Rerun:
        rerun = services.run_again(kept, person)
        engine(lambda *_, **__: result(Experiment.objects.get(pk=rerun.again_id), [trial(1)]))
        run_jobs()
        return Rerun.objects.get(pk=rerun.pk)

    return again


@pytest.fixture
def version_of(kept: Experiment, modeler: User) -> Callable[[str], ModelVersion]:
    """Register the recommended model of the run, with a sealed copy of its files: ``version_of("Loans")``."""

    def register(name: str) -> ModelVersion:
        row = kept.leaderboard.get(is_recommended=True)
        sealed = local_path(f"dossiers/{name}")
        shutil.copytree(local_path(row.model_path), sealed)
        manifest = json.loads((sealed / "manifest.json").read_text())
        return ModelVersion.objects.create(
            registered_model=RegisteredModel.objects.create(workspace=kept.workspace, name=name),
            number=1,
            leaderboard_row=row,
            author=modeler,
            artifact_path=f"dossiers/{name}",
            artifact_hash=manifest["hash"],
            artifact_seal=manifest["seal"],
        )

    return register


def page_text(answer: HttpResponse) -> str:
    return answer.content.decode()


def page(client: Client, name: str, pk: int, language: str = "en") -> str:
    return client.get(reverse(name, args=[pk]), headers={"Accept-Language": language}).content.decode()


def test_a_click_starts_it_and_a_second_one_while_it_waits_leads_to_the_same(
    kept: Experiment, modeler: User, client_of: ClientOf
) -> None:
    client = client_of(modeler)
    assert "Run again and match" in page(client, "experiment_result", kept.pk)

    first = client.post(reverse("rerun_start", args=[kept.pk]))
    second = client.post(reverse("rerun_start", args=[kept.pk]))

    rerun = Rerun.objects.get()
    assert first["Location"] == second["Location"] == reverse("rerun_detail", args=[rerun.pk])
    assert (rerun.experiment, rerun.asked_by, rerun.state) == (kept, modeler, "waiting")
    shown = page(client, "rerun_detail", rerun.pk)
    assert "Waiting" in shown
    assert "Cancel the re-run" in shown
    Trial.objects.filter(experiment=kept, number=1).update(experiment=rerun.again)
    Job.objects.update(started_at=timezone.now() - timedelta(seconds=60))
    assert "1 of 2 trials repeated" in page(client, "rerun_live", rerun.pk)
    course = queries.course_of(Rerun.objects.get(), Job.objects.get().started_at + timedelta(seconds=60))
    assert (course.percent, course.seconds_left) == (45.0, 60.0)


def test_what_matches_says_so_with_who_and_where_in_both_languages(
    run: Callable[..., Rerun], kept: Experiment, modeler: User, client_of: ClientOf
) -> None:
    rerun = run(modeler)

    assert (rerun.verdict, rerun.found.models, rerun.found.same_models) == ("same", 2, 2)
    assert rerun.machine == comparing.machine()
    shown = page(client_of(modeler), "rerun_detail", rerun.pk)
    assert "models (2) are all identical" in shown
    assert all(told in shown for told in ("Matches", str(modeler), rerun.machine))
    modeler.language = "zh-hans"
    modeler.save()
    shown = page(client_of(modeler), "rerun_list", kept.pk)
    assert all(told in shown for told in ("复跑并比对", "一致", str(modeler)))
    entry = AuditEntry.objects.get(action="rerun.matched")
    assert (entry.actor, entry.details["models"]) == (modeler, "2/2")


def test_what_differs_names_the_first_difference_and_what_it_rests_on(
    run: Callable[..., Rerun], kept: Experiment, modeler: User, client_of: ClientOf
) -> None:
    kept.leaderboard.filter(candidate="lightgbm").update(model_hash="cd" * 32)

    rerun = run(modeler)

    assert (rerun.verdict, rerun.found.same_models) == ("different", 1)
    shown = queries.shown(rerun)
    assert shown.first_difference == "The hash of model LightGBM is abababababab instead of cdcdcdcdcdcd."
    assert "1 of 2 models." in page(client_of(modeler), "rerun_detail", rerun.pk)
    assert AuditEntry.objects.filter(action="rerun.differed").exists()


def test_a_run_without_its_record_is_not_run_again(kept: Experiment, modeler: User, client_of: ClientOf) -> None:
    (local_path(kept.leaderboard.get(is_recommended=True).model_path) / "run.json").unlink()

    answer = client_of(modeler).post(reverse("rerun_start", args=[kept.pk]), follow=True)

    assert "Only a finished run whose models were kept can be run again exactly." in answer.content.decode()
    assert not Rerun.objects.exists()


def test_called_off_it_compares_nothing(kept: Experiment, modeler: User, client_of: ClientOf) -> None:
    rerun = services.run_again(kept, modeler)

    client_of(modeler).post(reverse("rerun_cancel", args=[rerun.pk]))

    rerun = Rerun.objects.get()
    assert (rerun.state, rerun.again.state) == ("cancelled", ExperimentState.CANCELLED)
    assert "It was cancelled; nothing was compared." in page(client_of(modeler), "rerun_detail", rerun.pk)


def test_colleagues_look_and_only_who_may_change_a_run_has_it_run_again(
    run: Callable[..., Rerun], kept: Experiment, modeler: User, stranger: User, client_of: ClientOf,
    add_person: Callable[..., User],
) -> None:  # fmt: skip
    rerun, colleague = run(modeler), add_person("colleague", Role.ANALYST)
    for name, pk in (("rerun_list", kept.pk), ("rerun_detail", rerun.pk)):
        assert client_of(colleague).get(reverse(name, args=[pk])).status_code == 200
        assert client_of(stranger).get(reverse(name, args=[pk])).status_code == 404
    start = reverse("rerun_start", args=[kept.pk])
    assert client_of(colleague).post(start).status_code == 403
    assert client_of(stranger).post(start).status_code == 404


def test_a_program_asks_for_it_and_reads_what_came_of_it(
    run: Callable[..., Rerun], kept: Experiment, modeler: User, stranger: User
) -> None:
    def client(person: User) -> Client:
        return Client(headers={"Authorization": f"Bearer {create_token(person, 'tests')[1]}"})

    rerun = run(modeler)
    asked = client(modeler).post(f"/api/v1/experiments/{kept.pk}/reruns")
    listed = client(modeler).get(f"/api/v1/experiments/{kept.pk}/reruns").json()
    told = client(modeler).get(f"/api/v1/reruns/{rerun.pk}").json()

    assert (asked.status_code, asked.json()["state"]) == (201, "waiting")
    assert [each["id"] for each in listed] == [asked.json()["id"], rerun.pk]
    assert (told["state"], told["asked_by"], told["is_independent"]) == ("same", modeler.username, True)
    assert client(stranger).get(f"/api/v1/reruns/{rerun.pk}").status_code == 404


def test_what_was_found_cannot_be_rewritten_in_the_database(run: Callable[..., Rerun], modeler: User) -> None:
    rerun = run(modeler)
    for values in (
        {"verdict": "different"},
        {"facts": {}},
        {"machine": "elsewhere"},
        {"asked_by": rerun.experiment.owner},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            Rerun.objects.filter(pk=rerun.pk).update(**values)


def test_the_page_asks_the_database_no_more_often_for_three_than_for_one(
    run: Callable[..., Rerun], kept: Experiment, modeler: User, client_of: ClientOf
) -> None:
    client, counted = client_of(modeler), []
    for _times in range(2):
        run(modeler)
        page(client, "rerun_list", kept.pk)
        with CaptureQueriesContext(connection) as asked:
            page(client, "rerun_list", kept.pk)
        counted.append(len(asked))
    assert counted[0] == counted[1]


def test_one_for_a_version_is_its_own_whatever_else_is_under_way(
    kept: Experiment, modeler: User, version_of: Callable[[str], ModelVersion]
) -> None:
    plain = services.run_again(kept, modeler)
    first = services.run_again(kept, modeler, version=version_of("Loans"))
    again = services.run_again(kept, modeler, version=first.version)
    altered = version_of("Other loans")
    (local_path(altered.artifact_path) / "model.txt").write_text("changed")

    assert plain.version is None
    assert first not in (None, plain)
    assert again == first
    assert services.run_again(kept, modeler) == plain
    with pytest.raises(ArtifactError):
        services.run_again(kept, modeler, version=altered)


def test_the_card_of_a_version_tells_the_one_that_differs_as_its_check_does(
    run: Callable[..., Rerun], kept: Experiment, modeler: User, version_of: Callable[[str], ModelVersion]
) -> None:
    differing, matching = run(modeler), run(modeler)
    LeaderboardRow.objects.filter(experiment=differing.again).update(model_hash="cd" * 32)
    with around_the_triggers():
        Rerun.objects.filter(pk=differing.pk).update(verdict="different")

    version = version_of("Loans")

    row = version.leaderboard_row
    assert reading_of(row, reruns_of([row])).state == "failed"
    assert matching.compared_at > differing.compared_at
    assert queries.last_compared(version) == differing


def test_whether_it_is_independent_is_told_as_its_check_counts_it(
    run: Callable[..., Rerun], kept: Experiment, modeler: User
) -> None:
    rerun, row = run(modeler), kept.leaderboard.get(is_recommended=True)

    for owner, state in ((modeler, "passed"), (kept.owner, "missing")):
        Experiment.objects.filter(pk=rerun.again_id).update(owner=owner)
        shown = queries.shown(Rerun.objects.get())
        assert reading_of(row, reruns_of([row])).state == state
        assert shown.is_independent is (state == "passed")


def test_what_is_evidence_of_a_version_is_not_deleted_and_anything_else_is(
    run: Callable[..., Rerun], kept: Experiment, modeler: User, version_of: Callable[[str], ModelVersion]
) -> None:
    without_version = run(modeler)
    delete_experiment(without_version.again, modeler)
    waiting = services.run_again(kept, modeler)
    services.cancel(waiting, modeler)
    compared, plain = run(modeler), run(modeler)
    plain.delete()  # the repetition stays: one that was asked for without a re-run
    version_of("Loans")

    for again in (compared.again, plain.again):
        with pytest.raises(BadInput) as refused:
            delete_experiment(again, modeler)
        told = sentence(refused.value.message, refused.value.params)
        assert told.startswith("This run is a re-run of the experiment of “Loans” v1, and its result is evidence")
    delete_experiment(Experiment.objects.get(pk=waiting.again_id), modeler)
    assert Rerun.objects.get() == compared


def test_many_come_in_pages_and_beside_one_only_the_newest_stand(
    run: Callable[..., Rerun], kept: Experiment, modeler: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "RERUNS_A_PAGE", 2)
    monkeypatch.setattr(views, "OTHERS_SHOWN", 1)
    oldest, middle, newest = run(modeler), run(modeler), run(modeler)
    client, address = client_of(modeler), reverse("rerun_list", args=[kept.pk])

    pages = [client.get(address, {"page": number}) for number in (1, 2)]
    beside = client.get(reverse("rerun_detail", args=[oldest.pk]))

    assert [[each.rerun for each in page.context["reruns"]] for page in pages] == [[newest, middle], [oldest]]
    assert "Page 1 of 2" in page_text(pages[0])
    assert [each.rerun for each in beside.context["others"]] == [newest]
    assert f'href="{address}">All re-runs' in page_text(beside)


class TestDifferences:
    """Each kind of difference is named, causes before effects."""

    @pytest.fixture
    def records(self, run: Callable[..., Rerun], modeler: User) -> tuple[Experiment, Path]:
        rerun = run(modeler)
        return rerun.again, rerun.again.work_dir / "replay"

    @staticmethod
    def told(before: dict[int, Any], now: dict[int, Any]) -> list[str]:
        return [sentence(each.message, each.params) for _number, each in comparing._unlike_trials(before, now)]

    def test_of_trials_the_first_thing_in_which_they_differ(self) -> None:
        one = {"number": 1, "learner": "linear", "params": {"c": 1, "l1": 0}, "fold_aucs": [0.7, 0.8], "auc": 0.75}
        assert self.told({1: one}, {1: dict(one)}) == []
        assert self.told({1: one}, {1: {**one, "params": {"c": 2, "l1": 0}}}) == [
            "In trial 1, a setting is c = 2 instead of c = 1."
        ]
        assert self.told({1: one}, {1: {**one, "fold_aucs": [0.7, 0.9], "auc": 0.8}}) == [
            "In trial 1, AUC in a fold is 0.9 instead of 0.8."
        ]
        assert self.told({1: one}, {}) == ["Trial 1 of the original run is missing."]
        assert self.told({}, {1: one, 2: one}) == ["Extra trials in the re-run: 2."]
        assert self.told({}, {1: one}) == ["Extra trials in the re-run: 1."]

    def test_the_data_when_the_table_is_not_the_one_that_was_read(self, records: tuple[Experiment, Path]) -> None:
        again, _folder = records
        again.version.parquet_sha256 = "0" * 64
        differences = comparing.facts_of(again).differences
        assert differences[0].message == comparing.DATA


@pytest.mark.slow
def test_a_real_run_matches_to_the_byte_and_a_version_a_core_or_a_trial_that_differs_is_named(
    real_run: Callable[..., Experiment],
    modeler: User,
    run_jobs: Callable[[], list[Job]],
) -> None:
    experiment = real_run("loans", customers(600, 0, seed=3))
    table = local_path(experiment.version.parquet_path).read_bytes()
    DatasetVersion.objects.update(parquet_sha256=hashlib.sha256(table).hexdigest())
    rerun = services.run_again(experiment, modeler)
    run_jobs()

    rerun.refresh_from_db()
    found = rerun.found
    assert (rerun.verdict, found.differences) == ("same", ())
    assert (found.trials, found.models) == (found.same_trials, found.same_models)
    assert found.trials > 0
    assert {"python", "numpy", "cores", "system"} <= {each.name for each in found.grounds}

    folder = rerun.again.work_dir / "replay"
    manifest, story = (json.loads((folder / name).read_text("utf-8")) for name in ("manifest.json", "run.json"))
    manifest["versions"]["numpy"] = "1.0.0"
    story["machine"]["cores"] = 96
    story["trials"][0]["auc"] = 0.5
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "run.json").write_text(json.dumps(story))
    messages = [each.message for each in comparing.facts_of(rerun.again).differences]
    assert messages == [comparing.VERSION, comparing.CORES, comparing.TRIAL]


def test_the_sample_workspace_has_a_small_experiment_run_again_by_somebody_else(
    kept: Experiment, add_person: Callable[..., User], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Experiment] = []
    monkeypatch.setattr(samples, "start_experiment", lambda experiment, _user: started.append(experiment))
    Experiment.objects.filter(pk=kept.pk).update(is_sample=True)
    Workspace.objects.filter(pk=kept.workspace_id).update(is_sample=True)
    add_person("approver", Role.ADMIN)

    samples.bring_small_experiment()
    samples.bring_small_experiment()

    (small,) = started
    assert Plan.of(Experiment.objects.get(pk=small.pk)).trials == samples.TRIALS
    # The one that stands in for it has ended and left its record.
    Experiment.objects.filter(pk=kept.pk).update(name=samples.NAME, state=ExperimentState.FINISHED)
    for _again in range(2):
        samples.ask_for_sample(Experiment.objects.get(pk=kept.pk))
    rerun = Rerun.objects.get()
    assert rerun.experiment == kept
    assert queries.shown(rerun).is_independent
