"""What is read or counted a whole column at a time comes out as if every word had been looked at by itself."""

import random

import polars as pl
import pytest

from experiments.data.parsing import parse_amounts, parse_numbers, without_missing
from experiments.data.values import amount_of, tidied
from experiments.data.written_counts import count_column
from experiments.ingest import sources

SIGNS = ("", "", "-", "+", "￥", "¥", "$", "-￥", "￥-", "(")
UNITS = ("", "", "%", "％", "万", "元", "万元", "亿", "‰", "-", " 元", "%%", "/3", "-05", ")", "￥")


@pytest.fixture(scope="module")
def amounts() -> list[str]:
    """Amounts as people write them, rightly and wrongly."""
    chance = random.Random(3)
    words = []
    for _ in range(30_000):
        number = round(chance.lognormvariate(6, 4), chance.randrange(8))
        text = f"{number:,}" if chance.random() < 0.5 else str(number)
        text = "0" * (chance.random() < 0.05) + text.removesuffix(".0")
        words.append(chance.choice(SIGNS) + text + chance.choice(UNITS))
    return words


def test_amounts_of_a_column_are_those_of_its_words(amounts):
    found = parse_amounts(pl.Series(amounts)).to_list()
    plain = parse_numbers(pl.Series(amounts)).to_list()

    by_word = [amount_of(word) if number is None else number for word, number in zip(amounts, plain, strict=True)]
    assert found == by_word
    assert sum(number is None for number in plain) > 10_000


@pytest.mark.slow
def test_words_that_differ_only_in_digits_are_counted_as_each_by_itself(amounts):
    different = list(dict.fromkeys(amounts))
    together = count_column(pl.Series(different))
    one_by_one = [count_column(pl.Series([word])) for word in different[:300]]
    part = count_column(pl.Series(different[:300]))

    for name in ("amounts", "comma_amounts", "either_amounts", "percents", "commas", "points", "codes", "odd", "dates"):
        assert getattr(part, name) == sum(getattr(counts, name) for counts in one_by_one), name
    assert together.amounts > 8_000


def test_dates_among_other_words_are_all_counted():
    dates = [
        "2024-01-31",
        "2024年1月31日",
        "2024/1/31 8:05",
        "20240131 08:05:00",
        "31-Jan-2024",
        "Jan-2024",
        "２０２４－０１－３１",
    ]
    others = ["C2024-01-31", "2024x01-31", "1,234.50", "138-0013-8000", "2024"]

    dates.append("２０２４－０１－３１")

    counts = count_column(pl.Series([*dates, *others, "31/01/2024"]))

    assert (counts.dates, counts.day_first, counts.month_first) == (len(dates), 1, 0)


def test_a_column_is_written_anew_where_all_rows_say_something_else_than_the_first(ingest, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "BLOCK_BYTES", 1 << 12)
    first = ["12%", "1,200", "7"] * 10_000
    told: list[float] = []

    report = ingest(
        "rate\n" + "\n".join(f'"{word}"' for word in [*first, *["approved", "refused"] * 20_000]) + "\n",
        on_progress=lambda share, rows: told.append(share),
    )

    assert [(column.name, column.type) for column in report.columns] == [("rate", "categorical")]
    assert pl.read_parquet(tmp_path / "table.parquet")["rate"].value_counts().height == 5
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_words_of_a_column_are_tidied_as_each_by_itself():
    chance = random.Random(5)
    parts = ("", " ", "\u3000", "\u00a0", "\t", '="', '"', "007", "N/A", "空值", "a b", "=", "NULL", "—")
    words = ["".join(chance.choices(parts, k=chance.randrange(1, 5))) for _ in range(20_000)]

    assert without_missing(pl.Series(words))[0].to_list() == [tidied(word) for word in words]
