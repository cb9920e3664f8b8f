"""Columns of a card that nobody is shown, and those that nobody puts on one by hand."""

from collections.abc import Iterable

from catalog.models import Column
from experiments.scorecard.editing.draft import CardDraft
from results.queries.columns import secret_columns
from scorecards.models import EditedCard
from training.models import Experiment
from training.queries.hidden import hidden_columns


def withheld_columns(experiment: Experiment) -> frozenset[str]:
    """Return the columns that are not offered; those that the model reads already stay where they are."""
    hidden = hidden_columns([experiment])
    return hidden.secret | hidden.protected


def withheld_among(experiment: Experiment, draft: CardDraft, names: Iterable[str]) -> set[str]:
    """Return which of a card's columns nobody puts on it by hand: withheld ones, and those made of them."""
    return {*names} & _telling_of(withheld_columns(experiment), draft, experiment)


def secret_on(card: EditedCard) -> frozenset[str]:
    """Return the columns of a card whose bins nobody sees: sensitive and personal ones, and those made of them."""
    secret = secret_columns(card.experiment)
    if not card.is_ready or not secret:
        return secret
    return secret | _telling_of(secret, card.now, card.experiment)


def _telling_of(hidden: frozenset[str], draft: CardDraft, experiment: Experiment) -> frozenset[str]:
    """Return the columns of a card that tell values of hidden ones.

    A card of an earlier day does not say what its columns are made of: one that is not in the table may tell any.
    """
    if not hidden:
        return hidden
    told = {each.name: frozenset(each.sources) for each in draft.columns}
    if not all(told.values()):
        original = set(Column.objects.filter(version=experiment.version_id).values_list("name", flat=True))
        told |= {name: frozenset({name} & original) or hidden for name, sources in told.items() if not sources}
    return frozenset(name for name, sources in told.items() if sources & hidden)
