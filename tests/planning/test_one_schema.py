"""What may be asked of a run has one home: page, program and command take range, default and words from the spec."""

from dataclasses import replace
from typing import Any, get_args

import pytest
from django.utils.translation import gettext, override

from audit.words import FACTS
from catalog.models import ColumnRole
from experiments import naming
from experiments.__main__ import LIMIT_OPTIONS, _parser
from experiments.console.options import spec_of
from experiments.spec import ASKED, HOUSE_LIMITS, ExperimentSpec, Limits, SearchBudget
from planning.api.columns import GivenRole
from planning.api.plan_schemas import PlanIn
from planning.forms.plan import PlanForm
from planning.plans.plan import Plan
from training.audited import within_a_line
from training.models import Experiment
from training.words import LIMITS

SPEC = ExperimentSpec("bad", "1")
# Typed in percent on the page.
PERCENT = {"contact_share": "contact_percent", "ks_gap_share": "limit_ks_gap_percent"}
LIMIT_FIELDS = {name: f"limit_{name}" for name in ("ks_gap", "score_psi", "features", "milliseconds")}
# What of a spec no plan decides: the data check does, or the table.
OF_THE_CHECK = {
    *(
        "target",
        "event",
        "kind",
        "id_column",
        "time_column",
        "group_column",
        "weight_column",
        "excluded",
        "labels",
        "value_labels",
    ),
    *("protected", "population_rate", "held_out_share", "doubted"),
}
# A page decides these column by column.
BY_COLUMN = {"monotone", "special_values"}
# Page and program name a budget, which is so many seconds; the engine has one of its own.
NAMED_BUDGET = {"seconds"}
# What a command says in words of its own, or cannot say.
OF_THE_COMMAND = {
    *("target", "event", "id_column", "time_column", "group_column", "weight_column", "excluded", "protected"),
    *("monotone", "learners", "labels", "value_labels", "special_values", "ensemble", "doubted"),
}
# Not every text of that length is one.
A_DAY = {"held_out_from": "2026-01-31"}
NUMBERS = [name for name, one in ASKED.items() if one.numbers]


def with_value(name: str, value: Any) -> ExperimentSpec:
    part = ASKED[name].part
    if name == "trials":
        return replace(SPEC, budget=SearchBudget(None, value))
    return replace(SPEC, **({part: replace(getattr(SPEC, part), **{name: value})} if part else {name: value}))


def of_program(name: str) -> dict[str, Any]:
    """Return what the description of the API says of a field, its bounds among it."""
    schema = PlanIn.model_json_schema()
    part = schema["$defs"]["LimitsIn"] if ASKED[name].part == "limits" else schema
    found = part["properties"]["budget_seconds" if name == "seconds" else name]
    return {**found, **next((one for one in found.get("anyOf", []) if one["type"] != "null"), {})}


def of_page(name: str) -> Any:
    return PlanForm.base_fields[PERCENT.get(name) or LIMIT_FIELDS.get(name, name)]


def command(*options: str) -> ExperimentSpec:
    return spec_of(_parser().parse_args(["fit", "t.csv", "--target", "bad", "--out", "m", *options]))


def option_of(name: str) -> Any:
    (fit,) = (one.choices["fit"] for one in _parser()._actions if isinstance(one.choices, dict))
    return next(action for action in fit._actions if action.dest == name)


@pytest.mark.parametrize("name", NUMBERS)
def test_spec_page_program_and_command_take_the_same_numbers(name: str) -> None:
    numbers = ASKED[name].numbers
    assert numbers is not None
    least, most = numbers.ends

    for value, is_taken in ((least, True), (most, True), (least - 1, False), (most * 2 + 1, False)):
        assert (name not in with_value(name, value).faults()) == is_taken
        option = option_of(name).option_strings[0]
        assert (name not in command(f"{option}={value}").faults()) == is_taken
    if name in OF_THE_CHECK:
        return
    times = 100 if name in PERCENT else 1
    assert (of_page(name).min_value, of_page(name).max_value) == (times * least, times * most)
    assert (of_program(name)["minimum"], of_program(name)["maximum"]) == (least, most)


@pytest.mark.parametrize("name", sorted(set(ASKED) - OF_THE_CHECK - NAMED_BUDGET))
def test_a_plan_nobody_touched_and_a_program_that_sends_nothing_ask_by_default(name: str) -> None:
    default = ASKED[name].default
    plan, sent = Plan(), PlanIn().to_plan()
    holder = [each.limits if ASKED[name].part == "limits" else each for each in (plan, sent)]
    assert [getattr(each, name) for each in holder] == [default, default]
    if name not in BY_COLUMN | {"ks_gap_share", "learners"}:
        assert of_program(name).get("default") == default


@pytest.mark.parametrize("name", sorted(set(ASKED) - OF_THE_COMMAND))
def test_a_command_without_options_asks_by_default(name: str) -> None:
    spec, part = command(), ASKED[name].part
    assert getattr(getattr(spec, part) if part else spec, name) == ASKED[name].default


def test_choices_and_lengths_of_texts_are_the_same_everywhere() -> None:
    for name, one in ASKED.items():
        if one.choices and name != "kind":
            assert {value for value, _told in of_page(name).choices} == set(one.choices)
            assert of_program(name)["enum"] == list(one.choices)
            assert option_of(name).choices == one.choices
        if one.most_letters:
            assert of_page(name).max_length == of_program(name)["maxLength"] == one.most_letters
            assert name not in with_value(name, A_DAY.get(name, "字" * one.most_letters)).faults()
            assert name in with_value(name, "字" * (one.most_letters + 1)).faults()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_page_audit_log_and_sentences_call_a_thing_by_its_one_label(language: str) -> None:
    with override(language):
        for name, one in ASKED.items():
            if name not in OF_THE_CHECK | BY_COLUMN:
                shown = str(of_page(name).label)
                assert shown.startswith(gettext(one.label))
                assert str(FACTS[name]) == within_a_line(one.label)
        assert {code: str(said) for code, said in LIMITS.items()} == {
            code: gettext(said) for code, said in naming.LIMITS.items()
        }


def test_who_names_a_largest_fall_has_it_as_it_stands_on_page_in_program_and_command() -> None:
    own = Limits(ks_gap=0.08, ks_gap_share=0.0)
    assert HOUSE_LIMITS.with_own({"ks_gap": 0.08}) == own
    assert PlanIn.model_validate({"limits": {"ks_gap": 0.08}}).to_plan().limits == own
    assert command("--ks-gap", "0.08").limits == own
    assert command("--most-columns", "20", "--score-psi", "none").limits == replace(
        HOUSE_LIMITS, features=20, score_psi=None
    )
    assert set(LIMIT_OPTIONS.values()) == {name for name, one in ASKED.items() if one.part == "limits"}


def test_a_program_may_give_every_role_but_the_target() -> None:
    assert {*get_args(GivenRole), ColumnRole.TARGET} == set(ColumnRole.values)


def test_an_experiment_is_kept_with_the_defaults_of_the_spec() -> None:
    made = Experiment()
    assert (made.contact_share, made.seed) == (SPEC.contact_share, SPEC.seed)


def test_a_stored_spec_says_by_which_schema_it_was_written() -> None:
    plain = SPEC.to_dict()
    assert plain["schema_version"] == 1
    assert ExperimentSpec.from_dict(plain) == SPEC
    del plain["schema_version"]
    assert ExperimentSpec.from_dict(plain) == SPEC
