"""Reasons are few, weighty, never contradict themselves, and speak both languages."""

import json
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from babel.messages.pofile import read_po

from experiments.explanation.reason_codes import book as books
from experiments.explanation.reason_codes.baseline import APPROVED, Baseline, approved_near
from experiments.explanation.reason_codes.book import ReasonBook
from experiments.explanation.reason_codes.columns import summed_groups
from experiments.explanation.reason_codes.quality import overlap, quality_of_reasons
from experiments.explanation.reason_codes.sentences import SENTENCES, sentence

RANDOM = np.random.default_rng(9)
N = 900


@pytest.fixture
def frame() -> pd.DataFrame:
    usage = RANDOM.random(N)
    return pd.DataFrame(
        {
            "usage": usage,
            "usage_copy": usage + 0.001 * RANDOM.random(N),
            "income": RANDOM.normal(5_000, 1_000, N).round(),
            "job": RANDOM.choice(["clerk", "nurse"], N),
            "opened": pd.Timestamp("2015-01-01") + pd.to_timedelta(np.arange(N), unit="D"),
            "sex": RANDOM.choice(["f", "m"], N),
        }
    )


@pytest.fixture
def phi(frame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "usage": frame["usage"] - 0.5,
            "usage_copy": frame["usage"] - 0.5,
            "income": (5_000 - frame["income"]) / 2_000,
            "job": np.where(frame["job"] == "clerk", 0.2, -0.2),
            "opened": (np.arange(N) - N / 2) / N / 50,
            "sex": np.where(frame["sex"] == "m", 0.9, -0.9),
        }
    )


@pytest.fixture
def book(frame, phi) -> ReasonBook:
    return ReasonBook().fit(frame, phi, withheld=["sex"])


ONE = {
    "usage": 0.95,
    "usage_copy": 0.95,
    "income": 3_000,
    "job": "clerk",
    "opened": pd.Timestamp("2017-05-01"),
    "sex": "m",
}


def reasons_of(book: ReasonBook, values: dict, parts: list[float], **changes: object) -> list[str]:
    table = book.reason_table(pd.DataFrame([values | changes]), np.array([parts]), n=4)
    return [text for text in table.iloc[0] if text]


def test_the_largest_groups_speak_and_correlated_columns_speak_once(book):
    (reasons,) = book.top_reasons(pd.DataFrame([ONE]), np.array([[0.4, 0.5, 0.7, 0.2, 0.0, 0.9]]))

    assert [(reason.column, reason.state, reason.phi) for reason in reasons] == [
        ("usage_copy", "high", pytest.approx(0.9)),
        ("income", "low", 0.7),
        ("job", "plain", 0.2),
    ]


def test_a_withheld_column_is_never_given_even_when_it_weighs_most(book):
    texts = reasons_of(book, ONE, [0.1, 0.1, 0.1, 0.1, 0.1, 9.0])
    assert not any("sex" in text for text in texts)


def test_what_weighs_less_than_a_twentieth_of_all_is_left_out(book):
    assert reasons_of(book, ONE, [0.5, 0.5, 0.04, 0.0, 0.0, 0.0]) == ["usage is high (0.95)"]


def test_a_sentence_that_contradicts_the_steady_trend_is_left_out(book):
    # A high income lowers the risk in general, so "income is high" is no reason for a risk.
    assert reasons_of(book, ONE, [0.3, 0.0, 0.9, 0.0, 0.0, 0.0], income=9_000) == ["usage is high (0.95)"]


def test_when_nothing_else_is_left_the_largest_is_told_without_high_or_low(book):
    assert reasons_of(book, ONE, [0.0, 0.0, 0.9, 0.0, 0.0, 0.0], income=9_000) == ["income is 9,000"]


