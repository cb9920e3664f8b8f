"""Reads of experiments worth a name: lists, the leaderboard, trials, the curve of the best, the split of a plan."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from django.db.models import Count, F, Max, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User, Workspace
from catalog.dictionary_page import called, labels_for_reader
from catalog.models import Column, ColumnRole, ColumnType, Dataset
from catalog.ranges import range_of
from experiments.data.splitting.scheme import split_rows
from experiments.data.splitting.split import Split
from experiments.data.target import read_target
from experiments.evaluation.limits import limit_state
from experiments.house_rules import has_too_few
from experiments.ingest.table import read_parquet
from experiments.kinds import KINDS as ENGINE_KINDS
from experiments.search.ties import difference_to
from experiments.spec import BESIDE_TRIALS, ExperimentSpec
from experiments.telling import bounded, set_against
from training.models import Experiment, ExperimentState, LeaderboardRow, Trial
from training.plans import Plan, wishes_of
from training.words import KINDS, TRIAL_COLUMNS, learner_name

CELL_WIDTH = 150
CELL_MARGIN = 6
FINISHED = "finished"
ENSEMBLE = "ensemble"
# A gain below this is no news.
CLEAR_GAIN = 0.001
# A difference that was kept is that of two numbers that were kept, but for the machine's arithmetic.
SAME = 1e-6


# Counted apart: joined to its trials, each of which may be one of 50,000, an experiment would be sorted as often.
def _trials_counted(trials: QuerySet[Trial]) -> Coalesce:
    mine = trials.filter(experiment=OuterRef("pk")).order_by().values("experiment")
    return Coalesce(Subquery(mine.annotate(n=Count("pk")).values("n")), 0)


# A trial is what the search proposed; what every run makes anyway is counted beside.
IS_BESIDE = Q(backend__in=BESIDE_TRIALS)
# Trials for the links of a chain are counted, but answer other questions: nothing is better or worse than they are.
OF_THE_QUESTION = Q(link="")
TRIAL_COUNT = _trials_counted(Trial.objects.exclude(IS_BESIDE))
BESIDE_COUNT = _trials_counted(Trial.objects.filter(IS_BESIDE))


RECOMMENDED = Prefetch(
    "leaderboard",
    queryset=LeaderboardRow.objects.filter(is_recommended=True).only("experiment", "learner", "metrics"),
    to_attr="recommended_rows",
)


def experiments_of(workspace: Workspace) -> QuerySet[Experiment]:
    """Return a workspace's experiments with what a list shows of them, in a fixed number of queries."""
    return (
        Experiment.objects.filter(workspace=workspace)
        .select_related("owner", "version__dataset", "job", "data_check")
        .annotate(trial_count=TRIAL_COUNT, beside_count=BESIDE_COUNT)
        .prefetch_related(RECOMMENDED)
        .order_by("-updated_at", "-pk")
    )


def with_one_table(experiment: Experiment, workspace: Workspace) -> Experiment:
    """Let an experiment, its check and its table know each other, so that no page reads the same row twice."""
    version, check = experiment.version, experiment.data_check
    experiment.workspace = version.dataset.workspace = workspace
    if check.version_id == version.pk:
        check.version = version
    return experiment


def running_in(workspace: Workspace) -> QuerySet[Experiment]:
    """Return the experiments of a workspace that are under way or wait for a worker."""
    return Experiment.objects.filter(workspace=workspace, state__in=(ExperimentState.QUEUED, ExperimentState.RUNNING))


def ended_experiments_of(owner: User, workspace: Workspace, since: datetime) -> QuerySet[Experiment]:
    """Return a person's experiments that ended, with what the inbox tells of them: it stands on every page."""
    ended = Experiment.objects.filter(
        workspace=workspace,
        owner=owner,
        finished_at__gte=since,
        state__in=(ExperimentState.FINISHED, ExperimentState.FAILED),
    )
    told = ("name", "state", "finished_at", "updated_at", "job__error_message", "job__error_params")
    return ended.select_related("job").only(*told).prefetch_related(RECOMMENDED).order_by("-updated_at", "-pk")


