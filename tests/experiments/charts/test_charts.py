"""Charts: small plain data that survives JSON, figures that follow the one template in both palettes."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments.charts.beeswarm import beeswarm_data
from experiments.charts.best_score import best_score_data
from experiments.charts.by_period import by_period_data
from experiments.charts.calibration import calibration_data
from experiments.charts.choice import choice_data
from experiments.charts.coloured_dependence import coloured_dependence_data, coloured_dependence_drawing
from experiments.charts.dependence import DependenceData, dependence_data, dependence_drawing
from experiments.charts.drawing import CHARTS, draw
from experiments.charts.gains import gains_data
from experiments.charts.histogram import histogram_data
from experiments.charts.importance import importance_data
from experiments.charts.interval_dots import interval_dots_data, interval_dots_drawing
from experiments.charts.ks_curve import ks_curve_data
from experiments.charts.lift import lift_data
from experiments.charts.partial_dependence import partial_dependence_data, partial_dependence_drawing
from experiments.charts.roc import roc_data
from experiments.charts.strategy import strategy_data
from experiments.charts.theme import PALETTES
from experiments.charts.waterfall import value_text, waterfall_data
from experiments.charts.words import WORDS
from experiments.evaluation.by_period import by_period
from experiments.evaluation.evaluate import evaluate
from experiments.evaluation.metrics import auc, capture_at, ks, lift_at
from experiments.explanation.partial_dependence import grid_of
from experiments.strategy.curve import strategy_curve
from experiments.strategy.stakes import Stakes

RNG = np.random.default_rng(0)
ROWS = 6000
P = RNG.beta(1, 6, ROWS)
Y = (RNG.random(ROWS) < P).astype(float)
MONTHS = RNG.choice(["2024-01", "2024-02", "2024-03", "2024-04"], ROWS)
FRAME = pd.DataFrame(
    {
        "年龄": np.where(RNG.random(ROWS) < 0.1, np.nan, RNG.integers(18, 80, ROWS)),
        "job": RNG.choice(["a", "b", "c"], ROWS),
        "opened": pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 90, ROWS), unit="D"),
    }
)
PHI = RNG.normal(size=(ROWS, 3)) * [1.0, 0.5, 0.1]


def every_chart():
    """Return data for each chart by name."""
    measures = evaluate(Y, P, replicates=20)
    return {
        "roc": roc_data(Y, P),
        "ks_curve": ks_curve_data(Y, P),
        "gains": gains_data(Y, P),
        "lift": lift_data(Y, P),
        "calibration": calibration_data(Y, P),
        "by_period": by_period_data([row.to_dict() for row in by_period(Y, P, period=MONTHS, out_of_time={"2024-04"})]),
        "best_score": best_score_data([(1, 0.3), (2, 0.2), (5, None), (9, 0.4)], 0.25, 60),
        "beeswarm": beeswarm_data(PHI, FRAME),
        "importance": importance_data(np.abs(PHI).mean(axis=0), FRAME.columns),
        "dependence": dependence_data(PHI[:, 0], FRAME["年龄"]),
        "coloured_dependence": coloured_dependence_data(
            dependence_data(PHI[:, 0], FRAME["年龄"]), PHI[:, 0], values=FRAME["年龄"], partner=FRAME["opened"]
        ),
        "partial_dependence": partial_dependence_data(
            list(range(18, 38)), RNG.random((20, 60)), values=FRAME["年龄"], column="年龄"
        ),
        "waterfall": waterfall_data(PHI[0], FRAME.columns, FRAME.iloc[0].tolist(), probability=0.31, top=2),
        "histogram": histogram_data(P, reference=P[:500], cut_off=0.2),
        "choice": choice_data(
            strategy_curve(Y, P), share=0.2, customers=40_000, stakes=Stakes.of_contact(value=80, cost=6)
        ),
        "strategy": strategy_data(strategy_curve(Y, P)),
        "interval_dots": interval_dots_data([("LightGBM", {"validation": measures, "out_of_time": measures})]),
    }


DATA = every_chart()


def points(value):
    if isinstance(value, dict):
        return sum(points(item) for item in value.values())
    return sum(points(item) for item in value) if isinstance(value, list) else 1


def test_every_chart_is_tried_here():
    assert set(DATA) == set(CHARTS)


@pytest.mark.parametrize("chart", CHARTS)
def test_data_is_small_and_comes_back_from_json_the_same(chart):
    stored = json.loads(json.dumps(DATA[chart].to_dict(), allow_nan=False))
    assert type(DATA[chart]).from_dict(stored) == DATA[chart]
    assert points(stored) <= 700


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("palette", PALETTES)
def test_figures_follow_the_template_in_both_palettes(chart, palette):
    made = CHARTS[chart][1](DATA[chart]).figure(palette).to_plotly_json()
    layout = made["layout"]
    assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
    assert layout["showlegend"] is False
    assert "title" not in layout
    assert layout["xaxis"]["fixedrange"] is layout["yaxis"]["fixedrange"] is True
    assert layout["font"]["color"] == PALETTES[palette]["text-2"]
    assert "token:" not in json.dumps(made, default=list)


@pytest.mark.parametrize("chart", CHARTS)
def test_the_page_gets_token_names_that_exist(chart):
    stored = json.dumps(draw(chart, DATA[chart].to_dict()), allow_nan=False)
    used = set(re.findall(r"token:([a-z0-9-]+)", stored))
    assert used
    assert used <= set(PALETTES["light"])
    assert not re.search(r'"#[0-9A-Fa-f]{6}"', stored)


def test_both_palettes_have_the_same_tokens():
    assert set(PALETTES["light"]) == set(PALETTES["dark"])


@pytest.mark.parametrize("chart", ["roc", "gains", "lift", "calibration"])
def test_several_samples_stand_side_by_side_in_their_own_colours(chart):
    stored = DATA[chart].to_dict()
    drawn = json.dumps(draw(chart, {"validation": stored, "out_of_time": stored}, {"out_of_time": "跨时间"}))
    assert "token:validation" in drawn
    assert "token:oot" in drawn
    assert json.dumps("跨时间") in drawn


def test_no_english_word_is_left_when_all_are_given():
    other = {key: re.sub(r"[A-Za-z]+(?![^{]*})", "词", text) for key, text in WORDS.items()}
    for chart, data in DATA.items():
        texts = re.findall(r'"text": "([^"]*)"', json.dumps(draw(chart, data.to_dict(), other), ensure_ascii=False))
        assert not [text for text in texts if text in WORDS.values() and text not in other.values()]


def test_curves_keep_the_numbers_they_stand_for():
    assert DATA["roc"].auc == auc(Y, P)
    assert np.trapezoid(DATA["roc"].true_positive, DATA["roc"].false_positive) == pytest.approx(auc(Y, P), abs=0.002)
    assert DATA["ks_curve"].at_events - DATA["ks_curve"].at_non_events == pytest.approx(ks(Y, P).value)
    assert DATA["gains"].capture_at_quota == pytest.approx(capture_at(Y, P, share=0.1))
    assert DATA["lift"].lift_at_quota == pytest.approx(lift_at(Y, P, share=0.1))
    assert sum(DATA["calibration"].rows) == ROWS


def test_the_waterfall_adds_up():
    data = DATA["waterfall"]
    assert sum(step.contribution for step in data.steps) + data.rest == pytest.approx(data.total)
    assert (len(data.steps), data.rest_count) == (2, 1)


def test_best_score_rises_to_the_last_trial_and_forgets_failures():
    data = DATA["best_score"]
    assert data.elapsed == (1, 2, 9)
    assert (data.best_elapsed, data.best_values) == ((1, 9, 9), (0.3, 0.4, 0.4))


def test_a_long_search_stays_small():
    data = best_score_data([(second, second % 97) for second in range(46_000)], 0, 50_000)
    assert len(data.elapsed) <= 300
    assert max(data.best_values) == 96


def test_small_periods_are_not_drawn():
    y, p, months = Y.copy(), P, MONTHS.copy()
    months[:40] = "2024-05"
    data = by_period_data([row.to_dict() for row in by_period(y, p, period=months)])
    assert data.values[-1] is None
    drawn = draw("by_period", data.to_dict())
    assert all("2024-05" not in trace["x"] for trace in drawn["data"])


def test_months_that_are_not_mature_are_hatched_within_their_own_width():
    months = [row.to_dict() for row in by_period(Y, P, period=MONTHS)]
    data = replace(by_period_data(months), is_mature=(True,) * (len(months) - 1) + (False,))
    (hatched,) = (shape for shape in draw("by_period", data.to_dict())["layout"]["shapes"] if shape["type"] == "path")
    corners = [float(number) for number in re.findall(r"[-\d.]+", hatched["path"])]
    drawn = sum(value is not None for value in data.values)
    assert {corners[0], corners[2]} == {drawn - 1.5, drawn - 0.5}
    assert (min(corners[1::2]), max(corners[1::2])) == (0, 1)
    assert len(corners) > 20


@pytest.mark.parametrize(("column", "kind"), [("年龄", "numeric"), ("job", "categorical"), ("opened", "numeric")])
def test_any_column_has_a_dependence(column, kind):
    data = dependence_data(PHI[:, 0], FRAME[column])
    assert data.kind == kind
    assert data.is_date == (column == "opened")
    assert data.missing_count == FRAME[column].isna().sum()
    assert draw("dependence", data.to_dict(), is_stepped=True)["data"]


def test_a_column_of_nothing_but_missing_values_can_be_drawn():
    data = dependence_data(np.ones(15), pd.Series([np.nan] * 15, name="empty"))
    assert (data.missing_effect, data.x) == (1.0, ())
    assert draw("dependence", data.to_dict())


def test_business_names_stand_in_for_columns():
    drawn = json.dumps(draw("beeswarm", DATA["beeswarm"].to_dict(), names={"job": "职业"}), ensure_ascii=False)
    assert "职业" in drawn


def test_empty_data_draw_an_empty_chart():
    assert draw("best_score", best_score_data([], None, 60).to_dict())["data"][0]["x"] == []
    assert draw("histogram", histogram_data([], edges=[0, 1]).to_dict())["data"][0]["y"] == [0]
    assert draw("calibration", calibration_data([], []).to_dict())["data"]
    assert draw("by_period", by_period_data([]).to_dict())["data"] == []


def test_one_class_can_still_be_drawn():
    nothing = np.zeros(50)
    for make, chart in ((roc_data, "roc"), (ks_curve_data, "ks_curve"), (gains_data, "gains"), (lift_data, "lift")):
        json.dumps(draw(chart, make(nothing, np.linspace(0, 1, 50)).to_dict()), allow_nan=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [(27.0, "27"), (5099.1, "5,099"), (0.1234567, "0.1235"), (None, ""), (np.nan, ""), ("手机", "手机"), (True, "True"),
     (pd.Timestamp("2024-02-03"), "2024-02-03"), (pd.NaT, ""), (np.inf, "inf"), (pd.NA, "")],
)  # fmt: skip
def test_values_are_written_as_a_person_would(value, text):
    assert value_text(value) == text


def test_a_special_value_has_no_place_on_the_curve_and_is_told_beside_it():
    months = pd.Series([*range(40), *[9999] * 10], name="months", dtype=float)
    effects = np.append(np.linspace(-1, 1, 40), [-2.0, -3.0] * 5)

    data = dependence_data(effects, months, special_values=[9999])
    drawn = dependence_drawing(DependenceData.from_dict(data.to_dict()))

    assert max(data.x) < 40
    assert data.edges[-1] < 40
    assert sum(data.counts) <= 40
    assert [(each.code, each.effect, each.count) for each in data.specials] == [(9999, -2.5, 10)]
    assert any(note["text"] == "Special value 9,999: −2.50 (10)" for note in drawn.layout["annotations"])


@pytest.mark.parametrize("rows", [9, 10, 50, 137, 400])
@pytest.mark.parametrize("kind", ["spread", "lumps", "tail"])
def test_no_group_bar_code_or_missing_of_a_number_is_of_fewer_than_ten(rows, kind):
    values = {
        "spread": RNG.normal(40, 9, rows),
        "lumps": RNG.choice([1.0, 2, 3, 4, 5], rows, p=[0.9, 0.04, 0.03, 0.02, 0.01]),
        "tail": np.exp(RNG.normal(0, 2, rows)),
    }[kind]
    series = pd.Series([*values, *[9999.0] * 9, *[np.nan] * 9])
    # Each row's contribution is its place among the values, so that a group's mean tells who is in it.
    phi = series.rank().fillna(0).to_numpy()
    data = dependence_data(phi, series, "n", special_values=[9999])
    assert all(count == 0 or count >= 10 for count in data.counts)
    assert (data.specials, data.missing_effect, data.missing_count) == ((), None, 0)
    assert (len(data.x) > 0) == (rows >= 10)
    assert len(data.x) <= rows // 10
    if kind == "spread":
        groups = np.array_split(np.sort(values), max(1, len(data.x)))
        assert all(len(group) >= 10 or rows < 10 for group in groups)
    assert draw("dependence", data.to_dict())


def test_levels_of_fewer_than_ten_are_shown_in_no_curve_and_in_no_colour():
    job = pd.Series(["clerk"] * 30 + ["nurse"] * 10 + ["pilot"] * 9 + ["judge"])
    phi = np.linspace(0, 1, 50)
    curve = dependence_data(phi, job, "job")
    assert set(curve.levels) == {"clerk", "nurse"}
    assert grid_of(job) == ("clerk", "nurse")
    age = pd.Series(np.arange(50.0), name="age")
    coloured = coloured_dependence_data(dependence_data(phi, age), phi, values=age, partner=job.rename("job"))
    assert coloured.partner_levels == ("clerk", "nurse")
    nobody = dependence_data(np.ones(5), pd.Series(list("abcde")), "job")
    assert nobody.levels == ()
    assert draw("dependence", nobody.to_dict())


def test_a_special_value_is_neither_low_nor_high_in_the_swarm():
    frame = pd.DataFrame({"months": [1.0, 9999.0, 2.0]})
    (factor,) = beeswarm_data(np.ones((3, 1)), frame, special_values={"months": [9999]}).factors
    assert sorted(rank for rank in factor.ranks if rank is not None) == [0.5, 1.0]


def test_customers_of_a_curve_are_coloured_by_the_other_column_and_cannot_be_found_again():
    frame = pd.DataFrame({"age": RNG.normal(40, 9, 400), "job": RNG.choice(["a", "b", "c", "d"], 400)})
    phi = frame["age"].to_numpy() / 100
    data = coloured_dependence_data(dependence_data(phi, frame["age"]), phi, values=frame["age"], partner=frame["job"])

    assert len(data.partner_levels) == 3
    assert list(data.places) == sorted(data.places)
    assert not set(data.places) & set(frame["age"])
    drawn = coloured_dependence_drawing(data, name="Age", partner="Job").to_dict()
    dots = drawn["data"][1]
    assert set(dots["marker"]["color"]) == {"token:validation", "token:challenger", "token:third", "token:nonevent"}
    assert dots["hoverinfo"] == "skip"
    assert [note["text"] for note in drawn["layout"]["annotations"][1:]] == [
        "Job",
        *(f"● {level}" for level in data.partner_levels), "● others"
    ]  # fmt: skip


def test_a_name_cut_in_the_legend_of_customers_is_told_whole_where_one_points():
    long = "unskilled and not resident in the country"
    frame = pd.DataFrame({"age": RNG.normal(40, 9, 400), "job": RNG.choice([long, "skilled"], 400)})
    phi = frame["age"].to_numpy() / 100
    data = coloured_dependence_data(dependence_data(phi, frame["age"]), phi, values=frame["age"], partner=frame["job"])

    legend = coloured_dependence_drawing(data, name="Age", partner="Job").to_dict()["layout"]["annotations"][1:]
    told = {note["text"]: note.get("hovertext") for note in legend}
    assert told == {"Job": None, "● skilled": None, "● unskilled and not res…": long}


def test_names_of_samples_do_not_hide_each_other_where_their_first_dots_are_close():
    close = {"validation": {"auc": {"value": 0.771}}, "held_out": {"auc": {"value": 0.772}}}
    drawn = interval_dots_drawing(interval_dots_data([("LightGBM", close)])).to_dict()
    assert sorted(note["yshift"] for note in drawn["layout"]["annotations"]) == [12, 27]


def test_special_codes_and_missing_values_have_no_place_under_a_curve():
    values = pd.Series([1.0, 2.0, 3.0, 9999.0, np.nan] * 20, name="months")
    phi = np.ones(100)
    curve = dependence_data(phi, values, special_values=[9999])
    partner = pd.Series(["x", None] * 50, name="p")
    data = coloured_dependence_data(curve, phi, values=values, partner=partner, special_values={"months": [9999]})
    assert len(data.places) == 60
    assert max(data.places) <= 3


def test_single_customers_of_a_partial_dependence_stand_in_the_order_of_their_heights():
    each = RNG.random((5, 100))
    data = partial_dependence_data([1, 2, 3, 4, 5], each, values=pd.Series(np.arange(100.0) % 5 + 1), column="n")

    assert len(data.curves) == 24
    means = [np.mean(curve) for curve in data.curves]
    assert means == sorted(means)
    assert data.mean == pytest.approx(each.mean(axis=1), abs=1e-4)
    assert sum(data.counts) == 100
    hover = [trace.get("hoverinfo") for trace in partial_dependence_drawing(data).to_dict()["data"]]
    assert hover[1] == "skip"


def test_long_levels_of_a_partial_dependence_are_cut_and_told_whole_where_one_points():
    levels = ["critical account/ other credits (here)", "none"]
    values = pd.Series(np.repeat(levels, 10))
    data = partial_dependence_data(levels, RNG.random((2, 20)), values=values, column="history")
    drawn = partial_dependence_drawing(data).to_dict()
    assert drawn["layout"]["xaxis"]["ticktext"] == ["critical acco…", "none"]
    assert drawn["data"][1]["customdata"] == levels
    assert data.curves == ()
