"""How a single written value is understood: what means nothing, what is an amount, what is a date."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

from experiments.yes_no import are_one_pair

LARGEST_NUMBER = 1e30

# Read as missing everywhere …
MISSING = (
    *("", "NULL", "null", "Null", "(null)", "(NULL)", "[NULL]", "<NULL>", "\\N", "NaN", "nan", "NAN", "-nan"),
    *("#N/A", "N/A", "n/a", "N/a", "<NA>", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!"),
    *("--", "---", "——", "空", "空值", "(空)", "（空）", "无数据", "暂无", "暂无数据", "缺失", "缺失值"),
)
MISSING_WORDS = frozenset(MISSING)
# … and these only among numbers or dates: as a category they may mean something.
MISSING_AMONG_NUMBERS = frozenset(
    (
        *("NA", "na", "None", "none", "-", "—", "–", "/", "\\", ".", "?", "？", "unknown", "Unknown", "UNKNOWN"),
        *("missing", "Missing", "无", "未知", "不详", "未填", "未填写", "不适用", "0000-00-00", "00000000"),
        *MISSING,
    )
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
    """Return whether spaces stand between digits where no thousands end."""
    return bool(PARTED_DIGITS.search(text)) and not GROUPS_OF_THREE.search(text)


def _is_code(whole: str, part: str | None) -> bool:
    """Return whether digits would lose a leading zero, or some of their last, as a number."""
    has_long_fraction = part is not None and len(whole) >= LONG_WHOLE and len(part) > LONG_FRACTION
    return len(whole) > MOST_WHOLE_DIGITS or has_long_fraction or (len(whole) > 1 and whole.startswith("0"))


def is_decimal_comma(text: str) -> bool:
    """Return whether a number can only be meant with a decimal comma.

    Examples
    --------
    >>> [is_decimal_comma(text) for text in ("1.234,56", "12,5", "0,125", "1,234", "1,234.5", "1.234.567")]
    [True, True, True, False, False, True]
    """
    plain = plain_width(text)
    return _settles_the_comma(plain) and amount_of(plain, decimal_comma=True) is not None


def is_decimal_point(text: str) -> bool:
    """Return whether a number can only be meant with a decimal point.

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
    """Return whether all words belong to one pair of yes and no."""
    return are_one_pair(unicodedata.normalize("NFKC", word) for word in words)


def needs_tidying(text: str | None) -> bool:
    """Return whether a text means nothing, or has spaces around it or marks that are not its own."""
    return text is not None and (text in MISSING_WORDS or text != text.strip() or text.startswith('="'))


def tidied(text: str) -> str | None:
    """Return a text without spaces around it and the ="…" of a spreadsheet; ``None`` if it means nothing.

    Examples
    --------
    >>> [tidied(text) for text in (' a b ', '="007"', "N/A")]
    ['a b', '007', None]
    """
    bare = text.strip()
    bare = bare[2:-1] if bare.startswith('="') and bare.endswith('"') and len(bare) > 2 else bare
    return None if bare in MISSING_WORDS else bare
