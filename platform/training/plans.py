"""What a person decides before a run, as plain data, and what of it cannot be done with this file."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from catalog.models import Column, ColumnRole, ColumnType, DatasetVersion
from checks import queries as check_queries
from checks.models import DataCheck
from experiments.errors import BadInput, gettext_noop
from experiments.kinds import KINDS
from experiments.meant import Fault, no_column
from experiments.spec import (
    HOUSE_LIMITS,
    LEARNERS,
    SPLIT_SETTINGS,
    ExperimentSpec,
    FeatureEffort,
    Limits,
    SearchBudget,
    ValidationScheme,
)
from experiments.spec.faults import Faults
from training.models import Budget, Experiment

BUDGET_SECONDS = {Budget.QUICK: 300, Budget.STANDARD: 1200, Budget.DEEP: 3600}
SHOWN_VALUES = 10

NOT_A_NUMBER = gettext_noop("%(column)s does not hold numbers, so it has neither a direction nor special values.")
NOT_IN_MODEL = gettext_noop(
    "%(column)s has a direction or special values, but has been taken out. Put it back on the data check page, or "
    "set it to Free and clear its special values."
)
NO_FEATURE = gettext_noop(
    "%(column)s has a direction or special values, but is not a feature, so the model does not use it. Make it a "
    "feature on the data check page, or set it to Free and clear its special values."
)
ROLE_TAKEN_OUT = gettext_noop(
    "%(column)s has a role (%(role)s) but has been taken out, so the role has no effect. Put it back on the data "
    "check page, or remove its role."
)
WHICH_SPLIT_COLUMN = gettext_noop("Choose the column that says which rows are for training and which are held out.")
UNUSED_SPLIT_COLUMN = gettext_noop(
    "This column is only used for a split given by a column of the file. Choose that split."
)
SPLIT_BY_TARGET = gettext_noop("The target cannot say how to split the rows. Choose another column.")
NO_DATE = gettext_noop("A split by time needs an observation date. Give one column that role on the data check page.")
NO_GROUP = gettext_noop(
    "Keeping customers together needs a customer id or group. Give one column that role on the data check page."
)
NO_EMBARGO = gettext_noop(
    "An embargo needs a split by time: choose automatic or by time, and give one column the role observation date "
    "on the data check page. Otherwise enter 0."
)
ONLY_CONVERSION = gettext_noop("Only a conversion follows a response. Leave this empty for other kinds.")
RESPONSE_IS_TARGET = gettext_noop("The response column must not be the target.")
WHICH_RESPONSE = gettext_noop("Choose the column that says who responded.")
WHICH_RESPONSE_EVENT = gettext_noop("Enter the value of %(column)s that means the customer responded, for example 1.")
NO_SUCH_VALUE = gettext_noop("%(column)s has no value %(value)s. Its values are: %(values)s.")

# What a person is asked of the split; how many rows are held out, the newest months or the usual share decide.
PLANNED_SPLIT = tuple(name for name in SPLIT_SETTINGS if name != "held_out_share")


@dataclass(frozen=True)
class Plan(ValidationScheme):
    """What a person decides before a run, beyond what the data check already knows: the split, and all the rest.

    ``trials`` counts configurations instead of ``seconds``, which makes the run repeatable.
    """

    budget: str = Budget.STANDARD
    seconds: int = BUDGET_SECONDS[Budget.STANDARD]
    trials: int | None = None
    explainable_first: bool = ExperimentSpec.explainable_first
    contact_share: float = ExperimentSpec.contact_share
    seed: int = ExperimentSpec.seed
    learners: tuple[str, ...] = ExperimentSpec.learners
    feature_effort: FeatureEffort = ExperimentSpec.feature_effort
    derived_on_card: bool = ExperimentSpec.derived_on_card
    without_protected: bool = ExperimentSpec.without_protected
    limits: Limits = ExperimentSpec.limits
    monotone: dict[str, int] = field(default_factory=dict)
    special_values: dict[str, list[float]] = field(default_factory=dict)
    ensemble: bool = ExperimentSpec.ensemble
    response_column: str | None = ExperimentSpec.response_column
    response_event: str | None = ExperimentSpec.response_event
    event_name: str = ExperimentSpec.event_name
    non_event_name: str = ExperimentSpec.non_event_name

    @classmethod
    def of(cls, experiment: Experiment) -> "Plan":
        """Read back the plan of an experiment, so that nothing that was typed is lost."""
        kept = experiment.spec
        validation = (
            ValidationScheme(**kept["validation"]) if "validation" in kept else _proposed(experiment.data_check)
        )
        same = ("feature_effort", "derived_on_card", "without_protected", "monotone", "special_values", "ensemble",
                "response_column", "response_event", "event_name", "non_event_name")  # fmt: skip
        return cls(
            budget=experiment.budget,
            seconds=experiment.budget_seconds,
            trials=experiment.budget_trials,
            explainable_first=experiment.explainable_first,
            contact_share=experiment.contact_share,
            seed=experiment.seed,
            **asdict(validation),
            learners=tuple(kept.get("learners", LEARNERS)),
            limits=Limits(**kept["limits"]) if "limits" in kept else HOUSE_LIMITS,
            **{name: kept[name] for name in same if name in kept},
        )

    @property
    def search_budget(self) -> SearchBudget:
        return SearchBudget(None, self.trials) if self.trials else SearchBudget(float(self.seconds))

    @property
    def validation(self) -> ValidationScheme:
        return ValidationScheme(**{name: getattr(self, name) for name in SPLIT_SETTINGS})

    def kept(self) -> dict[str, Any]:
        """Return what a draft keeps under the spec's own names until the whole spec is put together."""
        return {
            "budget": asdict(self.search_budget),
            "validation": asdict(self.validation),
            "limits": asdict(self.limits),
            "learners": list(self.learners),
            "feature_effort": self.feature_effort,
            "derived_on_card": self.derived_on_card,
            "without_protected": self.without_protected,
            "monotone": self.monotone,
            "special_values": self.special_values,
            "ensemble": self.ensemble,
            "response_column": self.response_column,
            "response_event": self.response_event,
            "event_name": self.event_name,
            "non_event_name": self.non_event_name,
        }

    def to_spec(self, parts: dict[str, Any], features: set[str]) -> ExperimentSpec:
        """Join the plan with the data check's ``parts``.

        What a dictionary says of a column that is out of the model stays behind; what the plan itself asks of one is
        refused before a run (``absent_faults``).
        """
        # What the data check knows of a column (from a dictionary) holds until the plan says otherwise.
        monotone = {**parts.get("monotone", {}), **self.monotone}
        special_values = {**parts.get("special_values", {}), **self.special_values}
        mine = ("excluded", "monotone", "special_values")
        return ExperimentSpec(
            **{name: part for name, part in parts.items() if name not in mine},
            excluded=tuple(parts.get("excluded", ())),
            budget=self.search_budget,
            validation=self.validation,
            limits=self.limits,
            learners=self.learners,
            explainable_first=self.explainable_first,
            contact_share=self.contact_share,
            seed=self.seed,
            feature_effort=self.feature_effort,
            derived_on_card=self.derived_on_card,
            without_protected=self.without_protected,
            monotone={name: way for name, way in monotone.items() if way and name in features},
            special_values={name: codes for name, codes in special_values.items() if codes and name in features},
            ensemble=self.ensemble,
            response_column=self.response_column,
            response_event=self.response_event,
            event_name=self.event_name,
            non_event_name=self.non_event_name,
        )


