"""Each model against the first on the same rows: paired differences, judged together, with one verdict."""

from functools import partial

from experiments.comparison.evidence import PairedDifference
from experiments.comparison.scored_rows import ScoredRows
from experiments.evaluation.bootstrap import bootstrap_difference
from experiments.evaluation.delong import delong_difference
from experiments.evaluation.holm import Judged, judged_together
from experiments.evaluation.intervals import MATERIALITY
from experiments.evaluation.metrics import ks_of, lift_of
from experiments.evaluation.paired import TOO_FEW, verdict_of
from experiments.evaluation.ranking import TallyMetric
from experiments.house_rules import is_enough

REPLICATES = 1_000


def paired_differences(rows: ScoredRows, *, share: float, seed: int) -> list[dict[str, PairedDifference]]:
    """Return for each model but the first its differences by measure: AUC by DeLong, KS and lift by the bootstrap."""
    first, *others = rows.scores
    weight, groups = rows.weight, rows.customers
    drawn: dict[str, TallyMetric] = {"ks": ks_of, "lift": partial(lift_of, share=share)}
    found = {"auc": [delong_difference(rows.y, p, second=first, weight=weight, groups=groups) for p in others]} | {
        name: [
            bootstrap_difference(
                measure, rows.y, first=p, second=first, weight=weight, groups=groups, replicates=REPLICATES, seed=seed
            )
            for p in others
        ]
        for name, measure in drawn.items()
    }  # fmt: skip
    judged = {name: judged_together(differences) for name, differences in found.items()}
    enough = is_enough(len(rows), int(rows.y.sum()))
    return [
        {name: _told(each[place], name, is_judged=enough) for name, each in judged.items()}
        for place in range(len(others))
    ]


def _told(judged: Judged, measure: str, *, is_judged: bool) -> PairedDifference:
    found = judged.difference
    verdict = verdict_of(found, MATERIALITY.get(measure, 0.0)) if is_judged else TOO_FEW
    return PairedDifference(
        found.value, found.low, found.high, judged.level, found.p_value, judged.p_holm, verdict
    )  # fmt: skip
