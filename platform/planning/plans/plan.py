"""What a person decides before a run, as plain data."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from catalog.models import ColumnRole
from checks import queries as check_queries
from checks.models import DataCheck
from experiments.spec import (
    HOUSE_LIMITS,
    LEARNERS,
    SPLIT_SETTINGS,
    ExperimentSpec,
    FeatureEffort,
    Limits,
    RankingName,
    SearchBudget,
    ValidationScheme,
)
from training.models import Budget, Experiment

BUDGET_SECONDS = {Budget.QUICK: 300, Budget.STANDARD: 1200, Budget.DEEP: 3600}

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
    ranking: RankingName = ExperimentSpec.ranking
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
        same = ("feature_effort", "ranking", "derived_on_card", "without_protected", "monotone", "special_values",
                "ensemble", "response_column", "response_event", "event_name", "non_event_name")  # fmt: skip
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
            "ranking": self.ranking,
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
            ranking=self.ranking,
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


def wishes_of(plan: Plan) -> list[str]:
    """Return the columns for which the plan itself has a direction or special values."""
    directed = (name for name, way in plan.monotone.items() if way)
    coded = (name for name, codes in plan.special_values.items() if codes)
    return list(dict.fromkeys([*directed, *coded]))
