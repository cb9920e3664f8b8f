"""Columns are generated where they help, never where the target is chance, and always the same."""

import json

import numpy as np
import pandas as pd
import pytest

from experiments.generation import FeatureGenerator

TYPES = {"income": "numeric", "loan": "numeric", "age": "numeric", "rate": "numeric", "job": "categorical"}


def loans(rows: int = 2000, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """Return loans that go bad where they are about as large as the income, which trees find hard to cut out."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "income": random.lognormal(9, 0.8, rows),
            "loan": random.lognormal(9, 0.8, rows),
            "age": random.integers(20, 70, rows).astype(float),
            "rate": random.uniform(2, 20, rows),
            "job": random.choice(["clerk", "nurse", "driver"], rows),
        }
    )
    margin = np.where(np.abs(np.log(frame["loan"] / frame["income"])) < 0.3, 2.0, -2.0)
    return frame, (random.random(rows) < 1 / (1 + np.exp(-margin))).astype(float)


def five_folds(rows: int) -> list[tuple[np.ndarray, np.ndarray]]:
    part = np.arange(rows) % 5
    return [(np.flatnonzero(part != fold), np.flatnonzero(part == fold)) for fold in range(5)]


@pytest.fixture(scope="module")
def fitted() -> FeatureGenerator:
    frame, y = loans()
    return FeatureGenerator("standard").fit(frame, TYPES, y=y, folds=five_folds(len(y)))


def test_the_ratio_that_decides_is_found_and_says_why(fitted):
    best = fitted.features_[0]

    assert set(best.sources) == {"income", "loan"}
    assert best.kind == "ratio"
    assert best.why["rank"] == 1
    assert best.why["strength"] > best.why["sources"]
    assert best.why["gain"] > best.why["random"]
    assert "income" in best.why["message"] % best.why["params"]


def test_labels_are_made_of_the_labels_of_the_sources(fitted):
    words = {"income": {"en": "Income", "zh": "收入"}, "loan": {"en": "Loan", "zh": "贷款"}}
    best = fitted.features_[0]

    labels = fitted.labels(words)[best.name]
    assert labels["en"] == " ÷ ".join(words[source]["en"] for source in best.sources)
    assert labels["zh"] == " ÷ ".join(words[source]["zh"] for source in best.sources)


def test_chance_gives_no_columns():
    frame, y = loans()
    shuffled = np.random.default_rng(3).permutation(y)

    generator = FeatureGenerator("standard").fit(frame, TYPES, y=shuffled, folds=five_folds(len(y)))

    assert generator.names_ == []
    assert [entry["code"] for entry in generator.dropped_] == ["nothing_helped"]
    assert generator.extend(frame) is frame


def test_the_same_rows_give_the_same_columns(fitted):
    frame, y = loans()

    again = FeatureGenerator("standard").fit(frame, TYPES, y=y, folds=five_folds(len(y)))

    assert again.to_dict() == fitted.to_dict()


def test_a_generator_survives_json_and_computes_the_same(fitted):
    frame, _ = loans(50, seed=2)

    copy = FeatureGenerator.from_dict(json.loads(json.dumps(fitted.to_dict())))

    pd.testing.assert_frame_equal(copy.transform(frame), fitted.transform(frame))
    assert copy.to_dict() == fitted.to_dict()


def test_a_row_alone_gives_the_same_numbers_as_within_its_table(fitted):
    frame, _ = loans(20, seed=2)

    alone = pd.concat([fitted.transform(frame.iloc[[row]]) for row in range(20)])

    pd.testing.assert_frame_equal(alone, fitted.transform(frame), check_exact=True)


def test_the_extended_table_has_its_own_columns_first_whatever_came_in(fitted):
    frame, _ = loans(5, seed=2)
    once = fitted.extend(frame)

    assert once.columns.tolist() == [*frame.columns, *fitted.names_]
    pd.testing.assert_frame_equal(fitted.extend(once), once)


def test_few_rows_give_no_columns_and_say_so():
    frame, y = loans(500)

    generator = FeatureGenerator("standard").fit(frame, TYPES, y=y, folds=five_folds(500))

    assert generator.names_ == []
    assert [entry["code"] for entry in generator.dropped_] == ["too_few"]


def test_off_generates_nothing_and_asks_nothing():
    frame, y = loans(100)

    assert FeatureGenerator("off").fit(frame, TYPES, y=y, folds=[]).names_ == []


def test_fewer_columns_are_kept_where_fewer_are_wanted():
    frame, y = loans()

    generator = FeatureGenerator("standard", most=1).fit(frame, TYPES, y=y, folds=five_folds(len(y)))

    assert len(generator.names_) == 1


def test_a_stop_leaves_a_generator_without_columns_that_works():
    frame, y = loans()
    generator = FeatureGenerator("standard")
    calls = iter(range(50))

    def stop_after_fifty_calls() -> None:
        if next(calls, None) is None:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        generator.fit(frame, TYPES, y=y, folds=five_folds(len(y)), pulse=stop_after_fifty_calls)
    assert generator.extend(frame) is frame


def test_a_column_whose_values_shift_between_months_is_left_out_with_its_reason():
    frame, y = loans()
    periods = np.repeat(["2024-01", "2024-02", "2024-03", "2024-04"], 500)
    # Incomes are paid in another currency from March on; the ratio shifts with them.
    frame["income"] = np.where(periods >= "2024-03", frame["income"] * 100, frame["income"])

    generator = FeatureGenerator("standard").fit(frame, TYPES, y=y, folds=five_folds(len(y)), periods=periods)

    unstable = {entry["name"] for entry in generator.dropped_ if entry["code"] == "unstable"}
    assert unstable
    assert not unstable & set(generator.names_)


def test_weights_and_a_sample_of_the_rows_are_taken_into_account():
    frame, y = loans()
    weight = np.where(frame["age"] > 40, 2.0, 0.5)

    generator = FeatureGenerator("standard").fit(
        frame, TYPES, y=y, folds=five_folds(len(y)), weight=weight, most_rows=1500
    )

    assert set(generator.features_[0].sources) == {"income", "loan"}


def test_folds_that_hold_one_outcome_or_nothing_are_passed_over_and_none_at_all_is_a_sentence():
    frame, y = loans()
    nothing = np.array([], dtype=np.int64)
    empty = [(np.arange(len(y)), nothing), (np.flatnonzero(y == 1), np.flatnonzero(y == 0))]
    passed_over = FeatureGenerator("standard").fit(frame, TYPES, y=y, folds=[*empty, *five_folds(len(y))])
    assert passed_over.names_ == FeatureGenerator("standard").fit(frame, TYPES, y=y, folds=five_folds(len(y))).names_
    assert [entry["code"] for entry in FeatureGenerator("standard").fit(frame, TYPES, y=y, folds=empty).dropped_] == [
        "too_few"
    ]


def feature(name: str, kind: str, sources: list[str], **settings: object) -> dict[str, object]:
    return {"name": name, "kind": kind, "sources": sources, "phrase": {"en": "", "zh": ""}, "settings": settings}


def test_what_derived_columns_contribute_is_told_by_the_sources_that_made_them_what_they_are():
    made = [
        feature("balance × products", "product", ["balance", "products"]),
        feature("max(due_1 … due_3)", "row_family", ["due_1", "due_2", "due_3"], part="max"),
        feature("mean(due_1 … due_3)", "row_family", ["due_1", "due_2", "due_3"], part="mean"),
        feature("empty cells", "missing", ["balance", "due_3"]),
        feature("share(job)", "level_share", ["job"], shares={"clerk": 0.5}),
    ]
    generator = FeatureGenerator.from_dict({"effort": "deep", "features": made, "special_values": {"products": [-1]}})
    rows = pd.DataFrame(
        {
            "balance": [100.0, None, 5.0], "products": [2.0, 3.0, -1.0], "due_1": [1.0, 9.0, 4.0],
            "due_2": [7.0, 2.0, 4.0], "due_3": [1.0, None, 0.0], "job": ["clerk", "nurse", None],
        }
    )  # fmt: skip
    table = generator.extend(rows)
    random = np.random.default_rng(1)
    phi = random.normal(size=(3, len(table.columns)))

    told = generator.told_by_sources(phi, list(table.columns), frame=table)

    np.testing.assert_allclose(told.sum(axis=1), phi.sum(axis=1), atol=1e-12)
    product, peak, mean, empty, share = phi[:, 6:].T
    balance, products, due_1, due_2, due_3, job = (told - phi[:, :6]).T
    # Filled: halves. A missing balance, or a code that is no quantity, made the product empty: it is theirs alone.
    np.testing.assert_allclose(balance, [product[0] / 2 + empty[0] / 2, product[1] + empty[1] / 2, empty[2] / 2])
    np.testing.assert_allclose(products, [product[0] / 2, 0.0, product[2]])
    np.testing.assert_allclose(due_1, [mean[0] / 3, peak[1] + mean[1] / 2, peak[2] / 2 + mean[2] / 3])
    np.testing.assert_allclose(due_2, [peak[0] + mean[0] / 3, mean[1] / 2, peak[2] / 2 + mean[2] / 3])
    np.testing.assert_allclose(due_3, [mean[0] / 3 + empty[0] / 2, empty[1] / 2, mean[2] / 3 + empty[2] / 2])
    np.testing.assert_allclose(job, share)
