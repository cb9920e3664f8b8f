"""The columns a file to be scored needs, read from a model's folder without loading the model."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.artifact.manifest import read_manifest
from experiments.errors import gettext_noop
from experiments.paths import AnyPath

__all__ = ["InputColumn", "heard_columns", "id_heading", "needed_columns"]

# Where a scored file has no ids, this tells its rows apart: 1 for the first below the names of the columns.
ROW_NUMBER = "row_number"
# What a table of scores calls its own columns.
SCORE_NAMES = re.compile(r"probability|score|band|points|row_number|reason_\d+")

FEATURES = "features.json"
# A column whose share of all contributions is below this may be absent from a file to be scored.
NIL_SHARE = 0.001

MISSING_COLUMNS = gettext_noop(
    "The file lacks %(count)s columns the model needs: %(columns)s. Add them, or choose the right file."
)


@dataclass(frozen=True)
class InputColumn:
    """A column that a file to be scored holds.

    Attributes
    ----------
    name : an original column, never one that the engine makes of others.
    type : as in ``ColumnSchema``; empty for the id, which is taken as it is written.
    is_id : it tells the customers apart and leaves beside the scores.
    is_needed : without it nothing is scored; a column without influence, and the id, may be absent.

    Examples
    --------
    >>> InputColumn("age", "numeric").is_needed
    True
    """

    name: str
    type: str
    is_id: bool = False
    is_needed: bool = True


def needed_columns(model_dir: AnyPath) -> list[InputColumn]:
    """Return the id, if the model was made with one, and then the original columns in the order of training.

    Parameters
    ----------
    model_dir : folder of the model.

    Returns
    -------
    list of InputColumn

    Raises
    ------
    ArtifactError : the folder holds no model.

    Examples
    --------
    >>> [column.name for column in needed_columns(model_folder)]
    ['id', 'age', 'income', 'job', 'noise']
    """
    model_dir = Path(model_dir)
    manifest = read_manifest(Path(model_dir))
    sources = _sources_in(Path(model_dir))
    inputs = [column for column in manifest["signature"] if column["name"] not in sources]
    named = [column["name"] for column in inputs]
    heard = set(heard_columns(named, manifest["importance"], sources=sources))
    columns = [InputColumn(column["name"], column["type"], is_needed=column["name"] in heard) for column in inputs]
    id_column = manifest["facts"].get("id_column")
    return [*([InputColumn(id_column, "", is_id=True, is_needed=False)] if id_column else []), *columns]


def heard_columns(
    columns: Sequence[str], importance: Mapping[str, float], *, sources: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return those of the original columns that have influence, by themselves or through the columns made of them.

    Parameters
    ----------
    columns : of the input. importance : share of each column, derived ones too. sources : of derived columns.

    Returns
    -------
    list of str
        In the order of ``columns``.

    Examples
    --------
    >>> heard_columns(["age", "loan", "pay"], {"age": 0.0, "loan ÷ pay": 0.6}, sources={"loan ÷ pay": ["loan", "pay"]})
    ['loan', 'pay']
    """
    heard = [column for column, share in importance.items() if share > NIL_SHARE]
    needed = {source for column in heard for source in sources.get(column, [column])}
    return [column for column in columns if column in needed]


def _sources_in(model_dir: Path) -> dict[str, list[str]]:
    made = model_dir / FEATURES
    if not made.exists():
        return {}
    plain = json.loads(made.read_text(encoding="utf-8"))
    return {feature["name"]: list(feature["sources"]) for feature in plain["features"]}


def id_heading(id_column: str) -> str:
    """Return what the ids are called beside scores: as in the file, unless a column of the scores is called so.

    Parameters
    ----------
    id_column : its name in the file.

    Returns
    -------
    str

    Examples
    --------
    >>> id_heading("customer"), id_heading("score"), id_heading("reason_1")
    ('customer', 'score_id', 'reason_1_id')
    """
    return f"{id_column}_id" if SCORE_NAMES.fullmatch(id_column) else id_column
