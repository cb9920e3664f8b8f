"""The number columns of a plan with the rules it has for them: direction and special values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet

from catalog.models import Column, ColumnRole, ColumnType, Dataset
from catalog.ranges import range_of
from dictionary.page import called, labels_for_reader
from planning.plans.plan import Plan, wishes_of
from training.models import Experiment


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
