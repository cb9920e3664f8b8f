"""The decision page judges by the limits of the run, so that no two pages tell different ones."""

from typing import Any

import pytest
from django.urls import reverse

from approvals.queries.shown_numbers import shown_numbers
from registry.facts import FiveNumbers
from registry.queries.shown_checks import shown_checks
from tests.registry.conftest import GOOD_METRICS, sample


def gap(limit: float) -> dict[str, Any]:
    return {"code": "ks_gap", "value": 0.04, "limit": limit, "is_kept": True}


def psi(limit: float) -> dict[str, Any]:
    return {"code": "score_psi", "value": 0.08, "limit": limit, "is_kept": True}


def told(request: Any) -> dict[str, Any]:
    version = request.model_version
    numbers = {n.label: n.reading for n in shown_numbers(version.frozen.numbers, FiveNumbers())}
    return {check.code: check for check in shown_checks(version)} | numbers


@pytest.mark.parametrize(
    ("limits", "stability", "on_psi"),
    [
        ([], "passed", "inside the limit 0.100"),
        ([psi(0.05)], "warning", "over the limit 0.050"),
        # What a run was allowed beyond the house does not loosen an approval.
        ([psi(0.5)], "passed", "inside the limit 0.100"),
    ],
)
def test_a_stricter_limit_of_the_run_holds_for_the_approval_too(
    submitted: Any, limits: list[Any], stability: str, on_psi: str
) -> None:
    shown = told(submitted(evidence={"score_psi": 0.08, "limits": limits}))

    assert shown["stability"].state == stability
    assert shown["Score PSI"] == on_psi
    assert shown["stability"].sentence == f"PSI 0.080, limit {on_psi.split()[-1]}"


def test_a_fall_in_ks_is_told_with_both_its_ends_and_the_runs_own_limit(submitted: Any) -> None:
    # The interval of KS on rows set aside ends at 0.38 + 0.02: the limit is passed, but perhaps by chance.
    shown = told(submitted(evidence={"limits": [gap(0.03)]}))

    assert shown["overfit"].sentence == (
        "KS falls by 0.040, from 0.420 on training rows to 0.380 on out-of-time rows; the limit is 0.030."
    )
    assert shown["overfit"].state == "warning"
    assert shown["Fall in KS from training"] == "over the limit 0.030, but not significantly"


def test_a_rise_in_ks_is_not_called_a_gap_and_a_large_one_is_looked_at(submitted: Any) -> None:
    shown = told(submitted(metrics={**GOOD_METRICS, "out_of_time": sample(0.9, 0.6)}))

    assert shown["overfit"].sentence.startswith(
        "KS does not fall: it rises by 0.180, from 0.420 on training rows to 0.600"
    )
    assert shown["overfit"].state == "warning"
    assert shown["Rise in KS from training"] == "over the limit 0.084"


def test_the_decision_page_and_the_result_page_name_one_limit(submitted: Any, client_of: Any, admin: Any) -> None:
    request = submitted(candidate="lightgbm", evidence={"score_psi": 0.3, "limits": [psi(0.1)]})
    client = client_of(admin)

    page = client.get(reverse("approval_detail", args=[request.pk])).content.decode()

    assert "PSI 0.300, limit 0.100" in page
    assert "over the limit 0.100" in page
    assert "0.250" not in page