def find(experiments: QuerySet[Experiment], *, text: str = "", state: str = "", kind: str = "") -> QuerySet[Experiment]:
    """Narrow a list to a state, a kind and words in the name, the dataset or the person."""
    if state in ExperimentState.values:
        experiments = experiments.filter(state=state)
    if kind in KINDS:
        experiments = experiments.filter(kind=kind)
    if text:
        experiments = experiments.filter(
            Q(name__icontains=text)
            | Q(version__dataset__name__icontains=text)
            | Q(owner__display_name__icontains=text)
            | Q(owner__username__icontains=text)
        )
    return experiments


def counts_by_state(workspace: Workspace) -> dict[str, int]:
    """Count a workspace's experiments by state; every state is named, and ``""`` counts all."""
    found = Experiment.objects.filter(workspace=workspace).order_by().values_list("state").annotate(n=Count("pk"))
    counts = {str(state): 0 for state in ExperimentState.values} | dict(found)
    return {"": sum(counts.values()), **counts}


@dataclass(frozen=True)
class ListLine:
    """An experiment in a list: its state and, when it is done, the numbers of its recommended model."""

    experiment: Experiment
    recommended: LeaderboardRow | None
    learner: str
    metric: str
    validation: float | None
    tested: float | None
    is_tested_enough: bool = True

    @classmethod
    def of(cls, experiment: Experiment) -> "ListLine":
        """Read the numbers from what ``experiments_of`` has fetched."""
        rows = experiment.recommended_rows  # type: ignore[attr-defined]
        if not rows:
            return cls(experiment, None, "", "", None, None)
        row, metrics = rows[0], rows[0].metrics
        tested = metrics.get("out_of_time") or metrics.get("held_out") or {}
        return cls(
            experiment=experiment,
            recommended=row,
            learner=learner_name(row.learner),
            metric="AUC",
            validation=metrics.get("validation", {}).get("auc", {}).get("value"),
            tested=tested.get("auc", {}).get("value"),
            is_tested_enough=not has_too_few(tested),
        )


@dataclass(frozen=True)
class IntervalCell:
    """An interval as the positions of a small drawing, on the scale shared by a column."""

    low: float
    at: float
    high: float

    @property
    def width(self) -> float:
        return max(self.high - self.low, 1.0)


@dataclass(frozen=True)
class Difference:
    """What one finalist has over another in AUC on the same rows, with its interval."""

    value: float
    low: float
    high: float
    is_within_chance: bool
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeaderboardLine:
    """A row of the leaderboard, ready to be shown."""

    row: LeaderboardRow
    name: str
    rank_label: str
    validation: dict[str, dict[str, float | None]]
    tested: dict[str, dict[str, float | None]]
    cells: dict[str, IntervalCell | None]
    gap: float | None
    limits_state: str
    ranking_value: float | None
    against: Difference | None = None

    @property
    def is_tested_enough(self) -> bool:
        return not has_too_few(self.tested)

    @property
    def is_validated_enough(self) -> bool:
        return not has_too_few(self.validation)

    @property
    def is_ensemble(self) -> bool:
        return self.row.learner == ENSEMBLE

    @property
    def milliseconds(self) -> float | None:
        return self.row.evidence.get("ms_per_row")


@dataclass(frozen=True)
class Leaderboard:
    """All finalists of an experiment; ``test_sample`` names the rows that no model has seen."""

    lines: list[LeaderboardLine]
    test_sample: str
    ranking_metric: str
    recommended: LeaderboardLine | None

    def line_of(self, candidate: str) -> LeaderboardLine | None:
        """Find a candidate's line; without a name, the recommended one's."""
        if not candidate:
            return self.recommended
        return next((line for line in self.lines if line.row.candidate == candidate), None)

    @property
    def is_penalised(self) -> bool:
        """Is the order another than that of the plain metric, since overfit and volatility cost something?"""
        return self.ranking_metric == "ks" and any(line.ranking_value is not None for line in self.lines)

    @property
    def ties(self) -> int:
        """Count the models that share a rank."""
        return sum(line.rank_label.startswith("=") for line in self.lines)


def leaderboard_for(experiment: Experiment) -> Leaderboard:
    """Read an experiment's finalists in rank order, with intervals drawn to one scale."""
    rows = list(experiment.leaderboard.all())
    test_sample = "out_of_time" if any("out_of_time" in row.metrics for row in rows) else "held_out"
    scale = _scale_of(rows, ("validation", test_sample), "auc")
    ranks = _rank_labels(rows)
    chosen = next((row for row in rows if row.is_recommended), None)
    lines = [_line_of(row, ranks[row.pk], test_sample, scale, chosen) for row in rows]
    recommended = next((line for line in lines if line.row.is_recommended), lines[0] if lines else None)
    return Leaderboard(lines, test_sample, ENGINE_KINDS[experiment.kind].ranking, recommended)