def test_where_nothing_raises_the_margin_that_is_said_in_words(book):
    rows, parts = pd.DataFrame([ONE]), np.array([[-0.1, -0.1, -0.2, -0.1, 0.0, -0.1]])

    texts, counts = book.tell(rows, parts)

    assert texts.tolist() == [["None: no value raises this customer's probability above the average", "", "", ""]]
    assert book.tell(rows, parts, language="zh")[0][0, 0] == "无：没有任何取值使该客户的概率高于平均水平"
    assert (counts.rows, counts.given, counts.nothing, counts.withheld, counts.masked) == (1, 0, 1, 0, 0)


def test_files_and_pages_say_the_same_in_chinese():
    with files("experiments").joinpath("locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as source:
        catalogue = {str(one.id): str(one.string) for one in read_po(source) if one.id}

    for state, english in SENTENCES.items():
        of_file = sentence(state, "%(label)s", value="%(value)s", language="zh")
        assert of_file.replace(" ", "") == catalogue[english].replace(" ", ""), state


def test_a_column_that_counts_is_told_also_where_its_group_as_a_whole_does_not(book):
    # usage and its copy are one group, whose sum is below nought.
    assert reasons_of(book, ONE, [0.3, -0.5, -0.2, -0.1, 0.0, 0.0]) == ["usage is 0.95"]


def test_columns_that_the_bank_puts_in_one_group_give_one_reason_with_their_siblings(frame, phi):
    # usage and its copy say the same; the bank names one of them beside income.
    groups = {"usage": "负债|Debt", "income": "负债|Debt", "sex": "负债|Debt"}
    book = ReasonBook().fit(frame, phi, groups=groups, withheld=["sex"])
    assert {column.name for column in book.columns if column.group == "负债|Debt"} == {"usage", "usage_copy", "income"}
    (reasons,) = book.top_reasons(pd.DataFrame([ONE]), np.array([[0.3, 0.1, 0.5, 0.0, 0.0, 0.0]]))
    assert [(reason.column, reason.phi) for reason in reasons] == [("income", pytest.approx(0.9))]


def test_a_column_withheld_since_is_summed_with_none_of_those_that_it_was_grouped_with(frame, phi):
    # usage is the first of its siblings, so that their group bears its name; the other group bears that of a member.
    book = ReasonBook().fit(frame, phi, groups={"income": "income", "job": "income"})
    one, parts = pd.DataFrame([ONE]), np.array([[0.3, 0.1, 0.5, 0.2, 0.0, 0.0]])
    (before,) = book.top_reasons(one, parts)
    assert before[0].phi == pytest.approx(0.7)

    (reasons,) = book.withholding(["usage", "income"]).top_reasons(one, parts)

    alone = {"usage_copy": 0.1, "job": 0.2}
    assert {each.column: each.phi for each in reasons} == pytest.approx(alone)


@pytest.mark.parametrize("withheld", [[], ["sex"]])
def test_a_column_that_only_bears_a_groups_name_is_not_summed_with_it(frame, phi, withheld):
    book = ReasonBook().fit(frame, phi, groups={"income": "sex", "job": "sex"}, withheld=withheld)
    (reasons,) = book.top_reasons(pd.DataFrame([ONE]), np.array([[0.0, 0.0, 0.5, 0.2, 0.0, 0.9]]))
    assert ("income", pytest.approx(0.7)) in [(each.column, each.phi) for each in reasons]


def test_siblings_that_are_named_in_two_groups_stay_apart():
    siblings = {"a": "a", "b": "a", "c": "a", "d": "d"}
    named = {"a": "one", "b": "two"}
    assert summed_groups("abcd", siblings, named=named) == {"a": "one", "b": "two", "c": "a", "d": "d"}


def test_where_only_a_withheld_column_counts_it_is_said_that_no_reason_may_be_told(book):
    texts, counts = book.tell(pd.DataFrame([ONE]), np.array([[-0.1, -0.1, -0.2, -0.1, 0.0, 0.9]]), language="zh")

    assert texts[0].tolist() == ["不予列示：只有受保护列使该客户的概率升高，不得作为原因", "", "", ""]
    assert (counts.given, counts.withheld, counts.masked) == (0, 1, 1)


def test_no_other_column_speaks_for_a_withheld_one_it_is_correlated_with(frame, phi):
    frame["age"], phi["age"] = frame["usage"] * 50, phi["usage"]
    book = ReasonBook().fit(frame, phi, withheld=["age"])
    one = ONE | {"age": 48}

    (reasons,) = book.top_reasons(pd.DataFrame([one]), np.array([[0.1, 0.0, 0.3, 0.0, 0.0, 0.0, 5.0]]))

    assert [(reason.column, reason.phi) for reason in reasons] == [("income", 0.3), ("usage", pytest.approx(0.1))]
    assert book.tell(pd.DataFrame([one]), np.array([[0.1, 0.0, 0.3, 0.0, 0.0, 0.0, 5.0]]))[1].masked == 1


@pytest.mark.parametrize(
    ("label", "yes", "no"),
    [
        ("活跃会员", "是活跃会员", "不是活跃会员"), ("是否活跃会员", "是活跃会员", "不是活跃会员"),
        ("有效客户", "是有效客户", "不是有效客户"), ("VIP客户", "是 VIP客户", "不是 VIP客户"), ("已婚", "已婚", "未婚"),
        ("有房贷", "有房贷", "没有房贷"), ("是否有房", "有房", "没有房"), ("有无担保", "有担保", "没有担保"),
        ("网银开通", "网银开通：是", "网银开通：否"), ("是否逾期", "是否逾期：是", "是否逾期：否"),
    ],
)  # fmt: skip
def test_yes_and_no_are_told_as_words(label, yes, no):
    frame = pd.DataFrame({"flag": [0.0, 1.0, 1.0, 0.0] * 30})
    book = ReasonBook().fit(frame, frame - 0.5)
    labels = {"flag": {"zh": label, "en": "Active member"}}

    def told(value: float, language: str) -> str:
        return book.tell(pd.DataFrame({"flag": [value]}), np.array([[1.0]]), n=1, labels=labels, language=language)[0][
            0, 0
        ]

    assert (told(1.0, "zh"), told(0.0, "zh")) == (yes, no)
    assert (told(1.0, "en"), told(0.0, "en")) == ("Active member: yes", "Active member: no")
    assert told(float("nan"), "zh") == f"{label}缺失"


def test_a_number_of_things_that_happens_to_be_nought_or_one_is_a_number():
    frame = pd.DataFrame({"逾期次数": [0.0, 1.0] * 60, "code": [1.0, 2.0] * 60})
    book = ReasonBook().fit(frame, frame - 0.5)

    texts = book.reason_texts(frame.iloc[[1]], np.array([[1.0, 1.0]]), n=1, language="zh")

    assert (texts[0, 0], [column.is_flag for column in book.columns]) == ("逾期次数为 1", [False, False])


def test_sentences_come_in_both_languages_with_the_banks_labels(book):
    rows = pd.DataFrame([ONE | {"income": np.nan}])
    labels = {"usage": {"en": "Card utilisation", "zh": "信用卡使用率"}, "job": {"zh": "职业"}}
    parts = np.array([[0.9, 0.0, 0.7, 0.2, 0.1, 0.0]])

    english = book.reason_table(rows, parts, n=4, labels=labels).iloc[0].tolist()
    chinese = book.reason_table(rows, parts, n=4, labels=labels, language="zh").iloc[0].tolist()

    assert english == [
        "Card utilisation is high (0.95)", "income is not known", "职业 is clerk", "opened is late (2017-05-01)",
    ]  # fmt: skip
    assert chinese == ["信用卡使用率偏高（0.95）", "income 缺失", "职业为 clerk", "opened 较晚（2017-05-01）"]


EDUCATION = {"1": {"en": "graduate", "zh": "研究生"}, "2": {"zh": "本科"}, "3.0": {"en": "school", "zh": "高中"}}
SEX = {"0": {"en": "female", "zh": "女"}, "1": {"en": "male", "zh": "男"}}


def test_a_code_is_told_by_its_meaning_and_never_called_high_and_an_unknown_one_stays_as_it_is():
    frame = pd.DataFrame({"education": [1.0, 2.0, 3.0, 3.0] * 60, "income": np.arange(240.0)})
    phi = pd.DataFrame({"education": frame["education"], "income": 0.1 * frame["income"]})
    meanings = {"education": EDUCATION, "income": {"-9": {"zh": "未填"}}}
    book = ReasonBook().fit(frame, phi, meanings=meanings)

    def told(column: str, value: object, language: str) -> str:
        rows, parts = pd.DataFrame([{"education": 1.0, "income": 1.0} | {column: value}]), phi.head(1) * 0
        parts[column] = 5.0
        labels = {"education": {"en": "Education", "zh": "学历"}}
        (reason,) = book.top_reasons(rows, parts, n=1)[0]
        text = str(book.tell(rows, parts, n=1, labels=labels, language=language, meanings=meanings)[0][0, 0])
        assert reason.text(labels, language, meanings=meanings) == text
        return text

    assert [told("education", value, "zh") for value in (1.0, 2, "3", 5.0)] == [
        "学历为研究生", "学历为本科", "学历为高中", "学历为 5",
    ]  # fmt: skip
    assert [told("education", value, "en") for value in (1.0, 3.0)] == ["Education is graduate", "Education is school"]
    # A column of which only some codes mean something is a quantity all the same.
    assert (told("income", 200.0, "zh"), told("income", -9.0, "zh")) == ("income 偏高（200）", "income 为未填")


def test_nought_and_one_that_mean_something_are_no_yes_and_no():
    frame = pd.DataFrame({"sex": [0.0, 1.0] * 60, "member": [1.0, 0.0, 0.0, 1.0] * 30})
    meanings = {"sex": SEX, "member": {"1": {"zh": "是", "en": "yes"}, "0": {"zh": "否", "en": "no"}}}
    labels = {"sex": {"zh": "性别", "en": "Sex"}, "member": {"zh": "活跃会员", "en": "Active member"}}
    book = ReasonBook().fit(frame, frame - 0.5, meanings=meanings)

    texts, _ = book.tell(frame.head(2), frame.head(2) + 1, n=2, labels=labels, language="zh", meanings=meanings)

    assert [sorted(row) for row in texts.tolist()] == [["性别为女", "是活跃会员"], ["不是活跃会员", "性别为男"]]


def test_the_banks_own_reason_is_said_as_it_stands_and_quotes_no_value(book):
    labels = {"usage": {"en": "Card utilisation", "reason_en": "The card is used too much", "reason_zh": "用卡过多"}}
    rows, parts = pd.DataFrame([ONE]), np.array([[0.9, 0.0, 0.7, 0.2, 0.1, 0.0]])

    assert book.reason_table(rows, parts, n=1, labels=labels).iloc[0, 0] == "The card is used too much"
    assert book.reason_table(rows, parts, n=1, labels=labels, language="zh").iloc[0, 0] == "用卡过多"
    (reason,) = book.top_reasons(rows, parts, n=1)[0]
    assert reason.text(labels) == "The card is used too much"


def test_table_and_list_give_the_same_reasons_for_every_row(book, frame, phi):
    table = book.reason_table(frame, phi, n=4)
    listed = book.top_reasons(frame, phi, n=4)

    assert table.columns.tolist() == ["reason_1", "reason_2", "reason_3", "reason_4"]
    for texts, reasons in zip(table.to_numpy(), listed, strict=True):
        assert [text for text in texts if text] == [reason.text() for reason in reasons]


def test_yes_and_one_are_told_apart_in_a_long_table_as_in_a_single_row(book):
    rows = pd.DataFrame([ONE] * 40).assign(job=pd.Series([True, 1] * 20, dtype=object))
    table = book.reason_table(rows, np.tile([0.0, 0.0, 0.0, 1.0, 0.0, 0.0], (40, 1)), n=1)
    assert table["reason_1"].tolist() == ["job is true", "job is 1"] * 20


def test_a_missing_column_is_said_to_be_unknown(book, frame, phi):
    table = book.reason_table(frame[["usage", "job"]].head(3), np.tile([0.0, 0.0, 1.0, 0.0, 0.0, 0.0], (3, 1)), n=2)
    assert table["reason_1"].tolist() == ["income is not known"] * 3


def test_the_reference_population_is_subtracted(frame, phi):
    book = ReasonBook().fit(frame, phi, reference=phi[frame["job"] == "clerk"])
    assert reasons_of(book, ONE, [0.0, 0.0, 0.0, 0.2, 0.5, 0.0])[0].startswith("opened is late")
    assert book.columns[3].reference == pytest.approx(0.2)


def test_the_round_trip_through_json_is_exact(book, frame, phi):
    again = ReasonBook.from_dict(json.loads(json.dumps(book.to_dict(), allow_nan=False)))

    assert again == book
    pd.testing.assert_frame_equal(again.reason_table(frame, phi), book.reason_table(frame, phi))


def test_a_special_value_is_neither_high_nor_low():
    months = np.append(np.arange(90.0), np.full(10, 9999.0))
    frame, phi = pd.DataFrame({"months": months}), pd.DataFrame({"months": np.ones(100)})
    book = ReasonBook().fit(frame, phi, special_values={"months": [9999]})
    book = ReasonBook.from_dict(book.to_dict())

    states = [reasons[0].state for reasons in book.top_reasons(frame.iloc[[0, 89, 99]], phi.iloc[[0, 89, 99]])]

    assert states == ["low", "high", "plain"]


def test_a_reason_names_the_columns_whose_contributions_are_in_it():
    times = np.arange(100.0)
    frame = pd.DataFrame({"times": times, "months": 100 - times, "other": np.tile([1.0, 2.0, 0.0, 3.0], 25)})
    phi = pd.DataFrame({"times": np.full(100, 1.2), "months": np.full(100, 0.17), "other": np.full(100, 0.5)})

    first, second = ReasonBook().fit(frame, phi).top_reasons(frame.iloc[[50]], phi.iloc[[50]])[0]

    assert (first.column, first.also, round(first.phi, 2)) == ("times", ("months",), 1.37)
    assert (second.column, second.also) == ("other", ())
    assert first.to_dict()["also"] == ["months"]


def test_customers_just_approved_have_at_most_twice_the_odds_of_those_at_the_cut_off():
    odds = np.array([0.1, 0.12, 0.13, 0.2, 0.24, 0.25, 0.4])
    p = np.repeat(odds / (1 + odds), 40)

    near = approved_near(p, cut_off=0.2)  # odds of 1 to 4, so from 1 to 8 on

    assert np.unique(np.round(p[near] / (1 - p[near]), 6)).tolist() == [0.13, 0.2, 0.24]
    assert len(approved_near(p, cut_off=0.2, most=50)) == 50


def test_where_few_stand_near_the_cut_off_the_nearest_are_taken_and_nobody_where_none_is_approved():
    p = np.append(np.linspace(0.01, 0.05, 100), np.full(20, 0.9))
    assert approved_near(p, cut_off=0.5).tolist() == list(range(70, 100))
    assert approved_near(np.full(50, 0.4), cut_off=0.4).tolist() == []


@pytest.fixture
def declined() -> tuple[ReasonBook, pd.DataFrame, pd.DataFrame, np.ndarray]:
    """A linear model: a third of all are declined, some of them in nothing worse than the typical customer but age."""
    random = np.random.default_rng(3)
    frame = pd.DataFrame(random.normal(size=(900, 3)), columns=["usage", "late", "age"])
    phi = frame * [1.0, 0.5, 0.2]
    margin = phi.sum(axis=1).to_numpy() - 1.0
    p = 1 / (1 + np.exp(-margin))
    cut_off = float(np.quantile(p, 0.67))
    near = approved_near(p, cut_off)
    baseline = Baseline(APPROVED, cut_off, float(p[near].min()), float(p[near].max()), len(near))
    book = ReasonBook().fit(frame, phi, reference=phi.iloc[near].to_numpy(), baseline=baseline)
    return book, frame, phi, np.flatnonzero(p >= cut_off)


def test_everybody_declined_has_a_reason_against_those_just_approved(declined):
    book, frame, phi, rows = declined
    _texts, counts = book.tell(frame.iloc[rows], phi.iloc[rows])
    assert (counts.rows, counts.nothing) == (len(rows), 0)


def test_who_is_better_than_those_just_approved_is_told_so_and_by_name_of_the_baseline(declined):
    book, frame, phi, _rows = declined
    best = phi.sum(axis=1).to_numpy().argmin()
    again = ReasonBook.from_dict(json.loads(json.dumps(book.to_dict())))

    texts, _counts = again.tell(frame.iloc[[best]], phi.iloc[[best]] - 9)
    (listed,) = again.top_reasons(frame.iloc[[best]], phi.iloc[[best]] - 9)

    assert texts[0, 0] == "None: no value raises this customer's probability above that of customers just approved"
    assert listed[0].text() == texts[0, 0]
    assert str(again.baseline.told).startswith(f"Reasons compare with {book.baseline.rows} customers just approved")


def test_a_book_kept_before_there_was_a_baseline_compares_with_the_typical_customer(book):
    plain = book.to_dict()
    del plain["baseline"]
    assert str(ReasonBook.from_dict(plain).baseline.told) == "Reasons compare with the typical customer."


def test_the_overlap_of_reasons_is_that_of_jaccard():
    one, other = [frozenset("abcd"), frozenset("a")], [frozenset("abce"), frozenset("a")]
    assert overlap(one, other) == pytest.approx((3 / 5 + 1) / 2)


def test_reasons_that_hang_on_who_is_compared_with_are_unstable(declined):
    book, frame, phi, rows = declined
    few, parts, reference = frame.iloc[rows], phi.iloc[rows].to_numpy(), phi.iloc[:300].to_numpy()

    steady = quality_of_reasons(book, few, phi=parts, reference=np.repeat(reference[:1], 100, axis=0))
    shaky = quality_of_reasons(book, few, phi=parts, reference=reference[:4] * 5)
    refits = quality_of_reasons(
        book, few, phi=parts, reference=reference, by_fit=[(parts, reference), (parts[:, ::-1], reference[:, ::-1])]
    )

    assert (steady.rows, steady.unheard, steady.resampled, steady.is_stable) == (len(rows), 0, 1.0, True)
    assert shaky.resampled < 0.8
    assert not shaky.is_stable
    assert refits.fits == 2
    assert refits.refitted < 1.0


def test_how_far_reasons_can_be_relied_on_reads_each_column_once(declined, monkeypatch):
    book, frame, phi, rows = declined
    read = []
    states_of = books.states_of
    monkeypatch.setattr(books, "states_of", lambda column, cells: read.append(column.name) or states_of(column, cells))
    parts, reference = phi.iloc[rows].to_numpy(), phi.iloc[:300].to_numpy()

    found = quality_of_reasons(book, frame.iloc[rows], phi=parts, reference=reference, by_fit=[(parts, reference)] * 2)

    _texts, counts = book.tell(frame.iloc[rows], parts, n=1)
    assert (found.unheard, found.withheld, found.masked) == (counts.rows - counts.given, counts.withheld, counts.masked)
    assert read == 2 * book.names


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (0.11, 0.199, ("11.0%", "19.9%")),
        (0.00012, 0.00019, ("0.01%", "0.02%")),
        (0.00021, 0.00023, ("0.021%", "0.023%")),
        (0.0, 0.0004, ("0.00%", "0.04%")),
        (0.2, 0.2, ("20.0%", "20.0%")),
    ],
)
def test_probabilities_of_rare_events_are_told_from_nothing_and_apart(low: float, high: float, told: tuple[str, str]):
    params = Baseline("approved", 0.3, low, high, 40).told.params
    assert (params["low"], params["high"]) == told
