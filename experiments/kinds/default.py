"""Default: who will not pay back."""

import re

from experiments.errors import gettext_noop
from experiments.kinds.kind import Kind

DEFAULT = Kind(
    name="default",
    label=gettext_noop("Default"),
    ranking="ks",
    is_risk=True,
    target_name=re.compile(
        r"default|bad|good_?bad|risk_?perf|delinq|dpd|overdue|charge_?off|credit(abil|_?risk)|dlq|fpd|违约|逾期|坏|不良|好坏",
        re.IGNORECASE,
    ),
    after_outcome=re.compile(
        r"recover(y|ies)|collection|charge_?d?_?off|write_?off|written_?off|settle(d|ment)|hardship|out_?prncp"
        r"|outstanding_pr|(total|last|next)_?(pymnt|paym|rec_|received|paid)|last_credit_pull|loan_status|is_bad"
        r"|(?<![a-z])dpd(?![a-z])|funded_\w*inv|investor|late_?fee|overdue|delinq|in_?arrears"
        r"|逾期|核销|催收|催缴|结清|代偿|诉讼|不良|滞纳金|罚息|(放款|还款|贷|用信|支用)后|后续还款",
        re.IGNORECASE,
    ),
    longest_window=24,
    event_value_words=("bad", "default", "defaulted", "charged off", "坏", "违约", "逾期"),
)
