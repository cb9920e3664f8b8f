"""A new draft that begins where another experiment is: its plan, and its data check or that of another version."""

from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit import services as audit
from catalog.models import DatasetVersion
from checks import services as check_services
from checks.carrying import carry_check
from checks.models import DataCheck
from experiments.errors import BadInput, gettext_noop
from experiments.sentence import Sentence
from planning.plans.plan import Plan
from training.models import Experiment
from training.queries.participants import CLONED, participants_in

OTHER_DATASET = gettext_noop("A clone stays on its dataset. To ask the same of another dataset, build a new model.")
NOT_READ_YET = gettext_noop("This dataset version has not been read yet. Wait until its state is ready.")
RULES_LEFT = gettext_noop(
    "Not in this dataset version, so the plan no longer has monotone constraints or special values for them: "
    "%(columns)s."
)
FIELDS_LEFT = gettext_noop("Not in this dataset version, so the plan no longer names them: %(columns)s.")
MOST_LETTERS = 120


@dataclass(frozen=True)
class Clone:
    """A new draft, and what of the experiment it was cloned from could not come along."""

    experiment: Experiment
    told: list[Sentence] = field(default_factory=list)


@transaction.atomic
def clone_experiment(
    experiment: Experiment, user: User, *, name: str = "", version: DatasetVersion | None = None
) -> Clone:
    """Open a draft with the plan of an experiment, on the same dataset version or on another one of its dataset.

    On the same version the data check is taken over as it is. On another it is made again, with what people decided
    where the columns are the same.

    Raises
    ------
    BadInput : the version belongs to another dataset, or has not been read yet.
    """
    version = version or experiment.version
    _refuse_version(experiment, version)
    plan, told = Plan.of(experiment), list[Sentence]()
    if version.pk == experiment.version_id and experiment.data_check.state == DataCheck.State.READY:
        check = check_services.copy_check(experiment.data_check, user)
    else:
        carried = carry_check(experiment.data_check, version, user)
        check, (plan, left) = carried.check, _fitted(plan, version)
        told = carried.told + left
    clone = Experiment.objects.create(
        workspace=experiment.workspace, name=(name or _("%(name)s, copy") % {"name": experiment.name})[:MOST_LETTERS],
        kind=experiment.kind, owner=user, version=version, data_check=check, budget=plan.budget,
        budget_seconds=plan.seconds, explainable_first=plan.explainable_first, contact_share=plan.contact_share,
        seed=plan.seed, spec=plan.kept(),
    )  # fmt: skip
    people = User.objects.filter(pk__in=participants_in(experiment)).order_by("username")
    details: dict[str, Any] = {
        "clone_of": experiment.pk, "name": experiment.name, "version": version.number,
        "people": list(people.values_list("username", flat=True)),
    }  # fmt: skip
    audit.record(user, CLONED, workspace=clone.workspace, obj=clone, details=details)
    return Clone(clone, told)


def _refuse_version(experiment: Experiment, version: DatasetVersion) -> None:
    if version.dataset_id != experiment.version.dataset_id:
        raise BadInput(OTHER_DATASET).about("dataset_version_id")
    if not version.is_ready:
        raise BadInput(NOT_READ_YET).about("dataset_version_id")


def _fitted(plan: Plan, version: DatasetVersion) -> tuple[Plan, list[Sentence]]:
    """Return the plan without the columns that a version does not have, and say which."""
    names = set(version.columns.values_list("name", flat=True))
    told = []
    ruled = [name for name in dict.fromkeys([*plan.monotone, *plan.special_values]) if name not in names]
    if ruled:
        told.append(Sentence(RULES_LEFT, {"columns": ", ".join(ruled)}))
        plan = replace(
            plan,
            monotone={name: way for name, way in plan.monotone.items() if name in names},
            special_values={name: codes for name, codes in plan.special_values.items() if name in names},
        )
    named = [name for name in (plan.split_column, plan.response_column) if name and name not in names]
    if named:
        told.append(Sentence(FIELDS_LEFT, {"columns": ", ".join(named)}))
    if plan.split_column in named:
        plan = replace(plan, split_column=None, scheme="auto")
    if plan.response_column in named:
        plan = replace(plan, response_column=None, response_event=None)
    return plan, told
