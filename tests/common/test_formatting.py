"""Numbers as pages show them."""

from django.utils import translation

from common.templatetags import formatting


def test_what_rounds_to_nothing_has_no_sign() -> None:
    shown = [
        formatting.number(-0.0),
        formatting.count(-0.2),
        formatting.metric3(-0.0001),
        formatting.rate(-0.00001),
        formatting.signed(-0.0001),
    ]
    assert shown == ["0", "0", "0.000", "0.00%", "+0.000"]


def test_a_real_loss_keeps_its_sign() -> None:
    assert formatting.metric3(-0.0005001) == "−0.001"
    assert formatting.signed(-0.0042) == "−0.004"
    assert formatting.number(-3.18) == "−3.18"


def test_no_negative_number_is_shown_with_a_hyphen() -> None:
    shown = [show(-12_345.678) for show in (formatting.rate, formatting.metric, formatting.count, formatting.number)]
    assert shown == ["−1234567.80%", "−12,345.678", "−12,346", "−12,345.68"]
    assert (
        formatting.told("Slope %(slope)s of %(column)s", {"slope": "-0.201", "column": "a-1"}) == "Slope −0.201 of a-1"
    )
    with translation.override("zh-hans"):
        assert formatting.wan(-41_188) == "−4.1 万"


def test_things_are_named_one_after_the_other_as_the_language_does() -> None:
    assert formatting.listed(["age", "sex"]) == "age, sex"
    with translation.override("zh-hans"):
        assert formatting.listed(["年龄", "性别"]) == "年龄、性别"