def _proposed(check: DataCheck) -> ValidationScheme:
    """Divide the rows as a column of the role split says, where there is one, and automatically otherwise."""
    named = check.columns.filter(role=ColumnRole.SPLIT, excluded=False).values_list("column__name", flat=True).first()
    return ValidationScheme(scheme="given", split_column=named) if named else ValidationScheme()


def as_it_holds(plan: Plan, check: DataCheck) -> Plan:
    """Return the plan with what it does not overrule, as the run will have it.

    That is the directions of the dictionary and the special values confirmed at the data check.
    """
    directions, codes = check_queries.proposed_directions(check), check_queries.special_codes_of(check)
    features = check_queries.features_of(check) if directions or codes else set()
    monotone = {**{name: way for name, way in directions.items() if name in features}, **plan.monotone}
    special = {**{name: values for name, values in codes.items() if name in features}, **plan.special_values}
    return replace(
        plan,
        monotone={name: way for name, way in monotone.items() if way},
        special_values={name: values for name, values in special.items() if values},
    )


def faults_of(plan: Plan, check: DataCheck) -> Faults:
    """Return what the plan asks for that this file and these roles cannot give, by field."""
    return (
        role_faults(plan, check)
        | absent_faults(plan, check)
        | column_faults(plan, check.version, check.kind, check.target)
    )


def absent_faults(plan: Plan, check: DataCheck) -> Faults:
    """Return the first wish of the plan for a column that no model of this check may learn from."""
    for fault in absent_wishes(plan, check).values():
        return {"columns": fault}
    return {}


def absent_wishes(plan: Plan, check: DataCheck) -> dict[str, Fault]:
    """Return by column why a direction or special values that the plan has for it cannot be kept."""
    wished = wishes_of(plan)
    if not wished:
        return {}
    features = check_queries.features_of(check)
    found: dict[str, Fault] = {}
    columns = check.columns.filter(column__name__in=wished).values_list("column__name", "excluded", "type")
    for name, is_out, type_ in columns:
        if is_out:
            found[name] = (NOT_IN_MODEL, {"column": name})
        elif name not in features:
            found[name] = (NO_FEATURE, {"column": name})
        elif type_ not in ("", ColumnType.NUMERIC):
            found[name] = (NOT_A_NUMBER, {"column": name})
    return found


