"""What is asked of a run, as plain data that can be stored and repeated."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

TargetKind = Literal["response", "conversion", "default", "attrition"]
FeatureEffort = Literal["off", "standard", "deep"]
FEATURE_EFFORTS: tuple[FeatureEffort, ...] = ("off", "standard", "deep")
SchemeName = Literal["auto", "stratified", "grouped", "time", "given"]
SCHEMES: tuple[SchemeName, ...] = get_args(SchemeName)
TARGET_KINDS: tuple[TargetKind, ...] = get_args(TargetKind)
LEARNERS = ("lightgbm", "xgboost", "catboost", "linear", "random_forest", "extra_trees", "explainable_boosting")


# Who proposes what every run makes anyway: the baseline, a first boosted model and the scorecard.
BESIDE_TRIALS = ("fixed", "first_look")


@dataclass(frozen=True)
class SearchBudget:
    """How long a run may take: ``seconds`` of wall clock or, for repeatable runs, a number of ``trials``.

    A trial is a setting that the search proposes, whatever became of it; what every run makes is counted beside.
    """

    seconds: float | None = 300.0
    trials: int | None = None


@dataclass(frozen=True)
class ValidationScheme:
    """How rows are set aside.

    Attributes
    ----------
    scheme : ``auto`` takes the newest months out of time when there is a date, groups where customers repeat, and a
        stratified share otherwise; the other names insist on one of these, or on the parts that ``split_column`` gives.
    embargo_days : days left out between the rows a fold is fitted on and the later rows it is validated on.
    split_column : column that already says which rows are for training and which are set aside.
    """

    folds: int = 5
    held_out_share: float = 0.2
    scheme: SchemeName = "auto"
    embargo_days: int = 0
    split_column: str | None = None


@dataclass(frozen=True)
class Limits:
    """What a recommended model must keep; None sets no limit.

    Attributes
    ----------
    ks_gap : largest fall in KS from training rows to unseen rows. ks_gap_share : where this is asked for as well, the
        fall may also be this share of the training KS, if that is more.
    score_psi : shift of the score from development to unseen rows.
    features : most columns a model may read.
    milliseconds : most milliseconds to score one row within a batch.
    """

    ks_gap: float | None = 0.05
    ks_gap_share: float = 0.0
    score_psi: float | None = 0.1
    features: int | None = None
    milliseconds: float | None = None


# Where nobody has set limits (domain specification 1.13); whoever names a number has that number and no share beside.
HOUSE_LIMITS = Limits(ks_gap=0.05, ks_gap_share=0.2)


@dataclass(frozen=True)
class ExperimentSpec:
    """One question on one table.

    Attributes
    ----------
    target, event : column asked about, and the value of it that counts as the event (as text).
    kind : decides ranking and language: a name of ``experiments.kinds``.
    contact_share : share of customers that can be contacted or held (0 to 1), for lift and capture.
    event_name, non_event_name : what the bank calls customers with and without the event; empty for the kind's words.
    excluded : columns that must not be used, whatever their role.
    labels : ``{column: {"en": …, "zh": …}}`` for reasons and reports; ``reason_en`` and ``reason_zh`` beside them are
        said to a customer instead of a sentence made of label and value.
    value_labels : ``{column: {code: {"en": …, "zh": …}}}``, what codes mean, for reasons and charts.
    monotone : ``{column: 1 or -1}``, the direction in which the event's probability may move.
    special_values : ``{column: codes}`` that stand for a meaning and not for a quantity; they get bins of their own.
    feature_effort : how much is derived from the columns: ``off``, ``standard`` or ``deep``.
    response_column, response_event : column that says who responded, for a conversion that follows a response.
    population_rate : event rate of the population where the table's rows were sampled by outcome; probabilities are
        corrected to it. None leaves them as the table has them.
    derived_on_card : whether the scorecard may hold derived columns; otherwise it is made of the columns as they came.
    protected : columns of protected attributes, such as sex or age: they never give a customer's reason, and nothing is
        derived from them. without_protected : whether they are kept out of the model altogether.
    doubted : columns that a data check asks about and that are still in: the result says what it is without them.
    ensemble : whether a weighted average of several families is built and offered.
    """

    target: str
    event: str
    kind: TargetKind = "default"
    event_name: str = ""
    non_event_name: str = ""
    id_column: str | None = None
    time_column: str | None = None
    group_column: str | None = None
    weight_column: str | None = None
    excluded: tuple[str, ...] = ()
    budget: SearchBudget = field(default_factory=SearchBudget)
    validation: ValidationScheme = field(default_factory=ValidationScheme)
    learners: tuple[str, ...] = LEARNERS
    explainable_first: bool = False
    contact_share: float = 0.1
    monotone: dict[str, int] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    value_labels: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    special_values: dict[str, list[float]] = field(default_factory=dict)
    feature_effort: FeatureEffort = "standard"
    derived_on_card: bool = False
    protected: tuple[str, ...] = ()
    without_protected: bool = False
    doubted: tuple[str, ...] = ()
    response_column: str | None = None
    response_event: str | None = None
    population_rate: float | None = None
    limits: Limits = HOUSE_LIMITS
    ensemble: bool = True
    seed: int = 1

    @property
    def own_words(self) -> dict[str, str]:
        """What the bank calls its customers, by the field's name, where it has words of its own."""
        names = {"event_name": self.event_name, "non_event_name": self.non_event_name}
        return {name: word for name, word in names.items() if word}

    @property
    def columns_with_a_role(self) -> list[str]:
        """Columns that are no features because they are something else."""
        roles = (self.target, self.id_column, self.time_column, self.group_column, self.weight_column)
        others = (self.response_column, self.validation.split_column)
        return [column for column in (*roles, *others) if column is not None]

    def to_dict(self) -> dict[str, Any]:
        """Return the spec as JSON-ready plain data."""
        plain = asdict(self)
        for name in ("excluded", "protected", "doubted"):
            plain[name] = list(plain[name])
        plain["learners"] = list(self.learners)
        if not self.doubted:
            # Runs from before there was such a thing go on from their trials.
            del plain["doubted"]
        return plain

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "ExperimentSpec":
        """Build a spec from what ``to_dict`` gave."""
        # What was stored before there was a choice is of a run whose card could hold derived columns.
        values = {"derived_on_card": True, **plain}
        values["budget"] = SearchBudget(**values.get("budget", {}))
        values["validation"] = ValidationScheme(**values.get("validation", {}))
        values["limits"] = Limits(**values["limits"]) if "limits" in values else HOUSE_LIMITS
        for name in ("excluded", "protected", "doubted"):
            values[name] = tuple(values.get(name, ()))
        values["learners"] = tuple(values.get("learners", LEARNERS))
        return cls(**values)
