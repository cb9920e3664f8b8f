"""A card changed by hand: each number by counts is that by rows, each change is the one asked for, the fit is usual."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from experiments.errors import BadInput
from experiments.evaluation.metrics import auc, ks
from experiments.features.binning import BinningProcess
from experiments.features.woe import woe_of_bins
from experiments.learners.scorecard import BY_HAND
from experiments.scorecard.editing import edits
from experiments.scorecard.editing.draft import CardDraft, DraftBin, DraftColumn, draft_of
from experiments.scorecard.editing.effects import card_ranking, column_effect
from experiments.scorecard.editing.fine_counts import FineCounts, count_finely
from experiments.scorecard.editing.fitting import fit_draft
from experiments.scorecard.editing.weighing import counts_of_rows, weighed
from experiments.scorecard.scorecard import Scorecard
from experiments.search.source_value import value_of_sources
from experiments.spec import ExperimentSpec, SearchBudget

ROWS = 4_000


def customers() -> tuple[pd.DataFrame, np.ndarray]:
    random = np.random.default_rng(7)
    age = random.integers(18, 75, ROWS).astype(float)
    income = random.lognormal(8.5, 0.6, ROWS).round()
    income[random.random(ROWS) < 0.1] = np.nan
    income[random.random(ROWS) < 0.05] = -999.0
    job = random.choice(["clerk", "none", "sales", "chef"], ROWS)
    noise = random.random(ROWS).round(3)
    log_odds = -1.4 - (age - 45) / 25 + 0.9 * (job == "none") - 0.5 * (np.nan_to_num(income, nan=4_000) > 5_000)
    y = (random.random(ROWS) < 1 / (1 + np.exp(-log_odds))).astype(float)
    return pd.DataFrame({"age": age, "income": income, "job": job, "noise": noise}), y


@pytest.fixture(scope="module")
def table() -> tuple[pd.DataFrame, np.ndarray]:
    return customers()


@pytest.fixture(scope="module")
def card(table: tuple[pd.DataFrame, np.ndarray]) -> Scorecard:
    frame, y = table
    return Scorecard().fit(frame[["age", "income", "job"]], y, special_values={"income": {"no record": [-999]}})


@pytest.fixture(scope="module")
def draft(card: Scorecard, table: tuple[pd.DataFrame, np.ndarray]) -> CardDraft:
    frame, y = table
    return draft_of(card, BinningProcess(price_per_bin=0.01).fit(frame, y, columns=["noise"]).bins_.values())


@pytest.fixture(scope="module")
def counts(
    draft: CardDraft, table: tuple[pd.DataFrame, np.ndarray], tmp_path_factory: pytest.TempPathFactory
) -> FineCounts:
    frame, y = table
    months = np.where(np.arange(ROWS) % 2, "2025-01", "2025-02").astype(object)
    return count_finely(frame, y, draft.columns, tmp_path_factory.mktemp("counts"), months=months)


def by_rows(column: DraftColumn, table: tuple[pd.DataFrame, np.ndarray]) -> dict[str, np.ndarray]:
    frame, y = table
    found = counts_of_rows(column.to_binned().assign(frame[column.name]), y, None, len(column.bins))
    return vars(found)


def test_weight_of_evidence_of_merged_bins_is_that_worked_out_by_hand(tmp_path: Path) -> None:
    # 40 rows below 10 with 10 events, 60 rows of 10 to 19 with 30, 100 rows from 20 with 20: B = 60, G = 140.
    frame = pd.DataFrame({"x": np.repeat([5.0, 15.0, 25.0], [40, 60, 100])})
    y = np.concatenate([np.arange(40) < 10, np.arange(60) < 30, np.arange(100) < 20]).astype(float)
    ranges = [DraftBin("range", None, 10.0), DraftBin("range", 10.0, 20.0), DraftBin("range", 20.0, None)]
    column = DraftColumn("x", "numeric", tuple(ranges))
    counts = count_finely(frame, y, [column], tmp_path)

    merged = edits.merge(column, 0)
    found = weighed(merged, counts.bins_of(merged), direction=1)

    assert [bin_.rows for bin_ in found.bins] == [100, 100]
    low, high = np.log((40.5 / 61) / (60.5 / 141)), np.log((20.5 / 61) / (80.5 / 141))
    assert [bin_.woe for bin_ in found.bins] == pytest.approx([low, high])
    assert found.iv == pytest.approx((40.5 / 61 - 60.5 / 141) * low + (20.5 / 61 - 80.5 / 141) * high)


def test_counts_on_the_grid_are_the_counts_of_the_rows(
    draft: CardDraft, counts: FineCounts, table: tuple[pd.DataFrame, np.ndarray]
) -> None:
    moved = draft.with_column(edits.move_border(draft.column("age"), counts, 0, to=21.4))
    parted = edits.split(moved.column("income"), counts, 0)
    changed = [*moved.with_column(parted).columns, edits.merge(draft.column("job"), 0)]

    for column in changed:
        expected = by_rows(column, table)
        found = vars(counts.bins_of(column))
        assert {name: values.tolist() for name, values in found.items()} == {
            name: values.tolist() for name, values in expected.items()
        }, column.name
        rows, events = counts.by_month(column)
        assert rows.sum(axis=0).tolist() == expected["rows"].tolist()
        assert events.sum(axis=0).tolist() == expected["raw_events"].tolist()


def test_the_ranking_by_counts_is_that_of_the_rows(
    card: Scorecard, draft: CardDraft, counts: FineCounts, table: tuple[pd.DataFrame, np.ndarray]
) -> None:
    frame, y = table
    coefficients = dict(zip(card.columns_, card.coefficients_.tolist(), strict=True))
    found = card_ranking(draft, counts, coefficients)

    assert found.auc == pytest.approx(auc(y, card.margin(frame)), abs=1e-4)
    assert found.ks == pytest.approx(ks(y, card.margin(frame)).value, abs=1e-3)


def test_an_effect_tells_of_the_column_and_of_the_card(card: Scorecard, draft: CardDraft, counts: FineCounts) -> None:
    coefficients = dict(zip(card.columns_, card.coefficients_.tolist(), strict=True))
    one_bin = draft.column("age")
    while len(one_bin.regular) > 1:
        one_bin = edits.merge(one_bin, 0)

    before, after = (
        column_effect(weighed(each, counts.bins_of(each), direction=1)) for each in (draft.column("age"), one_bin)
    )
    one, other = (card_ranking(each, counts, coefficients) for each in (draft, draft.with_column(one_bin)))

    assert before.iv > 0.2
    assert (after.iv, after.auc, after.ks, after.bins) == (0.0, 0.5, 0.0, 1)
    assert other.auc < one.auc - 0.02


def test_a_border_moves_to_the_nearest_counted_value_and_not_past_its_neighbours(
    draft: CardDraft, counts: FineCounts
) -> None:
    age = draft.column("age")
    moved = edits.move_border(age, counts, 0, to=20.6)
    pushed = edits.move_border(age, counts, 0, to=1e9)

    assert moved.edges[0] == 21.0
    assert moved.edges[1:] == age.edges[1:]
    assert pushed.edges[0] == age.edges[1] - 1
    with pytest.raises(BadInput, match="a border must be a number"):
        edits.move_border(age, counts, 0, to=float("nan"))
    with pytest.raises(BadInput, match="age has no bin 99"):
        edits.move_border(age, counts, 98, to=30)


def test_splitting_and_merging_give_back_the_column(draft: CardDraft, counts: FineCounts) -> None:
    age = draft.column("age")
    parted = edits.split(age, counts, 1, at=(age.edges[0] + age.edges[1]) / 2)

    assert len(parted.edges) == len(age.edges) + 1
    assert edits.merge(parted, 1).bins == age.bins
    with pytest.raises(BadInput, match="Only neighbouring bins"):
        edits.merge(age, len(age.regular) - 1)


@pytest.mark.parametrize(("trend", "sign"), [("ascending", 1), ("descending", -1)])
def test_a_column_follows_the_trend_that_was_asked_for(
    draft: CardDraft, counts: FineCounts, trend: str, sign: int
) -> None:
    cut = edits.set_trend(draft.column("noise"), counts, trend)
    rates = [bin_.event_rate for bin_ in weighed(cut, counts.bins_of(cut), direction=1).bins if bin_.rows]

    assert cut.trend == trend
    assert np.all(sign * np.diff(rates) >= 0)


def test_ordered_levels_are_cut_along_their_order(draft: CardDraft, counts: FineCounts) -> None:
    order = ["none", "chef", "clerk", "sales"]
    cut = edits.set_order(draft.column("job"), counts, order, trend="descending")
    places = [[order.index(level) for level in bin_.levels] for bin_ in cut.regular]
    rates = [bin_.event_rate for bin_ in weighed(cut, counts.bins_of(cut), direction=1).bins]

    assert sorted(level for bin_ in cut.regular for level in bin_.levels) == sorted(order)
    assert all(max(one) < min(other) for one, other in pairwise(places))
    assert rates == sorted(rates, reverse=True)
    with pytest.raises(BadInput, match="Give every value of job once"):
        edits.set_order(draft.column("job"), counts, order[:2], trend="descending")


def test_bins_of_a_category_without_order_are_merged_wherever_they_stand(draft: CardDraft, counts: FineCounts) -> None:
    job = draft.column("job")
    while len(job.regular) < 4:
        place = next(n for n, bin_ in enumerate(job.regular) if len(bin_.levels) > 1)
        job = edits.split(job, counts, place, levels=job.regular[place].levels[:1])
    merged = edits.merge(job, 3, 0)

    assert set(merged.regular[0].levels) == {*job.regular[0].levels, *job.regular[3].levels}
    assert merged.regular[1:] == job.regular[1:3]
    with pytest.raises(BadInput, match="Only neighbouring bins"):
        edits.merge(draft.column("age"), 0, 2)
    ordered = edits.set_order(job, counts, ["none", "chef", "clerk", "sales"], trend="none")
    with pytest.raises(BadInput, match="Only neighbouring bins"):
        edits.merge(ordered, 0, len(ordered.regular))


def test_a_category_without_order_is_told_as_cut_along_its_event_rate(draft: CardDraft, counts: FineCounts) -> None:
    cut = edits.set_trend(draft.column("job"), counts, "descending")
    found = counts.bins_of(cut)

    assert cut.trend == "ascending"
    rates = found.events[: len(cut.regular)] / found.rows[: len(cut.regular)]
    assert (np.diff(rates) > 0).all()


def test_levels_are_split_off_by_name(draft: CardDraft, counts: FineCounts) -> None:
    job = draft.column("job")
    while len(job.regular) > 1:
        job = edits.merge(job, 0)
    parted = edits.split(job, counts, 0, levels=["none"])

    assert [set(bin_.levels) for bin_ in parted.regular] == [{"chef", "clerk", "sales"}, {"none"}]
    assert set(edits.split(job, counts, 0).regular[1].levels) == {"none"}
    with pytest.raises(BadInput, match="not all"):
        edits.split(job, counts, 0, levels=["none", "chef", "clerk", "sales"])


def test_levels_that_were_counted_together_are_not_parted(tmp_path: Path) -> None:
    # The grid counts 200 levels one by one, the rest together.
    often = np.repeat([f"often{n:03}" for n in range(200)], 3)
    frame = pd.DataFrame({"town": [*often, "rare1", "rare2"]})
    y = (np.arange(len(frame)) % 3 == 0).astype(float)
    others = (*sorted(set(often))[1:], "rare1", "rare2")
    bins = (DraftBin("levels", levels=("often000",)), DraftBin("other", levels=others))
    column = DraftColumn("town", "categorical", bins)
    counts = count_finely(frame, y, [column], tmp_path)

    with pytest.raises(BadInput, match="rare1 is too rare"):
        edits.split(column, counts, 1, levels=["rare1"])
    assert edits.split(column, counts, 1, levels=["rare1", "rare2"]).regular[2].levels == ("rare1", "rare2")


def test_missing_and_special_values_weigh_as_they_are_treated(draft: CardDraft, counts: FineCounts) -> None:
    income = draft.column("income")
    special, missing = len(income.regular), len(income.regular) + 1
    assert [bin_.kind for bin_ in income.bins[special:]] == ["special", "missing"]

    def woe(column: DraftColumn, direction: int = 1) -> list[float]:
        return [bin_.woe for bin_ in weighed(column, counts.bins_of(column), direction=direction).bins]

    own = edits.treat(edits.treat(income, missing, "own"), special, "own")
    found = counts.bins_of(own)
    assert woe(own) == pytest.approx(woe_of_bins(found.events, found.non_events).tolist())
    assert woe(edits.treat(own, missing, "neutral"))[missing] == 0.0
    regular = woe(own)[:special]
    assert woe(edits.treat(own, missing, "worst"))[missing] == max(regular)
    assert woe(edits.treat(own, missing, "worst"), direction=-1)[missing] == min(regular)
    like_second = edits.treat(own, special, "joined", joined_to=1)
    assert woe(like_second)[special] == regular[1]
    # When bins before it are merged, it goes on being like the bin that holds its place.
    assert edits.merge(like_second, 0).bins[special - 1].joined_to == 0
    with pytest.raises(BadInput, match="join a bin"):
        edits.treat(own, special, "joined", joined_to=99)


def test_a_bin_without_rows_weighs_nothing_and_adds_no_information(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": np.repeat([5.0, 25.0], [100, 100])})
    y = np.concatenate([np.arange(100) < 8, np.arange(100) < 4]).astype(float)
    ranges = [DraftBin("range", None, 10.0), DraftBin("range", 10.0, 20.0), DraftBin("range", 20.0, None)]
    side = [DraftBin("special", levels=("-999.0",), name="-999"), DraftBin("missing", treatment="worst")]
    column = DraftColumn("x", "numeric", (*ranges, *side))
    counts = count_finely(frame, y, [column], tmp_path)

    found = weighed(column, counts.bins_of(column), direction=1)

    assert [bin_.rows for bin_ in found.bins] == [100, 0, 100, 0, 0]
    assert (found.bins[1].woe, found.bins[3].woe) == (0.0, 0.0)
    assert found.bins[4].woe == found.bins[0].woe > 0
    assert found.iv == pytest.approx(found.bins[0].iv + found.bins[2].iv)
    # The one counted border within has rows on one side only.
    with pytest.raises(BadInput, match="cannot be split"):
        edits.split(edits.merge(column, 0), counts, 0)


def test_a_refit_is_the_logistic_regression_of_scikit_learn_on_the_same_weights(
    draft: CardDraft, counts: FineCounts, table: tuple[pd.DataFrame, np.ndarray]
) -> None:
    frame, y = table
    changed = draft.with_column(edits.merge(draft.column("age"), 0))
    card = fit_draft(changed, frame, y)
    woe = card.binning_.transform(frame).to_numpy()
    theirs = LogisticRegression(C=1 / card.ridge, tol=1e-10, max_iter=1_000).fit(woe, y)

    assert set(card.columns_) == {"age", "job", "income"}
    assert card.binning_.bins_["age"].edges == list(changed.column("age").edges)
    assert card.coefficients_ == pytest.approx(theirs.coef_[0], abs=1e-5)
    assert card.intercept_ == pytest.approx(float(theirs.intercept_[0]), abs=1e-5)
    assert np.all(card.coefficients_ > 0)


def test_points_of_a_refitted_card_add_up_to_its_score_on_the_scale_asked_for(
    draft: CardDraft, table: tuple[pd.DataFrame, np.ndarray]
) -> None:
    frame, y = table
    card = fit_draft(draft.with_scale(base=660.0, odds=15.0, pdo=40.0), frame, y)
    rows: dict[tuple[str, int], float] = {}
    for column, coefficient in zip(card.binning_.bins_.values(), card.coefficients_, strict=True):
        for place, row in enumerate(card.rows_of(column, coefficient)):
            rows[column.name, place] = row["points"]
    few = frame.head(50)
    sums = sum(
        np.array([rows[name, place] for place in column.assign(few[name])])
        for name, column in card.binning_.bins_.items()
    )

    assert sums == pytest.approx(card.points(few))
    p = card.predict(few)
    assert card.points(few) == pytest.approx(660 - 40 / np.log(2) * (np.log(15) + np.log(p / (1 - p))))


def test_columns_stay_and_leave_as_asked_each_with_its_reason(
    draft: CardDraft, table: tuple[pd.DataFrame, np.ndarray]
) -> None:
    frame, y = table

    def wanted(**asked: str) -> CardDraft:
        return replace(draft, columns=tuple(replace(c, wanted=asked.get(c.name, c.wanted)) for c in draft.columns))

    forced = fit_draft(wanted(noise="in", age="out"), frame, y)
    floor = fit_draft(replace(wanted(noise="auto"), iv_floor=0.2), frame, y)
    one = fit_draft(replace(draft, max_columns=1), frame, y)

    assert "noise" in forced.columns_
    assert "age" not in forced.columns_
    assert "noise" not in floor.columns_
    assert len(one.columns_) == 1
    why = {entry.column: entry.code for entry in [*forced.selection_log_, *floor.selection_log_]}
    assert why["noise"] == "weak"
    assert next(entry.code for entry in forced.selection_log_ if entry.column == "age") == "by_hand"


def test_a_draft_is_the_same_after_it_was_stored(draft: CardDraft) -> None:
    assert CardDraft.from_dict(draft.to_dict()) == draft


def test_a_card_that_was_not_changed_ranks_its_columns_as_before(
    card: Scorecard, draft: CardDraft, counts: FineCounts
) -> None:
    for name, column in card.binning_.bins_.items():
        again = weighed(draft.column(name), counts.bins_of(draft.column(name)), direction=1)
        assert column_effect(again).iv == pytest.approx(column.iv)
        assert [bin_.woe for bin_ in again.bins] == pytest.approx([bin_.woe for bin_ in column.bins])


def test_a_scale_that_is_none_is_refused(draft: CardDraft) -> None:
    with pytest.raises(BadInput, match="must be above 0"):
        draft.with_scale(base=600, odds=0, pdo=20)


def test_a_column_says_which_original_columns_it_tells(card: Scorecard) -> None:
    told = {column.name: column.sources for column in draft_of(card, sources={"age": ["born", "opened"]}).columns}
    assert (told["age"], told["income"]) == (("born", "opened"), ("income",))


def test_a_card_stored_before_columns_said_what_they_are_made_of_still_opens(draft: CardDraft) -> None:
    stored = draft.to_dict()
    stored["columns"] = [{key: each[key] for key in each if key != "sources"} for each in stored["columns"]]
    assert CardDraft.from_dict(stored) == replace(
        draft, columns=tuple(replace(column, sources=()) for column in draft.columns)
    )


def test_an_edited_card_is_refitted_without_a_source_by_its_own_borders(
    card: Scorecard, table: tuple[pd.DataFrame, np.ndarray], tmp_path: Path
) -> None:
    frame, y = table
    frame.assign(bad=y.astype(int)).to_parquet(tmp_path / "table.parquet")
    spec = ExperimentSpec("bad", event="1", budget=SearchBudget(None, 1))
    sources = {"Bureau": ["age"], "all": card.columns_}
    found = value_of_sources(
        spec, tmp_path / "table.parquet", learner="scorecard", params={BY_HAND: draft_of(card).to_dict()},
        sources=sources,
    )  # fmt: skip
    without = {row.name: row for row in found}
    assert without["Bureau"].auc_change < -0.05
    assert without["all"].auc == 0.5
