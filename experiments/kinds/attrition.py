"""Attrition: who will leave or fall asleep."""

import re

from experiments.errors import gettext_noop
from experiments.kinds.kind import Kind

ATTRITION = Kind(
    name="attrition",
    label=gettext_noop("Attrition"),
    ranking="lift",
    is_risk=False,
    target_name=re.compile(
        r"churn|attrit|(?<![a-z])(exit(ed)?|left|leav(e|er|ing)|lapsed?|dormant|inactive)(?![a-z])|cancell?ed|clos(ed|ure)$"
        r"|流失|离网|退网|销户|销卡|注销|沉睡|睡眠|休眠",
        re.IGNORECASE,
    ),
    after_outcome=re.compile(
        r"clos(ed|ing|ure)_?(date|day|reason)|exit_?(date|reason|interview)|cancel(lation|led)?_?(date|reason|fee)"
        r"|churn_?(date|reason|score|category)|attrit\w*_?(date|reason)|win_?back|retention_?(call|offer|result)"
        r"|transfer_?out|(流失|销户|销卡|注销|离网|退网|离开)(日期|时间|原因|类型|渠道|后)|挽留|挽回|赢回|召回结果|转出原因",
        re.IGNORECASE,
    ),
    longest_window=24,
    event_value_words=("churn", "churned", "exited", "left", "attrited customer", "流失", "已流失", "销户"),
)
