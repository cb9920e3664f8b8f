"""Finds personal data in a table: identity, phone and card numbers, e-mail addresses, names and postal addresses."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.data.parts import parts_of

PersonalKind = Literal["id_card", "mobile", "bank_card", "email", "name", "address"]
KINDS: tuple[PersonalKind, ...] = ("id_card", "mobile", "bank_card", "email", "name", "address")

ROWS_IN_SAMPLE = 20_000
CELLS_IN_SAMPLE = 8_000_000
COLUMNS_AT_ONCE = 100
ROWS_AT_ONCE = 500_000

PROVINCE = "(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91)"
MONTH_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
ID_CARD = rf"{PROVINCE}\d{{4}}(?:18|19|20)\d{{2}}{MONTH_DAY}\d{{3}}[\dXx]"
OLD_ID_CARD = rf"{PROVINCE}\d{{6}}{MONTH_DAY}\d{{3}}"
MOBILE = r"(?:\+?86|0086)?1[3-9]\d{9}"
BANK_CARD = r"(?:62|3[05]|4\d|5[1-8]|2[2-7]|6[058]|9\d)\d{14,17}"
EMAIL = r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}"
# The two hundred most frequent ones, which nine in ten people bear; rarer ones begin ordinary words too often.
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟"
    "谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔"
    "伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍"
    "華劉張陳楊黃趙吳馬羅鄭謝許韓馮鄧蕭"
)
LONG_SURNAMES = "欧阳|司马|上官|诸葛|司徒|东方|皇甫|尉迟|令狐|慕容|夏侯|宇文|公孙"
TITLES = "先生|女士|小姐"
CHINESE_NAME = (
    rf"(?:(?:[{SURNAMES}]|{LONG_SURNAMES})\p{{Han}}{{1,2}}(?:{TITLES})?|\p{{Han}}{{2,8}}[·•]\p{{Han}}{{2,8}})"
)
LATIN_NAME = r"[A-Z][A-Za-z'’.-]+(?:,? [A-Z][A-Za-z'’.-]*){0,3}"
STREET = r"路|街|巷|弄|胡同|大道|村|镇|乡|小区|花园|公寓|大厦|号|栋|幢|单元|室|组"
ADDRESS = rf"^\p{{Han}}.*(?:{STREET}).*(?:\d|[一二三四五六七八九十]).*$"
LATIN_ADDRESS = r"(?i)^\d+[\w-]*,? .*\b(?:st|street|ave|avenue|rd|road|lane|ln|drive|dr|blvd|way|court|ct)\b"

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"

HINTS: dict[PersonalKind, re.Pattern[str]] = {
    "id_card": re.compile(r"身份证|证件号|id_?card|(^|_)(idno|id_?number|cert_?(no|num|id)|national_?id|sfz)", re.I),
    "mobile": re.compile(r"手机|电话|联系方式|mobile|phone|(^|_)(tel|cell|msisdn)(_|$)", re.I),
    "bank_card": re.compile(r"银行卡|卡号|账号|帐号|(card|acct|account)_?(no|num|number)?$|(^|_)pan$", re.I),
    "email": re.compile(r"e_?mail|邮箱|邮件", re.I),
    "name": re.compile(
        r"姓名|名字|户名|联系人|借款人|担保人|配偶|客户名"
        r"|(^|_)(full|first|last|sur|given|family|cust(omer)?|client|contact|borrower|holder|user)_?name|^name$",
        re.I,
    ),
    "address": re.compile(r"地址|住址|住所|户籍|addr(ess)?(_|$)", re.I),
}
NOT_PERSONAL = re.compile(r"amount|amt|balance|price|income|金额|余额|额度|收入|时间|time|stamp", re.I)
# Share of a column's values that must have the form, without and with a name that says so.
LEAST_SHARE: dict[PersonalKind, tuple[float, float]] = {
    "id_card": (0.2, 0.05),
    "mobile": (0.5, 0.2),
    "bank_card": (0.5, 0.2),
    "email": (0.2, 0.05),
    "name": (0.85, 0.5),
    "address": (0.5, 0.3),
}
# How far the form alone can be trusted: a checksum or an @ hardly errs, a name is easily taken for another word.
TRUST: dict[PersonalKind, float] = {
    "id_card": 0.99,
    "email": 0.99,
    "bank_card": 0.95,
    "mobile": 0.9,
    "address": 0.8,
    "name": 0.75,
}
# A checksum, a date and a place, or an @ say enough even of one number; of others a code may have the form.
LEAST_DIFFERENT: dict[PersonalKind, int] = {"id_card": 1, "email": 1, "mobile": 1}
FEW_DIFFERENT, LEAST_DIFFERENT_NAMES = 3, 30
LEAST_WITHIN_TEXT, LEAST_ROWS_WITHIN_TEXT = 0.002, 3
LONGEST_LABEL = 20
# What people put between digits, and digits as wide as a Chinese character.
BETWEEN_DIGITS = r"[\s　\-()（）]"
WIDE, PLAIN = "０１２３４５６７８９Ｘｘ＋", "0123456789Xx+"


@dataclass(frozen=True)
class PersonalData:
    """Personal data found in one column.

    Attributes
    ----------
    rows, matches : rows with a value, and how many of these values have the form, over the whole table.
    confidence : 0 to 1, how likely it is that the column holds what ``kind`` says.
    is_within_text : the values are longer texts in which some hold personal data.
    """

    column: str
    kind: PersonalKind
    rows: int
    matches: int
    confidence: float
    is_within_text: bool = False

    @property
    def share(self) -> float:
        """Share of the values that have the form."""
        return self.matches / self.rows if self.rows else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready plain data; no value of the table is among it."""
        return {
            "column": self.column,
            "kind": self.kind,
            "rows": self.rows,
            "matches": self.matches,
            "share": self.share,
            "confidence": self.confidence,
            "is_within_text": self.is_within_text,
        }


