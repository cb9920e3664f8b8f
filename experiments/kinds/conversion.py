"""Conversion: who completes, that is draws, buys or signs."""

import re

from experiments.errors import gettext_noop
from experiments.kinds.kind import Kind, KindWords
from experiments.kinds.response import AFTER_AN_OFFER

_AFTER_A_LEAD = (
    r"last[ _](notable[ _])?activity|(?<![a-z])tags?$|after_?(sale|deal|sign)"
    r"|(activity|profile|lead|engagement|intent)[ _-]*(index|score|grade|quality|rating|stage|status|profile)"
    r"|(成交|提款|签约|成单)后|跟进|线索(评分|等级|质量|状态|阶段)|商机阶段|意向(评分|等级|程度)|最近活动"
)

CONVERSION = Kind(
    name="conversion",
    label=gettext_noop("Conversion"),
    question=gettext_noop("Who will convert: draw down, buy, sign?"),
    ranking="lift",
    is_risk=False,
    target_name=re.compile(
        r"conver|purchas|bought|deal|complet|draw|order(ed)?$|buy|成单|转化|成交|购买|提款|支用|签约", re.IGNORECASE
    ),
    after_outcome=re.compile(f"{AFTER_AN_OFFER}|{_AFTER_A_LEAD}", re.IGNORECASE),
    longest_window=12,
    may_follow_response=True,
    event_value_words=("converted", "成交", "成单"),
    words=KindWords(
        events=gettext_noop("Converted"),
        non_events=gettext_noop("Not converted"),
        rate=gettext_noop("Conversion rate"),
        top=gettext_noop("Customers from high score to low"),
        top_short=gettext_noop("Customers contacted"),
        capture_sentence=gettext_noop(
            "The top-scoring %(share)s contain %(capture)s of those who convert, %(lift)s times as many as a "
            "random selection."
        ),
        held_out_sentence=gettext_noop("%(of_100)s of 100 in the top %(share)s converted, %(lift)s times the average."),
        auc_sentence=gettext_noop("A customer who converts is ranked above one who does not %(percent)s of the time"),
        high_score=gettext_noop("more likely to convert"),
        of_100_such=gettext_noop("Of 100 such customers about %(count)s convert."),
        the_higher=gettext_noop("The higher, the more likely to convert"),
        the_lower=gettext_noop("The lower, the more likely to convert"),
        highest_for=gettext_noop("Most likely to convert at %(best)s, least at %(worst)s"),
        ranked_by=gettext_noop("how many of the %(share)s you can contact will convert"),
        reached=gettext_noop("Share of responders captured"),
        held_share=gettext_noop("Share of customers you can contact, %"),
        caution=gettext_noop("Response is not uplift."),
        caution_why=gettext_noop(
            "Without a control group a model can say who responds, not what contacting them adds."
        ),
        gain=gettext_noop("Value of one conversion (¥)"),
    ),
)
