"""Months whose outcome is not yet known are found by the check and left out by one click, from page and program."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User, Workspace
from accounts.services import create_token
from checks import decisions
from checks.models import DataCheck
from experiments.errors import BadInput
from jobs.models import Job
from planning.services.drafting import draft_experiment
from tests.experiments.data.test_maturity import loans
from training.models import Experiment
from uploads import services


@pytest.fixture
def asked(analyst: User, workspace: Workspace, run_jobs: Callable[[], list[Job]]) -> Experiment:
    """A question on loans whose last five months were not watched for the whole half year."""
    rows = loans(8_000).to_csv(index=False).encode()
    version = services.receive_upload(analyst, workspace, SimpleUploadedFile("loans.csv", rows))
    run_jobs()
    version.refresh_from_db()
    experiment = draft_experiment(user=analyst, workspace=workspace, kind="default", version=version, name="Loans")
    run_jobs()
    return Experiment.objects.get(pk=experiment.pk)


def found(check: DataCheck) -> dict[str, str]:
    return dict(check.findings.filter(code__in=("ripening", "immature")).values_list("code", "severity"))


def held_from(experiment: Experiment) -> str:
    return experiment.planned_splits.latest("pk").answer["boundaries"]["held_to"]


@pytest.mark.slow
def test_immature_months_are_left_out_by_one_click_on_the_plan(
    asked: Experiment, analyst: User, client_of: Callable[[User], Client], run_jobs: Callable[[], list[Job]]
) -> None:
    assert found(asked.data_check) == {"ripening": "warning"}
    browser = client_of(analyst)
    for page in ("experiment_data", "experiment_plan"):
        shown = browser.get(reverse(page, args=[asked.pk])).content.decode()
        assert "not closed yet" in shown
        assert 'id="leave-out-immature" form="immature"' in shown
        assert all("<form" not in form.split("</form>")[0] for form in shown.split("<form")[1:])
    assert held_from(asked) > "2024-03"

    browser.post(reverse("experiment_immature", args=[asked.pk]))
    run_jobs()

    asked = Experiment.objects.get(pk=asked.pk)
    assert found(asked.data_check) == {"ripening": "passed", "immature": "warning"}
    assert asked.data_check.sample["known_until"] == "2024-03-31"
    # The out-of-time test ends before the months that were left out.
    assert held_from(asked) < "2023-12"
    assert "leave-out-immature" not in browser.get(reverse("experiment_plan", args=[asked.pk])).content.decode()
    with pytest.raises(BadInput, match="found no immature month"):
        decisions.leave_out_immature(asked.data_check, analyst)


@pytest.mark.slow
def test_a_program_is_told_of_immature_months_and_leaves_them_out(
    asked: Experiment, analyst: User, run_jobs: Callable[[], list[Job]]
) -> None:
    client = Client(headers={"Authorization": f"Bearer {create_token(analyst, 'tests')[1]}"})
    address = f"/api/v1/experiments/{asked.pk}"
    (told,) = [each for each in client.get(address).json()["findings"] if each["code"] == "ripening"]
    assert told["severity"] == "warning"
    assert told["months"][-1] == "2024-03"

    answer = client.post(f"{address}/leave-out-immature")
    run_jobs()

    assert (answer.status_code, answer.json()["check_state"]) == (202, "running")
    codes = {each["code"]: each["severity"] for each in client.get(address).json()["findings"]}
    assert (codes["ripening"], codes["immature"]) == ("passed", "warning")
    assert client.post(f"{address}/leave-out-immature").status_code in (409, 422)