def find_personal_data(
    parquet: Path, on_progress: Callable[[float], None] = lambda fraction: None
) -> dict[str, PersonalData]:
    """Return the columns of a Parquet file that hold personal data, with what they hold.

    A sample from all parts of the table decides; what it finds is then counted over all rows.

    Parameters
    ----------
    on_progress : called with the share done; may raise to stop.
    """
    with pq.ParquetFile(parquet) as table:
        suspects = _suspects(table)
        found: dict[str, tuple[PersonalKind, bool]] = {}
        for start in range(0, len(suspects), COLUMNS_AT_ONCE):
            block = suspects[start : start + COLUMNS_AT_ONCE]
            sample = _sample(table, block, len(suspects))
            for name in block:
                kind = kind_of(name, sample[name])
                if kind:
                    found[name] = kind
            on_progress(0.5 * (start + len(block)) / len(suspects))
        return _counted(table, found, on_progress)


def still_holds(parquet: Path, name: str, kind: PersonalKind) -> bool:
    """Tell whether a column holds what it held under another name, which said so: fewer values of the form are enough.

    Parameters
    ----------
    name : of the column now. kind : what it held.
    """
    with pq.ParquetFile(parquet) as table:
        texts = _texts(_sample(table, [name], 1)[name])
    return bool(len(texts)) and float(matches(texts, kind, is_named=True).mean() or 0) >= LEAST_SHARE[kind][1]  # type: ignore[arg-type]


def kind_of(name: str, values: pl.Series) -> tuple[PersonalKind, bool] | None:
    """Return what a column holds by its name and a sample of its values, and whether within longer texts.

    Examples
    --------
    >>> import polars as pl
    >>> kind_of("f1", pl.Series(["13800138000", "139 1234 5678", "+8615012345678"]))
    ('mobile', False)
    """
    texts = _texts(values)
    present = len(texts)
    if not present or (values.dtype.is_numeric() and NOT_PERSONAL.search(name)):
        return None
    distinct = texts.n_unique()
    for kind in KINDS:
        is_named = HINTS[kind].search(name) is not None
        if kind in ("name", "address") and values.dtype.is_numeric():
            continue
        hits = matches(texts, kind, is_named=is_named)
        if _is_enough(kind, texts, hits, distinct=distinct, is_named=is_named):
            return kind, False
    return None if values.dtype.is_numeric() else _kind_within(texts)


