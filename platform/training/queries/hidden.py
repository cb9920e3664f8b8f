"""What no page tells of a single customer: values of protected, personal and sensitive columns."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from accounts.permissions import can_unmask
from catalog.models import Column, DatasetVersion
from checks import attributes
from common.once import once_a_page
from dictionary.queries import kept_back_columns
from training.models import Experiment


@dataclass(frozen=True)
class HiddenColumns:
    """``secret`` columns are neither shown nor cut by; ``protected`` ones are cut by, but nobody's value is shown."""

    secret: frozenset[str]
    protected: frozenset[str]

    @property
    def unshown(self) -> tuple[str, ...]:
        """Columns of which no customer's value is shown."""
        return tuple(sorted(self.secret | self.protected))


def hides_ids(
    user: User, experiment: Experiment, version: DatasetVersion | None = None, *, id_column: str = ""
) -> bool:
    """Return whether ids of customers leave masked: a dictionary keeps them back, and the person may not see such data.

    ``version`` is the table that was scored, whose dictionary is heeded, too; ``id_column`` what a list calls its ids.
    """
    if can_unmask(user, experiment):
        return False
    datasets = [experiment.version.dataset, *([] if version is None else [version.dataset])]
    found = kept_back_columns(datasets)
    kept_back = found.protected | found.sensitive
    return experiment.asked.id_column in kept_back or id_column in kept_back


def hidden_columns(experiments: Iterable[Experiment], versions: Iterable[DatasetVersion | None] = ()) -> HiddenColumns:
    """Return what is hidden of customers of these experiments, and of other tables that their models score.

    Today's dictionary counts, whatever it said when something was worked out; ids come masked and are none of these.
    """
    return _hidden(tuple(experiments), tuple(version for version in versions if version is not None))


@once_a_page
def _hidden(experiments: tuple[Experiment, ...], versions: tuple[DatasetVersion, ...]) -> HiddenColumns:
    checks = {each.data_check_id: each.data_check for each in experiments}
    tables = {check.version_id: check.version for check in checks.values()}
    tables |= {each.version_id: each.version for each in experiments}
    tables |= {version.pk: version for version in versions}
    datasets = {each.dataset_id: each.dataset for each in tables.values()}
    personal = Column.objects.filter(version__in=list(tables)).exclude(personal_data="")
    ids = {each.asked.id_column for each in experiments[:1]}
    personal_names = set(personal.values_list("name", flat=True)) - ids
    protected = {name for check in checks.values() for name in attributes.protected_features(check)}
    protected |= {name for each in experiments for name in each.asked.protected}
    kept_back = kept_back_columns(datasets.values())
    return HiddenColumns(kept_back.sensitive | personal_names, kept_back.protected | protected)
