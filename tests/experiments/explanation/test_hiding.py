"""Reasons are told again without hidden values: whose sentence it is, and what quotes no value."""

import pytest

from experiments.explanation.reason_codes.hiding import reasons_without
from experiments.explanation.reason_codes.sentences import NOTHING, WITHHELD, sentence

LABELS = {
    "n": {"en": "N", "zh": "无"},
    "net": {"en": "Net", "zh": "净额"},
    "member": {"en": "Member", "zh": "是否会员"},
    "owed": {"en": "Owed", "zh": "欠款", "reason_en": "Owed sums count against you", "reason_zh": "欠款较多"},
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("state", ["plain", "high", "low", "late", "early", "yes", "no"])
def test_no_state_of_a_hidden_column_is_told(language: str, state: str) -> None:
    told = reasons_without(["net", "member"], columns=LABELS, labels=LABELS, language=language)
    for column in ("net", "member"):
        label = LABELS[column][language]
        text = sentence(state, label, value="9,000", language=language)
        assert told(text) == sentence("plain", label, value="***", language=language)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_quotes_no_value_stays(language: str) -> None:
    told = reasons_without(["n", "owed"], columns=LABELS, labels=LABELS, language=language)
    kept = [
        "",
        LABELS["owed"][f"reason_{language}"],
        sentence("empty", LABELS["n"][language], language=language),
        sentence(NOTHING, language=language),
        sentence(WITHHELD, language=language),
        sentence("high", LABELS["net"][language], value="3", language=language),
    ]
    assert [told(text) for text in kept] == kept


def test_of_two_columns_with_one_label_neither_value_is_told() -> None:
    labels = {"a": {"en": "Pay"}, "b": {"en": "Pay"}}
    told = reasons_without(["b"], columns=["a", "b"], labels=labels, language="en")
    assert told("Pay is high (9)") == "Pay is ***"
