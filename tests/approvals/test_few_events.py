"""From three events out of time nothing is concluded: no check passes or fails by them, and an approval says so."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from approvals.queries.shown_numbers import shown_numbers
from approvals.services.decision import decide
from registry.services.errors import RegistryError
from tests.conftest import PASSWORD
from tests.registry.conftest import GOOD_METRICS, sample

COUNTS = {"rows": 1113, "events": 3, "is_enough": False}
FEW = {**GOOD_METRICS, "out_of_time": {**sample(0.32, 0.2, slope=-2.0, ratio=4.0), "counts": COUNTS}}
MANY = {
    **GOOD_METRICS,
    "out_of_time": {**sample(0.75, 0.38), "counts": {"rows": 1113, "events": 300, "is_enough": True}},
}


def checks_of(request: Any) -> dict[str, Any]:
    return {check.code: check for check in request.model_version.evidence_checks.all()}


def test_no_check_that_needs_events_passes_or_fails(submitted: Any) -> None:
    checks = checks_of(submitted(metrics=FEW))
    for code in ("held_out", "overfit", "calibration", "deciles"):
        assert checks[code].state == "missing"
        assert checks[code].value["message"] % checks[code].value["params"] == (
            "Too few to judge: 3 events in 1,113 rows. At least 30 events, 30 non-events and 100 rows in "
            "all are needed."
        )
    # The shift of a score needs rows and no outcome.
    assert checks["stability"].state == "passed"
    assert {checks_of(submitted(metrics=MANY))[code].state for code in ("held_out", "overfit")} == {"passed"}


def test_too_few_rows_say_nothing_of_a_shift_either(submitted: Any) -> None:
    counts = {"rows": 99, "events": 40, "is_enough": False}
    metrics = {**GOOD_METRICS, "out_of_time": {**sample(0.7, 0.3), "counts": counts}}
    checks = checks_of(submitted(metrics=metrics, evidence={"score_psi": 0.9}))
    assert checks["stability"].state == "missing"


def test_an_approval_needs_limits_of_use_in_writing_and_no_more(submitted: Any, admin: User) -> None:
    request = submitted(metrics=FEW)
    with pytest.raises(RegistryError, match="write the limits of use"):
        decide(request, admin, "approved", "Well", PASSWORD)
    decide(request, admin, "approved", "Well", PASSWORD, limits_of_use="For a pilot; measure again in June.")
    assert request.model_version.__class__.objects.get(pk=request.model_version.pk).state == "approved"


def test_the_five_numbers_conclude_nothing(submitted: Any) -> None:
    few, many = (submitted(metrics=metrics).model_version.frozen.numbers for metrics in (FEW, MANY))
    shown = shown_numbers(few, many)
    assert [(number.reading, number.tone) for number in shown[:2]] == [("too few to judge", "muted")] * 2
    against_few = shown_numbers(many, few)
    assert "95% interval" in against_few[0].reading


def test_the_decision_page_shows_it_in_grey(submitted: Any, admin: User, client_of: Callable[[User], Client]) -> None:
    request = submitted(metrics=FEW)
    page = client_of(admin).get(reverse("approval_detail", args=[request.pk])).content.decode()
    assert page.count("Too few to judge: 3 events in 1,113 rows.") == 4
    assert 'class="nv few"' in page
    assert "no better than chance" not in page
