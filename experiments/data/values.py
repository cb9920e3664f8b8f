"""How a single written value is understood: what means nothing, what is an amount, what is a date."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import polars as pl

LARGEST_NUMBER = 1e30

# Read as missing everywhere …
MISSING = (
    *("", "NULL", "null", "Null", "(null)", "(NULL)", "[NULL]", "<NULL>", "\\N", "NaN", "nan", "NAN", "-nan"),
    *("#N/A", "N/A", "n/a", "N/a", "<NA>", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!"),
    *("--", "---", "——", "空", "空值", "(空)", "（空）", "无数据", "暂无", "暂无数据", "缺失", "缺失值"),
)
MISSING_WORDS = frozenset(MISSING)
FEW_DIFFERENT = 1_000
# … and these only among numbers or dates: as a category they may mean something.
MISSING_AMONG_NUMBERS = frozenset(
    (
        *("NA", "na", "None", "none", "-", "—", "–", "/", "\\", ".", "?", "？", "unknown", "Unknown", "UNKNOWN"),
        *("missing", "Missing", "无", "未知", "不详", "未填", "未填写", "不适用", "0000-00-00", "00000000"),
        *MISSING,
    )
)
YES_NO = (
    *({"yes", "no"}, {"y", "n"}, {"true", "false"}, {"t", "f"}, {"是", "否"}, {"有", "无"}, {"对", "错"}, {"真", "假"}),
)

FULL_WIDTH = str.maketrans(
    "０１２３４５６７８９．，％－＋￥＄（）／：−‐’",
    "0123456789.,%-+¥$()/:--'",
    "\u3000\u00a0\u202f\u2009",
)
FULL_WIDTH_SHAPE = "[０-９．，％－＋￥＄（）／：−　\u00a0\u202f]"
CURRENCY = r"(?:CNY|RMB|USD|EUR|HKD|US\$|HK\$|人民币|[¥$€£])?"
UNIT_SIGNS = "百万|千万|万亿|[%％‰千万亿]"
UNIT = r"(百万|千万|万亿|[%‰千万亿])?"
CLOSING = r"(?:元|圆|块|CNY|RMB|USD|EUR|HKD|[¥$€£])?"


def _written_amount(grouping: str, point: str) -> re.Pattern[str]:
    whole = rf"(\d{{1,3}}(?:{grouping}\d{{3}})+|\d+|(?={point}\d))"
    return re.compile(rf"([-+]?){CURRENCY}([-+]?){whole}({point}\d+)?{UNIT}{CLOSING}(-?)")


AMOUNT = _written_amount("[,']", r"\.")
COMMA_AMOUNT = _written_amount("[.']", ",")
# An amount holds no other characters, which settles most codes and names at once.
AMOUNT_CHARACTERS = (
    r"^[-+.,'()%‰ \d．，％－＋￥＄（）−‐’\u3000\u00a0\u202f\u2009CNYRMBUSDEHK人民币¥$€£百千万亿元圆块]+$"
)
# What whole columns are written in is read at once, column by column: the shape, and the sign that multiplies.
USUAL_AMOUNTS = (
    (r"^[-+]?[¥￥$€£]?(0|[1-9][0-9]{0,2}(,[0-9]{3}){1,4}|[1-9][0-9]{0,14})(\.[0-9]{1,6})?元?$", ""),
    (r"^[-+]?(0|[1-9][0-9]{0,3})(\.[0-9]{1,6})?[%％]$", "%"),
    (r"^[-+]?[¥￥$€£]?[1-9][0-9]{0,7}(\.[0-9]{1,6})?万元?$", "万"),
)
# By which power of ten a sign multiplies: written behind the digits, so that 1.001万 is 10010 to the last bit.
POWERS = {"": 0, "%": -2, "‰": -3, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8, "万亿": 12}
# What only a decimal comma can mean: no group of three after it, or points that group before it.
ONLY_DECIMAL_COMMA = re.compile(r"^[^,]*(\d\.\d{3},\d+|(?<![\d.])(0|\d{4,}),\d+|(?<!\d)\d+,(\d{1,2}|\d{4,}))(?![\d,])")
# Digits parted by spaces are one number only in groups of three; a card number stands in groups of four.
PARTED_DIGITS = re.compile(r"\d\s+\d")
GROUPS_OF_THREE = re.compile(r"(?<!\d)\d{1,3}(\s\d{3})+(?!\s*\d)")
# Beyond these digits a float loses some; eleven digits, a comma and eleven more are two phone numbers.
MOST_WHOLE_DIGITS, LONG_WHOLE, LONG_FRACTION = 15, 10, 7
# What may be 1,234 or 1.234 for one reader and a thousand times that for another.
EITHER_SHAPE = r"^[-+]?[1-9]\d{0,2}[.,]\d{3}$"

EIGHT_DIGITS = "%Y%m%d"
FOURTEEN_DIGITS = "%Y%m%d%H%M%S"
SIX_DIGITS = "%Y%m"
LENGTH_OF_DIGITS = {SIX_DIGITS: 6, EIGHT_DIGITS: 8, FOURTEEN_DIGITS: 14}
EXCEL_SERIAL = "excel serial"
# A time of day with the distance to Greenwich behind it.
ZONE_SHAPE = r"(\d:\d{2}(?::\d{2}(?:\.\d+)?)?) ?[-+]\d{2}:?(?:00|30|45)$"
# What systems write in eight digits where there is no end, and where there is no date.
NO_END = ("99991231", "99990101", "29991231", "30001231", "21991231")
NO_DATE = ("0", "99999999")
# 1954 to 2064: days since 1900 as spreadsheets count them.
FIRST_SERIAL, LAST_SERIAL = 20_000, 60_000
SERIAL_ORIGIN = pl.datetime(1899, 12, 30, time_unit="us")
FIRST_YEAR = datetime(1000, 1, 1)
FIRST_MONTH, LAST_MONTH = datetime(1900, 1, 1), datetime(2101, 1, 1)
# What may be a date has a year of four digits, and begins with up to eight and a sign, or with the name of a month.
YEAR_SHAPE = "[0-9０-９]{4}"
DATE_SHAPE = r"^\s*(?:[-+]?[0-9０-９]{1,8}[-/.年\sT－−‐／．]|[A-Za-z]{3,9}[^0-9A-Za-z])"
SLASHED_SHAPE = r"^\s*[0-9０-９]{1,2}[-/－−‐／]"
CLOCKS = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p")
DAY_FIRST = tuple(f"%d{mark}%m{mark}%Y{clock}" for mark in "/-" for clock in CLOCKS)
MONTH_FIRST = tuple(f"%m{mark}%d{mark}%Y{clock}" for mark in "/-" for clock in CLOCKS)
DATE_FORMATS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%d.%m.%Y"),
    # Without a fraction of a second first, for that is read six times faster.
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"),
    *("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M"),
    *("%Y-%m-%dT%H:%M:%SZ", "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日%H时%M分"),
    *("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M"),
    *("%d-%b-%Y", "%d %b %Y", "%d-%b-%Y %H:%M:%S", "%Y%m%d %H:%M:%S", "%Y%m%d %H:%M"),
)
MONTH_FORMATS = ("%Y-%m", "%Y/%m", "%Y年%m月", "%b-%Y")
ALL_DATE_FORMATS = (*DATE_FORMATS, *MONTH_FORMATS)


def plain_width(text: str) -> str:
    """Return full-width digits and signs as the usual ones, without spaces of any width.

    Examples
    --------
    >>> plain_width("－１２，３４５．６％")
    '-12,345.6%'
    """
    return text.translate(FULL_WIDTH).replace(" ", "")


def amount_of(text: str, *, decimal_comma: bool = False) -> float | None:
    """Read a number written with signs, or return ``None``.

    Brackets and a minus at the end make a number negative, as in books. With ``decimal_comma`` points group digits
    and a comma begins the fraction.

    Examples
    --------
    >>> amount_of("1.2万"), amount_of("12%"), amount_of("￥1,234.50"), amount_of("１２"), amount_of("12a")
    (12000.0, 0.12, 1234.5, 12.0, None)
    >>> amount_of("(1,234.50)"), amount_of("1.234,56 €", decimal_comma=True)
    (-1234.5, 1234.56)
    >>> amount_of("6222 0212 3456 7890"), amount_of("００１２"), amount_of("1 234")
    (None, None, 1234.0)
    """
    if _is_parted_otherwise(text):
        return None
    plain = plain_width(text)
    is_bracketed = len(plain) > 2 and plain[0] == "(" and plain[-1] == ")"
    if is_bracketed:
        plain = plain[1:-1]
    found = (COMMA_AMOUNT if decimal_comma else AMOUNT).fullmatch(plain)
    if not found:
        return None
    before, after, whole, part, times, behind = found.groups()
    whole = re.sub(r"[.,']", "", whole)
    if _is_code(whole, part):
        return None
    digits = whole + (part or "").replace(",", ".")
    signs = [sign for sign in (before, after, behind) if sign]
    if len(signs) + is_bracketed > 1:
        return None
    number = float(f"{digits}e{POWERS[times or '']}")
    return -number if is_bracketed or "-" in signs else number


def _is_parted_otherwise(text: str) -> bool:
    """Tell whether spaces stand between digits where no thousands end."""
    return bool(PARTED_DIGITS.search(text)) and not GROUPS_OF_THREE.search(text)


def _is_code(whole: str, part: str | None) -> bool:
    """Tell whether digits would lose a leading zero, or some of their last, as a number."""
    has_long_fraction = part is not None and len(whole) >= LONG_WHOLE and len(part) > LONG_FRACTION
    return len(whole) > MOST_WHOLE_DIGITS or has_long_fraction or (len(whole) > 1 and whole.startswith("0"))


def is_decimal_comma(text: str) -> bool:
    """Tell whether a number can only be meant with a decimal comma.

    Examples
    --------
    >>> [is_decimal_comma(text) for text in ("1.234,56", "12,5", "0,125", "1,234", "1,234.5", "1.234.567")]
    [True, True, True, False, False, True]
    """
    plain = plain_width(text)
    return _settles_the_comma(plain) and amount_of(plain, decimal_comma=True) is not None


def is_decimal_point(text: str) -> bool:
    """Tell whether a number can only be meant with a decimal point.

    Examples
    --------
    >>> [is_decimal_point(text) for text in ("1,234.56", "12.5", "0.125", "1.234", "12", "1,234,567", "1.234.567")]
    [True, True, True, False, False, True, False]
    """
    swapped = plain_width(text).translate(str.maketrans(".,", ",."))
    return _settles_the_comma(swapped) and amount_of(text) is not None


def _settles_the_comma(plain: str) -> bool:
    return plain.count(".") > 1 or bool(ONLY_DECIMAL_COMMA.search(plain))


def is_yes_no(words: Iterable[str]) -> bool:
    """Tell whether all words belong to one pair of yes and no."""
    lower = {unicodedata.normalize("NFKC", word).lower() for word in words}
    return any(lower <= pair for pair in YES_NO)


def without_missing(texts: pl.Series) -> tuple[pl.Series, Counter[str]]:
    """Trim texts and null those that mean missing; return also how often each such word stood there."""
    if _are_few_and_tidy(texts):
        return texts, Counter()
    trimmed = bared(texts.str.strip_chars())
    is_word = trimmed.is_in(list(MISSING))
    if not is_word.any():
        return trimmed, Counter()
    tally = trimmed.filter(is_word).value_counts(name="n")
    words = dict(zip(tally.to_series(0).to_list(), tally["n"].to_list(), strict=True))
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(texts))
    return trimmed.zip_with(~is_word.fill_null(False), nothing), Counter({word: n for word, n in words.items() if word})


def bared(texts: pl.Series) -> pl.Series:
    """Take off the ="…" by which exports keep a spreadsheet from making a number of a code."""
    return texts.str.replace(r'^="(.*)"$', "$1") if texts.str.starts_with('="').any() else texts


def _are_few_and_tidy(texts: pl.Series) -> bool:
    """Look at each different text once, for most columns of words have few of them; that is much faster."""
    if texts.head(2 * FEW_DIFFERENT).n_unique() > FEW_DIFFERENT:
        return False
    different = texts.unique()
    return len(different) <= FEW_DIFFERENT and not any(needs_tidying(text) for text in different.to_list())


def needs_tidying(text: str | None) -> bool:
    """Tell whether a text means nothing, or has spaces around it or marks that are not its own."""
    return text is not None and (text in MISSING_WORDS or text != text.strip() or text.startswith('="'))


def parse_numbers(texts: pl.Series) -> pl.Series:
    """Plain decimal numbers as floats; everything else is null."""
    return texts.cast(pl.Float64, strict=False)


def within_reason(numbers: pl.Series) -> pl.Series:
    """Null what is infinite, no number, or beyond any amount."""
    number = pl.col("number")
    # Asked at once, for on short parts of many columns each call counts.
    beyond = (number.abs() > LARGEST_NUMBER) | number.is_nan()
    if not numbers.to_frame("number").select_seq(beyond.any()).item():
        return numbers
    is_beyond = is_huge(numbers).fill_null(False)
    return numbers.zip_with(~is_beyond, pl.Series([None], dtype=pl.Float64).new_from_index(0, len(numbers)))


def is_huge(numbers: pl.Series) -> pl.Series:
    """Tell which numbers are infinite, no number, or beyond any amount."""
    return (numbers.abs() > LARGEST_NUMBER) | numbers.is_nan()


def parse_amounts(texts: pl.Series, *, decimal_comma: bool = False) -> pl.Series:
    """Numbers, also those written with signs, as floats."""
    if decimal_comma:
        return _parse_comma_amounts(texts)
    return _with_spelled(texts, _parse_usual_amounts(texts), decimal_comma=False)


def _parse_usual_amounts(texts: pl.Series) -> pl.Series:
    """Read plain numbers and the usual signs; gives what ``amount_of`` gives, or null."""
    numbers = parse_numbers(texts)
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(texts))
    for shape, sign in USUAL_AMOUNTS:
        is_usual = texts.str.contains(shape).fill_null(False) & numbers.is_null()
        if is_usual.any():
            usual = texts.zip_with(is_usual, nothing)
            found = parse_numbers(usual.str.replace_all(r"[^0-9.]", "") + f"e{POWERS[sign]}")
            numbers = numbers.zip_with(~is_usual, found.zip_with(~usual.str.starts_with("-"), -found))
    return numbers


def _parse_comma_amounts(texts: pl.Series) -> pl.Series:
    # Gives what ``amount_of`` gives; a nought groups no thousands.
    plain = texts.str.contains(r"^[-+]?(0|[1-9]\d{0,9}|[1-9]\d{0,2}(\.\d{3}){1,4})(,\d{1,7})?$").fill_null(False)
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(texts))
    usual = texts.zip_with(plain, nothing).str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    return _with_spelled(texts, parse_numbers(usual), decimal_comma=True)


def _with_spelled(texts: pl.Series, numbers: pl.Series, *, decimal_comma: bool) -> pl.Series:
    """Read what is no plain number word by word; each different word once."""
    words = texts.filter(numbers.is_null() & texts.is_not_null()).unique()
    if words.is_empty():
        return numbers
    amounts = {word: amount_of(word, decimal_comma=decimal_comma) for word in words}
    spelled = texts.replace_strict(amounts, default=None, return_dtype=pl.Float64)
    return numbers.zip_with(numbers.is_not_null(), spelled)


def parse_dates(texts: pl.Series, formats: Iterable[str]) -> pl.Series:
    """Dates written in any of the formats, tried in order; plain digits only from 1900 to 2100, or as no end.

    A time zone behind a time of day is left aside: the time is kept as it was written.
    """
    formats = tuple(formats)
    dates = _no_dates(texts.name, len(texts))
    for format_ in formats:
        found = _parse_format(texts, format_)
        dates = dates.zip_with(dates.is_not_null(), found)
        if dates.null_count() == texts.null_count():
            return dates
    has_zone = texts.str.contains(ZONE_SHAPE)
    if has_zone.any():
        local = texts.str.replace(ZONE_SHAPE, "$1")
        dates = dates.zip_with(dates.is_not_null(), parse_dates(local, formats))
    is_wide = texts.str.contains(FULL_WIDTH_SHAPE)
    if not is_wide.any():
        return dates
    return dates.zip_with(dates.is_not_null(), parse_dates(_plain_dates(texts, is_wide), formats))


def _plain_dates(texts: pl.Series, is_wide: pl.Series) -> pl.Series:
    """Return the texts with full-width signs made plain, keeping the space before the time of day."""
    plain = {
        word: " ".join(part.translate(FULL_WIDTH) for part in word.replace("\u3000", " ").split())
        for word in texts.filter(is_wide).unique().to_list()
        if word is not None
    }
    return texts.replace_strict(plain, default=None, return_dtype=pl.String)


def _no_dates(name: str, length: int) -> pl.Series:
    return pl.Series(name, [None], dtype=pl.Datetime("us")).new_from_index(0, length)


def _parse_format(texts: pl.Series, format_: str) -> pl.Series:
    if format_ == EXCEL_SERIAL:
        return parse_serials(parse_numbers(texts))
    if format_ in LENGTH_OF_DIGITS:
        plausible = (texts.str.len_bytes() == LENGTH_OF_DIGITS[format_]) & (texts >= "1900") & (texts < "2101")
        if format_ == EIGHT_DIGITS:
            plausible = plausible | texts.is_in(list(NO_END))
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(texts))
        texts = texts.zip_with(plausible.fill_null(False), nothing)
    if format_ in (*MONTH_FORMATS, SIX_DIGITS):
        # A month is its first day.
        texts, format_ = texts + "|01", format_ + "|%d"
    dates = texts.str.to_datetime(format_, strict=False, time_unit="us")
    if format_.endswith("|%d"):
        # A code such as 1001-05 is no month of the middle ages.
        is_month = dates.is_between(FIRST_MONTH, LAST_MONTH, closed="left").fill_null(False)
        return dates.zip_with(is_month, _no_dates(dates.name, len(dates)))
    early = dates < FIRST_YEAR
    if not early.any():
        return dates
    # A year of two digits is not the year 24; the year 1 is written 0001.
    kept = ~early | texts.str.contains(r"^\d{4}")
    return dates.zip_with(kept.fill_null(False), _no_dates(dates.name, len(dates)))


def is_serial(numbers: pl.Series) -> pl.Series:
    """Tell which numbers may be a spreadsheet's days since 1900."""
    return numbers.is_between(FIRST_SERIAL, LAST_SERIAL)


def parse_serials(numbers: pl.Series) -> pl.Series:
    """Dates from a spreadsheet's days since 1900, with the time of day as the fraction, to the second."""
    seconds = (numbers * 86_400).round().cast(pl.Int64, strict=False)
    frame = pl.DataFrame({"seconds": seconds, "fits": is_serial(numbers).fill_null(False)})
    found = pl.when("fits").then(SERIAL_ORIGIN + pl.duration(seconds="seconds", time_unit="us"))
    return frame.select(found.alias(numbers.name))[numbers.name]
