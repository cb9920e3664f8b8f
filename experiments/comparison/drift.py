"""Month by month: how far each model's score lies from development, and whether it still ranks."""

from collections.abc import Sequence

from experiments.comparison.evidence import MonthCompared, MonthOfModel
from experiments.comparison.scored_rows import ScoredRows
from experiments.evaluation.by_period import PeriodRow, by_period
from experiments.evaluation.psi_bins import PsiBins
from experiments.stored import plain


def months_compared(rows: ScoredRows, baselines: Sequence[PsiBins]) -> tuple[MonthCompared, ...]:
    """Return the months in order, without rows that have no date; none where no row has one."""
    if rows.months is None or not (dated := rows.months != "").any():
        return ()
    weight = None if rows.weight is None else rows.weight[dated]
    by_model = [
        by_period(
            rows.y[dated], p[dated], period=rows.months[dated], weight=weight, baseline=baseline, with_intervals=False
        )
        for p, baseline in zip(rows.scores, baselines, strict=True)
    ]
    return tuple(
        MonthCompared(each[0].period, each[0].rows, each[0].events, each[0].is_enough, tuple(map(_of_model, each)))
        for each in zip(*by_model, strict=True)
    )


def _of_model(row: PeriodRow) -> MonthOfModel:
    return MonthOfModel(*plain([row.psi, row.psi_limit, row.auc, row.ks, row.observed_expected]))
