"""Engine, result page, decision page, report and API say one verdict of one run, also at a limit's edge."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken, User
from approvals.queries.shown_numbers import shown_numbers
from experiments.evaluation.limits import Verdict, check_limits, limit_state
from experiments.evaluation.measures import MeasuresBySample
from experiments.house_rules import counts_of
from experiments.report.cells import verdict as verdict_of
from experiments.search.finalist import FinalistEvidence
from experiments.spec import HOUSE_LIMITS, Limits
from experiments.telling import filled
from registry.facts import FiveNumbers
from registry.queries.shown_checks import shown_checks
from tests.registry.conftest import metric, sample

ON_RESULT = {
    "Within the limit": "kept",
    "Above the limit, but not significantly": "unproven",
    "Over the limit": "broken",
    "Too few to judge": "unjudged",
}
ON_REPORT = {
    "Within the limit": "kept",
    "Above the limit, but not significantly": "unproven",
    "Over the limit": "broken",
}
ON_DECISION = {"passed": "kept", "warning": "unproven", "failed": "broken", "missing": "unjudged"}
PLENTY, FEW = counts_of(5000, 900), counts_of(900, 12)


def run_of(
    *, train: float = 0.42, held: float = 0.38, high: float | None = None, psi: float = 0.04, chance: float = 0.02,
    limits: Limits = HOUSE_LIMITS, counts: dict[str, Any] = PLENTY,
) -> dict[str, Any]:  # fmt: skip
    """Return metrics and evidence of a finalist as the engine keeps them."""
    metrics = {
        "train": {**sample(0.78, train), "counts": PLENTY},
        "validation": {**sample(0.77, held), "counts": PLENTY},
        "out_of_time": {**sample(0.75, held), "ks": {**metric(held), "high": high or held}, "counts": counts},
    }
    evidence: dict[str, Any] = {"score_psi": psi, "score_psi_limit": chance, "features": 2, "ms_per_row": 0.4}
    readings = FinalistEvidence.from_dict(evidence).readings(MeasuresBySample.from_dict(metrics))
    evidence["limits"] = check_limits(limits, readings)
    return {"metrics": metrics, "evidence": evidence}


EDGES = {
    "well within both": (run_of(), {"ks_gap": "kept", "score_psi": "kept"}),
    "a fall at the limit": (run_of(train=0.25, held=0.2), {"ks_gap": "kept", "score_psi": "kept"}),
    "a fall of a hair more": (run_of(train=0.25, held=0.1999), {"ks_gap": "broken", "score_psi": "kept"}),
    "a fall at the share": (run_of(train=0.5, held=0.4), {"ks_gap": "kept", "score_psi": "kept"}),
    "a fall over it, perhaps by chance": (
        run_of(train=0.5, held=0.39, high=0.41),
        {"ks_gap": "unproven", "score_psi": "kept"},
    ),
    "a fall over it, more than chance": (
        run_of(train=0.5, held=0.37, high=0.39),
        {"ks_gap": "broken", "score_psi": "kept"},
    ),
    "a shift at the limit": (run_of(psi=0.1), {"ks_gap": "kept", "score_psi": "kept"}),
    "a great shift, within chance": (run_of(psi=0.3, chance=0.3), {"ks_gap": "kept", "score_psi": "unproven"}),
    "a great shift, beyond chance": (run_of(psi=0.3, chance=0.299), {"ks_gap": "kept", "score_psi": "broken"}),
    "few events": (run_of(train=0.6, counts=FEW), {"ks_gap": "unjudged", "score_psi": "kept"}),
    "stricter limits of the run": (
        run_of(psi=0.3, limits=Limits(ks_gap=0.03, score_psi=0.05)),
        {"ks_gap": "broken", "score_psi": "broken"},
    ),
}


def with_key(user: User) -> Client:
    secret = ApiToken.new_secret()
    ApiToken.objects.create(user=user, name="test", digest=ApiToken.digest_of(secret))
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.mark.parametrize(("run", "expected"), EDGES.values(), ids=EDGES)
def test_every_door_tells_one_verdict(run, expected, submitted, client_of, analyst) -> None:
    request = submitted(**run)
    version = request.model_version
    row = version.leaderboard_row
    limits = {limit["code"]: limit for limit in row.evidence["limits"]}

    engine = {code: limit_state(limit) for code, limit in limits.items()}
    page = client_of(analyst).get(reverse("experiment_result", args=[row.experiment_id])).content.decode()
    badges = [" ".join(b.text.split()) for b in BeautifulSoup(page, "html.parser").select(".limit .bd")]
    checks = {check.code: check.state for check in shown_checks(version)}
    api = with_key(analyst)
    answer = api.get(f"/api/v1/experiments/{row.experiment_id}/leaderboard").json()
    of_api = next(one for one in answer if one["candidate"] == "scorecard")["evidence"]["limits"]
    sealed = api.get(f"/api/v1/model-versions/{version.pk}").json()["numbers"]

    assert engine == expected
    assert dict(zip(limits, (ON_RESULT[badge] for badge in badges), strict=True)) == expected
    assert {
        code: ON_REPORT.get(verdict_of(Verdict.from_dict(limit)), "unjudged") for code, limit in limits.items()
    } == expected
    assert {limit["code"]: limit["state"] for limit in of_api} == expected
    decided = {"ks_gap": checks["overfit"], "score_psi": checks["stability"]}
    assert {code: ON_DECISION[state] for code, state in decided.items()} == expected
    assert {"ks_gap": sealed["gap"]["state"], "score_psi": sealed["score_psi"]["state"]} == expected
    tones = {n.label: n.tone for n in shown_numbers(version.frozen.numbers, FiveNumbers())}
    tone_of = {"kept": "good", "unproven": "warn", "broken": "bad", "unjudged": "muted"}
    assert tones["Fall in KS from training"] == tone_of[expected["ks_gap"]]
    assert tones["Score PSI"] == tone_of[expected["score_psi"]]


def test_the_sentence_of_the_decision_is_the_one_of_the_result(submitted) -> None:
    version = submitted(**run_of(train=0.5, held=0.37)).model_version
    (told, _psi) = version.leaderboard_row.evidence["limits"]

    shown = {check.code: check for check in shown_checks(version)}

    assert shown["overfit"].sentence == filled(told["message"], told["params"])
    assert "20% of the training KS, at least 0.05" in shown["overfit"].sentence


def test_a_looser_limit_of_the_run_is_told_on_its_result_and_does_not_loosen_the_approval(submitted) -> None:
    version = submitted(**run_of(train=0.5, held=0.37, limits=Limits(ks_gap=0.3, score_psi=None))).model_version
    (asked,) = version.leaderboard_row.evidence["limits"]

    shown = {check.code: check for check in shown_checks(version)}

    assert limit_state(asked) == "kept"
    assert (shown["overfit"].state, shown["stability"].state) == ("failed", "passed")
    assert "the limit is 0.100" in shown["overfit"].sentence
