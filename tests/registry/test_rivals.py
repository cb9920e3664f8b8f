"""Champions of other runs are what a model can be set against; its own run and other questions give none."""

from typing import Any

from accounts.models import User
from approvals.services.decision import decide
from registry.queries.rivals import champions_beside
from results.queries.rivals import rivals_of
from tests.conftest import PASSWORD


def test_only_champions_of_the_same_kind_and_of_other_runs_are_offered(
    submitted: Any,
    finished_experiment: Any,
    admin: User,
) -> None:
    versions = {}
    for kind, model in (("response", "Phone"), ("default", "Loans")):
        request = submitted(model=model, kind=kind)
        decide(request, admin, "approved", "Agreed", PASSWORD, limits_of_use="Calls only")
        versions[kind] = request.model_version
    waiting = submitted(model="Another phone").model_version
    row = finished_experiment(name="New run").leaderboard.get(is_recommended=True)
    found = champions_beside(row)
    assert [(each.key, each.name) for each in found] == [(f"version-{versions['response'].pk}", "Champion Phone v1")]
    assert found[0] in rivals_of(row)
    assert champions_beside(versions["response"].leaderboard_row) == []
    assert [each.key for each in champions_beside(waiting.leaderboard_row)] == [found[0].key]
