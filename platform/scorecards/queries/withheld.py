"""Columns that nobody puts on a card by hand: sensitive and protected ones, and what tells who somebody is."""

from catalog.models import Column
from checks import attributes
from dictionary.queries import protected_columns, sensitive_columns
from training.models import Experiment


def secret_columns(experiment: Experiment) -> frozenset[str]:
    """Return the columns of which no value is shown, so that no border or level of theirs is either."""
    version = experiment.version
    personal = Column.objects.filter(version=version).exclude(personal_data="").values_list("name", flat=True)
    return frozenset({*personal, *sensitive_columns(version.dataset)})


def withheld_columns(experiment: Experiment) -> frozenset[str]:
    """Return the columns that are not offered; those that the model reads already stay where they are."""
    version = experiment.version
    protected = {*attributes.protected_features(experiment.data_check), *protected_columns(version.dataset)}
    return frozenset({*protected, *experiment.asked.protected}) | secret_columns(experiment)