def _rank_labels(rows: list[LeaderboardRow]) -> dict[int, str]:
    """Give the recommended model and all that cannot be told apart from it the best rank among them: ``=1``."""
    tied = [row for row in rows if row.is_tie or row.is_recommended]
    labels = {row.pk: str(row.rank) for row in rows}
    if any(row.is_tie for row in rows):
        labels |= {row.pk: f"={min(each.rank for each in tied)}" for row in tied}
    return labels


def _line_of(
    row: LeaderboardRow, rank_label: str, test_sample: str, scale: tuple[float, float], chosen: LeaderboardRow | None
) -> LeaderboardLine:
    validation, tested = row.metrics.get("validation", {}), row.metrics.get(test_sample, {})
    return LeaderboardLine(
        row=row,
        name=learner_name(row.learner),
        rank_label=rank_label,
        validation=validation,
        tested=tested,
        cells={"validation": _cell(validation.get("auc"), scale), "tested": _cell(tested.get("auc"), scale)},
        gap=_gap(row, tested),
        limits_state=limits_state(row.evidence.get("limits", [])),
        ranking_value=row.evidence.get("ranking_value"),
        against=_difference(row, chosen),
    )


def _gap(row: LeaderboardRow, tested: dict[str, Any]) -> float | None:
    """Return the fall in KS from training rows, as a reader finds it who subtracts the two KS shown."""
    kept = row.evidence.get("gap")
    train, held_out = (sample.get("ks", {}).get("value") for sample in (row.metrics.get("train", {}), tested))
    if kept is None or train is None or held_out is None or abs(train - held_out - kept) > SAME:
        return kept
    return round(round(train, 3) - round(held_out, 3), 3)


def limits_state(limits: list[dict[str, Any]]) -> str:
    """Sum the limits up: broken, unproven, unjudged for want of events, kept, or nothing where none is set."""
    states = [limit_state(limit) for limit in limits]
    return next((state for state in ("broken", "unproven", "unjudged", "kept") if state in states), "")


def difference_to_recommended(row: LeaderboardRow, chosen: LeaderboardRow | None) -> dict[str, Any] | None:
    """Return what a finalist has over the recommended one, with the interval that its tie was judged by."""
    if chosen is None or row.pk == chosen.pk:
        return None
    own, others = (each.evidence.get("difference", {}) for each in (row, chosen))
    return difference_to(chosen.candidate, row.candidate, own=own, others=others)


def _difference(row: LeaderboardRow, chosen: LeaderboardRow | None) -> Difference | None:
    """Return what a finalist has over the recommended one; whether it is a tie the run has settled, for all of them."""
    found = difference_to_recommended(row, chosen)
    if chosen is None or not found or found.get("value") is None:
        return None
    value = found["value"]
    low, high = found.get("low", value), found.get("high", value)
    return Difference(
        value, low, high, is_within_chance=row.is_tie or low <= 0 <= high,
        shown=_shown_difference(row, chosen, (value, low, high)),
    )  # fmt: skip


def _shown_difference(
    row: LeaderboardRow, chosen: LeaderboardRow, difference: tuple[float, float, float]
) -> tuple[str, ...]:
    """Return a difference and its bounds; where both AUCs are shown, as a reader of them subtracts."""
    value, low, high = difference
    own, other = (each.metrics.get("validation", {}).get("auc", {}).get("value") for each in (row, chosen))
    if own is None or other is None or abs(own - other - value) > SAME:
        return bounded(value, low, high)
    return set_against(own, other, (low, high))[2:]


def _scale_of(rows: list[LeaderboardRow], samples: tuple[str, ...], metric: str) -> tuple[float, float]:
    """Return the least and greatest end of all intervals of a metric."""
    ends = [
        row.metrics.get(sample, {}).get(metric, {}).get(end)
        for row in rows
        for sample in samples
        for end in ("low", "value", "high")
    ]
    known = [end for end in ends if end is not None]
    return (min(known), max(known)) if known else (0.0, 1.0)


