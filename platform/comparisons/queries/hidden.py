"""What no comparison shows: values of protected, personal and sensitive columns of all tables it rests on."""

from collections.abc import Sequence
from dataclasses import replace

from catalog.models import DatasetVersion
from comparisons.facts import ComparisonFacts
from comparisons.models import ModelComparison
from comparisons.queries.subjects import Subject, subjects_named, with_models
from experiments.comparison.evidence import Against, ModelsCompared, Swap
from experiments.errors import ExperimentError
from training.queries.hidden import HiddenColumns, hidden_columns


def hidden_in(subjects: Sequence[Subject], version: DatasetVersion | None) -> HiddenColumns:
    """Return what is hidden where models are compared, on a dataset version if one is named."""
    return hidden_columns([each.experiment for each in subjects], [version])


def shown_facts(comparison: ModelComparison, subjects: Sequence[Subject] | None = None) -> ComparisonFacts:
    """Return what was found without what is hidden today, whatever was hidden when it was worked out."""
    facts = comparison.found
    if facts.compared is None:
        return facts
    try:
        models = with_models(subjects or subjects_named(comparison.subjects, comparison.workspace))
    except ExperimentError:  # a model has been deleted since, and with it what tells which columns are hidden
        return replace(facts, compared=_without_customers(facts.compared))
    id_column = models[0].experiment.asked.id_column
    hidden = hidden_in(models, comparison.version)
    compared = _without(facts.compared, hidden, id_column=id_column)
    if facts.amount in hidden.unshown:
        return replace(facts, compared=_without_amounts(compared), amount="")
    return replace(facts, compared=compared)


def _without_customers(found: ModelsCompared) -> ModelsCompared:
    """Leave out whatever is said of single customers and of the values of columns."""
    return replace(
        found,
        against=tuple(
            replace(each, moved=(), swaps=tuple(replace(swap, rows=(), segments=()) for swap in each.swaps))
            for each in found.against
        ),
    )


def _without_amounts(found: ModelsCompared) -> ModelsCompared:
    return replace(
        found,
        against=tuple(
            replace(each, swaps=tuple(swap.without_amounts() for swap in each.swaps)) for each in found.against
        ),
    )


def _without(found: ModelsCompared, hidden: HiddenColumns, *, id_column: str | None) -> ModelsCompared:
    is_id_hidden = id_column in hidden.unshown
    return replace(found, against=tuple(_against(each, hidden, is_id_hidden=is_id_hidden) for each in found.against))


def _against(each: Against, hidden: HiddenColumns, *, is_id_hidden: bool) -> Against:
    moved = tuple(
        replace(
            one,
            customer="" if is_id_hidden else one.customer,
            why=tuple(replace(why, value="") if why.column in hidden.unshown else why for why in one.why),
        )
        for one in each.moved
    )
    swaps = tuple(_swap(swap, hidden, is_id_hidden=is_id_hidden) for swap in each.swaps)
    return replace(each, moved=moved, swaps=swaps)


def _swap(swap: Swap, hidden: HiddenColumns, *, is_id_hidden: bool) -> Swap:
    rows = tuple(
        replace(
            row,
            customer="" if is_id_hidden else row.customer,
            values={name: value for name, value in row.values.items() if name not in hidden.unshown},
        )
        for row in swap.rows
    )
    segments = tuple(segment for segment in swap.segments if segment.column not in hidden.secret)
    return replace(swap, rows=rows, segments=segments)
