"""Personal data are found by form, checksums included, and by the column's name; ordinary columns raise no alarm."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import polars as pl
import pytest

from experiments.privacy.personal import find_personal_data, kind_of
from experiments.privacy.personal_patterns import id_check_digit, matches
from tests.experiments import people

ROWS = 400
WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


def in_fours(number: str) -> str:
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def values(make: Callable[[Random], str], seed: int = 1) -> pl.Series:
    random = Random(seed)
    return pl.Series([make(random) for _ in range(ROWS)])


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("id_card", people.id_card),
        ("id_card", people.old_id_card),
        ("mobile", people.mobile),
        ("mobile", lambda random: "+86" + people.mobile(random)),
        ("mobile", lambda random: "138 " + people.mobile(random)[3:]),
        ("bank_card", people.bank_card),
        ("bank_card", lambda random: people.bank_card(random, 16)),
        ("id_card", lambda random: people.id_card(random).translate(WIDE)),
        ("mobile", lambda random: f"(+86){people.mobile(random)}"),
        ("mobile", lambda random: people.mobile(random).translate(WIDE)),
        ("bank_card", lambda random: in_fours(people.bank_card(random))),
        ("email", people.email),
        ("name", people.name),
        ("name", lambda random: "　".join(people.name(random))),
        ("name", lambda random: people.name(random) + random.choice(["先生", "女士"])),
        ("address", people.address),
    ],
)
def test_a_column_is_known_by_its_values_whatever_it_is_called(kind: str, make: Callable[[Random], str]) -> None:
    assert kind_of("f17", values(make)) == (kind, False)


def test_numbers_read_as_numbers_are_found_too() -> None:
    assert kind_of("f1", values(people.mobile).cast(pl.Int64)) == ("mobile", False)
    assert kind_of("f1", values(people.bank_card).cast(pl.Int64)) == ("bank_card", False)


def test_a_wrong_check_digit_is_no_identity_number() -> None:
    card = "11010519491231002"
    assert id_check_digit(card) == "X"
    assert matches(pl.Series([card + "X", card + "x", card + "1"]), "id_card").to_list() == [True, True, False]


def test_a_wrong_luhn_digit_is_no_bank_card() -> None:
    good = people.bank_card(Random(3))
    wrong = good[:-1] + str((int(good[-1]) + 1) % 10)
    assert matches(pl.Series([good, wrong]), "bank_card").to_list() == [True, False]


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("loan_id", pl.Series(range(13_000_000_000, 13_000_000_000 + ROWS))),
        ("order_no", pl.Series([str(6_222_020_000_000_000 + n) for n in range(ROWS)])),
        ("loan_no", pl.Series([str(110_105_199_001_010_000 + 3 * n) for n in range(ROWS)])),
        ("serial", values(lambda random: f"{random.randint(10**17, 10**18 - 1)}")),
        ("order_remark", values(lambda random: f"订单{random.randint(10**15, 10**16 - 1)}已发货")),
        ("contract", values(lambda random: f"{random.randint(10**15, 10**16 - 1)}")),
        ("amount", values(lambda random: str(random.randint(10**10, 2 * 10**10))).cast(pl.Int64)),
        ("turnover", values(lambda random: f"{random.uniform(1.3e10, 1.9e10):.2f}").cast(pl.Float64)),
        ("created_ms", values(lambda random: str(random.randint(1_600_000_000_000, 1_700_000_000_000)))),
        ("city", pl.Series(["黄石市", "江门市", "安庆市", "马鞍山市", "常州市"] * 80)),
        ("education", pl.Series(["高中", "大专", "本科", "研究生", "其他"] * 80)),
        ("region", pl.Series(["浙江省杭州市", "江苏省南京市", "广东省深圳市南山区"] * 100)),
        ("contact", pl.Series(["cellular", "telephone", "unknown"] * 100)),
        ("phone", pl.Series(["yes", "no"] * 100)),
        ("name", pl.Series(["Gold card", "silver card", "basic"] * 100)),
        ("months", pl.Series([202001 + n % 12 for n in range(ROWS)])),
    ],
)
def test_ordinary_columns_raise_no_alarm(column: str, cells: pl.Series) -> None:
    assert kind_of(column, cells) is None


@pytest.mark.parametrize(
    ("kind", "write"),
    [
        ("mobile", lambda random: f"客户要求回电{people.mobile(random)}，已记录"),
        ("mobile", lambda random: f"{people.mobile(random)}/{people.mobile(random)}"),
        ("id_card", lambda random: f"证件{people.id_card(random)}已核验"),
        ("bank_card", lambda random: f"还款卡号{people.bank_card(random)}"),
        ("bank_card", lambda random: f"卡 {in_fours(people.bank_card(random, 16))} 扣款失败"),
    ],
)
def test_numbers_inside_remarks_are_found(kind: str, write: Callable[[Random], str]) -> None:
    assert kind_of("remark", values(write)) == (kind, True)


@pytest.mark.parametrize(
    ("kind", "make"), [("mobile", people.mobile), ("id_card", people.id_card), ("email", people.email)]
)
def test_two_people_who_fill_a_file_are_people_too(kind: str, make: Callable[[Random], str]) -> None:
    two = [make(Random(1)), make(Random(2))]
    assert kind_of("f1", pl.Series(two * 100)) == (kind, False)


def test_two_round_amounts_of_eleven_digits_are_no_phones() -> None:
    assert kind_of("limit", pl.Series([13_500_000_000, 15_000_000_000] * 100)) is None


def test_a_few_numbers_among_many_remarks_are_enough() -> None:
    remarks = ["已联系客户，暂无意向，下月再说"] * 1_000 + [f"请拨打{people.mobile(Random(n))}" for n in range(5)]
    assert kind_of("remark", pl.Series(remarks)) == ("mobile", True)


def test_a_name_s_column_counts_latin_names_only_where_it_says_so() -> None:
    names = values(lambda random: random.choice(["Anna", "John", "Mary"]) + " " + random.choice(["Smith", "O'Hara"]))
    assert (kind_of("f1", names), kind_of("customer_name", names)) == (None, ("name", False))


def test_the_share_is_counted_over_all_rows(tmp_path: Path) -> None:
    random = Random(2)
    phones = [people.mobile(random) if n % 4 else None for n in range(1_000)]
    phones[:100] = ["unknown"] * 100
    frame = pl.DataFrame({"phone": phones, "amount": [random.random() for _ in range(1_000)]})
    frame.write_parquet(tmp_path / "t.parquet", row_group_size=300)

    found = find_personal_data(tmp_path / "t.parquet")

    assert list(found) == ["phone"]
    one = found["phone"]
    assert (one.kind, one.rows, one.matches) == ("mobile", 775, 675)
    assert one.share == pytest.approx(675 / 775)
    assert 0.9 < one.confidence <= 1
    assert "13" not in str({**one.to_dict(), "share": 0, "confidence": 0})
