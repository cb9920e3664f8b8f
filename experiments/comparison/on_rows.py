"""The whole comparison of models on rows that all of them have scored."""

from collections.abc import Callable, Sequence
from typing import Any

from experiments.artifact.model import ModelArtifact
from experiments.comparison.curves import curves_of, spread_edges
from experiments.comparison.differences import paired_differences
from experiments.comparison.drift import months_compared
from experiments.comparison.evidence import Against, Compared, ModelsCompared
from experiments.comparison.moves import Explained, moved_most, reliance_of, tenths_counted
from experiments.comparison.scored_rows import ScoredRows
from experiments.comparison.swaps import Asked, swaps_against
from experiments.errors import gettext_noop
from experiments.evaluation.evaluate import evaluate
from experiments.evaluation.measures import Measure
from experiments.evaluation.paired import overall

Tell = Callable[..., None]

MEASURING = gettext_noop("Measuring %(name)s")
TESTING = gettext_noop("Testing the differences")
EXPLAINING = gettext_noop("Explaining what %(name)s relies on")
SWAPPING = gettext_noop("Finding who would be swapped with %(name)s")
COLUMNS_SHOWN = 4


def nobody(**_said: Any) -> None:
    """Hear of the progress and say nothing."""


def compare_on_rows(
    rows: ScoredRows,
    artifacts: Sequence[ModelArtifact],
    *,
    names: Sequence[str],
    event: str,
    share: float,
    unlabelled: int = 0,
    amount: str | None = None,
    cut_by: Sequence[str] = (),
    seed: int = 1,
    tell: Tell = nobody,
) -> ModelsCompared:
    """Return everything that stands on the page of a comparison; ``tell`` hears how far it is."""
    is_risk = artifacts[0].is_risk
    models = _models(rows, artifacts, names, share=share, seed=seed, tell=tell)
    tell(percent=40.0, stage=TESTING)
    differences = paired_differences(rows, share=share, seed=seed)
    explained = []
    for number, (name, artifact) in enumerate(zip(names, artifacts, strict=True)):
        tell(percent=60 + 15 * number / len(names), stage=EXPLAINING, params={"name": name})
        explained.append(Explained.of(artifact, rows))
    reliance = reliance_of(explained)
    shown = [each.column for each in reliance if each.column not in rows.hidden][:COLUMNS_SHOWN]
    asked = Asked(share=share, is_risk=is_risk, amount=amount, cut_by=tuple(cut_by), shown=tuple(shown))
    against = []
    for place, (name, measures) in enumerate(zip(names[1:], differences, strict=True), start=1):
        tell(percent=75 + 20 * place / len(names), stage=SWAPPING, params={"name": name})
        swaps = swaps_against(rows, place, asked)
        own = next(swap for swap in swaps if swap.share == asked.chosen_share)
        against.append(
            Against(
                name=name, verdict=overall({key: told.verdict for key, told in measures.items()}), measures=measures,
                swap_set=own.equal_share, swaps=swaps, tenths=tenths_counted(rows, place),
                moved=moved_most(rows, place, first=explained[0], other=explained[place]),
            )
        )  # fmt: skip
    months = months_compared(rows, [artifact.psi_bins for artifact in artifacts])
    return ModelsCompared(
        rows=len(rows), events=int(rows.y.sum()), unlabelled=unlabelled, event=event, kind=artifacts[0].kind,
        share=share, models=models, against=tuple(against),
        first_month=months[0].month if months else "", last_month=months[-1].month if months else "",
        months=months, reliance=reliance,
    )  # fmt: skip


def _models(
    rows: ScoredRows,
    artifacts: Sequence[ModelArtifact],
    names: Sequence[str],
    *,
    share: float,
    seed: int,
    tell: Tell,
) -> tuple[Compared, ...]:
    is_risk = artifacts[0].is_risk
    edges = spread_edges(rows, is_risk=is_risk)
    found = []
    for place, (name, artifact) in enumerate(zip(names, artifacts, strict=True)):
        tell(percent=5 + 35 * place / len(names), stage=MEASURING, params={"name": name})
        measured = evaluate(
            rows.y, rows.scores[place], weight=rows.weight, groups=rows.customers, contact_share=share, seed=seed
        )
        shift = artifact.psi_bins.compare(rows.scores[place], rows.weight)
        found.append(
            Compared(
                name, artifact.hash, artifact.learner, {key: Measure(**value) for key, value in measured.items()},
                curves_of(rows, place, share=share, is_risk=is_risk, edges=edges), shift.psi, shift.limit,
            )
        )  # fmt: skip
    return tuple(found)
