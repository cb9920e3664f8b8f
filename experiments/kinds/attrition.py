"""Attrition: who will leave or fall asleep."""

import re

from experiments.errors import gettext_noop
from experiments.kinds.kind import Kind, KindWords

ATTRITION = Kind(
    name="attrition",
    label=gettext_noop("Attrition"),
    question=gettext_noop("Who will leave or go dormant?"),
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
    words=KindWords(
        events=gettext_noop("Leavers"),
        non_events=gettext_noop("Stayers"),
        rate=gettext_noop("Attrition rate"),
        top=gettext_noop("Customers from likely to leave to likely to stay"),
        top_short=gettext_noop("Customers approached"),
        capture_sentence=gettext_noop(
            "The %(share)s most likely to leave contain %(capture)s of all leavers, %(lift)s times as many as a "
            "random selection."
        ),
        held_out_sentence=gettext_noop("%(of_100)s of 100 in the top %(share)s left, %(lift)s times the average."),
        auc_sentence=gettext_noop("A leaver is ranked above a stayer %(percent)s of the time"),
        high_score=gettext_noop("more likely to leave"),
        of_100_such=gettext_noop("Of 100 such customers about %(count)s leave."),
        the_higher=gettext_noop("The higher, the more likely to leave"),
        the_lower=gettext_noop("The lower, the more likely to leave"),
        highest_for=gettext_noop("Most likely to leave at %(best)s, least at %(worst)s"),
        ranked_by=gettext_noop("how many leavers are among the %(share)s you can try to retain"),
        reached=gettext_noop("Share of leavers captured"),
        held_share=gettext_noop("Share of customers you can try to retain, %"),
        caution=gettext_noop("Likely to leave does not mean easy to keep."),
        caution_why=gettext_noop(
            "Without a control group a model can say who will leave, not who stays because you contacted them."
        ),
        gain=gettext_noop("Value of one leaving customer who is kept (¥)"),
    ),
)
