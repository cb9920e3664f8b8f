"""Columns that a model depends on more than on any honest column."""

from collections.abc import Callable
from dataclasses import asdict

from experiments.errors import gettext_noop
from experiments.leakage.ablation import Ablation, leave_out
from experiments.leakage.finding import Finding, percent, take_out, three, warn
from experiments.leakage.labelled_sample import LabelledSample

LEANED_ON = gettext_noop(
    "A model with %(column)s reaches AUC %(auc_with)s, without it %(auc_without)s. It almost determines the "
    "target, as a column filled in after the outcome would. It was taken out; if it is known on the day of "
    "scoring, put it back."
)
LEANED_ON_SOMEWHAT = gettext_noop(
    "A model with %(column)s reaches AUC %(auc_with)s, without it %(auc_without)s: much depends on this column. "
    "Make sure that it is known on the day of scoring; if it is not, take it out."
)
PASSED = gettext_noop(
    "The model does not depend on any single column: leaving any one out costs little. It uses %(column)s most, "
    "for %(gain)s of its gain."
)
NOTHING_LEFT = gettext_noop("The model does not depend on any single column: leaving any one out costs little.")


def check(
    table: LabelledSample, columns: list[str], on_progress: Callable[[float], None]
) -> tuple[list[Finding], list[Finding], set[str]]:
    """Leave columns out of a quick model; return what was found, what is said if that is nothing, and who was asked."""
    ablation = leave_out(table.frame, table.y, columns, {name: table.auc(name) for name in columns}, on_progress)
    findings = []
    for suspect in ablation.suspects:
        params = {"auc_with": three(suspect.auc_with), "auc_without": three(suspect.auc_without)}
        if suspect.is_grave:
            findings.append(take_out("ablation", "warning", suspect.column, LEANED_ON, params, asdict(suspect)))
        else:
            findings.append(warn("ablation", suspect.column, LEANED_ON_SOMEWHAT, params, asdict(suspect)))
    return findings, [_passed(ablation, len(columns))], set(ablation.columns)


def _passed(ablation: Ablation, column_count: int) -> Finding:
    if not ablation.leaned_on:
        return Finding("ablation", "passed", None, NOTHING_LEFT)
    params = {"column": ablation.leaned_on, "gain": percent(round(ablation.gain_share, 2))}
    evidence = {"auc": ablation.auc, "leaned_on": ablation.leaned_on, "gain_share": ablation.gain_share,
                "looked_at_columns": column_count, "looked_at_rows": ablation.rows}  # fmt: skip
    return Finding("ablation", "passed", None, PASSED, params, "none", evidence)
