"""How many columns a model reads."""

import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

from experiments.learners import FittedModel

_SPLIT_FEATURES = re.compile(r"^split_feature=(.*)$", re.MULTILINE)


def columns_read(members: Iterable[FittedModel], table: pd.DataFrame) -> int:
    """Return how many columns of ``table`` (a few rows, as the members read it) move any member's margin.

    Trees in LightGBM's text name the columns they split on; of other families a column counts when it has a part in
    the margin of any of the rows.
    """
    read: set[Any] = set()
    for member in members:
        text = getattr(member, "text", None)
        if text is not None:
            lists = _SPLIT_FEATURES.findall(text)
            read |= {table.columns[int(place)] for places in lists for place in set(places.split())}
        else:
            phi, _ = member.contributions(table)
            read |= set(table.columns[(phi != 0).any(axis=0)])
    return len(read)
