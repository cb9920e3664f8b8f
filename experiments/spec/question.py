"""What is asked of a run, as plain data that can be stored and repeated."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, get_args

from experiments.errors import gettext_noop
from experiments.families import names_of
from experiments.house_rules import PSI_AMBER
from experiments.kinds import KINDS
from experiments.spec.asked import Range, asked, things_asked
from experiments.spec.faults import Faults, faults_of, refuse
from experiments.stored import VERSION, Stored, of_this_version

__all__ = ["ExperimentSpec", "Limits", "SearchBudget", "ValidationScheme"]

# Raised when a stored spec would be read wrongly by the release before.
SCHEMA_VERSION = 1

# A name of ``experiments.kinds``; what there is, is only known to its table.
TargetKind = str
FeatureEffort = Literal["off", "standard", "deep"]
FEATURE_EFFORTS: tuple[FeatureEffort, ...] = ("off", "standard", "deep")
SchemeName = Literal["auto", "stratified", "grouped", "time", "given"]
SCHEMES: tuple[SchemeName, ...] = get_args(SchemeName)
# By what finalists are ranked; as usual is what the kind of question has.
RankingName = Literal["usual", "ks", "lift", "auc", "log_loss"]
RANKING_NAMES: tuple[RankingName, ...] = get_args(RankingName)
TARGET_KINDS: tuple[TargetKind, ...] = tuple(KINDS)
# The families that are searched where none is named, and all that can be named.
LEARNERS, NAMED_LEARNERS = names_of("usual"), names_of()

# Who proposes what every run makes anyway: the baseline, a first boosted model and the scorecard.
BESIDE_TRIALS = ("fixed", "first_look")


@dataclass(frozen=True)
class SearchBudget:
    """How long a run may take: ``seconds`` of wall clock or, for repeatable runs, a number of ``trials``.

    A trial is a setting that the search proposes, whatever became of it; what every run makes is counted beside.

    Examples
    --------
    >>> SearchBudget(None, 20).trials
    20
    """

    # In less than five not even a small table's baseline and one boosted model are made; a day is the longest run.
    seconds: float | None = field(
        default=300.0,
        metadata=asked(
            label=gettext_noop("Seconds"),
            help=gettext_noop("Elapsed time of the whole run, including its final steps."),
            numbers=Range(5, 86_400, 300),
        ),
    )
    # One trial makes a run that can be repeated, too: to try the way through, or a single setting.
    trials: int | None = field(
        default=None,
        metadata=asked(
            label=gettext_noop("Trials"),
            help=gettext_noop(
                "Counting trials instead of time makes the run repeatable: the same seed gives the same models on "
                "any machine."
            ),
            numbers=Range(1, 50_000, 60, is_whole=True),
        ),
    )


@dataclass(frozen=True)
class ValidationScheme:
    """How rows are set aside.

    Attributes
    ----------
    scheme : ``auto`` takes the newest months out of time when there is a date, groups where customers repeat, and a
        stratified share otherwise; the other names insist on one of these, or on the parts that ``split_column`` gives.
    embargo_days : days left out between the rows a fold is fitted on and the later rows it is validated on.
    split_column : column that already says which rows are for training and which are set aside.
    held_out_from : date, as 2026-01-31, from which on rows are out of time; the newest months without it.

    Examples
    --------
    >>> ValidationScheme(scheme="time", embargo_days=30).folds
    5
    """

    # More than ten seldom pay; up to twenty are worth their time where a table is so small that each row counts.
    folds: int = field(
        default=5,
        metadata=asked(
            label=gettext_noop("Folds"),
            help=gettext_noop("The number of parts the training rows are split into; usually 5."),
            numbers=Range(2, 20, 5, is_whole=True),
        ),
    )
    held_out_share: float = field(
        default=0.2,
        metadata=asked(
            label=gettext_noop("Share held out"),
            help=gettext_noop("Rows kept out of training for the final test; usually 0.2."),
            numbers=Range(0.01, 0.9, 0.2),
        ),
    )
    scheme: SchemeName = field(
        default="auto",
        metadata=asked(
            label=gettext_noop("How rows are split"),
            help=gettext_noop(
                "Which rows a model is judged on; automatic holds out the newest months and keeps each customer's "
                "rows together."
            ),
            choices=SCHEMES,
        ),
    )
    embargo_days: int = field(
        default=0,
        metadata=asked(
            label=gettext_noop("Embargo, days"),
            help=gettext_noop(
                "Days left out between training and later rows, for outcomes that take that long to show; usually 0."
            ),
            numbers=Range(0, 3_650, 30, is_whole=True),
        ),
    )
    split_column: str | None = field(
        default=None,
        metadata=asked(
            label=gettext_noop("Column that gives the split"),
            help=gettext_noop("Only for a split given by a column: its values tell training rows from held-out rows."),
        ),
    )
    held_out_from: str | None = field(
        default=None,
        metadata=asked(
            label=gettext_noop("Out-of-time test from"),
            help=gettext_noop(
                "Rows dated from this day on, for example 2026-01-01, are the out-of-time test. Leave it empty for "
                "the newest months."
            ),
            most_letters=10,
        ),
    )

    @property
    def is_in_time_order(self) -> bool:
        """Whether each fold is validated on rows later than those it is fitted on."""
        return self.scheme == "time" or self.embargo_days > 0


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

    Examples
    --------
    >>> Limits().with_own({"ks_gap": 0.03}).ks_gap
    0.03
    """

    ks_gap: float | None = field(
        default=0.05,
        metadata=asked(
            label=gettext_noop("Fall of KS"),
            said=gettext_noop("fall of KS from training to held-out rows"),
            help=gettext_noop("KS may fall this much from training rows to held-out rows."),
            numbers=Range(0.001, 1, 0.05, may_be_empty=True),
        ),
    )
    ks_gap_share: float = field(
        default=0.0,
        metadata=asked(
            label=gettext_noop("Or this share of the training KS"),
            help=gettext_noop(
                "The larger of this and the number above is the limit. Leave it empty to use only the number above."
            ),
            numbers=Range(0, 1, 0.2),
        ),
    )
    score_psi: float | None = field(
        default=PSI_AMBER,
        metadata=asked(
            label=gettext_noop("Score shift (PSI)"),
            said=gettext_noop("shift of the score (PSI) on held-out rows"),
            help=gettext_noop("How far the score may shift on held-out rows; 0.1 is usual, 0.25 is a major shift."),
            numbers=Range(0.001, 5, PSI_AMBER, may_be_empty=True),
        ),
    )
    features: int | None = field(
        default=None,
        metadata=asked(
            label=gettext_noop("Maximum columns"),
            said=gettext_noop("number of columns used"),
            help=gettext_noop("A model with fewer columns is easier to supply with data and to explain."),
            numbers=Range(1, 10_000, 30, is_whole=True, may_be_empty=True),
        ),
    )
    milliseconds: float | None = field(
        default=None,
        metadata=asked(
            label=gettext_noop("Milliseconds per row"),
            said=gettext_noop("milliseconds to score a row"),
            help=gettext_noop("Time to score one row within a batch."),
            numbers=Range(0.0001, 10_000, 0.5, may_be_empty=True),
        ),
    )

    def with_own(self, numbers: Mapping[str, Any]) -> "Limits":
        """Return these limits with some that a person set.

        Who names a largest fall of KS has that number as it stands: a share widens it only where it is named beside.
        """
        own = dict(numbers)
        if own.get("ks_gap_share") is None:
            own["ks_gap_share"] = 0.0 if "ks_gap" in own else self.ks_gap_share
        return replace(self, **own)


