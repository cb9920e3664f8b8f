"""Two approved versions of one small real model, and a deployment of the first."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.models import User, Workspace
from approvals.services.decision import decide
from deployments import services
from deployments.live.answering import Scorer, serve_here
from deployments.live.loaded import Loaded
from deployments.models import Deployment
from registry.models import ModelVersion
from tests.conftest import PASSWORD
from tests.registry.conftest import nothing_missing, submit_gathered
from tests.scoring.conftest import champion, customers, finalist, trained  # noqa: F401 - fixtures


def approved_beside(version: ModelVersion, analyst: User, admin: User) -> ModelVersion:
    """Approve another finalist of the same run as the next version of the same model."""
    row = version.leaderboard_row.experiment.leaderboard.exclude(pk=version.leaderboard_row_id).order_by("rank")[0]
    with nothing_missing("warning"):
        request = submit_gathered(row, analyst, version.registered_model.name)
    decide(request, admin, "approved", "Agreed", PASSWORD, limits_of_use="Ranking only")
    return ModelVersion.objects.get(pk=request.model_version_id)


@pytest.fixture
def second(champion: ModelVersion, analyst: User, admin: User) -> ModelVersion:  # noqa: F811
    """The next approved version."""
    return approved_beside(champion, analyst, admin)


@pytest.fixture
def deployment(champion: ModelVersion, workspace: Workspace, modeler: User) -> Deployment:  # noqa: F811
    return services.create(modeler, workspace, name="offer", champion=champion)


@pytest.fixture
def scorer() -> Iterator[Scorer]:
    """This process answers, as the serving process does, but for its threads."""
    scorer = Scorer(Loaded())
    serve_here(scorer)
    yield scorer
    serve_here(None)
    scorer.log.close()


@pytest.fixture
def rows() -> Callable[..., list[dict[str, Any]]]:
    """Rows as a program sends them: ``rows(3)``."""

    def make(count: int = 3) -> list[dict[str, Any]]:
        return customers(count, seed=2).drop(columns="answered").to_dict("records")

    return make
