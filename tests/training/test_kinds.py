"""Every kind of question is asked and answered in its own words, or in those the bank has for its customers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from experiments.kinds import KINDS as ENGINE_KINDS
from training.models import Experiment, TargetKind
from training.words import KINDS, words_for

Ask = Callable[..., Experiment]
ClientOf = Callable[[User], Client]


def test_every_kind_of_the_engine_has_its_card_and_its_words() -> None:
    assert set(TargetKind.values) == set(ENGINE_KINDS) == set(KINDS)
    assert {kind.value: str(kind.label) for kind in TargetKind} == {
        name: str(kind.label) for name, kind in ENGINE_KINDS.items()
    }


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("kind", list(ENGINE_KINDS))
def test_own_words_stand_in_every_sentence_about_events(kind: str, language: str, ask: Ask) -> None:
    experiment = ask(kind=kind)
    experiment.spec = {"event_name": "50% off & gone", "non_event_name": "Rest"}
    places = dict.fromkeys(("share", "capture", "lift", "of_100", "percent", "count", "best", "worst"), "7")

    with translation.override(language):
        words = words_for(experiment)
        said = {name: str(getattr(words, name)) % places for name in ("capture_sentence", "held_out_sentence",
                "auc_sentence", "of_100_such", "highest_for", "ranked_by")}  # fmt: skip

    assert words.events == "50％ off & gone"
    assert words.non_events == "Rest"
    assert all("50％ off & gone" in sentence for sentence in said.values())
    assert "Rest" in said["auc_sentence"]


def test_without_own_words_the_usual_ones_stay(ask: Ask) -> None:
    experiment = ask(kind="attrition")

    assert words_for(experiment) == KINDS["attrition"]


@pytest.mark.django_db
def test_own_words_are_typed_on_the_plan_and_read_on_the_result(
    ask: Ask, finish: Callable[..., Experiment], explain: Callable[..., Any], client_of: ClientOf, analyst: User
) -> None:
    experiment, browser = ask(kind="conversion"), client_of(analyst)
    typed = {"budget": "quick", "learners": ["lightgbm"], "event_name": "Card openers", "contact_percent": "10"}

    browser.post(reverse("experiment_plan", args=[experiment.pk]), {**typed, "save": "1"})
    page = browser.get(reverse("experiment_plan", args=[experiment.pk])).content.decode()

    experiment = finish(Experiment.objects.get(pk=experiment.pk))
    explain(experiment)
    result = browser.get(reverse("experiment_result", args=[experiment.pk])).content.decode()
    assert 'value="Card openers"' in page
    assert experiment.spec["event_name"] == "Card openers"
    assert "of “Card openers”" in result
    assert "those who convert" not in result
