"""Splits by chance: a stratified share is held out, customers kept whole."""

from dataclasses import replace

from experiments.data.splitting.dealing import deal, deal_folds
from experiments.data.splitting.labelled_table import CUSTOMERS_CUT, LabelledTable, besides, note_customers_in_both
from experiments.data.splitting.split import Split, split_of
from experiments.errors import gettext_noop

SPLIT_BY_CHANCE = gettext_noop(
    "Train on %(train_share)s%% of the rows with %(folds)s folds drawn at random, and keep a random "
    "%(held_share)s%% as the held-out test. No observation date is given, so stability over time is not tested."
)
SPLIT_BY_CHANCE_GROUPED = gettext_noop(
    "Train on %(train_share)s%% of the rows with %(folds)s folds grouped by %(group)s, and keep a random "
    "%(held_share)s%% as the held-out test. No observation date is given, so stability over time is not tested."
)
SPLIT_UNDIVIDED = gettext_noop(
    "Train on %(train_share)s%% of the rows with %(folds)s folds drawn at random, and keep a random "
    "%(held_share)s%% as the held-out test. The rows cannot be split by their dates, so stability over time is "
    "not tested."
)
SPLIT_UNDIVIDED_GROUPED = gettext_noop(
    "Train on %(train_share)s%% of the rows with %(folds)s folds grouped by %(group)s, and keep a random "
    "%(held_share)s%% as the held-out test. The rows cannot be split by their dates, so stability over time is "
    "not tested."
)
SPLIT_BY_CHANCE_AS_ASKED = gettext_noop(
    "Train on %(train_share)s%% of the rows with %(folds)s folds, and keep a random %(held_share)s%% as the "
    "held-out test, as asked. Stability over time is not tested."
)
SPLIT_BY_CHANCE_GROUPED_AS_ASKED = gettext_noop(
    "Train on %(train_share)s%% of the rows with %(folds)s folds grouped by %(group)s, and keep a random "
    "%(held_share)s%% as the held-out test, as asked. Stability over time is not tested."
)


def _told_by_chance(table: LabelledTable) -> str:
    if table.dates is None:
        ungrouped, grouped = SPLIT_BY_CHANCE, SPLIT_BY_CHANCE_GROUPED
    elif table.spec.validation.scheme == "auto":
        ungrouped, grouped = SPLIT_UNDIVIDED, SPLIT_UNDIVIDED_GROUPED
    else:
        ungrouped, grouped = SPLIT_BY_CHANCE_AS_ASKED, SPLIT_BY_CHANCE_GROUPED_AS_ASKED
    return grouped if table.group_name else ungrouped


def split_by_chance(table: LabelledTable) -> Split:
    """Hold a stratified share out, customers kept whole unless a split by rows was asked for."""
    cut = None
    if table.spec.validation.scheme == "stratified" and table.spec.group_column is None:
        # Only repeated ids suggest groups here, and a split by rows was requested explicitly.
        cut, table = table, replace(table, groups=None, group_name="")
    parts = max(2, round(1 / table.spec.validation.held_out_share))
    held_out = table.labelled[deal(table, table.labelled, parts) == 0]
    train = besides(table, held_out)
    if cut is not None:
        note_customers_in_both(cut, train, held_out, CUSTOMERS_CUT)
    grouped = bool(table.group_name)
    held_share = round(100 * len(held_out) / len(table.labelled))
    return split_of(
        table, train, held_out, deal_folds(table, train), scheme="grouped" if grouped else "stratified",
        is_out_of_time=False, message=_told_by_chance(table),
        params={"train_share": 100 - held_share, "held_share": held_share},
    )  # fmt: skip
