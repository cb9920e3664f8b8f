"""Names that suggest something known only after the outcome, in Chinese and English."""

import re

from experiments.errors import gettext_noop
from experiments.kinds import KINDS
from experiments.leakage.finding import Finding, three, warn
from experiments.leakage.labelled_sample import LabelledSample

SURE = 3.0

NAMED_AFTERWARDS = gettext_noop(
    "Judging by its name, %(column)s may be known only after the outcome, and it is predictive (AUC %(auc)s). Make "
    "sure that it is known on the day of scoring; if it is not, take it out."
)

# Times overdue in the last six months are what a bureau knows beforehand.
LOOKS_BACK = re.compile(
    r"(last|past|prev(ious)?|within|in|l)_?\d|\d+_?(m|mo|mths?|months?|d|days?|y|yrs?|years?)(?![a-z])"
    r"|(mths?|months?|days?|years?)_(since|ago)|prior|previous|histor|(?<![a-z])(hist|inq|num|ever|max|cnt|pub)_"
    r"|近\d|近(一|两|三|六|十二|半)|过去|历史|此前|以前|以往|前\d|上(月|季|年)|(月|天|日|年)内|曾|征信|累计(最大|最高)",
    re.IGNORECASE,
)
SAYS_WHEN = re.compile(
    r"(放款|还款|贷|用信|支用|响应|触达|外呼|成交|提款|签约|成单|接通|流失|销户|销卡|注销|离网)后", re.IGNORECASE
)

PASSED = gettext_noop("No column name points to something that happens later.")


def check_column(table: LabelledSample, name: str) -> Finding | None:
    """Question a suspicious name, unless it refers to the past, and only if the column is predictive at all.

    A name alone proves nothing: times overdue before the application are as honest a column as there is.
    """
    auc = table.auc(name)
    if auc < 0.5 + SURE * table.auc_error or not speaks_of_later(table.names[name], table.kind):
        return None
    return warn("name", name, NAMED_AFTERWARDS, {"auc": three(auc)}, {"auc": auc})


def speaks_of_later(names: str, kind: str) -> bool:
    """Return whether one of a column's names (one a line) is that of something that happens after the outcome."""
    for name in names.split("\n"):
        if KINDS[kind].after_outcome.search(name) and (SAYS_WHEN.search(name) or not LOOKS_BACK.search(name)):
            return True
    return False
