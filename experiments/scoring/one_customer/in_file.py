"""One customer of a file, read as the model's own file was."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from experiments.artifact.model import ModelArtifact
from experiments.errors import BadInput, gettext_noop
from experiments.ingest.reading import ReadingOptions, ingest_files
from experiments.paths import AnyPath
from experiments.scoring.batch import options_for
from experiments.scoring.one_customer.finding import find_row, row_at, sample_of
from experiments.scoring.one_customer.surroundings import MOST_ROWS

__all__ = ["CustomerInFile", "customer_in_file"]

NO_CUSTOMER = gettext_noop("%(file)s has no row whose %(column)s is %(asked)s.")
NO_NUMBER = gettext_noop(
    "The model was built without an ID column, so a row is named by its number, from 1; %(asked)s is not one."
)
BEYOND = gettext_noop("%(file)s has %(rows)s rows; there is no row %(asked)s.")
# Python makes no number of thousands of digits.
MOST_DIGITS = 30


@dataclass(frozen=True)
class CustomerInFile:
    """A customer's row, how often the id comes in the file, and others from the same file.

    Examples
    --------
    >>> CustomerInFile(pd.DataFrame({"age": [25]}), 1, pd.DataFrame({"age": [25, 60]})).count
    1
    """

    row: pd.DataFrame
    count: int
    others: pd.DataFrame


def customer_in_file(
    artifact: ModelArtifact, source: AnyPath, *, asked: str, reading: ReadingOptions | None = None
) -> CustomerInFile:
    r"""Return a customer of a CSV, Excel or Parquet file by the id, or by the row's number where the model has no ids.

    Parameters
    ----------
    artifact : the model. source : the file. asked : an id, or a number from 1. reading : how the file is read.

    Returns
    -------
    CustomerInFile

    Raises
    ------
    BadInput : the file cannot be read, or nobody in it has that id; the sentence says where it looked.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "rows.csv").write_text("id,age,income,job,noise\nC1,25,4000,none,0\nC2,60,20000,clerk,0\n")
    >>> customer_in_file(ModelArtifact.load(model_folder), folder / "rows.csv", asked="C2").row["job"].tolist()
    ['clerk']
    """
    source = Path(source)
    with tempfile.TemporaryDirectory(prefix="xiaoyu-explain-") as folder:
        parquet = Path(folder) / "rows.parquet"
        report = ingest_files([(source, source.name)], parquet, options=options_for(artifact, reading))
        column = artifact.id_column
        if column:
            found = find_row(parquet, asked, column=column)
            if found is None:
                raise BadInput(NO_CUSTOMER, file=source.name, column=column, asked=asked)
            place, count = found.row, found.count
        else:
            place, count = _numbered(asked, report.row_count, source.name), 1
        return CustomerInFile(row_at(parquet, place), count, sample_of(parquet, rows=MOST_ROWS))


def _numbered(asked: str, rows: int, file: str) -> int:
    if not asked.strip().isdecimal():
        raise BadInput(NO_NUMBER, asked=asked)
    if len(asked.strip()) > MOST_DIGITS:
        raise BadInput(BEYOND, file=file, rows=f"{rows:,}", asked=f"{asked.strip()[:MOST_DIGITS]}…")
    place = int(asked)
    if not 1 <= place <= rows:
        raise BadInput(BEYOND, file=file, rows=f"{rows:,}", asked=f"{place:,}")
    return place - 1
