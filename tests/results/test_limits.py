"""A limit is called kept only where it is."""

import pytest

from experiments.evaluation.limits import Verdict
from experiments.report.cells import verdict as verdict_of
from results.queries.summary import _limit


@pytest.mark.parametrize(
    ("value", "is_kept", "verdict", "is_unproven"),
    [
        (0.05, True, "Within the limit", False),
        (0.16, True, "Above the limit, but not significantly", True),
        (0.40, False, "Over the limit", False),
    ],
)
def test_a_value_above_its_limit_is_never_called_kept(
    value: float, is_kept: bool, verdict: str, is_unproven: bool
) -> None:
    limit = {"code": "score_psi", "value": value, "limit": 0.14, "is_kept": is_kept, "message": "", "params": {}}

    assert verdict_of(Verdict.from_dict(limit)) == verdict
    assert _limit(Verdict.from_dict(limit))["is_unproven"] is is_unproven
