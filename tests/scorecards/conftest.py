"""A finished experiment whose scorecard lies on the bench, its rows counted."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from accounts.models import User
from experiments.features.binning import BinningProcess
from experiments.scorecard.editing.draft import draft_of
from experiments.scorecard.editing.effects import card_ranking
from experiments.scorecard.editing.fine_counts import count_finely
from experiments.scorecard.editing.seen import CardSeen
from experiments.scorecard.scorecard import Scorecard
from scorecards.models import EditedCard
from tests.training.conftest import ask, draft, engine, explain, finish, version
from tests.training.test_real_comparison import real_run
from training.models import Experiment

__all__ = ["ask", "draft", "engine", "explain", "finish", "real_run", "version"]


@pytest.fixture
def card(draft: Experiment, finish: Callable[[Experiment], Experiment], analyst: User) -> EditedCard:
    """The card of the analyst's experiment, with two columns on it and one that is offered."""
    experiment = finish(draft)
    random = np.random.default_rng(3)
    frame = pd.DataFrame({
        "age": random.integers(18, 75, 1_200).astype(float), "job": random.choice(["clerk", "none", "sales"], 1_200),
        "noise": random.random(1_200),
        "opened": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 300, 1_200), "D"),
    })  # fmt: skip
    chance = 1 / (1 + np.exp(1 + (frame["age"] - 45) / 15 - 1.2 * (frame["job"] == "none")))
    y = (random.random(1_200) < chance).astype(float)
    made = Scorecard(max_p_value=1.0).fit(frame[["age", "job"]], y)
    offered = BinningProcess(price_per_bin=0.01).fit(frame, y, columns=["noise", "opened"]).bins_.values()
    opened = draft_of(made, offered)
    row = experiment.leaderboard.get(candidate="scorecard")
    found = EditedCard.objects.create(
        experiment=experiment, made_of="scorecard", model_hash=row.model_hash, opened_by=analyst,
        draft=opened.to_dict(), saved=opened.to_dict(), intercept=made.intercept_,
        coefficients=dict(zip(made.columns_, made.coefficients_.tolist(), strict=True)),
        seen=CardSeen("out_of_time", {}, {}).to_dict(),
    )  # fmt: skip
    counts = count_finely(frame, y, opened.columns, found.counts_dir)
    found.ranking = found.saved_ranking = card_ranking(opened, counts, found.coefficients).to_dict()
    found.save()
    return EditedCard.objects.select_related("experiment__workspace", "opened_by").get(pk=found.pk)
