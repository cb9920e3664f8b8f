"""A saved model as one SQL statement, where its family can be written as one."""

from pathlib import Path

from experiments.artifact.model import ModelArtifact
from experiments.errors import BadInput
from experiments.errors import gettext_noop as _
from experiments.learners.scorecard import ScorecardModel
from experiments.paths import AnyPath
from experiments.scorecard.reading_sql import Dialect
from experiments.scorecard.sql import scorecard_sql

__all__ = ["model_sql"]

NO_SQL = _("Only a scorecard can be written as SQL; this model is %(family)s.")


def model_sql(folder: AnyPath, table: str, *, dialect: Dialect = "generic", has_typed_numbers: bool = False) -> str:
    """Return the SELECT that scores ``table`` as the saved model scores a file: points, score, calibrated probability.

    A model for marketing scores by percentile and not in points, so its statement has no ``score``.

    Parameters
    ----------
    folder : of a saved scorecard. table : name of the table in the database. dialect, has_typed_numbers : see
        ``scorecard_sql``.

    Returns
    -------
    str

    Raises
    ------
    BadInput : the model is no scorecard, or reads a generated column that has no SQL.
    ArtifactError : the folder is no model, or an altered one.

    Examples
    --------
    >>> model_sql(model_folder, "loans", has_typed_numbers=True).split(maxsplit=1)[0]
    'SELECT'
    """
    folder = Path(folder)
    artifact = ModelArtifact.load(folder)
    members = [member for member in artifact.members if isinstance(member, ScorecardModel)]
    if len(members) != 1 or len(artifact.members) != 1:
        raise BadInput(NO_SQL, family=artifact.learner)
    others = [*artifact.columns, artifact.id_column or ""]
    return scorecard_sql(
        members[0].card,
        table,
        dialect=dialect,
        calibrator=artifact.calibrator,
        with_score=artifact.is_risk,
        other_columns=others,
        generator=artifact.generator,
        readings=artifact.readings,
        has_typed_numbers=has_typed_numbers,
    )