def _cell(metric: dict[str, float | None] | None, scale: tuple[float, float]) -> IntervalCell | None:
    middle = metric.get("value") if metric else None
    if metric is None or middle is None:
        return None
    least, greatest = scale

    def position(end: float | None) -> float:
        value = middle if end is None else end
        share = (value - least) / (greatest - least) if greatest > least else 0.5
        return round(CELL_MARGIN + share * (CELL_WIDTH - 2 * CELL_MARGIN), 1)

    return IntervalCell(position(metric.get("low")), position(middle), position(metric.get("high")))


def trials_of(experiment: Experiment, order: str = "number") -> QuerySet[Trial]:
    """Return the trials sorted by one of ``TRIAL_COLUMNS``, with ``-`` in front for descending; empty values last."""
    name = order.removeprefix("-")
    if name not in TRIAL_COLUMNS:
        return experiment.trials.order_by("number")
    column = F(name)
    return experiment.trials.order_by(
        column.desc(nulls_last=True) if order.startswith("-") else column.asc(nulls_last=True), "number"
    )


def turns_of(experiment: Experiment, numbers: list[int]) -> dict[int, int]:
    """Return which trial of the search each number is, counted from 1, among those that the search proposed."""
    beside = sorted(experiment.trials.filter(IS_BESIDE).order_by().values_list("number", flat=True))
    return {number: number - bisect_left(beside, number) for number in numbers}


def whole_trials(page: QuerySet[Trial]) -> list[Trial]:
    """Return the trials of a page in its order: the keys are sorted alone, as whole rows would be sorted slowly."""
    keys = list(page.values_list("pk", flat=True))
    found = Trial.objects.in_bulk(keys)
    return [found[key] for key in keys if key in found]


@dataclass(frozen=True)
class Course:
    """How far the trials of a run have come, counted by the database: there may be 50,000."""

    count: int
    beside: int
    finished: int
    elapsed: float
    seconds_without_gain: float

    @property
    def counted(self) -> int:
        """Trials of the budget: what the search proposed, whatever became of it."""
        return self.count - self.beside

    @property
    def failed(self) -> int:
        return self.count - self.finished


def course_of(experiment: Experiment) -> Course:
    """Count the trials, and tell for how many seconds of the run none has been clearly better."""
    measured = Q(state=FINISHED, auc__isnull=False) & OF_THE_QUESTION
    found = experiment.trials.order_by().aggregate(
        count=Count("pk"),
        beside=Count("pk", filter=IS_BESIDE),
        finished=Count("pk", filter=Q(state=FINISHED)),
        until=Max("elapsed"),
        best=Max("auc", filter=measured),
        last=Max("elapsed", filter=measured),
    )
    since = None
    if found["best"] is not None:
        as_good = experiment.trials.order_by().filter(measured, auc__gte=found["best"] - CLEAR_GAIN)
        since = as_good.aggregate(first=Min("elapsed"))["first"]
    return Course(
        count=found["count"],
        beside=found["beside"],
        finished=found["finished"],
        elapsed=found["until"] or 0.0,
        seconds_without_gain=found["last"] - since if since is not None else 0.0,
    )


def finished_trials(experiment: Experiment) -> list[tuple[float, float | None, str]]:
    """Return (elapsed seconds, AUC, learner) of each trial that ended well."""
    done = experiment.trials.filter(OF_THE_QUESTION, state=FINISHED).order_by()
    return list(done.values_list("elapsed", "auc", "learner"))


def best_of_each_learner(experiment: Experiment) -> list[Trial]:
    """Return the best finished trial of each learner, best first: by AUC, as the search itself ranks them."""
    measured = experiment.trials.filter(OF_THE_QUESTION, state=FINISHED, auc__isnull=False).order_by()
    tops = measured.values("learner").annotate(best=Max("auc")).values_list("learner", "best")
    is_top = Q(pk__in=[])
    for learner, value in tops:
        is_top |= Q(learner=learner, auc=value)
    # Of many that are equally good the first stands for all.
    firsts = measured.filter(is_top).values("learner").annotate(first=Min("number")).values_list("first", flat=True)
    return list(experiment.trials.filter(number__in=list(firsts)).order_by("-auc", "number"))


@dataclass(frozen=True)
class Period:
    """A month of the table and what its rows are used for: train, test or unused."""

    name: str
    rows: int
    use: str


