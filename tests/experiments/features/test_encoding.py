"""The encoder gives training and scoring the same numbers, whatever the table looks like."""

import json

import numpy as np
import pandas as pd
import pytest

from experiments.features.encoding import CoverReport, TableEncoder


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "amount": [1.0, 2.0, np.nan, np.inf, -1e308, 5.0] * 10,
            "年龄": [20, 30, 40, 50, 60, 70] * 10,
            "opened": pd.to_datetime(["1970-01-02", "1970-01-03", None, "2020-01-01", "1900-01-01", "2024-02-29"] * 10),
            "has_card": ["yes", "no", "yes", None, "no", "no"] * 10,
            "city": ["a", "a", "b", None, "c", "a"] * 10,
            "nothing": [None] * 60,
            "always": ["same"] * 60,
        }
    )


def test_every_type_becomes_finite_numbers_or_nan_under_internal_ids(frame):
    kinds = dict(zip(frame, ["numeric", "numeric", "date", "boolean", "categorical", "numeric", "categorical"],
                     strict=True))  # fmt: skip
    matrix, cover = TableEncoder().fit(frame, kinds).transform(frame)

    assert matrix.columns.tolist() == [f"f_000{number}" for number in range(1, 8)]
    assert not np.isinf(matrix.to_numpy()).any()
    assert matrix["f_0001"].tolist()[3:5] == [1e30, -1e30]
    assert matrix["f_0003"].tolist()[:2] == [1.0, 2.0]
    assert matrix["f_0004"].dropna().unique().tolist() == [1.0, 0.0]
    assert cover.empty_cells == {"amount": 10, "opened": 10, "has_card": 10, "city": 10, "nothing": 60}
    assert cover.neutral_cells == {}


def test_the_round_trip_through_json_is_exact(frame):
    encoder = TableEncoder().fit(frame, y=np.arange(60) % 2)
    again = TableEncoder.from_dict(json.loads(json.dumps(encoder.to_dict())))

    assert again.to_dict() == encoder.to_dict()
    pd.testing.assert_frame_equal(again.transform(frame)[0], encoder.transform(frame)[0])


def test_shuffled_missing_and_extra_columns_are_handled_and_counted(frame):
    encoder = TableEncoder().fit(frame[["年龄", "city"]])
    other = pd.DataFrame({"extra": [1, 2], "city": ["a", "z"]})

    matrix, cover = encoder.transform(other)

    assert cover.missing_columns == ["年龄"]
    assert cover.extra_columns == ["extra"]
    assert cover.unseen_levels == {"city": {"z": 1}}
    assert matrix["f_0001"].tolist() == [45.0, 45.0]  # the median: training had no empty cell
    assert matrix["f_0002"].tolist() == [0.0, 0.0]  # "z" takes the place of the most ordinary level
    assert cover.neutral_cells == {"年龄": 2, "city": 1}


def test_rare_levels_share_a_code_and_are_not_called_unseen():
    city = pd.Series(["big"] * 60 + ["mid"] * 30 + [f"tiny{n}" for n in range(30)], name="city").to_frame()
    encoder = TableEncoder().fit(city)

    matrix, cover = encoder.transform(pd.DataFrame({"city": ["big", "tiny3", "never"]}))

    assert matrix["f_0001"].tolist() == [0.0, 2.0, 2.0]
    assert cover.unseen_levels == {"city": {"never": 1}}


def test_a_level_is_the_same_whether_it_came_as_integer_float_or_text():
    encoder = TableEncoder(min_level_rows=1).fit(pd.DataFrame({"code": ["1", "1", "2", "2", "2"]}), {"code": "text"})

    for column in ([1, 2], [1.0, 2.0], ["1", "2"], ["1.0", " 2 "]):
        matrix, cover = encoder.transform(pd.DataFrame({"code": column}))
        assert matrix["f_0001"].tolist() == [1.0, 0.0]
        assert cover.unseen_cells == {}


def test_text_in_a_numeric_column_counts_as_empty_and_is_reported():
    encoder = TableEncoder().fit(pd.DataFrame({"x": [1.0, 2.0, np.nan]}))
    matrix, cover = encoder.transform(pd.DataFrame({"x": ["1.5", "abc", ""]}))

    assert matrix["f_0001"].tolist()[0] == 1.5
    assert cover.unreadable_cells == {"x": 1}
    assert cover.empty_cells == {"x": 2}


def test_codes_follow_the_event_rate_when_the_target_is_given():
    frame = pd.DataFrame({"grade": ["low"] * 30 + ["high"] * 50 + ["mid"] * 40})
    y = np.r_[np.zeros(30), np.ones(50), np.arange(40) % 2]

    encoder = TableEncoder().fit(frame, y=y)

    assert encoder.columns_[0].levels == ["low", "mid", "high"]


def test_two_chunks_make_the_report_of_the_whole(frame):
    encoder = TableEncoder().fit(frame[["city", "年龄"]].iloc[:20])
    whole = pd.DataFrame({"city": ["q", "q", "r", "a"], "年龄": [None, 1, 2, 3]})

    _, cover = encoder.transform(whole)
    _, first = encoder.transform(whole.iloc[:2])
    _, second = encoder.transform(whole.iloc[2:])

    assert CoverReport().plus(first).plus(second) == cover
    assert CoverReport.from_dict(json.loads(json.dumps(cover.to_dict()))) == cover


def test_two_thousand_columns_of_two_hundred_rows_are_encoded():
    random = np.random.default_rng(0)
    wide = pd.DataFrame(random.normal(size=(200, 2_000)), columns=[f"c{n}" for n in range(2_000)])

    matrix, _ = TableEncoder().fit(wide).transform(wide)

    assert np.array_equal(matrix.to_numpy(), wide.to_numpy())


def test_learning_from_some_rows_is_learning_from_a_table_of_them(frame):
    rows = np.arange(0, 60, 7)
    labels = (np.arange(60) % 4 == 0).astype(float)
    within = TableEncoder(min_level_rows=1).fit(frame, y=labels, rows=rows)
    alone = TableEncoder(min_level_rows=1).fit(frame.iloc[rows], y=labels[rows])
    assert within.to_dict() == alone.to_dict()
    assert within.to_dict() != TableEncoder(min_level_rows=1).fit(frame, y=labels).to_dict()
