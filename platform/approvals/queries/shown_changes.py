"""What changed since the champion: learner, columns and data."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, pgettext

from common.language import listed
from experiments.telling import filled
from registry.models import ModelVersion
from registry.queries.shown_columns import label_of
from training.words import learner_name


@dataclass(frozen=True)
class Change:
    """One thing that differs from the champion: what happened (added, removed, changed, same) and the sentence."""

    what: str
    word: str
    tone: str
    sentence: str


def shown_changes(version: ModelVersion, former: ModelVersion | None) -> list[Change]:
    """Return what changed since the champion: learner, features and data."""
    if former is None:
        return []
    before, now = set(former.frozen.features), set(version.frozen.features)
    return [
        *learner_change(version, former),
        *feature_change("added", sorted(now - before), version),
        *feature_change("removed", sorted(before - now), version),
        *data_change(version, former),
        same_features(len(now & before)),
    ]


def learner_change(version: ModelVersion, former: ModelVersion) -> list[Change]:
    old, new = (learner_name(v.frozen.learner) for v in (former, version))
    if old == new:
        return [change("same", gettext("Algorithm: %(learner)s") % {"learner": new})]
    return [change("changed", gettext("Algorithm: %(old)s → %(new)s") % {"old": old, "new": new})]


def feature_change(what: str, columns: list[str], version: ModelVersion) -> list[Change]:
    if not columns:
        return []
    names = listed(label_of(column, version) for column in columns[:2])
    if len(columns) <= 2:
        return [change(what, names)]
    more = filled(gettext("%(names)s and %(count)s more columns"), {"names": names, "count": len(columns) - 2})
    return [change(what, more)]


def data_change(version: ModelVersion, former: ModelVersion) -> list[Change]:
    old, new = (v.leaderboard_row.experiment.version for v in (former, version))
    if old.pk == new.pk:
        return [change("same", gettext("The same data"))]
    return [change("changed", gettext("Data: %(old)s → %(new)s") % {"old": name_of(old), "new": name_of(new)})]


def name_of(dataset_version: Any) -> str:
    return f"{dataset_version.dataset.name} v{dataset_version.number}"


def same_features(count: int) -> Change:
    return change("same", filled(gettext("%(count)s columns in both"), {"count": count}))


def change(what: str, text: str) -> Change:
    words = {
        "added": (pgettext("since the champion", "Added"), "good"),
        "removed": (pgettext("since the champion", "Removed"), "bad"),
        "changed": (pgettext("since the champion", "Changed"), "info"),
        "same": (gettext("Same"), ""),
    }
    word, tone = words[what]
    return Change(what=what, word=word, tone=tone, sentence=text)