def matches(texts: pl.Series, kind: PersonalKind, *, is_named: bool = False) -> pl.Series:
    """Say of each text whether it has the form of ``kind``, checksums included.

    Parameters
    ----------
    texts : no nulls. is_named : the column's name says what it holds, so that names in Latin letters count too.
    """
    match kind:
        case "id_card":
            return _are_id_cards(compact(texts))
        case "mobile":
            return compact(texts).str.contains(f"^{MOBILE}$")
        case "bank_card":
            return _are_bank_cards(compact(texts))
        case "email":
            return texts.str.contains(f"^{EMAIL}$")
        case "name":
            # Two characters are often parted by a space, to stand as wide as three.
            chinese = texts.str.replace_all(r"[\s　]", "").str.contains(f"^{CHINESE_NAME}$")
            return chinese | texts.str.contains(f"^{LATIN_NAME}$") if is_named else chinese
        case "address":
            # A house has no number of eight digits, but remarks on cards and orders do.
            long_enough = (texts.str.len_chars() >= 7) & ~texts.str.contains(r"\d{8}")
            chinese = texts.str.contains(ADDRESS) & long_enough
            return chinese | (texts.str.contains(LATIN_ADDRESS) & long_enough) if is_named else chinese


def is_label(name: str) -> bool:
    """Tell whether a text is surely the name of a column of persons, and no value of one.

    Examples
    --------
    >>> is_label("手机号"), is_label("13800138000"), is_label("王小明")
    (True, False, False)
    """
    is_short = len(name) <= LONGEST_LABEL and not any(character.isdigit() or character == "@" for character in name)
    return is_short and any(pattern.search(name) for pattern in HINTS.values())


def is_a_value(name: str, kind: PersonalKind | None) -> bool:
    """Tell whether the name of a column of persons is itself a value of one, as where a row was taken for names."""
    return kind is not None and not is_label(name) and bool(matches(pl.Series([name]), kind)[0])


def id_check_digit(body: str) -> str:
    """Return the eighteenth character of an identity number by ISO 7064 MOD 11-2.

    Examples
    --------
    >>> id_check_digit("11010519491231002")
    'X'
    """
    return ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(body, ID_WEIGHTS, strict=True)) % 11]


def _are_id_cards(texts: pl.Series) -> pl.Series:
    is_old = texts.str.contains(f"^{OLD_ID_CARD}$")
    is_shaped = texts.str.contains(f"^{ID_CARD}$").to_numpy()
    if is_shaped.any():
        shaped = texts.filter(pl.Series(is_shaped))
        body = shaped.str.slice(0, 17).cast(pl.UInt64).to_numpy()
        sums = np.zeros(len(body), dtype=np.uint64)
        for place, weight in enumerate(ID_WEIGHTS):
            sums += body // np.uint64(10 ** (16 - place)) % np.uint64(10) * np.uint64(weight)
        expected = np.array(list(ID_CHECKS))[(sums % np.uint64(11)).astype(np.int64)]
        is_shaped = is_shaped.copy()
        is_shaped[is_shaped] = shaped.str.slice(17, 1).str.to_uppercase().to_numpy() == expected
    return is_old | pl.Series(is_shaped)


def _are_bank_cards(texts: pl.Series) -> pl.Series:
    is_shaped = texts.str.contains(f"^{BANK_CARD}$").to_numpy()
    if is_shaped.any():
        number = texts.filter(pl.Series(is_shaped)).cast(pl.UInt64).to_numpy()
        is_shaped = is_shaped.copy()
        is_shaped[is_shaped] = _luhn_sums(number) % 10 == 0
    return pl.Series(is_shaped)


