"""Partial dependence and interactions against scikit-learn, shap and functions whose interactions are known."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.inspection import partial_dependence as by_sklearn

from experiments.explanation.interactions import interaction_strengths, strongest_partner
from experiments.explanation.partial_dependence import grid_of, partial_dependence

RANDOM = np.random.default_rng(4)
FRAME = pd.DataFrame(RANDOM.normal(size=(120, 3)), columns=["a", "b", "c"])
Y = (FRAME["a"] * FRAME["b"] + 0.3 * FRAME["c"] + 0.5 * RANDOM.normal(size=120) > 0).astype(int)


@pytest.fixture(scope="module")
def boosted() -> GradientBoostingClassifier:
    return GradientBoostingClassifier(n_estimators=30, random_state=0).fit(FRAME, Y)


def test_partial_dependence_and_single_curves_are_those_of_scikit_learn(boosted: GradientBoostingClassifier) -> None:
    theirs = by_sklearn(boosted, FRAME, ["a"], kind="both", method="brute", response_method="predict_proba")
    grid = theirs["grid_values"][0].tolist()

    ours = partial_dependence(lambda table: boosted.predict_proba(table)[:, 1], FRAME, column="a", grid=grid)

    assert ours.mean == pytest.approx(theirs["average"][0])
    assert pytest.approx(theirs["individual"][0]) == ours.each.T


def test_rows_put_before_the_model_in_parts_give_the_same(
    boosted: GradientBoostingClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = grid_of(FRAME["b"])
    whole = partial_dependence(boosted.decision_function, FRAME, column="b", grid=grid).each
    pairs = interaction_strengths(boosted.decision_function, FRAME[:40], columns=["a", "b"])
    monkeypatch.setattr("experiments.explanation.partial_dependence.ROWS_AT_ONCE", 250)
    monkeypatch.setattr("experiments.explanation.interactions.ROWS_AT_ONCE", 90)
    assert np.array_equal(partial_dependence(boosted.decision_function, FRAME, column="b", grid=grid).each, whole)
    assert interaction_strengths(boosted.decision_function, FRAME[:40], columns=["a", "b"]) == pairs


@pytest.mark.parametrize(
    ("column", "grid"),
    [
        (pd.Series([1, 2, 3], dtype="int64"), (1.0, 2.0, 3.0)),
        (pd.Series([True, False, True]), (True, False)),
        (pd.Series(["x", None, "x", "y"], dtype=object), ("x", "y")),
        (pd.Series(pd.to_datetime(["2024-01-02", None])), (pd.Timestamp("2024-01-02"),)),
        (pd.Series([np.nan, np.inf, 2.0]), (2.0,)),
        (pd.Series([None, None], dtype=object), ()),
    ],
)  # fmt: skip
def test_a_grid_holds_values_that_occur_and_no_gap(column: pd.Series, grid: tuple[object, ...]) -> None:
    # Ten rows of each: of fewer no level is told.
    assert grid_of(pd.concat([column] * 10, ignore_index=True)) == grid


def test_a_column_keeps_its_type_when_it_is_varied() -> None:
    frame = pd.DataFrame({
        "n": [1, 2], "t": pd.to_datetime(["2024-01-01", None]), "f": [True, False],
        "o": pd.Series(["x", None], dtype=object),
    })  # fmt: skip
    frame = pd.concat([frame] * 10, ignore_index=True)
    seen: list[pd.DataFrame] = []

    def predict(table: pd.DataFrame) -> np.ndarray:
        seen.append(table)
        return np.zeros(len(table))

    for name in frame:
        partial_dependence(predict, frame, column=str(name), grid=grid_of(frame[name]))
    assert [str(table[name].dtype) for name, table in zip(frame, seen, strict=True)] == [
        "float64", str(frame["t"].dtype), "bool", "object"
    ]  # fmt: skip


def test_a_sum_has_no_interaction_and_a_product_of_centred_columns_nothing_else() -> None:
    plus = interaction_strengths(lambda t: (t["a"] + 3 * t["b"]).to_numpy(), FRAME, columns=["a", "b", "c"])
    assert [one.h for one in plus] == [0.0, 0.0, 0.0]
    centred = FRAME - FRAME.mean()
    times = interaction_strengths(lambda t: (t["a"] * t["b"]).to_numpy(), centred, columns=["a", "b", "c"])
    assert times[0].columns == ("a", "b")
    assert times[0].h == pytest.approx(1.0)
    assert [one.h for one in times[1:]] == [0.0, 0.0]


def test_h_is_the_share_that_can_be_worked_out_by_hand() -> None:
    # On the four corners a + b + s·a·b has partial dependences a, b and itself: H² = s² / (2 + s²).
    corners = pd.DataFrame({"a": [-1.0, 1.0, -1.0, 1.0], "b": [-1.0, -1.0, 1.0, 1.0]})
    for s in (0.5, 1.0, 2.0):
        (found,) = interaction_strengths(
            lambda t, s=s: (t["a"] + t["b"] + s * t["a"] * t["b"]).to_numpy(), corners, columns=["a", "b"]
        )
        assert found.h == pytest.approx(np.sqrt(s**2 / (2 + s**2)))
        assert found.strength == pytest.approx(s)


def test_columns_that_only_move_together_do_not_interact() -> None:
    frame = FRAME.assign(b=1.5 * FRAME["a"])
    found = interaction_strengths(lambda t: (t["a"] ** 3 + t["b"]).to_numpy(), frame, columns=["a", "b"])
    assert found[0].h == 0.0
    assert strongest_partner("a", found) is None


def test_gaps_and_categories_take_part() -> None:
    frame = pd.DataFrame({"job": ["x", "y", None, "x"] * 10, "n": [1.0, np.nan, 3.0, 4.0] * 10})

    def predict(table: pd.DataFrame) -> np.ndarray:
        return np.asarray((table["job"] == "x") * table["n"].fillna(9))

    (found,) = interaction_strengths(predict, frame, columns=["job", "n"])
    assert found.h > 0.1


def test_the_partner_is_the_one_that_shap_interaction_values_name(boosted: GradientBoostingClassifier) -> None:
    import shap

    values = np.abs(shap.TreeExplainer(boosted).shap_interaction_values(FRAME)).mean(axis=0)
    found = interaction_strengths(boosted.decision_function, FRAME, columns=list(FRAME))
    names = list(FRAME)
    for place, name in enumerate(names):
        theirs = names[int(np.argmax(np.where(np.arange(3) == place, -1, values[place])))]
        partner = strongest_partner(name, found)
        assert partner is not None
        assert theirs in partner.columns
