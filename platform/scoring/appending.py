"""Appends to finished scores the list of the customers that a scenario chooses from them."""

from accounts.models import User
from experiments.scoring.formats.parquet import PARQUET
from scenarios.models import ChosenList, Scenario
from scenarios.services import Source, make_list
from scoring.models import ScoringJob


def list_chosen(scoring_job: ScoringJob, scenario: Scenario, user: User) -> ChosenList:
    """Have a worker list whom a scenario chooses from finished scores."""
    path = scoring_job.files[PARQUET.name]
    source = Source(source_code(scoring_job), scoring_job.file_name, path, scoring_job.source_version)
    return make_list(scenario, user, source)


def source_code(scoring_job: ScoringJob) -> str:
    """Return how lists tell from which scoring they were chosen."""
    return f"scoring-{scoring_job.pk}"
