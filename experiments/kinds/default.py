"""Default: who will not pay back."""

import re

from experiments.errors import gettext_noop
from experiments.kinds.kind import Kind, KindWords

DEFAULT = Kind(
    name="default",
    label=gettext_noop("Default"),
    question=gettext_noop("Who will not repay?"),
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
    months_of_use=12,
    bands_acted_on=("D", "E"),
    approved_share=0.8,
    words=KindWords(
        events=gettext_noop("Bad customers"),
        non_events=gettext_noop("Good customers"),
        rate=gettext_noop("Bad rate"),
        top=gettext_noop("Customers from risky to safe"),
        top_short=gettext_noop("Riskiest customers"),
        capture_sentence=gettext_noop(
            "The riskiest %(share)s contain %(capture)s of the bad customers, %(lift)s times as many as a random "
            "selection."
        ),
        held_out_sentence=gettext_noop(
            "%(of_100)s of 100 in the riskiest %(share)s went bad, %(lift)s times the average."
        ),
        auc_sentence=gettext_noop("A bad customer is ranked riskier than a good one %(percent)s of the time"),
        high_score=gettext_noop("safer"),
        of_100_such=gettext_noop("Of 100 such customers about %(count)s go bad."),
        the_higher=gettext_noop("The higher, the riskier"),
        the_lower=gettext_noop("The lower, the riskier"),
        highest_for=gettext_noop("Riskiest at %(best)s, safest at %(worst)s"),
        ranked_by=gettext_noop("how well they separate good from bad customers (KS)"),
        reached=gettext_noop("Share of bad customers captured"),
        held_share=gettext_noop("Share of the riskiest to review, %"),
        caution=gettext_noop("A high score means a safe customer."),
        caution_why=gettext_noop("Scores are points: 600 at odds of 50 to 1, and 20 points double the odds."),
        gain=gettext_noop("Gain from one customer who repays (¥)"),
        cost=gettext_noop("Loss from one customer who defaults (¥)"),
    ),
)