# Where nobody has set limits; whoever names a number has that number and no share beside.
HOUSE_LIMITS = Limits(ks_gap=0.05, ks_gap_share=0.2)


@dataclass(frozen=True)
class ExperimentSpec(Stored):
    """One question on one table.

    Attributes
    ----------
    target, event : column asked about, and the value of it that counts as the event (as text).
    kind : decides ranking and language: a name of ``experiments.kinds``.
    ranking : by what finalists are ranked: ``usual`` for what the kind has, else a measure.
    contact_share : share of customers that can be contacted or held (0 to 1), for lift and capture.
    event_name, non_event_name : what the bank calls customers with and without the event; empty for the kind's words.
    excluded : columns that must not be used, whatever their role.
    labels : ``{column: {"en": …, "zh": …}}`` for reasons and reports; ``reason_en`` and ``reason_zh`` beside them are
        said to a customer instead of a sentence made of label and value; columns of one ``reason_group`` are summed and
        give one reason.
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

    Examples
    --------
    >>> spec = ExperimentSpec("bad", "1", kind="default", time_column="month")
    >>> ExperimentSpec.from_dict(spec.to_dict()) == spec
    True
    """

    what, version = gettext_noop("a question"), SCHEMA_VERSION

    target: str = field(metadata=asked(label=gettext_noop("Target")))
    event: str = field(
        metadata=asked(label=gettext_noop("Event"), help=gettext_noop("The value that counts as the event."))
    )
    kind: TargetKind = field(default="default", metadata=asked(label=gettext_noop("Question"), choices=TARGET_KINDS))
    event_name: str = field(
        default="", metadata=asked(label=gettext_noop("Your term for customers with the event"), most_letters=40)
    )
    non_event_name: str = field(
        default="", metadata=asked(label=gettext_noop("Your term for the other customers"), most_letters=40)
    )
    id_column: str | None = field(default=None, metadata=asked(label=gettext_noop("Customer ID")))
    time_column: str | None = field(default=None, metadata=asked(label=gettext_noop("Observation date")))
    group_column: str | None = field(default=None, metadata=asked(label=gettext_noop("Group")))
    weight_column: str | None = field(default=None, metadata=asked(label=gettext_noop("Weight")))
    excluded: tuple[str, ...] = field(default=(), metadata=asked(label=gettext_noop("Columns left out")))
    budget: SearchBudget = field(default_factory=SearchBudget)
    validation: ValidationScheme = field(default_factory=ValidationScheme)
    learners: tuple[str, ...] = field(default=LEARNERS, metadata=asked(label=gettext_noop("Algorithms")))
    explainable_first: bool = field(
        default=False,
        metadata=asked(
            label=gettext_noop("Explainable first"),
            help=gettext_noop("Prefer the scorecard when it is within 0.01 AUC of the best."),
        ),
    )
    ranking: RankingName = field(
        default="usual",
        metadata=asked(
            label=gettext_noop("Ranked by"),
            help=gettext_noop("Orders the leaderboard; the recommendation is decided by AUC and limits."),
            choices=RANKING_NAMES,
        ),
    )
    contact_share: float = field(
        default=0.1,
        metadata=asked(
            label=gettext_noop("Contact share"),
            help=gettext_noop("Share of customers that can be contacted or held, for lift and capture."),
            numbers=Range(0.001, 1, 0.1),
        ),
    )
    monotone: dict[str, int] = field(
        default_factory=dict,
        metadata=asked(
            label=gettext_noop("Monotone constraints"),
            help=gettext_noop("By column: whether the event's probability may only rise or only fall with it."),
        ),
    )
    labels: dict[str, dict[str, str]] = field(
        default_factory=dict, metadata=asked(label=gettext_noop("Names of columns"))
    )
    value_labels: dict[str, dict[str, dict[str, str]]] = field(
        default_factory=dict, metadata=asked(label=gettext_noop("Meanings of codes"))
    )
    special_values: dict[str, list[float]] = field(
        default_factory=dict,
        metadata=asked(
            label=gettext_noop("Special values"),
            help=gettext_noop("By column: codes with a meaning that are not quantities."),
        ),
    )
    feature_effort: FeatureEffort = field(
        default="standard",
        metadata=asked(
            label=gettext_noop("Feature engineering"),
            help=gettext_noop(
                "off: nothing is derived; standard: parts and ages of dates, aggregates of numbered columns, ratios "
                "and differences of columns in the same unit; deep: of any columns, and products."
            ),
            choices=FEATURE_EFFORTS,
        ),
    )
    derived_on_card: bool = field(
        default=False,
        metadata=asked(
            label=gettext_noop("Derived columns on the scorecard"),
            help=gettext_noop("Usually off: a scorecard of original columns is easier to read and approve."),
        ),
    )
    protected: tuple[str, ...] = field(default=(), metadata=asked(label=gettext_noop("Protected columns")))
    without_protected: bool = field(default=False, metadata=asked(label=gettext_noop("Do not use protected columns")))
    doubted: tuple[str, ...] = field(default=(), metadata=asked(label=gettext_noop("Columns in doubt")))
    response_column: str | None = field(
        default=None,
        metadata=asked(
            label=gettext_noop("Column that says who responded"),
            help=gettext_noop("Leave it empty to predict the conversion directly."),
        ),
    )
    response_event: str | None = field(
        default=None,
        metadata=asked(
            label=gettext_noop("Value that means “responded”"),
            most_letters=300,
            help=gettext_noop("The value that counts as a response, for example 1 or yes."),
        ),
    )
    population_rate: float | None = field(
        default=None,
        metadata=asked(
            label=gettext_noop("Event rate of the population"),
            help=gettext_noop(
                "Only where the table's rows were sampled by outcome: probabilities are corrected to it."
            ),
            numbers=Range(1e-6, 1 - 1e-6, 0.02, may_be_empty=True),
        ),
    )
    limits: Limits = HOUSE_LIMITS
    ensemble: bool = field(
        default=True,
        metadata=asked(
            label=gettext_noop("Offer an ensemble"),
            help=gettext_noop(
                "A weighted average of several algorithms, shown with its gain; a single model is still recommended."
            ),
        ),
    )
    seed: int = field(
        default=1,
        metadata=asked(
            label=gettext_noop("Random seed"),
            help=gettext_noop("Determines the folds and every other random draw; the same seed repeats them."),
            numbers=Range(0, 2**31 - 1, 1, is_whole=True),
        ),
    )

    @property
    def ranked_by(self) -> str:
        """The ranking by its name in ``experiments.evaluation.objective.RANKINGS``."""
        return KINDS[self.kind].ranking if self.ranking == "usual" else self.ranking

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
        plain = asdict(self) | {VERSION: SCHEMA_VERSION}
        for name in ("excluded", "protected", "doubted"):
            plain[name] = list(plain[name])
        plain["learners"] = list(self.learners)
        if not self.doubted:
            # Runs from before there was such a thing go on from their trials.
            del plain["doubted"]
        if self.ranking == "usual":
            del plain["ranking"]
        if self.validation.held_out_from is None:
            del plain["validation"]["held_out_from"]
        return plain

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "ExperimentSpec":
        """Build a spec from what ``to_dict`` gave."""
        # What was stored before there was a choice is of a run whose card could hold derived columns.
        values = {"derived_on_card": True, **of_this_version(cls, stored)}
        values["budget"] = SearchBudget(**values.get("budget", {}))
        values["validation"] = ValidationScheme(**values.get("validation", {}))
        values["limits"] = Limits(**values["limits"]) if "limits" in values else HOUSE_LIMITS
        for name in ("excluded", "protected", "doubted"):
            values[name] = tuple(values.get(name, ()))
        values["learners"] = tuple(values.get("learners", LEARNERS))
        return cls(**values)

    def faults(self, columns: Sequence[str] | None = None) -> Faults:
        """Return what is asked for that cannot be, by field, as a message and its params.

        Parameters
        ----------
        columns : names of the table's columns; without them only numbers and names of other things are looked at.

        Examples
        --------
        >>> faults = ExperimentSpec("bad", "1", excluded=("incme",)).faults(["bad", "income", "age"])
        >>> {field: message % params for field, (message, params) in faults.items()}
        {'excluded': 'The table has no column incme. Did you mean income?'}
        """
        return faults_of(self, ASKED, columns=columns)

    def refuse_faults(self, columns: Sequence[str] | None = None) -> None:
        """Raise the first of the faults as the sentence it is."""
        refuse(self.faults(columns))


# Everything that may be asked of a run, by name, each from its one home above.
ASKED = things_asked(ExperimentSpec)
RANGES = {name: one.numbers for name, one in ASKED.items() if one.numbers is not None}
# What is asked of how rows are set aside: settings of one part, wherever they are asked for.
SPLIT_SETTINGS = tuple(one.name for one in fields(ValidationScheme))