def _luhn_sums(numbers: np.ndarray) -> np.ndarray:
    """Return the sums of digits, every second from the right doubled; H. P. Luhn, US patent 2,950,048."""
    sums = np.zeros(len(numbers), dtype=np.int64)
    for place in range(19):
        digit = (numbers // np.uint64(10**place) % np.uint64(10)).astype(np.int64)
        doubled = 2 * digit - 9 * (digit > 4)
        sums += doubled if place % 2 else digit
    return sums


def _is_enough(kind: PersonalKind, texts: pl.Series, hits: pl.Series, *, distinct: int, is_named: bool) -> bool:
    """Tell whether so many values of the form are more than chance."""
    count = int(hits.sum())
    if not count or count / len(texts) < LEAST_SHARE[kind][is_named]:
        return False
    if len(texts) >= 10 and distinct < LEAST_DIFFERENT.get(kind, FEW_DIFFERENT):
        return False
    if kind == "mobile" and distinct < FEW_DIFFERENT and texts.str.ends_with("000").any():
        # An amount or a limit, as round as these are.
        return is_named
    if kind == "name" and not is_named:
        # Words of a list repeat; names of people hardly do.
        return distinct >= max(LEAST_DIFFERENT_NAMES, 0.05 * len(texts))
    if kind in ("mobile", "bank_card", "id_card") and not is_named:
        return not _is_serial(compact(texts.filter(hits)))
    return True


def _is_serial(numbers: pl.Series) -> bool:
    """Tell whether the values stand close together, as the numbers of loans and orders do, and phone numbers do not."""
    values = numbers.str.slice(0, 18).cast(pl.Float64, strict=False).drop_nulls()
    distinct = values.n_unique()
    return distinct >= 10 and float(values.max() - values.min()) < 20 * distinct  # type: ignore[operator,arg-type]


def _kind_within(texts: pl.Series) -> tuple[PersonalKind, bool] | None:
    """Look for numbers and addresses inside longer texts, such as remarks."""
    longer = texts.filter(texts.str.len_chars() > 11)
    # A number that stands alone and is no person's as a whole is none in part.
    longer = longer.filter(~compact(longer).str.contains(r"^\+?\d{1,20}[Xx]?$"))
    if not len(longer):
        return None
    for kind, pattern in WITHIN.items():
        shaped, count = int(longer.str.contains(pattern).sum()), int(matches_within(longer, kind).sum())
        # Of other long numbers one in ten has the right check digit.
        is_chance = count < 0.5 * shaped
        if not is_chance and count >= LEAST_ROWS_WITHIN_TEXT and count >= LEAST_WITHIN_TEXT * len(texts):
            return kind, True
    return None


def matches_within(texts: pl.Series, kind: PersonalKind) -> pl.Series:
    """Say of each text whether the first number of the form in it is one of ``kind``, checksums included."""
    found = texts.str.extract(f"({WITHIN[kind]})")
    if kind not in ("id_card", "bank_card"):
        return found.is_not_null()
    digits = compact(found.fill_null("")).str.replace_all("[^0-9Xx]", "")
    return _are_id_cards(digits) if kind == "id_card" else _are_bank_cards(digits)


WITHIN: dict[PersonalKind, str] = {
    "id_card": rf"(?:^|[^\dA-Za-z.]){ID_CARD}(?:[^\dA-Za-z]|$)",
    "mobile": r"(?:^|[^\dA-Za-z.])(?:\+?86[- ]?|0086)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?:[^\dA-Za-z.]|$)",
    "bank_card": r"(?:^|[^\dA-Za-z.])(?:62|4\d|5[1-5])\d{2}(?: ?\d{4}){3}(?: ?\d{1,3})?(?:[^\dA-Za-z]|$)",
    "email": EMAIL,
}


def _suspects(table: pq.ParquetFile) -> list[str]:
    """Return the columns worth a look: words, and whole numbers long enough to be a phone number."""
    names = []
    # Asked for once: the table of contents of a wide file is long, and made anew each time.
    contents = table.metadata
    groups = [contents.row_group(number) for number in range(contents.num_row_groups)]
    for place, field in enumerate(table.schema_arrow):
        is_text = pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        is_number = pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
        if is_text or (is_number and _is_long(groups, place)):
            names.append(field.name)
    return names


def _is_long(groups: Sequence[pq.RowGroupMetaData], place: int) -> bool:
    statistics = [group.column(place).statistics for group in groups]
    known = [one for one in statistics if one is not None and one.has_min_max]
    return len(known) < len(statistics) or any(one.max >= 1.3e10 for one in known)


def _sample(table: pq.ParquetFile, names: Sequence[str], columns: int) -> pl.DataFrame:
    """Read the first rows of every part of the table, 20,000 in all where there are not too many columns."""
    rows = max(1_000, min(ROWS_IN_SAMPLE, CELLS_IN_SAMPLE // columns))
    groups = table.metadata.num_row_groups
    each = max(1, rows // max(1, groups))
    parts = []
    for group in range(groups):
        batches = table.iter_batches(batch_size=each, row_groups=[group], columns=list(names))
        first = next(batches, None)
        if first is not None:
            parts.append(pl.DataFrame(pa.Table.from_batches([first])))
        if len(parts) * each >= rows:
            break
    return pl.concat(parts) if parts else pl.DataFrame({name: [] for name in names})


def _counted(
    table: pq.ParquetFile, found: dict[str, tuple[PersonalKind, bool]], on_progress: Callable[[float], None]
) -> dict[str, PersonalData]:
    rows, hits, seen = dict.fromkeys(found, 0), dict.fromkeys(found, 0), 0
    for frame in _parts(table, list(found)):
        for name, (kind, is_within_text) in found.items():
            texts = _texts(frame[name])
            is_named = HINTS[kind].search(name) is not None
            matched = matches_within(texts, kind) if is_within_text else matches(texts, kind, is_named=is_named)
            rows[name] += len(texts)
            hits[name] += int(matched.sum())
        seen += frame.height
        on_progress(0.5 + 0.5 * seen / max(1, table.metadata.num_rows))
    return {
        name: PersonalData(name, kind, rows[name], hits[name], _confidence(name, kind, hits[name], rows[name]), within)
        for name, (kind, within) in found.items()
    }


def _parts(table: pq.ParquetFile, names: list[str]) -> Iterator[pl.DataFrame]:
    if names:
        yield from map(pl.DataFrame, parts_of(table, names, rows=ROWS_AT_ONCE))


def _confidence(name: str, kind: PersonalKind, hits: int, rows: int) -> float:
    by_form = TRUST[kind] * min(1.0, hits / rows / 0.8) if rows else 0.0
    by_name = 0.8 if HINTS[kind].search(name) else 0.0
    return round(1 - (1 - by_form) * (1 - by_name), 2)


def _texts(values: pl.Series) -> pl.Series:
    """Return the values there are as tidy text; fractions are no numbers of this sort."""
    present = values.drop_nulls()
    if values.dtype.is_float():
        present = present.filter(present.is_finite() & (present.abs() < 1e18) & (present == present.floor()))
        # A column with fractions is an amount, whatever its whole values look like.
        if len(present) < values.len() - values.null_count():
            return pl.Series([], dtype=pl.String)
        present = present.cast(pl.Int64)
    texts = present.cast(pl.String).str.strip_chars()
    return texts.filter(texts != "")


def compact(texts: pl.Series) -> pl.Series:
    """Return numbers without what people put between digits, and wide digits as plain ones.

    Examples
    --------
    >>> compact(pl.Series(["(+86) 138-0013 8000", "１３８００１３８０００"])).to_list()
    ['+8613800138000', '13800138000']
    """
    texts = texts.str.replace_all(BETWEEN_DIGITS, "")
    is_wide = texts.str.contains(f"[{WIDE}]").any()
    return texts.str.replace_many(list(WIDE), list(PLAIN)) if is_wide else texts
