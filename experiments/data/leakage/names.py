"""Names that speak of something that happens after the outcome, in Chinese and English."""

import re

from experiments.data.leakage.finding import Finding, take_out, three
from experiments.data.leakage.looked_at import LookedAt
from experiments.errors import gettext_noop

SURE = 3.0

NAMED_AFTERWARDS = gettext_noop(
    "The name of %(column)s speaks of something that happens after the outcome, and it says something about it (AUC "
    "%(auc)s). It was taken out; if it is known on the day of scoring, put it back."
)

_AFTER_A_LOAN = (
    r"recover(y|ies)|collection|charge_?d?_?off|write_?off|written_?off|settle(d|ment)|hardship|out_?prncp"
    r"|outstanding_pr|(total|last|next)_?(pymnt|paym|rec_|received|paid)|last_credit_pull|loan_status|is_bad"
    r"|(?<![a-z])dpd(?![a-z])|funded_\w*inv|investor|late_?fee|overdue|delinq|in_?arrears"
    r"|逾期|核销|催收|催缴|结清|代偿|诉讼|不良|滞纳金|罚息|(放款|还款|贷|用信|支用)后|后续还款"
)
_AFTER_AN_OFFER = (
    r"duration|call_?(length|seconds|time)|result|(?<![a-z])respon(se|ded)|spend$|disposition"
    r"|通话(时长|秒数)|接通后|回访|结果|(响应|触达|外呼)后"
)
_AFTER_A_LEAD = (
    r"last[ _](notable[ _])?activity|(?<![a-z])tags?$|after_?(sale|deal|sign)"
    r"|(activity|profile|lead|engagement|intent)[ _-]*(index|score|grade|quality|rating|stage|status|profile)"
    r"|(成交|提款|签约|成单)后|跟进|线索(评分|等级|质量|状态|阶段)|商机阶段|意向(评分|等级|程度)|最近活动"
)
AFTER_OUTCOME = {
    "default": re.compile(_AFTER_A_LOAN, re.IGNORECASE),
    "response": re.compile(_AFTER_AN_OFFER, re.IGNORECASE),
    "conversion": re.compile(f"{_AFTER_AN_OFFER}|{_AFTER_A_LEAD}", re.IGNORECASE),
}
# Times overdue in the last six months are what a bureau knows beforehand.
LOOKS_BACK = re.compile(
    r"(last|past|prev(ious)?|within|in|l)_?\d|\d+_?(m|mo|mths?|months?|d|days?|y|yrs?|years?)(?![a-z])"
    r"|(mths?|months?|days?|years?)_(since|ago)|prior|previous|histor|(?<![a-z])(hist|inq|num|ever|max|cnt|pub)_"
    r"|近\d|近(一|两|三|六|十二|半)|过去|历史|此前|以前|以往|前\d|上(月|季|年)|(月|天|日|年)内|曾|征信|累计(最大|最高)",
    re.IGNORECASE,
)
SAYS_WHEN = re.compile(r"(放款|还款|贷|用信|支用|响应|触达|外呼|成交|提款|签约|成单|接通)后", re.IGNORECASE)

PASSED = gettext_noop("No column is named after something that happens later.")


def check_column(table: LookedAt, name: str) -> Finding | None:
    """Warn of a telling name, unless it speaks of the past, and only if the column says anything at all."""
    auc = table.auc(name)
    if auc < 0.5 + SURE * table.auc_error or not speaks_of_later(table.names[name], table.kind):
        return None
    return take_out("name", "warning", name, NAMED_AFTERWARDS, {"auc": three(auc)}, {"auc": auc})


def speaks_of_later(names: str, kind: str) -> bool:
    """Tell whether one of a column's names (one a line) is that of something that happens after the outcome."""
    for name in names.split("\n"):
        if AFTER_OUTCOME[kind].search(name) and (SAYS_WHEN.search(name) or not LOOKS_BACK.search(name)):
            return True
    return False
