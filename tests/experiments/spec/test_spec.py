"""What is asked of a run is refused by name, with the name that is meant."""

from dataclasses import replace

import pytest

from experiments.errors import BadInput
from experiments.evaluation.objective import RANKINGS
from experiments.meant import nearest
from experiments.spec import RANGES, RANKING_NAMES, ExperimentSpec, Limits, SearchBudget, ValidationScheme

COLUMNS = ["cust_id", "age", "income", "open_date", "产品类型", "bad"]
SPEC = ExperimentSpec("bad", "1")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"target": "Bad "}, "The table has no column Bad . Did you mean bad?"),
        ({"excluded": ("age", "incme")}, "The table has no column incme. Did you mean income?"),
        ({"monotone": {"AGE": 1}}, "The table has no column AGE. Did you mean age?"),
        ({"special_values": {"产品类别": [1.0]}}, "The table has no column 产品类别. Did you mean 产品类型?"),
        ({"id_column": "custid"}, "The table has no column custid. Did you mean cust_id?"),
        ({"time_column": "opendate"}, "The table has no column opendate. Did you mean open_date?"),
        ({"response_column": "x"}, "The table has no column x. Its columns are: cust_id, age, income,"),
        ({"validation": ValidationScheme(scheme="given", split_column="par")}, "The table has no column par."),
        ({"id_column": "bad"}, "bad is the target, so it cannot be the customer ID too. Name another column."),
        ({"learners": ("lightgmb",)}, "learners cannot be lightgmb. Did you mean lightgbm?"),
        ({"learners": ("oracle",)}, "learners cannot be oracle. Choose from: lightgbm, xgboost,"),
        ({"learners": ()}, "Choose at least one algorithm: lightgbm, xgboost,"),
        ({"kind": "defualt"}, "kind cannot be defualt. Did you mean default?"),
        ({"feature_effort": "depe"}, "feature_effort cannot be depe. Did you mean deep?"),
        ({"validation": ValidationScheme(scheme="randm")}, "scheme cannot be randm."),
        ({"validation": ValidationScheme(folds=0)}, "folds cannot be 0. Enter a whole number from 2 to 20, for exam"),
        ({"validation": ValidationScheme(embargo_days=-1)}, "embargo_days cannot be -1. Enter a whole number from 0"),
        ({"validation": ValidationScheme(held_out_from="soon")}, "soon is not a date. Enter it like 2026-01-31."),
        ({"ranking": "acu"}, "ranking cannot be acu. Did you mean auc?"),
        ({"budget": SearchBudget(-1.0)}, "seconds cannot be -1. Enter a number from 5 to 86,400, for example 300."),
        ({"budget": SearchBudget(float("nan"))}, "seconds cannot be nan."),
        ({"budget": SearchBudget(None, 0)}, "trials cannot be 0. Enter a whole number from 1 to 50,000, for exam"),
        ({"seed": 2**31}, "seed cannot be 2,147,483,648."),
        ({"limits": Limits(features=0)}, "features cannot be 0. Enter a whole number from 1 to 10,000, for example"),
    ],
)
def test_what_there_is_not_is_refused_by_name(changes, sentence):
    with pytest.raises(BadInput) as refused:
        replace(SPEC, **changes).refuse_faults(COLUMNS)
    assert str(refused.value).startswith(sentence)


def test_a_spec_as_it_comes_and_one_at_every_edge_are_asked_for_nothing():
    assert SPEC.faults(COLUMNS) == {}
    for end in ("least", "most"):
        numbers = {name: getattr(RANGES[name], end) for name in RANGES}
        limits = Limits(**{name: numbers[name] for name in ("ks_gap", "score_psi", "features", "milliseconds")})
        asked = replace(SPEC, seed=int(numbers["seed"]), contact_share=numbers["contact_share"], limits=limits)
        assert replace(asked, budget=SearchBudget(None, int(numbers["trials"]))).faults(COLUMNS) == {}


def test_a_name_is_only_taken_for_a_slip_of_one_that_is_like_it():
    assert nearest("Open Date", COLUMNS) == "open_date"
    assert nearest("zzz", COLUMNS) is None


def test_a_spec_stored_before_cards_kept_to_original_columns_is_repeated_with_derived_ones():
    plain = ExperimentSpec("bad", "1").to_dict()

    assert not ExperimentSpec.from_dict(plain).derived_on_card
    assert ExperimentSpec.from_dict({name: plain[name] for name in ("target", "event")}).derived_on_card


def test_a_question_without_ranking_and_day_is_stored_as_before_there_were_any() -> None:
    plain = SPEC.to_dict()
    assert "ranking" not in plain
    assert "held_out_from" not in plain["validation"]

    asked = replace(SPEC, ranking="auc", validation=ValidationScheme(held_out_from="2026-01-01"))
    assert ExperimentSpec.from_dict(asked.to_dict()) == asked


def test_finalists_are_ranked_by_what_is_asked_else_by_what_the_kind_has() -> None:
    assert (SPEC.ranked_by, replace(SPEC, kind="response").ranked_by) == ("ks", "lift")
    assert replace(SPEC, kind="response", ranking="log_loss").ranked_by == "log_loss"
    assert set(RANKING_NAMES) == {"usual", *RANKINGS}
