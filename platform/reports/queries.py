"""Which reports there are of a model, and which may be made here."""

from collections.abc import Iterable, Iterator
from functools import cache

from django.db.models import QuerySet

from accounts.models import Workspace
from registry.evidence.papers import Paper
from registry.models import ModelVersion
from reports.models import Report, WordTemplate
from training.models import LeaderboardRow

MOST = 50


def reports_of(workspaces: Iterable[Workspace]) -> QuerySet[Report]:
    """Return the reports of some workspaces, the newest first."""
    return with_all(Report.objects.filter(leaderboard_row__experiment__workspace__in=workspaces))


def reports_in(workspace: Workspace) -> QuerySet[Report]:
    """Return the reports of a workspace, the newest first."""
    return reports_of([workspace])


def with_all(reports: QuerySet[Report]) -> QuerySet[Report]:
    """Fetch with reports what pages and programs tell of them."""
    return reports.select_related("owner", "job", "leaderboard_row__experiment__workspace", "version__registered_model")


def reports_on(workspace: Workspace, row: LeaderboardRow, version: ModelVersion | None) -> list[Report]:
    """Return the reports on a version, or on a finalist that is looked at by itself."""
    return list(reports_in(workspace).filter(leaderboard_row=row, version=version)[:MOST])


def templates_in(workspace: Workspace) -> QuerySet[WordTemplate]:
    """Return the Word templates that a workspace has brought, the newest first."""
    return WordTemplate.objects.filter(workspace=workspace).select_related("uploaded_by", "job", "workspace")


def used_in(workspace: Workspace) -> WordTemplate | None:
    """Return the template that the workspace's reports in Word are set in; nothing where it is the standard one."""
    return WordTemplate.objects.filter(workspace=workspace, is_used=True).first()


def papers_of(rows: Iterable[LeaderboardRow]) -> Iterator[Paper]:
    """Yield the reports of finalists, and of versions made of them, that were made, the newest first."""
    made = Report.objects.filter(leaderboard_row__in=rows).exclude(made_at=None).select_related("owner")
    for report in made.order_by("-made_at", "-pk"):
        if report.made_at is not None:
            yield Paper(
                row=report.leaderboard_row_id, model_hash=report.model_hash, person=str(report.owner),
                made_at=report.made_at, sha256=report.sha256,
            )  # fmt: skip


@cache
def placeholders() -> list[str]:
    """Return what a Word template may name; looked up once a process."""
    from experiments.report.placeholders import placeholders as known

    return known()


@cache
def why_no_pdf() -> tuple[str, dict[str, object]] | None:
    """Return the sentence on what to install before a PDF can be made; looked up once a process."""
    from experiments.report.pdf import why_no_pdf as asked

    found = asked()
    return None if found is None else (found.message, dict(found.params))