def wishes_of(plan: Plan) -> list[str]:
    """Return the columns for which the plan itself has a direction or special values."""
    directed = (name for name, way in plan.monotone.items() if way)
    coded = (name for name, codes in plan.special_values.items() if codes)
    return list(dict.fromkeys([*directed, *coded]))


def column_faults(plan: Plan, version: DatasetVersion, kind: str, target: str) -> Faults:
    """Return what is wrong with the columns that the plan names."""
    named = {*plan.monotone, *plan.special_values, plan.split_column, plan.response_column}
    columns = {column.name: column for column in version.columns.filter(name__in=named - {None})}
    found: Faults = {}
    for name in (*plan.monotone, *plan.special_values):
        if name not in columns:
            found["columns"] = no_column_of(version, name)
        elif columns[name].type != ColumnType.NUMERIC:
            found["columns"] = (NOT_A_NUMBER, {"column": name})
    return (
        found
        | _split_column_faults(plan, columns, version, target)
        | _response_faults(plan, columns, version, kind, target)
    )


def no_column_of(version: DatasetVersion, name: str) -> Fault:
    """Say that the version has no such column, and which one is meant."""
    return no_column(name, list(version.columns.order_by("position").values_list("name", flat=True)))


def role_faults(plan: Plan, check: DataCheck) -> Faults:
    """Return what the plan needs a role for that no column has."""
    roles = set(check.columns.filter(excluded=False).values_list("role", flat=True))
    found: Faults = {}
    if plan.scheme == "time" and ColumnRole.DATE not in roles:
        found["scheme"] = (NO_DATE, {})
    if plan.scheme == "grouped" and not roles & {ColumnRole.ID, ColumnRole.GROUP}:
        found["scheme"] = (NO_GROUP, {})
    named = check.columns.filter(excluded=True, role__in=check_queries.USED_ROLES).select_related("column").first()
    if named is not None:
        found["columns"] = (ROLE_TAKEN_OUT, {"column": named.column.name, "role": named.get_role_display()})
    if plan.embargo_days and (plan.scheme not in ("auto", "time") or ColumnRole.DATE not in roles):
        found["embargo_days"] = (NO_EMBARGO, {})
    return found


def refuse(faults: Faults, plan: Plan | None = None) -> None:
    """Raise the first fault as the sentence it is, with the field that it is about."""
    for name, (message, params) in faults.items():
        raise BadInput(message, **params).about(*_steps_to(name, params, plan))


def _steps_to(name: str, params: dict[str, Any], plan: Plan | None) -> tuple[str, ...]:
    """Return the way into a plan: what the page shows as its columns are two fields of it, by column."""
    if name != "columns" or plan is None:
        return (name,)
    column = str(params.get("column", ""))
    return ("monotone" if column in plan.monotone else "special_values", column)


def _split_column_faults(plan: Plan, columns: dict[str, Column], version: DatasetVersion, target: str) -> Faults:
    name = plan.split_column
    if plan.scheme == "given" and not name:
        return {"split_column": (WHICH_SPLIT_COLUMN, {})}
    if not name:
        return {}
    if name not in columns:
        return {"split_column": no_column_of(version, name)}
    if name == target:
        return {"split_column": (SPLIT_BY_TARGET, {})}
    return {} if plan.scheme == "given" else {"split_column": (UNUSED_SPLIT_COLUMN, {})}


def _response_faults(plan: Plan, columns: dict[str, Column], version: DatasetVersion, kind: str, target: str) -> Faults:
    name, event = plan.response_column, plan.response_event
    if not name:
        return {"response_column": (WHICH_RESPONSE, {})} if event else {}
    if not KINDS[kind].may_follow_response:
        return {"response_column": (ONLY_CONVERSION, {})}
    if name not in columns:
        return {"response_column": no_column_of(version, name)}
    if name == target:
        return {"response_column": (RESPONSE_IS_TARGET, {})}
    if not event:
        return {"response_event": (WHICH_RESPONSE_EVENT, {"column": name})}
    values = known_values(columns[name])
    if values and _spelled(event) not in map(_spelled, values):
        return {"response_event": (NO_SUCH_VALUE, {"column": name, "value": event, "values": ", ".join(values)})}
    return {}


def known_values(column: Column) -> list[str]:
    """Return all values of a column as text where the profile has them all, else nothing."""
    top = [str(entry["value"]) for entry in column.profile.get("top_values", [])]
    return top if len(top) == column.distinct_count <= SHOWN_VALUES else []


def _spelled(value: str) -> str:
    """Take 1, 1.0 and 1.00 for one value, and Yes for yes, as the engine does."""
    try:
        return f"{float(value):g}"
    except ValueError:
        return value.strip().casefold()
