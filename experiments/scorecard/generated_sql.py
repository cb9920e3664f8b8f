"""Generated columns as SQL expressions, for the kinds of them that every database can compute."""

from collections.abc import Callable

from experiments.generation.feature import GeneratedFeature, InSql
from experiments.generation.kinds import KINDS


def generated_sql(feature: GeneratedFeature, number_of: Callable[[str], str]) -> str | None:
    """Return the expression that computes a generated column, None where it has none in portable SQL.

    Parameters
    ----------
    number_of : gives the expression of a source column as a double, NULL where it is empty or a special value.
    """
    kind = KINDS[feature.kind]
    return kind.sql(feature, [number_of(name) for name in feature.sources]) if isinstance(kind, InSql) else None
