"""A plan as the API takes it: fields, ranges and defaults as the engine's schema has them."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from annotated_types import Interval
from ninja import Field
from pydantic import AfterValidator, ConfigDict, create_model

from common.answers import Body, Key
from common.templatetags.formatting import told
from experiments.meant import no_such_name
from experiments.spec import ASKED, HOUSE_LIMITS, RANGES, FeatureEffort, Limits, RankingName
from planning.plans.plan import BUDGET_SECONDS, PLANNED_SPLIT, Plan
from planning.words import SEARCHED
from training.api.experiment_schemas import Kind
from training.models import Budget

SAME_IN_PLAN = (
    "trials", "explainable_first", "contact_share", "seed", *PLANNED_SPLIT,
    "feature_effort", "ranking", "derived_on_card", "without_protected", "ensemble", "response_column",
    "response_event", "event_name", "non_event_name",
)  # fmt: skip
BUDGET_FIELDS = {"budget", "budget_seconds", "trials"}


def known_family(name: str) -> str:
    """Refuse a family the engine does not have; the engine's list grows without this file."""
    if name not in SEARCHED:
        raise ValueError(told(*no_such_name("learners", name, SEARCHED)))
    return name


Learner = Annotated[str, AfterValidator(known_family), Field(json_schema_extra={"enum": list(SEARCHED)})]
Number = Annotated[float, Field(allow_inf_nan=False)]


def within(name: str) -> Interval:
    """Return the bounds of a number as the engine has them."""
    least, most = RANGES[name].ends
    return Interval(ge=least, le=most)


def asked(name: str, default: Any = ..., **more: Any) -> Any:
    """Return a field as the engine's schema has it: its default and what is said of it."""
    one = ASKED[name]
    if one.most_letters:
        more["max_length"] = one.most_letters
    return Field(one.default if default is ... else default, description=one.told, **more)


class LimitsIn(Body):
    """What a recommended model must keep; null sets no limit, and a number that is sent is the limit as it stands."""

    ks_gap: Annotated[float, within("ks_gap")] | None = asked("ks_gap")
    ks_gap_share: Annotated[float, within("ks_gap_share")] | None = Field(
        None,
        description="the fall may also be this share of the training KS, if that is more; left out, it may not where "
        f"ks_gap is sent, and {ASKED['ks_gap_share'].default:g} is usual where it is not",
    )
    score_psi: Annotated[float, within("score_psi")] | None = asked("score_psi")
    features: Annotated[int, within("features")] | None = asked("features")
    milliseconds: Annotated[float, within("milliseconds")] | None = asked("milliseconds")

    def to_limits(self, others: Limits = HOUSE_LIMITS) -> Limits:
        """Return what was sent beside the other limits."""
        return others.with_own(self.dict(exclude_unset=True))


def type_asked(name: str) -> Any:
    """Return the type of a field as the engine's schema has it."""
    one = ASKED[name]
    if one.numbers is not None:
        return Annotated[int if one.numbers.is_whole else float, within(name)]
    return Literal[one.choices] if one.choices else str | None


SPLIT_FIELDS: Any = {name: (type_asked(name), asked(name)) for name in PLANNED_SPLIT}
SplitIn = create_model("SplitIn", __base__=Body, **SPLIT_FIELDS)


class PlanIn(SplitIn):  # type: ignore[valid-type, misc]
    budget: Literal["quick", "standard", "deep"] = "standard"
    budget_seconds: Annotated[int, within("seconds")] | None = Field(None, description="instead of the named budget")
    trials: Annotated[int, within("trials")] | None = asked("trials")
    explainable_first: bool = asked("explainable_first")
    contact_share: Annotated[float, within("contact_share")] = asked("contact_share")
    seed: Annotated[int, within("seed")] = asked("seed")
    learners: list[Learner] = Field(default_factory=lambda: list(ASKED["learners"].default), min_length=1)
    feature_effort: FeatureEffort = asked("feature_effort")
    ranking: RankingName = asked("ranking")
    derived_on_card: bool = asked("derived_on_card")
    without_protected: bool = asked("without_protected")
    ensemble: bool = asked("ensemble")
    limits: LimitsIn | None = Field(None, description="the usual limits when left out")
    monotone: dict[str, Literal[-1, 0, 1]] = Field(
        default_factory=dict,
        description="by column: 1 if the event probability may only rise, -1 if only fall; 0 overrules the dictionary",
    )
    special_values: dict[str, list[Number]] = Field(default_factory=dict, description=ASKED["special_values"].help)
    response_column: str | None = asked("response_column")
    response_event: str | None = asked("response_event")
    event_name: str = asked("event_name")
    non_event_name: str = asked("non_event_name")

    @classmethod
    def told(cls, plan: Plan) -> dict[str, Any]:
        """Return a plan as the fields that would have asked for it, but for its limits."""
        is_named = plan.budget in BUDGET_SECONDS
        return {name: getattr(plan, name) for name in SAME_IN_PLAN} | {
            "budget": plan.budget if is_named else "standard",
            "budget_seconds": None if is_named or plan.trials else plan.seconds,
            "learners": list(plan.learners),
            "monotone": plan.monotone,
            "special_values": plan.special_values,
            "limits": None,
        }

    def to_plan(self) -> Plan:
        return Plan(
            **{name: getattr(self, name) for name in SAME_IN_PLAN},
            budget=Budget.TRIALS if self.trials else Budget.CUSTOM if self.budget_seconds else self.budget,
            seconds=self.budget_seconds or BUDGET_SECONDS[Budget(self.budget)],
            learners=tuple(self.learners),
            limits=self.limits.to_limits() if self.limits else HOUSE_LIMITS,
            monotone=dict(self.monotone),
            special_values={name: sorted(set(codes)) for name, codes in self.special_values.items() if codes},
        )


class ExperimentIn(PlanIn):
    name: str = Field(min_length=1, max_length=120)
    kind: Kind
    dataset_version_id: Key
    target: str
    event: str | None = Field(None, description="the value that counts as the event; the rarer one when left out")


def without_defaults(schema: dict[str, Any]) -> None:
    """What is left out of a change stays as it is, whatever a new experiment would get."""
    for field in schema["properties"].values():
        field.pop("default", None)


class LimitsChangeIn(LimitsIn):
    """Limits that change; what is left out stays."""

    model_config = ConfigDict(json_schema_extra=without_defaults)


class ExperimentChangeIn(PlanIn):
    """What changes of a draft; what is left out stays, and a list or an object takes the place of the one before."""

    model_config = ConfigDict(json_schema_extra=without_defaults)
    name: str = Field("", min_length=1, max_length=120)
    target: str = Field("", min_length=1)
    event: str | None = Field(None, description="the value that counts as the event; null for the rarer one")
    limits: LimitsChangeIn | None = Field(None, description="only the limits that are sent are changed")

    def changed(self, plan: Plan) -> Plan:
        """Return a plan with what was sent in place of what it had."""
        sent = self.model_dump(exclude_unset=True, exclude={"name", "target", "event", "limits"})
        merged = self.model_construct(**{**PlanIn.told(plan), **sent})
        if sent.keys() & BUDGET_FIELDS:
            for field in BUDGET_FIELDS - sent.keys():
                setattr(merged, field, PlanIn.model_fields[field].default)
        limits = plan.limits
        if "limits" in self.model_fields_set:
            limits = self.limits.to_limits(plan.limits) if self.limits else HOUSE_LIMITS
        return replace(merged.to_plan(), limits=limits)