@dataclass(frozen=True)
class SplitPlan:
    """How the rows will be divided, told before a run begins."""

    kind: str
    message: str
    params: dict[str, Any]
    notes: list[dict[str, Any]]
    boundaries: dict[str, str]
    folds: int
    train_rows: int
    train_events: int
    test_rows: int
    test_events: int
    group: str
    periods: list[Period]
    in_time_order: bool = False
    given_by: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the split as JSON-ready plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> "SplitPlan":
        """Build a split from what ``to_dict`` gave."""
        return cls(**{**plain, "periods": [Period(**period) for period in plain["periods"]]})

    @property
    def train_periods(self) -> int:
        return sum(period.use == "train" for period in self.periods)


@dataclass(frozen=True)
class RuleLine:
    """A number column with the rules the plan has for it; ``values`` tells its range."""

    column: Column
    direction: int
    special_text: str
    values: str
    label: str = ""
    error: str = ""

    @property
    def is_ruled(self) -> bool:
        return bool(self.direction or self.special_text)


def rule_columns(experiment: Experiment, own: Plan) -> QuerySet[Column]:
    """Return the number columns a model may learn from, in the file's order.

    A column that is out of the model stays in sight while the plan has a rule for it, so that it can be taken back.
    """
    checked = experiment.data_check.columns.filter(role=ColumnRole.FEATURE, excluded=False)
    in_sight = Q(pk__in=checked.values("column_id")) | Q(name__in=wishes_of(own))
    return experiment.version.columns.filter(in_sight, type=ColumnType.NUMERIC).order_by("position")


def narrowed_rules(
    columns: QuerySet[Column], plan: Plan, dataset: Dataset, *, text: str, ruled_only: bool
) -> QuerySet[Column]:
    """Return of such columns those whose name or label holds a word, and those that have a rule."""
    if text:
        by_word = Q(name__in=called(text, dataset))
        columns = columns.filter(Q(name__icontains=text) | Q(label__icontains=text) | by_word)
    if ruled_only:
        ruled = {name for name, way in plan.monotone.items() if way} | set(plan.special_values)
        columns = columns.filter(name__in=ruled)
    return columns


def rule_lines(plan: Plan, columns: Sequence[Column], dataset: Dataset) -> list[RuleLine]:
    """Return the line of each column, with what it is called in the reader's language."""
    labels = labels_for_reader(columns, dataset)
    return [replace(_rule_line(plan, column), label=labels[column.name]) for column in columns]


def _rule_line(plan: Plan, column: Column) -> RuleLine:
    codes = plan.special_values.get(column.name, [])
    return RuleLine(
        column=column,
        direction=plan.monotone.get(column.name, 0),
        special_text=", ".join(f"{code:.15g}" for code in codes),
        values=range_of(column, codes),
    )


def divide(parquet: Path, spec: ExperimentSpec) -> SplitPlan:
    """Divide the rows of a table as the engine will; only a worker may, for it reads the table.

    Raises
    ------
    BadInput : the target cannot be used, or there are too few rows of one kind.
    """
    names = [spec.target, spec.time_column, spec.group_column, spec.id_column, spec.weight_column]
    names.append(spec.validation.split_column)
    frame = read_parquet(parquet, columns=list(dict.fromkeys(name for name in names if name)))
    y, _ = read_target(frame[spec.target], spec.event or None)
    split = split_rows(frame, y, spec)
    return SplitPlan(
        kind=split.held_out_kind,
        message=split.description["message"],
        params=split.description["params"],
        notes=split.notes,
        boundaries=split.boundaries,
        folds=len(split.folds),
        train_rows=len(split.train),
        train_events=int(y[split.train].sum()),
        test_rows=len(split.held_out),
        test_events=int(y[split.held_out].sum()),
        group=split.description["params"].get("group", ""),
        periods=_periods(split) if split.held_out_kind == "out_of_time" else [],
        in_time_order=spec.validation.scheme == "time" or spec.validation.embargo_days > 0,
        given_by=(spec.validation.split_column or "") if spec.validation.scheme == "given" else "",
    )


def _periods(split: Split) -> list[Period]:
    """Count the rows of each month, and say what most of them are used for."""
    months = split.period_of_row
    if months is None:
        return []
    found = []
    for name in sorted({month for month in months if month}):
        rows = np.flatnonzero(months == name)
        trained, tested = np.isin(rows, split.train).sum(), np.isin(rows, split.held_out).sum()
        use = "unused" if not trained and not tested else ("train" if trained >= tested else "test")
        found.append(Period(name, len(rows), use))
    return found
