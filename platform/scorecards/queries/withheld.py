"""Columns that nobody puts on a card by hand: sensitive and protected ones, and what tells who somebody is."""

from training.models import Experiment
from training.queries.hidden import hidden_columns


def withheld_columns(experiment: Experiment) -> frozenset[str]:
    """Return the columns that are not offered; those that the model reads already stay where they are."""
    hidden = hidden_columns([experiment])
    return hidden.secret | hidden.protected
