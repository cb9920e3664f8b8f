"""Conversion: who completes, that is draws, buys or signs."""

import re

from experiments.errors import gettext_noop
from experiments.kinds.kind import Kind
from experiments.kinds.response import AFTER_AN_OFFER

_AFTER_A_LEAD = (
    r"last[ _](notable[ _])?activity|(?<![a-z])tags?$|after_?(sale|deal|sign)"
    r"|(activity|profile|lead|engagement|intent)[ _-]*(index|score|grade|quality|rating|stage|status|profile)"
    r"|(成交|提款|签约|成单)后|跟进|线索(评分|等级|质量|状态|阶段)|商机阶段|意向(评分|等级|程度)|最近活动"
)

CONVERSION = Kind(
    name="conversion",
    label=gettext_noop("Conversion"),
    ranking="lift",
    is_risk=False,
    target_name=re.compile(
        r"conver|purchas|bought|deal|complet|draw|order(ed)?$|buy|成单|转化|成交|购买|提款|支用|签约", re.IGNORECASE
    ),
    after_outcome=re.compile(f"{AFTER_AN_OFFER}|{_AFTER_A_LEAD}", re.IGNORECASE),
    longest_window=12,
    may_follow_response=True,
    event_value_words=("converted", "成交", "成单"),
)
