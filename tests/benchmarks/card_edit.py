"""How long a change of a scorecard takes on a million rows: counted once, changed by counts.

    python -m tests.benchmarks.card_edit --rows 1000000 --columns 12

Prints the seconds that counting takes (a worker's) and the milliseconds of each change with all its effects (the
page's), by the clock and of the processor: weights, IV, KS and AUC of the column, AUC and KS of the whole card on
every row.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.scorecard.editing import edits
from experiments.scorecard.editing.draft import CardDraft, DraftColumn, draft_of
from experiments.scorecard.editing.effects import card_ranking, column_effect
from experiments.scorecard.editing.fine_counts import FineCounts, count_finely
from experiments.scorecard.editing.weighing import weighed
from experiments.scorecard.scorecard import Scorecard

TRIES = 7


def main() -> None:
    """Count, change, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=12)
    options = parser.parse_args()
    frame, y = customers(options.rows, options.columns)
    card = Scorecard(max_p_value=1.0, max_correlation=1.0, max_vif=1e9).fit(frame, y)
    draft = draft_of(card)
    coefficients = dict(zip(card.columns_, card.coefficients_.tolist(), strict=True))
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        count_finely(frame, y, draft.columns, Path(folder))
        sys.stdout.write(f"counted {options.rows:,} rows, {len(draft.columns)} columns: {_since(began):.1f} s\n")
        for name, act in acts(draft).items():
            took = [_change(draft, act, Path(folder), coefficients) for _ in range(TRIES)]
            wall, processor = (1000 * np.median(each) for each in zip(*took, strict=True))
            sys.stdout.write(f"{name}: {wall:.0f} ms, of the processor {processor:.0f} ms\n")


def customers(rows: int, columns: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return columns of numbers that each say a little of the event."""
    random = np.random.default_rng(1)
    values = random.normal(size=(rows, columns)).round(3)
    chance = 1 / (1 + np.exp(2.5 - 0.35 * values.sum(axis=1)))
    frame = pd.DataFrame(values, columns=[f"column_{number:02}" for number in range(columns)])
    return frame, (random.random(rows) < chance).astype(float)


Act = Callable[[DraftColumn, FineCounts], DraftColumn]


def acts(draft: CardDraft) -> dict[str, Act]:
    """Return one change of each kind."""
    return {
        "merge": lambda column, _counts: edits.merge(column, 0),
        "move a border": lambda column, counts: edits.move_border(column, counts, 0, to=column.edges[0] - 0.05),
        "split": lambda column, counts: edits.split(column, counts, 0),
        "set a trend": lambda column, counts: edits.set_trend(column, counts, "ascending"),
    }


def _change(draft: CardDraft, act: Act, folder: Path, coefficients: dict[str, Any]) -> tuple[float, float]:
    """Return wall and processor seconds of a change as a page makes it: from files, with nothing kept in memory."""
    began, worked, counts = time.perf_counter(), time.process_time(), FineCounts(folder)
    changed = act(draft.columns[0], counts)
    after = draft.with_column(changed)
    column_effect(weighed(changed, counts.bins_of(changed), direction=1))
    card_ranking(after, counts, coefficients)
    return _since(began), time.process_time() - worked


def _since(began: float) -> float:
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
