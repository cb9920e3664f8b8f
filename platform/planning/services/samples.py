"""What a first visitor finds: three public datasets and one experiment, run for real on this machine."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.base import File

from accounts.models import User, Workspace
from accounts.samples import create_sample_people
from catalog.models import Dataset, DatasetVersion
from checks import services as check_services
from checks.models import DataCheck
from dictionary.models import DictionaryEntry
from planning.plans.plan import Plan
from planning.services.drafting import draft_experiment, save_plan
from planning.services.starting import start_experiment
from training.models import Budget, Experiment, ExperimentState
from uploads import services as uploads

log = logging.getLogger(__name__)

EXPERIMENT_NAME = "德国信用：谁会违约？ German credit"
# As many models whatever else the machine does: seconds of a busy one end before the first are measured.
EXPERIMENT_TRIALS = 150
PATIENCE_SECONDS = 900.0
# Of the German credits: what is asked for, and what one has saved.
CHANGEABLE = ("duration_in_month", "credit_amount", "savings_account_and_bonds", "other_installment_plans")


@dataclass(frozen=True)
class Sample:
    """A public dataset shipped with the product, and whom to thank for it."""

    file_name: str
    name: str
    attribution: str

    @property
    def path(self) -> Path:
        return Path(settings.ROOT) / "platform" / "catalog" / "samples" / self.file_name


GERMAN = Sample(
    "german_credit.csv.gz",
    "德国信用 German credit",
    "H. Hofmann: Statlog (German Credit Data). UCI Machine Learning Repository, id 144, 1994. "
    "https://doi.org/10.24432/C5NC77 · CC BY 4.0",
)
SAMPLES = (
    GERMAN,
    Sample(
        "bank_marketing_additional_full.csv.gz",
        "银行营销 Bank marketing",
        "S. Moro, P. Rita, P. Cortez: Bank Marketing. UCI Machine Learning Repository, id 222, 2014. "
        "https://doi.org/10.24432/C5K306 · CC BY 4.0",
    ),
    Sample(
        "taiwan_credit_default.csv.gz",
        "台湾信用卡违约 Taiwan credit default",
        "I.-C. Yeh: Default of Credit Card Clients. UCI Machine Learning Repository, id 350, 2009. "
        "https://doi.org/10.24432/C55S3H · CC BY 4.0",
    ),
)


def load_samples() -> None:
    """Bring whatever of the samples is not there yet; may be stopped anywhere and called again."""
    workspace = create_sample_people()
    modeler = workspace.members.filter(username="modeler").first()
    if modeler is None:
        return
    versions = {sample: load_dataset(sample, workspace, modeler) for sample in SAMPLES}
    version = versions[GERMAN]
    if version is not None:
        describe_what_customers_can_change(version.dataset, modeler)
        run_sample_experiment(version, workspace, modeler)


def load_dataset(sample: Sample, workspace: Workspace, owner: User) -> DatasetVersion | None:
    """Upload a sample as a person would; what someone has deleted or renamed does not come back."""
    known = Dataset.objects.filter(workspace=workspace, is_sample=True, attribution=sample.attribution).first()
    if known is not None:
        return known.versions.order_by("number").first()
    with sample.path.open("rb") as source:
        version = uploads.receive_upload(owner, workspace, File(source, name=sample.file_name), sample.name)
    Dataset.objects.filter(pk=version.dataset_id).update(is_sample=True, attribution=sample.attribution)
    return version


def describe_what_customers_can_change(dataset: Dataset, owner: User) -> None:
    """Say so in the dictionary, from which alone changes are advised; a dictionary that somebody wrote stays."""
    if not dataset.dictionary.exists():
        DictionaryEntry.objects.bulk_create(
            DictionaryEntry(dataset=dataset, name=name, is_changeable=True, set_by=owner) for name in CHANGEABLE
        )


def run_sample_experiment(version: DatasetVersion, workspace: Workspace, owner: User) -> None:
    """Draft the experiment, wait for the worker to read and check the data, and start it."""
    experiment = Experiment.objects.filter(workspace=workspace, is_sample=True).first()
    if experiment is None:
        experiment = draft_experiment(
            user=owner, workspace=workspace, kind="default", version=version, name=EXPERIMENT_NAME
        )
        Experiment.objects.filter(pk=experiment.pk).update(is_sample=True)
    if experiment.state != ExperimentState.DRAFT:
        return
    check = experiment.data_check
    if not _wait_for(check, lambda: check.state != DataCheck.State.DRAFT or check.columns.exists()):
        return
    if (check.target, check.event) != ("creditability", "bad"):
        check_services.choose_target(check, "creditability", "bad", owner)
    elif check.state == DataCheck.State.FAILED:
        check_services.start_check(check)
    if not _wait_for(check, lambda: check.state in (DataCheck.State.READY, DataCheck.State.FAILED)):
        return
    if check.state == DataCheck.State.READY:
        experiment.refresh_from_db()
        save_plan(experiment, Plan(budget=Budget.TRIALS, trials=EXPERIMENT_TRIALS))
        start_experiment(experiment, owner)


def _wait_for(check: DataCheck, holds: Callable[[], bool]) -> bool:
    """Look at the row until what is waited for holds; the workers do the work meanwhile."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        check.refresh_from_db()
        if holds():
            return True
        if time.monotonic() > deadline:
            log.warning("the sample experiment waits for its data check; it is taken up at the next start")
            return False
        time.sleep(1)
