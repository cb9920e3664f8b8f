"""Where columns come from and what they cost, as the bank's dictionary says."""

from dataclasses import dataclass
from decimal import Decimal

from dictionary.models import DictionaryEntry
from training.models import Experiment


@dataclass(frozen=True)
class Origin:
    """What the dictionary says of where a column comes from."""

    source: str = ""
    cost: Decimal | None = None
    is_protected: bool = False


def origins_of(experiment: Experiment) -> dict[str, Origin]:
    entries = DictionaryEntry.objects.filter(dataset=experiment.version.dataset)
    return {entry.name: Origin(entry.source, entry.cost_per_query, entry.is_protected) for entry in entries}


def sources_of(experiment: Experiment) -> dict[str, list[str]]:
    """Return the columns by their source; those without one are of nobody's."""
    found: dict[str, list[str]] = {}
    for name, origin in sorted(origins_of(experiment).items()):
        if origin.source:
            found.setdefault(origin.source, []).append(name)
    return found
