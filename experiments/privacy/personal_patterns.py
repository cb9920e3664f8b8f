"""What a value of a person looks like: id cards, phones, bank cards, e-mail, names and addresses."""

import re
from typing import Literal

import numpy as np
import polars as pl

PersonalKind = Literal["id_card", "mobile", "bank_card", "email", "name", "address"]
KINDS: tuple[PersonalKind, ...] = ("id_card", "mobile", "bank_card", "email", "name", "address")
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
LONGEST_LABEL = 20
# What people put between digits, and digits as wide as a Chinese character.
BETWEEN_DIGITS = r"[\s　\-()（）]"
WIDE, PLAIN = "０１２３４５６７８９Ｘｘ＋", "0123456789Xx+"


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
    """Return whether a text is surely the name of a column of persons, and no value of one.

    Examples
    --------
    >>> is_label("手机号"), is_label("13800138000"), is_label("王小明")
    (True, False, False)
    """
    is_short = len(name) <= LONGEST_LABEL and not any(character.isdigit() or character == "@" for character in name)
    return is_short and any(pattern.search(name) for pattern in HINTS.values())


def is_a_value(name: str, kind: PersonalKind | None) -> bool:
    """Return whether the name of a column of persons is itself a value of one, as where a row was taken for names."""
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
