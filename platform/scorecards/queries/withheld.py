"""Columns that nobody puts on a card by hand: sensitive and protected ones, and what tells who somebody is."""

from catalog.models import Column
from checks import attributes
from dictionary.queries import protected_columns, sensitive_columns
from training.models import Experiment


def withheld_columns(experiment: Experiment) -> frozenset[str]:
    """Return the columns that are not offered; those that the model reads already stay where they are."""
    version = experiment.version
    personal = Column.objects.filter(version=version).exclude(personal_data="").values_list("name", flat=True)
    protected = {*attributes.protected_features(experiment.data_check), *protected_columns(version.dataset)}
    return frozenset({*personal, *protected, *experiment.asked.protected, *sensitive_columns(version.dataset)})
