"""The work of gathering a dossier: a copy of the model is sealed, and customers are scored to try its reasons."""

import logging
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from django.utils import timezone
from django.utils.translation import gettext_noop

from checks import tables as check_tables
from common.storage import local_path
from experiments.artifact.explanation import Explanation
from experiments.artifact.manifest import NOT_RECORDED
from experiments.errors import ArtifactError, ExperimentError
from experiments.explanation.reason_codes.counts import ReasonCounts
from experiments.explanation.reason_codes.sentences import WITHHELD, sentence
from experiments.kinds import KINDS
from jobs.context import JobContext
from jobs.models import Job
from registry.facts import DossierFacts, ReasonsTried, Weight
from registry.models import Dossier, ModelVersion
from registry.queries.artifacts import require_untouched, spread_rows, verified
from training.models import Experiment

log = logging.getLogger(__name__)
Tell = Callable[..., None]

SEALING = gettext_noop("Sealing a copy of the model")
TRYING = gettext_noop("Testing the reasons on customers")
GONE = gettext_noop("The model's files are gone. Run the experiment again.")

ROWS_FOR_REASONS, ROWS_A_PART = 2_000, 250
FACTORS_KEPT = 6


def run(job: Job, context: JobContext) -> None:
    """Gather a dossier; called again after a crash, it begins anew."""
    dossiers = Dossier.objects.select_related("leaderboard_row__experiment__data_check__version")
    dossier = dossiers.filter(pk=job.subject_id).first()
    if dossier is not None and not dossier.is_gathered:
        gather(dossier, context.progress)


def gather(dossier: Dossier, tell: Tell) -> None:
    """Seal a copy of the model and measure on it what the run did not."""
    tell(percent=2.0, stage=SEALING)
    artifact = seal(dossier)
    tell(percent=10.0, stage=TRYING)
    tried = try_reasons(artifact, dossier.leaderboard_row.experiment, tell)
    Dossier.objects.update_or_create(
        leaderboard_row=dossier.leaderboard_row,
        model_hash=dossier.model_hash,
        defaults={
            "facts": facts_of_model(artifact, dossier.sealed_folder, tried).to_dict(),
            "gathered_at": timezone.now(),
        },
    )


def seal(dossier: Dossier) -> Any:
    """Copy the finalist's folder, verify the copy, only then give it its name; return the model in it."""
    source, folder = local_path(dossier.leaderboard_row.model_path), dossier.sealed_folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix="partial-", dir=folder.parent))
    try:
        shutil.copytree(source, partial, dirs_exist_ok=True)
        artifact = verified(partial, dossier.model_hash, dossier.leaderboard_row.model_seal)
        if not holds(folder, artifact):
            make_way(dossier)
            partial.replace(folder)
    except FileNotFoundError as gone:
        raise ArtifactError(GONE) from gone
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return artifact


def holds(folder: Path, artifact: Any) -> bool:
    """Has an earlier worker sealed the very same model?"""
    try:
        require_untouched(folder, artifact.hash, artifact.seal)
    except ArtifactError:
        return False
    return True


def make_way(dossier: Dossier) -> None:
    """Take away a copy that is not the one to be sealed, unless somebody has signed for it."""
    folder = dossier.sealed_folder
    if folder.exists() and ModelVersion.objects.filter(artifact_path=dossier.folder).exists():
        raise ArtifactError(NOT_RECORDED)
    shutil.rmtree(folder, ignore_errors=True)


def facts_of_model(artifact: Any, folder: Path, tried: ReasonsTried | None) -> DossierFacts:
    """Return what checks and pages ask of a model."""
    return DossierFacts(
        columns=tuple(artifact.columns_heard),
        factors=tuple(factors_of(artifact, folder)[:FACTORS_KEPT]),
        coefficients=tuple(coefficients_of(artifact)),
        seal=artifact.seal,
        reasons_tried=tried,
    )


def factors_of(artifact: Any, folder: Path) -> list[Weight]:
    """Return the columns that weigh most, as the page of reasons tells them: a derived one through its sources."""
    told = {factor.column: factor.share for factor in Explanation.read(folder).factors} or artifact.importance
    ranked = sorted(told.items(), key=lambda share: -share[1])
    return [Weight(column, round(float(share), 4)) for column, share in ranked if share > 0]


def coefficients_of(artifact: Any) -> list[float]:
    """Return the coefficients on WOE of a scorecard, each of which must be above 0; none for other learners."""
    if artifact.learner != "scorecard":
        return []
    return [float(value) for member in artifact.members for value in member.card.coefficients_]


def try_reasons(artifact: Any, experiment: Experiment, tell: Tell) -> ReasonsTried | None:
    """Score customers from all over the table and count, as a file of scores would, who has a reason."""
    try:
        sample = spread_rows(check_tables.path_of(experiment.data_check), ROWS_FOR_REASONS)
        counts, unheard = reasons_in_parts(artifact, sample, tell)
    except (ExperimentError, OSError):
        log.warning("no customer of experiment %s could be scored to try reasons", experiment.pk, exc_info=True)
        return None
    acted_on = KINDS[experiment.kind].bands_acted_on
    acted_on_unheard = sum(unheard.get(band, 0) for band in acted_on)
    return ReasonsTried(**counts.to_dict(), acted_on_unheard=acted_on_unheard)


def reasons_in_parts(artifact: Any, sample: pd.DataFrame, tell: Tell) -> tuple[ReasonCounts, Counter[str]]:
    """Score a table part by part, so that the progress moves and a wish to stop is heard, and count the reasons.

    Returned beside the counts is, by band, of how many customers only what must not be named speaks.
    """
    counts, unheard = ReasonCounts(), Counter[str]()
    for start in range(0, len(sample), ROWS_A_PART):
        tell(percent=10.0 + 90.0 * start / len(sample))
        scored = artifact.score(sample.iloc[start : start + ROWS_A_PART], reasons=4)
        counts = counts.plus(scored.reasons)
        unheard.update(scored.frame["band"][scored.frame["reason_1"] == sentence(WITHHELD, "", value="")])
    return counts, unheard
