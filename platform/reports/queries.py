"""Which reports there are of a model, and which may be made here."""

from functools import cache

from django.db.models import QuerySet

from accounts.models import Workspace
from registry.models import ModelVersion
from reports.models import Report
from training.models import LeaderboardRow

MOST = 50


def reports_in(workspace: Workspace) -> QuerySet[Report]:
    """Return the reports of a workspace, the newest first."""
    found = Report.objects.filter(leaderboard_row__experiment__workspace=workspace)
    return found.select_related("owner", "job", "leaderboard_row__experiment", "version__registered_model")


def reports_on(workspace: Workspace, row: LeaderboardRow, version: ModelVersion | None) -> list[Report]:
    """Return the reports on a version, or on a finalist that is looked at by itself."""
    return list(reports_in(workspace).filter(leaderboard_row=row, version=version)[:MOST])


@cache
def why_no_pdf() -> tuple[str, dict[str, object]] | None:
    """Return the sentence on what to install before a PDF can be made; looked up once a process."""
    from experiments.report.pdf import why_no_pdf as asked

    found = asked()
    return None if found is None else (found.message, dict(found.params))
