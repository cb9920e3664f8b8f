"""How a single written value is understood: what means nothing, what is an amount, what is a date."""

import re
from collections.abc import Iterable

import polars as pl

LARGEST_NUMBER = 1e30

# Read as missing everywhere …
MISSING = ("", "NULL", "null", "Null", "\\N", "NaN", "nan", "NAN", "#N/A", "N/A", "n/a", "<NA>", "#NULL!", "#DIV/0!")
# … and these only among numbers or dates: as a category they may mean something.
MISSING_AMONG_NUMBERS = frozenset(
    (
        *("NA", "na", "None", "none", "-", "--", "—", ".", "?", "unknown", "Unknown", "missing", "#VALUE!", "#REF!"),
        *("无", "未知", "空", "缺失", "不详", "0000-00-00", "00000000"),
    )
)
YES_NO = (
    *({"yes", "no"}, {"y", "n"}, {"true", "false"}, {"t", "f"}, {"是", "否"}, {"有", "无"}, {"对", "错"}, {"真", "假"}),
)

FULL_WIDTH = str.maketrans("０１２３４５６７８９．，％－＋￥　", "0123456789.,%-+¥ ")
AMOUNT = re.compile(r"([-+]?)(?:CNY|RMB|[¥$€£])?([-+]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?([%万亿]?)(?:元|CNY|RMB)?")
TIMES = {"": 1.0, "%": 0.01, "万": 1e4, "亿": 1e8}

EIGHT_DIGITS = "%Y%m%d"
DAY_FIRST, MONTH_FIRST = "%d/%m/%Y", "%m/%d/%Y"
DATE_FORMATS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"),
    *("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M"),
    *("%Y-%m-%dT%H:%M:%SZ", "%Y年%m月%d日 %H:%M:%S", "%d-%b-%Y", "%d %b %Y", "%Y%m%d %H:%M:%S"),
)
MONTH_FORMATS = ("%Y-%m", "%Y/%m", "%Y年%m月", "%b-%Y")
ALL_DATE_FORMATS = (*DATE_FORMATS, *MONTH_FORMATS)


def amount_of(text: str) -> float | None:
    """Read a number written with signs, or return ``None``.

    Examples
    --------
    >>> amount_of("1.2万"), amount_of("12%"), amount_of("￥1,234.50"), amount_of("１２"), amount_of("12a")
    (12000.0, 0.12, 1234.5, 12.0, None)
    """
    plain = text.translate(FULL_WIDTH).replace(" ", "")
    found = AMOUNT.fullmatch(plain)
    if not found:
        return None
    before, after, whole, part, times = found.groups()
    number = float(whole.replace(",", "") + (part or "")) * TIMES[times]
    return round(-number if "-" in (before, after) else number, 12)


def has_digit(text: str) -> bool:
    """Tell whether a word holds a digit, as codes do."""
    return any(character.isdigit() for character in text)


def is_yes_no(words: Iterable[str]) -> bool:
    """Tell whether all words belong to one pair of yes and no."""
    lower = {word.lower() for word in words}
    return any(lower <= pair for pair in YES_NO)


def parse_numbers(texts: pl.Series) -> pl.Series:
    """Plain decimal numbers as floats; everything else is null."""
    return texts.cast(pl.Float64, strict=False)


def parse_amounts(texts: pl.Series) -> pl.Series:
    """Numbers, also those written with signs, as floats."""
    numbers = parse_numbers(texts)
    words = texts.filter(numbers.is_null() & texts.is_not_null()).unique()
    if words.is_empty():
        return numbers
    amounts = {word: amount_of(word) for word in words}
    spelled = texts.replace_strict(amounts, default=None, return_dtype=pl.Float64)
    return numbers.zip_with(numbers.is_not_null(), spelled)


def parse_dates(texts: pl.Series, formats: Iterable[str]) -> pl.Series:
    """Dates written in any of the formats, tried in order; eight plain digits only from 1900 to 2100."""
    dates = pl.Series(texts.name, [None], dtype=pl.Datetime("us")).new_from_index(0, len(texts))
    for format_ in formats:
        found = _parse_format(texts, format_)
        dates = dates.zip_with(dates.is_not_null(), found)
        if dates.null_count() == texts.null_count():
            break
    return dates


def _parse_format(texts: pl.Series, format_: str) -> pl.Series:
    if format_ == EIGHT_DIGITS:
        plausible = (texts.str.len_bytes() == 8) & (texts >= "19000101") & (texts <= "21001231")
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(texts))
        texts = texts.zip_with(plausible.fill_null(False), nothing)
    if format_ in MONTH_FORMATS:
        # A month is its first day.
        texts, format_ = texts + "|01", format_ + "|%d"
    return texts.str.to_datetime(format_, strict=False, time_unit="us")
