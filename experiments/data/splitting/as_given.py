"""Splits as a column of the table says."""

from dataclasses import replace

import numpy as np
import pandas as pd

from experiments.data.splitting.dealing import deal_folds
from experiments.data.splitting.given_parts import NO_SPLIT_COLUMN, TEST, TRAIN, VALIDATION, read_parts
from experiments.data.splitting.labelled_table import (
    CUSTOMERS_CUT,
    SMALLEST_CLASS,
    LabelledTable,
    boundaries_of,
    note_customers_in_both,
)
from experiments.data.splitting.split import Split, split_of
from experiments.errors import BadInput, gettext_noop

SPLIT_GIVEN = gettext_noop(
    "Train on the %(train)s rows that %(column)s marks for training, with %(folds)s folds, and keep the "
    "%(held_out)s rows it holds out as the test."
)
SPLIT_GIVEN_GROUPED = gettext_noop(
    "Train on the %(train)s rows that %(column)s marks for training, with %(folds)s folds grouped by %(group)s, "
    "and keep the %(held_out)s rows it holds out as the test."
)
SPLIT_GIVEN_IN_THREE = gettext_noop(
    "Train on the %(train)s rows that %(column)s marks for training, validate on the %(validation)s rows it marks "
    "for validation, and keep the %(held_out)s rows it holds out as the test."
)
TOO_FEW_IN_PART = gettext_noop(
    "Of the rows that %(column)s marks as %(part)s, %(events)s have the event and %(others)s do not; at least "
    "%(least)s of each are needed."
)
FOR_TRAINING = gettext_noop("training")
FOR_VALIDATION = gettext_noop("validation")
FOR_TEST = gettext_noop("test")
ROWS_WITHOUT_PART = gettext_noop("%(count)s labelled rows have no value in %(column)s; they are left out.")


def split_as_given(table: LabelledTable) -> Split:
    """Take the parts that the table itself names; without rows for validation, deal folds from those for training."""
    name = table.spec.validation.split_column
    if name is None or name not in table.frame:
        raise BadInput(NO_SPLIT_COLUMN)
    parts = read_parts(table.frame[name].reset_index(drop=True), name, table.labelled, note=table.note)
    train, validation, held_out = (table.labelled[parts[table.labelled] == part] for part in (TRAIN, VALIDATION, TEST))
    for rows, part, least in (
        (train, FOR_TRAINING, SMALLEST_CLASS // 2), (validation, FOR_VALIDATION, 2), (held_out, FOR_TEST, 2),
    ):  # fmt: skip
        if len(rows):
            _require_both_in_part(table, rows, part, least)
    without = len(table.labelled) - len(train) - len(validation) - len(held_out)
    if without:
        table.note(ROWS_WITHOUT_PART, count=without, column=name)
    learnt_from = np.concatenate([train, validation])
    note_customers_in_both(table, learnt_from, held_out, CUSTOMERS_CUT)
    is_later = table.dates is not None and _is_later(table.dates, learnt_from, held_out)
    params = {"column": name, "train": len(train), "held_out": len(held_out)}
    folds = training_folds = deal_folds(table, train)
    message = SPLIT_GIVEN_GROUPED if table.group_name else SPLIT_GIVEN
    if len(validation):
        message, params = SPLIT_GIVEN_IN_THREE, params | {"validation": len(validation)}
        folds = [(train, validation)]
    split = split_of(
        table, train, held_out, folds, scheme="given", is_out_of_time=is_later, validation=validation, message=message,
        params=params, boundaries=boundaries_of(table, train, held_out) if is_later else {},
    )  # fmt: skip
    return replace(split, training_folds=training_folds)


def _require_both_in_part(table: LabelledTable, rows: np.ndarray, part: str, least: int) -> None:
    events = int((table.y[rows] == 1).sum())
    if min(events, len(rows) - events) < least:
        column = table.spec.validation.split_column
        raise BadInput(TOO_FEW_IN_PART, column=column, part=part, events=events, others=len(rows) - events, least=least)


def _is_later(dates: pd.Series, learnt_from: np.ndarray, held_out: np.ndarray) -> bool:
    before_it, of_it = dates.iloc[learnt_from], dates.iloc[held_out]
    return bool(of_it.notna().all() and before_it.notna().any() and before_it.max() < of_it.min())
