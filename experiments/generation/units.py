"""What a column is counted in, as far as its names tell: amounts, shares, counts, days, months, years, points."""

import re
from collections.abc import Mapping, Sequence

__all__ = ["unit_of"]

# A window such as "last 6 months" or 近6个月 says when, not in what: "inq_last_6mths" is a number of inquiries.
_WINDOW = re.compile(
    r"(?:last|past|prev(?:ious)?|within|in|l)?[\s_]*\d+[\s_]*(?:mths?|months?|mon|m|days?|d|weeks?|wks?|w|years?|yrs?|y)(?![a-z])"
    r"|[近前过]去?\d+(?:个)?(?:天|日|周|月|季度?|年)内?|[近前过]去?(?:一|两|二|三|六|九|十二|半)(?:个)?(?:天|日|周|月|季度?|年)内?",
    re.IGNORECASE,
)
# In these what stands first says the unit: num_rev_tl_bal_gt_0 is a number, mths_since_recent_inq months.
_LEADING: tuple[tuple[str, str], ...] = (
    ("months", r"^(?:mths?|months?|mo|mob)\b(?!\s*$)"),
    ("days", r"^days?\b"),
    ("years", r"^(?:years?|yrs?)\b(?:\s(?:since|sin|at|on|as|of|in)\b)"),
    ("share", r"^(?:pct|percent(?:age)?|perc|ratio|share|avg rate)\b|\b(?:rate|ratio|percentage|utili[sz]ation)\b"),
    ("count", r"^(?:num|number|no|nr|n|cnt|count|qty)\b(?!\s*$)"),
    ("amount", r"^(?:amt|amnt|amount)\b"),
)
# Otherwise the last word does, in English and in Chinese: delinq_amnt is an amount, payment_days and 还款天数 are days.
_TRAILING: tuple[tuple[str, str], ...] = (
    ("share", r"\b(?:rate|ratio|pct|percent|perc|share|util|dti|ltv|roi|apr)\b|[%％率]|占比|比例|百分比|比重"),
    (
        "count",
        r"\b(?:num|number|nr|cnt|count|times|freq|frequency|qty|inq|inquir(?:y|ies)|delinq|accts?|acc|accounts?|rec"
        r"|records?|products?|children|dependents|dependants|liens|bankruptcies|people|members|purchases"
        r"|campaign|previous|calls|visits|logins?)\b"
        r"|次数|笔数|个数|数量|户数|人数|张数|件数|家数|品数|频次|频率|数",
    ),
    (
        "amount",
        r"\b(?:amn?ts?|amounts?|bal|balances?|limits?|lim|incomes?|inc|salar(?:y|ies)|wages?|instal?lments?|payments?"
        r"|pymnts?|pmts?|revenues?|prices?|costs?|fees?|debts?|credits?|cred|savings?|deposits?|assets?|spend|spending"
        r"|sales|turnover|principal|prncp|int|funded|loans?|buy|cash|euros?|usd|rmb|cny|yuan|dollars?|premium)\b"
        r"|金额|余额|额|收入|月供|费用|费|工资|薪资|薪水|贷款|还款|消费|支出|存款|本金|利息|资产|负债|授信|流水|元|价格|价值",
    ),
    ("months", r"\b(?:mths?|months?|mob|terms?|tenor)\b|月数|月份数|期数|期限|账龄"),
    ("days", r"\b(?:days?|dpd|pdays)\b|天数|日数|时长（天）"),
    ("years", r"\b(?:years?|yrs?|ages?|tenure)\b|年数|年限|年龄|工龄"),
    ("points", r"\b(?:score|fico|points?|rating|index|idx)\b|评分|得分|分数|积分|指数"),
)
_NUMBER = re.compile(r"\d+")
_SIGNS = re.compile(r"[\s_.\-/()（）]+")
_JOINED = re.compile(r"([a-z])([A-Z])")


def unit_of(names: Sequence[str]) -> str | None:
    """Return what a column of these names (its own and those of the dictionary) is counted in, None where none says.

    Parameters
    ----------
    names : of one column.

    Returns
    -------
    str or None

    Examples
    --------
    >>> unit_of(["installment"]), unit_of(["mths_since_last_delinq"]), unit_of(["inq_last_6mths"]), unit_of(["V17"])
    ('amount', 'months', 'count', None)
    >>> unit_of(["x3", "近6个月平均余额"]), unit_of(["逾期天数"]), unit_of(["额度使用率"])
    ('amount', 'days', 'share')
    """
    return next((unit for name in names if (unit := _unit_in(name))), None)


def _unit_in(name: str) -> str | None:
    # Figures number columns, and an underscore or a dot would be a letter of the word beside it.
    parted = _WINDOW.sub(" ", _JOINED.sub(r"\1 \2", name))
    plain = _SIGNS.sub(" ", _NUMBER.sub(" ", parted)).strip().lower()
    leading = next((unit for unit, words in _LEADING if re.search(words, plain)), None)
    if leading:
        return leading
    ends = [
        (found.end(), len(found[0]), unit) for unit, words in _TRAILING for found in re.finditer(words, plain, re.ASCII)
    ]
    return max(ends)[2] if ends else None


# A number behind one of these names counts columns, not months or accounts: V14 and V17 have nothing in common.
_NAMELESS = re.compile(
    r"^(?:[a-z]{1,2}|vars?|variables?|cols?|columns?|feats?|features?|attrs?|attributes?|fields?|numeric|num|item"
    r"|变量|列|字段|特征|指标|属性)$",
    re.IGNORECASE,
)


def is_nameless(name: str) -> bool:
    """Return whether a column has a running number and no name that says of what.

    Examples
    --------
    >>> is_nameless("V17"), is_nameless("var_3"), is_nameless("特征12"), is_nameless("BILL_AMT3"), is_nameless("age")
    (True, True, True, False, False)
    """
    return bool(_NUMBER.search(name) and _NAMELESS.match(_SIGNS.sub("", _NUMBER.sub("", name))))


def _stem_of(name: str) -> str:
    """Return what columns that count up have in common: ``BILL_AMT`` of ``BILL_AMT3``."""
    return _NUMBER.sub("#", name)


class Units:
    """Which columns of a table are in the same unit; ``labels`` are those of the dictionary."""

    def __init__(self, labels: Mapping[str, Mapping[str, str]]) -> None:
        self._labels = labels
        self._known: dict[str, str | None] = {}

    def of(self, name: str) -> str | None:
        """Return a column's unit, None where nothing tells."""
        if name not in self._known:
            words = self._labels.get(name, {})
            self._known[name] = unit_of([*(words[key] for key in ("en", "zh") if words.get(key)), name])
        return self._known[name]

    def are_alike(self, first: str, second: str) -> bool:
        """Return whether a difference or a ratio of two columns means something.

        Where no name tells a unit, only columns that differ in a running number are taken for alike.
        """
        one, other = self.of(first), self.of(second)
        if one is None and other is None:
            return "#" in _stem_of(first) and _stem_of(first) == _stem_of(second) and not is_nameless(first)
        return one == other
